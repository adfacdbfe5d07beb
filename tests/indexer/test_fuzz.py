"""Does any text lead the parser of questions, or the bounds of what is looked at, astray?"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Counted, is_soak
from tests.server.hostile import QUESTIONS

ROOT = Path(__file__).parent.parent.parent
SECONDS = 600 if is_soak() else 5


@pytest.mark.slow
@pytest.mark.soak
@pytest.mark.timeout(SECONDS + 100)
def test_no_text_leads_the_parser_astray(tmp_path: Path, counted: Counted) -> None:
    pytest.importorskip("atheris", reason="there is no atheris for this Python or machine")
    for number, text in enumerate(QUESTIONS.values()):
        (tmp_path / str(number)).write_bytes(text[:300].encode("utf-8", "replace"))
    run = [sys.executable, "-m", "tests.indexer.fuzz", str(tmp_path), f"-max_total_time={SECONDS}", "-max_len=4096"]
    flags = "-timeout=2", f"-artifact_prefix={tmp_path}/", "-reduce_inputs=0", "-verbosity=1"
    ended = subprocess.run([*run, *flags], cwd=ROOT, capture_output=True, text=True, errors="replace", check=False)
    assert ended.returncode == 0, ended.stdout[-2000:] + ended.stderr[-4000:]
    done = re.search(r"Done (\d+) runs", ended.stderr)
    assert done, ended.stderr[-2000:]
    counted("Texts that atheris made up for the parser of questions: {texts}.", texts=int(done[1]))
    assert int(done[1]) > 20 * SECONDS
