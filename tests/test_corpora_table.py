"""What does every file of the collection of real posts come to?"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from indexer import corpus
from indexer.corpus import Found
from indexer.extract import Extracted, Options
from indexer.post import Post
from indexer.reading import read_all
from indexer.report import Remark
from indexer.visibility import Rules

COLLECTION = Path(__file__).parents[2] / "shared" / "corpora"
pytestmark = [
    pytest.mark.slow,  # reads 33 MB of posts
    pytest.mark.timeout(600),
    pytest.mark.skipif(not COLLECTION.is_dir(), reason="the collection of real posts, ../shared/corpora, is not here"),
]

NOW = "2026-11-24T00:00:00Z"
"""After the last post of the collection: none of it is in the future."""

ABOUT_THE_COLLECTION = {"README.md", "NASTY.md", "generator-fixtures/SOURCE.md"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What the files of one corpus come to."""

    files: int
    posts: int
    titled: int
    """Posts whose title an author wrote, in the front matter or as a heading; the others have their file's name."""

    dated: int
    tagged: int
    wordless: int = 0
    """Posts of a front matter alone."""

    left_out: Mapping[str, int] = field(default_factory=dict)
    """How many files each rule leaves out."""


# The counts are those of a survey of the same files, `../shared/notes/corpora.md`, but where a line says otherwise.
TABLE = {
    # No title in 22 files: 21 redirects and a feed. 422 dates stand in the front matter and 87 in the names of the
    # files; 40 are pages and projects without any. Tagged: 509 by `tags`, and 27 projects by `tag`, less 5 left out.
    # `skip_index` is the site's own word to search engines; 21 of the 24 are redirects as well, as are 2 without it.
    "18f": Row(
        files=580, posts=549, titled=549, dated=509, tagged=531,
        left_out={"skip_index: true": 24, "permalink: false": 5, "a redirect": 2},
    ),
    # The two that are not published have dates and tags; a third has the key `tags` and nothing behind it.
    "atomic-middleman": Row(files=318, posts=316, titled=316, dated=316, tagged=308, left_out={"published: false": 2}),
    # Key and value without a fence: python-frontmatter reads none of them.
    "eevee": Row(files=340, posts=340, titled=340, dated=340, tagged=315),
    # The post of the 31st of April keeps its title and its tags (one more of each than surveyed) and loses the date.
    # Without a date: that one, and a page. Without text: 279 sprints, and a page that only lists the posts.
    "manageiq": Row(files=630, posts=630, titled=630, dated=628, tagged=350, wordless=280),
    # 9 of the 675 keys `tags` have nothing behind them.
    "ruby-news": Row(files=4723, posts=4723, titled=4723, dated=4723, tagged=666),
    # The dates stand in the key `path`. Without date and text: three heads of sections. One page only names its
    # template, and is left out, since it has neither title nor text. The site has no tags.
    "rust-blog": Row(files=754, posts=753, titled=753, dated=750, tagged=0, wordless=3, left_out={"empty": 1}),
    "seed": Row(files=1, posts=1, titled=1, dated=1, tagged=1),
    # Five pages have no date. The head of the blog has no text, and nine files have no tags.
    "servicemesher": Row(files=306, posts=306, titled=306, dated=301, tagged=297, wordless=1),
    # What Jekyll is tested with. python-frontmatter finds 62 titles, three of them in files left out. Of the others two
    # stand behind a byte order mark (one in UTF-16), two before closing dots, two are headings, and one is a `name`.
    # One date more than surveyed: `2017-2-5` needs no zeroes. One less: the post that is not published.
    # Without text: two empty files, and two of nothing but Liquid; the file that is "empty" has no front matter either.
    "generator-fixtures/jekyll": Row(
        files=95, posts=89, titled=66, dated=62, tagged=5, wordless=4,
        left_out={
            "a name that begins with _": 2, "an include": 1, "published: false": 1, "empty": 1,
            "the front matter is not YAML: did not find expected node content": 1,
        },
    ),
    # One draft, which has a date. Two dates are those of the folders.
    "generator-fixtures/middleman-blog": Row(
        files=86, posts=85, titled=85, dated=85, tagged=43, left_out={"published: false": 1}
    ),
    # What Pelican is tested with. Titles stand in reStructuredText and HTML as well, which python-frontmatter does not
    # read. Four of the 34 dated files are left out, and four have their date in their name. Without text: 9 that test
    # metadata alone. The fragments have neither title nor heading: one is a template, and Pelican skips the others too.
    "generator-fixtures/pelican": Row(
        files=69, posts=57, titled=57, dated=34, tagged=16, wordless=9,
        left_out={"an HTML fragment": 4, "status: draft": 3, "status: hidden": 2, "status: skip": 1, "empty": 2},
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reading:
    """What each file of one corpus came to."""

    corpus: str
    came_to: list[tuple[Found, Extracted | Remark]]

    def posts(self) -> list[Post]:
        return [what.post for _, what in self.came_to if isinstance(what, Extracted) and what.post]

    def left_out(self) -> Counter[str]:
        reasons = (what.reason if isinstance(what, Remark) else what.hidden for _, what in self.came_to)
        return Counter(reason[0].lower() + reason[1:] for reason in reasons if reason)

    def row(self) -> Row:
        posts = self.posts()
        untitled = sum(isinstance(what, Extracted) and what.untitled for _, what in self.came_to)
        return Row(
            files=len(self.came_to),
            posts=len(posts),
            titled=len(posts) - untitled,
            dated=sum(post.date is not None for post in posts),
            tagged=sum(bool(post.tags) for post in posts),
            wordless=sum(not post.body for post in posts),
            left_out=self.left_out(),
        )


def files_of(name: str) -> list[Found]:
    return [found for found in corpus.walk(COLLECTION / name) if found.path != "SOURCE.md"]


@pytest.fixture(scope="module", params=["markdown", "commonmark"])
def readings(request: pytest.FixtureRequest) -> dict[str, Reading]:
    """The whole collection, read once by each renderer as a build reads it."""
    options = Options(rules=Rules(now=NOW), renderer=request.param)
    found = {name: files_of(name) for name in TABLE}
    return {
        name: Reading(name, list(zip(files, read_all(files, options), strict=True))) for name, files in found.items()
    }


@pytest.mark.parametrize("name", TABLE)
def test_every_file_of_a_corpus_is_a_post_or_left_out_by_a_rule(name: str, readings: dict[str, Reading]) -> None:
    row = readings[name].row()
    assert row == TABLE[name]
    assert row.posts + sum(row.left_out.values()) == row.files


def test_no_file_of_the_collection_is_overlooked() -> None:
    about = ABOUT_THE_COLLECTION | {f"{name}/SOURCE.md" for name in TABLE}
    there = {
        (Path(folder) / name).relative_to(COLLECTION).as_posix()
        for folder, _, names in os.walk(COLLECTION)
        for name in names
    }
    assert about <= there
    assert {f"{name}/{file.path}" for name in TABLE for file in files_of(name)} == there - about


def test_ninety_nine_of_a_hundred_posts_have_a_title_of_their_own(readings: dict[str, Reading]) -> None:
    rows = [reading.row() for reading in readings.values()]
    assert sum(row.titled for row in rows) >= 0.99 * sum(row.posts for row in rows)


def test_only_what_is_odd_is_remarked_on(readings: dict[str, Reading]) -> None:
    reasons = Counter(
        reason.rpartition("is ")[2]
        for reading in readings.values()
        for _, what in reading.came_to
        if isinstance(what, Extracted)
        for _, reason in what.remarks
    )
    # Doubled: 17 keys, as surveyed, and one `<meta>`. The date is the 31st of April.
    assert reasons == {"given twice; the last holds": 18, "not a date": 1}


def test_every_text_is_clean(readings: dict[str, Reading]) -> None:
    for reading in readings.values():
        for post in reading.posts():
            text = "\n".join([post.title, post.description, post.body, *post.tags, *post.categories, *post.authors])
            assert not [c for c in set(text) if not is_clean(c)], (reading.corpus, post.id)


def is_clean(character: str) -> bool:
    """Whether a reader may meet *character*: no control character, nor one of those that mark what was put away."""
    return character == "\n" or not (
        character < " " or "\x7f" <= character <= "\x9f" or "\ue000" <= character <= "\ue004"
    )


def test_every_post_has_a_title_and_an_address(readings: dict[str, Reading]) -> None:
    for reading in readings.values():
        for post in reading.posts():
            assert post.title, (reading.corpus, post.id)
            assert post.url.startswith("/"), (reading.corpus, post.id)
            assert post.url.isascii(), (reading.corpus, post.id)


def test_every_section_begins_with_its_heading(readings: dict[str, Reading]) -> None:
    for reading in readings.values():
        for post in reading.posts():
            assert len({section.anchor for section in post.sections}) == len(post.sections), (reading.corpus, post.id)
            for section in post.sections:
                assert post.body.startswith(section.heading, section.start), (reading.corpus, post.id)
