"""In which language is a post written?"""

import re

from indexer.metadata import Metadata

_KEYS = ("lang", "language", "locale")
# ISO 639-1, without codes that are file types or domains as well, such as `io` and `md`.
_CODES = frozenset(
    "af ar az be bg bn bs ca cs cy da de el en eo es et eu fa fi fr ga gl gu he hi hr hu hy id is it ja ka kk km kn ko"
    " lt lv mk ml mn mr ms my nb ne nl nn no pa pl pt ro ru si sk sl sq sr sv sw ta te th tl tr uk ur uz vi zh".split()
)
_IN_NAME = re.compile(r"\.([a-z]{2})(?:[-_][a-z]{2,4})?$", re.IGNORECASE)


def language(metadata: Metadata, bare: str) -> str:
    """The post's language as a lower-case tag such as `pt-br`: of its keys, else of its name *bare* of suffixes."""
    return (metadata.text(*_KEYS) or in_name(bare)).lower().replace("_", "-")


def in_name(bare: str) -> str:
    """The language in a file's name bare of its suffixes: `de` of `about.de`; empty if there is none."""
    found = _IN_NAME.search(bare)
    return found[0][1:] if found and found[1].lower() in _CODES else ""
