"""Why is a post where it is in an answer, or not there at all, in words for its author?"""

from collections.abc import Iterator

import click
import msgspec

from extras.explanation import Explanation, explain
from indexer import corpus, reading
from indexer.cli import pass_engine, tell
from indexer.curation import Curation
from indexer.engine import Engine
from indexer.report import Remark
from indexer.settings import Settings


class Verdict(msgspec.Struct, frozen=True):
    """What can be said of a post and a question."""

    #: Its id; or what was asked for, if no such post is held.
    post: str

    #: Each a sentence without its stop.
    reasons: tuple[str, ...]

    #: None if the post is not held.
    explanation: Explanation | None


def verdict(settings: Settings, engine: Engine, text: str, post: str) -> Verdict:
    """Why the question *text* has *post*, an id or an address, where it has it."""
    url = post.removeprefix(settings.site_url.rstrip("/")).strip("/")
    id = post if engine.post(post) else next((id for id, at in engine.urls().items() if at.strip("/") == url), post)
    told = explain(engine, id, text, curation=Curation.load(settings))
    return Verdict(id, tuple(_reasons(told)) if told else (_absence(settings, post),), told)


def _reasons(told: Explanation) -> Iterator[str]:
    why = {"pinned": ", pinned", "titled": ", on top since its title begins so"}.get(told.on_top, "")
    yield f"it is at place {told.rank} of {told.total}{why}" if told.rank else f"it is not among the {told.total} found"
    if told.rank and told.page_ends_at and told.page_ends_at > told.score:
        yield f"its score is {told.page_ends_at - told.score:.3f} below that of the last post on the first page"
    if told.kept_out_by:
        yield f"it is kept out by {', '.join(told.kept_out_by)}"
    for word, others in told.lacks.items():
        yield f"it lacks {word}" + (f", though it has {', '.join(others)}" if others else "")


def _absence(settings: Settings, post: str) -> str:
    """Why no *post* is held, told by its file."""
    found = [found for found in corpus.walk(settings.content) if found.path == post]
    for came_to in reading.read_all(found, reading.options(settings)):
        reason = came_to if isinstance(came_to, Remark) else came_to.hidden
        return f"it is left out: {reason}" if reason else "it is not in the index: run `postsearch build`"
    return f"no post of the index has this id or address, and no file below {settings.content} has this path"


def verdict_lines(verdict: Verdict) -> Iterator[str]:
    """Why a post is where it is, and how its score comes about."""
    yield from verdict.reasons
    if told := verdict.explanation:
        yield from (f"{one.texts:8.3f} + {one.title:.3f} in the title: {', '.join(one.terms)}" for one in told.words)
        yield f"{told.nearness:8.3f} for words near each other"
        yield from (f"x {factor:6.3f} {name}" for name, factor in told.factors.items())
        yield f"= {told.score:6.3f}"


@click.command("why")
@click.argument("query")
@click.argument("post")
@pass_engine
def command(settings: Settings, engine: Engine, query: str, post: str, as_json: bool) -> None:
    """Say why POST, an id or an address, is where it is in the answer to QUERY, or why-not.

    \b
    Examples:
      postsearch why 'front matter' 2024/front-matter.md
      postsearch why-not 'tag:writing front matter' drafts/idea.md --json
    """
    told = verdict(settings, engine, query, post)
    tell(as_json, told, verdict_lines(told))
