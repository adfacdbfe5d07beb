"""Which addresses answer people?"""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from flask import Flask, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from indexer import Hit, Post, Searchable, Section, link
from server.listing import FIRST_FACETS, Listing, counted
from server.params import LONGEST, Params
from server.prose import passages


@dataclass(frozen=True, slots=True)
class Pages:
    """The HTML routes over one engine: plain pages that need no script."""

    engine: Searchable
    site_url: str

    def register(self, app: Flask) -> None:
        """Give *app* these routes, and its templates the words they use."""
        app.add_url_rule("/", "pages.home", self.home)
        app.add_url_rule("/search", "pages.search", self.search)
        app.add_url_rule("/posts/<path:id>", "pages.post", self.post)
        app.add_template_filter(day)
        app.add_template_filter(counted)
        app.add_template_filter(address)
        app.jinja_env.globals |= {
            "link": self.link,
            "site": urlsplit(self.site_url).netloc,
            "site_url": self.site_url,
            "longest": LONGEST,
        }

    def link(self, post: Hit | Post, section: Section | None = None) -> str:
        """Where a reader finds *post*, or a section of it."""
        return link(post, section, site_url=self.site_url)

    def home(self) -> Response:
        """The search page stands at its own address, so that this one stays free."""
        return redirect(url_for("pages.search"))

    def search(self) -> str:
        """The results page; without a question, the newest posts."""
        params = Params.read(request.args.to_dict(flat=False))
        results = params.ask(self.engine)
        popular = () if results.total else self.engine.tags()[:FIRST_FACETS]
        return render_template(
            "search.html", params=params, results=results, listing=Listing(params, results), popular=popular
        )

    def post(self, id: str) -> str:
        """A post's text, for readers who have nowhere else to read it."""
        if (post := self.engine.post(id)) is None:
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
