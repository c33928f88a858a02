"""The account for money coming home (국내시장복귀계좌): its deduction, and the ratio of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from jeoul.korea.levy import Won, floor
from jeoul.korea.rulebook import Rulebook, Step, decimal, step

_KEY = "us.return_account"
_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class ReturnAccount:
    """A sale through the return account.

    ``sold`` is the month of the sale, ``2026-09``; ``ratio`` shrinks with foreign shares bought
    elsewhere in the year (``us.return_ratio``); ``gain`` the gain sold through it before any
    netting, None for all the year's gains; ``proceeds`` what was paid into it.
    """

    sold: str
    ratio: Decimal = Decimal(1)
    gain: Won | None = None
    proceeds: Won = 0
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class TradedMonth:
    """Foreign shares, or funds that count as such, traded in a month: ``2026-09`` and won."""

    month: str
    amount: Won
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class ReturnRatio:
    """The ratio, and the sums it is made of, each weighted by the share of its month.

    ``home`` was sold through the return account, ``bought`` is what was bought elsewhere less what
    was sold there, never below zero.
    """

    ratio: Decimal
    home: int
    bought: int
    steps: tuple[Step, ...]


def return_ratio(
    book: Rulebook,
    *,
    sold: tuple[TradedMonth, ...],
    bought: tuple[TradedMonth, ...] = (),
    sold_elsewhere: tuple[TradedMonth, ...] = (),
) -> ReturnRatio:
    """Return the ratio that multiplies the deduction through the return account.

    ratio = 1 - (A - B) / C, from 0 to 1: A bought and B sold in 2026 outside of it, C sold through
    it. Foreign shares count, and funds and ETFs on foreign shares, also those listed in Korea.
    Every amount is weighted by the share of its month: 100 % to May, 80 % in June and July, 50 %
    from August on. Sources: 조세특례제한법 §91의26②2; 시행령 §93의12④ as the ministry explained it.

    >>> from jeoul.korea.tables import load_rules
    >>> book = load_rules(2026)
    >>> return_ratio(book, sold=(TradedMonth("2026-03", 20_000_000),),
    ...              bought=(TradedMonth("2026-09", 10_000_000),)).ratio
    Decimal('0.75')
    """
    rule = "us.return_ratio"
    home, purchases, sales = (
        _weighted(book, rule, trades) for trades in (sold, bought, sold_elsewhere)
    )
    proceeds, cap = sum(trade.amount for trade in sold), _cap(book)
    if proceeds > cap:
        raise book.refuse(rule, _KEY, f"sold {proceeds} through the account; it takes {cap}")
    if home <= 0:
        raise book.refuse(rule, _KEY, "nothing was sold through the account; there is no ratio")
    net = max(Decimal(0), purchases - sales)
    ratio = max(Decimal(0), 1 - net / home)
    steps = (
        step("return_weighted", home=floor(home), bought=floor(net)),
        step("return_ratio", ratio=ratio),
    )
    return ReturnRatio(ratio, floor(home), floor(net), steps)


def coming_home(
    book: Rulebook, gains: tuple[int, ...], account: ReturnAccount
) -> tuple[int, list[Step]]:
    """Return what is deducted for a sale through the account, before the basic deduction.

    share x ratio x the gain before netting, at most what is left of the year's net gain after the
    basic deduction. Source: 조세특례제한법 시행령 §93의12②.
    """
    rule = "us.settle"
    if not 0 <= account.ratio <= 1:
        raise book.refuse(rule, _KEY, f"ratio is {account.ratio}; give a share from 0 to 1")
    if account.proceeds > _cap(book):
        wrong = f"proceeds {account.proceeds}; the account takes {_cap(book)}"
        raise book.refuse(rule, _KEY, wrong)
    before = sum(max(0, gain) for gain in gains)
    gain = before if account.gain is None else account.gain
    if gain < 0:
        raise book.refuse(
            rule, _KEY, f"gain through the return account is {gain}, below zero; give 0 or more"
        )
    if gain > before:
        wrong = f"gain through the return account is {gain}, above all gains of the year, {before}"
        wrong = f"{wrong}; correct one of the two"
        raise book.refuse(rule, _KEY, wrong)
    most = max(0, sum(gains) - book.won("us.deduction"))
    share = _share(book, rule, account.sold)
    deducted = min(floor(gain * share * account.ratio), most)
    terms, fact = book.table(_KEY), book.facts[_KEY]
    said = [
        step(
            "return_deduction",
            sold=account.sold,
            deducted=deducted,
            held_on=terms["held_on"],
            keep=terms["keep_years"],
        )
    ]
    if fact.until is not None:
        said.append(step("return_ends", until=fact.until))
    return deducted, said


def _weighted(book: Rulebook, rule: str, trades: Iterable[TradedMonth]) -> Decimal:
    total = Decimal(0)
    for trade in trades:
        if trade.amount < 0:
            raise book.refuse(
                rule, _KEY, f"an amount of {trade.month} is below zero; give 0 or more"
            )
        total += trade.amount * _share(book, rule, trade.month)
    return total


def _share(book: Rulebook, rule: str, month: str) -> Decimal:
    if not _MONTH.fullmatch(month):
        raise book.refuse(rule, _KEY, f"sold in {month!r}, which is no month; write 2026-09")
    bands = book.table(_KEY)["bands"]
    if not isinstance(bands, list):
        raise TypeError(f"{_KEY} has no bands")
    for first, last, share in bands:
        if first <= month <= last:
            return decimal(share)
    raise book.refuse(
        rule, _KEY, f"sold in {month!r}; the deduction is for months of 2026, as 2026-09"
    )


def _cap(book: Rulebook) -> int:
    cap = book.table(_KEY)["cap"]
    if not isinstance(cap, int):
        raise TypeError(f"{_KEY}.cap is not an integer")
    return cap
