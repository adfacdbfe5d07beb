"""What does an HTML page say about itself in its head?"""

from selectolax.lexbor import LexborHTMLParser

from indexer.frontmatter import FrontMatter
from indexer.metadata import Pairs, Value, metadata

_NAMES = {"article:published_time": "date", "article:modified_time": "modified", "og:image": "image"}
_TAGS = ("tags", "keywords", "article:tag")


def html_front_matter(text: str) -> FrontMatter | None:
    """The `<title>` and `<meta>` of a page as front matter; None for a fragment, which is a part of other pages."""
    page = LexborHTMLParser(text)
    found = list(_pairs(page))
    if not found and not page.css_first("h1"):
        return None
    return FrontMatter(dialect="html", metadata=metadata(found), body=text, body_line=1)


def _pairs(page: LexborHTMLParser) -> Pairs:
    if page.head and (title := page.head.css_first("title")):
        yield "title", title.text(), 0
    tags: list[Value] = []
    for meta in page.css("meta"):
        about = meta.attributes
        name = (about.get("name") or about.get("property") or about.get("http-equiv") or "").lower()
        content = about.get("content") or about.get("contents")
        if name in _TAGS and content:
            tags += content.split(",")
        elif name == "refresh" and content and "url" in content.lower():
            yield "redirect_to", content, 0
        elif name and content:
            yield _NAMES.get(name, name), content, 0
    if tags:
        yield "tags", tags, 0
