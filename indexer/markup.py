"""What does a post's markup become: the HTML of a source in Markdown.

Python-Markdown tries each of its twenty inline patterns on each piece of text. A pattern cannot match where the
character is missing that it begins with, so most trials can be left out, with the same HTML; that, and no
indentation of the result, is 1.5 times as fast over real posts.
"""

import re
import threading
from collections.abc import Callable, Mapping
from functools import cache, cached_property
from importlib.util import find_spec
from typing import Any

import markdown
from markdown.treeprocessors import InlineProcessor
from markdown.util import AtomicString

from indexer.errors import ContentError, SettingsError

_EXTENSIONS = ("tables", "footnotes", "def_list", "admonition", "attr_list", "abbr", "md_in_html")
_TRIGGERS: Mapping[str, str] = {
    "backtick": "`", "escape": "\\", "linebreak": "  \n", "entity": "&", "html": "<", "autolink": "<", "automail": "<",
    "link": "[", "reference": "[", "short_reference": "[", "footnote": "[^",
    "image_link": "![", "image_reference": "![", "short_image_ref": "![",
}  # fmt: skip
_SPECIAL = re.compile(r"[`\\\[<&*_]|  \n")
# The figure of a footnote, and the arrow that leads back from it, are links and not words.
_FOOTNOTE_LINKS = re.compile(
    r'<sup (?:id="fnref|class="footnote-)[^>]{0,200}>.{0,200}?</sup>|<a class="footnote-backref".{0,200}?</a>',
    re.DOTALL,
)
_of_thread = threading.local()


def render(source: str, name: str = "markdown") -> str:
    """The HTML of *source*, whose code fences have been put away, by the renderer of that *name*.

    Raises `ContentError` if the renderer gives up.
    """
    try:
        html = _commonmark()(source) if name == "commonmark" else _markdown(source)
    except (RecursionError, MemoryError):
        raise
    except Exception as error:
        raise ContentError(f"cannot be rendered as Markdown: {type(error).__name__}") from error
    return _FOOTNOTE_LINKS.sub("", html) if "footnote" in html else html


def require(name: str) -> None:
    """Raise `SettingsError` if the renderer of that *name* is not installed."""
    if name == "commonmark" and find_spec("pyromark") is None:
        raise SettingsError("renderer: commonmark needs: pip install 'postsearch[fast]'", key="renderer")


def _markdown(source: str) -> str:
    # A Markdown object is costly to make, and keeps state while it works: one for each thread.
    if not hasattr(_of_thread, "renderer"):
        _of_thread.renderer = renderer(quick=True)
    try:
        return str(_of_thread.renderer.reset().convert(source))
    except BaseException:
        # It has stopped in the middle of something, and would read the next post wrong.
        del _of_thread.renderer
        raise


@cache
def _commonmark() -> Callable[[str], str]:
    from pyromark import Markdown, Options

    chosen = Options.ENABLE_TABLES | Options.ENABLE_FOOTNOTES | Options.ENABLE_STRIKETHROUGH
    chosen |= Options.ENABLE_TASKLISTS | Options.ENABLE_HEADING_ATTRIBUTES | Options.ENABLE_DEFINITION_LIST
    return Markdown(options=chosen).html


def renderer(*, quick: bool) -> markdown.Markdown:
    """Python-Markdown with the extensions that real posts need; *quick* leaves out trials that cannot succeed."""
    made = markdown.Markdown(extensions=list(_EXTENSIONS), output_format="html")
    if quick:
        made.treeprocessors.register(_QuickInline(made), "inline", 20)
        made.treeprocessors.deregister("prettify")
    return made


class _QuickInline(InlineProcessor):
    """Python-Markdown's inline phase without the patterns whose first character is not there.

    It stands in for a private method: should that be renamed, the method is not called, and nothing but time is lost.
    """

    def _InlineProcessor__handleInline(self, data: str, patternIndex: int = 0) -> str:  # noqa: N802, N803 - theirs
        if isinstance(data, AtomicString) or not _SPECIAL.search(data):
            return data
        for index, (pattern, trigger) in enumerate(self._triggered[patternIndex:], patternIndex):
            start, matched = 0, trigger in data
            while matched:
                data, matched, start = self._InlineProcessor__applyPattern(pattern, data, index, start)  # type: ignore[attr-defined]
        return data

    @cached_property
    def _triggered(self) -> list[tuple[Any, str]]:
        """The patterns in their order, each with the text without which it cannot match."""
        patterns = self.inlinePatterns
        triggers = {id(patterns[name]): trigger for name, trigger in _TRIGGERS.items() if name in patterns}
        return [(pattern, triggers.get(id(pattern), "")) for pattern in patterns]
