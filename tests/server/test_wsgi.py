"""Does the application that a WSGI server runs open only what it may trust?"""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer import SettingsError
from indexer.engines.whoosh import WhooshEngine
from server.wsgi import create
from tests.server.conftest import POSTS


def test_an_index_that_others_can_write_to_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = tmp_path / "index"
    engine = WhooshEngine(index)
    engine.apply(put=POSTS)
    engine.close()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("POSTSEARCH_INDEX", str(index))
    for place, mode in ((index, 0o770), (index, 0o702), (index / "current", 0o722)):
        place.chmod(mode)
        with pytest.raises(SettingsError, match=f"chmod go-w {place}`$") as refused:
            create()
        assert refused.value.key == "index"
        place.chmod(0o700)
