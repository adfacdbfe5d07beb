"""Is nothing lost, broken or left behind when a command is killed, or the disk fails, at any operation of it?"""

from __future__ import annotations

import pytest

from tests.conftest import Counted, sample
from tests.disk import Fault
from tests.engines.scenes import SCENES, Play, held

pytestmark = [pytest.mark.soak, pytest.mark.slow]

WORDS = {
    "kill": "Commands were killed",
    "ENOSPC": "The disk was full from then on",
    "EIO": "The disk failed",
    "SIGTERM": "Commands were told to stop",
    "SIGINT": "Commands were interrupted",
}


@pytest.mark.parametrize("kind", [pytest.param(k, marks=[pytest.mark.slow] * k.startswith("SIG")) for k in WORDS])
@pytest.mark.parametrize("play", SCENES, indirect=True)
def test_the_index_is_old_or_new_whatever_operation_is_the_last_or_fails(
    play: Play, kind: str, counted: Counted
) -> None:
    play.set()
    old = held(play.index)
    count = play.count(kind)
    new = held(play.index)
    assert play.run("build").code == 0
    last = held(play.index)
    assert old != new
    points = sample(range(count), 4)
    harm = {at: list(play.harmed(Fault(at=at, kind=kind), old, new, last)) for at in points}
    assert {at: found for at, found in harm.items() if found} == {}
    counted(
        f"{WORDS[kind]} at {{points}} of {{count}} file operations: 0 broken, 0 lost.", points=len(points), count=count
    )
