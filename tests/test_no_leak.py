"""Does nothing that a visitor can see, and no file of the index, tell of posts that are not public?"""

from __future__ import annotations

import shutil
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.engines.whoosh import WhooshEngine
from indexer.settings import Settings
from indexer.sync import sync
from tests.conftest import Counted, is_soak
from tests.indexer.conftest import fill
from tests.visitor import sees

pytestmark = pytest.mark.soak

SECRET = ("whispered", "Zyzzyva", "hüsh")
"""Words that only secret posts say."""

WORDS = ("bread", "butter", "salt", "flat-bread")
QUESTIONS = ("", "bread", "salt butter", "whispered", "whisp*", "zyzzyva", "hüsh", "tag:zyzzyva", "tag:bread", "-bread")
HIDING = (
    "draft: true",
    "private: true",
    "published: false",
    "status: pending",
    "unlisted: yes",
    "date: 2999-01-01",
    "publishDate: 2999-01-01T00:00:00Z",
    "expires: 2001-01-01",
    "draft: perhaps",
    "broken: [",
)
PLACES = ("", "", "", "_drafts/", "notes/")

words = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join)
any_words = st.lists(st.sampled_from(WORDS + SECRET), min_size=1, max_size=6).map(" ".join)


def page(title: str, tag: str, body: str, rule: str = "") -> str:
    return f"---\ntitle: {title}\ntags: [{tag}]\n{rule}\n---\n{body}\n\n## {title}\n\n{body}\n"


public = st.dictionaries(
    st.sampled_from(("a.md", "b.md", "notes/c.md")),
    st.builds(page, words, st.sampled_from(("Bread", "bread", "salt")), words),
    min_size=1,
)
secrets = st.lists(
    st.tuples(st.sampled_from(PLACES), any_words, st.sampled_from(("Bread", "BREAD", "Zyzzyva")), any_words),
    min_size=1,
    max_size=4,
)
rules = st.lists(st.sampled_from(HIDING), min_size=4, max_size=4)


def built(site: Path, files: Mapping[str, str]) -> Path:
    """The index of *files*, after whatever it held before."""
    shutil.rmtree(site / "content", ignore_errors=True)
    fill(site / "content", dict(files))
    sync(Settings(content=site / "content", index=site / "index", jobs=1))
    return site / "index"


def said(index: Path) -> Iterator[str]:
    """The secret words in the files below the folder, as they stand or packed."""
    for path in index.rglob("*"):
        if path.is_file():
            data = path.read_bytes().lower()
            texts = [data, *unpacked(path.read_bytes())]
            yield from (word for word in SECRET if any(word.lower().encode() in text for text in texts))


def unpacked(data: bytes) -> Iterator[bytes]:
    """Whatever zlib can unpack of *data*, wherever in it that begins."""
    place = -1
    while (place := data.find(b"\x78", place + 1)) >= 0:
        with suppress(zlib.error):
            yield zlib.decompressobj().decompress(data[place:]).lower()


@settings(max_examples=300 if is_soak() else 6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(public=public, secrets=secrets, rules=rules)
def test_no_answer_tells_of_posts_that_are_not_public(
    public: dict[str, str], secrets: list[tuple[str, str, str, str]], rules: list[str], counted: Counted
) -> None:
    named = {f"{place}secret{number}.md": post for number, (place, *post) in enumerate(secrets)}
    hidden = {
        name: page(title, tag, body, rule)
        for (name, (title, tag, body)), rule in zip(named.items(), rules, strict=False)
    }
    ids = [*public, *named]
    with TemporaryDirectory() as folder:
        without = sees(built(Path(folder, "without"), public), QUESTIONS, ids)
        beside = sees(built(Path(folder, "beside"), public | hidden), QUESTIONS, ids)
        assert beside == without
        assert set(said(Path(folder, "beside", "index"))) == set()
        shown = {name.replace("_drafts/", ""): page(*post) for name, post in named.items()}
        taken_back = Path(folder, "taken back")
        built(taken_back, public | shown)
        shown_too = built(
            taken_back, public | {name: text.replace("title", "draft: yes\ntitle") for name, text in shown.items()}
        )
        assert sees(shown_too, QUESTIONS, ids) == without
        assert set(said(shown_too)) == set()
    counted("Sites with secret posts were held to those without {sites} times: no answer and no file told.", sites=1)


def test_the_words_of_a_post_are_in_the_files_for_as_long_as_it_is_public(tmp_path: Path) -> None:
    text = page("Zyzzyva", "hüsh", "bread " * 200 + "whispered")
    index = built(tmp_path, {"a.md": page("Bread", "Bread", "bread"), "secret.md": text})
    assert set(said(index)) == set(SECRET)
    assert [b"whispered" in text for text in unpacked(zlib.compress(b"whispered", 1))] == [True]


def test_a_post_that_was_taken_back_does_not_return_by_a_rollback(tmp_path: Path) -> None:
    shown = {"a.md": page("Bread", "Bread", "bread"), "secret.md": page("Whispered", "Zyzzyva", "hüsh")}
    index = built(tmp_path, shown)
    built(tmp_path, shown | {"a.md": page("Bread", "Bread", "butter")})
    built(tmp_path, {"a.md": page("Bread", "Bread", "butter")})
    with closing(WhooshEngine(index)) as engine:
        assert not engine.rollback()
    assert set(said(index)) == set()
