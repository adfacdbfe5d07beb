"""How do figures look as bars? One SVG on a logarithmic scale, for bright pages and dark ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from math import ceil, floor, isfinite, log10

Groups = Mapping[str, Mapping[str, float]]
"""Bars, each by its name, in groups of theirs."""

_COLUMN, _LABEL, _BAR, _ROW, _HEAD, _TOP, _MARGIN = 470, 130, 270, 18, 26, 74, 14
_STYLE = """
text { font: 12px system-ui, sans-serif; fill: #1f2328 } .title { font-size: 17px } .race { font-size: 14px }
.title, .race, .kind, .ours { font-weight: 600 } .scale { font-size: 10px; fill: #59636e }
.page { fill: #ffffff } .bar { fill: #a8b1ba } .bar.ours { fill: #1b6ca8 } path { stroke: #d1d9e0 }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .scale { fill: #9198a1 }
.page { fill: #0d1117 } .bar { fill: #6e7681 } .bar.ours { fill: #58a6e8 } path { stroke: #2f353d } }
"""


def drawn(columns: Mapping[str, Groups], title: str) -> str:
    """*columns* side by side below *title*; groups of one name stand in one line, the shortest bar first."""
    figures = [figure for groups in columns.values() for group in groups.values() for figure in group.values()]
    low, high = _decades([figure for figure in figures if isfinite(figure)])
    tops, bottom = _tops(columns)
    width, height = _COLUMN * len(columns), bottom + _MARGIN
    placed = "\n".join(
        f'<g transform="translate({_COLUMN * number} 0)">{"".join(_column(race, groups, tops, bottom, low, high))}</g>'
        for number, (race, groups) in enumerate(columns.items())
    )
    said = escape(f"{title} (shorter is faster; each line is ten times the one before)")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">\n'
        f'<title>{said}</title>\n<style>{_STYLE}</style>\n<rect class="page" width="100%" height="100%"/>\n'
        f'<text class="title" x="{_MARGIN}" y="28">{said}</text>\n{placed}\n</svg>\n'
    )


def _decades(figures: list[float]) -> tuple[int, int]:
    """The powers of ten between which all *figures* are."""
    if not figures:
        return 0, 1
    return floor(log10(min(figures)) - 0.1), ceil(log10(max(figures)))


def _tops(columns: Mapping[str, Groups]) -> tuple[dict[str, int], int]:
    """Where each group begins, in every column, and where the last one ends."""
    tops, top = {}, _TOP
    for name in dict.fromkeys(name for groups in columns.values() for name in groups):
        tops[name] = top
        top += _HEAD + _ROW * max(len(groups.get(name, ())) for groups in columns.values()) + 6
    return tops, top


def _column(race: str, groups: Groups, tops: Mapping[str, int], bottom: int, low: int, high: int) -> Iterator[str]:
    decade = _BAR / (high - low)
    yield f'<text class="race" x="{_MARGIN}" y="56">{escape(race)}</text>\n'
    for power in range(low, high + 1):
        x = _LABEL + decade * (power - low)
        yield f'<path d="M{x:.1f} {_TOP + 4}V{bottom}"/><text class="scale" x="{x + 3:.1f}" y="{_TOP + 10}">'
        yield f"{10.0**power:g}</text>\n"
    for name, group in groups.items():
        yield f'<text class="kind" x="{_MARGIN}" y="{tops[name] + 20}">{escape(name)}</text>\n'
        ranked = sorted((figure, bar) for bar, figure in group.items() if isfinite(figure))
        for row, (figure, bar) in enumerate(ranked):
            yield _bar(bar, figure, tops[name] + _HEAD + _ROW * row, decade * (log10(figure) - low))


def _bar(name: str, figure: float, y: int, width: float) -> str:
    mine = " ours" if name.startswith("ours") else ""
    said = f"{figure:.0f}" if figure >= 100 else f"{figure:.{1 if figure >= 10 else 2}f}"
    return (
        f'<text class="name{mine}" x="{_LABEL - 7}" y="{y + 12}" text-anchor="end">{escape(name)}</text>'
        f'<rect class="bar{mine}" x="{_LABEL}" y="{y + 2}" width="{max(1.0, width):.1f}" height="13"/>'
        f'<text x="{_LABEL + width + 5:.1f}" y="{y + 12}">{said}</text>\n'
    )
