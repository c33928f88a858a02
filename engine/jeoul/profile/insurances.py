"""The choice between two insurances and none: what each gave up and saved, as it was measured."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import NamedTuple

from jeoul import assets
from jeoul.messages import say

#: What a person can choose, with the shipped strategies of each: in won, in dollars.
STRATEGIES = {
    "strong": ("managed", "managed-us"),
    "light": ("managed-light", "managed-light-us"),
    "none": ("static",),
}
_MONEY = {"KRW": 100_000_000, "USD": 100_000}


class ShareInterval(NamedTuple):
    """A share of the money, with both ends of its 90 % interval."""

    value: float
    low: float
    high: float


class InsuranceCost(NamedTuple):
    """What an insurance gave up a year, and what it saved at the deepest fall."""

    gave_up: ShareInterval
    saved: ShareInterval


@dataclass(frozen=True, slots=True)
class MeasuredInsurance:
    """What was measured for one profile; ``fall`` is the deepest fall of simply holding."""

    start: date
    end: date
    fall: float
    costs: Mapping[str, InsuranceCost]


@dataclass(frozen=True, slots=True)
class InsuranceChoice:
    """What a person chose, when, and what they were shown for it."""

    choice: str
    chosen: date
    shown: str


@cache
def measured(currency: str, profile: str) -> MeasuredInsurance:
    """Return what was measured for a profile in won (``KRW``) or dollars (``USD``).

    >>> found = measured("KRW", "balanced")
    >>> sorted(found.costs), found.costs["light"].gave_up < found.costs["strong"].gave_up
    (['light', 'strong'], True)
    """
    table = tomllib.loads(assets.data("insurances.toml").read_text("utf-8"))[currency][profile]
    return MeasuredInsurance(
        start=table["from"],
        end=table["to"],
        fall=table["fall"],
        costs={
            name: InsuranceCost(
                ShareInterval(*table[name]["gave_up"]), ShareInterval(*table[name]["saved"])
            )
            for name in STRATEGIES
            if name in table
        },
    )


def choice_texts(language: str, currency: str, profile: str) -> dict[str, str]:
    """Return a sentence for each choice, by its name, with its figures in money.

    >>> choice_texts("en", "KRW", "balanced")["none"][:12]
    'No insurance'
    """

    def money(share: float) -> str:
        return say(
            language, f"insurance.{currency}", {"amount": _amount(share, currency, language)}
        )

    def ranged(figure: ShareInterval) -> str:
        low, high = (_amount(share, currency, language) for share in (figure.low, figure.high))
        detail = {"value": money(figure.value), "low": low, "high": high}
        return say(language, "insurance.range", detail)

    found = measured(currency, profile)
    details: dict[str, dict[str, object]] = {
        name: {key: ranged(figure) for key, figure in cost._asdict().items()}
        for name, cost in found.costs.items()
    }
    details["none"] = {"fall": money(found.fall)}
    return {name: say(language, f"insurance.{name}", details[name]) for name in STRATEGIES}


def choice_head(language: str, currency: str, profile: str) -> str:
    """Return of how much money the sentences speak, and over which years."""
    found = measured(currency, profile)
    span = {"start": found.start, "end": found.end}
    return say(language, f"insurance.head_{currency}", span)


def _amount(share: float, currency: str, language: str) -> str:
    """Return a share of the money; won to ten thousand, in Korean as a number of those."""
    step = 10_000 if currency == "KRW" else 1
    steps = round(share * _MONEY[currency] / step)
    return f"{steps if language == 'ko' else steps * step:,}".replace("-", "−")
