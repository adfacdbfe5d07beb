"""How do results, reports and progress look in a terminal?

Colours and progress bars are for terminals; a pipe gets plain lines. `NO_COLOR` is obeyed.
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from indexer import Fragment, Hit, Newer, Report, Results

#: Files named for each kind of finding; `--json` names them all.
_MOST_LINES = 20

_STYLES = {"error": "red", "skipped": "red", "hidden": "dim", "warning": "yellow"}


@contextmanager
def progress(title: str, *, quiet: bool = False) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on standard error if that is a terminal; it is told how many are done, of how many."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield lambda done, total: None
        return
    columns = (TextColumn(title), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def show_waiting() -> None:
    """Say on standard error, if that is a terminal, why nothing happens."""
    if sys.stderr.isatty():
        print("another build is under way; waiting", file=sys.stderr)


def show(lines: Iterable[object]) -> None:
    """Print *lines*, each a `Text`, or a stranger's words."""
    # Wide lines in a pipe belong to the next program; rich would break them at 80 characters.
    console = Console(soft_wrap=True, highlight=False, width=None if sys.stdout.isatty() else 10_000)
    for line in lines:
        console.print(line if isinstance(line, Text) else safe(line))


def result_lines(results: Results, link: Callable[[Hit | Newer], str]) -> Iterator[Text]:
    """A page of results for a person."""
    yield from hit_lines(results.hits, link)
    if results.missing and results.total > results.total_all_words:
        lacking = ", ".join(results.missing)
        yield safe(f"{results.total_all_words} posts have all words; the others lack some of: {lacking}", "dim")
    if results.left_out:
        yield safe(f"not looked for, in so long a question: {', '.join(results.left_out)}", "yellow")
    if results.did_you_mean:
        yield safe(f"Did you mean: {results.did_you_mean}", "bold")
    for one in results.without:
        yield safe(f"nothing with {one.filter}, {counted(one.total, 'post')} without it", "yellow")
    for hint in results.hints:
        yield safe(hint.text, "yellow")
    posts = counted(results.total, "post")
    if results.page > max(1, results.pages):
        posts = f"there is no page {results.page}: {posts}"
    pages = f", page {results.page} of {results.pages}" if 1 < results.pages >= results.page else ""
    yield safe(f"{posts}{pages} ({results.took_ms:.1f} ms)", "dim")


def hit_lines(hits: Iterable[Hit], link: Callable[[Hit | Newer], str]) -> Iterator[Text]:
    """Posts for a person."""
    for hit in hits:
        yield _marked(hit.title_marks or [Fragment(hit.title)], "bold")
        yield safe("  ".join(filter(None, [(hit.date or "")[:10], link(hit)])), "green")
        if newer := hit.superseded_by:
            yield safe(f"There is a newer post: {link(newer) or newer.url}", "yellow")
        if hit.subtitle:
            yield safe(f"in: {hit.subtitle.heading}", "cyan")
        if hit.snippet:
            yield _marked(hit.snippet)
        if hit.tags:
            yield safe("tags: " + ", ".join(hit.tags), "cyan")
        yield Text()


def report_lines(report: Report, before: Report | None = None) -> Iterator[Text]:
    """What a build did; of single files only what *before*, the report of the build before, did not say."""
    known = before.named if before else ()
    for kind, found in (("skipped", report.skipped), ("hidden", report.hidden), ("warning", report.warnings)):
        fresh = [one for one in found if one not in known]
        yield from named(kind, fresh[:_MOST_LINES])
        if len(fresh) > _MOST_LINES:
            yield safe(f"{kind}: and {len(fresh) - _MOST_LINES} more; --json names them all", _STYLES[kind])
    changes = f"{report.added} added, {report.updated} updated, {report.removed} removed, {report.unchanged} unchanged"
    left_out = f"{len(report.skipped)} skipped, {len(report.hidden)} hidden"
    if report.search_tests:
        left_out += f"; {counted(report.search_tests, 'search test')} passed"
    yield safe(f"{counted(report.posts, 'post')}: {changes}; {left_out} ({report.seconds:.1f} s)")


def named(kind: str, found: Iterable[object]) -> Iterator[Text]:
    """Each of *found* behind its *kind*, in the colour of that."""
    return (Text.assemble((f"{kind}: ", _STYLES[kind]), safe(one)) for one in found)


def counted(number: int, noun: str) -> str:
    """`1 post`, `2 posts`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _marked(runs: Iterable[Fragment], style: str = "") -> Text:
    return Text.assemble(*(safe(run.text, "bold yellow" if run.marked else style) for run in runs))


def safe(text: object, style: str = "") -> Text:
    """*text* of a stranger's, in which nothing moves the cursor or breaks the line."""
    return Text("".join(character if character.isprintable() else "?" for character in str(text)), style)
