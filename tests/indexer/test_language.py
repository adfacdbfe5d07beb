"""Is the language of a post known, by its keys or its name?"""

from __future__ import annotations

import pytest

from indexer.language import in_name, language
from indexer.metadata import Value, metadata


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("about.de", "de"),
        ("about.DE", "DE"),
        ("about.pt-br", "pt-br"),
        ("about.zh_TW", "zh_TW"),
        ("about.zh-hans", "zh-hans"),
        ("2013-12-24-a-humble-test.ru", "ru"),
        ("index.fr", "fr"),
        ("v1.2.ja", "ja"),
        ("about", ""),
        ("de", ""),
        ("about.deu", ""),
        ("about.de.x", ""),
        ("about-de", ""),
        ("about_de", ""),
        ("about.de-", ""),
        ("about.de-a", ""),
        ("about.de-abcde", ""),
        ("", ""),
        # Codes of languages, but of files and domains as well.
        ("next.js", ""),
        ("socket.io", ""),
        ("notes.md", ""),
        ("main.rs", ""),
        ("build.sh", ""),
        ("tables.db", ""),
        ("open.ai", ""),
        ("youtu.be", "be"),
    ],
)
def test_a_language_stands_behind_the_last_dot_of_a_name(name: str, found: str) -> None:
    assert in_name(name) == found


@pytest.mark.parametrize(
    ("pairs", "name", "found"),
    [
        ([("lang", "en")], "a", "en"),
        ([("language", "de")], "a", "de"),
        ([("locale", "pt_BR")], "a", "pt-br"),
        ([("Lang", " zh-TW ")], "a", "zh-tw"),
        ([("lang", "en"), ("language", "de")], "a", "en"),
        ([("lang", ""), ("language", "de")], "a", "de"),
        ([("lang", "en")], "a.de", "en"),
        ([("lang", "")], "a.de", "de"),
        ([("lang", ["en"])], "a.de", "de"),
        ([], "a.zh_TW", "zh-tw"),
        ([], "a", ""),
    ],
)
def test_what_a_key_says_holds_over_the_name(pairs: list[tuple[str, Value]], name: str, found: str) -> None:
    assert language(metadata((key, value, 1) for key, value in pairs), name) == found
