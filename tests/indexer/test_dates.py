"""Is the moment that a date means the moment that its author meant?"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import dates
from tests.indexer.conftest import within

NOON = "2023-08-14T12:07:00Z"
NEW_YORK = timezone(timedelta(hours=-4))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2023-08-14", "2023-08-14"),
        (" 2023-08-14\n", "2023-08-14"),
        ("2023/8/4", "2023-08-04"),
        ("2023-08-14   12:07 \t UTC", NOON),
        ("Mon,  14   Aug 2023\n12:07", NOON),
        ("2023.08.14", "2023-08-14"),
        ("2023-08-14 12:07 UTC", NOON),
        ("2023-08-14 12:07:00 UTC", NOON),
        ("2023-08-14T12:07:00Z", NOON),
        ("2023-08-14t12:07:00.123456z", NOON),
        ("2023-08-14 12:07", NOON),
        ("2023-08-14T12:07:00+00:00", NOON),
        ("2023-08-14T08:07:00-04:00", NOON),
        ("2023-08-14 08:07:00 -0400", NOON),
        ("2023-08-14 17:37 +05:30", NOON),
        ("2023-08-14 14:07 +2", NOON),
        ("2023-08-14 09:07 UTC-03:00", NOON),
        ("2023-08-14 8:07 AM EDT", NOON),
        ("2023-08-14 08:07am edt", NOON),
        ("2023-08-14 12:07 PM", NOON),
        ("2023-08-14 12:07 AM", "2023-08-14T00:07:00Z"),
        ("2023-08-14 9:00 PM EST", "2023-08-15T02:00:00Z"),
        ("2023-08-14 13:00 PM", "2023-08-14T13:00:00Z"),
        ("2023-12-31 23:30 -01:00", "2024-01-01T00:30:00Z"),
        ("2024-02-29", "2024-02-29"),
        ("Aug 14, 2023", "2023-08-14"),
        ("August 14th, 2023", "2023-08-14"),
        ("Monday, August 14, 2023", "2023-08-14"),
        ("14 August 2023", "2023-08-14"),
        ("Mon, 14 Aug 2023", "2023-08-14"),
        ("Mon, 14 Aug 2023 12:07:00 GMT", NOON),
        ("Mon, 14 Aug 2023 08:07:00 -0400", NOON),
        ("14 Aug 2023 12:07", NOON),
        ("14-Aug-2023", "2023-08-14"),
        ("14th Sept. 2023", "2023-09-14"),
        ("Tues, Jun 6, 2023", "2023-06-06"),
        ("Aug 14, 2023 12:07", NOON),
        ("August 14, 2023 8:07 AM EDT", NOON),
        ("August 14, 2023, 12:07 PM", NOON),
        ("14 August 2023 9:00 PM EST", "2023-08-15T02:00:00Z"),
        ("Mon, 14 Aug 2023 08:07:00 -0400 (EDT)", NOON),
        ("Mon Aug 14 2023 14:07:00 GMT+0200 (CEST)", NOON),
    ],
)
def test_a_date_means_this_moment(text: str, expected: str) -> None:
    assert dates.parse(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2018-04-31",
        "2023-02-29",
        "2023-13-01",
        "2023-00-10",
        "0000-01-01",
        "2023-08-14 25:00",
        "2023-08-14 12:60",
        "2023-08-14 99:00 PM",
        "2023-08-14 12:07 XYZ",
        "2023-08-14 12:07 +99:99",
        "0001-01-01 00:00 +02:00",
        "9999-12-31 23:00 -02:00",
        "31 Foo 2023",
        "31 April 2023",
        "5 decades 2020",
        "decades 5, 2020",
        "5 decemb 2020",
        "maybe 5 2020",
        "since 5 May 2020",
        "Mayor 5 May 2020",
        "0 May 2020",
        "5 May 20",
        "5 May 20200",
        "5 May 2020 12:07 XYZ",
        "5 May 2020 12:07 GMT draft",
        "5 May 2020 12:60",
        "٥ May 2020",
        "2023-08/14",
        "20230814T12",
        "2023",
        "\udcff",
    ],
)
def test_what_is_no_date_or_an_impossible_one_names_no_moment(text: str) -> None:
    assert dates.parse(text) is None


def test_a_time_without_a_zone_is_in_the_zone_of_the_site() -> None:
    assert dates.parse("2023-08-14 08:07", zone=NEW_YORK) == NOON
    assert dates.parse("14 Aug 2023 08:07:00", zone=NEW_YORK) == NOON
    assert dates.parse("2023-08-14 12:07 UTC", zone=NEW_YORK) == NOON
    assert dates.parse("2023-08-14", zone=NEW_YORK) == "2023-08-14"


@pytest.mark.parametrize("beginning", ["2023-08-14 12:07", "2023-08-14T", "14 Aug", "Aug", "Mon"])
@pytest.mark.parametrize("filling", [" ", "\t", "-", "1", "a", "(", ","])
def test_a_date_that_goes_on_for_long_is_refused_at_once(beginning: str, filling: str) -> None:
    with within(1):
        assert dates.parse(f"{beginning}{filling * 60_000}!") is None


any_text = st.text() | st.from_regex(
    r"[0-9]{1,5}[-/. ][0-9A-Za-z]{1,4}[-/. ,]+[0-9]{1,4}"
    r"([ T-][0-9]{1,2}:[0-9]{2}( ?[AaPp][Mm])? ?[A-Z]{0,4}([+-][0-9:]{1,5})?)?",
    fullmatch=True,
)


@given(any_text)
def test_no_text_is_too_strange_to_be_no_date(text: str) -> None:
    for moment in (dates.parse(text), dates.bound(text), dates.in_path(text)):
        assert moment is None or moment.isascii()


@given(any_text)
def test_the_moment_of_a_moment_is_itself(text: str) -> None:
    moment = dates.parse(text)
    assert moment is None or dates.parse(moment) == moment
    limit = dates.bound(text)
    assert limit is None or dates.bound(limit) == limit


@given(st.dates())
def test_every_day_is_its_own_moment(day: date) -> None:
    assert dates.parse(day.isoformat()) == dates.bound(day.isoformat()) == day.isoformat()
    assert dates.in_path(f"_posts/{day.isoformat()}-title.md") == day.isoformat()
    assert dates.in_path(f"{day:%Y}/".rjust(5, "0") + f"{day:%m/%d}/title.md") == day.isoformat()


hours = st.integers(-23, 23).map(lambda hour: timezone(timedelta(hours=hour)))
times = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=hours)


@given(times, times)
def test_moments_compare_as_the_times_do(one: datetime, other: datetime) -> None:
    first, second = (dates.parse(time.isoformat()) for time in (one, other))
    assert first is not None
    assert second is not None
    assert (first <= second) == (one.replace(microsecond=0) <= other.replace(microsecond=0))
    assert datetime.fromisoformat(first) == one.replace(microsecond=0)
    assert datetime.fromisoformat(first).tzinfo == UTC


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("_posts/2023-08-14-title.md", "2023-08-14"),
        ("2023-08-14-title.html.md", "2023-08-14"),
        ("2023_8_4_title.md", "2023-08-04"),
        ("2023-08-14.md", "2023-08-14"),
        ("blog/2023-08-14/index.md", None),
        ("2023/08/14/title.md", "2023-08-14"),
        ("blog/2023/08/14/title/index.md", "2023-08-14"),
        ("2022/01/02/2023-08-14-title.md", "2023-08-14"),
        ("2022/01/02/2023-02-30-title.md", "2022-01-02"),
        ("2023-08-144-title.md", None),
        ("12023/08/14/title.md", None),
        ("2023/08/title.md", None),
        ("title-2023-08-14.md", None),
        ("", None),
    ],
)
def test_the_day_in_a_path(path: str, expected: str | None) -> None:
    assert dates.in_path(path) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2023", "2023"),
        ("2023-08", "2023-08"),
        (" 2023-08-14 ", "2023-08-14"),
        ("2023-08-14T12:07", "2023-08-14T12:07"),
        ("2023-08-14T12:07:00", "2023-08-14T12:07:00"),
        ("2023-08-14T12:07:00Z", NOON),
        ("2023-08-14 12:07 UTC", NOON),
        ("14 Aug 2023", "2023-08-14"),
        ("", None),
        ("yesterday", None),
        ("2023-13", None),
        ("2023-02-30", None),
        ("2023-08-14T25:00", None),
        ("0000", None),
        ("٢٠٢٣", None),
    ],
)
def test_a_bound_is_a_moment_or_the_beginning_of_one(text: str, expected: str | None) -> None:
    assert dates.bound(text) == expected
