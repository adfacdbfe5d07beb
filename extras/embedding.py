"""How does the search box get into a site? The commands `embed` and `export` put it there."""

from base64 import b64encode
from hashlib import sha384
from importlib.resources import files
from pathlib import Path
from typing import Any

import click
import msgspec

from indexer import Engine, Searchable, Settings, answer, search
from indexer.cli import pass_engine, tell
from indexer.search import MOST_PER_PAGE

SCRIPT = files("server") / "static" / "post-search.js"

_PAGE = """<post-search{mode}>
  <form action="{server}/search" role="search">
    <input type="search" name="q" aria-label="Search"> <button>Search</button>
  </form>
</post-search>
<script src="{server}/static/post-search.js" integrity="sha384-{digest}" crossorigin="anonymous" defer></script>"""


@click.command()
@click.argument("server")
@click.option("--dialog", is_flag=True, help="A button that opens a dialog, not a field with answers below it.")
def embed(server: str, dialog: bool) -> None:
    """Print the lines that put the search box on a page, for the search server at the address SERVER.

    The digest in them keeps browsers from running any other script: print them anew after an update.

    \b
    Examples:
      postsearch embed https://search.example.org
      postsearch embed https://search.example.org --dialog
    """
    digest = b64encode(sha384(SCRIPT.read_bytes()).digest()).decode()
    click.echo(_PAGE.format(server=server.rstrip("/"), digest=digest, mode=' mode="dialog"' * dialog))


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@pass_engine
def export(settings: Settings, engine: Engine, folder: Path, as_json: bool) -> None:
    """Write what a site may keep of its search into FOLDER: the script of the box, and two files of data.

    related.json has five related posts for each post, for your generator; posts.json has title, address, date, tags
    and description of every post.

    \b
    Examples:
      postsearch export static/search
    """
    posts = list(_posts(engine, settings.site_url))
    about = {one["id"]: answer.related(engine.related(one["id"]) or (), site_url=settings.site_url) for one in posts}
    related = {id: [{"url": one.url, "title": one.title} for one in told.related] for id, told in about.items()}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / SCRIPT.name).write_bytes(SCRIPT.read_bytes())
    (folder / "related.json").write_bytes(msgspec.json.encode(related))
    (folder / "posts.json").write_bytes(msgspec.json.encode(posts))
    written = [SCRIPT.name, "related.json", "posts.json"]
    tell(as_json, {"posts": len(posts), "files": written}, [f"{folder}: {', '.join(written)}, of {len(posts)} posts"])


def _posts(engine: Searchable, site_url: str) -> Any:
    """What is told of every post, the newest first."""
    page = 1
    while found := search(engine, page=page, per_page=MOST_PER_PAGE, facets=(), snippets=False).hits:
        for told in answer.related(found, site_url=site_url).related:
            yield {name: value for name, value in msgspec.structs.asdict(told).items() if name != "score"}
        page += 1
