"""Is what we write a genuine index of Whoosh's, which its own parser and searcher read as we do?"""

from __future__ import annotations

import gc
import os
import pickle
import random
import subprocess
import sys
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from whoosh import query
from whoosh.filedb.filestore import FileStorage
from whoosh.index import clean_files, create_in, open_dir
from whoosh.qparser import QueryParser
from whoosh.reading import TermNotFound

from indexer import words
from indexer.engines.whoosh.codec import (
    SCHEMA,
    FlatCodec,
    FlatSegment,
    read_toc,
    segment_path,
    write_toc,
)
from indexer.engines.whoosh.flatfile import write
from indexer.engines.whoosh.inversion import invert, parts
from indexer.errors import ForeignWriterError
from indexer.post import Post
from tests.conftest import make_post

ROOT = Path(__file__).parent.parent.parent
MAPS = Path("/proc/self/maps")

# A segment as every index holds it: it can be read for ever.
PICKLED = (
    b"\x80\x02cindexer.engines.whoosh.codec\nFlatSegment\nq\x00)\x81q\x01}q\x02(X\x09\x00\x00\x00indexnameq\x03X\x04\x00"
    b"\x00\x00MAINq\x04X\x05\x00\x00\x00segidq\x05X\x10\x00\x00\x000123456789abcdefq\x06X\x08\x00\x00\x00compoundq\x07"
    b"\x89X\x05\x00\x00\x00postsq\x08K\x03X\x08\x00\x00\x00_deletedq\tc__builtin__\nset\nq\n]q\x0bK\x01a\x85q\x0cRq\rub."
)

PIECES = [
    *["a", "A", "post", "posts", "POSTS", "to be", "not", "C++", "foo_bar", "2023-08", "don't", "x" * 70, "--"],
    *["café", "CAFÉ", "cafe\u0301", "Straße", "naïve", "Привет", "हिन्दी", "日本語", "日", "の", "服务网格", "—", "ﬁn"],
]
TAGS = ["go", "Go", "Service Mesh", "service-mesh", "C++", "日本", "a:b", "it's", "ü b"]

texts = st.lists(st.sampled_from(PIECES), max_size=8).map(" ".join)


@st.composite
def drawn_posts(draw: st.DrawFn) -> list[Post]:
    ids = draw(st.lists(st.text("abé日/", min_size=1, max_size=4), max_size=6, unique=True))
    return [
        make_post(
            draw(texts) or "Untitled",
            id=id,
            description=draw(texts),
            body=draw(texts),
            date=draw(st.sampled_from([None, "2023-08"])),
            tags=tuple(draw(st.lists(st.sampled_from(TAGS), max_size=3, unique_by=words.fold_tag))),
        )
        for id in ids
    ]


def publish(folder: Path, *cuts: Sequence[Post], deleted: Collection[str] = (), generation: int = 1) -> list[Post]:
    """Write an index of one segment for each of *cuts*, the posts *deleted* masked; the answer is the rest."""
    segments = []
    for posts in cuts:
        in_order = sorted(posts, key=lambda post: post.id)
        segment = FlatSegment(len(posts), (n for n, post in enumerate(in_order) if post.id in deleted))
        write(segment_path(folder, segment), invert(in_order))
        segments.append(segment)
    write_toc(folder, segments, generation)
    return [post for posts in cuts for post in posts if post.id not in deleted]


def pairs(post: Post) -> Iterator[tuple[str, str]]:
    """The words that stand side by side in one of a post's texts."""
    for text in parts(post):
        for one, other in pairwise(words.tokens(text)):
            if one.position + 1 == other.position:
                yield one.word, other.word


def borders(post: Post) -> Iterator[tuple[str, str]]:
    """The last word of each text, and the first of the one behind it."""
    for one, other in pairwise([[token.word for token in words.tokens(text)] for text in parts(post)]):
        if one and other:
            yield one[-1], other[0]


def words_of(post: Post) -> set[str]:
    return {token.word for text in parts(post) for token in words.tokens(text)}


def terms_of(post: Post) -> set[str]:
    """The words, and what else they are found by."""
    return {term for text in parts(post) for token in words.tokens(text) for term in (token.word, *token.also)}


def tags_of(post: Post) -> set[str]:
    return {words.fold_tag(tag) for tag in post.tags}


def ids_of(posts: Sequence[Post]) -> list[str]:
    return sorted(post.id for post in posts)


def asked(schema: Any, *phrase: str) -> list[Any]:
    """The phrase as Whoosh's own query, and as what its parser makes of it, unless that would cut its words anew."""
    text = " ".join(phrase)
    own = query.Phrase("text", list(phrase)).normalize()
    is_readable = tuple(token.word for token in words.tokens(text)) == phrase
    return [own, *([QueryParser("text", schema).parse(f'"{text}"')] if is_readable else [])]


def check(folder: Path, held: Sequence[Post]) -> None:
    """That Whoosh finds in *folder* what a look at each of the posts *held* finds."""
    with open_dir(str(folder)).searcher() as searcher:

        def found(question: Any) -> list[str]:
            hits = searcher.search(question, limit=None)
            best = searcher.search(question, limit=10)
            assert [hit.score for hit in best] == [hit.score for hit in hits][:10]
            return sorted(hit["id"] for hit in hits)

        assert searcher.doc_count() == len(held)
        assert found(query.Every()) == ids_of(held)
        assert sorted(searcher.reader().all_stored_fields(), key=lambda kept: kept["id"]) == [
            {"id": post.id, "url": post.url, "title": post.title, "tags": post.tags}
            | ({"date": post.date} if post.date else {})
            for post in sorted(held, key=lambda post: post.id)
        ]
        for word in set().union(*map(words_of, held)):
            for question in asked(searcher.schema, word):
                assert found(question) == ids_of([post for post in held if word in words_of(post)]), question
        for pair in {pair for post in held for pair in (*pairs(post), *borders(post))}:
            for question in asked(searcher.schema, *pair):
                assert found(question) == ids_of([post for post in held if pair in pairs(post)]), question
        for tag in set().union(*map(tags_of, held)):
            expected = ids_of([post for post in held if tag in tags_of(post)])
            assert found(query.Term("tags", tag)) == expected, tag
            if "'" not in tag:
                assert found(QueryParser("text", searcher.schema).parse(f"tags:'{tag}'")) == expected, tag
        for post in held:
            assert searcher.document(id=post.id)["title"] == post.title


@pytest.mark.slow
@given(drawn_posts())
def test_whoosh_finds_every_word_phrase_and_tag_of_one_segment(posts: list[Post]) -> None:
    with TemporaryDirectory() as folder:
        check(Path(folder), publish(Path(folder), posts))


@pytest.mark.slow
@given(drawn_posts(), st.data())
def test_whoosh_finds_what_is_left_in_many_segments_after_deletions(posts: list[Post], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(posts)))
    deleted = data.draw(st.sets(st.sampled_from(posts).map(lambda post: post.id))) if posts else set()
    with TemporaryDirectory() as folder:
        check(Path(folder), publish(Path(folder), posts[:cut], [], posts[cut:], deleted=deleted))


@given(drawn_posts())
def test_the_terms_stand_in_order_each_in_its_field(posts: list[Post]) -> None:
    with TemporaryDirectory() as folder:
        publish(Path(folder), posts[:2], posts[2:])
        with open_dir(folder).reader() as reader:
            known = sorted({word.encode() for post in posts for word in terms_of(post)})
            terms = list(reader.all_terms())
            assert terms == sorted(set(terms))
            assert list(reader.lexicon("text")) == known
            assert list(reader.lexicon("tags")) == sorted({tag.encode() for post in posts for tag in tags_of(post)})
            assert list(reader.lexicon("id")) == sorted(post.id.encode() for post in posts)
            assert list(reader.expand_prefix("text", "p")) == [word for word in known if word.startswith(b"p")]


def test_a_word_that_no_post_has_is_nowhere(tmp_path: Path) -> None:
    publish(tmp_path, [make_post(body="here", tags=("there",))])
    with open_dir(str(tmp_path)).reader() as reader:
        for field, word in (("text", "absent"), ("text", "there-"), ("tags", "here"), ("id", "here")):
            assert (field, word) not in reader
            assert reader.doc_frequency(field, word) == reader.frequency(field, word) == 0
            with pytest.raises(TermNotFound):
                reader.term_info(field, word)


# Beside an index that Whoosh wrote itself


QUESTIONS = [
    *["common", "w1", "w1 OR w2 OR common", "w1 w2", "common NOT w3", '"common w4"', '"w1 w2"', '"w5 w5"', '"w1 w2"~4'],
    *["w1*", "tags:even", "tags:even AND w7", "common ANDMAYBE w7", "id:p017", "w1 OR tags:even"],
]


def busy_posts() -> list[Post]:
    """Enough posts for many blocks of postings, with words rare and frequent."""
    chance = random.Random(7)
    return [
        make_post(
            f"Post {number}",
            id=f"p{number:03}",
            body=" ".join(chance.choices(["common", *(f"w{n}" for n in range(60))], k=chance.randrange(1, 90))),
            tags=("even",) if number % 2 == 0 else ("odd", "all"),
        )
        for number in range(700)
    ]


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, Any]]:
    """Searchers of our index and of Whoosh's, of the same posts."""
    posts = busy_posts()
    deleted = {post.id for post in posts[::9]}
    folder = tmp_path_factory.mktemp("ours")
    publish(folder, posts[:300], posts[300:310], posts[310:], deleted=deleted)
    theirs = create_in(str(tmp_path_factory.mktemp("theirs")), SCHEMA)
    with theirs.writer() as writer:
        for post in posts:
            text = words.GAP.join(parts(post))
            writer.add_document(id=post.id, text=text, tags=[words.fold_tag(tag) for tag in post.tags])
    with theirs.writer() as writer:
        for id in deleted:
            writer.delete_by_term("id", id)
    with open_dir(str(folder)).searcher() as ours, theirs.searcher() as searcher:
        yield ours, searcher


@pytest.mark.parametrize("text", QUESTIONS)
def test_hits_and_scores_are_those_of_whoosh_s_own_segments(twins: tuple[Any, Any], text: str) -> None:
    ours, theirs = (_scores(searcher, QueryParser("text", SCHEMA).parse(text)) for searcher in twins)
    assert ours
    assert ours == pytest.approx(theirs)


@pytest.mark.parametrize(
    "question",
    [query.Every(), query.Every("tags"), query.Wildcard("text", "w*1"), query.FuzzyTerm("text", "comon", maxdist=1)],
    ids=str,
)
def test_so_it_is_for_questions_that_are_no_words(twins: tuple[Any, Any], question: Any) -> None:
    ours, theirs = (_scores(searcher, question) for searcher in twins)
    assert ours
    assert ours == pytest.approx(theirs)


def test_a_misspelt_word_is_put_right(twins: tuple[Any, Any]) -> None:
    assert twins[0].corrector("text").suggest("comon", limit=1) == ["common"]


def test_what_is_known_of_a_term_is_what_whoosh_knows(twins: tuple[Any, Any]) -> None:
    for field in ("text", "tags", "id"):
        ours, theirs = (dict(searcher.reader().iter_field(field)) for searcher in twins)
        assert ours.keys() == theirs.keys()
        for term, info in ours.items():
            other = theirs[term]
            assert (info.weight(), info.doc_frequency()) == (other.weight(), other.doc_frequency()), term
            assert (info.max_weight(), info.max_id()) == (other.max_weight(), other.max_id()), term
    postings = [[(*most, value or b"") for *most, value in searcher.reader().iter_postings()] for searcher in twins]
    assert postings[0] == postings[1]


def _scores(searcher: Any, question: Any) -> dict[Any, float]:
    whole = searcher.search(question, limit=None)
    scores = [hit.score for hit in whole]
    assert [hit.score for hit in searcher.search(question, limit=10)] == pytest.approx(scores[:10])
    return {searcher.stored_fields(hit.docnum)["id"]: hit.score for hit in whole}


# Whoosh's writer


def test_whoosh_s_own_writer_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    publish(tmp_path, [make_post("One")], [make_post("Two")])
    before = _files(tmp_path)
    index = open_dir(str(tmp_path))
    for change in (index.writer, index.optimize, lambda: index.delete_by_term("id", "one.md")):
        with pytest.raises(ForeignWriterError, match="belongs to postsearch"):
            change()
        assert _files(tmp_path) == before


def test_a_refused_writer_lets_go_of_the_lock(tmp_path: Path) -> None:
    publish(tmp_path, [make_post("One")])
    index = open_dir(str(tmp_path))
    with pytest.raises(ForeignWriterError):
        index.writer()
    lock = index.lock("WRITELOCK")
    assert lock.acquire()
    lock.release()


def test_whoosh_cannot_write_segments_like_ours(tmp_path: Path) -> None:
    with pytest.raises(ForeignWriterError):
        create_in(str(tmp_path), SCHEMA).writer(codec=FlatCodec())


def test_segments_that_whoosh_wrote_are_not_taken_for_ours(tmp_path: Path) -> None:
    with create_in(str(tmp_path), SCHEMA).writer() as writer:
        writer.add_document(id="theirs", text="theirs")
    with pytest.raises(ValueError, match="postsearch did not write"):
        read_toc(tmp_path)


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "MAIN_WRITELOCK"}


# Files


def test_what_is_written_is_read_again_and_the_newest_only_is_kept(tmp_path: Path) -> None:
    publish(tmp_path, [make_post("Old")], generation=9)
    publish(tmp_path, [make_post("One"), make_post("Two")], deleted={"two.md"}, generation=10)
    generation, [segment] = read_toc(tmp_path)
    assert generation == 10
    assert (segment.posts, segment.doc_count(), list(segment.deleted_docs())) == (2, 1, [1])
    assert [path.name for path in tmp_path.glob("*.toc*")] == ["_MAIN_10.toc"]


def test_an_index_that_holds_nothing_is_opened(tmp_path: Path) -> None:
    write_toc(tmp_path, [], 0)
    assert read_toc(tmp_path) == (0, [])
    assert open_dir(str(tmp_path)).doc_count() == 0


def test_where_there_is_no_index_none_is_found(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_toc(tmp_path)


def test_a_reader_outlives_another_and_its_own_file(tmp_path: Path) -> None:
    publish(tmp_path, [make_post("One", body="word")])
    index = open_dir(str(tmp_path))
    with index.searcher() as searcher:
        with index.searcher() as other:
            assert len(other.search(query.Term("text", "word"))) == 1
        for path in tmp_path.glob("*.flat"):
            path.unlink()
        assert [hit["title"] for hit in searcher.search(query.Term("text", "word"))] == ["One"]
    with pytest.raises(FileNotFoundError):
        index.searcher()


@pytest.mark.skipif(not MAPS.exists(), reason="counts mapped files the way Linux shows them")
def test_all_readers_share_one_mapping_that_goes_with_the_last_of_them(tmp_path: Path) -> None:
    publish(tmp_path, [make_post("One")])
    name = segment_path(tmp_path, *read_toc(tmp_path)[1]).name
    with open_dir(str(tmp_path)).searcher() as one, open_dir(str(tmp_path)).searcher() as other:
        assert one.doc_count() == other.doc_count() == 1
        assert MAPS.read_text().count(name) == 1
    del one, other
    gc.collect()
    assert MAPS.read_text().count(name) == 0


def test_whoosh_clears_away_what_is_no_longer_listed(tmp_path: Path) -> None:
    publish(tmp_path, [make_post("Old")])
    publish(tmp_path, [make_post("New")], generation=2)
    generation, segments = read_toc(tmp_path)
    clean_files(FileStorage(str(tmp_path)), "MAIN", generation, segments)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        ["_MAIN_2.toc", segment_path(tmp_path, segments[0]).name]
    )


# What is pickled


def test_a_pickled_segment_of_old_is_read_for_ever() -> None:
    segment = pickle.loads(PICKLED)
    assert segment_path(Path(), segment).name == "MAIN_0123456789abcdef.flat"
    assert (segment.posts, list(segment.deleted_docs())) == (3, [1])


def test_of_ours_only_the_segment_and_the_analyzer_are_pickled(tmp_path: Path) -> None:
    publish(tmp_path, [make_post("One"), make_post("Two")], deleted={"two.md"})
    watched = (
        "import sys\n"
        "from whoosh.index import open_dir\n"
        "sys.addaudithook(lambda event, found: event == 'pickle.find_class' and print(*found))\n"
        "open_dir(sys.argv[1])"
    )
    run = [sys.executable, "-W", "ignore", "-c", watched, str(tmp_path)]
    named = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    assert {name for name in named if not name.startswith(("whoosh.", "builtins ", "__builtin__ "))} == {
        "indexer.engines.whoosh.codec FlatSegment",
        "indexer.engines.whoosh.analyzer WordAnalyzer",
    }


# The first Whoosh


@pytest.mark.slow
def test_all_this_holds_for_the_first_whoosh_too(tmp_path: Path) -> None:
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    got = subprocess.run([*pip, "--target", tmp_path, "Whoosh==2.7.4"], capture_output=True, text=True, check=False)
    if got.returncode and not os.environ.get("CI"):
        pytest.skip("no Whoosh 2.7.4 to be had here")
    assert not got.returncode, got.stderr
    environment = os.environ | {"PYTHONPATH": str(tmp_path), "CI": "1"}
    code = (
        "import sys, pytest, whoosh\n"
        "assert whoosh.__version__ == (2, 7, 4)\n"
        "sys.exit(pytest.main(['-q', '-W', 'ignore', '-p', 'no:cacheprovider', '-m', 'not slow', sys.argv[1]]))"
    )
    test = str(Path(__file__).relative_to(ROOT))
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, test],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert not run.returncode, run.stdout + run.stderr
