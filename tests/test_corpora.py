"""Are real posts, from eight generators, read right where they are odd, and then found?"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from functools import cache, partial
from pathlib import Path

import pytest
from markdown import Markdown

from indexer import corpus, frontmatter, markup, plaintext, source, templates
from indexer.anchors import Anchors
from indexer.engine import Engine
from indexer.engines import open_engine
from indexer.errors import ContentError
from indexer.extract import Extracted, Options
from indexer.post import Post
from indexer.reading import read_all
from indexer.report import Remark
from indexer.search import search
from indexer.settings import Settings
from indexer.sync import sync
from indexer.visibility import Rules
from indexer.words import STOP_WORDS, fold_tag, tokens
from indexer.workers import Workers, cores
from server.app import create_app
from tests.test_corpora_table import COLLECTION, NOW, TABLE, files_of

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not COLLECTION.is_dir(), reason="the collection of real posts, ../shared/corpora, is not here"),
]

MOST = 40
"""Posts of each site that are put into a real index: enough to meet every oddity, few enough for every run."""

ASKED = 20
"""Posts of each site that are then searched for."""


@pytest.fixture(scope="module", params=TABLE)
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Engine]]:
    """A site's name, and a real index of some of its posts."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "content").mkdir()
    found = files_of(request.param)
    for one in found[:: max(1, -(-len(found) // MOST))]:
        if isinstance(one, corpus.File):
            place = folder / "content" / one.path
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(one.place, place)
    settings = Settings(content=folder / "content", index=folder / "index")
    report = sync(settings)
    assert report.posts + len(report.hidden) + len(report.skipped) == sum(
        path.is_file() for path in settings.content.rglob("*")
    )
    engine = open_engine(settings)
    yield request.param, engine
    engine.close()


def rarest(text: str, known: Counter[str]) -> str | None:
    """The word of *text* that the fewest posts have, as it stands there; None if it has no word worth asking for."""
    words = [token for token in tokens(text) if token.word not in STOP_WORDS and token.word in known]
    if not words:
        return None
    chosen = min(words, key=lambda token: (known[token.word], -len(token.word)))
    return text[chosen.start : chosen.end]


def words_of(post: Post) -> set[str]:
    return {token.word for text in (post.title, post.description, post.body) for token in tokens(text)}


def ids(engine: Engine, question: str) -> list[str]:
    return [hit.id for hit in search(engine, question, per_page=100, facets=(), snippets=False).hits]


def test_posts_are_found_by_title_description_text_and_tag(built: tuple[str, Engine]) -> None:
    site, engine = built
    posts = [post for id in sorted(engine.digests()) if (post := engine.post(id))]
    known = Counter(word for post in posts for word in words_of(post))
    tagged = Counter(fold_tag(tag) for post in posts for tag in post.tags)
    assert posts, site
    lost: list[tuple[str, str]] = []
    asked: Counter[str] = Counter()
    for post in posts[:: max(1, len(posts) // ASKED)]:
        for name in ("title", "description", "body"):
            word = rarest(getattr(post, name), known)
            if word and known[next(token.word for token in tokens(word))] < 100:
                asked[name] += 1
                lost += [(post.id, word)] if post.id not in ids(engine, f'"{word}"') else []
        for tag in post.tags[:1]:
            asked["tag"] += 1
            found = search(engine, "", tag=[tag], per_page=100, facets=(), snippets=False)
            assert found.total == tagged[fold_tag(tag)]
            lost += (
                [(post.id, f"tag:{tag}")]
                if found.total <= 100 and post.id not in {hit.id for hit in found.hits}
                else []
            )
    assert lost == []
    assert asked["title"] >= min(ASKED, len(posts)) * 0.8


def test_the_api_finds_the_same_posts(built: tuple[str, Engine]) -> None:
    _, engine = built
    client = create_app(engine).test_client()
    for post in [post for id in sorted(engine.digests()) if (post := engine.post(id))][:3]:
        answered = client.get("/api/v1/search", query_string={"q": post.title, "per_page": "20"}).get_json()
        asked = search(engine, post.title, per_page=20)
        assert [result["id"] for result in answered["results"]] == [hit.id for hit in asked.hits]
        assert answered["total"] == asked.total


def test_the_seed_post_is_found_and_read(tmp_path: Path) -> None:
    shutil.copytree(COLLECTION / "seed", tmp_path / "content", ignore=shutil.ignore_patterns("SOURCE.md"))
    settings = Settings(content=tmp_path / "content", index=tmp_path / "index")
    assert sync(settings).posts == 1
    engine = open_engine(settings)
    try:
        [hit] = search(engine, "h100 infiniband").hits
        assert hit.date == "2023-08-14T12:07:00Z"
        assert hit.tags == ("Ai", "Azure", "Cloud")
        assert hit.url == "/scale-generative-ai-with-new-azure-ai-infrastructure/"
        for tag in (*hit.tags, "ai", "azure", "cloud"):
            assert [found.id for found in search(engine, f"h100 tag:{tag}").hits] == [hit.id]
        assert search(engine, "h100 tag:other").hits == ()
        [post] = filter(None, [engine.post(hit.id)])
        assert (post.image, len(post.sections) > 0, "figure" in post.body) == ("/assets/images/azure.png", True, False)
    finally:
        engine.close()


@pytest.mark.slow  # every post is rendered twice by Python-Markdown
def test_the_short_way_to_render_makes_the_same_text_as_the_long_one() -> None:
    found = [one for name in TABLE for one in files_of(name) if isinstance(one, corpus.File)]
    differing = Workers(differs, cores(), 60.0).map(found)
    assert [one.path for one, other in zip(found, differing, strict=True) if other] == []


def differs(found: corpus.File) -> bool:
    """Whether the short way to render makes another text of a post than Python-Markdown as it comes."""
    plain, _ = templates.strip(body_of(Path(found.place)))
    quick, full = (plaintext.read(renderer(quick).reset().convert(plain), Anchors("github")) for quick in (True, False))
    return quick != full


def body_of(place: Path) -> str:
    """What stands behind the front matter of a file; nothing, if that cannot be read."""
    try:
        return frontmatter.split(source.decode(source.read_bytes(place))[0]).body
    except ContentError:
        return ""


@cache
def renderer(quick: bool) -> Markdown:
    return markup.renderer(quick=quick)


def came_to(path: str, renderer: str) -> Extracted | Remark:
    site, _, name = path.partition("/")
    [found] = [found for found in corpus.walk(COLLECTION / site) if found.path == name]
    return next(iter(read_all([found], Options(rules=Rules(now=NOW), renderer=renderer), jobs=1)))


def nasty(path: str, renderer: str = "markdown") -> Post:
    found = came_to(path, renderer)
    assert isinstance(found, Extracted)
    assert found.post, found.hidden
    return found.post


JEKYLL = "generator-fixtures/jekyll/test/source"
MIDDLEMAN = "generator-fixtures/middleman-blog/fixtures"
PELICAN = "generator-fixtures/pelican/pelican/tests/content"


@pytest.mark.parametrize("name", ["Unicode16LECRLFandBOM.md", "UTF8CRLFandBOM.md"])
def test_a_byte_order_mark_hides_no_front_matter(name: str) -> None:
    post = nasty(f"{JEKYLL}/_encodings/{name}")
    assert post.title == name.removesuffix(".md").replace("LE", "")
    assert "title" not in post.body


def test_a_broken_front_matter_is_named() -> None:
    found = came_to(f"{JEKYLL}/_broken/bad_post.md", "markdown")
    assert isinstance(found, Remark)
    assert (found.path, found.line) == ("jekyll/test/source/_broken/bad_post.md", 3)


def test_three_dots_close_a_front_matter() -> None:
    post = nasty(f"{JEKYLL}/_posts/2014-03-03-yaml-with-dots.md")
    assert (post.date, "..." in post.body) == ("2014-03-03", False)


def test_an_include_is_no_post() -> None:
    found = came_to(f"{JEKYLL}/_includes/sig.markdown", "markdown")
    assert isinstance(found, Extracted)
    assert found.hidden == "an include"


def test_a_permalink_leads_nowhere_else() -> None:
    post = nasty(f"{JEKYLL}/_posts/2014-01-06-permalink-traversal.md")
    assert ".." not in post.url
    assert "%2e" not in post.url.lower()


def test_a_path_of_signs_is_encoded() -> None:
    assert nasty(f"{JEKYLL}/+/%# +.md").url == "/jekyll/test/source/+/%25%23%20+/"


def test_a_date_needs_no_zeroes() -> None:
    assert nasty(f"{JEKYLL}/_posts/2017-2-5-i-dont-like-zeroes.md").date == "2017-02-05"


def test_a_tag_of_yaml_that_nobody_knows_is_a_value() -> None:
    assert nasty(f"{MIDDLEMAN}/layouts-app/source/2011/01/01/fourth-article.html.markdown").title


def test_a_number_is_a_tag() -> None:
    post = nasty(f"{MIDDLEMAN}/tags-app/source/blog/2011-01-02-another-article.html.markdown")
    assert "120" in post.tags
    assert len(post.tags) > 1


def test_a_byte_order_mark_alone_is_empty() -> None:
    found = came_to(f"{PELICAN}/empty_with_bom.md", "markdown")
    assert isinstance(found, Extracted)
    assert found.hidden == "empty"


def test_a_day_that_does_not_exist_costs_the_date_only() -> None:
    name = "2018-04-31-ansible-custom-buttons-in-cloudforms-part-2-creating-the-button.md"
    found = came_to(f"manageiq/site/_posts/{name}", "markdown")
    assert isinstance(found, Extracted)
    assert found.post is not None
    assert (found.post.date, len(found.post.tags) > 1) == (None, True)
    assert any("2018-04-31" in reason for _, reason in found.remarks)


@pytest.mark.parametrize(
    "path",
    [
        "manageiq/site/_posts/2014-09-18-sprint-12-demo-results-and-video.html.md",
        "atomic-middleman/source/blog/2016-03-30-daemon_option_basedevicesize.md",
        "servicemesher/content/blog/the-data-center-os-kubernetes/index.md",
        "servicemesher/content/blog/does-the-service-mesh-spell-the-end-for-middleware/index.md",
        "eevee/content/2015-09-12-dark-corners-of-unicode.markdown",
    ],
)
def test_odd_characters_leave_a_sound_text(path: str) -> None:
    post = nasty(path)
    assert [
        c for c in post.title + post.description + post.body if c != "\n" and (c < " " or "\x7f" <= c < "\xa0")
    ] == []


def test_a_date_without_a_zero_wins_over_the_file_name() -> None:
    post = nasty("atomic-middleman/source/blog/2017-11-09-docker-usage-survey.html.md")
    assert post.date == "2017-11-08T14:00:00Z"


def test_tags_over_two_lines_hold_no_break() -> None:
    post = nasty("atomic-middleman/source/blog/2015-08-05-why-containers-are-worth-the-hype.html.md")
    assert len(post.tags) > 2
    assert all("  " not in tag and "\n" not in tag for tag in post.tags)


def test_code_keeps_its_braces() -> None:
    name = "18f/content/posts/2024-07-17-working-with-oracle-databases-in-open-source-projects.md"
    for renderer in ("markdown", "commonmark"):
        assert "{{" in nasty(name, renderer).body


@pytest.mark.parametrize("renderer", ["commonmark", "markdown"])
@pytest.mark.parametrize("site", TABLE)
def test_pages_read_without_a_parser_are_read_as_with_it(site: str, renderer: str) -> None:
    places = [Path(found.place) for found in files_of(site) if isinstance(found, corpus.File)]
    assert places
    compared = Workers(partial(_roads_differ, renderer=renderer), cores(), 60).map(places)
    assert [place.name for place, differs in zip(places, compared, strict=True) if differs] == []


def _roads_differ(place: Path, renderer: str) -> bool:
    is_html = place.suffix == ".html"
    plain, cupboard = templates.strip(body_of(place), html=is_html, mdx=place.suffix == ".mdx")
    page = plain if is_html else markup.render(plain, renderer)
    roads = (plaintext.read(page, Anchors("github"), deepcopy(cupboard), quick=quick) for quick in (True, False))
    return next(roads) != next(roads)
