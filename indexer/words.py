"""What are the words of a text? The one analysis for posts and questions alike."""

import re
import threading
import unicodedata
from collections.abc import Iterator
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
_RUN = re.compile(rf"(?P<unspaced>[{_UNSPACED}]+)|(?:(?![_{_UNSPACED}])[\w{_MARKS}])+|{GAP}")
# Accents of Latin, Greek and Cyrillic, points of Hebrew, vowel signs of Arabic: readers leave them out.
_ACCENTS = re.compile("[\u0300-\u036f\u0591-\u05bd\u05bf-\u05c7\u064b-\u065f\u0670]")


class Token(NamedTuple):
    """A word and where it stands in its text: characters `start` to `end`, and the `position` among the words."""

    word: str
    position: int
    start: int
    end: int


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
            if run.end() - run.start() <= LONGEST and (word := fold(run[0])) and word != GAP:
                yield Token(word, position, run.start(), run.end())
            position += 1


class Run(NamedTuple):
    """A piece of a question: its `text`, and the `words` it is found by, side by side if there are several."""

    text: str
    words: tuple[str, ...]


def runs(text: str) -> Iterator[Run]:
    """The pieces of a question's *text*: its words one by one, but a run without blanks whole."""
    for run in _RUN.finditer(text):
        if run["unspaced"]:
            pairs = tuple(token.word for token in tokens(run[0]))
            yield Run(run[0], pairs[:-1] or pairs)
        elif len(run[0]) <= LONGEST and (word := fold(run[0])) and word != GAP:
            yield Run(run[0], (word,))


@lru_cache(maxsize=1 << 17)
def fold(text: str) -> str:
    """*text* without the differences readers do not type: case, accents, full-width forms."""
    if text.isascii():
        return text.lower()
    # Case goes last: what a bold or a script letter of mathematics is a form of may be a capital.
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return unicodedata.normalize("NFC", _ACCENTS.sub("", plain))


def fold_tag(tag: str) -> str:
    """What two spellings of one tag have in common: `Service Mesh`, `service-mesh` and `service  mesh` are one."""
    return re.sub(r"[\s_-]+", "-", fold(tag.strip()))


def is_unspaced(word: str) -> bool:
    """Whether *word* is part of a run without blanks, such as a pair of Chinese characters."""
    return re.match(f"[{_UNSPACED}]", word) is not None


@lru_cache(maxsize=1 << 17)
def stem(word: str) -> str:
    """What the forms of a folded *word* have in common: `posts` and `posted` are `post`."""
    return str(_stemmer().stemWord(word))


def stems(folded: list[str]) -> list[str]:
    """`stem` of each of many words, at once."""
    return list(_stemmer().stemWords(folded))


_of_thread = threading.local()


def _stemmer() -> Stemmer.Stemmer:
    # A Snowball stemmer keeps state while it works: one for each thread.
    if not hasattr(_of_thread, "stemmer"):
        _of_thread.stemmer = Stemmer.Stemmer("english")
    return _of_thread.stemmer
