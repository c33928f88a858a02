"""What a quarterly letter says beside the statement of the quarter: plain frozen values.

Amounts are won, rates decimal fractions. None is unknown and NaN undefined.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from jeoul.model.calendar import Days, Reals
from jeoul.model.portfolio import Reason
from jeoul.reporting.facts import AssetClass
from jeoul.reporting.statement.facts import StatementFacts
from jeoul.reporting.text import Text


class Compared(NamedTuple):
    """An account beside its benchmark over one span: ``3m``, ``6m``, ``9m``, ``12m`` or ``start``.

    The first four end with the quarter and begin three to twelve months before. Returns are those
    of the span. ``tracking_error`` is a year's, ``error`` its standard error.
    """

    span: str
    start: date
    own: float
    benchmark: float
    tracking_error: float
    error: float


class Scaled(NamedTuple):
    """A session on which an account changed how much of its risk assets it holds, and why."""

    session: date
    before: float
    now: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Managed:
    """An account that rules manage: its profile, its course beside the benchmark, what was cut.

    ``unit`` and ``benchmark`` are 1 at the close before the quarter. Of the sessions of the quarter
    that it ``lived``, no run looked at ``missed``.
    """

    id: str
    profile: str
    strategy: Text
    sessions: Days
    unit: Reals
    benchmark: Reals
    compared: tuple[Compared, ...]
    scaled: tuple[Scaled, ...]
    scale: float
    lived: int
    missed: int


class LetterPart(NamedTuple):
    """A part of the whole, as shares of its value before and at the end of the quarter."""

    key: str
    name: Text
    before: float
    now: float


class LetterHolding(NamedTuple):
    """A security, or all money as ``CASH``, over all accounts at the end of the quarter, in won."""

    code: str
    name: Text
    asset_class: str
    value: int
    share: float


@dataclass(frozen=True, slots=True)
class QuarterCosts:
    """What the quarter cost. Rates are of the mean value and per year.

    What trading cost a year is NaN where an account began in the quarter.

    ``trading`` are fees and spreads in won. ``funds_rate`` is what the funds take inside, by their
    published expense ratios; ``unknown`` is the mean share of the money in funds without one.
    """

    mean_value: int
    trading: int
    trading_rate: float
    funds_rate: float
    unknown: float

    @property
    def total_rate(self) -> float:
        """Return the total expense ratio: what the funds take, and what trading cost, a year."""
        return self.trading_rate + self.funds_rate


@dataclass(frozen=True, slots=True)
class Trades:
    """What was bought and sold in won; ``turnover`` is half of it over the mean value.

    ``turnover_rate`` is the same per year, NaN where an account began in the quarter.
    """

    bought: int
    sold: int
    turnover: float
    turnover_rate: float


class FilledTrade(NamedTuple):
    """One order that was filled, in won, with its reason."""

    session: date
    account: str
    side: str
    code: str
    name: Text
    shares: int
    amount: int
    reason: Reason


class Changed(NamedTuple):
    """A change of an account's rules: the keys with their values before and now.

    ``by`` accepted it, ``promoted`` says whether the ledger has a record of its grounds.
    """

    account: str
    session: date
    keys: tuple[tuple[str, str, str], ...]
    by: str | None
    promoted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterFacts:
    """The letter of a quarter: its statement, and what a fund's report has beside it.

    ``first`` says that some account began in the quarter, so that it was not in it as a whole.
    ``firm`` are the clients' accounts of a firm by id, with profile and strategy: its plans manage
    them, and holdings and allotments are their books.
    """

    quarter: str
    statement: StatementFacts
    managed: tuple[Managed, ...]
    classes: tuple[AssetClass, ...]
    by_class: tuple[LetterPart, ...]
    by_currency: tuple[LetterPart, ...]
    holdings: tuple[LetterHolding, ...]
    costs: QuarterCosts
    trades: Trades
    traded: tuple[FilledTrade, ...]
    changed: tuple[Changed, ...]
    firm: Mapping[str, tuple[str, Text]] = field(default_factory=dict)
