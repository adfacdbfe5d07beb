"""Is the text of a page what its readers see, a line for each block, with its headings where they are said to be?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import markup, plaintext
from indexer.anchors import Anchors
from indexer.plaintext import Page
from tests.indexer.conftest import body_of, came_to, post_of, under, within


def read(html: str) -> Page:
    return plaintext.read(html, Anchors("github"))


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a</p><p>b</p>", "a\nb"),
        ("<div>a</div>b", "a\nb"),
        ("a<p>b</p>c", "a\nb\nc"),
        ("a<br>b<br/>c<BR>d", "a\nb\nc\nd"),
        ("<ul><li>a</li><li>b</li></ul>", "a\nb"),
        ("<ul><li>a<li>b</ul>", "a\nb"),
        ("<ol><li><p>a</p></li></ol>", "a"),
        ("<dl><dt>a</dt><dd>b</dd></dl>", "a\nb"),
        ("<blockquote><p>a</p></blockquote>b", "a\nb"),
        ("<section><header>a</header>b<footer>c</footer></section>", "a\nb\nc"),
        ("<figure><img src=a alt='A picture'><figcaption>b</figcaption></figure>", "A picture\nb"),
        ("<details><summary>a</summary>b</details>", "a\nb"),
        ("a<hr>b", "a\nb"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        (
            "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>c</td><td>d</td></tr></tbody></table>",
            "a b\nc d",
        ),
        ("<table><caption>a</caption><tr><td>b</td></tr></table>", "a\nb"),
        ("<table>\n<tr>\n<td>a</td>\n<td>b</td>\n</tr>\n</table>", "a b"),
        ("a<table><tr><td>b</td></tr></table>c", "a\nb\nc"),
        ("a<table><caption>b</caption><tr><td>c</td></tr>\n</table>d", "a\nb\nc\nd"),
        ("<table><tr><td><p>a</p></td><td>b</td></tr></table>", "a\nb"),
        ("c<span>d</span>e", "cde"),
        ("<b>a</b>b <i>c</i>", "ab c"),
        ("<kbd>Ctrl</kbd>+<kbd>C</kbd>", "Ctrl+C"),
        ("H<sub>2</sub>O x<sup>2</sup>", "H2O x2"),
        ("<a href='x' title='unseen'>link</a>", "link"),
        ("<a href='x'><img src='y' alt='A picture'></a>", "A picture"),
        ("a<img src=x alt='A picture'>b", "a A picture b"),
        ("a<img src=x>b", "a b"),
        ("a<img src=x alt=''>b", "a b"),
        ("<img alt=word src=x>", "word"),
        ("<IMG SRC=x ALT='A picture'/>", "A picture"),
        ("<img src=x alt='a > b < c &amp; \"d\"'>", 'a > b < c & "d"'),
        ("<img data-alt='no' alt='yes' src=x>", "yes"),
        ("<img\nsrc=x\nalt='A\npicture'\n>", "A picture"),
        ("<img src='a>b' alt='c'>d", "c d"),
        ("<button>a</button>", "a"),
        ("<label>a</label> <input value='unseen'>", "a"),
        ("<video>a</video>", "a"),
        ("<math><mi>x</mi><mo>=</mo><mn>1</mn></math>", "x=1"),
        ("<custom-element>a</custom-element>", "a"),
        ("<p>a<p>b", "a\nb"),
        ("<p>a <b>c</p><p>d</b> e", "a c\nd e"),
        ("<title>unseen</title><p>a", "a"),
        ("<html><head><style>x</style></head><body class=y>a</body></html>", "a"),
        ("<!DOCTYPE html><p>a", "a"),
        ("<![CDATA[ x ]]>a", "a"),
        ("<?php x ?>a", "a"),
        ("", ""),
        ("   \n ", ""),
        ("<p></p><div> </div>", ""),
    ],
)
def test_the_text_of_a_page(html: str, text: str) -> None:
    assert read(html).text.replace("a  b", "a b") == text


@pytest.mark.parametrize(
    "html",
    [
        "<script>unseen</script>",
        "<script>if (a < b) { '<p>unseen</p>' }</script>",
        "<script>'<h1>unseen</h1><img alt=unseen src=x>'</script>",
        "<SCRIPT>unseen</SCRIPT>",
        "<script type='text/template'><p>unseen</p></script>",
        "<style>.unseen { }</style>",
        "<template><p>unseen</p></template>",
        "<noscript>unseen</noscript>",
        "<iframe src=x>unseen</iframe>",
        "<object>unseen</object>",
        "<canvas>unseen</canvas>",
        "<svg><title>unseen</title><text>unseen</text></svg>",
        "<audio src=x>unseen</audio>",
        "<textarea>unseen</textarea>",
        "<select><option>unseen</option></select>",
        "<datalist><option>unseen</datalist>",
        "<!-- unseen -->",
        "<!-- unseen <p>unseen</p> <h1>unseen</h1> -->",
        "<!-- <img alt='unseen' src=x> -->",
        "<!--\nunseen\n\nunseen\n-->",
        "<p title='unseen' data-x='unseen'></p>",
        "<p title='<p>unseen</p>'></p>",
        "<a title='<h1>unseen</h1>' href='unseen'></a>",
        "<img src='data:image/png;base64,unseen'>",
        "<meta name=x content=unseen>",
        "<input value=unseen placeholder=unseen>",
    ],
)
def test_what_readers_do_not_see_is_gone(html: str) -> None:
    page = read(f"<p>a</p>{html}<p>b</p>")
    assert (page.text, page.sections) == ("a\nb", ())


@pytest.mark.parametrize(
    "text",
    [
        "a\n\n<script>\nunseen\n\nunseen\n</script>\n\nb",
        "a\n\n<style>\n.unseen {}\n\n.unseen {}\n</style>\n\nb",
        "a\n\n<!--\nunseen\n\n# unseen\n\nunseen\n-->\n\nb",
        "a\n<!-- unseen -->\n\nb",
        "a\n\n<!-- unseen\n\nb -->\n\nb",
        "a\n\n![](data:image/png;base64,unseen)\n\nb",
        "a\n\n[](data:text/html;unseen)\n\nb",
        "a\n\ndata:image/svg+xml,%3Csvgunseen\n\nb",
        "a\n\n[unseen]: https://example.org 'unseen'\n\nb",
        "a\n\n*[unseen]: Unseen\n\nb",
    ],
)
def test_what_readers_do_not_see_is_gone_from_markdown(text: str) -> None:
    assert body_of(text).lower().split("\n") == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("one\ntwo", "one two"),
        ("one  \ntwo", "one\ntwo"),
        ("a *b* **c** __d__", "a b c d"),
        ("in*side*word", "insideword"),
        ("snake_case_name", "snake_case_name"),
        ('![alt text](x.png "title")', "alt text"),
        ('[link *text*](x "title")', "link text"),
        ("![alt][r] and [link][r]\n\n[r]: http://example.org 'title'", "alt and link"),
        ("<https://example.org/a>", "https://example.org/a"),
        ("[![alt](i.png)](x)", "alt"),
        ("- one\n- two\n\n  more", "one\ntwo\nmore"),
        ("1. one\n2. two", "one\ntwo"),
        ("> quoted\n> text", "quoted text"),
        ("| a | b |\n|---|---|\n| c | d |\n| e | f |", "a b\nc d\ne f"),
        ("Term\n: first\n: second", "Term\nfirst\nsecond"),
        ("Text[^1].\n\n[^1]: The note.", "Text.\nThe note."),
        ('!!! note "A title"\n    inner\n\nafter', "A title\ninner\nafter"),
        ("The HTML.\n\n*[HTML]: Hyper Text", "The HTML."),
        ("a\n\n---\n\nb", "a\nb"),
        ('<div markdown="1">\n*inner*\n</div>', "inner"),
        ("<div>\n<p>inner</p>\n</div>\n\nafter", "inner\nafter"),
        ("&amp; &lt;b&gt; &eacute; &#233; &#xe9; &hellip; &nbsp;x", "& <b> é é é … x"),
        ("&bogus; & x", "&bogus; & x"),
        ("a &amp;lt; b", "a &lt; b"),
        ("\\*not em\\* \\_x\\_", "*not em* _x_"),
        ("a\u00a0b\u3000c\u2003d", "a b c d"),
        ("soft\u00adhyphen zero\u200bwidth", "softhyphen zerowidth"),
        ("a\x07b\x1bc", "a b c"),
        ("中文\n换行", "中文 换行"),
        ("e\u0301 שלום مرحبا 🙂", "e\u0301 שלום مرحبا 🙂"),
    ],
)
def test_the_text_of_markdown(text: str, body: str) -> None:
    assert body_of(text) == body


@pytest.mark.parametrize(
    "text",
    [
        "```\na\x1b[0m\x08b\u200b\n```",
        "`a\x1bb\x08`",
        "    a\x1b{b\x08\n",
        "{% raw %}a\x1b\x08{% endraw %}",
        "\x02x\x03",
    ],
)
def test_no_control_characters_are_left_even_in_code(text: str) -> None:
    body = body_of(text)
    assert [character for character in body if character != "\n" and not character.isprintable()] == []


@pytest.mark.parametrize(
    "text", ["the data: x; y", "see data:image", "use {data:response,status:200} here", "metadata:a;b c", "data:a,b"]
)
def test_a_word_is_no_data_address(text: str) -> None:
    assert body_of(text) == text


def test_the_lines_of_code_are_kept() -> None:
    assert read("<pre><code>a\n  b\n\nc</code></pre>d").text == "a\nb\nc\nd"
    assert body_of("a\n\n    b\n    c\n\nd") == "a\nb\nc\nd"


@pytest.mark.parametrize(
    ("text", "headings"),
    [
        ("# One\n\ntext\n\n## Two\n\ntext", [("One", 1), ("Two", 2)]),
        ("One\n===\n\ntext\n\nTwo\n---", [("One", 1), ("Two", 2)]),
        ("###### Six", [("Six", 6)]),
        ("# One #", [("One", 1)]),
        ("# `code` *and* [link](x) & <b>bold</b>", [("code and link & bold", 1)]),
        ("# ![A picture](x.png)", [("A picture", 1)]),
        ("# a &amp; b", [("a & b", 1)]),
        ("> # Quoted", [("Quoted", 1)]),
        ("<h2>In <em>HTML</em></h2>", [("In HTML", 2)]),
        ("<H2 class=x>Loud</H2>", [("Loud", 2)]),
        ("<h2\nclass='x'\n>Over lines</h2>", [("Over lines", 2)]),
        ("<h2>\n  Indented\n</h2>", [("Indented", 2)]),
        ("#\n\n## \n\n<h2></h2>\n\n<h3> </h3>\n\ntext", []),
        ("<h7>No</h7> <header>No</header> <hr> <h1-x>No</h1-x>", []),
        ("<h2>Never closed", [("Never closed", 2)]),
        ("# 1\n\n# 0\n\n# 00", [("1", 1), ("0", 1), ("00", 1)]),
        ("| # a |\n|---|\n| b |", []),
    ],
)
def test_headings_are_sections(text: str, headings: list[tuple[str, int]]) -> None:
    post = post_of(under("title: T", text))
    assert [(section.heading, section.level) for section in post.sections] == headings


def test_the_anchor_of_a_heading_is_its_id_where_it_has_one() -> None:
    post = post_of(
        under("title: T", "# One {#first}\n\n<h2 id='second'>Two</h2>\n\n<h2 class=x id=third>Three</h2>\n\n## Four")
    )
    assert [section.anchor for section in post.sections] == ["first", "second", "third", "four"]


def test_an_id_is_read_as_html() -> None:
    assert [section.anchor for section in read("<h2 data-id='no' id='a&amp;b'>T</h2>").sections] == ["a&b"]


def test_each_section_begins_where_it_says() -> None:
    page = read(
        "<p>a</p><h1>One</h1><p>b</p><table><tr><td>c</td></tr></table><h2>Two</h2><pre>d\n\ne</pre><h2>Two</h2>"
    )
    assert page.text == "a\nOne\nb\nc\nTwo\nd\ne\nTwo"
    assert [(section.heading, section.start) for section in page.sections] == [("One", 2), ("Two", 10), ("Two", 18)]


PARTS = (
    "<p>¦</p>¦<h1>¦</h1>¦<h2 id='x'>¦</h2>¦<h2 ¦>¦<div>¦</div>¦<table>¦<tr>¦<td>¦</td>¦</table>¦<pre>¦"
    "</pre>¦<br>¦<img alt='x' src=y>¦<img alt='¦'¦\"¦<¦<!--¦-->¦<script>¦</script>¦<select>¦</select>¦"
    "<textarea>¦<svg>¦</svg>¦<template>¦<li>¦<ul>¦<xmp>¦<plaintext>¦<title>¦<math>¦<frameset>¦<body>¦"
    "</body>¦a¦ ¦\n¦1¦0¦é¦&amp;¦&lt;¦&#0;¦&#xe004;¦\ue004¦\ue002¦\ue000¦\x00¦\x1b¦data:a/b;c¦服¦\u200b"
).split("¦")
pages = st.text() | st.lists(st.sampled_from(PARTS), max_size=30).map("".join)


def is_sound(text: str) -> bool:
    """Whether *text* is lines of visible text, each with something in it, and none with blanks to fold."""
    text.encode()
    plain = all(c == "\n" or ((c.isprintable() or ord(c) > 0x9F) and not "\ue000" <= c <= "\ue004") for c in text)
    return plain and all(line and line == " ".join(line.split()) for line in text.split("\n") if text)


@given(pages)
def test_any_page_has_a_text_and_its_sections_are_in_it(html: str) -> None:
    page = read(html)
    assert is_sound(page.text)
    for section in page.sections:
        assert section.heading
        assert page.text[section.start : section.start + len(section.heading)] in (
            section.heading,
            section.heading.replace(" ", "\n"),
        )
        assert 1 <= section.level <= 6
    assert [section.start for section in page.sections] == sorted(section.start for section in page.sections)


TAME = (
    "<p>¦</p>¦<h1>¦<h2 id='x'>¦<h2 class=x id=y>¦</h2>¦<h3/>¦<h3 />¦</h1 id=x>¦<div>¦<div class=\"a\">¦</div>¦<pre>¦"
    "<pre/>¦</pre>¦<br>¦<br/>¦</br>¦<hr />¦<img>¦<img/>¦<img />¦<img src=a>¦<img src=y alt='x'>¦<img alt=x/>¦"
    "<img\nalt=\"a &amp; 'b'\" src=c>¦<img data-alt=no>¦<img alt='a>b'>¦<a href=\"x\">¦<a href='x' title=y>¦"
    "<a href=\">\">¦</a>¦<b>¦</b>¦<em>¦</em>¦<code>¦</code>¦<span style='a: b'>¦</span>¦<ul>¦</ul>¦<ol start=2>¦<li>¦"
    "</li>¦<blockquote>¦</blockquote>¦<dl>¦<dt>¦<dd>¦</dl>¦<form>¦</form>¦<video controls>¦</video>¦<input checked>¦"
    "<time>¦<font>¦<center>¦<summary>¦<details>¦<P>¦<a-b>¦</p >¦< p>¦<p\n>¦<!-- x -->¦<!---->¦<!-->¦<!--->¦<!--x--!>¦"
    "<!-- a -- b -->¦<!-- <p> -->¦a¦b c¦ ¦\n¦  ¦&amp;¦&lt;p&gt;¦&am¦p;¦&copy¦&notit;¦&#65;¦&#0;¦&¦>¦\"¦'¦é¦服¦\u00a0¦"
    "\u200b¦\x1b¦\x00¦\ue002¦data:a/b;c¦<table>¦</table>¦<table><tr><td>¦</td></tr></table>¦"
    "<thead>¦</thead>¦<tbody class=a>¦</tbody>¦<tr>¦<tr id='x'>¦</tr>¦<td>¦<td align=left>¦<th>¦</td>¦</th>¦<td>a</td>¦"
    "<iframe>¦<iframe src=a></iframe>¦<iframe> </iframe>¦</iframe>¦<script>¦&#x27;¦&#39;¦&#8217;¦&#8232;¦&#31;¦&#160;"
).split("¦")
tame_pages = st.lists(st.sampled_from(TAME), max_size=30).map("".join)


@given(tame_pages | pages)
def test_a_page_reads_the_same_without_the_parser(html: str) -> None:
    assert read(html) == plaintext.read(html, Anchors("github"), quick=False)


@pytest.mark.parametrize(
    "tag",
    [
        "p",
        "h2",
        "h2 id=x",
        'a href="x"',
        "a class=x",
        "em",
        "br /",
        "img alt=x",
        "pre",
        "!-- x --",
        "iframe src='x'></iframe",
    ],
)
def test_a_tame_tag_needs_no_parser(tag: str) -> None:
    assert plaintext.tame(f"a<{tag}>b", []) is not None


@pytest.mark.parametrize("renderer", ["markdown", "commonmark"])
def test_what_is_made_of_markdown_needs_no_parser(renderer: str) -> None:
    source = (
        "# One {#i}\n\n*a* **b** `c` [d](e 'f') ![g](h)\n\n- i\n- j & k\n\n1. l\n\n> m\n\n    n < o\n\n---\n\n"
        "p  \nq\n\n|r|s|\n|-|:-|\n|t|&#39;|"
    )
    assert plaintext.tame(markup.render(source, renderer), []) is not None


@pytest.mark.parametrize(
    "html",
    [
        *(
            "<script>",
            "<table>",
            "<tr><td>a</td></tr>",
            "<table><tr>a<td></td></tr></table>",
            "<table><tr><td></th></tr></table>",
            "<iframe>a</iframe>",
            "<P>",
            "<a",
            "<a title='>'>",
            "<img alt='a>b'>",
            "<x-y>",
            "<title>",
            "<!-- -- -->",
            "<!-->",
        ),
        *("&#31;", "&#150;", "&#x80;", "&#65", "&am<b>p;</b>", "a\0b", "<p =x>", "<h1>" * 70_000),
    ],
)
def test_what_may_be_read_in_two_ways_is_left_to_the_parser(html: str) -> None:
    assert plaintext.tame(html, []) is None


@given(
    st.text()
    | st.lists(
        st.sampled_from(
            [*PARTS, "# ", "\n\n", "```\n", "`", "**", "[", "](", "{{", "}}", "{%", "%}", "    ", "- ", "> ", "|"]
        ),
        max_size=30,
    ).map("".join)
)
def test_any_markdown_has_a_text_and_its_sections_are_in_it(text: str) -> None:
    post = came_to(under("title: T", "x\n\n" + text)).post
    assert post is not None
    assert is_sound(post.body)
    for section in post.sections:
        assert post.body[section.start : section.start + len(section.heading)].replace("\n", " ") == section.heading


@given(
    st.text(
        st.characters(exclude_categories=["Cc", "Cs", "Cf", "Co", "Zl", "Zp"], exclude_characters="<&"), max_size=200
    )
)
def test_a_text_without_markup_stays_as_it_is(text: str) -> None:
    if "data:" not in text:
        assert read(text).text == " ".join(text.split())


# For each of these lexbor looks through all elements that are open: long files of them are for the workers to stop.
NESTED = ["<div>", "<pre>", "<ul><li>", "<table><tr><td>"]
LONG = (
    "<h1>¦<h1>x</h1>¦<h1 ¦<h1 id='¦<p¦<p>¦<b>¦<A ¦<A a=¦<table>¦<tr>¦<tr>  ¦<td>¦<tr ¦<td ¦<select>¦<img ¦"
    "<img \"¦<img '¦<img alt=¦<img alt='x'>¦<img a¦<script>¦<!--¦<¦>¦&¦&amp;¦&#¦[¦`¦*_¦> ¦\n¦ ¦data:¦"
    "data:a¦data:a/b;¦data:a ¦\ue004¦\ue0041¦&#xe004;¦</¦<![CDATA[¦<svg>¦<math>¦<br>¦<a><b>"
).split("¦")


@pytest.mark.parametrize("piece", LONG, ids=repr)
def test_a_long_page_is_read_in_time(piece: str) -> None:
    with within(2):
        read(piece * (100_000 // len(piece)))


@pytest.mark.parametrize("piece", NESTED)
def test_a_page_nested_thousands_deep_is_read(piece: str) -> None:
    with within(2):
        assert read(piece * (20_000 // len(piece)) + "deep").text == "deep"
