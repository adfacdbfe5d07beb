"""How do figures look as bars? One SVG, on a logarithmic scale."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from math import log10

_WIDTH, _LEFT, _BAR, _ROW = 860, 170, 560, 20
_OURS, _OTHERS = "#1b6ca8", "#b5b5b5"


def drawn(groups: Mapping[str, Mapping[str, float]], title: str) -> str:
    """*groups* of bars, each by its name, below *title*."""
    figures = [figure for group in groups.values() for figure in group.values()]
    low = min(figures, default=1.0) / 2
    scale = _BAR / max(0.3, log10(max(figures, default=1.0) / low))
    lines = list(_lines(groups, low, scale))
    height = 40 + _ROW * (len(lines) + 1)
    placed = "\n".join(f'<g transform="translate(0 {50 + _ROW * row})">{line}</g>' for row, line in enumerate(lines))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" font-family="sans-serif"'
        f' font-size="12">\n<rect width="100%" height="100%" fill="#fff"/>\n'
        f'<text x="12" y="24" font-size="15">{escape(title)} (logarithmic; shorter is faster)</text>\n'
        f"{placed}\n</svg>\n"
    )


def _lines(groups: Mapping[str, Mapping[str, float]], low: float, scale: float) -> Iterator[str]:
    for name, group in groups.items():
        yield f'<text x="12" y="14" font-weight="bold">{escape(name)}</text>'
        for bar, figure in group.items():
            colour = _OURS if bar.startswith("ours") else _OTHERS
            width = max(2.0, scale * log10(figure / low))
            yield (
                f'<text x="{_LEFT - 8}" y="14" text-anchor="end">{escape(bar)}</text>'
                f'<rect x="{_LEFT}" y="3" width="{width:.1f}" height="14" fill="{colour}"/>'
                f'<text x="{_LEFT + width + 6:.1f}" y="14">{figure:.3f}</text>'
            )
