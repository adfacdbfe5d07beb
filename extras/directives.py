"""What does a reader see of directives and roles of reStructuredText that are none of docutils' own?

Sphinx, Nikola and Pelican bring many; docutils drops what stands in those that it does not know. Only
`extras.restructured` imports this module, since docutils is an extra.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import ClassVar

from docutils import nodes, utils
from docutils.parsers.rst import Directive, directives, roles
from docutils.parsers.rst.languages import en

_DIRECTIVE = re.compile(r"\.\.[ ]+(?:\|[^|\n]+\|[ ]+)?([\w.+:-]+?)[ ]?::(?!\S)")
_ROLE = re.compile(r":([^\W_][\w.+:-]*):")


def register(text: str) -> None:
    """Tell docutils how to read the directives and roles in *text*, and let it forget those of the text before."""
    for known in (getattr(directives, "_directives", {}), getattr(roles, "_roles", {})):
        known.clear()
    directives.register_directive("date", _Nothing)
    for name in {name.lower() for name in _DIRECTIVE.findall(text)} - en.directives.keys():
        directives.register_directive(name, _Unknown)
    for name in {name.lower() for name in _ROLE.findall(text)} - en.roles.keys():
        roles.register_local_role(name, _text_of_role)  # type: ignore[arg-type]  # the stubs know of references only


class _Unknown(Directive):
    """What stands in it is text. Behind its name, several words are text, too; one is a number or a name."""

    optional_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec: ClassVar = defaultdict(lambda: directives.unchanged, alt=directives.unchanged)

    def run(self) -> Sequence[nodes.Node]:
        shown = nodes.container()
        about = [*self.arguments, *(self.options.get(name) or "" for name in ("title", "caption", "alt"))]
        for number, text in enumerate(about):
            if text if number else len(text.split()) > 1:
                inline, _ = self.state.inline_text(text, self.lineno)
                shown += nodes.paragraph(text, "", *inline)
        self.state.nested_parse(self.content, self.content_offset, shown)
        return [shown]


class _Nothing(_Unknown):
    """The day of the build, which is no part of a post."""

    def run(self) -> Sequence[nodes.Node]:
        return [nodes.inline()]


def _text_of_role(name: str, source: str, text: str, *_: object) -> tuple[list[nodes.Node], list[nodes.Node]]:
    """`a title` of both :ref:`a title` and :ref:`a title <its target>`."""
    plain = utils.unescape(text)
    return [nodes.Text(re.sub(r"\s+<[^<>]*>$", "", plain))], []
