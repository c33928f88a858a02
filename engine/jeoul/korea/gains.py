"""Gains and losses by kind of asset, and how an ordinary account taxes them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from jeoul.korea.levy import Won, levy, withheld
from jeoul.korea.overseas import settle_overseas
from jeoul.korea.rulebook import Rulebook, Step, step

OVERSEAS = ("us_etf", "us_stock")
"""Settled by the year and self-filed, gains and losses together."""

INTEREST = ("deposit", "bond_interest")
"""Taxed as interest, which is withheld however small the tax is."""

ASSETS = (
    "kr_stock",
    "kr_equity_etf",
    "kr_equity_etn",
    "krx_other_etf",
    "fund",
    "etn",
    "els",
    "bond",
    "bond_interest",
    "deposit",
    *OVERSEAS,
)


@dataclass(frozen=True, slots=True)
class Gain:
    """A realised gain (or loss, below zero) of one asset, in won."""

    asset: str
    gain: Won
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class GeneralSettlement:
    """What an ordinary account owes: no netting, listed Korean shares untaxed."""

    taxable: int
    tax: int
    net: int
    overseas_tax: int
    steps: tuple[Step, ...]


def known(book: Rulebook, rule: str, results: Iterable[Gain]) -> tuple[Gain, ...]:
    """Return the results if every asset is known; refuse them by name otherwise."""
    found = tuple(results)
    for entry in found:
        if entry.asset not in ASSETS:
            raise book.refuse(
                rule,
                "tax.withholding",
                f"asset {entry.asset!r} is unknown; use one of {', '.join(ASSETS)}",
            )
    return found


def settle_general(book: Rulebook, *, results: tuple[Gain, ...]) -> GeneralSettlement:
    """Return the taxes of an ordinary account on realised results.

    Every gain of a fund, ETF, ETN or ELS and all interest is taxed by itself at 14 % (15.4 % with
    local tax), but a tax below 1,000 won is collected on interest alone; losses reduce nothing.
    Gains of listed Korean shares, of ETFs and ETNs that track only them, and in the price of a bond
    are untaxed for ordinary holders; what accrues on a bond is ``bond_interest``. Results of US
    shares and US-listed ETFs are netted together, less the basic deduction, at 20 % (22 %), and
    self-filed. Sources: 소득세법 §§16, 17, 86, 129; 시행령 §§26의2, 26의3.

    >>> from jeoul.korea.tables import load_rules
    >>> settle_general(
    ...     load_rules(2026),
    ...     results=(Gain("krx_other_etf", 1_000_000), Gain("krx_other_etf", -600_000)),
    ... ).tax
    154000
    """
    results = known(book, "general.settle", results)
    untaxed = book.words("isa.shares_untaxed")
    rate = book.rate("tax.withholding")
    steps: list[Step] = []
    taxable = tax = 0
    for entry in results:
        if entry.asset in OVERSEAS:
            continue
        if entry.asset in untaxed:
            steps.append(step("share_gain_untaxed", asset=entry.asset, gain=entry.gain))
            continue
        base = max(0, entry.gain)
        owed = (levy if entry.asset in INTEREST else withheld)(book, base, rate).total
        steps.append(step("gain_taxed_alone", asset=entry.asset, gain=entry.gain, tax=owed))
        taxable, tax = taxable + base, tax + owed
    overseas = tuple(entry.gain for entry in results if entry.asset in OVERSEAS)
    abroad = settle_overseas(book, gains=overseas) if overseas else None
    if abroad is not None:
        taxable, tax = taxable + abroad.taxable, tax + abroad.tax
        steps.extend(abroad.steps)
    return GeneralSettlement(
        taxable=taxable,
        tax=tax,
        net=sum(entry.gain for entry in results),
        overseas_tax=0 if abroad is None else abroad.tax,
        steps=tuple(steps),
    )
