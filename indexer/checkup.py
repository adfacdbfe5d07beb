"""What is wrong or odd with posts, or with an index, before a reader meets it?"""

from contextlib import closing
from dataclasses import dataclass

from indexer import corpus
from indexer.engines import open_engine
from indexer.errors import PostsearchError
from indexer.permalink import clashes
from indexer.reading import Account, Progress, options
from indexer.report import Hidden, Remark
from indexer.settings import Settings


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
