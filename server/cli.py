"""Which commands does `postsearch` have? Those of the indexer, and `serve`."""

import click

from indexer import Settings
from indexer.cli import cli, main, pass_settings

__all__ = ["main"]  # the command `postsearch`


@cli.command("serve")
@click.option("--host", help="The address to listen on; 127.0.0.1 is seen by this machine only.")
@click.option("--port", type=int, help="The port to listen on; 0 takes any that is free.")
@click.option("--workers", type=int, help="How many processes answer.")
@click.option("--site-url", help="Where the site is published; it makes links to posts absolute.")
@pass_settings
def serve_command(settings: Settings) -> None:
    """Answer questions over HTTP: readers at /search, programs at /api/v1/search.

    Stops on Ctrl-C.

    \b
    Examples:
      postsearch serve
      postsearch serve --port 0 --site-url https://example.org
    """
    # Flask and granian take longer to load than most commands take to run.
    from server.serve import serve

    serve(settings)
