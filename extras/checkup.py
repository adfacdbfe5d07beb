"""What is wrong or odd with posts, or with an index, before a reader meets it? `postsearch check` says it."""

import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import click
from rich.text import Text

from indexer import corpus, terminal
from indexer.cli import json_option, pass_settings, tell
from indexer.engines import open_engine
from indexer.errors import PostsearchError
from indexer.permalink import clashes
from indexer.reading import Account, Progress, options
from indexer.report import Hidden, Remark
from indexer.settings import Settings
from indexer.terminal import counted, safe


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What a check found."""

    #: How many public posts there are.
    posts: int

    #: What keeps a post, or the index, from being used.
    errors: tuple[Remark, ...] = ()

    #: What makes a post harder to find, or not what its author wrote.
    warnings: tuple[Remark, ...] = ()

    hidden: tuple[Hidden, ...] = ()


def check_content(settings: Settings, *, progress: Progress = lambda done, total: None) -> Findings:
    """Read every post of the content folder as a build would, and write nothing."""
    how, account = options(settings), Account()
    urls: dict[str, str] = {}
    for post, untitled in account.posts(list(corpus.walk(settings.content)), how, settings.jobs, progress):
        urls[post.id] = post.url
        lacks = [lack for name, lack in _LACKS.items() if not getattr(post, name)]
        if untitled:
            lacks.append(f"has no title; it is listed as {post.title!r}, after its name")
        account.warnings += [Remark(post.id, None, lack) for lack in lacks]
    warnings = (*account.warnings, *(Remark(id, None, reason) for id, reason in clashes(urls)))
    return Findings(posts=len(urls), errors=tuple(account.skipped), warnings=warnings, hidden=tuple(account.hidden))


_LACKS = {"body": "has no text", "date": "has no date, in its front matter or in its path", "tags": "has no tags"}


def check_index(settings: Settings) -> Findings:
    """Look at every file of the index, and read every post in it."""
    with closing(open_engine(settings)) as engine:
        try:
            engine.check()
            held, whole = engine.urls(), engine.digests()
            lost = [id for id in held if id not in whole or engine.post(id) is None]
            errors = tuple(Remark(id, None, "cannot be read back; build again") for id in lost)
            return Findings(posts=len(held), errors=errors)
        except PostsearchError as error:
            reason = str(error).removeprefix(f"{settings.index}: ")
            return Findings(posts=0, errors=(Remark(str(settings.index), None, reason),))


def finding_lines(findings: Findings) -> Iterator[Text]:
    """What a check found."""
    for kind, found in (("error", findings.errors), ("warning", findings.warnings), ("hidden", findings.hidden)):
        yield from terminal.named(kind, found)
    errors, warnings = counted(len(findings.errors), "error"), counted(len(findings.warnings), "warning")
    yield safe(f"{counted(findings.posts, 'post')}; {errors}, {warnings}, {len(findings.hidden)} hidden")


@click.command("check")
@click.argument("content", required=False, type=click.Path(path_type=Path))
@pass_settings
@json_option
def command(settings: Settings, as_json: bool) -> None:
    """Say what search makes of the posts below CONTENT; with --index, whether the index is whole.

    Writes nothing. Exits with 1 if there are errors.

    \b
    Examples:
      postsearch check content
      postsearch check --index .postsearch
    """
    given = click.get_current_context().params
    if given["content"] and given["index"]:
        raise click.UsageError("check either CONTENT or --index, one at a time")
    if given["index"]:
        findings = check_index(settings)
    else:
        with terminal.progress("Reading posts", quiet=as_json) as told:
            findings = check_content(settings, progress=told)
    tell(as_json, findings, finding_lines(findings))
    sys.exit(1 if findings.errors else 0)
