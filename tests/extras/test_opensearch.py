"""Which settings of a cluster are refused before anybody speaks to it?"""

from __future__ import annotations

import pytest

from extras.opensearch.cluster import Cluster
from extras.opensearch.document import document, key, text_of
from indexer import Settings, SettingsError, open_engine
from tests.conftest import make_post


@pytest.mark.parametrize(
    ("host", "reason"),
    [
        ("https://ann:secret@node1:9200", "environment"),
        ("node1:9200", "such as https"),
        ("ftp://node1", "such as https"),
        ("http://node1.example.org:9200", "https to another machine"),
    ],
)
def test_an_address_is_refused_that_would_tell_a_secret(host: str, reason: str) -> None:
    with pytest.raises(SettingsError, match=reason) as raised:
        open_engine(Settings(engine="opensearch", hosts=("https://good:9200", host)))
    assert raised.value.key == "hosts"
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("host", ["https://node1.example.org:9200", "http://localhost:9200", "http://127.0.0.1:9201"])
def test_others_are_taken(host: str) -> None:
    assert Cluster.of(Settings(hosts=(host,), index_prefix="blog")).prefix == "blog"


def test_an_engine_that_is_not_there_is_named() -> None:
    with pytest.raises(SettingsError, match="'sphinx' is none") as raised:
        open_engine(Settings(engine="sphinx"))
    assert raised.value.key == "engine"


def test_a_document_has_each_word_with_what_it_is_found_by_at_its_place() -> None:
    made = document(make_post("Cafés", tags=("a b",), body="camelCase " + "x" * 65))
    assert made["words"].split(" ") == [
        *("cafes|=cafés|>c|>ca|>caf|>cafe|>cafes", "_", "a|>a", "b|>b", "_", "_"),
        "camelcase|<camel|<case|" + "|".join(">" + "camelcase"[:end] for end in range(1, 10)),
        "_",
    ]
    assert made["title_stems"] == "english:cafe"
    assert (made["length"], made["title_length"]) == (4, 1)


def test_keys_stand_in_the_order_of_texts_whatever_is_in_them() -> None:
    texts = ["", "A", "a", "a b", "ä", "caf\udce9", "网", "\U0001f514"]
    assert [text_of(key(text)) for text in texts] == texts
    assert sorted(map(key, texts)) == [key(text) for text in sorted(texts)]
