"""Tax that is taken at source: from sales, distributions and interest, by the kind of account.

An ordinary account pays as money comes: a sale of a KRX-listed fund 15.4 % of the smaller of the
gain and the rise of the taxable base price, a distribution 15.4 % less what the law credits of the
tax inside the fund, a US dividend 15 % in the United States. Gains of US-listed funds are only
recorded: the year nets them. An ISA and pension accounts withhold nothing before they end.

Costs are average prices, as brokers keep them, in the owner's smallest unit per share.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from jeoul.account.price_events import PriceEvents
from jeoul.korea.etf import etf_distribution, sell_etf
from jeoul.korea.foreign_tax import ForeignTax, fund_foreign_tax
from jeoul.korea.levy import floor, levy
from jeoul.korea.overseas import us_dividend
from jeoul.korea.rulebook import Rulebook

TAXED = ("general", "overseas")
"""Kinds of account that are taxed as money comes."""

US = "us_etf"
AVERAGE = Decimal("0.0001")
"""To what an average price is rounded; four places are what brokers print."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRules:
    """The law as one account meets it: ``book`` holds in every year, whatever the year was.

    ``account`` is the kind of account, ``kinds`` how a fund's gain is taxed, by ticker. ``foreign``
    is the rate that a fund pays abroad on its dividends, for funds that the law credits for it.
    """

    book: Rulebook
    account: str
    kinds: Mapping[str, str]
    foreign: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def taxed(self) -> bool:
        """Return whether tax is withheld as money comes."""
        return self.account in TAXED


class Basis(NamedTuple):
    """The average cost of a share, and its average taxable base price, None where it is unknown.

    With an unknown base price the whole gain counts as taxable: the side that costs more.
    """

    cost: Decimal
    base: Decimal | None


class Taxed(NamedTuple):
    """A result that the law looks at, in the owner's smallest unit.

    ``what`` is ``sale``, ``distribution`` or ``interest``. ``gain`` is the result with its sign:
    of a sale in an ordinary account what is taxable of it, or a loss. ``income`` counts as interest
    or dividends of the year; ``tax`` is what was withheld, ``taken`` the same in the account's own
    money, ``foreign`` what the fund paid abroad of a distribution.
    """

    session: date
    what: str
    ticker: str
    asset: str
    gain: int
    income: int
    tax: int
    taken: int
    foreign: int = 0

    @property
    def counts_in_isa(self) -> bool:
        """Return whether the end of an ISA taxes it: all but sales of Korean share funds."""
        return self.what != "sale" or self.asset != "kr_equity_etf"


class TaxLedger(NamedTuple):
    """What an account has to remember for its taxes.

    ``interest`` is what cash earned in ``month`` so far, in the account's money.
    """

    basis: Mapping[str, Basis] = {}
    interest: int = 0
    month: int = 0


Home = Callable[[int], int]
"""Turns the account's money into the owner's, both in smallest units."""


def bought(
    basis: Basis | None, held: int, count: int, cost: Decimal, base: Decimal | None
) -> Basis:
    """Return the average after a purchase of ``count`` shares on top of ``held``.

    >>> found = bought(Basis(Decimal(100), Decimal(90)), 10, 30, Decimal(120), Decimal(94))
    >>> found.cost, found.base
    (Decimal('115.0000'), Decimal('93.0000'))
    """
    if basis is None or held <= 0:
        return Basis(cost, base)
    known = basis.base is not None and base is not None
    return Basis(
        _mean(basis.cost, held, cost, count),
        _mean(basis.base, held, base, count) if known else None,  # type: ignore[arg-type]
    )


def split(basis: Basis, before: int, after: int) -> Basis:
    """Return the average of a holding whose number of shares a split changed."""
    if not after or before == after:
        return basis
    ratio = Decimal(before) / after
    base = None if basis.base is None else (basis.base * ratio).quantize(AVERAGE)
    return Basis((basis.cost * ratio).quantize(AVERAGE), base)


def sold(
    rules: TaxRules,
    session: date,
    ticker: str,
    basis: Basis,
    count: Decimal,
    price: int,
    base: Decimal | None,
) -> Taxed:
    """Return the result of selling a KRX-listed fund at a price a share, and the tax on it.

    The law is :func:`~jeoul.korea.etf.sell_etf`. An account that is not taxed as money comes
    records the result alone: a gain as far as it would be taxable, a loss as far as the base price
    fell too.

    >>> from jeoul.korea.tables import load_rules
    >>> kinds = {"133690": "krx_other_etf"}
    >>> rules = TaxRules(book=load_rules(2026), account="general", kinds=kinds)
    >>> cost = Basis(Decimal(10_000), Decimal(9_900))
    >>> sold(rules, date(2026, 6, 1), "133690", cost, Decimal(100), 12_000, Decimal(10_900)).tax
    15400
    """
    asset = rules.kinds[ticker]
    known = basis.base is not None and base is not None
    found = sell_etf(
        rules.book,
        kind=asset,
        units=1,  # whole amounts: an account may count parts of a share
        buy=basis.cost * count,
        sell=price * count,
        base_buy=(basis.base if known else basis.cost) * count,  # type: ignore[operator]
        base_sell=(base if known else Decimal(price)) * count,  # type: ignore[operator]
    )
    if asset == "kr_equity_etf":
        result = found.gain
    elif found.gain < 0:
        result = max(found.gain, min(0, found.base_rise))
    else:
        result = found.taxable
    tax = found.tax if rules.taxed else 0
    income = found.taxable if rules.taxed else 0
    return Taxed(
        session=session,
        what="sale",
        ticker=ticker,
        asset=asset,
        gain=result,
        income=income,
        tax=tax,
        taken=tax,
    )


def sold_abroad(
    rules: TaxRules, session: date, ticker: str, basis: Basis, count: Decimal, proceeds: int
) -> Taxed:
    """Return the result of selling a US-listed fund, in won after fees; the year taxes it."""
    gain = proceeds - floor(basis.cost * count)
    return Taxed(
        session=session,
        what="sale",
        ticker=ticker,
        asset=rules.kinds[ticker],
        gain=gain,
        income=0,
        tax=0,
        taken=0,
    )


def distributed(
    rules: TaxRules, session: date, ticker: str, amount: int, taxable: int, home: Home
) -> Taxed:
    """Return the tax on a distribution, of which ``taxable`` is what the law taxes.

    KRX-listed funds: :func:`~jeoul.korea.etf.etf_distribution`, or
    :func:`~jeoul.korea.foreign_tax.fund_foreign_tax` where the fund paid tax abroad. US-listed
    ones: :func:`~jeoul.korea.overseas.us_dividend`. An account that is not taxed as money comes
    records the whole distribution as a result.
    """
    asset = rules.kinds[ticker]
    inside = _abroad(rules, ticker, taxable)
    if not rules.taxed:
        return Taxed(
            session=session,
            what="distribution",
            ticker=ticker,
            asset=asset,
            gain=home(amount),
            income=0,
            tax=0,
            taken=0,
            foreign=inside,
        )
    if asset == US:
        found = us_dividend(rules.book, gross=taxable)
        taken = found.us_tax + found.kr_tax
        paid = home(amount)
        return Taxed(
            session=session,
            what="distribution",
            ticker=ticker,
            asset=asset,
            gain=paid,
            income=paid,
            tax=home(taken),
            taken=taken,
        )
    tax = _distribution_tax(rules, ticker, taxable, inside)
    return Taxed(
        session=session,
        what="distribution",
        ticker=ticker,
        asset=asset,
        gain=amount,
        income=taxable,
        tax=tax,
        taken=tax,
        foreign=inside,
    )


def _abroad(rules: TaxRules, ticker: str, amount: int) -> int:
    """Return what a fund paid abroad before it could distribute an amount."""
    rate = rules.foreign.get(ticker, Decimal(0))
    # What arrived is what was left after the other country took its rate.
    return floor(amount * rate / (1 - rate))


def _distribution_tax(rules: TaxRules, ticker: str, taxable: int, inside: int) -> int:
    if not inside:
        return etf_distribution(rules.book, kind=rules.kinds[ticker], amount=taxable).tax
    foreign = ForeignTax(inside, rules.foreign[ticker])
    return fund_foreign_tax(
        rules.book, account="general", on=rules.book.as_of, amount=taxable, foreign=foreign
    ).tax


def interest_taxed(rules: TaxRules, session: date, before: int, interest: int, home: Home) -> Taxed:
    """Return the tax on interest of cash on top of what the month brought ``before``.

    Interest is withheld however small the tax is, and cut below ten won by the month, not by the
    day.
    """
    if not rules.taxed:
        return Taxed(
            session=session,
            what="interest",
            ticker="",
            asset="deposit",
            gain=home(interest),
            income=0,
            tax=0,
            taken=0,
        )
    rate = rules.book.rate("tax.withholding")
    whole, part = (levy(rules.book, amount, rate).total for amount in (before + interest, before))
    taken, paid = whole - part, home(interest)
    return Taxed(
        session=session,
        what="interest",
        ticker="",
        asset="deposit",
        gain=paid,
        income=paid,
        tax=home(taken),
        taken=taken,
    )


def base_price(events: PriceEvents, ticker: str, session: date) -> Decimal | None:
    """Return the taxable base price of a share after a session, None where nobody knows it."""
    found = events.tax_base(ticker, session)
    return None if found is None else Decimal(repr(found)) * events.unit


def _mean(first: Decimal, held: int, second: Decimal, count: int) -> Decimal:
    return ((first * held + second * count) / (held + count)).quantize(AVERAGE)
