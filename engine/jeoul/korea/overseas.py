"""US-listed shares and ETFs: self-filed gains and dividends already taxed abroad."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from jeoul.korea.levy import Flag, Won, floor, levy
from jeoul.korea.rulebook import Rulebook, Step, decimal, step

_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class ReturnAccount:
    """A sale through the account for money coming home (국내시장복귀계좌).

    ``sold`` is the month of the sale, ``2026-09``; ``ratio`` shrinks with foreign shares bought
    elsewhere in the year; ``gain`` the part of the year's gains sold through it, None for all;
    ``proceeds`` what was paid into it.
    """

    sold: str
    ratio: Decimal = Decimal(1)
    gain: Won | None = None
    proceeds: Won = 0
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class OverseasSettlement:
    """The year's tax on foreign shares: netted, less deductions, filed next May."""

    net: int
    deducted: int
    taxable: int
    tax: int
    file_by: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class OverseasDividend:
    """A US dividend after the tax of both countries."""

    us_tax: int
    kr_tax: int
    net: int
    steps: tuple[Step, ...]


def settle_overseas(
    book: Rulebook,
    *,
    gains: tuple[Won, ...],
    return_account: ReturnAccount | None = None,
    fx_hedge: Won = 0,
) -> OverseasSettlement:
    """Return the year's capital gains tax on US-listed holdings.

    taxable = max(0, sum of gains and losses - deduction through the return account - 5 % of what
    was put into currency hedges, at most 5 M - 2.5 M); tax = 20 %, plus local 2 %. A loss is not
    carried to another year. Sources: 소득세법 §§94, 102–104, 118의2; 조세특례제한법
    §§91의26, 91의27.

    >>> from jeoul.korea.tables import load_rules
    >>> settle_overseas(load_rules(2026), gains=(5_000_000, -1_000_000)).tax
    330000
    """
    net = sum(gains)
    steps = [step("overseas_net", net=net, count=len(gains))]
    deducted = 0
    if return_account is not None:
        deducted = _coming_home(book, max(0, net), return_account)
        terms = book.table("us.return_account")
        steps.append(
            step(
                "return_deduction",
                sold=return_account.sold,
                deducted=deducted,
                held_on=terms["held_on"],
                keep=terms["keep_years"],
            )
        )
    if fx_hedge:
        hedge = _hedge(book, fx_hedge, max(0, net - deducted))
        deducted += hedge
        steps.append(step("hedge_deduction", invested=fx_hedge, deducted=hedge))
    basic = book.won("us.deduction")
    taxable = max(0, net - deducted - basic)
    owed = levy(book, taxable, book.rate("us.gain_rate"))
    steps.append(step("overseas_basic", basic=basic, taxable=taxable))
    steps.append(step("levied", base=taxable, national=owed.national, local=owed.local))
    file_by = f"{book.year + 1}-{book.text('us.file_by')}"
    return OverseasSettlement(net, deducted, taxable, owed.total, file_by, tuple(steps))


def _hedge(book: Rulebook, invested: int, most: int) -> int:
    rule, key = "us.settle", "us.fx_hedge"
    if invested < 0:
        raise book.refuse(rule, key, f"fx_hedge is {invested}, below zero")
    terms = book.table(key)
    cap = terms["cap"]
    if not isinstance(cap, int):
        raise TypeError(f"{key}.cap is not an integer")
    return min(floor(invested * decimal(terms["share"])), cap, most)


def _coming_home(book: Rulebook, net: int, account: ReturnAccount) -> int:
    rule, key = "us.settle", "us.return_account"
    if not 0 <= account.ratio <= 1:
        raise book.refuse(rule, key, f"ratio is {account.ratio}; give a share from 0 to 1")
    cap = book.table(key)["cap"]
    if not isinstance(cap, int) or account.proceeds > cap:
        raise book.refuse(rule, key, f"proceeds {account.proceeds}; the account takes {cap}")
    gain = net if account.gain is None else account.gain
    if gain < 0:
        raise book.refuse(rule, key, f"gain through the return account is {gain}, below zero")
    if not _MONTH.fullmatch(account.sold):
        raise book.refuse(rule, key, f"sold in {account.sold!r}, which is no month; write 2026-09")
    bands = book.table(key)["bands"]
    if not isinstance(bands, list):
        raise TypeError(f"{key} has no bands")
    for first, last, share in bands:
        if first <= account.sold <= last:
            return floor(min(gain, net) * decimal(share) * account.ratio)
    raise book.refuse(
        rule, key, f"sold in {account.sold!r}; the deduction is for months of 2026, as 2026-09"
    )


def us_dividend(book: Rulebook, *, gross: Won, w8ben: Flag = True) -> OverseasDividend:
    """Return what both countries take from a US dividend.

    The United States withholds 15 % (30 % without a W-8BEN); Korea withholds 14 % less the foreign
    tax, never below zero. Sources: 한미조세조약 §12, 소득세법 §129④.

    >>> from jeoul.korea.tables import load_rules
    >>> us_dividend(load_rules(2026), gross=1_000_000).kr_tax
    0
    """
    if gross < 0:
        raise book.refuse("us.dividend", "us.dividend_rate", f"gross is {gross}, below zero")
    rate = decimal(book.table("us.dividend_rate")["treaty" if w8ben else "none"])
    abroad = floor(gross * rate)
    rest = max(Decimal(0), book.rate("tax.withholding") - rate)
    home = levy(book, gross, rest).total
    steps = (
        step("us_withheld", gross=gross, rate=rate, tax=abroad),
        step("kr_after_foreign", rate=book.rate("tax.withholding"), tax=home),
    )
    return OverseasDividend(abroad, home, gross - abroad - home, steps)
