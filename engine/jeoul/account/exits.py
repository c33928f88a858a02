"""What an account comes to when it ends: everything sold, and the tax that is taken on the way out.

An ordinary account pays on its last sales as on any other. An ISA is settled once, and early below
three years. A pension is received over ten years, from 55 at the earliest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal

from jeoul.account.day import AccountState, DayRules
from jeoul.account.day_taxes import DayTaxes
from jeoul.account.withholding import Taxed
from jeoul.korea.foreign_tax import ForeignTax, fund_foreign_tax
from jeoul.korea.gains import Gain
from jeoul.korea.isa import settle_isa
from jeoul.korea.pension import pension_start, receive_pension
from jeoul.korea.rulebook import Rulebook, Step
from jeoul.model.portfolio import Side

RECEIPT_YEARS = 10
"""Over how many years a pension is drawn: what the limit of receipts allows at the earliest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Liquidation:
    """An account sold out at its newest closes, in the owner's smallest unit.

    ``money`` is what is there afterwards, less fees, spread and what was withheld; ``tax`` is what
    was withheld, ``taxed`` the results.
    """

    money: int
    fees: int
    tax: int
    taxed: tuple[Taxed, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitTax:
    """The tax that an ISA or a pension account takes on the way out, and how it comes about."""

    tax: int
    steps: tuple[Step, ...]


def liquidated(state: AccountState, session: date, rules: DayRules) -> Liquidation:
    """Return what selling everything at the newest closes of a session comes to."""
    assert rules.taxes is not None
    taxes = DayTaxes(rules.taxes, state.ledger, session, rules.events, rules.exchange, rules.parts)
    money, fees = state.portfolio.money, 0
    for ticker, count in sorted(state.portfolio.shares.items()):
        price = rules.events.last_close(ticker, session)
        if not price:  # no close is known, so nothing certain comes of it
            continue
        costs = rules.tariff(Side.SELL).costs(count * price)
        paid = costs.fee + costs.spread
        net = count * price - paid
        money += net - taxes.sale(ticker, count, price, net)
        fees += paid
    home = rules.exchange
    money, fees = money // rules.parts, fees // rules.parts
    return Liquidation(
        money=money if home is None else home.home(money, session),
        fees=fees if home is None else home.home(fees, session),
        tax=sum(each.tax for each in taxes.found),
        taxed=tuple(taxes.found),
    )


def results_of(taxed: Iterable[Taxed]) -> tuple[Gain, ...]:
    """Return results as an ISA nets them: distributions are gains of a fund, whatever it holds."""
    return tuple(
        Gain("fund" if each.what == "distribution" else each.asset, each.gain) for each in taxed
    )


def end_isa(
    book: Rulebook,
    *,
    kind: str,
    years: int,
    results: Sequence[Gain],
    value: int,
    foreign_tax: int = 0,
) -> ExitTax:
    """Return the tax of an ISA that ends after whole ``years``, worth ``value`` before it.

    ``foreign_tax`` is what its funds paid abroad, which the present law credits.
    """
    found = settle_isa(book, kind=kind, years_held=years, results=tuple(results))
    if not (foreign_tax and found.tax):
        return ExitTax(tax=found.tax, steps=found.steps)
    credited = fund_foreign_tax(
        book,
        account="isa",
        on=book.as_of,
        amount=value,
        foreign=ForeignTax(foreign_tax),
        national=national_of(book, found.tax),
    )
    return ExitTax(tax=credited.tax, steps=(*found.steps, *credited.steps))


def draw_pension(
    book: Rulebook, *, credited: int, earnings: int, age: int, foreign_tax: int = 0
) -> ExitTax:
    """Return the tax of receiving credited payments and earnings over ten years.

    ``age`` is that of the first receipt. Every year brings the same; what was paid in without a
    credit is not taxed and not in it. Nothing else is supposed to be received: of what the law
    leaves to the person the tax withheld counts.
    """
    yearly = max(0, credited + earnings) // RECEIPT_YEARS
    found = receive_pension(book, age=age, amount=yearly)
    tax, steps = found.withheld, found.steps
    if foreign_tax and tax:
        part = fund_foreign_tax(
            book,
            account="pension_savings",
            on=book.as_of,
            amount=yearly,
            foreign=ForeignTax(foreign_tax // RECEIPT_YEARS),
            national=national_of(book, tax),
        )
        tax, steps = part.tax, (*steps, *part.steps)
    return ExitTax(tax=tax * RECEIPT_YEARS, steps=steps)


def pension_age(book: Rulebook, age: int) -> int:
    """Return the age at which somebody of an age may receive a pension at the earliest.

    >>> from jeoul.korea.tables import load_rules
    >>> pension_age(load_rules(2026), 45), pension_age(load_rules(2026), 61)
    (55, 61)
    """
    return max(pension_start(book)[0], age)


def national_of(book: Rulebook, total: int) -> int:
    """Return the national part of a tax that was levied with its local part.

    >>> from jeoul.korea.tables import load_rules
    >>> national_of(load_rules(2026), 39_540)
    35950
    """
    unit = book.won("tax.truncate_to")
    part = Decimal(total) / (1 + book.rate("tax.local_share")) / unit
    return int(part.to_integral_value(ROUND_CEILING)) * unit
