"""What can be asked over HTTP, and what is answered? `/openapi.json` tells programs, `/api` tells people.

It is made of what the code itself reads and sends, so that it tells nothing else.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any, get_type_hints

import msgspec
from flask import Flask, Response, render_template, request

from extras import reindex
from extras.builds import State
from extras.explanation import Explanation
from indexer import SORTS, Facet, Post, Searchable, Settings, answer
from indexer.engine import FACETS
from server import wire
from server.params import BOUNDS, LONGEST, LONGEST_OTHER, MOST_VALUES, RELATED, SUGGEST, USUAL, VALUES, Params


class Heading(answer.Link, frozen=True):
    """A section of a post."""

    level: int


class Values(msgspec.Struct, frozen=True):
    """The values of a facet."""

    values: tuple[Facet, ...]


# What `server.wire` has no types for. Its keys are held to these by a test.
_FACTS = [(name, kind) for name, kind in get_type_hints(Post).items() if name in wire.FACTS]
_BODY = ("body", str | msgspec.UnsetType, msgspec.UNSET)
Told = msgspec.defstruct("Post", [("id", str), ("url", str), *_FACTS, ("sections", tuple[Heading, ...]), _BODY])
_OPTIONAL = [(name, kind | msgspec.UnsetType, msgspec.UNSET) for name, kind in (("posts", int), ("generation", str))]
_TROUBLE = ("trouble", str | msgspec.UnsetType, msgspec.UNSET)
Health = msgspec.defstruct("Health", [("status", str), *_OPTIONAL, _TROUBLE])
_TEXTS = [(name, str) for name in ("type", "title", "detail", "code")]
Problem = msgspec.defstruct("Problem", [("status", int), *_TEXTS, ("param", str | msgspec.UnsetType, msgspec.UNSET)])
Accepted = msgspec.defstruct("Accepted", [("status", str), ("url", str)])


@dataclass(frozen=True, slots=True)
class Address:
    """One address: what it answers, or None for a page, and which parameters it takes."""

    answers: Any
    params: Mapping[str, Any] = field(default_factory=dict)

    #: Values of parameters to show what can be asked.
    example: Mapping[str, Any] = field(default_factory=dict)

    #: Which of `KEYS` a client has to show.
    key: str = ""

    status: int = 200


# What narrows a list that is not shown.
_ASKED = {name: usual for name, usual in USUAL.items() if name != "facets"}

#: By method and rule.
ADDRESSES = {
    ("GET", "/api/v1/search"): Address(answer.Answer, USUAL, {"q": "bread", "sort": "newest", "per_page": 5}),
    ("GET", "/api/v1/explain"): Address(Explanation, {"id": "", **_ASKED}, {"id": "bread.md", "q": "bread"}),
    ("GET", "/api/v1/facets"): Address(Values, VALUES | _ASKED, {"facet": "years", "q": "bread"}),
    ("GET", "/api/v1/tags"): Address(answer.Tags),
    ("GET", "/api/v1/related"): Address(answer.Related, RELATED, {"id": "bread.md", "limit": 3}),
    ("GET", "/api/v1/suggest"): Address(answer.Suggested, SUGGEST, {"q": "bre"}),
    ("GET", "/api/v1/posts/<path:id>"): Address(Told, {"body": 0}, {"id": "bread.md", "body": 1}),
    ("GET", "/healthz"): Address(Health),
    ("GET", "/readyz"): Address(Health),
    ("POST", reindex.ADDRESS): Address(Accepted, key="signature", status=202),
    ("GET", reindex.ADDRESS): Address(State, key="token"),
    ("GET", "/search"): Address(None, USUAL, {"q": "bread", "after": "2024-01"}),
}

#: What some addresses want to be shown, as OpenAPI has it.
KEYS = {
    "signature": {"type": "apiKey", "in": "header", "name": reindex.SIGNATURE},
    "token": {"type": "http", "scheme": "bearer"},
}

_YEAR, _MONTH = "(?!0000)[0-9]{4}", "(0[1-9]|1[0-2])"
_LEAP = "([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][48]|[13579][26]|[2468]0)00)"
_DAY = f"{_MONTH}-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31"
_CLOCK = "T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z"
_DATE = f"^({_YEAR}|{_YEAR}-{_MONTH}|({_YEAR}-({_DAY})|{_LEAP}-02-29)({_CLOCK})?)$"
_FACET = f"({'|'.join(FACETS)})"

_PLACE = "#/components/schemas/{name}"
_PAGE = {"text/html": {"schema": {"type": "string"}}}

#: What a text may be where not every text will do.
FORMS: dict[str, dict[str, Any]] = {
    "sort": {"enum": list(SORTS)},
    "facet": {"enum": list(FACETS)},
    "facets": {"pattern": f"^{_FACET}(,{_FACET})*$", "maxLength": LONGEST_OTHER},
    "after": {"pattern": _DATE},
    "before": {"pattern": _DATE},
}

#: What a parameter means, in a sentence.
MEANINGS = {
    "q": "The question, or the beginning of one. Without one, all posts, newest first.",
    "tag": "Only posts with this tag; with all of several.",
    "tag_any": "Only posts with this tag, or with any of several.",
    "tag_not": "No posts with this tag, or with any of several.",
    "category": "Only posts of this category, or of any of several.",
    "year": "Only posts of this year, or of any of several.",
    "lang": "Only posts in this language, or in any of several.",
    "after": "Only posts of this moment or later: 2024, 2024-01, 2024-01-31 or 2024-01-31T12:00:00Z.",
    "before": "Only posts before this moment.",
    "sort": "The order.",
    "page": "Which page of the list.",
    "per_page": "How many posts on a page.",
    "facets": f"What to count: {' or '.join(FACETS)}, or several with commas between them.",
    "facet": "Of which facet to list the values.",
    "prefix": "How the values begin.",
    "limit": "How many, at most.",
    "id": "The id of a post: the path of its file below the content folder.",
    "body": "1 for the text of the post, too.",
}


def register(app: Flask, engine: Searchable, settings: Settings) -> None:
    """Give *app* the description of its routes, and the page that shows it."""

    @app.get("/openapi.json", endpoint="openapi.document")
    def document() -> Response:
        """This description, for programs."""
        return wire.response(described(app, request.script_root))

    @app.get("/api", endpoint="openapi.page")
    def page() -> str:
        """This description, for people."""
        return render_template("api.html", params=Params(), api=described(app, request.script_root))


def described(app: Flask, root: str = "") -> dict[str, Any]:
    """The description of those routes that *app* has, below *root*, as OpenAPI 3.1 has it."""
    kinds = [one.answers for one in ADDRESSES.values() if one.answers]
    (*schemas, problem), components = msgspec.json.schema_components([*kinds, Problem], ref_template=_PLACE)
    answers = dict(zip(kinds, schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for method, rule, summary in _routes(app):
        if address := ADDRESSES.get((method, rule)):
            sent = {wire.JSON: {"schema": answers[address.answers]}} if address.answers else _PAGE
            failed = {wire.PROBLEM_JSON: {"schema": problem}} | ({} if address.answers else _PAGE)
            told = {
                "summary": summary,
                "parameters": list(_parameters(address, in_path="<" in rule)),
                "responses": {
                    str(address.status): {"description": summary, "content": sent},
                    "default": {"description": "Why there is no answer.", "content": failed},
                },
            } | ({"security": [{address.key: []}]} if address.key else {})
            paths.setdefault(rule.replace("<path:id>", "{id}"), {})[method.lower()] = told
    return {
        "openapi": "3.1.0",
        "info": {"title": "postsearch", "version": version("postsearch")},
        "servers": [{"url": root or "/"}],
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": KEYS},
    }


def _routes(app: Flask) -> Iterator[tuple[str, str, str]]:
    """The method and the rule of each route, and the first line of what its function says of itself."""
    for rule in app.url_map.iter_rules():
        doc = app.view_functions[rule.endpoint].__doc__ or ""
        yield from ((method, rule.rule, doc.partition("\n")[0]) for method in sorted(rule.methods or ()))


def _parameters(address: Address, *, in_path: bool) -> Iterator[dict[str, Any]]:
    """What stands in the path, and behind the question mark."""
    if in_path:
        yield _named("id", address.example, {"in": "path", "required": True, "schema": {"type": "string"}})
    for name, usual in address.params.items():
        told = {"in": "query", "required": name == "id", "schema": _schema(name, usual)}
        yield _named(name, address.example, told)


def _named(name: str, examples: Mapping[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    example = {"example": examples[name]} if name in examples else {}
    return {"name": name, "description": MEANINGS[name]} | told | example


def _schema(name: str, usual: Any) -> dict[str, Any]:
    """What the parameter may be that has a *usual* value: empty, too, which counts as not given."""
    text = {"type": "string", "maxLength": LONGEST if name == "q" else LONGEST_OTHER}
    if isinstance(usual, tuple):
        return {"type": "array", "items": text, "maxItems": MOST_VALUES}
    if isinstance(usual, int):
        whole = {"type": "integer", "minimum": BOUNDS[name][0], "maximum": BOUNDS[name][-1]}
        return {"anyOf": [whole, {"const": ""}], "default": usual}
    form = {"anyOf": [{"type": "string"} | FORMS[name], {"const": ""}]} if name in FORMS else text
    return form | ({"default": usual} if usual else {})
