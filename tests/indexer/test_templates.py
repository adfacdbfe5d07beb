"""Is what was written for the generator gone from the text, and code left as its author wrote it?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import templates
from tests.indexer.conftest import body_of, post_of, under, within

CODE = "{{ page.title }} {% if x %} <%= y %> [[z]] {{< fig >}} {: .a} <T>"


RENDERERS = pytest.mark.parametrize("renderer", ["markdown", "commonmark"])


def lines_of(text: str, path: str = "post.md", renderer: str = "markdown") -> list[str]:
    return body_of(text, path, renderer=renderer).split("\n")


@RENDERERS
@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a {{ site.title }} b", ["a b"]),
        ("a {{- site.title -}} b", ["a b"]),
        ("a {{{ site.title }}} b", ["a b"]),
        ("a {{ '}' }} b", ["a b"]),
        ("{% assign x = 'secret' %}\n\nText", ["Text"]),
        ("{% if x %}\nshown\n{% else %}\nas well\n{% endif %}", ["shown", "as well"]),
        ("post{% if many %}s{% endif %}", ["posts"]),
        ("a {% comment %}secret{% endcomment %} b", ["a b"]),
        ("{% comment %}\n\nsecret\n\n{% endcomment %}\n\nText", ["Text"]),
        ("a {%- comment -%}secret{%- endcomment -%} b", ["a b"]),
        ("a {# secret #} b", ["a b"]),
        ("a {::comment}secret{:/comment} b", ["a b"]),
        ("{::comment}\nsecret\n{:/}\n\nText", ["Text"]),
        ("{::options toc_levels='2' /}\n\nText", ["Text"]),
        ("{% include figure.html src='a.png' alt='A picture' caption=\"It shows\" %}", ["A picture It shows"]),
        ("[text]({% post_url 2020-01-01-a %}) b", ["text b"]),
        ('[text]({{ site.url }}/a "title") b', ["text b"]),
        ('<a href="{{ url }}">text</a>', ["text"]),
        ("a <%= link_to 'x' %> b", ["a b"]),
        ("<% content_for :head do %>\nshown\n<% end %>", ["shown"]),
        ("a <?php secret() ?> b", ["a b"]),
        ('{{< figure src="a.png" title="A title" alt="A picture" >}}', ["A title A picture"]),
        ("{{% notice tip %}}\nHello **you**\n{{% /notice %}}", ["Hello you"]),
        ("a{{< callout title='My title' >}}in it{{< /callout >}}b", ["a My title in itb"]),
        ("a {{< youtube abc >}} b", ["a b"]),
        ('{{< fig caption="a > b" >}}', ["a > b"]),
        ("{{</* shown as code */>}} b", ["b"]),
        ("a {{/* secret */}} b", ["a b"]),
        ("[[Page]] and [[Page|shown]]", ["Page and shown"]),
        ("Text\n{: .lead #id}\n\nmore{: .x}", ["Text", "more"]),
        ("# Heading {#id .class}\n\nText", ["Heading", "Text"]),
        ("* TOC\n{:toc}\n\nText", ["Text"]),
        ("[TOC]\n\nText", ["Text"]),
        ("[[toc]]\n\nText", ["Text"]),
        ("[[_TOC_]]\n\nText", ["Text"]),
        ("before\n\nREADMORE\n\nafter", ["before", "after"]),
        ("before\n\n<!--more-->\n\nafter <!-- truncate -->", ["before", "after"]),
        ("{% excerpt %}a{% endexcerpt %}", ["a"]),
        ("::: note\ninner\n:::\n\nafter", ["inner", "after"]),
        (":::warning\ninner {{ x }}\n:::", ["inner"]),
        ("::: {.callout-note}\ninner\n:::", ["inner"]),
        ("::::outer\n:::inner\ntext\n:::\n::::", ["text"]),
        ("unclosed {{ b\n\nc {% d\n\n<% e", ["unclosed {{ b", "c {% d", "<% e"]),
        ('braces {a} {"b": {c}} }} {{', ['braces {a} {"b": {c}} }} {{']),
        ("a[[1]] and [[1,2],[3,4]]", ["a1 and [[1,2],[3,4]]"]),
        ("100 % {of} it", ["100 % {of} it"]),
        ("a <- b -> c", ["a <- b -> c"]),
    ],
)
def test_what_is_for_the_generator_is_gone(text: str, lines: list[str], renderer: str) -> None:
    assert lines_of(text, renderer=renderer) == lines


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("::: tip A title\ninner\n:::", "A title inner"),
        (":::tip[A title]\ninner\n:::", "A title inner"),
        (':::note{title="A title"}\ninner\n:::', "A title inner"),
        ("::: details A title {open}\ninner\n:::", "A title inner"),
    ],
)
def test_the_title_of_a_block_is_text(text: str, words: str) -> None:
    assert " ".join(body_of(text).split()).replace(" {open}", "") == words


@RENDERERS
@pytest.mark.parametrize(
    "text",
    [
        "before\n\n```\nCODE\n```\n\nafter",
        "before\n```\nCODE\n```\nafter",
        "before\n\n```liquid\nCODE\n```\n\nafter",
        "before\n\n``` {.html linenos=true}\nCODE\n```\n\nafter",
        "before\n\n~~~\nCODE\n~~~\n\nafter",
        "before\n\n~~~ html\nCODE\n~~~\n\nafter",
        "before\n\n````\nCODE\n````\n\nafter",
        "- before\n\n  ```\n  CODE\n  ```\n\n- after",
        "- before\n  ```\n  CODE\n  ```\n- after",
        "1. before\n\n   ```\n   CODE\n   ```\n\n2. after",
        "- a\n    - before\n\n        ```\n        CODE\n        ```\n\n    - after",
        "> before\n>\n> ```\n> CODE\n> ```\n>\n> after",
        "before\n\n- ```\n  CODE\n  ```\n- after",
        "before `CODE` after",
        "before ``CODE`` after",
        "before ```CODE``` after",
        "before `` `CODE` `` after",
        "# before `CODE` after",
        "| before | x |\n|---|---|\n| `CODE` | after |",
        "before\n\n    CODE\n\nafter",
        "before\n\n\tCODE\n\nafter",
        "\n    CODE\n\nbefore\n\nafter",
        "before\n\n    first\n\n    CODE\n\nafter",
        "before {% raw %}CODE{% endraw %} after",
        "before {%- raw -%}CODE{%- endraw -%} after",
        "before\n\n{% raw %}\n```\nCODE\n```\n{% endraw %}\n\nafter",
        "before\n\n```\n{% raw %}\nCODE\n{% endraw %}\n```\n\nafter",
        "before\n\n{% highlight html linenos %}\nCODE\n{% endhighlight %}\n\nafter",
        "before\n\n{% highlight html %}\n{% raw %}CODE{% endraw %}\n{% endhighlight %}\n\nafter",
        "before\n\n{% codeblock A title lang:html %}\nCODE\n{% endcodeblock %}\n\nafter",
    ],
)
def test_code_stays_as_it_was_written(text: str, renderer: str) -> None:
    found = body_of(text.replace("CODE", CODE.replace("|", "")), renderer=renderer)
    assert CODE in " ".join(found.split())
    assert "before" in found
    assert "after" in found


def test_hugo_code_stays_as_it_was_written() -> None:
    code = "{{ page.title }} {% if x %} <%= y %>"
    found = body_of(f'before\n\n{{{{< highlight go "linenos=true" >}}}}\n{code}\n{{{{< /highlight >}}}}\n\nafter')
    assert found.split("\n") == ["before", code, "after"]


@pytest.mark.parametrize("mark", ["```", "~~~", "````", "~~~~~"])
def test_a_fence_that_is_never_closed_runs_to_the_end(mark: str) -> None:
    assert lines_of(f"before\n\n{mark}\n{CODE}\n\n# no heading") == ["before", CODE, "# no heading"]


@RENDERERS
@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("````\n```\n{{ a }}\n```\n````\n\n{{ b }}end", ["```", "{{ a }}", "```", "end"]),
        ("~~~\n```\n{{ a }}\n~~~\n\n{{ b }}end", ["```", "{{ a }}", "end"]),
        ("```\n~~~\n{{ a }}\n```\n\n{{ b }}end", ["~~~", "{{ a }}", "end"]),
        ("```\n{{ a }}\n``` not closed\n```\n\n{{ b }}end", ["{{ a }}", "``` not closed", "end"]),
        ("```\na\n```\n{{ b }}\n```\nc\n```", ["a", "c"]),
        ("```\n\n```\n\nend", ["end"]),
    ],
)
def test_a_fence_ends_where_it_ends(text: str, lines: list[str], renderer: str) -> None:
    assert lines_of(text, renderer=renderer) == lines


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a ` b {{ x }}\n\nc ` d", ["a ` b", "c ` d"]),
        ("a ` b {{ x }} `` c", ["a ` b `` c"]),
        ("{{ '`' }} a {{ x }} ` b", ["a ` b"]),
        ("a `{{ x\ny }}` b", ["a {{ x y }} b"]),
    ],
)
def test_a_lone_back_tick_is_no_code(text: str, lines: list[str]) -> None:
    assert lines_of(text) == lines


def test_code_is_not_rendered() -> None:
    assert lines_of("```\n<script>x</script> <b>y</b> &amp; *z* # h\n```") == [
        "<script>x</script> <b>y</b> &amp; *z* # h"
    ]
    assert lines_of("`<b>y</b> &lt; *z*`") == ["<b>y</b> &lt; *z*"]


def test_a_heading_within_code_is_none() -> None:
    post = post_of(under("title: T", "```\n# No\n```\n\n{% raw %}\n# No\n{% endraw %}\n\n    # No\n\n# Yes"))
    assert [section.heading for section in post.sections if section.heading == "No"] == []
    assert [section.heading for section in post.sections] == ["Yes"]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("import X from 'x'\nimport {\n  y,\n} from 'y'\n\nText", ["Text"]),
        ("export const meta = {\n  a: 1,\n}\n\nText", ["Text"]),
        ("export default function L() {\n  return <p>x</p>\n}\n\nText", ["Text"]),
        ("Text\n\nimport X from 'x'\n\nmore", ["Text", "more"]),
        ('<Tabs>\n<Tab value="a" label="One">\n\ninner *x*\n\n</Tab>\n</Tabs>', ["One", "inner x"]),
        ('a <Icon name="x" title="T" /> b', ["a T b"]),
        ("<Foo {...props} /> b", ["b"]),
        ("<Foo onClick={() => { x }} /> b", ["b"]),
        ('<Foo\n  a="1"\n  title="T"\n>\n  in\n</Foo>', ["T in"]),
        ("a {/* secret */} b {props.x}", ["a b"]),
        ('<div style={{color: "red"}}>in</div>', ["in"]),
        ('<p className="x">in</p>', ["in"]),
        ("`<Foo />` and `{x}`", ["<Foo /> and {x}"]),
        ("```jsx\nimport X from 'y'\n<Foo>{x}</Foo>\n```", ["import X from 'y'", "<Foo>{x}</Foo>"]),
        ("`import` is a word", ["import is a word"]),
        ("# `import` is a word\n\n## `<Foo />`", ["import is a word", "<Foo />"]),
    ],
)
def test_mdx_is_text_without_its_program(text: str, lines: list[str]) -> None:
    assert lines_of(text, "post.mdx") == lines


def test_other_markdown_has_no_program() -> None:
    assert lines_of("import taxes are high\n\nexport of goods") == ["import taxes are high", "export of goods"]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("<p>It`s {{ x }} ` b</p>", ["It`s ` b"]),
        ("<p>a</p>\n```\n<script>secret</script>\n<p>b</p>", ["a", "```", "b"]),
        ("<p>\n~~~~\na <b>b</b></p>", ["~~~~ a b"]),
        ("<p>a {{ x }} b</p>", ["a b"]),
        ("<pre>\n    a {% raw %}{{ x }}{% endraw %}\n</pre>", ["a {{ x }}"]),
    ],
)
def test_html_has_no_marks_of_markdown(text: str, lines: list[str]) -> None:
    assert lines_of(text, "post.html") == lines


PRIVATE = [chr(code) for code in range(0xE000, 0xE010)]


@pytest.mark.parametrize(
    "forged",
    [
        "\ue0000\ue001",
        "\ue00099\ue001",
        "&#xe000;0&#xe001;",
        "&#xE000;99&#xE001;",
        "&#57344;0&#57345;",
        "&#x0000e000;0&#x0000e001;",
        "&#xe000 0&#xe001 ",
        "&#xe004;0&#xe004;",
        "&#xe004;99&#xe004;",
        "\ue00499\ue004",
        "&#xe0{{ x }}04;99&#xe0{{ x }}04;",
        "&#xe0{{ x }}00;0&#xe0{{ x }}01;",
        "&#xe0{{ x }}04;" + "9" * 5_000 + "&#xe0{{ x }}04;",
    ],
)
def test_the_marks_of_code_that_was_put_away_cannot_be_forged(forged: str) -> None:
    for path in ("post.md", "post.html", "post.mdx"):
        text = f"{forged}\n\n```\ncode\n```\n\n# A {forged}\n\n`x` {forged}"
        found = body_of(text, path)
        assert found.count("code") == 1
        assert not any(mark in found for mark in PRIVATE)


@pytest.mark.parametrize("forged", ["\ue0005\ue001", "&#xe000;0&#xe001;", "&#xe000;5&#xe001;"])
def test_nor_can_they_in_a_title(forged: str) -> None:
    post = post_of(under(f'title: "`a` {forged} b"\ndescription: "`c` {forged}"'))
    assert not any(mark in post.title + post.description for mark in PRIVATE)
    assert post.title.startswith("a")
    assert post.title.count("a") == 1


def test_code_cannot_be_multiplied() -> None:
    text = "```\n" + "x" * 50_000 + "\n```\n\n" + "&#xe000;0&#xe001; \ue0000\ue001 " * 2_000
    assert body_of(text).count("x") == 50_000


PIECES = (
    "{{¦}}¦{%¦%}¦{{<¦>}}¦{{%¦%}}¦<%¦%>¦{%-¦{{ x }}¦{% x %}¦{{< x >}}¦{{{¦{#¦#}¦{¦}¦{a{¦{% raw %}¦"
    "{% endraw %}¦{% highlight x %}¦{% comment %}¦{{< highlight >}}¦{{< code ¦{{% /¦{::comment}¦{:¦{::¦"
    "{: x¦`¦``¦` ¦`` a ` ¦a`b¦```\n¦``` ¦~~~\n¦- ```\n¦> ```\n¦    {\n¦    \n¦\t[\n¦\n¦ ¦  \n¦"
    "\n\n    <\n\n¦[[¦]]¦[[a¦[[a|¦[¦:::\n¦:::¦:::{¦::: a[¦   :::   ¦READMORE\n¦* TOC\n¦- TOC\n{:toc¦[TOC]¦"
    "> ¦*_¦\ue0000\ue001¦&#xe000;¦&¦<!--¦<A ¦<A a=¦<A \"¦<A {¦<A {{¦</A¦<A.b{a}¦import a\n¦export ¦'¦\"¦{'¦"
    "{`"
).split("¦")


@pytest.mark.parametrize("piece", PIECES, ids=repr)
def test_a_long_text_is_stripped_in_time(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    with within(3):
        templates.strip(text)
        templates.strip(text, mdx=True)
        templates.strip(text, html=True)


def test_back_ticks_of_every_length_are_stripped_in_time() -> None:
    with within(2):
        templates.strip(" ".join("`" * length for length in range(1, 450)) + " {{ x }}")


sources = st.text() | st.lists(
    st.sampled_from([*PIECES, "text", "# H\n", "\n\n", "é", "服务", "title='a'", "<b>", "</b>", "x\n"]), max_size=25
).map("".join)


@given(sources, st.booleans(), st.booleans())
def test_any_text_can_be_stripped(source: str, mdx: bool, html: bool) -> None:
    plain, cupboard = templates.strip(source, mdx=mdx, html=html)
    restored = cupboard.restore(plain)
    assert not any(mark in restored for mark in PRIVATE[:5])
    restored.encode("utf-8", "surrogatepass")


@given(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="{}<%[`~:\n\t \ue000\ue001\ue002\ue003\ue004&"))
)
def test_a_text_without_marks_stays_as_it_is(text: str) -> None:
    plain, cupboard = templates.strip(text)
    assert cupboard.restore(plain) == text


@pytest.mark.parametrize("renderer", ["markdown", "commonmark"])
@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("<div>\n\n[a](x) b\n\n</div>\n\n*c*", ["a b", "c"]),
        ("<details>\n<summary>S</summary>\n\n[a](x) b\n\n</details>\n\n*c*", ["S", "a b", "c"]),
        ("<details><summary>S</summary>\n\n[a](x) b\n\n</details>\n\n*c*", ["S", "a b", "c"]),
        ("<div>\n\n<section>\n\n*a*\n\n</section>\n\n</div>\n\n*c*", ["a", "c"]),
        ("<div class=a>text\n\nmore\n\n</div>\n\n*c*", None),
        ("<div>\n\n*a*\n\nb</div>\n\nc", None),
    ],
)
def test_a_block_of_html_ends_where_it_is_closed(text: str, lines: list[str] | None, renderer: str) -> None:
    found = lines_of(text, renderer=renderer)
    assert found[-1] == "c"
    assert lines in (None, found)
