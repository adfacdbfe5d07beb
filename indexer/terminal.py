"""How do results, reports and progress look in a terminal?

Colours and progress bars are for terminals; a pipe gets plain lines. `NO_COLOR` is obeyed.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from indexer.checkup import Findings
from indexer.report import Report
from indexer.results import Fragment, Hit, Newer, Results
from indexer.verdict import Verdict

#: Files named for each kind of finding; `--json` names them all.
_MOST_LINES = 20


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


def show_results(results: Results, link: Callable[[Hit | Newer], str]) -> None:
    """Print a page of results for a person."""
    console = _console()
    show_hits(results.hits, link)
    if results.missing and results.total > results.total_all_words:
        lacking = ", ".join(results.missing)
        console.print(
            Text(f"{results.total_all_words} posts have all words; the others lack some of: {lacking}", "dim")
        )
    if results.did_you_mean:
        console.print(_safe(f"Did you mean: {results.did_you_mean}", "bold"))
    for one in results.without:
        console.print(_safe(f"nothing with {one.filter}, {_counted(one.total, 'post')} without it", "yellow"))
    for hint in results.hints:
        console.print(_safe(hint.text, "yellow"))
    counted = _counted(results.total, "post")
    if results.page > max(1, results.pages):
        counted = f"there is no page {results.page}: {counted}"
    pages = f", page {results.page} of {results.pages}" if 1 < results.pages >= results.page else ""
    console.print(Text(f"{counted}{pages} ({results.took_ms:.1f} ms)", "dim"))


def show_hits(hits: Iterable[Hit], link: Callable[[Hit | Newer], str]) -> None:
    """Print posts for a person."""
    console = _console()
    for hit in hits:
        _show_hit(console, hit, link)


def _show_hit(console: Console, hit: Hit, link: Callable[[Hit | Newer], str]) -> None:
    console.print(_marked(hit.title_marks or [Fragment(hit.title)], "bold"))
    console.print(_safe("  ".join(filter(None, [(hit.date or "")[:10], link(hit)])), "green"))
    if newer := hit.superseded_by:
        console.print(_safe(f"There is a newer post: {link(newer) or newer.url}", "yellow"))
    if hit.subtitle:
        console.print(_safe(f"in: {hit.subtitle.heading}", "cyan"))
    if hit.snippet:
        console.print(_marked(hit.snippet))
    if hit.tags:
        console.print(_safe("tags: " + ", ".join(hit.tags), "cyan"))
    console.print()


def show_report(report: Report, before: Report | None = None) -> None:
    """Print what a build did; of single files only what *before*, the report of the build before, did not say."""
    console = _console()
    known = before.named if before else ()
    _show_list(console, "skipped", [one for one in report.skipped if one not in known], "red")
    _show_list(console, "hidden", [one for one in report.hidden if one not in known], "dim")
    _show_list(console, "warning", [one for one in report.warnings if one not in known], "yellow")
    changes = f"{report.added} added, {report.updated} updated, {report.removed} removed, {report.unchanged} unchanged"
    left_out = f"{len(report.skipped)} skipped, {len(report.hidden)} hidden"
    if report.search_tests:
        left_out += f"; {_counted(report.search_tests, 'search test')} passed"
    console.print(Text(f"{_counted(report.posts, 'post')}: {changes}; {left_out} ({report.seconds:.1f} s)"))


def show_findings(findings: Findings) -> None:
    """Print what a check found."""
    console = _console()
    _show_list(console, "error", findings.errors, "red", most=None)
    _show_list(console, "warning", findings.warnings, "yellow", most=None)
    _show_list(console, "hidden", findings.hidden, "dim", most=None)
    errors, warnings = _counted(len(findings.errors), "error"), _counted(len(findings.warnings), "warning")
    counts = f"{errors}, {warnings}, {len(findings.hidden)} hidden"
    console.print(Text(f"{_counted(findings.posts, 'post')}; {counts}"))


def show_verdict(verdict: Verdict) -> None:
    """Print why a post is where it is, and how its score comes about."""
    lines = [*verdict.reasons]
    if told := verdict.explanation:
        lines += [f"{word.texts:8.3f} + {word.title:.3f} in the title: {', '.join(word.terms)}" for word in told.words]
        lines += [f"{told.nearness:8.3f} for words near each other"]
        lines += [f"x {factor:6.3f} {name}" for name, factor in told.factors.items()]
        lines += [f"= {told.score:6.3f}"]
    show_lines(lines)


def show_lines(lines: Iterable[str]) -> None:
    """Print *lines* as they are."""
    console = _console()
    for line in lines:
        console.print(_safe(line))


def _show_list(
    console: Console, kind: str, found: Sequence[object], style: str, most: int | None = _MOST_LINES
) -> None:
    for one in found[:most]:
        console.print(Text.assemble((f"{kind}: ", style), _safe(one)))
    if most and len(found) > most:
        console.print(Text(f"{kind}: and {len(found) - most} more; --json names them all", style))


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _marked(fragments: Iterable[Fragment], style: str = "") -> Text:
    return Text.assemble(*(_safe(run.text, "bold yellow" if run.marked else style) for run in fragments))


def _safe(text: object, style: str = "") -> Text:
    """*text* of a stranger's, in which nothing moves the cursor or breaks the line."""
    return Text("".join(character if character.isprintable() else "?" for character in str(text)), style)


def _console() -> Console:
    # Wide lines in a pipe belong to the next program; rich would break them at 80 characters.
    return Console(soft_wrap=True, highlight=False, width=None if sys.stdout.isatty() else 10_000)
