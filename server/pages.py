"""Which addresses answer people?"""

from datetime import date
from functools import partial
from urllib.parse import urlsplit

from flask import Flask, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from indexer import Curation, Searchable, link
from server.listing import NARROWING, Listing, counted
from server.params import LONGEST, Params, given
from server.prose import passages


def register(app: Flask, engine: Searchable, *, site_url: str, curation: Curation) -> None:
    """Give *app* the HTML routes over *engine*: plain pages that need no script."""
    app.add_template_filter(counted)
    app.add_template_filter(day)
    app.add_template_filter(address)
    words = {"site": urlsplit(site_url).netloc, "site_url": site_url, "longest": LONGEST}
    app.jinja_env.globals.update(words, link=partial(link, site_url=site_url))

    @app.get("/", endpoint="pages.home")
    def home() -> Response:
        """The search page stands at its own address, so that this one stays free."""
        return redirect(url_for("pages.search"))

    @app.get("/search", endpoint="pages.search")
    def search() -> str:
        """The results page; without a question, the newest posts."""
        params = Params.read(given(request.environ))
        facets = ",".join((*NARROWING, params.facets))
        listing = Listing(params, params.but(page=params.page, facets=facets).ask(engine, curation))
        popular = () if listing.results.total else engine.tags()
        return render_template("search.html", params=params, results=listing.results, listing=listing, popular=popular)

    @app.get("/posts/<path:id>", endpoint="pages.post")
    def show(id: str) -> str:
        """A post's text, for readers who have nowhere else to read it."""
        if (post := engine.post(id)) is None:
            abort(404)
        return render_template("post.html", params=Params(), post=post, passages=passages(post))


def address(params: Params) -> str:
    """The address of the results page for a question."""
    query = params.query_string
    return f"{url_for('pages.search')}{'?' if query else ''}{query}"


def day(moment: str) -> str:
    """A date as people write it: 14 August 2023."""
    then = date.fromisoformat(moment[:10])
    return f"{then.day} {_MONTHS[then.month - 1]} {then.year}"


# Not strftime: it follows the server's locale, and the page is in English.
_MONTHS = "January February March April May June July August September October November December".split()
