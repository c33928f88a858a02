"""The routes that an account comparison runs: fund, accounts, and the taxes on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from jeoul.errors import UsageError
from jeoul.korea.accounts import may_hold
from jeoul.korea.foreign_tax import ForeignTax, fund_foreign_tax
from jeoul.korea.rulebook import Rulebook, decimal

OVERFLOW: Mapping[str, tuple[str, ...]] = {
    "general": (),
    "isa": ("pension_savings", "general"),
    "pension_savings": ("general",),
}
"""Where the money goes that an account does not take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One way to invest: a fund, an account, and the tax kind of its gain.

    ``kind`` is the kind of fund, which decides with the account how a gain is taxed.
    ``distribution`` is the assumed yearly yield inside the adjusted price, ``distribution_tax`` the
    tax rate on it while it is held in an ordinary account; ``fx_cost`` the share lost at each
    change of currency. ``foreign_rate`` is the tax that the fund pays on its dividends abroad,
    ``refunded`` the part of a dividend that the state gave back to it until 2024. ``overflow`` are
    the accounts for what the first one does not take; ``yearly`` uses the deduction for gains
    abroad every December.
    """

    name: str
    ticker: str
    account: str
    kind: str
    distribution: float = 0.0
    distribution_tax: float = 0.0
    fx_cost: float = 0.0
    foreign_rate: float = 0.0
    refunded: float = 0.0
    overflow: tuple[str, ...] = ()
    yearly: bool = False
    title: str | None = None

    @property
    def accounts(self) -> tuple[str, ...]:
        """Return every account of the route, in the order in which they are filled."""
        return (self.account, *self.overflow)

    @property
    def dividend(self) -> float:
        """Return the yearly dividend before the tax abroad, as a share of the price."""
        return self.distribution / (1.0 - self.foreign_rate)


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteFund:
    """What a comparison needs to know about a fund.

    ``foreign_rate`` is the tax abroad on its dividends, 0 for funds of Korean assets and where it
    is not known; ``title`` what people call it; ``features`` what decides where it may be held,
    among them ``leveraged`` and ``inverse``.
    """

    ticker: str
    kind: str
    distribution: float = 0.0
    foreign_rate: float = 0.0
    title: str | None = None
    features: frozenset[str] = frozenset()


def holds(book: Rulebook, fund: RouteFund, account: str) -> bool:
    """Return whether an account of a kind may hold a fund.

    >>> from jeoul.korea.tables import load_rules
    >>> fund = RouteFund(ticker="122630", kind="krx_other_etf", features=frozenset({"leveraged"}))
    >>> holds(load_rules(2026), fund, "isa"), holds(load_rules(2026), fund, "pension_savings")
    (True, False)
    """
    return may_hold(
        book,
        account=account,
        listing="US" if fund.kind == "us_etf" else "KRX",
        kind=fund.kind,
        leveraged="leveraged" in fund.features,
        inverse="inverse" in fund.features,
    ).allowed


def route_of(
    book: Rulebook,
    fund: RouteFund,
    account: str,
    *,
    name: str,
    fx_cost: float = 0.0,
    overflow: tuple[str, ...] | None = None,
    yearly: bool = False,
) -> Route:
    """Return the route of a fund through an account, with the rulebook's own rates.

    Distributions in an ordinary account: 15.4 %, 15 % withheld in the United States for funds
    listed there, and what the credit for foreign tax leaves for a Korean fund that paid tax abroad.
    Raises :class:`UsageError` for an account that may not hold the fund.

    >>> from jeoul.korea.tables import load_rules
    >>> kind = "krx_other_etf"
    >>> fund = RouteFund(ticker="133690", kind=kind, distribution=0.006, foreign_rate=0.15)
    >>> route_of(load_rules(2026), fund, "general", name="general").distribution_tax
    0.0
    """
    accounts = (account, *(OVERFLOW.get(account, ()) if overflow is None else overflow))
    abroad = fund.kind == "us_etf"
    for each in accounts:
        if not holds(book, fund, each):
            raise UsageError(f"{fund.ticker} cannot be held in {each}; leave that account out")
    return Route(
        name=name,
        ticker=fund.ticker,
        account=account,
        kind=fund.kind,
        distribution=fund.distribution,
        distribution_tax=_distribution_tax(book, fund),
        fx_cost=fx_cost if abroad else 0.0,
        foreign_rate=0.0 if abroad else fund.foreign_rate,
        refunded=_refunded(book, fund),
        overflow=accounts[1:],
        yearly=yearly,
        title=fund.title,
    )


def _distribution_tax(book: Rulebook, fund: RouteFund) -> float:
    if fund.kind == "us_etf":
        return float(decimal(book.table("us.dividend_rate")["treaty"]))
    amount = 100_000_000  # large, so that cutting below 10 won does not show
    rate = Decimal(str(fund.foreign_rate))
    foreign = ForeignTax(int(amount * rate / (1 - rate)), rate or None)
    found = fund_foreign_tax(book, account="general", on=book.as_of, amount=amount, foreign=foreign)
    return round(found.tax / amount, 6)


def _refunded(book: Rulebook, fund: RouteFund) -> float:
    if fund.kind == "us_etf" or not fund.foreign_rate:
        return 0.0
    return min(fund.foreign_rate, float(book.rate("foreign.refunded")))


def standard_routes(
    book: Rulebook, yields: Mapping[str, Decimal], *, fx_cost: float
) -> tuple[Route, ...]:
    """Return the routes of the comparison: one Nasdaq index in four accounts, and KODEX 200.

    The fund listed in the United States comes twice: sold at the end, and with the deduction of
    2.5 M used every December. The rates are the rulebook's own.

    >>> from jeoul.korea.tables import load_rules, load_yields
    >>> [r.name for r in standard_routes(load_rules(2026), load_yields(), fx_cost=0.001)]
    ['us', 'us_yearly', 'general', 'isa', 'pension', 'kodex200']
    """
    treaty = float(decimal(book.table("us.dividend_rate")["treaty"]))
    us, krx, kodex = (float(yields[ticker]) for ticker in ("QQQ", "133690", "069500"))
    qqq = RouteFund(ticker="QQQ", kind="us_etf", distribution=us)
    tiger = RouteFund(ticker="133690", kind="krx_other_etf", distribution=krx, foreign_rate=treaty)
    shares = RouteFund(ticker="069500", kind="kr_equity_etf", distribution=kodex)
    return (
        route_of(book, qqq, "general", name="us", fx_cost=fx_cost),
        route_of(book, qqq, "general", name="us_yearly", fx_cost=fx_cost, yearly=True),
        route_of(book, tiger, "general", name="general"),
        route_of(book, tiger, "isa", name="isa"),
        route_of(book, tiger, "pension_savings", name="pension"),
        route_of(book, shares, "general", name="kodex200"),
    )
