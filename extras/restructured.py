"""What does a post in reStructuredText say: its fields, and its HTML?

docutils, the extra `rst`, is told not to read other files, not to pass raw HTML, and to read no configuration: by
default a post could show any file that the build may read.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from indexer.errors import ContentError
from indexer.frontmatter import FrontMatter
from indexer.metadata import Metadata, Value, metadata

_SAFE = {
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "_disable_config": True,
    "report_level": 5,
    "halt_level": 5,
    "output_encoding": "unicode",
    "stylesheet_path": "",
    "syntax_highlight": "none",
    "math_output": "LaTeX",
    "line_length_limit": 100_000,
}


# docutils names a section, where other generators name its heading.
_SECTION = re.compile(r'<section\b[^<>]*\bid="([^"<>]*)"[^<>]*>(?:\s*<span\b[^<>]*></span>)*\s*<h([1-6])')


def front_matter(text: str) -> FrontMatter:
    """The post in *text*: its title and field list as metadata, and its body as HTML.

    Raises `ContentError` if docutils is not installed, or gives up.
    """
    try:
        from docutils import core, nodes

        from extras import directives
    except ImportError as error:
        raise ContentError(
            "is reStructuredText, which needs: pip install '.[rst]' in the clone of postsearch"
        ) from error
    directives.register(text)
    try:
        tree = core.publish_doctree(text, settings_overrides=_SAFE)
        found = metadata(list(_fields(tree, nodes)))
        # The title and the fields are no part of the text.
        for node in list(tree.findall(nodes.docinfo)) + [child for child in tree if isinstance(child, nodes.title)]:
            node.parent.remove(node)
        parts = core.publish_from_doctree(tree, writer="html5", settings_overrides=_SAFE)
    except (RecursionError, MemoryError):
        raise
    except Exception as error:
        # docutils lets go of whatever its directives raise.
        raise ContentError(f"cannot be read as reStructuredText: {type(error).__name__}") from error
    body = _SECTION.sub(r'<section><h\2 id="\1"', str(parts))
    return FrontMatter(dialect="rest", metadata=found, body=body, body_line=1)


def _fields(tree, nodes) -> Iterator[tuple[str, Value, int]]:  # type: ignore[no-untyped-def]
    if title := tree.get("title"):
        yield "title", title, 1
    for info in tree.findall(nodes.docinfo):
        for field in info:
            if isinstance(field, nodes.field):
                yield field[0].astext(), field[1].astext(), field.line or 0
            elif isinstance(field, nodes.authors):
                yield "authors", [author.astext() for author in field], field.line or 0
            else:
                yield field.tagname, field.astext(), field.line or 0


def read(front: FrontMatter) -> FrontMatter:
    """*front*, if its metadata are of another dialect, with its body as HTML; else what `front_matter` makes of it."""
    inner = front_matter(front.body)
    return replace(front, metadata=Metadata(front.metadata.entries or inner.metadata.entries), body=inner.body)
