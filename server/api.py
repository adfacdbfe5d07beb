"""Which addresses answer programs?"""

from flask import Flask, Response, abort, request

import indexer
from indexer import Curation, Results, Searchable, answer
from server import wire
from server.params import RELATED, SUGGEST, Params, ask_values, given, read

#: Characters of the longest header that names other pages: proxies refuse longer ones.
LONGEST_LINK = 2_000


def register(app: Flask, engine: Searchable, *, site_url: str, curation: Curation) -> None:
    """Give *app* the JSON routes over *engine*."""

    @app.get("/api/v1/search", endpoint="api.search")
    def search() -> Response:
        """One page of posts that answer a question."""
        params = Params.read(given(request.environ))
        results = params.ask(engine, curation)
        response = wire.response(answer.of(results, site_url=site_url))
        if 0 < len(links := _links(params, results)) <= LONGEST_LINK:
            response.headers["Link"] = links
        return response

    @app.get("/api/v1/posts/<path:id>", endpoint="api.post")
    def show(id: str) -> Response:
        """What is known of one post."""
        with_body = read(given(request.environ), {"body": 0})["body"]
        if (post := engine.post(id)) is None:
            abort(404)
        return wire.response(wire.post(post, site_url=site_url, body=with_body))

    @app.get("/api/v1/tags", endpoint="api.tags")
    def tags() -> Response:
        """Every tag, and how many posts have it."""
        return wire.response(answer.tags(engine.tags()))

    @app.get("/api/v1/facets", endpoint="api.facets")
    def facets() -> Response:
        """The values of a facet that begin so, and how many of the posts that answer a question have each."""
        return wire.response({"values": ask_values(engine, curation, given(request.environ))})

    @app.get("/api/v1/related", endpoint="api.related")
    def related() -> Response:
        """The posts most like one."""
        id, limit = read(given(request.environ), RELATED).values()
        if (hits := engine.related(id, limit)) is None:
            abort(404)
        return wire.response(answer.related(hits, site_url=site_url))

    @app.get("/api/v1/suggest", endpoint="api.suggest")
    def suggest() -> Response:
        """What a reader may be looking for who has begun to type."""
        found = indexer.suggest(engine, *read(given(request.environ), SUGGEST).values())
        return wire.response(answer.suggested(found, site_url=site_url))


def answers_programs(path: str) -> bool:
    """Whether the client at this address is a program, or a page of the site's: both want errors as data, too."""
    return path.startswith(("/api/", "/1/", "/static/")) or path in ("/healthz", "/readyz")


def _links(params: Params, results: Results) -> str:
    """The pages before and after this one, as RFC 8288 has it."""
    pages = {"prev": min(results.page - 1, results.pages), "next": results.page + 1}
    there = {rel: page for rel, page in pages.items() if 1 <= page <= results.pages}
    same = params.but(page=1).query_string if there else ""
    return ", ".join(f'<?{same}{"&" if same else ""}page={page}>; rel="{rel}"' for rel, page in there.items())
