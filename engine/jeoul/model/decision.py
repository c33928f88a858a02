"""What the model proposes, and what an account decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from jeoul.model.explanation import Explanation
from jeoul.model.finding import Finding
from jeoul.model.grade_limit import Graded
from jeoul.model.instrument import AccountKind
from jeoul.model.measurements import Measurements
from jeoul.model.nav import NetAssetValue
from jeoul.model.portfolio import SETTLED, Order, Proceeds, Reason, Weights
from jeoul.model.shown import Drawn, Shown


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class Memory(Shown):
    """What the model remembers after a session: a consequence of history, and only a cache of it.

    Weights are by member of the universe and CASH, because the model follows members through
    substitutes and proxies. ``allocation`` is the last one before the overlay, made on
    ``allocated`` with an expected ``volatility``; ``previous`` the one before it. ``target`` is
    what was last decided, ``held`` what the model holds after the close of ``as_of``; they differ
    by drift and, while ``pending``, by the trade that the next close fills. ``nav`` is the model's
    unit value. ``overlay`` is the overlay's own state as JSON text, ``clock`` the last New York
    session it has seen. ``rules`` identifies the strategy, profile, account kind and universe that
    it belongs to. ``scale`` and ``effects`` are those of the last target. ``turnover`` and ``cost``
    are the sums of all fills after the one on ``first``, the session of the first.
    """

    as_of: date
    rules: str
    clock: date | None
    overlay: str | None
    scale: float
    effects: tuple[str, ...] = ()
    nav: float = 1.0
    pending: bool = False
    allocated: date | None = None
    volatility: float | None = None
    allocation: Weights = field(default_factory=dict)
    previous: Weights = field(default_factory=dict)
    target: Weights = field(default_factory=dict)
    held: Weights = field(default_factory=dict)
    first: date | None = None
    turnover: float = 0.0
    cost: float = 0.0

    def __post_init__(self) -> None:
        # A memory read back from JSON brings a list.
        object.__setattr__(self, "effects", tuple(self.effects))

    def _brief(self) -> Mapping[str, object]:
        return {name: getattr(self, name) for name in ("as_of", "nav", "scale", "pending", "held")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What an order would be sized with: the last close in the currency's smallest unit.

    ``nav`` is the net asset value of the fund, None where the data have none of any fund.
    """

    price: int
    session: date
    nav: NetAssetValue | None = None

    @property
    def premium(self) -> float | None:
        """Return how far the price lies above the net asset value; None where that is unknown."""
        return None if self.nav is None else self.nav.premium(self.price, self.session)

    @property
    def worth(self) -> float | None:
        """Return the net asset value of the session of the price, None where it is unknown."""
        return None if self.nav is None or self.premium is None else self.nav.value

    @property
    def too_dear(self) -> bool:
        """Return whether the price lies further above the net asset value than the limit."""
        return self.nav is not None and self.nav.too_dear(self.price, self.session)


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class Target(Drawn):
    """What the model wants after one session, as far as an account needs it to trade.

    ``weights`` are by ticker with CASH and sum to 1. ``due`` says whether the model itself trades;
    ``reasons`` why, or why not. ``quotes`` prices every instrument of the universe that has a
    current price. ``risk`` are those that a capped account counts as risk assets, up to
    ``risk_cap`` of its value. ``graded`` is the limit of the account's investor with the grades of
    all funds, None without one. ``as_of`` is the last completed session, ``executed`` the one on
    which orders are filled.
    """

    as_of: date
    executed: date
    currency: str
    weights: Weights
    due: bool
    reasons: tuple[Reason, ...]
    quotes: Mapping[str, Quote]
    band: float
    min_trade: int
    risk: frozenset[str]
    risk_cap: float | None
    graded: Graded | None = None


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class Proposal(Target):
    """The model's answer for one strategy, profile and account kind; it knows no customer.

    ``allocation`` are the weights before the overlay, ``weights`` those after it.
    ``volatility`` is the expected one of ``allocation``, a year. ``classes`` knows every instrument
    of the universe. ``findings`` touch this proposal; ``aside`` are about other funds and series
    within its lookback, ``passed_over`` counts those from before it. ``why`` explains the
    allocation fund by fund, with what solved it; ``measured`` are the daily measurements. The
    instants are seconds UTC. ``cash_rate`` is the interest on cash, a year; ``sessions_per_year``
    the number of sessions behind every figure of a year.
    """

    strategy: str
    profile: str
    account: AccountKind
    known_at: int
    decided_at: int
    executed_at: int
    simulated: bool
    allocation: Weights
    volatility: float
    contributions: Mapping[str, float]
    expected_volatility: float
    expected_excess: float
    scale: float
    effects: tuple[str, ...]
    state: str
    latches: Mapping[str, bool]
    findings: tuple[Finding, ...]
    classes: Mapping[str, str]
    memory: Memory
    inputs: str
    aside: tuple[Finding, ...] = ()
    passed_over: int = 0
    why: Explanation = field(default_factory=Explanation)
    measured: Measurements = field(default_factory=Measurements)
    cash_rate: float = 0.0
    sessions_per_year: float = 252.0

    def _brief(self) -> Mapping[str, object]:
        names = ("strategy", "profile", "account", "as_of", "due", "state", "scale", "weights")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class Decision(Drawn):
    """One account's whole-share orders, sells first, and the reasons for them or for holding.

    ``proceeds`` is what was assumed of the money that sales bring. ``findings`` touch this
    decision; ``others`` counts those of the market folder that do not. ``held_back`` is the money,
    in the currency's smallest unit, of purchases that were left out because their funds cost too
    much above their net asset value.
    """

    proposal: Proposal
    orders: tuple[Order, ...]
    reasons: tuple[Reason, ...]
    findings: tuple[Finding, ...]
    cash_after: int
    cost: int
    inputs_id: str
    proceeds: Proceeds = SETTLED
    others: int = 0
    held_back: int = 0

    def _brief(self) -> Mapping[str, object]:
        about = self.proposal
        return {
            "strategy": about.strategy,
            "profile": about.profile,
            "account": about.account,
            "as_of": about.as_of,
            "orders": {f"{order.side} {order.ticker}": order.shares for order in self.orders},
            "cash_after": self.cash_after,
            "cost": self.cost,
        }
