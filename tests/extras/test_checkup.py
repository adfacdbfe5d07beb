"""Is an author told what is wrong or odd with each post, and an operator whether the index is whole?"""

from __future__ import annotations

from pathlib import Path

import pytest

from extras.checkup import Findings, check_content, check_index
from indexer.errors import SettingsError
from indexer.settings import Settings
from indexer.sync import sync
from tests.indexer.conftest import fill, under

TIDY = under("title: A\ndate: 2020-01-02\ntags: [x]")


@pytest.fixture
def site(content: Path, tmp_path: Path) -> Settings:
    """A site whose posts lie in `content`."""
    return Settings(content=content, index=tmp_path / "index", jobs=1)


def warnings(findings: Findings) -> list[tuple[str, int | None, str]]:
    return [(warning.path, warning.line, warning.reason) for warning in findings.warnings]


def test_a_tidy_folder_gives_no_cause_to_complain(site: Settings) -> None:
    fill(site.content, {"a.md": TIDY, "b.md": TIDY})
    assert check_content(site) == Findings(posts=2)


@pytest.mark.parametrize(
    ("source", "lacking"),
    [
        (under("title: A\ntags: [x]"), "date"),
        (under("title: A\ndate: 2020-01-02"), "tags"),
        (under("title: A\ndate: 2020-01-02\ntags: [x]", ""), "text"),
    ],
)
def test_what_a_post_lacks_is_a_warning(site: Settings, source: str, lacking: str) -> None:
    fill(site.content, {"a.md": source})
    findings = check_content(site)
    assert (findings.posts, findings.errors) == (1, ())
    assert [(path, lacking in reason) for path, _, reason in warnings(findings)] == [("a.md", True)]


def test_a_post_without_a_title_of_its_own_is_a_warning(site: Settings) -> None:
    fill(site.content, {"a.md": under("date: 2020-01-02\ntags: [x]")})
    assert [(path, "title" in reason) for path, _, reason in warnings(check_content(site))] == [("a.md", True)]


@pytest.mark.parametrize(
    ("front_matter", "line"),
    [
        ("title: A\ndate: soon\ntags: [x]\npubDate: 2020-01-02", 3),
        ("title: A\ndate: 2020-01-02\ntags: [x]\nTitle: B", 2),
    ],
)
def test_what_is_odd_is_a_warning_with_its_line(site: Settings, front_matter: str, line: int) -> None:
    fill(site.content, {"a.md": under(front_matter)})
    findings = check_content(site)
    assert findings.errors == ()
    assert [found for _, found, _ in warnings(findings)] == [line]


def test_what_cannot_be_read_is_an_error_with_its_line(site: Settings) -> None:
    fill(site.content, {"a.md": TIDY, "bad.md": under("title: A\nbad: ["), "open.md": "---\ntitle: A\n\nText."})
    findings = check_content(site)
    assert findings.posts == 1
    assert [(error.path, error.line) for error in findings.errors] == [("bad.md", 4), ("open.md", 1)]


def test_what_is_not_for_the_public_is_named(site: Settings) -> None:
    fill(site.content, {"a.md": TIDY, "b.md": under("draft: true"), "README.md": ""})
    findings = check_content(site)
    assert (findings.posts, findings.errors, findings.warnings) == (1, (), ())
    assert [hidden.path for hidden in findings.hidden] == ["README.md", "b.md"]


def test_two_posts_with_one_address_are_a_warning(site: Settings) -> None:
    fill(
        site.content,
        {
            "a.md": TIDY.replace("title", "permalink: /same/\ntitle"),
            "b.md": TIDY.replace("title", "permalink: /same/\ntitle"),
        },
    )
    said = " ".join(map(str, check_content(site).warnings))
    assert "a.md" in said
    assert "b.md" in said


def test_a_check_finds_what_a_build_does(site: Settings) -> None:
    fill(
        site.content,
        {"a.md": TIDY, "bad.md": under("x: ["), "c.md": under("draft: true"), "d.md": under("date: soon\ntags: [x]")},
    )
    (site.content / "link.md").symlink_to("missing.md")
    findings, report = check_content(site), sync(site)
    assert (findings.posts, findings.errors, findings.hidden) == (report.posts, report.skipped, report.hidden)
    assert set(report.warnings) <= set(findings.warnings)


def test_a_check_writes_nothing(site: Settings) -> None:
    fill(site.content, {"a.md": TIDY})
    check_content(site)
    assert not site.index.exists()


def test_progress_is_told(site: Settings) -> None:
    fill(site.content, {"a.md": TIDY, "b.md": TIDY})
    told: list[tuple[int, int]] = []
    check_content(site, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (2, 2)


def test_a_folder_that_is_missing_is_an_error_of_the_operator(site: Settings) -> None:
    with pytest.raises(SettingsError):
        check_content(Settings(content=site.content / "missing"))


def test_a_whole_index_gives_no_cause_to_complain(site: Settings) -> None:
    fill(site.content, {"a.md": TIDY, "b.md": TIDY})
    sync(site)
    assert check_index(site) == Findings(posts=2)


def test_an_index_that_is_missing_is_an_error_that_names_it_once(site: Settings) -> None:
    [error] = check_index(site).errors
    assert str(error).count(str(site.index)) == 1


@pytest.mark.parametrize("pattern", ["*.toc", "*.flat"])
def test_an_index_that_was_damaged_is_an_error(site: Settings, pattern: str) -> None:
    fill(site.content, {f"{number}.md": TIDY for number in range(3)})
    sync(site)
    [place] = (site.index / "current").glob(pattern)
    place.write_bytes(b"\0" * place.stat().st_size)
    findings = check_index(site)
    assert findings.errors
    assert all(error.reason for error in findings.errors)


def test_what_a_rollback_would_bring_back_is_looked_at_too(site: Settings) -> None:
    fill(site.content, {"a.md": TIDY})
    sync(site)
    fill(site.content, {"a.md": TIDY + "More.\n"})
    sync(site)
    [before] = {*site.index.glob("0*")} - {(site.index / "current").resolve()}
    [place] = before.glob("*.flat")
    place.write_bytes(b"\0" * place.stat().st_size)
    [error] = check_index(site).errors
    assert place.name in error.reason
