"""The commands of `postsearch` that need no server."""

import errno
import io
import os
import signal
import sys
from collections.abc import Callable, Iterable
from contextlib import closing
from functools import partial, wraps
from operator import attrgetter
from pathlib import Path
from typing import Any, NoReturn

import click
import msgspec

from indexer import SORTS, Curation, Engine, Settings, answer, errors, open_engine, search, sync, terminal
from indexer.extras import extras
from indexer.search import MOST_PER_PAGE

#: What a command exits with; any other error of ours is wrong usage: 2.
EXIT_CODES: dict[type[errors.PostsearchError], int] = {
    errors.BuildRefusedError: 1,
    errors.IndexMissingError: 3,
    errors.IndexOutdatedError: 3,
    errors.IndexDamagedError: 3,
    errors.IndexBusyError: 4,
    errors.IndexUnwritableError: 5,
}


class Commands(click.Group):
    """A group of commands whose foreseen errors are one line and an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names, and those of extras."""
        return sorted({*super().list_commands(ctx), *extras("commands")})

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The command of that name, or an extra's."""
        return super().get_command(ctx, name) or extras("commands").get(name)

    def invoke(self, ctx: click.Context) -> Any:
        if isinstance(sys.stdout, io.TextIOWrapper):
            # A terminal that knows fewer characters gets question marks, not a traceback.
            sys.stdout.reconfigure(errors="replace")
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result
        except click.NoSuchOption as error:
            if error.option_name.startswith("--"):
                raise
            hint = "To leave out posts with a word, put -- before the words: postsearch search -- -word"
            raise click.UsageError(f"{error.message}\n{hint}", ctx=error.ctx) from error
        except errors.PostsearchError as error:
            click.echo(f"postsearch: {error}", err=True)
            ctx.exit(EXIT_CODES.get(type(error), 2))
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise
            # Python would try again to write at its end, and complain.
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            click.echo(f"postsearch: cannot write: {error.strerror or error}", err=True)
            ctx.exit(5)
        except KeyboardInterrupt as stop:
            click.echo("postsearch: stopped before it was done", err=True)
            ctx.exit(128 + (stop.args or (signal.SIGINT,))[0])


def _stop(number: int, _: object) -> NoReturn:
    raise KeyboardInterrupt(number)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="postsearch", message="%(prog)s %(version)s")
@click.option("--config", type=click.Path(path_type=Path), help="The settings file [default: ./postsearch.toml].")
@click.pass_context
def cli(ctx: click.Context, config: Path | None) -> None:
    """Search for blogs and static sites.

    \b
    Examples:
      postsearch build content        read the posts into the index
      postsearch search kubernetes    ask from the terminal
      postsearch serve                answer your site's search box
    """
    signal.signal(signal.SIGTERM, _stop)
    ctx.obj = config


json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")


def pass_settings(run: Callable[..., None]) -> Callable[..., None]:
    """Call a command with the settings, about which its options have the last word, and with its other options."""

    @click.option("--index", type=click.Path(path_type=Path), help="The folder of the index.")
    @click.pass_obj
    @wraps(run)
    def called(config: Path | None, /, **given: Any) -> None:
        chosen = {name: given.pop(name) for name in given.keys() & {*Settings.__slots__}}
        run(Settings.load(config, **chosen), **given)

    return called


def pass_engine(run: Callable[..., None]) -> Callable[..., None]:
    """Call a command with the settings, an engine for as long as it runs, and its options; one is `--json`."""

    @pass_settings
    @json_option
    @wraps(run)
    def called(settings: Settings, /, **given: Any) -> None:
        with closing(open_engine(settings)) as engine:
            run(settings, engine, **given)

    return called


def tell(as_json: bool, told: object, lines: Iterable[object]) -> None:
    """Print what is *told* as one line of JSON; or as *lines* to a person."""
    if as_json:
        click.echo(msgspec.json.encode(told).decode())
    else:
        terminal.show(lines)


@cli.command()
@click.argument("content", required=False, type=click.Path(path_type=Path))
@click.option("--full", is_flag=True, help="Read every post again, changed or not.")
@click.option("--strict", is_flag=True, help="Publish nothing if any file cannot be read.")
@pass_settings
@json_option
def build(settings: Settings, full: bool, strict: bool, as_json: bool) -> None:
    """Read the posts below CONTENT into the index.

    Only what changed is read again. A file that cannot be read is left out and named; drafts and the like are
    hidden. Exits with 0 if the index was published.

    \b
    Examples:
      postsearch build
      postsearch build content --strict
      postsearch build content --json | jq .skipped
    """
    with terminal.progress("Reading posts", quiet=as_json) as told:
        report = sync(settings, full=full, strict=strict, progress=told, waiting=terminal.show_waiting)
    tell(as_json, report, terminal.report_lines(report))


@cli.command("search")
@click.argument("words", nargs=-1)
@click.option("--tag", multiple=True, help="Only posts with this tag; repeat for all of several.")
@click.option("--tag-any", multiple=True, help="Only posts with any of these tags.")
@click.option("--tag-not", multiple=True, help="No posts with this tag.")
@click.option("--category", multiple=True, help="Only posts in any of these categories.")
@click.option("--year", multiple=True, help="Only posts of any of these years.")
@click.option("--lang", multiple=True, help="Only posts in any of these languages.")
@click.option("--after", metavar="DATE", help="Only posts of this day, month or year, or later.")
@click.option("--before", metavar="DATE", help="Only posts before this day, month or year.")
@click.option("--sort", type=click.Choice(SORTS), default="relevance", show_default=True)
@click.option("--page", type=click.IntRange(min=1), default=1, show_default=True)
@click.option("--per-page", type=click.IntRange(1, MOST_PER_PAGE), default=10, show_default=True)
@pass_engine
def search_command(settings: Settings, engine: Engine, words: tuple[str, ...], as_json: bool, **narrowed: Any) -> None:
    """Find posts that answer WORDS.

    \b
    Words are wanted, not required; posts with all of them come first.
      "exact phrase"   these words, side by side
      -word            posts without it (write -- before a first word that begins so)
      a OR b           either
      word*            every word that begins so
      tag:x  -tag:x    posts with, without a tag; so category:x, author:x, lang:en, year:2024
      title:word       posts with a word in the title
      after:2024-01    posts of that time or later; before:2024 for earlier ones

    \b
    Examples:
      postsearch search front matter
      postsearch search '"front matter" -draft' --tag writing
      postsearch search --sort newest --after 2024 -- tags -html
    """
    results = search(engine, " ".join(words), curation=Curation.load(settings), **narrowed)
    told = answer.of(results, site_url=settings.site_url)
    tell(as_json, told, terminal.result_lines(results, shown_at(settings)))


def shown_at(settings: Settings) -> Callable[..., str]:
    """What names a post in a terminal: its address, or its id where there is no site."""
    return partial(answer.link, site_url=settings.site_url) if settings.site_url else attrgetter("id")


@cli.command()
@pass_engine
def rollback(settings: Settings, engine: Engine, as_json: bool) -> None:
    """Search again what was held before the last build.

    The next build brings the posts up to date. A build that took posts away leaves nothing to go back to: what is
    public no more does not come back.

    \b
    Examples:
      postsearch rollback
      postsearch rollback --index .postsearch
    """
    if not engine.rollback():
        raise errors.IndexMissingError(f"{settings.index}: no earlier generation is kept", index=settings.index)
    held = engine.stats()
    said = f"{settings.index} holds {held.posts} posts, as before the last build"
    tell(as_json, {"posts": held.posts, "generation": held.generation}, [said])


def main(arguments: Iterable[str] | None = None) -> None:
    """Run the command line."""
    cli.main(args=None if arguments is None else list(arguments), prog_name="postsearch")
