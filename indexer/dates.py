"""Which moment does a date in a post, a file name or a question mean?"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime

Moment = str
"""A point of time as text: `2023-08-14T12:07:00Z`, always UTC, or `2023-08-14` where only the day is known.

Moments compare as text, and so does the beginning of one: `"2023-08" <= "2023-08-14" < "2024"`.
"""

_ZONES = {
    **dict.fromkeys(("z", "utc", "gmt", "wet"), 0),
    "bst": 1,
    "cet": 1,
    "cest": 2,
    "eet": 2,
    "eest": 3,
    "msk": 3,
    "jst": 9,
    "ist": 5.5,
    "est": -5,
    "edt": -4,
    "cst": -6,
    "cdt": -5,
    "mst": -7,
    "mdt": -6,
    "pst": -8,
    "pdt": -7,
}

_NUMERIC = re.compile(
    r"""(?P<year>\d{4})(?P<separator>[-/.])(?P<month>\d{1,2})(?P=separator)(?P<day>\d{1,2})
        (?:(?:[T\s]\s*|-)(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?
           \s*(?P<half>[AP]M)?
           \s*(?P<zone>[A-Z]{1,4})?\s*(?P<offset>[+-]\d{1,2}(?::?\d{2})?)?)?""",
    re.VERBOSE | re.IGNORECASE,
)
_MONTHS = {name: number for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}
_DAY_FIRST = re.compile(
    r"(?:[a-z]+,?\s+)?(?P<day>\d{1,2})(?:st|nd|rd|th)?\s+(?P<month>[a-z]{3,9})\.?,?\s+(?P<year>\d{4})", re.I
)
_MONTH_FIRST = re.compile(
    r"(?:[a-z]+,?\s+)?(?P<month>[a-z]{3,9})\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})", re.I
)
_FILE_NAME = re.compile(r"(?P<year>\d{4})[-_](?P<month>\d{1,2})[-_](?P<day>\d{1,2})(?=[-_.]|$)")
_FOLDERS = re.compile(r"(?:^|/)(?P<year>\d{4})/(?P<month>\d{1,2})/(?P<day>\d{1,2})(?=/|$)")
_BOUND = re.compile(r"\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}(:\d{2}Z?)?)?)?)?")


def parse(text: str, *, zone: tzinfo = UTC) -> Moment | None:
    """The moment that *text* names, or None if it names none, or an impossible one such as 2018-04-31.

    A time without a zone is taken to be in *zone*. The forms are those that real posts hold: ISO 8601 and
    its looser relatives, `2023-08-14 12:07 UTC`, `9:00 PM EST`, `UTC-03:00`, RFC 2822, `Aug 14, 2023`.
    """
    text = text.strip()
    if not text:
        return None
    try:
        if found := _NUMERIC.fullmatch(text):
            return _numeric(found, zone)
        if found := _DAY_FIRST.fullmatch(text) or _MONTH_FIRST.fullmatch(text):
            month = _MONTHS[found["month"][:3].lower()]
            return date(int(found["year"]), month, int(found["day"])).isoformat()
        return _utc(parsedate_to_datetime(text), zone)
    except (ValueError, KeyError, TypeError, OverflowError, IndexError):
        return None


def written_day(text: str) -> Moment | None:
    """The day in *text* by the author's own clock, whatever its zone: the one that generators put in addresses."""
    found = _NUMERIC.fullmatch(text.strip())
    return _day(found) if found else None


def in_path(path: str) -> Moment | None:
    """The day in a path: the file name's (`_posts/2023-08-14-x.md`), else that of its folders (`2023/08/14/x`)."""
    name = path.rsplit("/", 1)[-1]
    for found in (_FILE_NAME.match(name), _FOLDERS.search(path)):
        if found and (day := _day(found)):
            return day
    return None


def bound(text: str) -> Moment | None:
    """*text* as one end of a range: a moment, or the beginning of one (`2023`, `2023-08`); None if neither."""
    text = text.strip()
    if _BOUND.fullmatch(text) and _exists(text):
        return text
    return parse(text)


def _exists(start: str) -> bool:
    day = (start[:10] + "0001-01-01"[len(start[:10]) :]) if len(start) < 10 else start[:10]
    try:
        date.fromisoformat(day)
        datetime.fromisoformat(start if len(start) > 10 else day)
    except ValueError:
        return False
    return True


def _numeric(found: re.Match[str], zone: tzinfo) -> Moment:
    day = date(int(found["year"]), int(found["month"]), int(found["day"]))
    if found["hour"] is None:
        return day.isoformat()
    hour = int(found["hour"])
    if found["half"] and hour <= 12:
        hour = hour % 12 + (12 if found["half"].upper() == "PM" else 0)
    clock = time(hour, int(found["minute"]), int(found["second"] or 0), tzinfo=_zone(found, zone))
    return _utc(datetime.combine(day, clock), zone)


def _zone(found: re.Match[str], default: tzinfo) -> tzinfo:
    if not found["zone"] and not found["offset"]:
        return default
    hours = _ZONES[(found["zone"] or "utc").lower()]
    return timezone(timedelta(hours=hours) + _offset(found["offset"] or "+0"))


def _offset(text: str) -> timedelta:
    digits = text[1:].replace(":", "")
    hours, minutes = (int(digits), 0) if len(digits) <= 2 else (int(digits[:-2]), int(digits[-2:]))
    offset = timedelta(hours=hours, minutes=minutes)
    return -offset if text[0] == "-" else offset


def _utc(moment: datetime, zone: tzinfo) -> Moment:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return aware.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")


def _day(found: re.Match[str]) -> Moment | None:
    try:
        return date(int(found["year"]), int(found["month"]), int(found["day"])).isoformat()
    except ValueError:
        return None
