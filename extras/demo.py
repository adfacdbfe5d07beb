"""What does the search box look like on a blog? A page to try it on, over the posts that are held."""

from flask import Flask, Response, render_template

from indexer import Searchable, Settings, search

# As a strict site would have it: the box has to do with that.
_POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self' data:;"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)


def register(app: Flask, engine: Searchable, settings: Settings) -> None:
    """Give *app* the page."""

    @app.get("/demo", endpoint="demo.show")
    def show() -> Response:
        """The newest posts, as a small blog, with the box above them."""
        newest = search(engine, per_page=20, snippets=False)
        page = render_template("demo.html", posts=newest.hits)
        return Response(page, headers={"Content-Security-Policy": _POLICY})
