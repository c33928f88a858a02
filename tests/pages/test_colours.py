"""Colours of the charts: told apart by readers who see fewer of them, and seen on their paper."""

from __future__ import annotations

import re
from itertools import combinations

import numpy as np
import pytest

from jeoul.reporting.charts.figure import STYLES
from jeoul.reporting.templating import TEMPLATES

# Machado, Oliveira, Fernandes (2009): how colours look in linear light without one kind of cone.
SEEING = {
    "every colour": np.eye(3),
    "no red cones": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "no green cones": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "no blue cones": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
# Ottosson (2020): from linear light to a space in which distances are those that are seen.
CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
OKLAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
APART = 0.08  # black and white are 1 apart; a difference of 0.02 is just seen
SEEN = 3.0  # the least contrast of a line or a bar with its paper (WCAG 1.4.11)


def light(colour: str) -> np.ndarray:
    """Return a colour such as ``#b3420f`` in linear light."""
    parts = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def distance(one: str, other: str, seeing: np.ndarray) -> float:
    seen = [
        OKLAB @ np.cbrt(CONES @ np.clip(seeing @ light(each), 0.0, 1.0)) for each in (one, other)
    ]
    return float(np.linalg.norm(seen[0] - seen[1]))


def contrast(one: str, other: str) -> float:
    low, high = sorted(float(np.array([0.2126, 0.7152, 0.0722]) @ light(c)) for c in (one, other))
    return (high + 0.05) / (low + 0.05)


def palette(mode: str) -> tuple[list[str], str]:
    """Return the colours of the series and that of the paper, as the style sheets have them."""
    found: dict[str, str] = {}
    for name in ("base.css", "charts.css"):
        light_rules, _, rest = (TEMPLATES / name).read_text("utf-8").partition("@media (prefers")
        dark_rules = rest.partition("\n}}")[0]
        for rules in (light_rules, dark_rules if mode == "dark" else ""):
            found |= dict(re.findall(r"--(\w+):(#[0-9a-f]{6})", rules))
    return [found[f"s{place}"] for place in range(STYLES)], found["paper"]


@pytest.mark.parametrize("seeing", SEEING)
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_series_are_told_apart(mode: str, seeing: str) -> None:
    colours, _ = palette(mode)
    near = {pair: distance(*pair, SEEING[seeing]) for pair in combinations(colours, 2)}
    assert min(near.values()) > APART, near


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_series_are_seen_on_their_paper(mode: str) -> None:
    colours, paper = palette(mode)
    assert min(contrast(colour, paper) for colour in colours) >= SEEN


def test_red_and_green_are_one_colour_to_many_readers() -> None:
    """What is measured finds what is known to be hard to tell apart."""
    assert distance("#c0392b", "#7a6a20", SEEING["no green cones"]) < APART
    assert distance("#c0392b", "#7a6a20", SEEING["every colour"]) > APART
