"""Do results, reports and findings read well where they are printed?"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from operator import attrgetter
from typing import Any

import pytest

from extras.checkup import Findings, finding_lines
from indexer import answer, terminal
from indexer.post import Section
from indexer.report import Hidden, Remark, Report
from indexer.results import Fragment, Hint, Hit, Newer, Results

Told = Callable[[], list[str]]


def show_results(*given: Any) -> None:
    terminal.show(terminal.result_lines(*given))


def show_report(*given: Any) -> None:
    terminal.show(terminal.report_lines(*given))


def show_findings(*given: Any) -> None:
    terminal.show(finding_lines(*given))


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Told:
    """The lines that were printed."""
    return lambda: capsys.readouterr().out.splitlines()


def hit(**fields: Any) -> Hit:
    given: dict[str, Any] = {"id": "a.md", "url": "/a/", "title": "A title", "score": 1.0, "snippet": ()}
    names = set(Hit.__struct_fields__)
    given |= {"description": "", "date": None, "tags": ()} | fields
    return Hit(**{name: value for name, value in given.items() if name in names})


def results(*hits: Hit, **fields: Any) -> Results:
    given: dict[str, Any] = {
        "query": "x",
        "total": len(hits),
        "total_all_words": len(hits),
        "missing": (),
        "page": 1,
        "per_page": 10,
    }
    given |= {"took_ms": 1.25, "sort": "relevance", "hits": hits, "facets": {}} | fields
    names = set(Results.__struct_fields__)
    return Results(**{name: value for name, value in given.items() if name in names})


def report(**fields: Any) -> Report:
    return Report(**{"posts": 0, "added": 0, "updated": 0, "removed": 0, "unchanged": 0, **fields})


@pytest.mark.parametrize(
    ("newer", "said"),
    [
        (Newer("/new/", "new.md", "New"), "https://example.org/new/"),
        (Newer("/new/"), "https://example.org/new/"),
        (Newer("https://else.example/\x1b[0m"), "https://else.example/?[0m"),
    ],
)
def test_a_superseded_hit_names_the_newer_post(told: Told, newer: Newer, said: str) -> None:
    link = partial(answer.link, site_url="https://example.org")
    show_results(results(hit(superseded_by=newer)), link)
    assert f"There is a newer post: {said}" in told()


def test_without_a_site_the_newer_post_is_named_by_its_id_or_address(told: Told) -> None:
    newer = (Newer("/new/", "new.md", "New"), Newer("/new/"))
    show_results(results(*(hit(superseded_by=one) for one in newer)), attrgetter("id"))
    assert [line for line in told() if "newer" in line] == [
        "There is a newer post: new.md",
        "There is a newer post: /new/",
    ]


def test_a_hit_is_a_few_lines(told: Told) -> None:
    found = hit(
        date="2023-08-14T12:07:00Z",
        tags=("one", "two"),
        snippet=(
            Fragment(text="before ", marked=False),
            Fragment(text="word", marked=True),
            Fragment(text=" after", marked=False),
        ),
    )
    show_results(results(found), lambda hit: "https://example.org/a/")
    assert told() == [
        "A title",
        "2023-08-14  https://example.org/a/",
        "before word after",
        "tags: one, two",
        "",
        "1 post (1.2 ms)",
    ]


@pytest.mark.parametrize(("heading", "said"), [("More", ["in: More"]), ("A title", [])])
def test_the_section_of_a_passage_is_named_beside_the_title(told: Told, heading: str, said: list[str]) -> None:
    section = Section(heading=heading, anchor="more", level=2, start=0)
    show_results(results(hit(section=section, snippet=(Fragment("text"),))), lambda hit: hit.id)
    assert told()[:-2] == ["A title", "a.md", *said, "text"]


def test_a_hit_may_have_little_to_say(told: Told) -> None:
    show_results(results(hit()), lambda hit: hit.id)
    assert told() == ["A title", "a.md", "", "1 post (1.2 ms)"]


def test_no_hits_are_no_posts(told: Told) -> None:
    show_results(results(), lambda hit: hit.id)
    assert told() == ["0 posts (1.2 ms)"]


def test_the_page_is_told_if_there_are_several(told: Told) -> None:
    show_results(results(hit(), total=25, total_all_words=25, page=2), lambda hit: hit.id)
    assert told()[-1] == "25 posts, page 2 of 3 (1.2 ms)"


def test_words_that_later_posts_lack_are_named(told: Told) -> None:
    show_results(results(hit(), hit(), total_all_words=1, missing=("apple", "pear")), lambda hit: hit.id)
    assert any("1" in line and "apple, pear" in line for line in told())


def test_what_is_no_sign_is_explained(told: Told) -> None:
    show_results(results(hints=(Hint(0, "`tag:` [has] no\x1b value"),)), lambda hit: hit.id)
    assert told() == ["`tag:` [has] no? value", "0 posts (1.2 ms)"]


@pytest.mark.parametrize("text", ["[bold]x[/bold]", "[/]", "[link=x]", ":smile:", "100% [done]", "\\[x]"])
def test_what_looks_like_markup_is_text(told: Told, text: str) -> None:
    show_results(results(hit(title=text, tags=(text,), snippet=(Fragment(text=text, marked=True),))), lambda hit: text)
    assert told()[:4] == [text, text, text, f"tags: {text}"]
    show_report(report(skipped=(Remark(text, 1, text),)))
    assert told()[0] == f"skipped: {text}:1: {text}"


@pytest.mark.parametrize("order", ["\x1b[2J", "\x1b]0;x\x07", "\x9b2J", "\x07", "\x08", "\r", "a\nb", "\u202e", "\x7f"])
def test_nothing_printed_is_an_order_to_the_terminal(told: Told, order: str) -> None:
    show_results(results(hit(id=order)), lambda hit: hit.id)
    show_report(
        report(
            skipped=(Remark(order, None, order),), hidden=(Hidden(order, order),), warnings=(Remark(order, 2, order),)
        )
    )
    show_findings(Findings(posts=1, errors=(Remark(order, None, order),)))
    terminal.show([order])
    lines = told()
    assert all(line.isprintable() for line in lines)
    assert len(lines) == 4 + 4 + 2 + 1


def test_a_report_is_its_lists_and_a_sum(told: Told) -> None:
    show_report(
        report(
            posts=5,
            added=1,
            updated=2,
            removed=3,
            unchanged=2,
            skipped=(Remark("a.md", 4, "is odd"), Remark("b.md", None, "is odd")),
            hidden=(Hidden("c.md", "draft: true"),),
            warnings=(Remark("d.md", 2, "is odd"),),
            seconds=1.234,
        )
    )
    assert told() == [
        "skipped: a.md:4: is odd",
        "skipped: b.md: is odd",
        "hidden: c.md: draft: true",
        "warning: d.md:2: is odd",
        "5 posts: 1 added, 2 updated, 3 removed, 2 unchanged; 2 skipped, 1 hidden (1.2 s)",
    ]


def test_a_long_list_is_cut_and_says_so(told: Told) -> None:
    show_report(report(hidden=tuple(Hidden(f"{number}.md", "draft: true") for number in range(100))))
    lines = told()
    assert len(lines) < 30
    assert any("more" in line and "--json" in line for line in lines)


def test_findings_are_never_cut(told: Told) -> None:
    show_findings(Findings(posts=1, errors=tuple(Remark(f"{number}.md", 1, "is odd") for number in range(100))))
    assert sum(line.startswith("error: ") for line in told()) == 100


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "0 errors, 0 warnings, 0 hidden"), (1, "1 error, 1 warning, 1 hidden"), (2, "2 errors, 2 warnings, 2 hidden")],
)
def test_one_is_counted_as_one(told: Told, count: int, said: str) -> None:
    remarks = tuple(Remark("a.md", 1, "is odd") for _ in range(count))
    show_findings(
        Findings(posts=count, errors=remarks, warnings=remarks, hidden=tuple(Hidden("a.md", "x") for _ in range(count)))
    )
    assert said in told()[-1]


def test_one_post_is_counted_as_one(told: Told) -> None:
    show_report(report(posts=1, added=1))
    assert told()[-1].startswith("1 post: 1 added")


def test_a_pipe_sees_no_progress(capsys: pytest.CaptureFixture[str]) -> None:
    with terminal.progress("Reading posts") as tell:
        tell(1, 2)
    with terminal.progress("Reading posts", quiet=True) as tell:
        tell(1, 2)
    assert capsys.readouterr() == ("", "")


def test_words_are_marked_in_a_title_as_they_are_in_a_snippet(told: Told) -> None:
    found = hit(title="A rye", title_marks=(Fragment("A "), Fragment("rye", marked=True)))
    show_results(results(found), lambda hit: "a.md")
    assert told()[0] == "A rye"
