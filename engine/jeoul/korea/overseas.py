"""US-listed shares and ETFs: self-filed gains and dividends already taxed abroad."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from jeoul.korea.levy import Flag, Won, floor, levy, withheld
from jeoul.korea.overseas_return import ReturnAccount, coming_home
from jeoul.korea.rulebook import Rulebook, Step, decimal, step


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
    was put into currency hedges, at most 5 M - 2.5 M); tax = 20 %, plus local 2 %. The deduction
    through the return account is a share of the gain before netting, at most what the net gain
    exceeds 2.5 M by. A loss is not carried to another year. Sources: 소득세법 §§94, 102–104,
    118의2; 조세특례제한법 §§91의26, 91의27; 시행령 §93의12②.

    >>> from jeoul.korea.tables import load_rules
    >>> settle_overseas(load_rules(2026), gains=(5_000_000, -1_000_000)).tax
    330000
    """
    net = sum(gains)
    steps = [step("overseas_net", net=net, count=len(gains))]
    deducted = 0
    if return_account is not None:
        deducted, said = coming_home(book, gains, return_account)
        steps.extend(said)
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
    return OverseasSettlement(
        net=net,
        deducted=deducted,
        taxable=taxable,
        tax=owed.total,
        file_by=file_by,
        steps=tuple(steps),
    )


def _hedge(book: Rulebook, invested: int, most: int) -> int:
    rule, key = "us.settle", "us.fx_hedge"
    if invested < 0:
        raise book.refuse(rule, key, f"fx_hedge is {invested}, below zero; give 0 or more")
    terms = book.table(key)
    cap = terms["cap"]
    if not isinstance(cap, int):
        raise TypeError(f"{key}.cap is not an integer")
    return min(floor(invested * decimal(terms["share"])), cap, most)


def us_dividend(book: Rulebook, *, gross: Won, w8ben: Flag = True) -> OverseasDividend:
    """Return what both countries take from a US dividend.

    The United States withholds 15 % (30 % without a W-8BEN); Korea withholds 14 % less the foreign
    tax, never below zero. Sources: 한미조세조약 §12, 소득세법 §129④.

    >>> from jeoul.korea.tables import load_rules
    >>> us_dividend(load_rules(2026), gross=1_000_000).kr_tax
    0
    """
    if gross < 0:
        raise book.refuse(
            "us.dividend", "us.dividend_rate", f"gross is {gross}, below zero; give 0 or more"
        )
    rate = decimal(book.table("us.dividend_rate")["treaty" if w8ben else "none"])
    abroad = floor(gross * rate)
    rest = max(Decimal(0), book.rate("tax.withholding") - rate)
    home = withheld(book, gross, rest).total
    steps = (
        step("us_withheld", gross=gross, rate=rate, tax=abroad),
        step("kr_after_foreign", rate=book.rate("tax.withholding"), tax=home),
    )
    return OverseasDividend(abroad, home, gross - abroad - home, steps)
