"""Does everything that is not meant for the public stay out, and the rest not?"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.errors import ContentError
from indexer.extract import Extracted
from indexer.visibility import hidden_path
from tests.indexer.conftest import NOW, came_to, rules, under


def stays_out(source: str | bytes, path: str = "post.md") -> bool:
    """Whether a file is hidden or refused: what matters is that nobody finds it."""
    try:
        return came_to(source, path).post is None
    except ContentError:
        return True


def rule_of(front_matter: str, **choices: Any) -> str | None:
    return came_to(under(front_matter), **choices).hidden


@pytest.mark.parametrize(
    "value", ["true", "True", "TRUE", "yes", "Yes", "on", "ON", "1", "y", '"true"', "'yes'", "!!bool true"]
)
@pytest.mark.parametrize(
    "key", ["draft", "Draft", "DRAFT", "drafts", "private", "unlisted", "hidden", "is_draft", "isDraft"]
)
def test_a_hiding_key_hides_however_it_is_spelt(key: str, value: str) -> None:
    assert rule_of(f"{key}: {value}")


@pytest.mark.parametrize(
    "value", ["maybe", "truth", "“true”", "2", "soon", "[true]", "[false]", "{a: b}", "TBD", "x" * 500]
)
@pytest.mark.parametrize("key", ["draft", "private"])
def test_a_hiding_key_hides_if_its_value_cannot_be_understood(key: str, value: str) -> None:
    assert rule_of(f"{key}: {value}")


@pytest.mark.parametrize("value", ["false", "False", "no", "No", "off", "0", "n", "", "null", "~", '"false"', "' no '"])
@pytest.mark.parametrize("key", ["draft", "private", "unlisted", "hidden"])
def test_a_hiding_key_that_says_no_hides_nothing(key: str, value: str) -> None:
    assert rule_of(f"{key}: {value}") is None


@pytest.mark.parametrize(
    "value", ["false", "no", "No", "off", "0", "n", '"false"', "", "null", "maybe", "[true]", "{at: never}", "draft"]
)
@pytest.mark.parametrize("key", ["published", "Published", "publish"])
def test_a_showing_key_hides_unless_it_clearly_shows(key: str, value: str) -> None:
    assert rule_of(f"{key}: {value}")


@pytest.mark.parametrize("value", ["true", "yes", "on", "1", "2020-01-01", "2020-01-01 10:00 UTC"])
def test_a_showing_key_may_be_a_day_in_the_past(value: str) -> None:
    assert rule_of(f"published: {value}") is None


def test_a_day_that_does_not_exist_publishes_nothing() -> None:
    assert rule_of("published: 2020-13-41")


@pytest.mark.parametrize(
    "status", ["draft", "Draft", "hidden", "skip", "private", "unlisted", "pending", "trash", "[draft]"]
)
def test_a_hiding_status_hides(status: str) -> None:
    assert rule_of(f"status: {status}")


@pytest.mark.parametrize("status", ["published", "final", "evergreen", "growing", "active", ""])
def test_another_status_hides_nothing(status: str) -> None:
    assert rule_of(f"status: {status}") is None


@pytest.mark.parametrize(
    "front_matter",
    [
        "visibility: private",
        "visibility: [public, private]",
        "Visibility: members",
        "noindex: true",
        "skip_index: true",
        "exclude_from_search: true",
        "headless: true",
        "search: false",
        "search: no",
        "search:\n  exclude: true",
        "searchable: false",
        "robots: noindex, nofollow",
        "robots: [noindex]",
        "permalink: false",
        'permalink: "False"',
        "_build:\n  render: never",
        "build:\n  list: never",
        "password: secret",
        "extra:\n  draft: true",
        "params:\n  draft: true",
        "extra:\n  draft: true\ndraft: false",
        "draft: false\nextra:\n  draft: true",
        "params:\n  private: yes\nprivate: no",
        "extra:\n  draft: true\n  draft: false",
        "defaults: &all\n  draft: true\n<<: *all",
        "defaults: &all\n  draft: true\n<<: [*all]",
        "<<: {draft: true}",
        "yes: &yes true\ndraft: *yes",
        "draft:\n  true",
        "draft: >\n  true",
        "draft:\ttrue",
        "draft : true",
        "draft: true # for now",
        "draft:\u00a0true",
        "\u200bdraft: true",
        "\u00a0draft: true",
        "draft\uff1atrue",
        "? draft\n: true",
        "%YAML 1.2\n---\ndraft: true",
        "%YAML 1.2\ndraft: true",
        "!!map\ndraft: true",
        "&post\ndraft: true",
        "- draft: true",
        "draft:true",
        "draft = true",
        "draft: 'true",
        "draft: true\nbad: [",
        "draft: true\ndraft: false",
        "draft: false\ndraft: true",
        "Draft: true\ndraft: false",
        "published: false\npublished: true",
        "published: true\nPublished: false",
        "status: draft\nstatus: published",
    ],
)
def test_a_post_stays_out_however_it_says_so(front_matter: str) -> None:
    assert stays_out(under(front_matter))


@pytest.mark.parametrize(
    "source",
    [
        '{"draft": true}\nText.',
        '{"draft": "yes"}\nText.',
        '{"draft": 1}\nText.',
        '{"Draft": true}\nText.',
        '{"draft": [true]}\nText.',
        '{"published": false}\nText.',
        '{"published": null}\nText.',
        '{"draft": true, "draft": false}\nText.',
        '{"extra": {"draft": true, "draft": false}}\nText.',
        '{"extra": {"draft": true}, "draft": false}\nText.',
        "{'draft': true}\nText.",
        '["draft"]\ndraft: true\nText.',
        "+++\ndraft = true\n+++\nText.",
        "+++\ndraft = 'yes'\n+++\nText.",
        "+++\ndraft = 1\n+++\nText.",
        "+++\ndraft = yes\n+++\nText.",
        "+++\nDraft = true\n+++\nText.",
        "+++\npublished = false\n+++\nText.",
        "+++\nextra.draft = true\n+++\nText.",
        "+++\ndraft = true\ndraft = false\n+++\nText.",
        "+++\ndraft = false\n[extra]\ndraft = true\n+++\nText.",
        "Title: A\nStatus: draft\n\nText.",
        "Status: draft\nOther: x\n\nText.",
        "Other: x\nPrivate: yes\n\nText.",
        "Draft: yes\n\nText.",
        "\n\ufeffTitle: A\nDraft: yes\n\nText.",
        ".. title: A\n.. status: private\n\nText.",
        ".. title: A\n.. tags: draft\n\nText.",
        ".. title: A\n.. tags: a, private\n\nText.",
        "<!-- .. title: A\n.. status: draft\n-->\n\nText.",
    ],
)
def test_a_post_stays_out_in_whatever_dialect_it_says_so(source: str) -> None:
    assert stays_out(source)


@pytest.mark.parametrize(
    "source",
    [
        " ---\ndraft: true\n---\nText.",
        "\t---\ndraft: true\n---\nText.",
        "\u200b---\ndraft: true\n---\nText.",
        "\u00a0\n---\ndraft: true\n---\nText.",
        "\n\ufeff---\ndraft: true\n---\nText.",
        "\ufeff\ufeff---\ndraft: true\n---\nText.",
        "\x0c---\ndraft: true\n---\nText.",
        "\x00---\ndraft: true\n---\nText.",
        "# aside\n---\ndraft: true\n---\nText.",
        "<!-- aside -->\n---\ndraft: true\n---\nText.",
        "<!-- aside -->\n\n---\ndraft: true\n---\nText.",
        "%YAML 1.2\n---\ndraft: true\n---\nText.",
        "----\ndraft: true\n----\nText.",
        "--\ndraft: true\n--\nText.",
        "***\ndraft: true\n***\nText.",
        "===\ndraft: true\n===\nText.",
        "++++\ndraft = true\n++++\nText.",
        "—--\ndraft: true\n—--\nText.",
        "–––\ndraft: true\n–––\nText.",
        "--- yaml\ndraft: true\n---\nText.",
        "--- # aside\ndraft: true\n---\nText.",
        "--- {draft: true}\n---\nText.",
        "---YAML\ndraft: true\n---\nText.",
        "---js\n{ draft: true }\n---\nText.",
        "---\n{ draft: true\n---\nText.",
        "---\x85draft: true\x85---\x85Text.",
        "---\u2028draft: true\u2028---\u2028Text.",
        "---\x0bdraft: true\x0b---\x0bText.",
        "---\r\rdraft: true\r\r---\r\rText.",
        "---\r\r\ndraft: true\r\r\n---\r\r\nText.",
        b"---\ntitle: caf\xe9\ndraft: true\n---\nText.",
        "---\ndraft: true\n---\nText.".encode("utf-16-le"),
        "---\ndraft: true\n---\nText.".encode("utf-16-be"),
        "---\ndraft: true\n---\nText.".encode("utf-32"),
    ],
    ids=repr,
)
def test_a_draft_stays_out_though_its_front_matter_is_no_front_matter(source: str | bytes) -> None:
    assert stays_out(source)


@pytest.mark.parametrize(
    "source",
    [
        "How to write a draft: begin with the end.\n",
        "# Notes\n\nThe key `draft: true` hides a post.\n",
        "# Notes\n\n```\n---\ndraft: true\n---\n```\n",
        under("title: Front matter", "```\n---\ndraft: true\n---\n```\n\ndraft: true\n"),
        under("title: Front matter", "---\ndraft: true\n---\n"),
        under("title: A\ndescription: 'draft: true'"),
        under("title: A\ntags: [draft, private]"),
        under("title: A\ncategory: hidden"),
        under("title: 'published: false'"),
        under("redirect: false"),
        under("redirect_from: /old/"),
        under("aliases: [/old/]"),
        under("search: {boost: 2}"),
        under("build: {list: always}"),
        under("layout: post\nhero: false\ncomments: false\nnav: no"),
        under("robots: index, follow"),
        under("expires: never"),
    ],
)
def test_a_public_post_does_not_stay_out(source: str) -> None:
    assert not stays_out(source)


def test_the_rule_names_the_key_that_hides() -> None:
    assert rule_of("Draft: yes") == "Draft: yes"
    assert rule_of("status: draft") == "status: draft"


@pytest.mark.parametrize(
    "source",
    [
        under('draft: "\\e[2J\\a"'),
        json.dumps({"draft": "\x1b[2J"}) + "\n",
        json.dumps({"draft\x1b": 1, "Draft": "\n\n" + "x" * 99}) + "\n",
    ],
)
def test_the_rule_can_be_printed_in_one_line(source: str) -> None:
    rule = came_to(source).hidden
    assert rule is not None
    assert rule.isprintable()
    assert len(rule) < 80


@pytest.mark.parametrize("key", ["date", "publishDate", "publish_date", "pubDate", "published", "published_at"])
def test_a_post_of_the_future_stays_out_until_then(key: str) -> None:
    assert rule_of(f"{key}: 2030-01-01")
    assert rule_of(f"{key}: 2024-05-31") is None


@pytest.mark.parametrize(
    ("date", "hidden"),
    [
        ("2024-06-01T00:00:00Z", False),
        ("2024-06-01 00:00:01 UTC", True),
        ("2024-06-01 01:30 +02:00", False),
        ("2024-05-31 23:30 -02:00", True),
        ("2024-05-31", False),
        ("2024-06-01", False),
        ("2024-06-02", True),
    ],
)
def test_the_future_begins_now(date: str, hidden: bool) -> None:
    assert NOW == "2024-06-01T00:00:00Z"
    assert bool(rule_of(f"date: {date}")) is hidden


def test_a_file_name_of_the_future_is_one_too() -> None:
    assert came_to(under("title: A"), "_posts/2030-01-01-a.md").hidden


@pytest.mark.parametrize("front_matter", ["date: 2030-01-01\ndate: 2020-01-01", "date: 2020-01-01\ndate: 2030-01-01"])
def test_of_two_dates_one_in_the_future_hides(front_matter: str) -> None:
    assert rule_of(front_matter)


def test_the_future_can_be_shown() -> None:
    assert rule_of("date: 2030-01-01\npublishDate: 2030-01-01", rules=rules(future=True)) is None


@pytest.mark.parametrize("key", ["expires", "expiryDate", "expiry_date", "expiration-date", "unpublish_date"])
def test_a_post_that_expired_stays_out(key: str) -> None:
    assert rule_of(f"{key}: 2024-05-31")
    assert rule_of(f"{key}: 2024-06-01T00:00:00Z")
    assert rule_of(f"{key}: 2030-01-01") is None
    assert rule_of(f"{key}: 2024-05-31", rules=rules(expired=True)) is None


@pytest.mark.parametrize("value", ["soon", "2018-04-31", "[2020-01-01]", "{a: b}"])
@pytest.mark.parametrize("key", ["expires", "publishDate"])
def test_a_moment_that_is_none_hides(key: str, value: str) -> None:
    assert rule_of(f"{key}: {value}")


@pytest.mark.parametrize(
    "front_matter", ["expires: 2030-01-01\nexpires: 2020-01-01", "expires: 2020-01-01\nexpires: 2030-01-01"]
)
def test_of_two_ends_the_earlier_holds(front_matter: str) -> None:
    assert rule_of(front_matter)


def test_an_impossible_date_costs_the_date_and_not_the_post() -> None:
    found = came_to(under("title: A\ndate: 2018-04-31"))
    assert found.post is not None
    assert found.post.date is None
    assert [line for line, reason in found.remarks if "2018-04-31" in reason] == [3]


@pytest.mark.parametrize(
    "front_matter",
    [
        "redirect_to: /new/",
        "redirect_to: [/new/]",
        "redirectTo: /new/",
        "redirect: https://example.org",
        "layout: redirect",
        "dest_url: /new/",
    ],
)
def test_a_redirect_is_no_post(front_matter: str) -> None:
    assert rule_of(front_matter) == "a redirect"


HTML = "<html><head><title>A</title>{}</head><body><p>Text.</p></body></html>"


@pytest.mark.parametrize(
    "meta",
    [
        '<meta name="status" content="draft">',
        '<meta name="Status" content="Hidden">',
        '<META NAME="status" CONTENT="draft">',
        '<meta name="status" contents="draft">',
        '<meta name="draft" content="true">',
        '<meta name="published" content="no">',
        '<meta name="robots" content="noindex">',
        '<meta name="ROBOTS" content="NOINDEX, NOFOLLOW">',
        '<meta name="date" content="2030-01-01">',
        '<meta property="article:published_time" content="2030-01-01">',
        '<meta name="expires" content="2020-01-01">',
        '<meta name="status" content="published"><meta name="status" content="draft">',
        '<meta http-equiv="refresh" content="0; url=/new/">',
        '<meta http-equiv="Refresh" content="0;URL=/new/">',
    ],
)
def test_a_page_in_html_stays_out_by_its_meta(meta: str) -> None:
    assert came_to(HTML.format(meta), "a.html").hidden
    assert came_to(HTML.format(""), "a.html").post


@pytest.mark.parametrize(
    "path",
    [
        "README.md",
        "readme.md",
        "a/README.markdown",
        "README.de.md",
        "_includes/a.md",
        "a/_includes/b/c.html",
        "partials/a.html",
        "_layouts/post.html",
        "_drafts/a.md",
        "drafts/a.md",
        "blog/_drafts/2020-01-01-a.md",
        "Drafts/a.md",
        "_Drafts/a.md",
        "archetypes/default.md",
        "scaffolds/post.md",
        "LICENSE.md",
        "CONTRIBUTING.md",
        "CODE_OF_CONDUCT.md",
        "_site/a.html",
    ],
)
def test_a_file_that_is_no_post_is_known_by_its_path(path: str) -> None:
    assert hidden_path(path)


@pytest.mark.parametrize(
    "path",
    [
        "a.md",
        "_posts/a.md",
        "readme-driven-development.md",
        "a/my-readme.md",
        "drafting.md",
        "drafts.md",
        "2020-01-01-drafts.md",
        "license-plates.md",
        "blog/includes.md",
        "my_drafts/a.md",
        "including/a.md",
    ],
)
def test_a_post_is_not_taken_for_another_file(path: str) -> None:
    assert hidden_path(path) is None


words = st.sampled_from(
    ["true", "false", "yes", "no", "1", "0", "on", "off", "maybe", "", "null", "True", "FALSE", "[true]", "{a: b}"]
)


@given(st.lists(words, min_size=1, max_size=3))
def test_only_a_clear_no_to_draft_is_public(values: list[str]) -> None:
    found: Extracted = came_to(under("\n".join(f"draft: {value}" for value in values)))
    clear = {"false", "no", "0", "off", "", "null", "FALSE"}
    assert (found.post is not None) == (set(values) <= clear)


@given(st.lists(words, min_size=1, max_size=3))
def test_only_a_clear_yes_to_published_is_public(values: list[str]) -> None:
    found: Extracted = came_to(under("\n".join(f"published: {value}" for value in values)))
    assert (found.post is not None) == (set(values) <= {"true", "yes", "1", "on", "True"})


noise = st.text(st.sampled_from(" \t\n\ufeff\u200b\u00a0#-+;<!>\x0c%{}"), max_size=6)


@given(
    noise,
    st.sampled_from(["---", "+++", ";;;", "--- ", "----"]),
    st.sampled_from(["draft: true", "draft = true", '"draft": true']),
    noise,
)
def test_a_draft_stays_out_whatever_stands_around_it(before: str, fence: str, key: str, after: str) -> None:
    """Not a key that a person would see as part of the text: it stands on a line of its own, near the top."""
    if "\n\n" in f"{before}{fence}".replace(" ", "").replace("\t", ""):
        return
    assert stays_out(f"{before}{fence}\n{key}\n{fence}{after}\nText.\n")
