"""Does every post have an address on its own site, and the one that its generator gives it?"""

from __future__ import annotations

from urllib.parse import quote, unquote, urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import permalink
from indexer.metadata import Value, metadata
from tests.indexer.conftest import post_of, under, within


def address(file: str = "blog/post.md", /, *, date: str | None = "2020-01-02", pattern: str = "", **keys: Value) -> str:
    """Where the post in *file* with these *keys* is published."""
    found = metadata((key, value, 1) for key, value in keys.items())
    return permalink.permalink(found, file, date, "The Title", pattern)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("/a/b", "/a/b"),
        ("/a/b/", "/a/b/"),
        ("a/b.html", "/a/b.html"),
        ("/", "/"),
        ("/a b", "/a%20b"),
        ("/a%20b", "/a%20b"),
        ("/a%2520b", "/a%2520b"),
        ("/€", "/%E2%82%AC"),
        ("/%e2%82%ac", "/%E2%82%AC"),
        ("/caf%E9", "/caf%E9"),
        ("/100%", "/100%25"),
        ("/%zz", "/%25zz"),
        ("/c++", "/c++"),
        ("/it's,a;b=c@d!", "/it's,a;b=c@d!"),
        ('/x"><script>', "/x%22%3E%3Cscript%3E"),
        ("/a|b^`c", "/a%7Cb%5E%60c"),
        ("/服务", quote("/服务")),
    ],
)
@pytest.mark.parametrize("key", ["permalink", "url", "path"])
def test_an_address_that_is_written_is_percent_encoded_once(key: str, written: str, expected: str) -> None:
    assert address(**{key: written}) == expected


@pytest.mark.parametrize(
    "written",
    [
        "https://example.org/a",
        "http://example.org/a",
        "//example.org/a",
        "/%2fexample.org/a",
        "/%2f%2fexample.org/a",
        "%2f%2fexample.org/a",
        "\\\\example.org\\a",
        "/\\example.org/a",
        "\\/example.org/a",
        "/%5cexample.org/a",
        "%5c%5cexample.org",
        "javascript:alert(1)",
        " javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\tscript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "mailto:a@example.org",
        "http:/a",
        "http:a",
        "../a",
        "/../a",
        "/a/../b",
        "/a/..",
        "/%2e%2e/a",
        "/.%2e/a",
        "/%252e%252e/a",
        "/..%2fa",
        "/..%5ca",
        "/a\\..\\b",
        "/%2e%2e/%2e%2e/%2e%2e/a.html",
        "http://[",
        "#top",
        "?page=2",
        "{{ page.url }}",
        "<%= url %>",
        "true",
        "false",
        "",
        " ",
    ],
)
@pytest.mark.parametrize("key", ["permalink", "url", "path"])
def test_an_address_that_leads_elsewhere_is_not_used(key: str, written: str) -> None:
    assert address(**{key: written}) == "/blog/post/"


@pytest.mark.parametrize("value", [["/a"], {"a": "/b"}, []])
def test_an_address_that_is_no_text_is_not_used(value: Value) -> None:
    assert address(permalink=value) == "/blog/post/"


def test_the_keys_have_an_order() -> None:
    assert address(path="/c", url="/b", permalink="/a") == "/a"
    assert address(url="/b", permalink="https://example.org/a") == "/b"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("post.md", "/post/"),
        ("blog/post.md", "/blog/post/"),
        ("post.html.md", "/post/"),
        ("post.html.markdown", "/post/"),
        ("POST.MD", "/POST/"),
        ("post.mdx", "/post/"),
        ("post.rst", "/post/"),
        ("post.html", "/post/"),
        ("index.md", "/"),
        ("_index.md", "/"),
        ("blog/index.md", "/blog/"),
        ("blog/post/index.html.md", "/blog/post/"),
        ("blog/_index.md", "/blog/"),
        ("2020-01-02-post.md", "/post/"),
        ("_posts/2020-01-02-post.md", "/post/"),
        ("blog/_posts/2020-1-2-post.html.md", "/blog/post/"),
        ("2020_01_02_post.md", "/post/"),
        ("2020-01-02.md", "/2020-01-02/"),
        ("2020/01/02/post.md", "/2020/01/02/post/"),
        ("release-2020-01-02-notes.md", "/release-2020-01-02-notes/"),
        ("12020-01-02-notes.md", "/12020-01-02-notes/"),
        ("post.en.md", "/post/"),
        ("post.pt-br.html.md", "/post/"),
        ("post/index.de.md", "/post/"),
        ("next.js.md", "/next.js/"),
        ("notes.ai.md", "/notes.ai/"),
        ("v1.0.md", "/v1.0/"),
        ("jquery.min.md", "/jquery.min/"),
        ("de.md", "/de/"),
        ("de/index.md", "/de/"),
        ("a b/c d.md", "/a%20b/c%20d/"),
        ("+/%# +.md", "/+/%25%23%20+/"),
        ("a?b.md", "/a%3Fb/"),
        ("a#b.md", "/a%23b/"),
        ("é.md", "/%C3%A9/"),
        ("服务.md", quote("/服务/")),
    ],
)
def test_a_path_makes_an_address(path: str, expected: str) -> None:
    assert address(path) == expected


@pytest.mark.parametrize(
    ("slug", "expected"),
    [
        ("other", "/blog/other/"),
        ("two words", "/blog/two%20words/"),
        ("服务", quote("/blog/服务/")),
        ("%e2%82%ac", "/blog/%E2%82%AC/"),
        ("a?b#c", "/blog/a%3Fb%23c/"),
        ("../../etc", "/blog/post/"),
        ("%2e%2e/x", "/blog/post/"),
        ("", "/blog/post/"),
    ],
)
def test_a_slug_takes_the_place_of_the_name(slug: str, expected: str) -> None:
    assert address(slug=slug) == expected


@pytest.mark.parametrize("slug", ["/x/y", "x//y", "//example.org"])
def test_a_slug_with_slashes_stays_on_the_site(slug: str) -> None:
    assert "//" not in address(slug=slug)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("/:year/:month/:day/:title.html", "/2020/01/02/my-post.html"),
        ("/:short_year/:i_month/:i_day/:title/", "/20/1/2/my-post/"),
        ("/:year/:y_day/:title/", "/2020/002/my-post/"),
        ("/:year/:month/:title:output_ext", "/2020/01/my-post.html"),
        ("/:categories/:title/", "/news/tech/my-post/"),
        ("/:category/:slug/", "/news/my-post/"),
        ("/:section/:filename/", "/blog/my-post/"),
        ("/:sections/:slug/", "/blog/my-post/"),
        ("/posts/:contentbasename/", "/posts/my-post/"),
        ("/posts/:slugorcontentbasename/", "/posts/my-post/"),
        ("/:year-:month-:day-:slug", "/2020-01-02-my-post"),
        (":year/:title", "/2020/my-post"),
        ("/fixed/:title/", "/fixed/my-post/"),
    ],
)
def test_a_pattern_is_filled_in(pattern: str, expected: str) -> None:
    found = address("blog/_posts/2020-01-02-my-post.md", pattern=pattern, categories=["News", "Tech"])
    assert found == expected


@pytest.mark.parametrize(
    "pattern",
    ["/:nonsense/:title/", "/:sections[1:]/:slug/", "/:title/{{ x }}", "/../:title/", "https://example.org/:title"],
)
def test_a_pattern_that_cannot_be_filled_in_is_not_used(pattern: str) -> None:
    assert address(pattern=pattern) == "/blog/post/"


def test_a_pattern_with_a_date_needs_one() -> None:
    assert address(pattern="/:year/:title/", date=None) == "/blog/post/"


def test_a_post_without_categories_has_none_in_its_address() -> None:
    assert address(pattern="/:categories/:title/") == "/post/"


@pytest.mark.parametrize("slug", ["100%", "a b", "服务", "a/b"])
def test_what_fills_a_pattern_is_encoded_once(slug: str) -> None:
    assert unquote(address(pattern="/p/:slug/", slug=slug)) == f"/p/{slug}/"


@pytest.mark.parametrize("slug", ["../../etc", "%2e%2e/etc", "..", ":year", "{{ x }}"])
def test_what_fills_a_pattern_cannot_lead_astray(slug: str) -> None:
    found = address(pattern="/p/:slug/", slug=slug)
    assert ".." not in unquote(unquote(found)).split("/")


def test_an_address_that_is_written_wins_over_the_pattern() -> None:
    assert address(pattern="/p/:title/", permalink="/mine/") == "/mine/"
    assert address(pattern="/p/:title/", permalink="/:year/mine/") == "/2020/mine/"


@pytest.mark.parametrize(
    ("path", "expected"),
    [("blog/a.md", "/b/:slug/"), ("blog/news/a.md", "/n/:slug/"), ("blogger/a.md", "/:slug/"), ("a.md", "/:slug/")],
)
def test_each_folder_may_have_its_pattern(path: str, expected: str) -> None:
    patterns = {"blog": "/b/:slug/", "blog/news/": "/n/:slug/", "": "/:slug/"}
    assert permalink.pattern_of(path, patterns) == expected


def test_the_pattern_of_a_post_is_that_of_its_folder() -> None:
    post = post_of(under("title: A"), "blog/a.md", permalink={"blog": "/b/:slug.html", "docs": "/d/:slug"})
    assert post.url == "/b/a.html"


texts = (
    st.text()
    | st.text("/.%25eEfFcC\\:#?&{}<> ax\t\n\u202e")
    | st.lists(
        st.sampled_from(
            [
                "/",
                "..",
                ".",
                "%2e",
                "%2f",
                "%5c",
                "%25",
                "\\",
                ":",
                ":title",
                "//",
                "a",
                "http:",
                "javascript:",
                "\t",
                " ",
                "é",
            ]
        )
    ).map("".join)
)


def is_at_home(url: str) -> bool:
    """Whether *url* is an absolute path that stays on its own site, decoded once or, by a careless proxy, twice."""
    decoded = [found.replace("\\", "/") for found in (url, unquote(url), unquote(unquote(url)))]
    if any(".." in found.split("/") for found in decoded) or any(found.startswith("//") for found in decoded[:2]):
        return False
    parts = urlsplit(urljoin("https://example.org/base/", url))
    return (
        url.startswith("/") and url.isascii() and url.isprintable() and " " not in url and parts.netloc == "example.org"
    )


@given(texts, st.sampled_from(["permalink", "url", "path", "slug"]))
def test_no_key_leads_off_the_site(text: str, key: str) -> None:
    assert is_at_home(address(**{key: text}))


@given(texts)
def test_no_path_leads_off_the_site(path: str) -> None:
    assert is_at_home(address(path or "x"))


@given(texts, texts)
def test_no_pattern_leads_off_the_site(pattern: str, slug: str) -> None:
    assert is_at_home(address(pattern=pattern, slug=slug))


@given(texts)
def test_an_address_is_encoded_once_and_no_more(text: str) -> None:
    found = permalink.safe(text)
    assert found is None or permalink.safe(found) == found


@pytest.mark.parametrize(
    "piece", ["/", ".", "%2e", ":title", ":", "-", "2020-01-02-", ".md", ".en", "a", " ", "{{", "é", "../"]
)
def test_long_addresses_are_made_in_time(piece: str) -> None:
    long = piece * (50_000 // len(piece))
    with within(1.5):
        address(permalink=long)
        address(slug=long)
        address(pattern=long)
        address(long[:4_000])
