"""How many posts a second are read: in all, and in each stage?

    python benchmarks/extract.py [FOLDER ...] [--limit N]

Reads every post below the folders (default: the folders of ../shared/corpora, else content/) with both renderers,
with one process and with one for each core. The stages are timed apart, in one process, in milliseconds of CPU time
for a post. Figures depend on the posts and the machine; ratios between lines of one run hold.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from indexer import corpus, frontmatter, markup, plaintext, source, templates
from indexer.anchors import Anchors
from indexer.corpus import File
from indexer.errors import ContentError, SettingsError
from indexer.extract import Extracted
from indexer.reading import options, read_all
from indexer.settings import Settings
from indexer.workers import cores

CORPORA = Path(__file__).parents[2] / "shared" / "corpora"
CONTENT = Path(__file__).parents[1] / "content"


def main() -> None:
    """Measure, and print a table."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folders", nargs="*", type=Path)
    arguments.add_argument("--limit", type=int, default=1_000_000, help="files of each folder, at most")
    chosen = arguments.parse_args()
    folders = chosen.folders or (sorted(filter(Path.is_dir, CORPORA.iterdir())) if CORPORA.exists() else [CONTENT])
    files = [found for folder in folders for found in files_of(folder)[: chosen.limit]]
    size = sum(Path(file.place).stat().st_size for file in files) / 1e6
    print(f"{len(files)} files, {size:.1f} MB, {cores()} cores")
    for renderer in ("markdown", "commonmark"):
        for jobs in sorted({1, cores()}):
            rate(files, size, renderer, jobs)
    stages(files)


def files_of(folder: Path) -> list[File]:
    """The files below *folder* that may be posts."""
    return [found for found in corpus.walk(folder) if isinstance(found, File)]


def rate(files: list[File], size: float, renderer: str, jobs: int) -> None:
    """Print how fast *jobs* processes read *files*."""
    try:
        how = options(Settings.load(renderer=renderer))
    except SettingsError as error:
        print(f"{renderer:<11} {error}")
        return
    started = perf_counter()
    posts = sum(isinstance(one, Extracted) and one.post is not None for one in read_all(files, how, jobs=jobs))
    seconds = perf_counter() - started
    print(
        f"{renderer:<11} {jobs} process{'es' * (jobs > 1)}: {posts / seconds:7.0f} posts/s {size / seconds:6.1f} MB/s"
    )


def stages(files: list[File]) -> None:
    """Print how long each stage takes for a post."""
    spent: dict[str, float] = defaultdict(float)

    def timed(name: str, step: Callable[..., Any], *arguments: Any) -> Any:
        started = process_time()
        try:
            return step(*arguments)
        finally:
            spent[name] += process_time() - started

    for file in files[::5]:
        try:
            data = timed("open", source.read_bytes, file.place)
            text, _ = timed("decode", source.decode, data)
            front = timed("front matter", frontmatter.split, text)
        except ContentError:
            continue
        plain, cupboard = timed("templates", templates.strip, front.body)
        for renderer in ("markdown", "commonmark"):
            html = timed(renderer, markup.render, plain, renderer)
        timed("text", plaintext.read, html, Anchors("github"), cupboard)
    for name, seconds in spent.items():
        print(f"  {name:<13} {seconds / len(files[::5]) * 1000:6.3f} ms")


if __name__ == "__main__":
    main()
