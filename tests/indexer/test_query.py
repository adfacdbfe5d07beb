"""Is a reader's text understood as it was meant?"""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import words
from indexer.query import Clause, Label, Phrase, Prefix, Presence, Query, Term, Titled, Word, filters


def wanted(*any_of: Term) -> Clause:
    return Clause(Presence.WANTED, any_of)


def required(*any_of: Term) -> Clause:
    return Clause(Presence.REQUIRED, any_of)


def forbidden(*any_of: Term) -> Clause:
    return Clause(Presence.FORBIDDEN, any_of)


def tag(name: str) -> Label:
    return Label("tags", name)


LONG = "a sentence of twelve words has to have a dozen of words"


def test_in_prose_quotes_a_dash_and_or_are_no_signs() -> None:
    prose = Query.parse(f'{LONG} OR "more words" -dash')
    assert not prose.required
    assert not prose.forbidden
    assert prose == msgspec.structs.replace(Query.parse(f"{LONG} more words dash"), text=prose.text)


def test_in_prose_a_tag_is_a_sign() -> None:
    prose = Query.parse(f'{LONG} "more" words tag:"slow food" -tag:x')
    assert tag("slow-food") in [clause.any_of[0] for clause in prose.required]
    assert prose.forbidden == (forbidden(tag("x")),)


def test_in_prose_a_dash_before_a_sign_without_value_is_none() -> None:
    assert not Query.parse(f"{LONG} more words -tag: -after:").forbidden


def test_in_prose_a_mistake_is_found_where_it_stands() -> None:
    text = f'{LONG} OR "more words" -dash after:soon'
    assert [text[hint.position :] for hint in Query.parse(text).hints] == ["after:soon"]


@given(st.lists(st.sampled_from(["word", "OR", "-", '"', " ", '"two words"', "-tag:x", "after:soon", "tag:", "«"])))
def test_every_hint_stands_in_the_text(pieces: list[str]) -> None:
    for glue in ("", " "):
        text = glue.join(pieces * 3)
        assert all(text[hint.position : hint.position + 1].strip() for hint in Query.parse(text).hints)


def test_signs_do_not_make_a_question_prose() -> None:
    text = " ".join(f"-word{number}" for number in range(20))
    assert len(Query.parse(text).forbidden) == 20
    assert Query.parse(f'{LONG} "phrase"').required


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("", []),
        ("Flask Posts", [wanted(Word("flask")), wanted(Word("posts"))]),
        ("flask FLASK Flásk", [replace(wanted(Word("flask")), times=2), wanted(Word("flask", "=flásk"))]),
        ('"flask" "flask"', [required(Phrase(("flask",)))]),
        ("foo.bar", [wanted(Word("foo")), wanted(Word("bar"))]),
        ("it's", [wanted(Word("it")), wanted(Word("s"))]),
        ("name:flask", [wanted(Word("name")), wanted(Word("flask"))]),
        ("**bold**", [required(Prefix("bold"))]),
        # Quotes
        ('"exact phrase"', [required(Phrase(("exact", "phrase")))]),
        ('"Posts"', [required(Phrase(("posts",)))]),
        ('"never closed', [required(Phrase(("never", "closed")))]),
        ("“typographic quotes”", [required(Phrase(("typographic", "quotes")))]),
        ("«chevrons»", [required(Phrase(("chevrons",)))]),
        ('"to be" or', [required(Phrase(("to", "be"))), wanted(Word("or"))]),
        ('a"b"c', [wanted(Word("a")), required(Phrase(("b",))), wanted(Word("c"))]),
        ('""', []),
        ('"!?"', []),
        ('"word*"', [required(Phrase(("word",)))]),
        # Minus
        ("-word", [forbidden(Word("word"))]),
        ('-"exact phrase"', [forbidden(Phrase(("exact", "phrase")))]),
        ("-foo.bar", [forbidden(Phrase(("foo", "bar")))]),
        ("-word*", [forbidden(Prefix("word"))]),
        ("well-known", [wanted(Word("well")), wanted(Word("known"))]),
        ("- word", [wanted(Word("word"))]),
        ("--flag", [wanted(Word("flag", "=--flag"))]),
        ("-", []),
        # OR
        ("a OR b", [wanted(Word("a"), Word("b"))]),
        ("a OR b OR c d", [wanted(Word("a"), Word("b"), Word("c")), wanted(Word("d"))]),
        ('a OR "b c"', [required(Word("a"), Phrase(("b", "c")))]),
        ("a OR tag:b", [required(Word("a"), tag("b"))]),
        ("foo.bar OR baz", [wanted(Phrase(("foo", "bar")), Word("baz"))]),
        ("a OR a", [wanted(Word("a"))]),
        ("a or b", [wanted(Word("a")), wanted(Word("or")), wanted(Word("b"))]),
        ("OR a", [wanted(Word("or")), wanted(Word("a"))]),
        ("a OR", [wanted(Word("a")), wanted(Word("or"))]),
        ("OR", [wanted(Word("or"))]),
        ("a OR -b", [wanted(Word("a")), wanted(Word("or")), forbidden(Word("b"))]),
        # Beginnings
        ("word*", [required(Prefix("word"))]),
        ("Caf*", [required(Prefix("caf"))]),
        ("服务*", [required(Prefix("服务"))]),
        ("front-mat*", [required(Phrase(("front", "mat"), open=True))]),
        ("-front-mat*", [forbidden(Phrase(("front", "mat"), open=True))]),
        ("v1.2* OR x", [required(Phrase(("v1", "2"), open=True), Word("x"))]),
        ('"two wor"', [required(Phrase(("two", "wor")))]),
        ("mesh网*", [required(Phrase(("mesh", "网"), open=True))]),
        # A run of such a script ends in an open pair anyhow, so the star adds nothing.
        ("mesh网格*", [required(Phrase(("mesh", "网格")))]),
        ("*", []),
        ("*word", [wanted(Word("word"))]),
        # Tags
        ("tag:Flask", [required(tag("flask"))]),
        ('tag:"Service Mesh"', [required(tag("service-mesh"))]),
        ("tag:service_mesh", [required(tag("service-mesh"))]),
        ("tag:c++", [required(tag("c++"))]),
        ("-tag:x", [forbidden(tag("x"))]),
        ('-tag:"two words"', [forbidden(tag("two-words"))]),
        ("tag:a tag:A", [required(tag("a"))]),
        ("tag:", [wanted(Word("tag"))]),
        ("tag: x", [wanted(Word("tag")), wanted(Word("x"))]),
        ("Tag:x", [wanted(Word("tag")), wanted(Word("x"))]),
        # Labels, titles and dates
        (
            'category:News -author:"Ann Lee"',
            [required(Label("categories", "news")), forbidden(Label("authors", "ann-lee"))],
        ),
        ("lang:pt_BR", [required(Label("languages", "pt-br"))]),
        ("lang:en OR tag:x OR title:y", [required(Label("languages", "en"), tag("x"), Titled(Word("y")))]),
        ("title:Posts", [required(Titled(Word("posts")))]),
        ('-title:"Two words"', [forbidden(Titled(Phrase(("two", "words"))))]),
        ('title:"two wor', [required(Titled(Phrase(("two", "wor"))))]),
        ("title:front-mat*", [required(Titled(Phrase(("front", "mat"), open=True)))]),
        ("title:网", [required(Titled(Prefix("网")))]),
        ("a after:2024", [wanted(Word("a"))]),
        # What is no sign
        ("after:soon", [wanted(Word("after")), wanted(Word("soon"))]),
        ('before:"next year"', [wanted(Word("before")), wanted(Word("next")), wanted(Word("year"))]),
        ("-after:2024", [forbidden(Phrase(("after", "2024")))]),
        ("title:!?", [wanted(Word("title"))]),
        ('tag:" "', [wanted(Word("tag"))]),
        ("a OR after:2024", [wanted(Word("a")), wanted(Word("or"))]),
        # Scripts without blanks
        ("网", [wanted(Prefix("网"))]),
        ("网格", [wanted(Word("网格"))]),
        ("服务网格", [wanted(Phrase(("服务", "务网", "网格")))]),
        ('"服务网格"', [required(Phrase(("服务", "务网", "网格")))]),
        ('"网"', [required(Prefix("网"))]),
        # A lone character at the end of quotes begins a pair, as it does outside them; in the middle it ended a run.
        ('"mesh 网"', [required(Phrase(("mesh", "网"), open=True))]),
        ('"网 mesh"', [required(Phrase(("网", "mesh")))]),
        ("用flask", [wanted(Prefix("用")), wanted(Word("flask"))]),
    ],
)
def test_a_text_asks_for(text: str, clauses: list[Clause]) -> None:
    assert list(Query.parse(text).clauses) == clauses


@pytest.mark.parametrize(
    ("text", "texts"),
    [
        ("Flask foo.Bar", ["Flask", "foo", "Bar"]),
        ("服务网格", ["服务网格"]),
        ('a OR "B c" -d tag:E', ['a OR "B c"', "-d", "tag:E"]),
    ],
)
def test_a_clause_remembers_how_it_was_written(text: str, texts: list[str]) -> None:
    assert [clause.text for clause in Query.parse(text).clauses] == texts


def test_a_question_is_sorted_by_what_decides() -> None:
    query = Query.parse('some words "a phrase" tag:x -tag:y -not')
    assert query.wanted == (wanted(Word("some")), wanted(Word("words")))[1:]
    assert query.required == (required(Phrase(("a", "phrase"))), required(tag("x")))
    assert query.forbidden == (forbidden(tag("y")), forbidden(Word("not")))
    assert query.selected("tags") == {"x"}


@pytest.mark.parametrize(
    ("text", "after", "before"),
    [
        ("after:2024-01", "2024-01", None),
        ("before:2024", None, "2024"),
        ("after:2023 x after:2024-02 before:2025 before:2024-06-01", "2024-02", "2024-06-01"),
        ('after:"Jan 31, 2024"', "2024-01-31", None),
        ("after:soon", None, None),
        ("-before:2024", None, None),
    ],
)
def test_dates_in_a_text_bound_the_question(text: str, after: str | None, before: str | None) -> None:
    query = Query.parse(text)
    assert (query.after, query.before) == (after, before)


@pytest.mark.parametrize(
    ("text", "position", "told"),
    [
        ("after:soon", 0, "`after:soon`: `soon` is not a date such as 2024, 2024-01 or 2024-01-31; read as words"),
        ("“x y”  before:2024-13", 7, "`2024-13` is not a date"),
        ("x -after:2024", 2, "a minus does not go with a date, but `before:2024` does the same"),
        ("-after:soon", 0, "`soon` is not a date"),
        ("x tag:", 2, "`tag:` has no value right behind the colon, such as `tag:baking`; read as a word"),
        ("author: ann", 0, "such as `author:ann`"),
        ("-lang:", 0, "`lang:` has no value"),
        ('tag:"" x', 0, "`tag:` has no value"),
        ("x title:!?", 2, "`title:!?`: there is nothing to look for"),
        ('category:" "', 0, "there is nothing to look for"),
        ("OR x", 0, "`OR` joins what stands on both of its sides"),
        ("x OR y OR", 7, "`OR` joins"),
        ("x OR -y", 2, "`OR` joins"),
        ("x OR after:2024", 2, "`OR` joins"),
    ],
)
def test_what_looks_like_a_sign_and_is_none_is_explained(text: str, position: int, told: str) -> None:
    (hint,) = Query.parse(text).hints
    assert hint.position == position
    assert told in hint.text


def test_hints_stand_in_the_order_of_the_text() -> None:
    assert [hint.position for hint in Query.parse("tag: x OR tag: OR y OR after:soon OR").hints] == [0, 10, 23, 34]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "foo:bar https://x 12:30 Tag:x",
        '"never closed',
        '"tag:" -"OR"',
        'title:"never closed',
        "a OR b",
        "tag:x -lang:y",
        "FOR x",
        "or",
        "after:2024 before:2025-01-01",
        "tag:! OR title:x",
    ],
)
def test_of_a_text_without_a_mistake_nothing_is_explained(text: str) -> None:
    assert Query.parse(text).hints == ()


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("what is the flask", ["flask"]),
        ("what is the", ["what", "is", "the"]),
        ("to be OR not flask", ["flask"]),
        ("to flask OR the", ["flask OR the"]),
        ('the "the"', ["the"]),
        ("the -flask", ["the"]),
    ],
)
def test_common_words_count_only_if_there_are_no_others(text: str, counted: list[str]) -> None:
    assert [clause.text for clause in Query.parse(text).wanted] == counted


@pytest.mark.parametrize("text", ["!?", '""', "*", "-", "…", "x" * 65])
def test_a_text_of_nothing_to_search_for_is_hollow(text: str) -> None:
    assert Query.parse(text).is_hollow


@pytest.mark.parametrize("text", ["", " \n", "a", "-a", "tag:x", "the", "网", "after:2024"])
def test_a_blank_text_and_one_with_words_are_not_hollow(text: str) -> None:
    assert not Query.parse(text).is_hollow


def test_tags_given_apart_are_clauses_of_their_own() -> None:
    clauses = list(filters(tag=["A b", "c"], tag_any=["D", "d", "e"], tag_not=["F"]))
    assert clauses == [
        required(tag("a-b")),
        required(tag("c")),
        required(tag("d"), tag("e")),
        forbidden(tag("f")),
    ]
    assert list(filters()) == []


def test_a_choice_of_any_can_be_left_out_of_the_question() -> None:
    tags, years = filters(tag_any=["x"], year=["2023", "2024"])
    assert (years.text, years.any_of) == ("year:2023 OR year:2024", (Label("years", "2023"), Label("years", "2024")))
    typed = Query.parse("a tag:x year:2024").clauses
    query = Query(clauses=(*typed, tags, years))
    assert query.unchosen("years").clauses == (*typed, tags)
    assert query.unchosen("tags").selected("tags") == {"x"}
    assert query.unchosen("authors") is query


pieces = st.sampled_from(
    [
        *'-"* “”',
        "OR",
        "tag:",
        "name:",
        "-tag:",
        "title:",
        "lang:",
        "after:",
        "after:2024",
        "flask",
        "the",
        "服务网格",
        "网",
        "foo.bar",
        "!?",
        "\x1e",
        "é",
        "x" * 65,
    ]
)
any_text = st.text() | st.lists(pieces).map(" ".join) | st.lists(pieces).map("".join)


@given(any_text)
def test_any_text_parses(text: str) -> None:
    query = Query.parse(text)
    assert query.text == text
    assert all(clause.any_of and clause.text for clause in query.clauses)
    assert len(set(query.clauses)) == len(query.clauses)
    places = [hint.position for hint in query.hints]
    assert places == sorted(set(places))
    assert all(text[place : place + 1].strip() for place in places)


@given(any_text)
def test_what_a_text_asks_for_is_folded(text: str) -> None:
    for clause in Query.parse(text).clauses:
        for term in clause.any_of:
            match term.term if isinstance(term, Titled) else term:
                case Word(asked) | Prefix(asked):
                    assert asked == words.fold(asked) != ""
                case Phrase(asked_words):
                    assert asked_words == tuple(map(words.fold, asked_words)) != ()
                case Label(_, name):
                    assert name == words.fold_tag(name) != ""


@given(st.text())
def test_a_text_without_operators_only_wants(text: str) -> None:
    plain = text.translate(dict.fromkeys(map(ord, '"“”„«»*-:'), " ")).replace("OR", "or")
    assert {clause.presence for clause in Query.parse(plain).clauses} <= {Presence.WANTED}


@given(st.text())
def test_a_text_in_quotes_is_one_phrase_of_all_its_words(text: str) -> None:
    inside = text.translate(dict.fromkeys(map(ord, '"“”„«»'), " "))
    clauses = Query.parse(f'"{inside}"').clauses
    assert len(clauses) == (1 if any(words.runs(inside)) else 0)
    for clause in clauses:
        (term,) = clause.any_of
        assert clause.presence is Presence.REQUIRED
        # A lone character of a script without blanks begins pairs.
        assert isinstance(term, Phrase | Prefix)
        assert isinstance(term, Phrase) or (words.is_unspaced(term.text) and len(term.text) == 1)
