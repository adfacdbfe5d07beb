"""Which posts do the filters of a front end leave?"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from functools import reduce
from math import ceil, floor, inf

from indexer import Clause, Label, Presence, QueryError, fold_tag

#: The attributes that have values to choose from, and the facet of the index that each is.
FACETS = {
    "categories.lvl0": "categories", "tags": "tags", "author": "authors", "year": "years", "lang": "languages",
    "_tags": "tags", "language": "languages",
}  # fmt: skip
#: The attributes that are numbers.
NUMBERS = ("date_ts", "year")
#: What stands between a category and a tag in a value of `categories.lvl1`.
ARROW = " > "

#: Values in the filters of one question, and characters of its `filters`.
MOST, LONGEST = 100, 4096

#: The first second of the year 1 and the last one of the year 9999, in Unix time.
_FIRST, _LAST = -62_135_596_800, 253_402_300_799

#: Dates, from one second to another, both included.
Span = tuple[float, float]

#: All of these have to hold.
Filters = tuple[Clause | Span, ...]

#: A list is of those that all hold, a list in it of those any of which does.
Nested = str | list[str | list[str]]


def clauses(filters: Filters) -> tuple[Clause, ...]:
    """What asks for labels among them. Raises `QueryError` for too many."""
    labels = tuple(one for one in filters if isinstance(one, Clause))
    if sum(len(one.any_of) for one in labels) > MOST:
        raise refused(f"a question has at most {MOST} filters")
    return labels


def dates(filters: Filters) -> Mapping[str, str]:
    """What asks for dates among them: the parameters `after` and `before` of `indexer.search`."""
    spans = [one for one in filters if not isinstance(one, Clause)]
    if not spans:
        return {}
    first, last = max(span[0] for span in spans), min(span[1] for span in spans)
    return {"after": _moment(first)} | ({"before": _moment(last + 1)} if last < _LAST else {})


def _moment(second: float) -> str:
    """As posts have it: one of midnight stands for the day, since a post may know no more of its date."""
    moment = datetime(1970, 1, 1) + timedelta(seconds=min(max(second, _FIRST), _LAST))
    return moment.strftime("%Y-%m-%d" if moment.time() == time() else "%Y-%m-%dT%H:%M:%SZ").rjust(10, "0")


def category(filters: Filters) -> str:
    """The category that all posts have to have, as it was asked for; empty if there is none, or several."""
    named = {}
    for one in filters:
        match one:
            case Clause(Presence.REQUIRED, (Label("categories", folded),), text):
                named[folded] = text
    return next(iter(named.values())) if len(named) == 1 else ""


def refused(detail: str) -> QueryError:
    """What a front end is told of filters that cannot be had."""
    return QueryError(detail, param="filters")


def in_lists(given: str | Sequence[str | list[str]], read: Callable[[str], Filters]) -> Iterator[Clause | Span]:
    """The filters in nested lists, each of which is for *read* to tell."""
    for item in [given] if isinstance(given, str) else given:
        any_of = [read(text.strip()) for text in ([item] if isinstance(item, str) else item) if text.strip()]
        yield from reduce(_either, any_of) if any_of else ()


def of_facet(text: str) -> Filters:
    """What `tags:bread` asks for, or `tags:-bread` forbids; a dash that is part of the value follows a `\\`."""
    name, colon, value = text.partition(":")
    found = _told(name, colon, value.removeprefix("-").removeprefix("\\"))
    return _negated(found) if value.startswith("-") else found


def of_number(text: str) -> Filters:
    """What `year>=2024` asks for."""
    found = _TOKEN.fullmatch(text)
    if not found or found["name"] not in NUMBERS:
        raise refused(f"`{text[:40]}` is no numeric filter such as `year>=2024`; numbers are {' and '.join(NUMBERS)}")
    return _of_token(found)


_QUOTED = r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\''
_TOKEN = re.compile(
    rf"""(?:(?P<sign>[()]|(?:AND|OR|NOT)(?=[\s()]|$))
    |(?:(?P<name>[\w.]+|{_QUOTED})\s*(?P<operator>[<>!]=|[:=<>])\s*)?
    (?P<value>{_QUOTED}|[^\s()"'](?:(?!<score=)[^\s()])*)(?:<score=\d+>)?(?:\s+TO\s+(?P<to>[^\s()]+))?|(?P<other>.))\s*""",
    re.VERBOSE | re.DOTALL,
)
_RANKS = {"(": 0, ")": 1, "OR": 1, "AND": 2, "NOT": 3}


def parse(text: str) -> Filters:
    """What the parameter `filters` asks for, such as `(tags:bread OR tags:salt) AND NOT lang:de AND year >= 2020`.

    AND binds closer than OR. Raises `QueryError`, with the place, for a text that is none, and for an OR of ANDs.
    """
    found: list[Filters] = []
    signs = ["("]
    is_open = True  # whether a value has to come next
    for token in _TOKEN.finditer(text, len(text) - len(text.lstrip())):
        sign = token["sign"]
        if token["other"] or token.end() > LONGEST or is_open != (sign in (None, "(", "NOT")):
            raise _misplaced(text, token.start())
        if sign is None:
            found.append(_of_token(token))
        else:
            while not is_open and _RANKS[signs[-1]] >= _RANKS[sign]:
                _join(found, signs.pop())
            if sign != ")":
                signs.append(sign)
            elif len(signs) > 1:
                signs.pop()
            else:
                raise _misplaced(text, token.start())
        is_open = sign not in (None, ")")
    while not is_open and signs[-1] != "(":
        _join(found, signs.pop())
    if is_open or len(signs) > 1:
        raise _misplaced(text, len(text))
    return found[0]


def _misplaced(text: str, place: int) -> QueryError:
    what = f"`{text[place : place + 20]}` does not fit" if place < len(text) else "something is missing"
    return refused(f"filters: {what} at character {place}; they are such as `tags:bread AND (lang:en OR lang:de)`")


def _join(found: list[Filters], sign: str) -> None:
    last = found.pop()
    found.append(_negated(last) if sign == "NOT" else (_either if sign == "OR" else tuple.__add__)(found.pop(), last))


def _either(left: Filters, right: Filters) -> Filters:
    match left, right:
        case (Clause(Presence.REQUIRED, some) as one,), (Clause(Presence.REQUIRED, others),):
            return (replace(one, any_of=some + others),)
    raise refused("OR joins values such as `tags:bread`, but neither ANDs, nor numbers, nor what has a NOT")


def _negated(filters: Filters) -> Filters:
    match filters:
        case (Clause(presence) as one,):
            other = Presence.REQUIRED if presence is Presence.FORBIDDEN else Presence.FORBIDDEN
            return (replace(one, presence=other),)
    raise refused("NOT stands before a value such as `tags:bread`, or an OR of some, but not before numbers or ANDs")


def _of_token(token: re.Match[str]) -> Filters:
    def unquoted(text: str) -> str:
        return re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL) if text[0] in "\"'" else text

    return _told(unquoted(token["name"] or "tags"), token["operator"] or ":", unquoted(token["value"]), token["to"])


def _told(name: str, operator: str, value: str, to: str | None = None) -> Filters:
    is_value = operator in (":", "=", "!=") and not to
    if name in NUMBERS and not (is_value and name == "year"):
        return (_span(name, operator, value, to or value),)
    if name == "categories.lvl1" and is_value and operator != "!=":
        above, _, tag = value.rpartition(ARROW)
        return _told("categories.lvl0", ":", above) + _told("tags", ":", tag)
    if name not in FACETS or not is_value:
        known = f"values have {', '.join(FACETS)}, and numbers {' and '.join(NUMBERS)}"
        raise refused(f"nothing can be filtered by `{name[:40]}{operator}`; {known}")
    presence = Presence.FORBIDDEN if operator == "!=" else Presence.REQUIRED
    return (Clause(presence, (Label(FACETS[name], fold_tag(value)),), value, is_beside=True),)


def _span(name: str, operator: str, low: str, high: str) -> Span:
    is_range = operator in (":", "=") or (operator != "!=" and low == high)
    if not is_range or not all(re.fullmatch(r"[+-]?[0-9]{1,15}(\.[0-9]{1,15})?", text) for text in (low, high)):
        raise refused(f"`{name}` is compared to a number by `<`, `<=`, `=`, `>=` or `>`, or as in `{name}:1 TO 2`")
    first, last = float(low), float(high)
    least = -inf if operator in ("<", "<=") else floor(first) + (operator == ">" or first > floor(first))
    most = inf if operator in (">", ">=") else ceil(last) - (operator == "<" or last < ceil(last))
    return (least, most) if name == "date_ts" else (_begin(least), _begin(most + 1) - 1)


def _begin(year: float) -> float:
    """The first second of a *year*."""
    return (datetime(int(year), 1, 1) - datetime(1970, 1, 1)).total_seconds() if 1 <= year <= 9999 else inf * (year - 1)
