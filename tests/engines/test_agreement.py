"""Do our engine and tantivy agree on the best posts, if both rank by one formula?"""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.posts import posts
from benchmarks.questions import questions
from indexer.engines.whoosh import impacts


@pytest.mark.slow
def test_of_the_ten_best_posts_nearly_all_are_tantivy_s_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(impacts, "EXACT", impacts.EXACT)  # to have it put back
    pytest.importorskip("tantivy")
    from benchmarks.agreement import agreement

    made = posts(1_000)
    found = dict(agreement(made, questions(made, 200)["any-word"], tmp_path))
    assert len(found) == 2
    # The rest is tantivy's rounding of lengths.
    assert min(found.values()) >= 0.97, found
