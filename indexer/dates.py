"""Which moment does a date in a post, a file name or a question mean?"""

import re
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache

#: A point of time as text: `2023-08-14T12:07:00Z`, always UTC, or `2023-08-14` where only the day is known.
#:
#: Moments compare as text, and so does the beginning of one: `"2023-08" <= "2023-08-14" < "2024"`.
Moment = str

#: What `bound` understands, for those who wrote something else.
SUCH_AS = "a date such as 2024, 2024-01 or 2024-01-31"

_ZONES = {
    "z": 0, "utc": 0, "gmt": 0, "wet": 0, "bst": 1, "cet": 1, "cest": 2, "eet": 2, "eest": 3, "msk": 3, "ist": 5.5,
    "jst": 9, "edt": -4, "est": -5, "cdt": -5, "cst": -6, "mdt": -6, "mst": -7, "pdt": -7, "pst": -8,
}  # fmt: skip

_CLOCK = r"""(?:(?:T[ ]?|[ ]|-)(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?
    [ ]?(?P<half>[AP]M)?
    [ ]?(?P<zone>[A-Z]{1,4})?[ ]?(?:(?P<sign>[+-])(?P<ahead>\d{1,2})(?::?(?P<and_minutes>\d{2}))?)?
    (?:[ ]?\([A-Z]+\))?)?"""
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?[ ])?"
_MONTH = r"""(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?
    |sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"""
_DAY, _YEAR = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?", r"(?P<year>\d{4}),?"
_FORMS = tuple(
    re.compile(form + _CLOCK, re.VERBOSE | re.IGNORECASE | re.ASCII)
    for form in (
        r"(?P<year>\d{4})(?P<separator>[-/.])(?P<month>\d{1,2})(?P=separator)(?P<day>\d{1,2})",
        rf"{_WEEKDAY}{_DAY}[ -]{_MONTH},?[ -]{_YEAR}",
        rf"{_WEEKDAY}{_MONTH}[ ]{_DAY},?[ ]{_YEAR}",
    )
)
_MONTHS = {name: number for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}
_FILE_NAME = re.compile(r"(?P<year>\d{4})[-_](?P<month>\d{1,2})[-_](?P<day>\d{1,2})(?=[-_.]|$)")
_FOLDERS = re.compile(r"(?:^|/)(?P<year>\d{4})/(?P<month>\d{1,2})/(?P<day>\d{1,2})(?=/|$)")
_BOUND = re.compile(r"\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}(:\d{2}Z?)?)?)?)?")


@lru_cache(maxsize=256)
def parse(text: str, *, zone: tzinfo = UTC) -> Moment | None:
    """The moment that *text* names, or None if it names none, or an impossible one such as 2018-04-31.

    A time without a zone is taken to be in *zone*. The forms are those that real posts hold: ISO 8601 and
    its looser relatives, `2023-08-14 12:07 UTC`, `9:00 PM EST`, `UTC-03:00`, RFC 2822, `Aug 14, 2023`.
    """
    found = _form(text)
    try:
        return found and _moment(found, zone)
    except (ValueError, KeyError, OverflowError):
        return None


def written_day(text: str) -> Moment | None:
    """The day in *text* by the author's own clock, whatever its zone: the one that generators put in addresses."""
    return _day(_form(text))


def in_path(path: str) -> Moment | None:
    """The day in a path: the file name's (`_posts/2023-08-14-x.md`), else that of its folders (`2023/08/14/x`)."""
    name = path.rsplit("/", 1)[-1]
    return _day(_FILE_NAME.match(name)) or _day(_FOLDERS.search(path))


def bound(text: str) -> Moment | None:
    """*text* as one end of a range: a moment, or the beginning of one (`2023`, `2023-08`); None if neither."""
    text = text.strip()
    if _BOUND.fullmatch(text):
        with suppress(ValueError):  # of one that does not exist
            datetime.fromisoformat(text + "0001-01-01"[len(text) :])
            return text
    return parse(text)


@lru_cache(maxsize=16)
def _form(text: str) -> re.Match[str] | None:
    # One blank where there are many: each of many could stand at several places of a form, and all would be tried.
    folded = " ".join(text.split())
    return next((found for form in _FORMS if (found := form.fullmatch(folded))), None)


def _moment(found: re.Match[str], zone: tzinfo) -> Moment:
    day = _date(found)
    if found["hour"] is None:
        return day.isoformat()
    hour = int(found["hour"])
    if found["half"] and hour <= 12:
        hour = hour % 12 + (12 if found["half"].upper() == "PM" else 0)
    clock = time(hour, int(found["minute"]), int(found["second"] or 0), tzinfo=_zone(found, zone))
    return datetime.combine(day, clock).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")


def _zone(found: re.Match[str], default: tzinfo) -> tzinfo:
    if not found["zone"] and not found["sign"]:
        return default
    zone = timedelta(hours=_ZONES[(found["zone"] or "utc").lower()])
    offset = timedelta(hours=int(found["ahead"] or 0), minutes=int(found["and_minutes"] or 0))
    return timezone(zone - offset if found["sign"] == "-" else zone + offset)


def _day(found: re.Match[str] | None) -> Moment | None:
    try:
        return found and _date(found).isoformat()
    except ValueError:
        return None


def _date(found: re.Match[str]) -> date:
    month = found["month"]
    return date(int(found["year"]), int(_MONTHS.get(month[:3].lower(), month)), int(found["day"]))
