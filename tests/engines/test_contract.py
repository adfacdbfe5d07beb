"""What does every engine promise? Each test is a sentence of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from math import prod
from threading import Event
from typing import Any

import pytest
from msgspec.structs import replace

from extras.explanation import Explanation, explain
from indexer.curation import Curation
from indexer.engine import ENOUGH, FACETS, Engine, Searchable
from indexer.errors import BuildRefusedError, IndexBusyError, QueryError
from indexer.post import Post, Section
from indexer.query import SORTS, Phrase, Query, Word
from indexer.results import Facet, Newer, Results, Suggestions
from indexer.search import search
from indexer.settings import Settings
from indexer.suggestions import suggest
from indexer.words import fold_tag
from tests.conftest import make_post
from tests.engines.conftest import OpenHandle

FULL_POST = make_post(
    "Métriques & «alerts»",
    id="2023/08/métriques.html.md",
    url="/2023/08/m%C3%A9triques.html",
    description="What to watch, and when to sleep.",
    body="Watch\nlatency; sleep.\n\nAlerts\nfew \U0001f514 and \x1e loud",
    date="2023-08-14T12:07:00Z",
    updated="2024-01-31",
    tags=("Service Mesh", "c++", "監視"),
    categories=("Operations",),
    authors=("Ann", "José"),
    language="pt-br",
    image="/img/a.png",
    boost=2.5,
    evergreen=True,
    superseded_by="new.md",
    sections=(
        Section(heading="Watch", anchor="watch", level=2, start=0),
        Section(heading="Alerts", anchor="alerts", level=3, start=23),
    ),
)


def hold(engine: Engine, **bodies: str) -> None:
    """Make *engine* hold one post for each body, with the name of the argument for its id."""
    engine.apply(put=[make_post(id=id, body=body) for id, body in bodies.items()])


def tagged(**tags: Iterable[str]) -> list[Post]:
    return [make_post(id=id, tags=tuple(names)) for id, names in tags.items()]


def dated(**dates: str | None) -> list[Post]:
    return [make_post(id=id, date=date) for id, date in dates.items()]


def ids(results: Results) -> list[str]:
    return [hit.id for hit in results.hits]


def found(engine: Searchable, text: str = "", **narrowed: Any) -> list[str]:
    """The ids that *text* finds, in order."""
    return ids(search(engine, text, per_page=100, **narrowed))


# What is held


@pytest.mark.parametrize("word", ["titled", "tagged", "described", "written"])
def test_a_post_is_found_by_a_word_of_each_of_its_texts_as_soon_as_it_is_put(engine: Engine, word: str) -> None:
    engine.apply(put=[make_post("Titled", id="it", tags=("Tagged",), description="described", body="written")])
    assert found(engine, word) == ["it"]


def test_putting_a_post_again_replaces_it(engine: Engine) -> None:
    hold(engine, it="draft", other="draft")
    assert found(engine, "draft") == ["it", "other"]
    hold(engine, it="final")
    assert found(engine, "draft") == ["other"]
    assert found(engine, "final") == ["it"]
    assert search(engine).total == 2


def test_a_dropped_post_is_found_no_more(engine: Engine) -> None:
    hold(engine, it="flask", other="flask")
    assert found(engine, "flask") == ["it", "other"]
    engine.apply(drop=["it"])
    assert found(engine, "flask") == ["other"]
    assert engine.post("it") is None
    assert engine.tags() == ()
    assert set(engine.digests()) == {"other"}


def test_a_dropped_post_can_come_back(engine: Engine) -> None:
    hold(engine, it="flask")
    engine.apply(drop=["it"])
    hold(engine, it="whoosh")
    assert (found(engine, "flask"), found(engine, "whoosh")) == ([], ["it"])


def test_what_its_trial_refuses_is_never_held(engine: Engine) -> None:
    hold(engine, it="flask")
    tried: list[list[str]] = []

    def refuse(other: Searchable) -> None:
        tried.append(found(other, "flask"))
        raise BuildRefusedError("no")

    before = engine.generation
    with pytest.raises(BuildRefusedError):
        engine.apply(put=[make_post(id="new", body="flask")], drop=["it"], trial=refuse)
    assert tried == [["new"]]
    assert (found(engine, "flask"), engine.generation) == (["it"], before)


def test_dropping_an_unknown_id_is_harmless(engine: Engine) -> None:
    hold(engine, it="flask")
    engine.apply(drop=["unknown", "", "i"])
    assert found(engine, "flask") == ["it"]


def test_one_change_puts_and_drops(engine: Engine) -> None:
    hold(engine, leaves="flask", stays="flask")
    engine.apply(put=[make_post(id="comes", body="flask")], drop=["leaves"])
    assert found(engine, "flask") == ["comes", "stays"]


def test_what_to_drop_is_read_after_what_to_put(engine: Engine) -> None:
    hold(engine, seen="flask", unseen="flask", changed="flask")
    seen: set[str] = set()

    def changed() -> Iterator[Post]:
        for id in ("seen", "changed"):
            seen.add(id)
            if id == "changed":
                yield make_post(id=id, body="whoosh")

    def gone() -> Iterator[str]:
        yield from {"seen", "unseen", "changed"} - seen

    engine.apply(put=changed(), drop=gone())
    assert (found(engine, "flask"), found(engine, "whoosh")) == (["seen"], ["changed"])


def test_a_change_fails_whole_if_what_to_drop_cannot_be_told(engine: Engine) -> None:
    hold(engine, it="flask", other="flask")
    with pytest.raises(ZeroDivisionError):
        engine.apply(put=[make_post(id="new", body="flask")], drop=(["it", "other"][1 // n] for n in (1, 0)))
    assert found(engine, "flask") == ["it", "other"]


def test_of_two_posts_with_one_id_in_a_change_the_last_is_held(engine: Engine) -> None:
    engine.apply(put=[make_post(id="it", body=body) for body in ("first", "second", "third")])
    assert found(engine) == ["it"]
    assert [found(engine, word) for word in ("first", "second", "third")] == [[], [], ["it"]]
    assert engine.stats().posts == 1


def test_ids_that_begin_alike_or_differ_in_case_are_different_posts(engine: Engine) -> None:
    names = ["A.md", "a", "a.md", "a/b c.md", "a/b.md", "b,a.md", "ä.md"]
    engine.apply(put=[make_post(id=id) for id in names])
    engine.apply(drop=["a", "b"])
    assert sorted(engine.digests()) == ["A.md", "a.md", "a/b c.md", "a/b.md", "b,a.md", "ä.md"]


def test_an_id_may_be_a_file_name_that_is_no_unicode(engine: Engine) -> None:
    it = make_post(id="caf\udce9.md", body="flask")
    engine.apply(put=[it])
    assert found(engine, "flask") == [it.id]
    assert engine.post(it.id) == it
    engine.apply(drop=[it.id])
    assert found(engine) == []


def test_a_failed_change_changes_nothing(engine: Engine) -> None:
    hold(engine, old="flask", replaced="flask")
    before = (engine.generation, engine.digests(), engine.stats(), ids(search(engine)))

    def posts() -> Iterator[Post]:
        yield make_post(id="new", body="flask", tags=("new",))
        yield make_post(id="replaced", body="whoosh")
        raise RuntimeError("the third file is a directory")

    with pytest.raises(RuntimeError, match="the third file"):
        engine.apply(put=posts(), drop=["old"])
    assert found(engine, "flask") == ["old", "replaced"]
    assert found(engine, "whoosh") == []
    assert (engine.generation, engine.digests(), engine.stats(), ids(search(engine))) == before


def test_after_a_failed_change_the_next_one_holds_and_nothing_of_the_failed_one_shows(engine: Engine) -> None:
    with pytest.raises(ZeroDivisionError):
        engine.apply(put=(make_post(id=f"{1 // n}", body="leaked", tags=("leaked",)) for n in (1, 0)))
    hold(engine, it="flask")
    assert found(engine, "leaked") == []
    assert found(engine) == ["it"]
    assert engine.tags() == ()


def test_a_post_comes_back_as_it_was_put(engine: Engine) -> None:
    plain = make_post("Plain")
    engine.apply(put=[FULL_POST, plain])
    assert engine.post(FULL_POST.id) == FULL_POST
    assert engine.post(plain.id) == plain
    assert engine.post("unknown") is None


def test_a_hit_says_what_its_post_says(engine: Engine) -> None:
    engine.apply(put=[FULL_POST])
    (hit,) = search(engine, "latency").hits
    for name in ("id", "url", "title", "description", "date", "tags"):
        assert getattr(hit, name) == getattr(FULL_POST, name)
    assert hit.score > 0
    assert any(fragment.marked for fragment in hit.snippet)
    assert "".join(fragment.text for fragment in hit.snippet if fragment.marked) == "latency"


def test_a_hit_tells_the_section_in_which_its_snippet_stands(engine: Engine) -> None:
    body = "Before all.\n\nBread\n\nFeed it.\n\nSoup\n\nStir it."
    bread, soup = (
        Section(heading=name, anchor=name.lower(), level=2, start=body.index(name)) for name in ("Bread", "Soup")
    )
    engine.apply(put=[make_post("Kitchen", description="At home.", body=body, sections=(bread, soup))])
    asked = ("before", "feed", "bread", "stir", "kitchen", "home", "")
    told = [search(engine, text).hits[0].section for text in asked]
    assert told == [None, bread, bread, soup, None, None, None]


def test_what_is_held_is_told_by_id_and_digest(engine: Engine) -> None:
    engine.apply(put=[make_post(id="a", digest="1"), make_post(id="b", digest="2")])
    engine.apply(put=[make_post(id="b", digest="3")])
    assert dict(engine.digests()) == {"a": "1", "b": "3"}


def test_stats_count_what_is_held(engine: Engine) -> None:
    engine.apply(put=[make_post("Two words", tags=("Two", "mesh")), make_post("Words", tags=("two",))])
    stats = engine.stats()
    assert (stats.posts, stats.words, stats.tags) == (2, 3, 2)
    assert stats.generation == engine.generation


def test_what_was_held_before_the_last_change_can_be_held_again(engine: Engine) -> None:
    hold(engine, it="flask")
    hold(engine, it="whoosh", other="whoosh")
    assert engine.rollback()
    assert (found(engine, "flask"), found(engine, "whoosh")) == (["it"], [])
    hold(engine, it="whoosh")
    assert found(engine, "whoosh") == ["it"]
    assert engine.rollback()
    assert found(engine, "flask") == ["it"]


def test_what_was_dropped_never_comes_back(engine: Engine) -> None:
    hold(engine, it="flask", other="whoosh")
    engine.apply(drop=["other"])
    assert not engine.rollback()
    assert (found(engine, "flask"), found(engine, "whoosh")) == (["it"], [])


def test_an_engine_made_anew_has_nothing_to_go_back_to(engine: Engine) -> None:
    hold(engine, it="flask", other="whoosh")
    engine.apply(put=[make_post("Flask", id="it")], afresh=True)
    assert not engine.rollback()


def test_the_generation_changes_with_what_is_held_and_only_then(engine: Engine) -> None:
    generations = [engine.generation]
    hold(engine, it="flask")
    generations.append(engine.generation)
    hold(engine, it="whoosh")
    generations.append(engine.generation)
    found(engine, "whoosh")
    assert engine.generation == generations[-1]
    engine.apply(drop=["it"])
    generations.append(engine.generation)
    assert all(before != after for before, after in pairwise(generations))


def test_an_engine_that_holds_nothing_finds_nothing(engine: Engine) -> None:
    for text in ("", "flask", "-flask", '"flask"', "tag:flask"):
        results = search(engine, text)
        assert (results.total, results.pages, results.hits, results.facets) == (0, 0, (), {"tags": ()})
    assert engine.tags() == ()
    assert dict(engine.digests()) == {}
    assert engine.stats().posts == 0


# Which words find a post


@pytest.mark.parametrize(
    ("asked", "body"),
    [
        ("post", "Posts"),
        ("POSTED", "posting"),
        ("cafe", "Café"),
        ("café", "CAFE\u0301"),
        ("strasse", "Straße"),
        ("ａｂｃ", "abc"),
        ("bold", "this is **bold**"),
        ("bold", "__bold__"),
        ("h100", "an H100 card"),
        ("case", "snake_case"),
        ("python", "(python)"),
        ("don't", "I don’t know"),
        ("foo", "foo.bar"),
        ("привет", "ПРИВЕТ"),
        ("हिन्दी", "हिन्दी में"),
        ("a*", "apple"),
        ("appl*", "Apples"),
        ("caf*", "CAFÉS"),
    ],
)
def test_a_word_is_found_in_another_form(engine: Engine, asked: str, body: str) -> None:
    hold(engine, it=body, other="something else")
    assert found(engine, asked) == ["it"]


@pytest.mark.parametrize(
    "asked", ["服", "务", "格", "服务", "务网", "网格", "服务网", "服务网格", "务网*", '"网格"', "a服务"]
)
def test_any_part_of_a_text_without_blanks_is_found(engine: Engine, asked: str) -> None:
    hold(engine, it="在服务网格中", other="服中 务在 格网", a="a")
    assert "it" in found(engine, asked)
    if len(asked.strip('"*a')) > 1:
        assert "other" not in found(engine, asked)


def test_what_is_typed_with_accents_is_found_with_them_first(engine: Engine) -> None:
    hold(engine, accented="the café", plain="the cafe", other="the tea")
    assert found(engine, "café") == ["accented", "plain"]
    assert set(found(engine, "cafe")) == {"accented", "plain"}


@pytest.mark.parametrize("asked", ["C++", "c++", "C++ ", '"C++"'])
def test_signs_that_belong_to_a_name_are_part_of_it(engine: Engine, asked: str) -> None:
    hold(engine, cpp="written in C++, or C++17", sharp="written in C#", plain="vitamin C")
    assert found(engine, asked) == ["cpp"]


def test_a_sign_that_is_typed_counts_as_much_as_the_word(engine: Engine) -> None:
    long = "word " * 60
    engine.apply(put=[make_post("The edition", id="title"), make_post(id="sign", body=f"{long} --edition {long}")])
    assert found(engine, "--edition")[0] == "sign"
    assert found(engine, "edition ")[0] == "title"


@pytest.mark.parametrize(("asked", "first"), [(".NET", "name"), ("--dry-run", "flag"), ("dry run ", "prose")])
def test_a_name_with_signs_comes_before_the_words_without(engine: Engine, asked: str, first: str) -> None:
    hold(engine, flag="try --dry-run", prose="a dry run it was, a dry run", name="on .NET", word="on the net, the net")
    assert found(engine, asked)[0] == first


@pytest.mark.parametrize("asked", ["search", "OpenSearch", "opensearch", "open", "sear ch OpenSea"])
def test_a_name_in_humps_is_found_whole_and_by_its_parts(engine: Engine, asked: str) -> None:
    hold(engine, it="with OpenSearch", other="with nothing")
    assert found(engine, asked) == ["it"]


def test_a_part_of_a_name_counts_less_than_the_word(engine: Engine) -> None:
    hold(engine, part="OpenSearch OpenSearch", word="search here", other="nothing")
    assert found(engine, "search") == ["word", "part"]
    assert found(engine, '"search"') == ["word"]


def test_words_are_joined_by_the_stems_of_the_language_of_their_post(engine: Engine) -> None:
    engine.apply(
        put=[
            make_post(id="de", body="alte Häuser", language="de"),
            make_post(id="fr", body="les maisons", language="fr"),
            make_post(id="en", body="hauser maisons", language="en"),
        ]
    )
    assert found(engine, "Haus ") == ["de"]
    assert set(found(engine, "maison ")) == {"en", "fr"}
    engine.apply(drop=["fr", "en"])
    assert found(engine, "hauses ") == ["de"]


def test_a_form_counts_only_in_posts_of_its_language(engine: Engine) -> None:
    engine.apply(put=[make_post(id=language, body="hablando", language=language) for language in ("es", "en")])
    assert found(engine, "hablar ") == ["es"]


def test_the_last_word_may_be_the_beginning_of_a_longer_one(engine: Engine) -> None:
    hold(engine, it="an installation of whoosh", other="an index of whoosh")
    for end in range(2, len("installation") + 1):
        assert "it" in found(engine, "installation"[:end]), end
        assert found(engine, "whoosh " + "installation"[:end])[0] == "it"


def test_a_blank_behind_it_makes_the_last_word_a_whole_one(engine: Engine) -> None:
    hold(engine, it="cat", longer="category")
    assert found(engine, "cat") == ["it", "longer"]
    assert found(engine, "cat ") == ["it"]
    assert found(engine, "cat?") == ["it"]


@pytest.mark.parametrize("asked", ["Hello, World!", "hello world", "HELLO world", "Hello World "])
def test_the_post_whose_whole_title_is_typed_comes_first(engine: Engine, asked: str) -> None:
    engine.apply(
        put=[
            make_post("Hello, World", id="it", body="nothing " * 500),
            make_post("Hello again, hello World", id="other", body="hello world " * 50),
            make_post("Hello", id="short", body="hello world " * 50),
            make_post("Hello, World2", id="longer", date="2030-01-01"),
        ]
    )
    assert found(engine, asked)[0] == "it"
    assert found(engine, asked, sort="title") == ["short", "other", "it", "longer"]


@pytest.mark.parametrize("asked", ["kubernates", "kubrenetes", "ubernetes", "kubernetess", "kubernettess"])
def test_a_mistyped_word_is_found_below_those_that_have_it_as_typed(engine: Engine, asked: str) -> None:
    right = {f"right{n}": "on kubernetes" for n in range(10)}
    hold(engine, typed=f"about {asked}", other="nothing", **right)
    results = search(engine, asked, per_page=20)
    assert (ids(results)[0], set(ids(results)[1:])) == ("typed", {*right})
    assert (results.total_all_words, results.total_corrected, results.did_you_mean) == (1, 10, "")


def test_a_word_is_not_corrected_where_enough_posts_have_it_as_typed(engine: Engine) -> None:
    typed = {f"typed{n}": "color" for n in range(ENOUGH)}
    hold(engine, **typed, **{f"right{n}": "colour" for n in range(10 * ENOUGH)})
    assert search(engine, "color").total == ENOUGH
    engine.apply(drop=["typed0"])
    assert search(engine, "color").total == 11 * ENOUGH - 1


@pytest.mark.parametrize(
    ("typed", "held"),
    [("cta", "cat"), ("caats", "cats"), ("h101", "h100"), ("kubrentse", "kubernetes"), ("bat", "cat")],
)
def test_short_words_and_numbers_are_corrected_less(engine: Engine, typed: str, held: str) -> None:
    hold(engine, it=held)
    assert found(engine, f"{typed} ") == (["it"] if typed == "caats" else [])


def test_a_correction_has_to_be_much_better_known_than_what_was_typed(engine: Engine) -> None:
    hold(engine, rare="piazza", **{f"pizza{n}": "pizza" for n in range(9)})
    assert "rare" not in found(engine, "pizza ")
    assert found(engine, "piazza ") == ["rare"]
    hold(engine, another="pizza")
    assert len(found(engine, "piazza ")) == 11


def test_all_words_put_right_come_before_some_words(engine: Engine) -> None:
    hold(engine, both="docker compose", one="docker docker docker", none="neither")
    results = search(engine, "docker compsoe")
    assert ids(results) == ["both", "one"]
    assert (results.total_all_words, results.total_corrected) == (0, 1)
    assert "compose" in [fragment.text for fragment in results.hits[0].snippet if fragment.marked]


def test_did_you_mean_only_what_is_found_under_the_same_filters(engine: Engine) -> None:
    engine.apply(put=[make_post(id="it", body="docker compose", tags=["a"]), make_post(id="other", tags=["b"])])
    assert search(engine, "Docker compsoe").did_you_mean == "Docker compose"
    assert search(engine, "docker compsoe", tag=["a"]).did_you_mean == "docker compose"
    assert search(engine, "docker compsoe", tag=["b"]).did_you_mean == ""
    assert search(engine, "compose compsoe nowhere").did_you_mean == ""
    assert search(engine, "compose").did_you_mean == ""


def test_quotes_and_what_is_forbidden_are_not_corrected(engine: Engine) -> None:
    hold(engine, it="docker compose")
    assert found(engine, '"compsoe"') == []
    assert found(engine, "docker -compsoe") == ["it"]


def test_nothing_found_says_which_filters_are_to_blame(engine: Engine) -> None:
    engine.apply(put=[make_post(id="it", body="bread", tags=["a"], date="2023-01-01"), make_post(id="b", tags=["b"])])
    blamed = search(engine, "bread", tag=["b"]).without
    assert [(one.filter, one.total) for one in blamed] == [("tag:b", 1)]
    assert [one.filter for one in search(engine, "bread -tag:a").without] == ["-tag:a"]
    assert [one.filter for one in search(engine, "bread", after="2024").without] == ["after:2024"]
    assert search(engine, "bread tag:b after:2024").without == ()
    assert search(engine, "bread", tag=["a"]).without == ()


@pytest.mark.parametrize(
    ("asked", "cost"),
    [
        ("bread", 1.5),
        ("breads", 1.5),
        ("BAKED", 0.5),
        ("unheard", 0.0),
        ("b*", 2.5),
        ("title:ba*", 0.5),
        ("title:b*", 2.5),
        ('"bread baked"', 2.0),
        ("bread-b*", 4.0),
        ("tag:a", 0.5),
    ],
)
def test_a_term_costs_as_much_as_posts_have_the_words_it_stands_for(engine: Engine, asked: str, cost: float) -> None:
    one = make_post(id="one", title="-", body="bread, breads, butter", tags=["a"])
    engine.apply(put=[one, make_post(id="other", title="-", body="bread baked")])
    (clause,) = Query.parse(asked).clauses
    assert engine.cost(clause.any_of[0]) == cost


def test_a_dropped_word_corrects_nothing(engine: Engine) -> None:
    hold(engine, it="kubernetes", other="nothing")
    engine.apply(drop=["it"])
    assert engine.corrections(Word("kubernates")) == ()


@pytest.mark.parametrize(
    "title",
    [
        "The art of baking",
        "Is it what it was?",
        "git commit -m explained",
        'The "best" bread',
        "What -O3 does",
        "This OR that",
        "lang:en and other signs",
        "C++ and .NET with --dry-run",
        "OpenSearch, café & naïveté",
        "服务网格 and istio",
        "One two three four five six seven eight nine ten eleven twelve -thirteen fourteen",
    ],
)
def test_every_beginning_of_a_title_finds_its_post(engine: Engine, title: str) -> None:
    others = {f"other{n}": f"{title} and other words" for n in range(2 * ENOUGH)}
    hold(engine, **others)
    engine.apply(put=[make_post(title, id="it", body="nothing else")])
    for end in range(2, len(title) + 1):
        assert "it" in found(engine, title[:end]), title[:end]
    assert found(engine, title)[0] == "it"


def test_a_title_that_is_typed_whole_is_narrowed_like_any_other(engine: Engine) -> None:
    engine.apply(put=[make_post("Hello", id="it"), make_post("Hello there", id="other", tags=["a"])])
    assert found(engine, "hello") == ["it", "other"]
    assert found(engine, "hello", tag=["a"]) == ["other"]


def test_a_prefix_stands_for_the_beginning_of_the_word_as_written(engine: Engine) -> None:
    hold(engine, it="studies", other="student")
    assert found(engine, "studi*") == ["it"]
    assert found(engine, "study*") == []


@pytest.mark.parametrize(
    "asked", ['"quick brown"', '"Quick BROWN fox"', '"quick, brown', "“brown fox”", '-x "brown fox"']
)
def test_a_phrase_is_these_words_side_by_side(engine: Engine, asked: str) -> None:
    hold(engine, it="the quick brown fox", turned="a brown, quick fox", apart="quick and brown foxes")
    assert found(engine, asked) == ["it"]


def test_a_phrase_means_its_very_forms(engine: Engine) -> None:
    hold(engine, it="many posts here", other="a post here")
    assert found(engine, '"posts"') == ["it"]
    assert found(engine, '"post here"') == ["other"]


def test_common_words_count_in_a_phrase(engine: Engine) -> None:
    hold(engine, it="to be or not to be", other="be not or to be", closer="search flask")
    assert found(engine, '"to be or not"') == ["it"]
    assert found(engine, '"search in flask"') == []


def test_a_phrase_does_not_cross_a_word_too_long_to_keep(engine: Engine) -> None:
    hold(engine, it=f"before {'0' * 65} after")
    assert found(engine, '"before after"') == []
    assert found(engine, "before after") == ["it"]


def test_a_phrase_does_not_cross_from_one_text_to_the_next(engine: Engine) -> None:
    engine.apply(
        put=[
            make_post("one two", tags=("three", "four"), description="five", body="six\x1eseven"),
            make_post("six seven"),
        ]
    )
    for phrase in ("two three", "three four", "four five", "five six", "four three", "two six", "one six"):
        assert found(engine, f'"{phrase}"') == [], phrase
    assert found(engine, '"one two"') == ["one-two.md"]
    assert found(engine, '"six seven"') == ["six-seven.md"]


def test_a_tag_of_several_words_is_a_text(engine: Engine) -> None:
    engine.apply(put=tagged(it=("Service Mesh",), other=("service", "mesh")))
    assert found(engine, '"service mesh"') == ["it"]


@pytest.mark.parametrize(
    "text",
    ["a\x00b", "\ufeff", "\U0001f514" * 3, "x" * 10_000, "\udcff", "* ?", "[a TO b]", "^~"],
)
def test_any_text_can_be_held_and_asked_for(engine: Engine, text: str) -> None:
    hold(engine, it=text, other="flask")
    assert found(engine, "flask") == ["other"]
    found(engine, text)
    found(engine, f'"{text}" -{text} {text}*')


# Words are wanted


def test_posts_with_all_words_come_before_those_with_some(engine: Engine) -> None:
    hold(engine, all="flask " + "filler " * 200 + "whoosh", some="whoosh " * 50, none="filler")
    results = search(engine, "flask whoosh")
    assert ids(results) == ["all", "some"]
    assert (results.total, results.total_all_words) == (2, 1)


def test_missing_names_the_words_that_later_posts_lack_in_the_order_asked(engine: Engine) -> None:
    hold(engine, a="common Whoosh", b="common flask")
    assert search(engine, "Unknown whoosh the common FLASK").missing == ("Unknown", "whoosh", "FLASK")


def test_nothing_is_missing_if_all_posts_have_all_words(engine: Engine) -> None:
    hold(engine, a="flask whoosh", b="flask whoosh", c="neither")
    assert search(engine, "flask whoosh").missing == ()


@pytest.mark.parametrize(("with_all", "total"), [(ENOUGH - 1, ENOUGH + 1), (ENOUGH, ENOUGH), (ENOUGH + 1, ENOUGH + 1)])
def test_posts_with_some_words_follow_only_if_too_few_have_all(engine: Engine, with_all: int, total: int) -> None:
    full = {f"all{n:02}": "flask whoosh" for n in range(with_all)}
    hold(engine, **full, some1="flask", some2="whoosh")
    for per_page in (1, 100):
        results = search(engine, "flask whoosh", per_page=per_page)
        assert (results.total, results.total_all_words) == (total, with_all)
        assert bool(results.missing) == (total > with_all)


def test_enough_is_counted_among_the_posts_that_the_rest_of_the_question_leaves(engine: Engine) -> None:
    posts = [make_post(id=f"all{n:02}", body="flask whoosh", tags=("old",)) for n in range(ENOUGH)]
    engine.apply(put=[*posts, make_post(id="some", body="flask")])
    assert found(engine, "flask whoosh -tag:old") == ["some"]


def test_common_words_do_not_find_posts_beside_other_words(engine: Engine) -> None:
    hold(engine, common="what is the", it="flask")
    results = search(engine, "what is the flask")
    assert ids(results) == ["it"]
    assert results.missing == ()


def test_common_words_find_posts_if_there_are_no_others(engine: Engine) -> None:
    hold(engine, both="to be", one="be", none="flask")
    results = search(engine, "to be")
    assert ids(results) == ["both", "one"]
    assert (results.total_all_words, results.missing) == (1, ("to",))


def test_either_word_of_an_or_will_do(engine: Engine) -> None:
    hold(engine, a="flask x", b="whoosh x", c="x", d="flask")
    results = search(engine, "flask OR whoosh x")
    assert sorted(ids(results)[:2]) == ["a", "b"]
    assert sorted(ids(results)[2:]) == ["c", "d"]
    assert (results.total_all_words, results.missing) == (2, ("flask OR whoosh", "x"))


def test_words_may_stand_in_different_texts_of_a_post(engine: Engine) -> None:
    engine.apply(put=[make_post("flask", tags=("whoosh",), body="search")])
    assert search(engine, "search flask whoosh").total_all_words == 1


# What is required and forbidden


@pytest.mark.parametrize("text", ["flask tag:x", 'flask "in quotes"', "flask begin*", "flask whoosh tag:x begin*"])
def test_tags_quotes_and_beginnings_are_required(engine: Engine, text: str) -> None:
    it = make_post(id="it", body="flask in quotes beginning", tags=("x",))
    engine.apply(put=[it, make_post(id="other", body="flask flask quotes in begi", tags=("xx", "y"))])
    assert found(engine, text) == ["it"]


def test_an_or_with_a_tag_is_required_as_a_whole(engine: Engine) -> None:
    engine.apply(put=[make_post(id="tag", tags=("x",)), make_post(id="word", body="flask"), make_post(id="none")])
    assert sorted(found(engine, "flask OR tag:x")) == ["tag", "word"]


@pytest.mark.parametrize("bodies", [("flask", "flask whoosh"), ("flask whoosh", "whoosh", "flask")])
@pytest.mark.parametrize(
    "text", ["whoosh -flask", "-flask whoosh", "whoosh -flasks", '"whoosh" -"flask"', "whoosh -fl*"]
)
def test_a_post_with_a_forbidden_word_is_never_found(engine: Engine, text: str, bodies: tuple[str, ...]) -> None:
    hold(engine, **{f"post{n}": body for n, body in enumerate(bodies)})
    assert found(engine, text) == [f"post{n}" for n, body in enumerate(bodies) if body == "whoosh"]


def test_a_question_that_only_forbids_lists_the_others(engine: Engine) -> None:
    hold(engine, a="flask", b="whoosh", c="")
    results = search(engine, "-flask")
    assert ids(results) == ["b", "c"]
    assert (results.total_all_words, results.missing) == (2, ())


def test_a_word_both_wanted_and_forbidden_finds_only_other_words(engine: Engine) -> None:
    hold(engine, a="flask", b="whoosh flask", c="whoosh")
    assert found(engine, "flask -flask") == []
    assert found(engine, "flask whoosh -flask") == ["c"]


def test_a_forbidden_phrase_leaves_its_words_alone(engine: Engine) -> None:
    hold(engine, together="hot dog", apart="dog, and hot")
    assert found(engine, 'dog -"hot dog"') == ["apart"]


@pytest.mark.parametrize("text", ["!?", '""', "-", "*", "…", " -- "])
def test_a_question_without_anything_to_search_for_finds_nothing(engine: Engine, text: str) -> None:
    hold(engine, it="flask")
    results = search(engine, text)
    assert (results.total, results.total_all_words, results.missing, results.hits) == (0, 0, (), ())
    assert results.facets == {"tags": ()}


@pytest.mark.parametrize("text", ["", " ", "\n\t"])
def test_a_blank_question_lists_every_post_newest_first(engine: Engine, text: str) -> None:
    engine.apply(put=dated(old="2020-01-01", none=None, new="2024-01-01"))
    results = search(engine, text)
    assert ids(results) == ["new", "old", "none"]
    assert (results.total, results.total_all_words) == (3, 3)


# Tags


@pytest.mark.parametrize("tag", ["Service Mesh", "service-mesh", "SERVICE_MESH", " sérvice  mesh "])
def test_every_spelling_of_a_tag_is_that_tag(engine: Engine, tag: str) -> None:
    engine.apply(put=tagged(a=("Service Mesh",), b=("x", "service-mesh"), c=("service", "mesh"), d=("mesh service",)))
    assert found(engine, tag=[tag]) == ["a", "b"]
    assert found(engine, f'tag:"{tag}"') == ["a", "b"]
    assert found(engine, f'-tag:"{tag}"') == ["c", "d"]


@pytest.mark.parametrize("tag", ["c", "c++", "c#", ".net", "a,b", "監視", "*", "a b"])
def test_a_tag_is_no_other_tag(engine: Engine, tag: str) -> None:
    names = ("c", "c++", "c#", "net", ".net", "a", "b", "a,b", "監視", "監", "*", "**", "a b")
    engine.apply(put=[make_post(id=name, tags=(name,)) for name in names])
    assert found(engine, tag=[tag]) == [tag]


def test_all_any_and_none_of_several_tags(engine: Engine) -> None:
    engine.apply(put=tagged(ab=("a", "b"), a=("a",), b=("b",), c=("c",), none=()))
    assert found(engine, tag=["a", "b"]) == ["ab"]
    assert found(engine, tag_any=["a", "c"]) == ["a", "ab", "c"]
    assert found(engine, tag_not=["a", "c"]) == ["b", "none"]
    assert found(engine, tag=["b"], tag_any=["a", "c"], tag_not=["c"]) == ["ab"]
    assert found(engine, tag=["unknown"]) == found(engine, tag_any=["unknown"]) == []


def test_facets_count_the_tags_of_the_whole_list(engine: Engine) -> None:
    posts = [make_post(id=f"all{n}", body="flask whoosh", tags=("Both",)) for n in range(4)]
    some = make_post(id="some", body="flask", tags=("Some", "both"))
    engine.apply(put=[*posts, some, make_post(id="none", tags=("none", "both"))])
    for page in (1, 2, 9):
        results = search(engine, "flask whoosh", page=page, per_page=2)
        assert results.facets == {"tags": (Facet("Both", 5), Facet("Some", 1))}


def test_facets_come_most_frequent_first_then_by_value(engine: Engine) -> None:
    engine.apply(put=tagged(a=("b", "Z", "ä"), b=("b", "z", "C"), c=("b",)))
    values = [facet.value for facet in search(engine).facets["tags"]]
    assert values == ["b", "Z", "ä", "C"]
    assert [facet.value for facet in engine.tags()] == values


def test_a_facet_is_spelled_as_the_post_with_the_smallest_id_spells_it(engine: Engine) -> None:
    engine.apply(put=tagged(c=("Service Mesh",), b=("service_mesh",)))
    assert engine.tags() == (Facet("service_mesh", 2),)
    engine.apply(put=tagged(a=("SERVICE-MESH",)))
    assert engine.tags() == (Facet("SERVICE-MESH", 3),)
    engine.apply(drop=["a", "b"])
    assert engine.tags() == (Facet("Service Mesh", 1),)


def test_a_facet_is_spelled_alike_whichever_posts_are_found(engine: Engine) -> None:
    engine.apply(put=[make_post(id="a", tags=("X",)), make_post(id="b", tags=("x",), body="flask")])
    assert search(engine, "flask").facets["tags"] == (Facet("X", 1),)


def test_a_facet_is_selected_if_the_question_asks_for_it(engine: Engine) -> None:
    engine.apply(put=tagged(it=("Service Mesh", "b", "c", "d")))
    results = search(engine, "tag:service-mesh -tag:other", tag=["B"], tag_any=["c", "x"])
    assert [facet.value for facet in results.facets["tags"] if facet.selected] == ["b", "c", "Service Mesh"]
    assert not any(facet.selected for facet in engine.tags())


def test_categories_are_a_facet_of_their_own(engine: Engine) -> None:
    engine.apply(
        put=[
            make_post(id="a", categories=("How to", "News"), tags=("x",)),
            make_post(id="b", categories=("how-to",), body="flask"),
            make_post(id="c", tags=("How to",)),
        ]
    )
    found = search(engine, "", facets=("categories", "tags")).facets
    assert found["categories"] == (Facet("How to", 2), Facet("News", 1))
    assert found["tags"] == (Facet("How to", 1), Facet("x", 1))
    assert search(engine, "flask", facets=("categories",)).facets == {"categories": (Facet("How to", 1),)}


@pytest.mark.parametrize(
    ("sign", "expected"),
    [
        ("category:how_to", ["a"]),
        ("-category:how-to", ["b", "none"]),
        ("author:José", ["b"]),
        ('author:"ann lee"', ["a"]),
        ("author:ann", []),
        ("-author:jose", ["a", "none"]),
        ("tag:how-to", ["b"]),
        ("category:how-to OR author:jose", ["a", "b"]),
        ("category:how-to OR unknown", ["a"]),
        ("category:how-to author:jose", []),
        ('-category:"how to" -author:jose', ["none"]),
    ],
)
def test_categories_and_authors_are_asked_for_like_tags(engine: Engine, sign: str, expected: list[str]) -> None:
    a = make_post(id="a", categories=("How to",), authors=("Ann Lee",))
    engine.apply(put=[a, make_post(id="b", tags=("How to",), authors=("Jose",)), make_post(id="none")])
    assert found(engine, sign) == expected


def test_a_language_is_that_of_its_regions_too_and_a_region_is_but_itself(engine: Engine) -> None:
    languages = ("pt", "pt-br", "pt-pt", "en", "")
    engine.apply(put=[make_post(id=language or "none", language=language) for language in languages])
    assert found(engine, "lang:pt") == ["pt", "pt-br", "pt-pt"]
    assert found(engine, "lang:PT_br") == ["pt-br"]
    assert found(engine, "-lang:pt") == ["en", "none"]
    assert found(engine, "lang:pt-br OR lang:en") == ["en", "pt-br"]
    assert search(engine, "lang:pt-br", facets=("languages",)).facets == {
        "languages": (Facet("pt", 1), Facet("pt-br", 1, True))
    }


def test_a_year_is_that_of_the_posts_date(engine: Engine) -> None:
    dates = ("2023-08-14", "2023-12-31T23:59:59Z", "2024-01-01", None)
    engine.apply(put=[make_post(id=date or "none", date=date, body="2023") for date in dates])
    assert found(engine, "year:2023") == found(engine, year=["2023"]) == ["2023-12-31T23:59:59Z", "2023-08-14"]
    assert found(engine, "-year:2023") == ["2024-01-01", "none"]
    assert found(engine, year=["2024", "1999"]) == ["2024-01-01"]
    assert search(engine, facets=("years",)).facets == {"years": (Facet("2023", 2), Facet("2024", 1))}


LABELLED = (
    make_post(id="a", body="flask", tags=("x", "y"), categories=("News",), date="2023-05-01", language="en"),
    make_post(id="b", body="flask", tags=("y",), categories=("News",), date="2024-05-01", language="en-gb"),
    make_post(id="c", body="flask", tags=("z",), categories=("How to",), date="2024-05-01", language="de"),
    make_post(id="d", body="whoosh", tags=("x", "rare"), categories=("Other",), date="2020-05-01", language="fr"),
)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"category": ["news", "OTHER"]}, ["a", "b", "d"]),
        ({"category": ["how_to"], "year": ["2024"]}, ["c"]),
        ({"category": ["news"], "year": ["2020", "2024"]}, ["b"]),
        ({"lang": ["en"]}, ["a", "b"]),
        ({"lang": ["en-GB", "de", " "]}, ["b", "c"]),
        ({"year": ["soon"]}, []),
        ({"tag_any": ["y", "z"], "lang": ["de", "fr"]}, ["c"]),
    ],
)
def test_any_of_several_categories_years_and_languages(
    engine: Engine, asked: dict[str, Any], expected: list[str]
) -> None:
    engine.apply(put=LABELLED)
    assert sorted(found(engine, **asked)) == expected


@pytest.mark.parametrize(
    ("facet", "sign", "chosen"),
    [
        ("tags", "tag_any", ["Y", "z"]),
        ("categories", "category", ["news"]),
        ("years", "year", ["2024", "2023"]),
        ("languages", "lang", ["en-gb"]),
    ],
)
def test_a_choice_of_any_leaves_the_counts_of_its_facet_as_they_are(
    engine: Engine, facet: str, sign: str, chosen: list[str]
) -> None:
    engine.apply(put=LABELLED)
    asked: dict[str, Any] = {sign: chosen}
    before, after = (search(engine, "flask", facets=FACETS, **narrowed).facets for narrowed in ({}, asked))
    assert [(one.value, one.count) for one in after[facet]] == [(one.value, one.count) for one in before[facet]]
    selected = {fold_tag(one.value) for one in after[facet] if one.selected}
    assert selected == {fold_tag(one) for one in chosen}


def test_a_choice_of_any_narrows_the_counts_of_the_other_facets(engine: Engine) -> None:
    engine.apply(put=LABELLED)
    results = search(engine, "flask", category=["news"], year=["2024"], facets=FACETS)
    assert ids(results) == ["b"]
    assert results.facets == {
        "tags": (Facet("y", 1),),
        "categories": (Facet("How to", 1), Facet("News", 1, True)),
        "authors": (),
        "languages": (Facet("en", 1), Facet("en-gb", 1)),
        "years": (Facet("2023", 1), Facet("2024", 1, True)),
    }


def test_tags_of_which_all_are_chosen_count_those_that_go_with_them(engine: Engine) -> None:
    engine.apply(put=LABELLED)
    assert search(engine, tag=["x"]).facets["tags"] == (Facet("x", 2, True), Facet("rare", 1), Facet("y", 1))
    both = search(engine, tag=["x"], tag_any=["y"]).facets["tags"]
    assert both == (Facet("x", 2, True), Facet("rare", 1), Facet("y", 1, True))


def test_what_is_chosen_is_listed_even_if_no_post_of_the_list_has_it(engine: Engine) -> None:
    engine.apply(put=LABELLED)
    given = search(engine, "flask", tag_any=["RARE", "y", "unheard-of"]).facets["tags"]
    assert given == (Facet("y", 2, True), Facet("x", 1), Facet("z", 1), Facet("rare", 0, True))
    assert search(engine, "tag:x tag:z").facets["tags"] == (Facet("x", 0, True), Facet("z", 0, True))
    engine.apply(drop=["d"])
    assert "rare" not in [facet.value for facet in search(engine, tag_any=["rare"]).facets["tags"]]


def test_a_choice_of_any_counts_what_some_of_the_words_find(engine: Engine) -> None:
    engine.apply(put=LABELLED)
    results = search(engine, "flask whoosh", category=["other"], facets=("categories",))
    assert (results.total, results.total_all_words) == (1, 0)
    assert [one.count for one in results.facets["categories"]] == [2, 1, 1]


def test_a_label_goes_with_the_post_that_had_it(engine: Engine) -> None:
    engine.apply(put=[make_post(id="it", categories=("x",), authors=("x",), language="x-y")])
    engine.apply(put=[make_post(id="it")])
    assert [found(engine, f"{sign}:x") for sign in ("category", "author", "lang")] == [[], [], []]


# Titles


@pytest.mark.parametrize(
    ("sign", "expected"),
    [
        ("title:posts", ["it", "long"]),
        ("title:POSTED", ["it", "long"]),
        ('title:"posts"', ["it"]),
        ('title:"new posts"', ["it"]),
        ('title:"posts new"', []),
        ('title:"posts body"', []),
        ("title:ne*", ["it", "long"]),
        ("title:bod*", []),
        ("title:new-po*", ["it"]),
        ("title:behind", ["long"]),
        ('title:"behind post"', ["long"]),
        ("title:网", ["网"]),
        ("title:服务", ["网"]),
        ("-title:post", ["body", "网"]),
        ("title:network OR title:behind", ["long"]),
        ("title:posts body", ["it"]),
    ],
)
def test_a_word_of_the_title_is_looked_for_there_alone(engine: Engine, sign: str, expected: list[str]) -> None:
    long = "0" * 65
    engine.apply(
        put=[
            make_post("New posts", id="it", tags=("body",), body="body text"),
            make_post(f"{long} behind post {long} new", id="long", body="new"),
            make_post(
                "Other", id="body", tags=("new posts",), description="new posts", body="posts new behind post 服务"
            ),
            make_post("服务网格", id="网"),
        ]
    )
    assert sorted(found(engine, sign)) == expected


def test_a_dropped_title_is_found_no_more(engine: Engine) -> None:
    engine.apply(put=[make_post("Flask posts", id="it"), make_post("Flask posts", id="other")])
    engine.apply(drop=["it"])
    for asked in ("flask", "fl*", '"flask posts"', '"flask"', "flask-po*"):
        assert found(engine, f"title:{asked}") == ["other"]


def test_of_titles_with_a_word_the_shorter_comes_first(engine: Engine) -> None:
    engine.apply(put=[make_post("Flask and much more", id="a"), make_post("Flask", id="b", body="long " * 99)])
    for asked in ("flask", "fla*", '"flask"'):
        assert found(engine, f"title:{asked}") == ["b", "a"]


def test_a_word_of_the_title_marks_nothing_in_the_text(engine: Engine) -> None:
    engine.apply(put=[make_post("Flask", body="A flask of water.")])
    (hit,) = search(engine, "title:flask").hits
    assert [(fragment.text, fragment.marked) for fragment in hit.snippet] == [("A flask of water.", False)]


def test_an_unknown_facet_is_the_readers_mistake(engine: Engine) -> None:
    for text in ("", "flask", "!?"):
        with pytest.raises(QueryError) as raised:
            search(engine, text, facets=("tags", "colour"))
        assert raised.value.param == "facets"
        assert "colour" in str(raised.value)


def with_sections(engine: Engine, **texts: str) -> None:
    """Make *engine* hold one post with a section for each text, whose heading is the name of the argument."""
    parts = [f"{heading}\n{text}\n" for heading, text in texts.items()]
    starts = [sum(map(len, parts[:number])) for number in range(len(parts))]
    sections = [Section(heading=name, anchor=name, level=2, start=at) for name, at in zip(texts, starts, strict=True)]
    engine.apply(put=[make_post("Kitchen", body="".join(parts), sections=tuple(sections))])


def headings(engine: Searchable, text: str) -> list[str]:
    (hit,) = search(engine, text).hits
    return [one.section.heading for one in hit.sections]


def test_a_hit_names_the_sections_with_most_of_the_words_first(engine: Engine) -> None:
    with_sections(engine, one="Leek, leek and leek.", two="Salt.", three="Leek and dill.", four="Dill.")
    assert headings(engine, "leek dill") == ["three", "one", "four"]


def test_of_sections_with_as_many_words_those_with_most_places_stand_first_then_the_first(engine: Engine) -> None:
    with_sections(engine, one="Leek.", two="Leek and leek.", three="Leek.")
    assert headings(engine, "leek") == ["two", "one", "three"]


def test_a_hit_names_three_sections_at_most(engine: Engine) -> None:
    with_sections(engine, one="Leek.", two="Leek.", three="Leek.", four="Leek.")
    assert headings(engine, "leek") == ["one", "two", "three"]


def test_a_hit_names_no_section_without_a_word_of_the_question(engine: Engine) -> None:
    with_sections(engine, one="Salt.", two="Leek.")
    assert headings(engine, "leek") == ["two"]
    assert headings(engine, "kitchen") == headings(engine, "") == []


def test_the_snippet_of_another_section_is_short_and_of_that_section_alone(engine: Engine) -> None:
    with_sections(engine, one="Leek and dill. ", two="Salt. " * 90 + "A leek. " + "Salt. " * 90, three="No more.")
    _, second = search(engine, "leek dill").hits[0].sections
    shown = "".join(fragment.text for fragment in second.snippet)
    assert [fragment.text for fragment in second.snippet if fragment.marked] == ["leek"]
    assert len(shown) <= 102
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert set(shown.strip("…").replace(".", "").split()) == {"Salt", "A", "leek"}


def marked(engine: Searchable, text: str) -> list[str]:
    """What is marked in the title of the only post."""
    (hit,) = search(engine, text).hits
    assert "".join(fragment.text for fragment in hit.title_marks) == hit.title
    return [fragment.text for fragment in hit.title_marks if fragment.marked]


def test_the_words_of_the_question_are_marked_in_the_title(engine: Engine) -> None:
    engine.apply(put=[make_post("Bäking a rye Bread", body="Bake it.")])
    assert marked(engine, "breads baking") == ["Bäking", "Bread"]
    assert marked(engine, "title:rye") == ["rye"]
    assert marked(engine, "title:br*") == ["Bread"]
    assert marked(engine, "") == []


def related(engine: Searchable, id: str, count: int = 5) -> list[str] | None:
    hits = engine.related(id, count)
    return None if hits is None else [hit.id for hit in hits]


def test_posts_are_related_that_share_telling_words(engine: Engine) -> None:
    hold(engine, a="leek soup with dill", b="dills and a leek", c="soup of salt", d="a flask", e="the flasks")
    assert related(engine, "a", 2) == ["b", "c"]
    assert related(engine, "d", 1) == ["e"]


def test_posts_are_related_that_share_tags(engine: Engine) -> None:
    engine.apply(put=tagged(a=["Slow food", "x"], b=["slow-food"], c=["y"]))
    found = related(engine, "a")
    assert found
    assert found[0] == "b"


def test_twelve_words_tell_what_a_post_is_about_those_of_its_title_before_those_of_its_text(engine: Engine) -> None:
    text = [f"pepper{n}" for n in range(10, 24)]
    others = [make_post("Other", id=word, body=word) for word in text]
    put = [make_post("Leek", id="a", body=" ".join(text)), make_post("One", id="leek", body="leek")]
    engine.apply(put=[*put, *others])
    assert related(engine, "a", 99) == ["leek", *text[:11]]


def test_a_post_is_related_to_neither_itself_nor_those_that_share_nothing(engine: Engine) -> None:
    engine.apply(put=[make_post("One", id="a", body="leek"), make_post("Two", id="b", body="the dill")])
    assert related(engine, "a") == []


def test_a_superseded_post_is_related_to_none(engine: Engine) -> None:
    old = [make_post(id=id, body="leek", superseded_by="new") for id in ("old", "older")]
    engine.apply(put=[*old, make_post(id="new", body="leek"), make_post(id="other", body="leek")])
    assert related(engine, "new") == ["other"]
    assert related(engine, "old") == ["new", "other"]


def test_related_posts_are_found_below_any_number_of_superseded_ones(engine: Engine) -> None:
    old = [make_post("Leek", id=f"{n}", body="leek leek", superseded_by="a") for n in range(25)]
    engine.apply(put=[*old, make_post(id="a", body="leek"), make_post(id="b", body="leek and " + "salt " * 99)])
    assert related(engine, "a") == ["b"]


def test_equally_related_posts_stand_in_the_order_of_their_ids(engine: Engine) -> None:
    for id in "bcad":
        engine.apply(put=[make_post(id=id, body="leek")])
    assert related(engine, "b") == ["a", "c", "d"]
    assert related(engine, "b", 2) == ["a", "c"]


def test_no_posts_are_related_to_one_that_is_not_held(engine: Engine) -> None:
    hold(engine, a="leek", b="leek")
    engine.apply(drop=["a"])
    assert related(engine, "a") is None
    assert related(engine, "b") == []


def test_related_posts_are_the_same_however_they_came(engine: Engine) -> None:
    posts = [make_post(f"Leek {n % 3}", id=f"{n}", body=f"dill {'salt ' * n} soup{n % 4}") for n in range(8)]
    for post in (*posts[4:], make_post("Leek", id="x", body="salt dill"), *posts[:4]):
        engine.apply(put=[post])
    engine.apply(drop=["x"])
    alone = {post.id: engine.related(post.id) for post in posts}
    engine.apply(put=posts, afresh=True)
    assert {post.id: engine.related(post.id) for post in posts} == alone


def suggested(engine: Searchable, text: str) -> list[str]:
    return [hit.title for hit in suggest(engine, text).titles]


def titles_of(engine: Engine, *titles: str) -> None:
    engine.apply(put=[make_post(title, body="Text.") for title in titles])


def test_titles_that_begin_so_are_suggested_first_and_the_shortest_of_them(engine: Engine) -> None:
    titles_of(engine, "Bread and dill", "Dill bread", "Old bread", "Bread", "Soup")
    assert suggested(engine, "Bré") == ["Bread", "Bread and dill", "Dill bread", "Old bread"]
    assert suggested(engine, "dill") == ["Dill bread", "Bread and dill"]
    assert suggested(engine, "bread an") == ["Bread and dill"]


def test_titles_are_suggested_that_have_all_the_words_and_no_others(engine: Engine) -> None:
    titles_of(engine, "Rye and a bread", "The bread", "Rye")
    assert suggested(engine, "rye bre") == ["Rye and a bread"]
    assert suggested(engine, "bre rye") == []


def test_tags_are_suggested_that_begin_so_the_most_frequent_first(engine: Engine) -> None:
    engine.apply(put=tagged(a=["Slow food", "Slow"], b=["slow-food"], c=["Food"]))
    assert suggest(engine, "Slow").tags == (Facet("Slow food", 2), Facet("Slow", 1))
    assert suggest(engine, "slow f").tags == (Facet("Slow food", 2),)


def test_words_are_suggested_that_begin_as_the_last_one_typed_those_of_most_posts_first(engine: Engine) -> None:
    hold(engine, a="Salty salt", b="salt sälted", c="salted camelSalt", d="salted C++")
    assert suggest(engine, "a sal").words == ("salted", "salt", "salty")
    assert suggest(engine, "salt").words == ("salted", "salt", "salty")
    assert suggest(engine, "=").words == ()


def test_words_that_say_nothing_are_not_suggested(engine: Engine) -> None:
    hold(engine, a="The thyme is there, then.", b="The theme", c="The thyme")
    assert suggest(engine, "th").words == ("thyme", "theme")


def test_the_words_of_the_most_posts_are_told_of_those_that_begin_so(engine: Engine) -> None:
    hold(engine, a="salt salty", b="salt", c="salted salty", d="salt", e="pepper")
    engine.apply(drop=["d"])
    assert engine.completions("sal", 9) == ("salt", "salty", "salted")
    assert engine.completions("sal", 1) == ("salt",)
    assert engine.completions("x", 9) == ()


def test_five_of_each_are_suggested_or_as_many_as_are_asked_for(engine: Engine) -> None:
    engine.apply(put=[make_post(f"Leek{n}", body="x", tags=(f"leek{n}",)) for n in range(7)])
    for count, found in ((5, suggest(engine, "le")), (2, suggest(engine, "le", 2))):
        assert [len(found.titles), len(found.tags), len(found.words)] == [count] * 3


def test_nothing_is_suggested_where_no_word_is_typed(engine: Engine) -> None:
    engine.apply(put=[make_post("Leek", body="x", tags=("-",))])
    assert suggest(engine, "") == suggest(engine, " -?") == Suggestions()


def test_nothing_of_a_removed_post_is_suggested(engine: Engine) -> None:
    engine.apply(put=[make_post("Leek soup", id="a", body="leeks", tags=("Leek",))])
    engine.apply(put=[make_post("Leek bread", id="b", body="x")])
    engine.apply(drop=["a"])
    found = suggest(engine, "le")
    assert ([hit.id for hit in found.titles], found.tags, found.words) == (["b"], (), ("leek",))
    engine.apply(drop=["b"])
    assert suggest(engine, "le") == Suggestions()


def test_facets_and_snippets_are_left_out_unless_asked_for(engine: Engine) -> None:
    engine.apply(put=[make_post(body="flask", tags=("x",))])
    (hit,) = search(engine, "flask").hits
    assert hit.snippet
    results = search(engine, "flask", facets=(), snippets=False)
    assert results.facets == {}
    (hit,) = results.hits
    assert (hit.snippet, hit.sections, hit.title_marks) == ((), (), ())


# Dates


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ({"after": "2023"}, ["day", "noon", "next"]),
        ({"after": "2023-08-14"}, ["day", "noon", "next"]),
        ({"after": "2023-08-14T12:07:00Z"}, ["noon", "next"]),
        ({"after": "2023-08-14T12:07:01Z"}, ["next"]),
        ({"before": "2023-08-14"}, ["old"]),
        ({"before": "2023-08-14T12:07:00Z"}, ["old", "day"]),
        ({"before": "2023-08-15"}, ["old", "day", "noon"]),
        ({"after": "2023-08", "before": "2023-09"}, ["day", "noon"]),
        ({"after": "2024", "before": "2023"}, []),
        ({"after": "0001"}, ["old", "day", "noon", "next"]),
        ({}, ["old", "day", "noon", "next", "none"]),
    ],
)
def test_dates_narrow_from_after_on_to_before(engine: Engine, bounds: dict[str, str], expected: list[str]) -> None:
    engine.apply(
        put=dated(old="2022-12-31", day="2023-08-14", noon="2023-08-14T12:07:00Z", next="2023-09-01", none=None)
    )
    assert found(engine, sort="oldest", **bounds) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("after:2023-08", ["day", "next"]),
        ("before:2023-08-14", ["old"]),
        ("after:2023-08 before:2023-09", ["day"]),
        ("after:2022 before:2024 after:2023-09", ["next"]),
        ('after:"Aug 14, 2023" title:day', ["day"]),
        ("after:2023 !?", ["day", "next"]),
    ],
)
def test_dates_in_the_text_are_the_same_as_beside_it(engine: Engine, text: str, expected: list[str]) -> None:
    posts = {"old": "2022-12-31", "day": "2023-08-14", "next": "2023-09-01", "none": None}
    engine.apply(put=[make_post(id, id=id, date=date) for id, date in posts.items()])
    assert found(engine, text, sort="oldest") == expected


def test_of_dates_in_the_text_and_beside_it_the_narrower_hold(engine: Engine) -> None:
    engine.apply(put=dated(a="2021-01-01", b="2022-01-01", c="2023-01-01", d="2024-01-01"))
    assert found(engine, "after:2022 before:2025", after="2021", before="2024") == ["c", "b"]
    assert found(engine, "after:2021 before:2024", after="2022", before="2025") == ["c", "b"]


# Order


def test_posts_without_a_date_come_last_whichever_end_comes_first(engine: Engine) -> None:
    engine.apply(put=dated(a=None, b="2024-01-01", c="2023-01-01", d=None, e="2023-01-01T09:00:00Z", f="2024-01-01"))
    assert found(engine, sort="newest") == ["b", "f", "e", "c", "a", "d"]
    assert found(engine, sort="oldest") == ["c", "e", "b", "f", "a", "d"]


def test_titles_are_sorted_without_regard_to_case_and_accents(engine: Engine) -> None:
    titles = ["banana", "Élan", "apple", "Zebra", "elan", "Eland", "10", "éclair"]
    engine.apply(put=[make_post(title, id=f"{n}") for n, title in enumerate(titles)])
    listed = [hit.title for hit in search(engine, sort="title").hits]
    assert listed == ["10", "apple", "banana", "éclair", "Élan", "elan", "Eland", "Zebra"]


@pytest.mark.parametrize("sort", SORTS)
def test_posts_with_all_words_come_first_in_every_sort(engine: Engine, sort: str) -> None:
    all_words = [make_post("m", id=f"m{n}", body="flask whoosh", date="2023-01-01") for n in range(3)]
    some = [make_post(date, id=date, body="flask " * 9, date=date) for date in ("2022-01-01", "2024-01-01")]
    engine.apply(put=[*some, *all_words])
    assert found(engine, "flask whoosh", sort=sort)[:3] == ["m0", "m1", "m2"]
    assert set(found(engine, "flask whoosh", sort=sort)[3:]) == {"2022-01-01", "2024-01-01"}


def test_relevance_puts_the_better_answer_first_and_equals_by_id(engine: Engine) -> None:
    hold(engine, d="flask flask flask", b="flask and more", c="flask and more", a="flask " + "filler " * 99)
    results = search(engine, "flask")
    assert ids(results) == ["d", "b", "c", "a"]
    scores = [hit.score for hit in results.hits]
    assert scores == sorted(scores, reverse=True)
    assert scores[1] == scores[2] > scores[3] > 0


def test_a_rare_word_weighs_more_than_a_frequent_one(engine: Engine) -> None:
    hold(engine, a="often", b="often", c="often", d="often", rare="seldom")
    assert found(engine, "often seldom")[0] == "rare"


@pytest.mark.parametrize("text", ["", "tag:x", "-flask", "tag:x -flask tag:X"])
def test_without_words_relevance_means_newest_and_scores_are_nought(engine: Engine, text: str) -> None:
    days = {"a": "2021-01-01", "b": "2023-01-01", "c": None}
    engine.apply(put=[make_post(id=id, date=day, tags=("x",)) for id, day in days.items()])
    results = search(engine, text)
    assert ids(results) == ["b", "a", "c"]
    assert {hit.score for hit in results.hits} == {0}


# What the author and the owner have a say in


def score(engine: Searchable, text: str, id: str, **narrowed: Any) -> float:
    """The score of the hit with this *id*."""
    (hit,) = (hit for hit in search(engine, text, per_page=100, **narrowed).hits if hit.id == id)
    return hit.score


def test_a_boost_multiplies_the_score_of_its_post_alone(engine: Engine) -> None:
    engine.apply(put=[make_post(id="a", body="flask"), make_post(id="b", body="flask")])
    plain = score(engine, "flask", "b")
    engine.apply(put=[make_post(id="b", body="flask", boost=2.5)])
    assert found(engine, "flask") == ["b", "a"]
    assert score(engine, "flask", "b") == pytest.approx(2.5 * plain)
    assert score(engine, "flask", "a") == pytest.approx(plain)


def test_the_best_ten_are_told_with_their_boosts(engine: Engine) -> None:
    posts = [make_post(id=f"{n:03}", body="flask " * (200 - n)) for n in range(200)]
    engine.apply(put=[*posts, make_post(id="last", body=f"flask {'and more ' * 500}", boost=10.0)])
    assert found(engine, "flask")[0] == "last"
    assert ids(search(engine, "flask"))[0] == "last"
    assert found(engine, "flask whoosh")[0] == "last"
    assert found(engine, "fla*")[0] == "last"


def test_all_words_come_before_a_boost(engine: Engine) -> None:
    engine.apply(
        put=[make_post(id="both", body="flask whoosh", boost=0.1), make_post(id="one", body="flask", boost=10.0)]
    )
    assert found(engine, "flask whoosh") == ["both", "one"]


def test_a_superseded_post_counts_half(engine: Engine) -> None:
    hold(engine, new="flask", old="flask")
    plain = score(engine, "flask", "old")
    engine.apply(put=[make_post(id="old", body="flask", superseded_by="new")])
    assert score(engine, "flask", "old") == pytest.approx(plain / 2)
    assert score(engine, "flask", "new") == pytest.approx(plain)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("new.md", Newer("/new/", "new.md", "The new one")),
        ("https://example.org/new/", Newer("https://example.org/new/")),
        ("/elsewhere/?a=b#c", Newer("/elsewhere/?a=b#c")),
        ("gone.md", None),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("//example.org/", None),
        ("/\\example.org/", None),
        ("/\t/example.org/", None),
        (" https://example.org/", None),
        ("https://example.org/a b", None),
        ("", None),
    ],
)
def test_a_superseded_hit_tells_what_has_taken_its_place(engine: Engine, written: str, told: Newer | None) -> None:
    engine.apply(put=[make_post("Old", superseded_by=written), make_post("The new one", id="new.md", url="/new/")])
    (hit,) = search(engine, "old").hits
    assert hit.superseded_by == told
    assert [hit.superseded_by for hit in search(engine, "new").hits] == [None]


def test_age_counts_nothing_unless_the_owner_says_so(engine: Engine) -> None:
    engine.apply(
        put=[make_post(id="a", body="flask", date="1999-01-01"), make_post(id="b", body="flask", date="2024-01-01")]
    )
    assert found(engine, "flask") == ["a", "b"]
    assert score(engine, "flask", "a") == score(engine, "flask", "b")


def test_age_takes_at_most_half_of_a_score_and_a_quarter_in_its_half_life(engine: Engine) -> None:
    dates = {"new": "2024-01-31", "month": "2024-01-01T12:00:00Z", "ancient": "1900-01-01", "dateless": None}
    engine.apply(put=[make_post(id=id, body="flask", date=date) for id, date in dates.items()])
    plain, recent = score(engine, "flask", "new"), Curation(recency=30)
    assert found(engine, "flask", curation=recent) == ["new", "month", "ancient", "dateless"]
    scores = [score(engine, "flask", id, curation=recent) for id in dates]
    assert scores == pytest.approx([plain, 0.75 * plain, 0.5 * plain, 0.5 * plain])


def test_age_counts_from_the_newest_post_that_is_held(engine: Engine) -> None:
    engine.apply(
        put=[make_post(id=id, body="flask", date=date) for id, date in (("a", "2024-01-01"), ("b", "2024-01-31"))]
    )
    recent = Curation(recency=30)
    assert score(engine, "flask", "a", curation=recent) < score(engine, "flask", "b", curation=recent)
    engine.apply(drop=["b"])
    assert score(engine, "flask", "a", curation=recent) == score(engine, "flask", "a")


def test_an_evergreen_post_has_no_age(engine: Engine) -> None:
    dated = (("new", "2024-01-31", False), ("old", "1999-01-01", True), ("dateless", None, True))
    engine.apply(put=[make_post(id=id, body="flask", date=date, evergreen=yes) for id, date, yes in dated])
    scores = {score(engine, "flask", id, curation=Curation(recency=1)) for id in ("new", "old", "dateless")}
    assert len(scores) == 1


def test_where_no_post_has_a_date_none_is_old(engine: Engine) -> None:
    hold(engine, a="flask", b="flask")
    assert score(engine, "flask", "a", curation=Curation(recency=1)) == score(engine, "flask", "a")


def pinning(text: str, *pinned: str) -> Curation:
    return Curation.load(Settings(pins={text: pinned}))


def test_pinned_posts_come_first_in_their_order_found_or_not(engine: Engine) -> None:
    hold(engine, a="flask", b="flask", c="whoosh", d="mesh")
    pins = pinning("Flask!", "c", "gone", "b")
    assert found(engine, "flask", curation=pins) == ["c", "b", "a"]
    results = search(engine, "FLASK", curation=pins, per_page=2)
    assert (results.total, results.total_all_words, ids(results)) == (3, 3, ["c", "b"])
    assert ids(search(engine, "flask", curation=pins, per_page=2, page=2)) == ["a"]
    assert [facet.count for facet in results.facets["tags"]] == []


@pytest.mark.parametrize("text", ["flask whoosh", "-flask", '"flask"', "flask*", "flasks mesh", "mesh", ""])
def test_pins_are_for_exactly_their_question(engine: Engine, text: str) -> None:
    hold(engine, a="flask", b="flask", c="whoosh")
    assert found(engine, text, curation=pinning("flask", "c")) == found(engine, text)


def test_filters_hold_for_pinned_posts_too(engine: Engine) -> None:
    engine.apply(put=[make_post(id="a", body="flask", tags=("x",), date="2024-01-01"), make_post(id="b", tags=("y",))])
    pins = pinning("flask", "b")
    assert found(engine, "flask", curation=pins) == ["b", "a"]
    assert found(engine, "flask", curation=pins, tag=["y"]) == found(engine, "flask tag:y", curation=pins) == ["b"]
    assert found(engine, "flask", curation=pins, tag=["x"]) == ["a"]
    assert found(engine, "flask", curation=pins, tag_not=["y"]) == ["a"]
    assert found(engine, "flask after:2023", curation=pins) == ["a"]


def test_a_pinned_post_stands_among_the_others_in_an_order_that_a_reader_chose(engine: Engine) -> None:
    engine.apply(put=dated(a="2024-01-01", b="2023-01-01", c="2022-01-01"))
    pins = pinning("untitled", "c")
    assert found(engine, "untitled", curation=pins) == ["c", "a", "b"]
    assert found(engine, "untitled", curation=pins, sort="newest") == ["a", "b", "c"]
    engine.apply(put=[make_post("Other", id="d", date="2023-06-01")])
    assert found(engine, "untitled", curation=pinning("untitled", "d"), sort="newest") == ["a", "d", "b", "c"]


def test_a_word_may_be_met_by_its_synonym_and_counts_as_had(engine: Engine) -> None:
    hold(engine, own="flask runs", other="whoosh runs", phrase="search engine runs", apart="engine search runs")
    same = Curation(synonyms={(Word("flask"),): (Word("whoosh"), Phrase(("search", "engine")))})
    assert sorted(found(engine, "flask", curation=same)) == ["other", "own", "phrase"]
    results = search(engine, "flask runs", curation=same)
    assert (results.total_all_words, results.missing) == (3, ("flask",))
    assert found(engine, '"flask"', curation=same) == found(engine, "title:flask OR flask*", curation=same) == ["own"]
    assert [word.terms for word in explained(engine, "flask", "own", curation=same).words] == [
        ("flask", "whoosh", "search engine")
    ]


def test_a_word_with_synonyms_may_still_be_typed_and_mistyped_and_begin_a_title(engine: Engine) -> None:
    posts = [make_post("Flask", id="title"), make_post("Other", id="text", body="flasks and flask and flask")]
    engine.apply(put=[*posts, *(make_post(id=f"{n}", body="kubernetes") for n in range(12))])
    same = Curation(synonyms={(Word("flas"),): (Word("mesh"),), (Word("kubernets"),): (Word("mesh"),)})
    assert found(engine, "flas", curation=same) == ["title", "text"]
    assert len(found(engine, "kubernets", curation=same)) == 12


def explained(engine: Searchable, text: str, id: str, **narrowed: Any) -> Explanation:
    told = explain(engine, id, text, **narrowed)
    assert told
    return told


def test_a_post_that_is_not_held_is_not_explained(engine: Engine) -> None:
    hold(engine, a="flask")
    assert explain(engine, "b", "flask") is None


def test_an_explanation_adds_up_to_the_score_and_tells_the_rank(engine: Engine) -> None:
    engine.apply(
        put=[
            make_post("Flask", id="a", body="flask runs whoosh", boost=2.0, superseded_by="b", date="2024-01-01"),
            make_post("Other", id="b", body="flask whoosh", date="2024-01-31"),
            make_post("Third", id="c", body="whoosh, then a word, then flask"),
        ]
    )
    for place, hit in enumerate(search(engine, "flask whoosh", curation=Curation(recency=30)).hits, 1):
        told = explained(engine, "flask whoosh", hit.id, curation=Curation(recency=30))
        assert (told.rank, told.score, told.total) == (place, hit.score, 3)
        worth = sum(word.texts + word.title for word in told.words) + told.nearness
        assert hit.score == pytest.approx(worth * prod(told.factors.values()))
    told = explained(engine, "flask whoosh", "a", curation=Curation(recency=30))
    assert told.factors == pytest.approx({"boost": 2.0, "superseded": 0.5, "recency": 0.75})
    assert [(word.text, word.title > 0, word.texts > 0) for word in told.words] == [
        ("flask", True, True),
        ("whoosh", False, True),
    ]
    assert told.nearness > explained(engine, "flask whoosh", "c").nearness > 0


def test_an_explanation_tells_which_words_are_lacking_and_what_keeps_the_post_out(engine: Engine) -> None:
    engine.apply(put=[make_post(id="a", body="flask mesh", tags=("x",), date="2023-05-01")])
    asked = '"flask mesh" "mesh flask" whoosh -mesh tag:x tag:y after:2024 before:2023'
    told = explained(engine, asked, "a", tag=["x", "Slow food"], tag_any=["p", "q"], tag_not=["x"])
    assert (told.rank, told.lacks) == (None, {"whoosh": ()})
    assert told.kept_out_by == (
        *('"mesh flask"', "tag:y", "tag:Slow food", "tag:p OR tag:q", "-mesh", "-tag:x"),
        *("after:2024", "before:2023"),
    )
    assert explained(engine, "flask tag:x after:2023 before:2024", "a").kept_out_by == ()


def test_an_explanation_tells_how_the_question_was_read(engine: Engine) -> None:
    hold(engine, a="flask")
    words = explained(engine, 'Flask-Mesh "two words" title:begin* flask OR tag:x', "a").words
    read_as = [("flask",), ("mesh",), ("two words",), ("begin",), ("flask", "x")]
    assert [word.terms for word in words] == read_as


def test_an_explanation_tells_how_far_the_first_page_is(engine: Engine) -> None:
    hold(engine, **{f"p{n:02}": "flask " * (30 - n) for n in range(12)})
    scores = [hit.score for hit in search(engine, "flask", per_page=100).hits]
    told = explained(engine, "flask", "p11")
    assert (told.rank, told.total, told.score, told.page_ends_at) == (12, 12, scores[11], scores[9])
    assert explained(engine, "flask", "p00", per_page=12).page_ends_at is None


def test_an_explanation_tells_what_is_pinned(engine: Engine) -> None:
    hold(engine, a="flask", b="whoosh")
    told = [explained(engine, "flask", id, curation=pinning("flask", "b")) for id in ("b", "a")]
    assert [(one.on_top, one.rank, one.lacks) for one in told] == [("pinned", 1, {"flask": ()}), ("", 2, {})]
    assert explained(engine, "flask tag:x", "b", curation=pinning("flask", "b")).on_top == ""


def test_an_explanation_tells_what_stands_on_top_for_its_title(engine: Engine) -> None:
    engine.apply(put=[make_post("Flask runs", id="a"), make_post("Runs flask", id="b", body="flask runs " * 9)])
    assert [explained(engine, "flask r", id).on_top for id in ("a", "b")] == ["titled", ""]
    assert explained(engine, "flask r", "a", sort="newest").on_top == ""


def test_an_explanation_tells_the_words_that_are_made_of_one_that_a_post_lacks(engine: Engine) -> None:
    hold(engine, a="A preinstalled database; databases and a baseline: installers")
    lacks = explained(engine, "Bases ba installation whoosh baseline", "a").lacks
    assert lacks == {"Bases": ("baseline", "database", "databases"), "ba": (), "whoosh": ()}


def test_an_explanation_counts_a_mistyped_word_in_the_score_and_as_lacking(engine: Engine) -> None:
    hold(engine, a="kubernetes runs", b="runs")
    told = explained(engine, "kuberntes runs", "a")
    assert (told.lacks, told.words[0].terms) == ({"kuberntes": ()}, ("kuberntes", "kubernetes"))
    assert told.words[0].texts > 0
    assert told.score == pytest.approx(sum(word.texts for word in told.words) + told.nearness)


def test_a_question_may_be_asked_of_one_post_alone(engine: Engine) -> None:
    hold(engine, a="flask", b="flask", c="whoosh")
    asked = [engine.search(replace(Query.parse("flask"), only=id)) for id in ("b", "c", "gone")]
    assert [ids(results) for results in asked] == [["b"], [], []]
    assert asked[0].hits[0].score == search(engine, "flask").hits[1].score


# Pages


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("per_page", [1, 2, 3, 10])
def test_pages_join_without_gaps_or_repeats(engine: Engine, sort: str, per_page: int) -> None:
    bodies = {f"p{n:02}": ("flask whoosh", "flask", "whoosh " * (n % 4 + 1))[n % 3] for n in range(14)}
    hold(engine, **bodies)
    whole = search(engine, "flask whoosh", sort=sort, per_page=100)
    pages = [search(engine, "flask whoosh", sort=sort, page=n, per_page=per_page) for n in range(1, 14 // per_page + 2)]
    assert [hit for page in pages for hit in page.hits] == list(whole.hits)
    assert {(page.total, page.total_all_words, page.missing) for page in pages} == {(14, 5, ("flask", "whoosh"))}
    assert sorted(ids(whole)) == sorted(bodies)


def test_a_page_beyond_the_end_is_empty_and_counts_the_same(engine: Engine) -> None:
    hold(engine, a="flask", b="flask whoosh")
    last, beyond = (search(engine, "flask whoosh", page=page) for page in (1, 10**9))
    assert beyond.hits == ()
    assert (beyond.total, beyond.total_all_words, beyond.missing, beyond.facets) == (
        last.total,
        last.total_all_words,
        last.missing,
        last.facets,
    )


def test_results_repeat_the_question(engine: Engine) -> None:
    hold(engine, a="flask")
    results = search(engine, ' "Flask" -x ', sort="title", page=2, per_page=7)
    assert (results.query, results.sort, results.page, results.per_page) == (' "Flask" -x ', "title", 2, 7)


# Many readers


def test_many_threads_get_the_answers_that_one_gets(engine: Engine) -> None:
    hold(engine, **{f"p{n:02}": f"flask word{n % 5} phrase of w{n % 3} " * (n % 7 + 1) for n in range(40)})
    questions = ["flask", "word1 word2", '"phrase of w1"', "wor*", "flask -w2", "", "word3 OR w0", "the"] * 12
    alone = [answer(engine, text) for text in questions]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda text: answer(engine, text), questions)) == alone


def answer(engine: Searchable, text: str) -> tuple[object, ...]:
    results = search(engine, text)
    return results.total, results.total_all_words, results.missing, results.hits, results.facets


def test_readers_see_a_change_whole_or_not_at_all(engine: Engine) -> None:
    def put(version: int) -> None:
        engine.apply(put=[make_post(id=f"p{n}", body=f"flask version{version}") for n in range(5)])

    def put_all() -> None:
        for version in range(1, 11):
            put(version)

    def versions() -> set[str]:
        results = search(engine, "flask", per_page=100)
        assert (results.total, engine.stats().posts, len(engine.digests())) == (5, 5, 5)
        return {fragment.text for hit in results.hits for fragment in hit.snippet if "version" in fragment.text}

    put(0)
    with ThreadPoolExecutor(4) as pool:
        written = pool.submit(put_all)
        while not written.done():
            assert all(len(seen.result()) == 1 for seen in [pool.submit(versions) for _ in range(6)])
        written.result()
    assert found(engine, '"version10"') == [f"p{n}" for n in range(5)]


# Several handles


def test_what_was_asked_stays_true_until_it_is_acted_upon(open_handle: OpenHandle) -> None:
    first, second = open_handle(), open_handle()
    hold(first, it="flask")
    waiting = Event()

    def hide() -> None:
        with second.writing(waiting.set):
            second.apply(drop=["it"])

    with ThreadPoolExecutor() as pool:
        with first.writing():
            hidden = pool.submit(hide)
            assert waiting.wait(60)
            assert set(first.digests()) == {"it"}
            hold(first, it="whoosh")
        hidden.result(60)
    assert found(first) == found(second) == []


def test_nothing_is_rolled_back_while_another_handle_writes(open_handle: OpenHandle) -> None:
    first, second = open_handle(), open_handle()
    hold(first, it="flask")
    hold(first, it="whoosh")
    with first.writing(), pytest.raises(IndexBusyError):
        second.rollback()
    assert found(second, "whoosh") == ["it"]


# What outlives the process


def test_reopening_gives_the_same_answers(open_handle: OpenHandle) -> None:
    first = open_handle()
    first.apply(put=[FULL_POST, make_post("Latency", tags=("C++",)), make_post("dropped")])
    first.apply(drop=["dropped.md"])
    before = [answer(first, text) for text in ("latency", "", "tag:c++", '"few"')]
    held = (first.tags(), dict(first.digests()), first.stats(), first.generation)
    first.close()
    second = open_handle()
    assert [answer(second, text) for text in ("latency", "", "tag:c++", '"few"')] == before
    assert (second.tags(), dict(second.digests()), second.stats(), second.generation) == held
    assert second.post(FULL_POST.id) == FULL_POST


def test_a_handle_sees_what_another_applies(open_handle: OpenHandle) -> None:
    writer, reader = open_handle(), open_handle()
    hold(writer, it="flask", other="flask")
    assert found(reader, "flask") == ["it", "other"]
    before = reader.generation
    hold(writer, it="whoosh")
    assert (found(reader, "flask"), found(reader, "whoosh")) == (["other"], ["it"])
    writer.apply(drop=["it"])
    assert found(reader) == ["other"]
    assert set(reader.digests()) == {"other"}
    assert reader.generation == writer.generation != before


@pytest.mark.parametrize("question", [".gr", "--gr", ".net"])
def test_a_name_that_only_begins_a_longer_word_is_not_found(engine: Engine, question: str) -> None:
    engine.apply(put=[make_post(body="Set .größe, --größe and .NETﬁne here.")])
    assert search(engine, f"{question} x").total == 0
