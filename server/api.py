"""Which addresses answer programs?"""

from flask import Flask, Response, abort, request

from indexer import Curation, PostsearchError, Results, Searchable, as_dict
from server import wire
from server.params import Params, ask_values, given, wants_body

#: Characters of the longest header that names other pages: proxies refuse longer ones.
LONGEST_LINK = 2_000


def register(app: Flask, engine: Searchable, *, site_url: str, curation: Curation) -> None:
    """Give *app* the JSON routes over *engine*."""

    @app.get("/api/v1/search", endpoint="api.search")
    def search() -> Response:
        """One page of posts that answer a question."""
        params = Params.read(given(request.environ))
        results = params.ask(engine, curation)
        note_empty(results)
        response = _json(wire.body(as_dict(results, site_url=site_url)))
        if 0 < len(links := _links(params, results)) <= LONGEST_LINK:
            response.headers["Link"] = links
        return response

    @app.get("/api/v1/posts/<path:id>", endpoint="api.post")
    def show(id: str) -> Response:
        """What is known of one post."""
        with_body = wants_body(given(request.environ))
        if (post := engine.post(id)) is None:
            abort(404)
        return _json(wire.post(post, site_url=site_url, body=with_body))

    @app.get("/api/v1/tags", endpoint="api.tags")
    def tags() -> Response:
        """Every tag, and how many posts have it."""
        return _json(wire.tags(engine.tags()))

    @app.get("/api/v1/facets", endpoint="api.facets")
    def facets() -> Response:
        """The values of a facet that begin so, and how many of the posts that answer a question have each."""
        return _json(wire.facets(ask_values(engine, curation, given(request.environ))))

    @app.get("/healthz", endpoint="api.health")
    def health() -> Response:
        """That this process lives, and whether questions can be answered, and from what."""
        try:
            return _json(wire.health(engine.stats()))
        except PostsearchError:
            return _json(wire.health(None))

    @app.get("/readyz", endpoint="api.ready")
    def ready() -> Response:
        """Whether questions can be answered."""
        return _json(wire.health(engine.stats()))


def answers_programs(path: str) -> bool:
    """Whether the client at this address is a program, which wants its errors as data, too."""
    return path.startswith("/api/") or path in ("/healthz", "/readyz", "/metrics")


def note_empty(results: Results) -> None:
    """Note for the operator's figures where nothing was found."""
    if not results.total:
        request.environ["postsearch.empty"] = True


def _links(params: Params, results: Results) -> str:
    """The pages before and after this one, as RFC 8288 has it."""
    pages = {"prev": min(results.page - 1, results.pages), "next": results.page + 1}
    there = {rel: page for rel, page in pages.items() if 1 <= page <= results.pages}
    same = params.but(page=1).query_string if there else ""
    return ", ".join(f'<?{same}{"&" if same else ""}page={page}>; rel="{rel}"' for rel, page in there.items())


def _json(body: bytes) -> Response:
    return Response(body, content_type=wire.JSON)
