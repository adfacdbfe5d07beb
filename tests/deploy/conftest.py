"""Which site is searched behind the web servers?"""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer import Settings, sync

CONTENT = Path(__file__).parents[2] / "content"


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an index of content/ where commands look for it."""
    folder = tmp_path_factory.mktemp("blog")
    sync(Settings(content=CONTENT, index=folder / ".postsearch"))
    return folder
