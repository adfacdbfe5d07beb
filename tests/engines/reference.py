"""What would an engine answer that is too simple to be wrong? The others are held against it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import date
from functools import lru_cache
from itertools import chain, pairwise
from typing import NamedTuple

import msgspec

from indexer import words
from indexer.engine import ENOUGH, FACETS, Stats, Trial
from indexer.errors import QueryError
from indexer.line import Line
from indexer.post import Post
from indexer.query import Clause, Label, Phrase, Prefix, Presence, Query, Term, Titled, Word
from indexer.results import Facet, Hit, Place, Results, newer
from indexer.snippet import Passage, Snippets
from indexer.telling import telling


class Also(NamedTuple):
    """A word as it is written, or a part of one; see `words.Token.also`."""

    text: str


Sought = Word | Prefix | Phrase | Also
Texts = Callable[[Post], tuple[str, ...]]


class ReferenceEngine:
    """Holds its posts in a dict, and reads every one of them for every question."""

    def __init__(self) -> None:
        self._held: Mapping[str, Post] = {}
        self._changes = 0
        self._before: dict[str, Post] | None = None

    def search(self, query: Query, *, facets: Iterable[str] = ("tags",), snippets: bool = True) -> Results:
        """The page of posts that *query* asks for."""
        held = self.posts
        asked = _known(facets)
        first, corrected, second = _parts(held, query)
        found, scores = _list(held, query)
        start = (query.page - 1) * query.per_page
        return Results(
            query=query.text,
            total=len(found),
            total_all_words=len(first),
            total_corrected=len(corrected),
            missing=_missing(corrected + second, query),
            page=query.page,
            per_page=query.per_page,
            sort=query.sort,
            hits=tuple(
                _hit(post, scores, query, snippets, self.post) for post in found[start : start + query.per_page]
            ),
            facets={
                name: tuple(_facet(name, chain(*_parts(held, query.unchosen(name))), held, query.selected(name)))
                for name in asked
            },
        )

    def tags(self) -> tuple[Facet, ...]:
        """Every tag with its number of posts."""
        held = self.posts
        return tuple(_facet("tags", held, held))

    @property
    def posts(self) -> tuple[Post, ...]:
        """All that it holds."""
        return tuple(self._held.values())

    def post(self, id: str) -> Post | None:
        """The post with this id, or None."""
        return self._held.get(id)

    def related(self, id: str, count: int = 5) -> tuple[Hit, ...] | None:
        """The *count* posts most like the one with this id, or None."""
        if (like := self._held.get(id)) is None:
            return None
        held = tuple(self._held.values())
        times = Counter(token.word for text in (*_texts(like), *3 * _title(like)) for token in _tokens(text))
        tongue = words.tongue(like.language)
        told = telling(times, tongue, _having(held).__getitem__, len(held))
        shared = tuple(word for word in map(Word, told) if sum(_has(post, word) for post in held) > 1)[:12]
        query = Query(clauses=(Clause(Presence.REQUIRED, shared),), per_page=max(1, len(held)))
        found = self.search(query, snippets=False).hits if shared else ()
        return tuple(hit for hit in found if hit.id != id and not self._held[hit.id].superseded_by)[:count]

    def completions(self, beginning: str, count: int) -> tuple[str, ...]:
        """The *count* words that begin so."""
        having = _having(self._held.values())
        found = sorted(having, key=lambda word: (-having[word], word))
        return tuple([word for word in found if word.startswith(beginning)][:count])

    def corrections(self, word: Word, *, is_open: bool = False) -> tuple[str, ...]:
        """The words that a mistyped *word* may have been meant for."""
        held = self.posts
        known = {
            token.word for post in held for text in _texts(post) for token in _tokens(text) if token.word.isalpha()
        }
        near = {other: _edits(word.text, other) for other in known}
        counts = {other: sum(_has(post, Word(other)) for post in held) for other in known}
        having = sum(_has(post, word) or (is_open and _has(post, Prefix(word.text))) for post in held)
        if having >= ENOUGH:
            return ()
        meant = [
            other
            for other in known
            if 0 < near[other] <= words.tolerance(word.text) and counts[other] >= max(1, 10 * having)
        ]
        return tuple(sorted(meant, key=lambda other: (near[other], -counts[other], other))[:5])

    def cost(self, term: Term) -> float:
        """How often all posts are gone through for *term*."""
        if isinstance(term, Titled):
            return self.cost(term.term)
        if isinstance(term, Phrase):
            *whole, last = term.words
            return sum(map(self.cost, [*map(Word, whole), Prefix(last) if term.open else Word(last)]))
        return sum(_cost(post, term) for post in self._held.values()) / max(1, len(self._held))

    def begins_title(self, text: str) -> bool:
        """Whether the title of a post begins with *text* as it stands."""
        return any(words.fold(post.title).startswith(words.fold(text)) for post in self._held.values())

    def stats(self) -> Stats:
        """Figures about what is held; nothing of it is on a disk."""
        held = self.posts
        known = {token.word for post in held for text in _texts(post) for token in _tokens(text)}
        return Stats(
            posts=len(held),
            words=len(known),
            tags=len(self.tags()),
            bytes=0,
            generation=self.generation,
        )

    @property
    def generation(self) -> str:
        """The number of changes so far."""
        return str(self._changes)

    def close(self) -> None:
        """Nothing is open."""

    def check(self) -> None:
        """It has no files."""

    def digests(self) -> Mapping[str, str]:
        """Every held post's digest, by id."""
        return {post.id: post.digest for post in self._held.values()}

    def urls(self) -> Mapping[str, str]:
        """Every held post's address, by id."""
        return {post.id: post.url for post in self._held.values()}

    def writing(self, waiting: Callable[[], None] = lambda: None) -> AbstractContextManager[None]:
        """There is no other handle."""
        return nullcontext()

    def apply(
        self,
        *,
        put: Iterable[Post] = (),
        drop: Iterable[str] = (),
        afresh: bool = False,
        trial: Trial | None = None,
    ) -> bool:
        """Hold the posts of *put*, and no longer those of *drop*; *afresh*, those of *put* alone."""
        changed = {**({} if afresh else self._held), **{post.id: post for post in put}}
        dropped = list(drop)
        for id in dropped:
            changed.pop(id, None)
        other = ReferenceEngine()
        other._held = dict(sorted(changed.items()))
        if trial and changed != self._held:
            trial(other)
        if changed != self._held:
            self._before = dict(self._held)
            self._changes += 1
        if dropped or afresh:
            self._before = None
        self._held = dict(sorted(changed.items()))
        return True

    def rollback(self) -> bool:
        """Hold again what was held before the last change, if that is kept."""
        if self._before is None:
            return False
        self._held, self._before = dict(self._before), None
        self._changes += 1
        return True


def _having(held: Iterable[Post]) -> Counter[str]:
    """How many posts have each word."""
    of_posts = ({token.word for text in _texts(post) for token in _tokens(text)} for post in held)
    return Counter(word for known in of_posts for word in known)


def _known(facets: Iterable[str]) -> tuple[str, ...]:
    names = tuple(facets)
    for name in names:
        if name not in FACETS:
            raise QueryError(f"cannot count by {name!r}", param="facets")
    return names


def _list(held: tuple[Post, ...], query: Query) -> tuple[list[Post], dict[str, float]]:
    """All posts that *query* finds, in order, and their scores by id."""
    first, corrected, second = _parts(held, query)
    scores = _scores(held, query)
    pinned = _pinned(first, query)
    titled = _titled(first, query)
    parts = [post for post in first if post not in pinned + titled], corrected, second
    return pinned + _by_title(titled, query.headline) + [
        post for part in parts for post in _ranked(part, query, scores, held)
    ], scores


def _pinned(first: list[Post], query: Query) -> list[Post]:
    """Those that the question pins, in the order of the pins; none in an order that a reader chose."""
    return [post for id in query.pinned for post in first if post.id == id and query.sort == "relevance"]


def _titled(first: list[Post], query: Query) -> list[Post]:
    others = [post for post in first if post not in _pinned(first, query)]
    return [post for post in others if query.sort == "relevance" and _is_titled(post, query)]


def factors(held: tuple[Post, ...], query: Query, post: Post) -> dict[str, float]:
    """What the score of *post* is multiplied by."""
    days = [date.fromisoformat(one.date[:10]).toordinal() for one in held if one.date]
    age = 0
    if days and not post.evergreen:
        age = max(days) - (date.fromisoformat(post.date[:10]).toordinal() if post.date else min(days))
    return {
        "boost": post.boost,
        "superseded": 0.5 if post.superseded_by else 1.0,
        "recency": (1 + 2 ** (-age / query.recency)) / 2 if query.recency else 1.0,
    }


def _parts(held: Iterable[Post], query: Query) -> tuple[list[Post], list[Post], list[Post]]:
    """The posts that meet all wanted clauses, those that do so but for the spelling, and those that meet any."""
    if query.is_hollow:
        return [], [], []
    eligible = [post for post in held if _is_eligible(post, query)]
    first = [post for post in eligible if all(_meets(post, clause, query) for clause in query.wanted)]
    first += [post for post in held if _is_pinned(post, query) and post not in first]
    if len(first) >= ENOUGH:
        return first, [], []
    others = [post for post in eligible if post not in first]
    nearly = [post for post in others if query.wanted and all(_nearly(post, clause, query) for clause in query.wanted)]
    others = [post for post in others if post not in nearly]
    return first, nearly, [post for post in others if any(_nearly(post, clause, query) for clause in query.wanted)]


def _nearly(post: Post, clause: Clause, query: Query) -> bool:
    """Whether *post* meets a clause, be it by a word that may have been meant."""
    return _meets(post, clause, query) or any(_has(post, word) for word in clause.corrected)


def _is_pinned(post: Post, query: Query) -> bool:
    """Whether *post* is pinned, and no filter keeps it out: what else is asked for is of no consequence then."""
    filters = tuple(clause for clause in query.clauses if clause.is_filter or clause in query.forbidden)
    return post.id in query.pinned and _is_eligible(post, msgspec.structs.replace(query, clauses=filters))


def _is_titled(post: Post, query: Query) -> bool:
    """Whether the title of *post* begins with what was typed."""
    return query.headline != "" and words.headline(post.title).startswith(query.headline)


def _by_title(posts: Iterable[Post], typed: str) -> list[Post]:
    """The title that was *typed*, then the one with the fewest words, then the newest post."""
    newest = sorted(sorted(posts, key=lambda post: post.id), key=lambda post: post.date or "", reverse=True)
    return sorted(newest, key=lambda post: (words.headline(post.title) != typed, len(_tokens(post.title))))


def _is_eligible(post: Post, query: Query) -> bool:
    return (
        query.only in ("", post.id)
        and all(_meets(post, clause, query) for clause in query.required)
        and not any(_meets(post, clause, query) for clause in query.forbidden)
        and (query.after is None or (post.date is not None and query.after <= post.date))
        and (query.before is None or (post.date is not None and post.date < query.before))
    )


def _meets(post: Post, clause: Clause, query: Query) -> bool:
    """Whether *post* meets a clause; the last word of the question may be but a beginning."""
    word = query.open_word
    if word and clause.any_of[0] is word and _has(post, Prefix(word.text)):
        return True
    return any(_has(post, term) for term in clause.terms)


def _has(post: Post, term: Term) -> bool:
    if isinstance(term, Label):
        return any(words.fold_tag(label) == term.name for label in _labels(post, term.facet))
    if isinstance(term, Titled):
        return _count(post, term.term, _title) > 0
    part = isinstance(term, Word) and _count(post, Also(words.PART + term.text), _texts)
    return bool(part or _count(post, term, _texts))


def _cost(post: Post, term: Word | Prefix | Label) -> int:
    """How many words *post* has that *term* stands for; one, if it has the label."""
    if isinstance(term, Label):
        return _has(post, term)
    tongue = words.tongue(post.language)
    tokens = {token.word: token for text in _texts(post) for token in _tokens(text)}.values()
    if isinstance(term, Prefix):
        return sum(token.word.startswith(term.text) for token in tokens)
    return sum(_is_form(token, term, tongue) for token in tokens)


def _count(post: Post, term: Sought, texts: Texts) -> int:
    """How often *term* stands in those *texts* of a post."""
    return sum(_times(text, term, words.tongue(post.language)) for text in texts(post))


def _labels(post: Post, facet: str) -> tuple[str, ...]:
    """The labels of *post*; one in the Portuguese of Brazil, `pt-br`, is one in Portuguese, `pt`, too."""
    if facet == "years":
        return (post.date.partition("-")[0],) if post.date else ()
    if facet != "languages":
        found: tuple[str, ...] = getattr(post, facet)
        return found
    wide, dash, _ = post.language.partition("-")
    return (wide, post.language) if dash else (wide,) if wide else ()


def _texts(post: Post) -> tuple[str, ...]:
    return (post.title, *post.tags, post.description, post.body)


def _title(post: Post) -> tuple[str, ...]:
    return (post.title,)


@lru_cache(maxsize=100_000)
def _times(text: str, term: Sought, tongue: str) -> int:
    """How often *text* has *term*."""
    return sum(1 for _ in _places(text, term, tongue))


def _places(text: str, term: Sought, tongue: str) -> Iterator[int]:
    """The positions at which *text* has *term*."""
    at = {token.position: token.word for token in _tokens(text)}
    for token in _tokens(text):
        match term:
            case Word():
                here = _is_form(token, term, tongue)
            case Also(asked):
                here = asked == token.word or asked in token.also
            case Prefix(asked):
                here = token.word.startswith(asked)
            case Phrase((*whole, last), is_open):
                end = at.get(token.position + len(whole), "")
                here = end.startswith(last) if is_open else end == last
                here = here and all(at.get(token.position + step) == asked for step, asked in enumerate(whole))
        if here:
            yield token.position


def _is_form(token: words.Token, asked: Word, tongue: str) -> bool:
    """Whether they have a stem in common, as they are written, or without accents."""
    stems = {words.stem(token.word, tongue)}
    stems |= {words.fold(words.stem(also[1:], tongue)) for also in token.also if also.startswith(words.WRITTEN)}
    return not stems.isdisjoint(asked.stems(tongue))


@lru_cache(maxsize=10_000)
def _tokens(text: str) -> tuple[words.Token, ...]:
    return tuple(words.tokens(text))


def _missing(second: Iterable[Post], query: Query) -> tuple[str, ...]:
    lower = tuple(second)
    return tuple(clause.text for clause in query.wanted if any(not _meets(post, clause, query) for post in lower))


def _in_order(posts: Iterable[Post], query: Query, scores: Mapping[str, float]) -> list[Post]:
    by_id = sorted(posts, key=lambda post: post.id)
    match query.sort if scores or query.sort != "relevance" else "newest":
        case "newest":  # a sort in reverse leaves equals as they stand
            return sorted(by_id, key=lambda post: post.date or "", reverse=True)
        case "oldest":
            return sorted(by_id, key=lambda post: (post.date is None, post.date or ""))
        case "title":
            return sorted(by_id, key=lambda post: words.fold(post.title))
        case _:
            return sorted(by_id, key=lambda post: -scores[post.id])


def _ranked(posts: Iterable[Post], query: Query, scores: dict[str, float], held: tuple[Post, ...]) -> list[Post]:
    """*posts* in order. The best thirty are put in order again, those first in which the words stand near."""
    found = _in_order(posts, query, scores)
    if query.sort != "relevance" or not query.neighbours:
        return found
    for post in found[:30]:
        scores[post.id] += _near(post, query.neighbours, held) * math.prod(factors(held, query, post).values())
    return _in_order(found[:30], query, scores) + found[30:]


def _near(post: Post, asked: tuple[Word, ...], held: tuple[Post, ...]) -> float:
    """Half of what BM25 gives to 1 / d^2 for each place of a word, d being how far its neighbour is."""
    near = 0.0
    for one, other in pairwise(asked):
        places, others = _all_places(post, one), _all_places(post, other)
        tongues = {words.tongue(post.language) for post in held}
        if any(one.stems(tongue) != other.stems(tongue) for tongue in tongues) and places and others:
            met = sum(1 / max(1, min(abs(place - there) for there in others)) ** 2 for place in places)
            rarity = min(_rarity_of_any(held, one), _rarity_of_any(held, other))
            near += rarity * met * 2.2 / (met + 1.2)
    return near / 2


def _all_places(post: Post, term: Word) -> list[int]:
    """Where *term* stands in all texts of *post*, which one place parts."""
    places, start = [], 0
    for text in _texts(post):
        places += [start + place for place in _places(text, term, words.tongue(post.language))]
        start += list(words.tokens(f"{text} x"))[-1].position + 1
    return places


def _scores(held: tuple[Post, ...], query: Query) -> dict[str, float]:
    """Each post's score by id, or nothing if no word is asked for.

    Of a word that may become a longer one, half of what the beginning is worth to posts that have none of its forms.
    """
    scores = _sums(held, query.wanted + query.required, query.open_word)
    return {post.id: scores[post.id] * math.prod(factors(held, query, post).values()) for post in held if scores}


def _sums(held: tuple[Post, ...], clauses: Iterable[Clause], open_word: Word | None) -> dict[str, float]:
    """What all that is asked for is worth, the factors of posts apart."""
    terms = [(term, clause) for clause in clauses for term in clause.terms if not isinstance(term, Label)]
    scores = {post.id: 0.0 for post in held if terms}
    for term, clause in terms:
        worth = _worth(held, term)
        if open_word and term is open_word:
            worth = {id: worth[id] or 0.5 * more for id, more in _worth(held, Prefix(open_word.text)).items()}
        meant = [_worth(held, word) for word in clause.corrected]
        for id in scores:
            scores[id] += clause.times * worth[id] or 0.5 * max((each[id] for each in meant), default=0.0)
    return scores


def _worth(held: tuple[Post, ...], term: Word | Prefix | Phrase | Titled) -> dict[str, float]:
    """What *term* is worth in each post.

    BM25 in all texts of a post, and half of BM25 in its title alone: the title speaks for single words and
    beginnings, not for phrases. Of a word, three tenths of BM25 of it as it is written besides, or all of it if
    that has accents or signs; or, of a post that has it but as a part of a longer one, a quarter. Of a term in the
    title alone, BM25 there.
    """
    if isinstance(term, Titled):
        return _bm25(held, term.term, _title)
    if isinstance(term, Phrase):
        return _bm25(held, term, _texts)
    worth = _everywhere(held, term)
    if isinstance(term, Word):
        exact, share = _bm25(held, Also(term.written or term.text), _texts), 1.0 if term.written else 0.3
        parts = _everywhere(held, Also(words.PART + term.text))
        worth = {id: worth[id] + share * exact[id] if worth[id] else 0.25 * parts[id] for id in worth}
    return worth


def _edits(one: str, other: str) -> int:
    """How many letters to change, add, take away or swap with a neighbour: optimal string alignment, row by row."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        last, before, row = before, row, [i]
        for j, letter_there in enumerate(other, 1):
            row.append(min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != letter_there)))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == letter_there:
                row[j] = min(row[j], last[j - 2] + 1)
    return row[-1]


def _everywhere(held: tuple[Post, ...], term: Sought) -> dict[str, float]:
    titled = _bm25(held, term, _title)
    return {id: worth + 0.5 * titled[id] for id, worth in _bm25(held, term, _texts).items()}


def _bm25(held: tuple[Post, ...], term: Sought, texts: Texts, k1: float = 1.2) -> dict[str, float]:
    """What *term* is worth in those *texts* of each post, by id, as if they were one: plain BM25 with b = 0.75."""
    lengths = {post.id: sum(len(_tokens(text)) for text in texts(post)) for post in held}
    mean = sum(lengths.values()) / max(len(held), 1) or 1.0
    times = {post.id: _count(post, term, texts) for post in held}
    rarity = _rarity(held, term, texts)
    return {
        id: rarity * count * (k1 + 1) / (count + k1 * (0.25 + 0.75 * lengths[id] / mean)) for id, count in times.items()
    }


def _rarity(held: tuple[Post, ...], term: Sought, texts: Texts) -> float:
    return _idf(held, sum(_count(post, term, texts) > 0 for post in held))


def _rarity_of_any(held: tuple[Post, ...], word: Word) -> float:
    """Of the posts that have the word, be it as a part of a longer one."""
    return _idf(held, sum(_has(post, word) for post in held))


def _idf(held: tuple[Post, ...], having: int) -> float:
    return math.log(1 + (len(held) - having + 0.5) / (having + 0.5))


def _hit(
    post: Post, scores: Mapping[str, float], query: Query, snippets: bool, named: Callable[[str], Post | None]
) -> Hit:
    body = Line(post.body, [section.start for section in post.sections])
    passages = Snippets(query, lambda word: _forms(post, word))
    passage = passages.of(lambda: body, post.description) if snippets else Passage()
    return Hit(
        id=post.id,
        url=post.url,
        title=post.title,
        description=post.description,
        date=post.date,
        tags=post.tags,
        score=scores.get(post.id, 0.0),
        snippet=passage.fragments,
        section=None if passage.section is None else post.sections[passage.section],
        sections=tuple(Place(post.sections[number], shown) for number, shown in passage.sections),
        title_marks=passages.title(post.title) if snippets else (),
        superseded_by=newer(post.superseded_by, named) if post.superseded_by else None,
    )


def _forms(post: Post, word: Word) -> set[str]:
    """The words of *post* of which *word* is a form."""
    tokens = {token for text in _texts(post) for token in _tokens(text)}
    return {token.word for token in tokens if _is_form(token, word, words.tongue(post.language))}


def _facet(
    name: str, found: Iterable[Post], held: tuple[Post, ...], selected: frozenset[str] = frozenset()
) -> Iterator[Facet]:
    """The labels of the posts *found*, each spelled as the first of the posts *held* spells it."""
    spelling = {words.fold_tag(label): label for post in reversed(held) for label in _labels(post, name)}
    counts = Counter(words.fold_tag(label) for post in found for label in _labels(post, name))
    counts.update(dict.fromkeys(selected & spelling.keys(), 0))
    for folded, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        yield Facet(spelling[folded], count, folded in selected)
