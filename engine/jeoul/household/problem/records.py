"""A household as one program sees it: amounts in won, taxes as curves, and a plan for it.

Nothing here knows a file, a market or a year's law: whoever builds a :class:`Household` has looked
all of that up (:mod:`jeoul.household.gathering.gather`). Amounts are won of today as floats, shares
whole numbers, rates and shares of a whole fractions. The cost that a plan is judged by, and every
rule that it must keep, are written at :mod:`jeoul.household.problem.evaluate`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

CASH = "CASH"


@dataclass(frozen=True, slots=True)
class Curve:
    """A levy as a function of an amount: slopes between bounds, and steps where it jumps.

    The amount between two neighbouring ``bounds`` (the first interval begins at 0, the last has no
    end) costs its slope; there is one slope more than there are bounds, and they never fall, so
    that the curve is convex. An amount above a step's bound costs the step's height once more.

    >>> Curve((2_500_000.0,), (0.0, 0.22)).cost(3_500_000.0)
    220000.0
    >>> Curve(steps=((20_000_000.0, 1_626_840.0),)).cost(20_000_001.0)
    1626840.0
    """

    bounds: tuple[float, ...] = ()
    slopes: tuple[float, ...] = (0.0,)
    steps: tuple[tuple[float, float], ...] = ()

    def cost(self, amount: float) -> float:
        """Return the levy on an amount; 0 for one that is not above 0."""
        if amount <= 0.0:
            return 0.0
        total, below = 0.0, 0.0
        for bound, slope in zip((*self.bounds, float("inf")), self.slopes, strict=True):
            total += (min(amount, bound) - below) * slope
            if amount <= bound:
                break
            below = bound
        return total + sum(height for bound, height in self.steps if amount > bound)

    def slope(self, amount: float) -> float:
        """Return the slope just below an amount, steps left out."""
        return self.slopes[bisect_left(self.bounds, amount)] if amount > 0.0 else 0.0


class Gains(StrEnum):
    """How an account's gains are taxed when something is sold."""

    WITHHELD = "withheld"  # at the sale, and they are financial income of the year
    YEARLY = "yearly"  # netted over the year for the person, filed in May
    SHELTERED = "sheltered"  # not before the account ends or pays out


@dataclass(frozen=True, slots=True, kw_only=True)
class Fund:
    """A fund: its price in won, what it is exposed to, and whether a retirement account caps it.

    ``exposure`` looks through a mixed fund: shares of its value by class, which sum to 1.
    ``risk`` is the part of it in classes that the overlay scales; ``capped`` whether it counts
    towards the cap on risk assets of an IRP.
    """

    code: str
    price: float
    exposure: Mapping[str, float]
    risk: float = 0.0
    capped: bool = False


@dataclass(frozen=True, slots=True)
class Lot:
    """Shares that are sold together, and the gain of one of them that a sale realises, in won.

    In an account whose gains are withheld the gain is the taxable one and never below 0.
    """

    shares: int
    gain: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A fund that an account holds or may hold.

    ``lots`` are in the order in which they are sold and add up to ``shares`` where the account's
    gains are taxed at a sale, and are empty elsewhere. ``buy_cost`` and ``sell_cost`` are shares of
    the value traded: fee, half the spread. ``drag`` is the share of the value that taxes and the
    fund itself cost a year, without what the three curves below levy. ``income`` is the share of
    the value that counts a year as the owner's financial income, ``growth`` the share by which its
    taxed gain grows a year in an account whose gains are settled by the year or at its end.
    """

    account: str
    fund: str
    shares: int = 0
    buyable: bool = True
    sellable: bool = True
    lots: tuple[Lot, ...] = ()
    buy_cost: float = 0.0
    sell_cost: float = 0.0
    drag: float = 0.0
    income: float = 0.0
    growth: float = 0.0

    @property
    def key(self) -> tuple[str, str]:
        """Return the account and the fund."""
        return self.account, self.fund


@dataclass(frozen=True, slots=True, kw_only=True)
class EndTax:
    """The tax of an account when it ends: ``curve`` of all its taxed gain, ``years`` from now.

    ``accrued`` is the taxed gain so far; each position's ``growth`` adds to it every year.
    """

    curve: Curve
    accrued: float
    years: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account: its money, what may be paid in and taken out, and how its gains are taxed.

    ``cash`` has settled; ``due`` is on its way and buys nothing today. ``reuse`` says that buys may
    spend today's proceeds. ``buffer`` stays in cash. ``room`` is the most that may be paid in,
    ``withdrawable`` the most that may be taken out. ``lock_years`` are the years until what is paid
    in can be drawn, 0 where it can be at any time. ``order_fee`` is what an order costs beside its
    share of the value, ``exchange`` the share of a deposit or withdrawal that changing money costs,
    ``collar`` how far above the price a buy may be filled, so that it has to be payable there.
    ``risk_cap`` is the most of the account that capped funds may be after a purchase.
    ``sale_rate`` is the tax rate of a gain: withheld from the proceeds, or with ``Gains.YEARLY``
    the one of later years, by which a gain that stays is valued.
    """

    id: str
    owner: str
    kind: str
    gains: Gains
    cash: float = 0.0
    due: float = 0.0
    reuse: bool = True
    buffer: float = 0.0
    room: float = 0.0
    withdrawable: float = 0.0
    lock_years: float = 0.0
    order_fee: float = 0.0
    exchange: float = 0.0
    collar: float = 0.0
    risk_cap: float | None = None
    sale_rate: float = 0.0
    settlement: EndTax | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """The tax credit of this year's further pension payments.

    A won of credited payments saves ``rate``. Payments into pension savings count up to
    ``savings``, those into all pension accounts together up to ``together``, which is never more
    than the tax of the year can still reward. ``reachable`` is the most of it that the money at
    hand could use; what is missed is counted from there.
    """

    rate: float
    savings: float
    together: float
    reachable: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdMember:
    """A person of the household: the levies of a year over all accounts.

    ``financial`` is the financial income of this year so far and ``income_levy`` what it costs
    beyond the tax withheld: comprehensive tax, health insurance. ``later_financial`` is that of a
    later year beside the accounts, ``later_levy`` its curve. ``realised`` are this year's net gains
    so far in accounts whose gains are settled by the year, ``gains_levy`` the curve of that year
    and of later ones. ``pension_room`` is what all pension accounts together may still take.
    """

    id: str
    financial: float = 0.0
    income_levy: Curve = field(default_factory=Curve)
    later_financial: float = 0.0
    later_levy: Curve = field(default_factory=Curve)
    realised: float = 0.0
    gains_levy: Curve = field(default_factory=Curve)
    pension_room: float = 0.0
    credit: Credit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyPool:
    """New money and the accounts that it may be paid into; what is not paid in stays at a bank."""

    id: str
    amount: float
    accounts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Money that has to be there: the reserve, or a goal, in won of today.

    ``accounts`` are those that may serve it; money of ``pools`` that stays at the bank serves it
    too. A goal of ``A`` won is worth ``A`` less its planned flows, over the multiple that the
    cautious path makes of a won until its date.
    """

    id: str
    amount: float
    accounts: tuple[str, ...]
    pools: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """A target: weights by class with CASH, which sum to 1, and the accounts and pools it is for.

    ``factors`` are loadings of the classes of the household, CASH left out: the volatility of a
    deviation is the length of its loadings. ``risk_most`` is the largest share that risk assets
    may be, None while the overlay has not cut. ``withdrawal`` is what has to be taken out of the
    aim's accounts, in won.
    """

    id: str
    accounts: tuple[str, ...]
    pools: tuple[str, ...]
    weights: Mapping[str, float]
    factors: tuple[tuple[float, ...], ...] = ()
    risk_most: float | None = None
    withdrawal: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The prices of what a plan weighs, and its limits.

    ``drift_price`` is a year's cost of one unit of drift, ``risk_aversion`` that of the variance of
    what deviates, ``horizon`` the years over which a yearly drag is counted, ``realise`` the part
    of a later tax that a gain carries, ``lock_price`` a year's cost of a locked won,
    ``shortfall_price`` that of a won that a need lacks, ``trade_price`` that of an order, in won.
    ``min_trade`` is the smallest order in won; selling out may be smaller. ``min_gain`` is what a
    plan must save before anything trades. ``lock_most`` bounds what is paid into accounts that
    lock, None without a bound.
    """

    drift_price: float = 0.02
    risk_aversion: float = 6.0
    horizon: float = 3.0
    realise: float = 0.5
    lock_price: float = 0.004
    shortfall_price: float = 0.30
    trade_price: float = 3_000.0
    max_trades: int | None = 12
    min_trade: float = 100_000.0
    min_gain: float = 5_000.0
    lock_most: float | None = None


LONGEST_LOCK = 25.0
"""Years beyond which a longer lock costs nothing more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Household:
    """All that one plan depends on. An account belongs to one aim, and to one pool at most."""

    classes: tuple[str, ...]
    funds: tuple[Fund, ...]
    accounts: tuple[Account, ...]
    positions: tuple[Position, ...]
    members: tuple[HouseholdMember, ...]
    aims: tuple[Aim, ...]
    pools: tuple[MoneyPool, ...] = ()
    needs: tuple[Need, ...] = ()
    policy: Policy = field(default_factory=Policy)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """What is done: shares by account and fund, bought above 0 and sold below; money in and out.

    >>> Moves(trades={("isa", "069500"): 3}, deposits={"isa": 200_000}).count
    1
    """

    trades: Mapping[tuple[str, str], int] = field(default_factory=dict)
    deposits: Mapping[str, float] = field(default_factory=dict)
    withdrawals: Mapping[str, float] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """Return how many orders there are."""
        return sum(1 for shares in self.trades.values() if shares)


NOTHING = Moves()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanCost:
    """What a plan costs, in won, by cause.

    ``tax_now`` is the tax that the moves cause this year, ``tax_later`` the part of a later tax
    that counts for gains that stay, ``drag`` that of yearly taxes and fund costs over the horizon,
    ``locked`` the price of deposits that lock, ``needs`` that of needs which are not covered.
    """

    tracking: float = 0.0
    tax_now: float = 0.0
    tax_later: float = 0.0
    drag: float = 0.0
    fees: float = 0.0
    credit_missed: float = 0.0
    locked: float = 0.0
    needs: float = 0.0
    trades: float = 0.0

    @property
    def total(self) -> float:
        """Return the sum, which a plan minimises."""
        return (
            self.tracking
            + self.tax_now
            + self.tax_later
            + self.drag
            + self.fees
            + self.credit_missed
            + self.locked
            + self.needs
            + self.trades
        )


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that moves break: its name, where, and by how much (won or shares)."""

    rule: str
    where: str
    by: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What moves cost and which rules they break: none, if they are a plan."""

    cost: PlanCost
    violations: tuple[Violation, ...]


class PlanStatus(StrEnum):
    """How far a plan is known to be from the best one."""

    PROVEN = "proven"  # no other plan is better by more than a won
    WITHIN_GAP = "within_gap"  # none is better by more than the gap that was asked for
    UNPROVEN = "unproven"  # the bound is what the relaxation gives, or time ran out
    NO_TRADE = "no_trade"  # proven that nothing saves min_gain
    INFEASIBLE = "infeasible"  # the rules cannot hold together


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdPlan:
    """Moves with their cost, and the proof of how good they are.

    ``nothing`` is the cost of doing nothing, ``bound`` one below which no plan of this household
    can come, ``seconds`` how long it took where somebody measured, else 0.
    """

    moves: Moves
    cost: PlanCost
    nothing: PlanCost
    bound: float
    status: PlanStatus
    seconds: float = 0.0

    @property
    def gap(self) -> float | None:
        """Return (total - bound) / total, None at a total of 0."""
        total = self.cost.total
        return max(0.0, total - self.bound) / total if total > 0.0 else None
