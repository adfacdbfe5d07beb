"""Where do a post's headings and paragraphs stand in its plain text?"""

from dataclasses import dataclass
from itertools import pairwise

from indexer import Post


@dataclass(frozen=True, slots=True)
class Passage:
    """Paragraphs below one heading; the text before the first heading has none, and level 0."""

    heading: str
    anchor: str
    level: int
    paragraphs: tuple[str, ...]


def passages(post: Post) -> tuple[Passage, ...]:
    """The text of *post*, in order."""
    starts = [0, *(section.start for section in post.sections), len(post.body)]
    before, *rest = (post.body[start:end] for start, end in pairwise(starts))
    found = [Passage("", "", 0, _paragraphs(before))]
    for section, text in zip(post.sections, rest, strict=True):
        below = _paragraphs(text.removeprefix(section.heading))
        found.append(Passage(section.heading, section.anchor, section.level, below))
    return tuple(found)


def _paragraphs(text: str) -> tuple[str, ...]:
    return tuple(line for line in text.splitlines() if line.strip())
