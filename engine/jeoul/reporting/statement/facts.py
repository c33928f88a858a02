"""What a statement says, as plain frozen values: money in won, rates as decimal fractions.

None is unknown and NaN undefined, such as a yearly rate of less than a year.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np

from jeoul import metrics
from jeoul.account.hindsight.found import Hindsight
from jeoul.model.measurements import MeasuredSpan
from jeoul.reporting.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Returns:
    """What a span earned: the rates of a backtest, by its definitions.

    ``time_weighted`` and ``money_weighted`` are per year and NaN for less than one;
    ``total_return`` and ``money_return`` are those of the span as it is. ``currency`` is the part
    of ``total_return`` that exchange rates made, as a factor less 1, 0 without foreign accounts.
    ``inflation`` is the rise of prices over the span, None where it is not known. ``days`` is how
    long the span is: what is not per year here becomes so with it.
    """

    time_weighted: float
    total_return: float
    money_weighted: float
    money_return: float
    currency: float
    inflation: float | None
    days: int

    @property
    def currency_yearly(self) -> float:
        """Return the part of the time-weighted return that exchange rates made, per year."""
        return self._yearly(self.currency)

    @property
    def real_yearly(self) -> float | None:
        """Return the time-weighted return after inflation, per year."""
        real = self.real_return
        return None if real is None else self._yearly(real)

    @property
    def real_return(self) -> float | None:
        """Return the total return in money of constant purchasing power."""
        if self.inflation is None:
            return None
        return (1.0 + self.total_return) / (1.0 + self.inflation) - 1.0

    def _yearly(self, whole: float) -> float:
        ends = np.array([0, self.days]).astype("datetime64[D]")
        return metrics.growth_rate(ends, np.array([1.0, 1.0 + whole]))


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanFigures:
    """One span in won: ``opening`` is the value before it, ``value`` that at its end.

    ``costs`` are fees and spreads of orders, ``taxes`` what was withheld by the books,
    ``distributions`` are gross of it. ``unexplained`` is the net part of what came and went that
    nobody explained. ``currency_gain`` is the part of the gain that exchange rates made.
    """

    start: date
    end: date
    opening: int
    value: int
    paid_in: int
    taken_out: int
    costs: int
    taxes: int
    distributions: int
    interest: int
    unexplained: int
    currency_gain: int
    returns: Returns

    @property
    def gain(self) -> int:
        """Return what the span earned: value - opening - paid in + taken out."""
        return self.value - self.opening - self.paid_in + self.taken_out


class ReturnWindow(NamedTuple):
    """The returns of one of the usual spans up to the end, None where the account is younger.

    ``name`` is ``1m``, ``ytd``, ``1y``, ``3y``, ``5y`` or ``all``; ``start`` is the day whose close
    it begins with.
    """

    name: str
    start: date
    returns: Returns | None


class Weight(NamedTuple):
    """A fund or ``CASH``: its weight as the newest decision wanted it, and as it is now."""

    code: str
    name: Text
    target: float
    now: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """How far an account is from what was decided last.

    ``drift`` is half the sum of the differences of the weights. ``session`` is that of the
    decision. ``with_others`` says that one plan decided for all accounts of a household: the target
    is then what its orders would have made of the account.
    """

    session: date
    drift: float
    weights: tuple[Weight, ...]
    with_others: bool


class Missed(NamedTuple):
    """An order of which not everything was filled; ``state`` says how it ended."""

    session: date
    side: str
    code: str
    name: Text
    planned: int
    filled: int
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionsDone:
    """What was decided in a span against what was done.

    ``planned`` is the worth of the orders at the prices that they were made with, ``filled`` what
    was filled at the prices of the fills. ``slippage`` is what the fills cost beyond the planned
    prices, below zero where they were better, in won; fees are not in it. ``orders`` counts orders,
    ``whole`` those filled to the last share, ``missed`` are the others.
    """

    runs: int
    orders: int
    whole: int
    planned: int
    filled: int
    slippage: int
    missed: tuple[Missed, ...]


class Paying(NamedTuple):
    """What a fund paid on each of today's shares in the year before the end, and what that makes.

    ``per_share`` is in the main unit of its currency, ``amount`` in won, before tax.
    """

    code: str
    name: Text
    shares: int
    per_share: float
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountReview:
    """The decisions of an account in the span held against not trading, and what runs measured.

    ``measured`` is None where no run of the span kept its measurements.
    """

    outcomes: Hindsight
    measured: MeasuredSpan | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFacts:
    """The statement of one account.

    ``source`` is ``ledger`` or ``files``; ``session`` is the session of its newest value.
    ``drift`` is None without a decision, ``done`` for an account without orders by us, ``income``
    where the market does not say what funds paid. ``unpriced`` are securities without a price,
    which ``value`` leaves out. ``approximate`` says that prices are adjusted for dividends.
    ``review`` is None for an account without orders by us.
    """

    id: str
    title: Text
    kind: str
    currency: str
    source: str
    session: date
    figures: SpanFigures
    windows: tuple[ReturnWindow, ...]
    drift: Drift | None
    done: DecisionsDone | None
    income: tuple[Paying, ...] | None
    unpriced: tuple[str, ...]
    approximate: bool
    review: AccountReview | None = None


class YearTax(NamedTuple):
    """What a year's results mean for a person by the law, in won.

    ``withheld`` is what is taken at source by the law, whatever the broker took. ``assessed`` is
    what the year asks beyond it, None where one account alone is stated: the law looks at all
    accounts of a person. ``whole`` says whether the year is over.
    """

    person: str
    year: int
    whole: bool
    withheld: int
    assessed: Assessed | None


class Assessed(NamedTuple):
    """The assessment of a year in won: gains abroad, interest and dividends above the threshold.

    ``health`` are premiums, None where they are unknown; ``credit`` is the pension credit, which
    comes back. ``total`` is what is paid in all, the credit taken off.
    """

    overseas: int
    comprehensive: int
    health: int | None
    credit: int
    total: int


class Inflation(NamedTuple):
    """Where the rise of prices comes from: a series of the market or a yearly rate.

    ``country`` is ``KR`` or ``US``, None for a rate that somebody gave.
    """

    series: str | None
    country: str | None
    rate: float | None


class DayValue(NamedTuple):
    """All accounts after a session, in won.

    ``paid`` is the value before the span and what was paid in since, less what was taken out;
    ``unit`` is what one unit is worth, 1 before the span.
    """

    day: date
    value: int
    paid: int
    unit: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementFacts:
    """The statement of an account or of a household; ``figures`` and ``windows`` are of all.

    ``rates`` is the series of the exchange rate, None where every account is in won. ``left_out``
    are accounts that have neither a ledger nor a dated file. ``law`` is the year whose rules the
    taxes follow. ``path`` is the course of all accounts over the span.
    """

    name: str
    title: str
    simulated: bool
    source: str
    figures: SpanFigures
    windows: tuple[ReturnWindow, ...]
    accounts: tuple[AccountFacts, ...]
    left_out: tuple[str, ...]
    undated: tuple[str, ...]
    inflation: Inflation | None
    rates: str | None
    taxes: tuple[YearTax, ...]
    law: int
    path: tuple[DayValue, ...]
