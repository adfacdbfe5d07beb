"""What does the index hold? The commands `tags`, `stats` and `related` tell it."""

import click
import msgspec

from indexer import Engine, Settings, answer, errors, terminal
from indexer.cli import pass_engine, shown_at, tell
from indexer.facets import beginning
from indexer.search import MOST_PER_PAGE


@click.command()
@click.argument("id")
@click.option("--limit", type=click.IntRange(1, MOST_PER_PAGE), default=5, show_default=True)
@pass_engine
def related(settings: Settings, engine: Engine, id: str, limit: int, as_json: bool) -> None:
    """List the posts that are most like the post ID.

    \b
    Examples:
      postsearch related 2023/backups.md
      postsearch related 2023/backups.md --limit 3 --json
    """
    if (hits := engine.related(id, limit)) is None:
        raise errors.QueryError(f"there is no post {id!r}; `postsearch search` shows the ids of posts", param="id")
    tell(as_json, answer.related(hits, site_url=settings.site_url), terminal.hit_lines(hits, shown_at(settings)))


@click.command()
@click.option("--prefix", default="", help="Only tags that begin so.")
@pass_engine
def tags(settings: Settings, engine: Engine, prefix: str, as_json: bool) -> None:
    """List the tags and how many posts have each.

    \b
    Examples:
      postsearch tags
      postsearch tags --prefix py
      postsearch tags --json
    """
    found = list(beginning(engine.tags(), prefix))
    tell(as_json, answer.tags(found), (f"{tag.count:>6}  {tag.value}" for tag in found))


@click.command()
@pass_engine
def stats(settings: Settings, engine: Engine, as_json: bool) -> None:
    """Say how much the index holds.

    \b
    Examples:
      postsearch stats
      postsearch stats --index .postsearch
    """
    figures = {name: value for name, value in msgspec.to_builtins(engine.stats()).items() if value != ""}
    tell(as_json, figures, (f"{name:<11} {value}" for name, value in figures.items()))
