"""What a report is made from: plain frozen values, already computed.

The report computes nothing that a decision rests on; it sums classes, draws and words. There are
three ways of not having a figure, printed differently: ``None`` is unknown, NaN is undefined
(a Sharpe ratio without volatility), an empty tuple says that there is nothing (no orders today).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple

from jeoul.allocate import Proof
from jeoul.model.calendar import Days, Reals
from jeoul.model.explanation import Explanation
from jeoul.model.finding import Finding
from jeoul.model.measurements import Measurements
from jeoul.model.portfolio import Reason, Side
from jeoul.model.shown import Brief
from jeoul.reporting.account_facts import AccountChange, HeldAccount, TermsFacts
from jeoul.reporting.text import Text

if TYPE_CHECKING:
    from jeoul.backtesting.beside import Beside
    from jeoul.backtesting.past.record import Past

TOPICS = ("volatility", "equity", "rates", "inflation", "fx", "credit", "oil")


class Range(NamedTuple):
    """Two ends of an interval, decimal fractions."""

    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionFacts:
    """One instrument, or ``CASH``, in a profile's portfolio.

    ``allocation`` is the weight before the overlay, ``weight`` the one after it, ``held`` the one
    of the account before today's orders; ``risk_contribution`` the share of the portfolio's
    variance that comes from it, after the overlay (they sum to 1; negative if it offsets others).
    """

    code: str
    name: Text
    asset_class: str
    allocation: float
    weight: float
    risk_contribution: float | None = None
    held: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetClass:
    """One asset class in display order, its name, and whether the overlay may shrink it.

    ``key`` is what :attr:`Position.asset_class` says. Cash itself is a class of its own: ``cash``.
    """

    key: str
    name: Text
    risk: bool


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class Latch(Brief):
    """One rule of the overlay: its newest reading beside the levels that switch it.

    ``reading`` of ``day`` switches the latch on once it has been beyond ``enter`` for
    ``enter_closes`` closes in a row, and off once beyond ``exit`` for ``exit_closes``. ``rising``
    says which way beyond is: upwards (VIX) or downwards (trend, loss). ``unit`` is ``points``
    (18.4), ``figure`` (two decimals) or ``percent`` (a decimal fraction). ``since`` is the session
    of the last switch. ``scale`` is how much of the risk classes is kept while it is on. With
    ``beyond`` a reading at ``enter`` itself does not switch it on. ``note`` says where the levels
    come from, if they do not stand in the strategy as they are.
    """

    name: Text
    reading: float | None
    enter: float | None
    exit: float | None
    on: bool
    since: date | None = None
    day: date | None = None
    unit: str = "points"
    rising: bool = True
    enter_closes: int = 1
    exit_closes: int = 1
    scale: float | None = None
    beyond: bool = False
    note: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """A stretch of the history in which the overlay held less than all of the risk classes.

    ``end`` is the first session back in full, None while it lasts; ``scale`` the smallest share of
    the risk classes that was kept.
    """

    start: date
    end: date | None
    scale: float
    name: Text


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class Transition(Brief):
    """One change of the risk control: when it was seen, known and traded, and why.

    ``executed`` is None while the trade is still to come; ``scale`` is the one after it.
    """

    session: date
    known: datetime
    executed: date | None
    cause: Reason
    scale: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Stance:
    """One latch of the market stance: what it looks at, and what it does to the decision.

    ``effect`` is what it does while it is on, ``today`` what it does now. ``acts`` says whether a
    weight can follow from it, ``active`` whether it is switched on at all.
    """

    key: str
    topic: str
    latch: Latch
    effect: Text
    today: Text
    acts: bool
    active: bool = True
    evidence: Text | None = None


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class Overlay(Brief):
    """The state of the overlay today, its latches and what it did over the history.

    ``state`` is the engine's own word (``NORMAL``), ``name`` the same for a reader, ``calm`` says
    whether every risk class is held in full. ``insurance`` says what the two
    insurances gave up and saved in the past, where the strategy is a shipped one.
    """

    state: str
    name: Text
    calm: bool
    scale: float
    since: date | None = None
    reasons: tuple[Reason, ...] = ()
    latches: tuple[Latch, ...] = ()
    episodes: tuple[Episode, ...] = ()
    transitions: tuple[Transition, ...] = ()
    insurance: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawdownFacts:
    """One fall from a peak: ``depth`` is negative; ``recovery`` is None while it lasts."""

    start: date
    trough: date
    recovery: date | None
    depth: float


@dataclass(frozen=True, slots=True, repr=False, kw_only=True, eq=False)
class Track(Brief):
    """One way of having been invested: its unit value over the history, and what that comes to.

    ``key`` is ``strategy`` for the strategy itself, ``account`` for the account that could be had
    beside it, otherwise free (``static``, ``sixty_forty``, ``cash``). ``nav`` has one value per
    session and starts anywhere above 0, that of an account where the strategy is then; all after
    costs.
    ``cagr``, ``volatility``, ``turnover`` and ``cost`` are per year, decimal fractions, NaN where
    the span is shorter than a year;
    ``max_drawdown`` is negative. ``cagr_range`` is the 90 % interval of ``cagr``; ``year_range``
    the worst and the best return over any twelve months. ``proxy_share`` is the share of the
    invested weight, averaged over the sessions, whose return came from a proxy. ``drawdowns`` are
    the deepest, deepest first.
    """

    key: str
    name: Text
    sessions: Days
    nav: Reals
    cagr: float | None = None
    cagr_range: Range | None = None
    year_range: Range | None = None
    volatility: float | None = None
    max_drawdown: float | None = None
    sharpe: float | None = None
    turnover: float | None = None
    cost: float | None = None
    proxy_share: float | None = None
    drawdowns: tuple[DrawdownFacts, ...] = ()

    @property
    def total_return(self) -> float:
        """Return the growth over the whole span."""
        return float(self.nav[-1] / self.nav[0] - 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFacts:
    """One whole-share order: price and fee in smallest units, why it is placed.

    ``limit`` is the worst price at which it may be filled, None for an order without one.
    """

    side: Side
    code: str
    name: Text
    shares: int
    price: int
    reason: Reason
    cost: int | None = None
    limit: int | None = None

    @property
    def value(self) -> int:
        """Return what the shares come to, before costs."""
        return self.shares * self.price


@dataclass(frozen=True, slots=True, repr=False, kw_only=True, eq=False)
class FrontierFacts(Brief):
    """The efficient frontier of a profile, and the allocation and strategic split beside it.

    ``volatility`` and ``mean`` (above cash) are annual fractions, from the least variance to the
    highest mean; ``allocation`` and ``strategic`` are a volatility and a mean. ``others`` are the
    allocations of the other profiles by name, judged like this one.
    """

    volatility: Reals
    mean: Reals
    allocation: tuple[float, float]
    strategic: tuple[float, float]
    others: tuple[tuple[Text, tuple[float, float]], ...] = ()


@dataclass(frozen=True, slots=True, repr=False, kw_only=True, eq=False)
class ProfileFacts(Brief):
    """Everything the report says about one profile.

    ``reasons`` say why there is a trade today, or why not. ``tracks[0]`` is the strategy, the
    others what it is measured against. ``expected_volatility`` is of the weights after the overlay,
    ``allocation_volatility`` before it, ``realised_volatility`` of the strategy over the last
    ``realised_sessions`` sessions; all per year. ``volatility_limit`` and ``loss_limit`` are the
    profile's own. ``risk_share`` is the weight of the risk classes after the overlay;
    ``efficiency`` the expected return above cash per unit of expected volatility.
    ``expense_ratio`` is the weighted total expense ratio of the funds, a year. ``idle_cash`` is
    what today's orders leave, in smallest units. ``moved`` is by what share of the money the target
    rule of 0.1.0 would allocate differently, None where it plays no part. ``why`` explains the
    allocation fund by fund; ``frontier`` is None where no program was solved, ``proof``
    where none was asked for. ``change`` is what the orders change in the account, None for one
    without any value. ``beside`` compares the strategy with the account that could be had, None
    where there was none; ``past`` is the strategy's by year, month and span.
    """

    profile: str
    name: Text
    positions: tuple[PositionFacts, ...]
    overlay: Overlay
    tracks: tuple[Track, ...]
    orders: tuple[OrderFacts, ...]
    reasons: tuple[Reason, ...]
    expected_volatility: float | None = None
    allocation_volatility: float | None = None
    realised_volatility: float | None = None
    realised_sessions: int | None = None
    volatility_limit: float | None = None
    loss_limit: float | None = None
    risk_share: float | None = None
    efficiency: float | None = None
    expense_ratio: float | None = None
    idle_cash: int | None = None
    moved: float | None = None
    why: Explanation = field(default_factory=Explanation)
    frontier: FrontierFacts | None = None
    proof: Proof | None = None
    change: AccountChange | None = None
    beside: Beside | None = None
    past: Past | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketVolatility:
    """One reading of how much a market moves: VIX in points, or a realised volatility.

    ``unit`` is ``points`` or ``percent`` (a decimal fraction a year).
    """

    name: Text
    value: float | None
    day: date | None = None
    unit: str = "points"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFacts:
    """One source of market data: what it is, which span of it was used."""

    name: Text
    start: date | None = None
    end: date | None = None
    note: Text | None = None


@dataclass(frozen=True, slots=True, repr=False, kw_only=True, eq=False)
class ReportFacts(Brief):
    """One run: what was decided for which profiles, and what it rests on.

    ``amount`` is in whole units of ``currency``; prices, costs and idle cash in its smallest units
    (won, cents). The three instants are tz-aware; they print in ``timezone``.
    ``classes`` are in display order and cover every position. ``held`` is the account that the
    orders are for; without it they are for new money, ``amount`` in each profile. ``notes`` say
    whose answers are behind the profile; ``measured`` has the line of the market and the figures
    beside it. ``terms`` are the limits and taxes of the account, or of each one of a household.
    """

    as_of: date
    known_at: datetime
    decided_at: datetime
    executed_at: datetime
    timezone: str
    simulated: bool
    strategy: str
    title: Text
    account: str
    amount: int
    classes: tuple[AssetClass, ...]
    profiles: tuple[ProfileFacts, ...]
    inputs_id: str
    market_volatility: tuple[MarketVolatility, ...] = ()
    measured: Measurements = field(default_factory=Measurements)
    stance: tuple[Stance, ...] = ()
    sources: tuple[SourceFacts, ...] = ()
    findings: tuple[Finding, ...] = ()
    other_findings: int = 0
    versions: tuple[tuple[str, str], ...] = ()
    currency: str = "KRW"
    held: HeldAccount | None = None
    notes: tuple[Text, ...] = ()
    terms: tuple[TermsFacts, ...] = ()
