"""Where do a post's headings and paragraphs stand in its plain text?"""

from collections.abc import Iterator
from itertools import pairwise

from indexer import Post, Section


def passages(post: Post) -> Iterator[tuple[Section | None, str]]:
    """Each section of *post* and the text below its heading; first, what stands before all headings."""
    starts = [0, *(section.start for section in post.sections), len(post.body)]
    texts = [post.body[start:end] for start, end in pairwise(starts)]
    yield None, texts[0]
    for section, text in zip(post.sections, texts[1:], strict=True):
        yield section, text.removeprefix(section.heading)
