"""Can everybody read the page, by day and by night?"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import server

CSS = (Path(server.__file__).parent / "static" / "page.css").read_text(encoding="utf-8")
LIGHT, DARK = (
    dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block)) for block in re.findall(r":root \{([^}]*)\}", CSS)
)

TEXT = [
    ("ink", "paper"),
    ("ink", "raised"),
    ("quiet", "paper"),
    ("quiet", "accent-wash"),
    ("accent", "paper"),
    ("accent", "accent-wash"),
    ("on-accent", "accent"),
    ("mark-ink", "mark"),
]
SHAPES = [("edge", "paper"), ("edge", "raised"), ("accent", "paper"), ("accent", "raised")]


def luminance(colour: str) -> float:
    """How bright a colour is, from 0 to 1, as WCAG 2 reckons it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_reckoned_as_wcag_does() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT)
def test_text_stands_out(scheme: dict[str, str], text: str, ground: str) -> None:
    assert contrast(scheme[text], scheme[ground]) >= 4.5


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("shape", "ground"), SHAPES)
def test_fields_and_focus_stand_out(scheme: dict[str, str], shape: str, ground: str) -> None:
    assert contrast(scheme[shape], scheme[ground]) >= 3


def test_every_colour_is_one_of_both_schemes() -> None:
    assert LIGHT.keys() == DARK.keys()
    assert set(re.findall(r"var\(--([\w-]+)\)", CSS)) <= LIGHT.keys() | {"radius"}


def test_nothing_is_fetched_from_elsewhere() -> None:
    assert "url(" not in CSS
    assert "@import" not in CSS


@pytest.mark.parametrize(
    "preference", ["prefers-color-scheme: dark", "prefers-reduced-motion", "forced-colors: active", "print"]
)
def test_a_preference_is_heeded(preference: str) -> None:
    assert re.search(rf"@media \(?{preference}", CSS)
