"""Is an author told in plain words why a post is not among the first answers?"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from extras.verdict import Verdict, verdict
from indexer.engines import open_engine
from indexer.settings import Settings
from indexer.sync import sync
from tests.indexer.conftest import fill, under

Why = Callable[[str, str], Verdict]


@pytest.fixture
def site(content: Path, tmp_path: Path) -> Settings:
    """A site of a dozen posts on bread, and of files that are not public."""
    breads: dict[str, str | bytes] = {f"{n:02}.md": under(f"title: Loaf {n}", "bread " * (30 - n)) for n in range(12)}
    others: dict[str, str | bytes] = {
        "rye.md": under("title: Rye\ntags: [Grain]\npermalink: /breads/rye/", "Rye only."),
        "draft.md": under("title: A\ndraft: true"),
        "later.md": under("title: A\ndate: 2999-01-01"),
        "out.md": under("title: A\nsearch: {exclude: true}"),
        "broken.md": under("title: ["),
        "README.md": "Read me.",
    }
    fill(content, breads | others)
    settings = Settings(content=content, index=tmp_path / "index", jobs=1, site_url="https://example.org/blog")
    sync(settings)
    return settings


@pytest.fixture
def why(site: Settings) -> Why:
    """Asks for a verdict."""

    def asked(text: str, post: str) -> Verdict:
        with closing(open_engine(site)) as engine:
            return verdict(site, engine, text, post)

    return asked


@pytest.mark.parametrize(
    ("post", "said"),
    [
        ("draft.md", "it is left out: draft: true"),
        ("later.md", "it is left out: in the future: 2999-01-01"),
        ("out.md", "it is left out: search.exclude: true"),
        ("README.md", "it is left out: a README file"),
        ("broken.md", "it is left out: broken.md:"),
        ("new.md", "it is not in the index: run `postsearch build`"),
        ("gone.md", "no post of the index has this id or address"),
        ("https://example.org/other/", "no post of the index has this id or address"),
    ],
)
def test_of_a_post_that_is_not_held_its_file_tells_why(why: Why, site: Settings, post: str, said: str) -> None:
    fill(site.content, {"new.md": under("title: New")})
    told = why("bread", post)
    assert (told.post, told.explanation) == (post, None)
    (reason,) = told.reasons
    assert reason.startswith(said)


@pytest.mark.parametrize("post", ["rye.md", "/breads/rye/", "https://example.org/blog/breads/rye/", "breads/rye"])
def test_a_post_is_named_by_its_id_or_its_address(why: Why, post: str) -> None:
    assert why("rye", post).post == "rye.md"
    assert why("rye", post).reasons == ("it is at place 1 of 1, on top since its title begins so",)
    assert why("only", post).reasons == ("it is at place 1 of 1",)


def test_a_post_without_the_word_lacks_it_and_what_it_has_instead_is_told(why: Why) -> None:
    assert why("Breads grain", "00.md").reasons == ("it is at place 2 of 13", "it lacks grain")
    assert why("bread", "rye.md").reasons == ("it is not among the 12 found", "it lacks bread")
    assert why("read", "00.md").reasons[1:] == ("it lacks read, though it has bread",)


def test_a_filter_that_keeps_a_post_out_is_named(why: Why) -> None:
    assert why("bread tag:grain", "00.md").reasons[1:] == ("it is kept out by tag:grain",)


def test_a_post_beyond_the_first_page_is_told_how_far(why: Why) -> None:
    told = why("bread", "11.md")
    assert told.explanation
    assert told.explanation.page_ends_at
    short = told.explanation.page_ends_at - told.explanation.score
    assert told.reasons == (
        "it is at place 12 of 12",
        f"its score is {short:.3f} below that of the last post on the first page",
    )
