"""What are the words of a text? The one analysis for posts and questions alike."""

import re
import threading
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import Stemmer

#: Characters in the longest word worth keeping; beyond it stand digests and data, not words.
LONGEST = 64

#: Stands between two texts that no phrase may cross: it takes a position, and is no word.
GAP = "\x1e"

#: English words so common that having one says nothing about a post.
STOP_WORDS = frozenset(
    "a about after all also am an and any are as at be because been but by can could did do does for from had has"
    " have he her him his how i if in into is it its just me more most my no nor not of on or our out she should so"
    " some such than that the their them then there these they this those to too us was we were what when where"
    " which who whom why will with would you your".split()
)

# Scripts written without blanks between words: there, two neighbouring characters are the word.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
# Combining marks are parts of words ("é" as two characters, most vowels of Hindi), but re's \w leaves them out.
_MARKS = "".join(chr(c) for c in range(0x300, 0x10000) if unicodedata.category(chr(c)) in {"Mn", "Mc"})

# Signs that belong to a name, and the names: C++ and F#; --dry-run; .NET and .htaccess.
_NO_LETTER_BEFORE = rf"(?<![^\W{_UNSPACED}])"
_SHARP = rf"{_NO_LETTER_BEFORE}[A-Za-z]{{1,3}}(?:\+\+(?![+A-Za-z_])|\#(?![\w+#]))"
_NO_LETTER_BEHIND = rf"(?![^\W_{_UNSPACED}]|[{_MARKS}])"  # else `.gr` would be what `.größe` is written as
_FLAG = rf"{_NO_LETTER_BEFORE}(?<!-)--[A-Za-z][A-Za-z0-9_-]*{_NO_LETTER_BEHIND}"
_DOTTED = rf"{_NO_LETTER_BEFORE}(?<!\.)\.[A-Za-z][A-Za-z0-9]+{_NO_LETTER_BEHIND}"
_RUN = re.compile(
    rf"(?P<unspaced>[{_UNSPACED}]+)|(?P<sharp>{_SHARP})"
    rf"|(?:(?=(?P<signed>{_FLAG}|{_DOTTED}))[.-]+)?(?P<letters>(?:(?![_{_UNSPACED}])[\w{_MARKS}])+)|{GAP}"
)
_SIGNED = re.compile(f"{_SHARP}|{_FLAG}|{_DOTTED}")
_MAY_BE_DOTTED = re.compile(rf"\.(?<![^\W{_UNSPACED}]\.)[A-Za-z]")  # begins with a plain character, so it is fast
# The words that `camelCase` and `HTMLParser` are made of; `URLs` is one word.
_HUMPS = re.compile("[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_HUMPED = re.compile("[a-z][A-Z]|[A-Z]{2}[a-z]{2}")

# Accents of Latin, Greek and Cyrillic, points of Hebrew, vowel signs of Arabic: readers leave them out. But й and ў are
# letters of their own, which nobody types as и and у.
_ACCENTS = re.compile("(?<![иу])\u0306|[\u0300-\u0305\u0307-\u036f\u0591-\u05bd\u05bf-\u05c7\u064b-\u065f\u0670]")

#: Begins what a word is found by as it is written, accents, signs and all: `=café`, `=--dry-run`. No word begins so.
WRITTEN = "="

#: Begins what a word is found by as a part of a longer one: `<camel` of `camelCase`. No word begins so.
PART = "<"


class Token(NamedTuple):
    """A word and where it stands in its text: characters `start` to `end`, and the `position` among the words."""

    word: str
    position: int
    start: int
    end: int

    #: What it is found by besides: as it is written, if folding takes anything away, and the parts of `camelCase`.
    also: tuple[str, ...] = ()


def tokens(text: str) -> Iterator[Token]:
    """The words of *text*, folded, in order.

    A run of Chinese, Japanese, Korean or Thai becomes its pairs of neighbours, and its last character, so that
    every part of it can be found.
    """
    position = 0
    for run in _RUN.finditer(text):
        if run["unspaced"]:
            for start in range(run.start(), run.end()):
                end = min(start + 2, run.end())
                yield Token(fold(text[start:end]), position, start, end)
                position += 1
        else:
            piece = run["sharp"] or run["letters"] or ""
            if len(piece) <= LONGEST and (word := fold(piece)):
                yield Token(word, position, run.end() - len(piece), run.end(), _also(piece, run["signed"] or piece))
            position += 1


@lru_cache(maxsize=1 << 17)
def _also(piece: str, written: str) -> tuple[str, ...]:
    parts = [PART + part.lower() for part in _HUMPS.findall(piece) if len(part) > 1] if _HUMPED.search(piece) else []
    exact = unicodedata.normalize("NFC", written).casefold()
    return (*([] if exact == fold(piece) else [WRITTEN + exact]), *dict.fromkeys(parts))


def signed(text: str, stand_ins: Mapping[int, int]) -> str:
    """*text* with *stand_ins* for `+`, `#`, `-`, `.` and `_` where these are parts of names."""
    if "#" in text or "--" in text or "++" in text or _MAY_BE_DOTTED.search(text):
        return _SIGNED.sub(lambda name: name[0].translate(stand_ins), text)
    return text


class Run(NamedTuple):
    """A piece of a question: its `text`, and the `words` it is found by, side by side if there are several."""

    text: str
    words: tuple[str, ...]

    #: The word as it is written, if folding takes anything away: begins with `WRITTEN`.
    written: str = ""


def runs(text: str) -> Iterator[Run]:
    """The pieces of a question's *text*: its words one by one, but a run without blanks whole."""
    run: list[Token] = []
    for token in tokens(text):
        if run and token.start >= run[-1].end:
            yield _run(text, run)
            run = []
        run.append(token)
    if run:
        yield _run(text, run)


def _run(text: str, found: Sequence[Token]) -> Run:
    pairs = tuple(token.word for token in found)
    written = next((one for one in found[0].also if one.startswith(WRITTEN)), "")
    return Run(text[found[0].start : found[-1].end], pairs[:-1] or pairs, written)


@lru_cache(maxsize=1 << 17)
def fold(text: str) -> str:
    """*text* without the differences readers do not type: case, accents, full-width forms."""
    if text.isascii():
        return text.lower()
    # Case goes last: what a bold or a script letter of mathematics is a form of may be a capital.
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return unicodedata.normalize("NFC", _ACCENTS.sub("", plain))


@lru_cache(maxsize=1 << 14)
def fold_tag(tag: str) -> str:
    """What two spellings of one tag have in common: `Service Mesh`, `service-mesh` and `service  mesh` are one."""
    return re.sub(r"[\s_-]+", "-", fold(tag.strip()))


def tolerance(word: str) -> int:
    """How many letters of a folded *word* may be wrong, missing, too many, or in the place of a neighbour.

    None in short words, where any other word is near; and none where a digit is, which makes it another name.
    """
    return (len(word) >= 4) + (len(word) >= 8) if word.isalpha() and not is_unspaced(word) else 0


def is_unspaced(word: str) -> bool:
    """Whether *word* is part of a run without blanks, such as a pair of Chinese characters."""
    return re.match(f"[{_UNSPACED}]", word) is not None


def headline(title: str) -> str:
    """What two ways to write a title have in common: its words, parted by blanks."""
    return " ".join(token.word for token in tokens(title))


#: The languages whose words have stems, by their codes, and the stemmer of each.
_STEMMERS = dict(
    pair.split(":")
    for pair in "ar:arabic ca:catalan da:danish de:german el:greek en:english es:spanish et:estonian eu:basque"
    " fi:finnish fr:french ga:irish hi:hindi hu:hungarian hy:armenian id:indonesian it:italian lt:lithuanian"
    " nb:norwegian ne:nepali nl:dutch nn:norwegian no:norwegian pt:portuguese ro:romanian ru:russian sr:serbian"
    " sv:swedish ta:tamil tr:turkish yi:yiddish".split()
)

#: What a text's words have to be stemmed by; a text in none of the languages known has no stems.
TONGUES = ("none", *dict.fromkeys(_STEMMERS.values()))


def tongue(language: str) -> str:
    """By which of `TONGUES` the words of a text in *language* are stemmed; English if that is not known."""
    return _STEMMERS.get(language.partition("-")[0], "none") if language else "english"


@lru_cache(maxsize=1 << 17)
def stem(word: str, tongue: str = "english") -> str:
    """What the forms of a folded *word* have in common: `posts` and `posted` are `post`."""
    return stems([word], tongue)[0]


def stems(folded: list[str], tongue: str = "english") -> list[str]:
    """`stem` of each of many words, at once."""
    return folded if tongue == "none" else list(_stemmer(tongue).stemWords(folded))


_of_thread = threading.local()


def _stemmer(tongue: str) -> Stemmer.Stemmer:
    # A Snowball stemmer keeps state while it works: one for each thread.
    known: dict[str, Stemmer.Stemmer] = _of_thread.__dict__
    return known.get(tongue) or known.setdefault(tongue, Stemmer.Stemmer(tongue))
