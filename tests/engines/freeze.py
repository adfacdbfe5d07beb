"""How is the frozen index made, by which the tests see that an index written before is still read?

    python -m tests.engines.freeze

writes `tests/engines/frozen` anew. Run it when `VERSION` in `indexer/engines/whoosh/generations.py` has gone up, and
at no other time: as long as the version stays, what has been written has to be read.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from indexer.engines.whoosh import writing
from indexer.engines.whoosh.generations import Generations
from indexer.post import Post, Section

FROZEN = Path(__file__).parent / "frozen"

_DIGEST = "0123456789abcdef0123456789abcdef"


def _post(id: str, title: str, body: str, *tags: str, **more: object) -> Post:
    kept = {"id": id, "url": f"/{id.removesuffix('.md')}/", "title": title, "body": body, "tags": tags}
    return Post(**{"digest": _DIGEST, **kept, **more})  # type: ignore[arg-type]  # of each field its own


EARLY = (
    _post("bread.md", "Baking bread", "Flour, water and salt. The dough rests for a night.", "Kitchen", "slow food"),
    _post("breads.md", "Two breads", "Rye bread is baked longer than wheat bread.", "Kitchen", date="2021-03-04"),
    _post("cafe.md", "Ein Café in Köln", "Großes Frühstück, schöne Straße.", "café", language="de"),
    _post(
        "mesh/intro.md", "服务网格", "服务网格是一个基础设施层。", "Service Mesh", "网格", date="2023-08-14T12:07:00Z"
    ),
    _post("mesh/two.md", "Sidecars", "A service mesh puts a proxy beside each service.", "service-mesh", language="en"),
    _post("flask.md", "Flask in C++?", "import flask; from foo_bar import baz  # h100", "c++", "Flask"),
    _post("привет.md", "Привет, мир", "Первая запись в блоге.", date="2020"),
    _post("strange.md", "Odd \ud800 signs", "x" * 200 + " and the end", date=None),
    _post("empty.md", "!?", ""),
    _post("long.md", "A long one", " ".join(f"word{number % 90}" for number in range(900))),
    _post(
        *("whole.md", "Everything that a post may have", "Begin\nHere it begins.\nEnd\nHere it ends."),
        *("one", "two"),
        description="All fields are set.",
        date="2022-02-22",
        updated="2022-03-01T10:00:00Z",
        categories=("Examples",),
        authors=("Ada", "Grace"),
        language="en",
        image="/pictures/whole.png",
        sections=(
            Section(heading="Begin", anchor="begin", level=2, start=0),
            Section(heading="End", anchor="end", level=3, start=22),
        ),
    ),
)
LATE = (
    _post("news.md", "News from the kitchen", "The bread is ready.", "kitchen", "news", date="2024-01-01"),
    _post("salt.md", "Salt", "A pinch of salt for the dough.", "Kitchen", categories=("Examples",)),
)
DROPPED = _post("dropped.md", "Dropped", "Nobody finds this bread.", "Kitchen", "secret")
POSTS = (*EARLY, *LATE)


def freeze(folder: Path) -> None:
    """Write an index into *folder*: of two segments, in the first of which a post is masked."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    generations = Generations(folder)
    with generations.fresh() as fresh:
        writing.create(fresh)
        writing.change(fresh, [*EARLY, DROPPED], ())
        writing.change(fresh, LATE, [DROPPED.id])
        generations.publish(fresh, writing.name(fresh))


if __name__ == "__main__":
    freeze(FROZEN)
