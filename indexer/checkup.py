"""What is wrong or odd with posts, or with an index, before a reader meets it?"""

from contextlib import closing
from dataclasses import dataclass

from indexer import corpus
from indexer.engines import open_engine
from indexer.errors import PostsearchError
from indexer.permalink import clashes
from indexer.post import is_address
from indexer.reading import options, read_all
from indexer.report import Hidden, Remark
from indexer.settings import Settings
from indexer.sync import Progress


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
    how = options(settings)
    files = list(corpus.walk(settings.content))
    errors: list[Remark] = []
    warnings: list[Remark] = []
    hidden: list[Hidden] = []
    urls: dict[str, str] = {}
    newer: dict[str, str] = {}
    for done, (found, came_to) in enumerate(zip(files, read_all(files, how, jobs=settings.jobs), strict=True), 1):
        if isinstance(came_to, Remark):
            errors.append(came_to)
        else:
            warnings += [Remark(found.path, line, reason) for line, reason in came_to.remarks]
            if came_to.hidden:
                hidden.append(Hidden(found.path, came_to.hidden))
            if post := came_to.post:
                urls[post.id], newer[post.id] = post.url, post.superseded_by
                lacks = [lack for name, lack in _LACKS.items() if not getattr(post, name)]
                if came_to.untitled:
                    lacks.append(f"has no title; it is listed as {post.title!r}, after its name")
                warnings += [Remark(found.path, None, lack) for lack in lacks]
        progress(done, len(files))
    warnings += [Remark(id, None, reason) for id, reason in clashes(urls)]
    lost = [id for id, name in newer.items() if name and name not in urls and not is_address(name)]
    warnings += [Remark(id, None, f"superseded_by: {newer[id]!r} is no public post, nor an address") for id in lost]
    return Findings(posts=len(urls), errors=tuple(errors), warnings=tuple(warnings), hidden=tuple(hidden))


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
