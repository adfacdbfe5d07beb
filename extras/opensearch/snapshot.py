"""What does one generation hold? It never changes, so that what was asked of it once need not be asked again."""

from __future__ import annotations

import re
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from math import prod
from threading import Lock
from typing import Any

import msgspec
from rapidfuzz.distance import OSA

from extras.opensearch.cluster import Cluster, Json
from extras.opensearch.document import LONGEST_KEY, day, key, number_of, placed, post_of, text_of, texts, weight
from extras.opensearch.terms import Leaf, Query, Reading, all_of, any_of, idf
from indexer import words
from indexer.engine import ENOUGH, KNOWN, MOST_CORRECTIONS
from indexer.post import Post
from indexer.query import Label, Phrase, Prefix, Term, Titled, Word

#: Searches in one request, documents in one answer, and values of a facet or labels, at most.
AT_ONCE, PAGE, MOST_VALUES = 200, 5_000, 65_535

#: Posts whose words are kept.
CACHED = 200


class Held(msgspec.Struct, frozen=True):
    """What a generation says of itself."""

    version: int
    generation: str
    posts: int
    tongues: list[str]
    mean: float
    title_mean: float
    oldest: int
    newest: int

    #: Whether any post counts more or less than others.
    weighs: bool

    #: The highest number that a write to it has.
    sequence: int


class Text:
    """A post, and the words in it."""

    def __init__(self, post: Post) -> None:
        self.post, self._tongue = post, words.tongue(post.language)

    @cached_property
    def tokens(self) -> Sequence[tuple[int, words.Token]]:
        """Its words, with their places in all of its texts."""
        return [(place, token) for place, token in enumerate(placed(texts(self.post))) if token]

    @cached_property
    def _stems(self) -> Mapping[str, tuple[set[str], list[int]]]:
        """The words that have each stem, and their places."""
        found: dict[str, tuple[set[str], list[int]]] = {}
        for place, token in self.tokens:
            stems = {words.stem(token.word, self._tongue)}
            written = (also[1:] for also in token.also if also.startswith(words.WRITTEN))
            for stem in stems | {words.fold(words.stem(one, self._tongue)) for one in written}:
                known = found.setdefault(stem, (set(), []))
                known[0].add(token.word)
                known[1].append(place)
        return found

    def forms(self, word: Word) -> set[str]:
        """The words of the post of which *word* is a form."""
        return {one for stem in word.stems(self._tongue) for one in self._stems.get(stem, ((), ()))[0]}

    def places(self, word: Word) -> list[int]:
        """Where the forms of *word* stand."""
        return sorted({one for stem in word.stems(self._tongue) for one in self._stems.get(stem, ((), ()))[1]})

    def times(self) -> Counter[str]:
        """How often each of its words stands in it, those of its title four times."""
        title = [token.word for token in placed([self.post.title]) if token]
        return Counter([token.word for _, token in self.tokens] + 3 * title)


class Snapshot:
    """The posts of the index *name*. Safe from any number of threads."""

    def __init__(self, cluster: Cluster, name: str, held: Held) -> None:
        self.cluster, self.name, self.held = cluster, name, held
        self._counts: dict[str, int] = {}
        self._spellings: dict[tuple[str, str], str | None] = {}
        self._costs: dict[Term, float] = {}
        self._corrections: dict[tuple[Word, bool], tuple[str, ...]] = {}
        self._texts: OrderedDict[str, Text] = OrderedDict()
        self._lock = Lock()

    def search(self, bodies: Iterable[Json]) -> list[Json]:
        """The answers to several searches."""
        given, found = iter(bodies), list[Json]()
        while some := list(islice(given, AT_ONCE)):
            found += self.cluster.search(self.name, some)
        return found

    def count(self, queries: Iterable[Query]) -> list[int]:
        """How many posts each of *queries* finds."""
        asked = [(repr(query), query) for query in queries]
        unknown = {name: query for name, query in asked if name not in self._counts}
        bodies = ({"size": 0, "track_total_hits": True, "query": all_of([query])} for query in unknown.values())
        fresh = [answer["hits"]["total"]["value"] for answer in self.search(bodies)]
        known = dict(zip(unknown, fresh, strict=True))
        counts = [known[name] if name in known else self._counts[name] for name, _ in asked]
        if len(self._counts) > 100_000:
            self._counts = {}
        self._counts |= known
        return counts

    def idf(self, leaf: Leaf) -> float:
        """How rare a leaf is; cheap if it has been counted."""
        return idf(self.count([leaf.query()])[0], self.held.posts)

    def having(self, terms: Iterable[Word], *, is_open: bool = False) -> list[int]:
        """How many posts have each of *terms*; be they open, or a word that begins so."""
        asked = ((Reading(self.held.tongues, word if is_open else None), word) for word in terms)
        return self.count(any_of(way.leaf.query() for way in reading.ways(word)) for reading, word in asked)

    def factors(self, post: Post, half_life: float) -> float:
        """What the score of *post* is multiplied by."""
        age = 0 if post.evergreen else self.held.newest - (day(post.date) if post.date else self.held.oldest)
        return prod((weight(post), (1 + 2 ** (-age / half_life)) / 2 if half_life else 1.0))

    def weighed(self, query: Query, half_life: float) -> Query:
        """*query*, with its scores multiplied so."""
        if not (half_life or self.held.weighs):
            return query
        given = {"half_life": half_life, "newest": self.held.newest, "oldest": self.held.oldest}
        return {"script_score": {"query": query, "script": {"source": _WEIGHED, "params": given}}}

    def text(self, source: dict[str, str], number: str) -> Text:
        """The text of a document."""
        with self._lock:
            text = self._texts.pop(number) if number in self._texts else Text(post_of(source))
            self._texts[number] = text
            if len(self._texts) > CACHED:
                self._texts.popitem(last=False)
        return text

    def post(self, id: str) -> Post | None:
        """The post with this id."""
        body = {"size": 1, "query": all_of([{"term": {"key": key(id)}}])}
        hits = self.search([body])[0]["hits"]["hits"]
        return post_of(hits[0]["_source"]) if hits else None

    def digests(self) -> dict[str, str]:
        """The digest of each post, by id."""
        return dict(self._each("digest"))

    def urls(self) -> dict[str, str]:
        """The address of each post, by id."""
        return {id: text_of(url) for id, url in self._each("url")}

    def _each(self, field: str) -> Iterator[tuple[str, str]]:
        """The id of each post, and what a *field* of it says."""
        body = {"size": PAGE, "query": {"match_all": {}}, "sort": [{"key": "asc"}], "_source": False}
        body |= {"docvalue_fields": [field], "track_total_hits": False}
        after: list[str] = []
        while True:
            answer = self.search([body | ({"search_after": after} if after else {})])[0]
            for hit in answer["hits"]["hits"]:
                after = hit["sort"]
                yield text_of(after[0]), hit["fields"][field][0] if "fields" in hit else ""
            if len(answer["hits"]["hits"]) < PAGE:
                return

    def labels(self, facets: Sequence[tuple[str, Query]]) -> list[dict[str, int]]:
        """How many of the posts of a query have each label of a facet, folded: of each of *facets*."""
        bodies = ({"size": 0, "query": query, "aggs": {"them": _values(facet)}} for facet, query in facets)
        return [
            {text_of(one["key"]): one["doc_count"] for one in answer["aggregations"]["them"]["buckets"]}
            for answer in self.search(bodies)
        ]

    def spellings(self, facet: str, names: Iterable[str]) -> dict[str, str]:
        """The labels of *names*, which are folded, each as the first post that has it spells it; none that none has."""
        asked = [(facet, name) for name in names]
        unknown = [one for one in asked if one not in self._spellings]
        bodies = (
            {"size": 1, "sort": [{"key": "asc"}], "query": all_of([{"term": {facet: key(name)}}]), "_source": "card"}
            for _, name in unknown
        )
        for (_, name), answer in zip(unknown, self.search(bodies), strict=True):
            hits = answer["hits"]["hits"]
            written = getattr(post_of(hits[0]["_source"] | {"body": '""'}), facet) if hits else ()
            self._spellings[facet, name] = next((one for one in written if words.fold_tag(one) == name), None)
        return {name: spelt for _, name in asked if (spelt := self._spellings[facet, name]) is not None}

    def completions(self, beginning: str, count: int) -> tuple[str, ...]:
        """As `Searchable.completions`."""
        told = _values("vocabulary", size=count, include=f"{_quoted(beginning)}.*") if count else {}
        return tuple(bucket["key"] for bucket in self._buckets(told)) if count else ()

    def _buckets(self, told: Json) -> list[Json]:
        found: list[Json] = self.search([{"size": 0, "aggs": {"them": told}}])[0]["aggregations"]["them"]["buckets"]
        return found

    def count_words(self) -> int:
        """How many different words the posts have; more than forty thousand are estimated."""
        told = {"cardinality": {"field": "vocabulary", "precision_threshold": 40_000}}
        return int(self.search([{"size": 0, "aggs": {"them": told}}])[0]["aggregations"]["them"]["value"])

    def corrections(self, word: Word, *, is_open: bool) -> tuple[str, ...]:
        """As `Searchable.corrections`."""
        if (word, is_open) not in self._corrections:
            self._corrections[word, is_open] = self._corrected(word, is_open)
        return self._corrections[word, is_open]

    def _corrected(self, word: Word, is_open: bool) -> tuple[str, ...]:
        most = words.tolerance(word.text)
        if not most or (having := self.having([word], is_open=is_open)[0]) >= ENOUGH:
            return ()
        options = self._like(word.text, most)
        near = [one for one in options if one.isalpha() and 0 < OSA.distance(word.text, one) <= most]
        counts = dict(zip(near, self.having(map(Word, near)), strict=True))
        known = [other for other in near if counts[other] >= max(1, KNOWN * having)]
        known.sort(key=lambda other: (OSA.distance(word.text, other), -counts[other], other))
        return tuple(known[:MOST_CORRECTIONS])

    def _like(self, text: str, most: int) -> set[str]:
        """All words that are at most so many edits away, and some others.

        Of those two edits away, a suggester finds but those that begin alike. So the rest are looked for from behind;
        and last those that neither begin nor end alike.
        """
        ways = {"vocabulary": text} | ({"reversed": text[::-1]} if most > 1 else {})
        told = {"max_edits": most, **_NEAR}
        asked: Json = {way: {"text": typed, "term": told | {"field": way}} for way, typed in ways.items()}
        regex = f".{{1,3}}{_quoted(text[2:-2])}.{{1,3}}"
        aggs = {"aggs": {"them": _values("vocabulary", size=1_000, include=regex)}} if most > 1 else {}
        (answer,) = self.search([{"size": 0, "suggest": asked, **aggs}])
        found = {bucket["key"] for bucket in answer["aggregations"]["them"]["buckets"]} if aggs else set()
        for way in ways:
            options = (option["text"] for entry in answer["suggest"][way] for option in entry["options"])
            found |= {option if way == "vocabulary" else option[::-1] for option in options}
        return found

    def cost(self, term: Term) -> float:
        """As `Searchable.cost`."""
        match term:
            case Titled(inner):
                return self.cost(inner)
            case Phrase((*whole, last), is_open):
                return sum(self.cost(Word(word)) for word in whole) + self.cost(Prefix(last) if is_open else Word(last))
        if term not in self._costs:
            self._costs[term] = self._all_counts(term) / max(1, self.held.posts)
        return self._costs[term]

    def _all_counts(self, term: Term) -> int:
        if isinstance(term, Label):
            return self.count([{"term": {term.facet: key(term.name)}}])[0]
        field, regex = "vocabulary", f"{_quoted(getattr(term, 'text', ''))}.*"
        if isinstance(term, Word):
            stems = Reading(self.held.tongues, None).ways(term)[0].leaf.text.split("|")
            field, regex = "forms", f"({'|'.join(map(_quoted, stems))})\\|.*"
        told = _values(field, size=1, include=regex)
        answer = self.search([{"size": 0, "aggs": {"them": told}}])[0]["aggregations"]["them"]
        return int(sum(one["doc_count"] for one in answer["buckets"]) + answer["sum_other_doc_count"])

    def begins_title(self, text: str) -> bool:
        """As `Searchable.begins_title`."""
        return self.count([begins("title", words.fold(text))])[0] > 0

    def of_id(self, id: str) -> Query:
        """The post with this id."""
        return {"ids": {"values": [number_of(id)]}}


def begins(field: str, text: str) -> Query:
    """The posts of which the `key` in a *field* begins with *text*."""
    return {"prefix": {field: key(text)[:LONGEST_KEY]}}


def _values(field: str, size: int = MOST_VALUES, **given: Any) -> Json:
    """The values of a *field*, those that most posts have first; with shards, so many of each that none is missed."""
    return {"terms": {"field": field, "size": size, "shard_size": max(size, 10_000), **given}}


def _quoted(text: str) -> str:
    """*text* in a regular expression of Lucene."""
    return re.sub(r"([^\w])", r"\\\1", text)


_NEAR = {
    "suggest_mode": "always", "prefix_length": 0, "min_word_length": 1, "accuracy": 0.0,
    "max_term_freq": 2_000_000_000, "size": 1_000, "shard_size": 1_000, "string_distance": "damerau_levenshtein",
}  # fmt: skip

# As `Snapshot.factors` has it.
_WEIGHED = """
double age = 0;
if (params.half_life > 0 && !doc['evergreen'].value) {
  age = params.newest - (doc['day'].size() == 0 ? params.oldest : doc['day'].value);
}
double left = params.half_life > 0 ? (1 + Math.pow(2, -age / params.half_life)) / 2 : 1;
return _score * doc['weight'].value * left;
"""
