"""What the answer to a household is made from: plain frozen values, in neither language.

Terminal, page and JSON say the same facts. Amounts of the household are won; ``price``, ``fee``,
``tax`` and cash of an account are in the smallest unit of its currency. All are whole numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from jeoul.household.problem.records import PlanStatus
from jeoul.model.finding import Finding
from jeoul.model.portfolio import Reason, Side
from jeoul.reporting.facts import AssetClass
from jeoul.reporting.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdOrder:
    """An order: ``fee`` is what the broker takes, ``tax`` what is withheld at the sale.

    ``most`` says that the tax is the largest possible, because what the shares cost or their
    taxable base price is not known; ``least`` is then the smallest possible.
    """

    side: Side
    code: str
    name: Text
    shares: int
    price: int
    fee: int
    tax: int
    value_won: int
    fee_won: int
    tax_won: int
    reasons: tuple[Reason, ...] = ()
    least: int | None = None

    @property
    def value(self) -> int:
        """Return what is traded, in the smallest unit of the account's currency."""
        return self.shares * self.price


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldingFacts:
    """A fund, or ``CASH``, in an account: won before and after the plan."""

    code: str
    name: Text
    asset_class: str
    before: int
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdAccountFacts:
    """An account: what is paid in and taken out in won, its orders, and what it holds.

    ``lock_years`` are the years until what is paid in can be drawn, 0 where it always can.
    ``reuse`` says whether buys may spend what is sold on the same day. ``outside`` are holdings
    that no target counts, in shares, and foreign money as text.
    """

    id: str
    kind: str
    owner: str
    title: Text
    currency: str
    deposit: int
    withdrawal: int
    cash_before: int
    cash_after: int
    holdings: tuple[HoldingFacts, ...]
    orders: tuple[HouseholdOrder, ...] = ()
    lock_years: float = 0.0
    reuse: bool = True
    outside: Mapping[str, int | str] = field(default_factory=dict)

    @property
    def named(self) -> bool:
        """Return whether a person gave it a name of its own; the first of a kind has none."""
        return self.id != self.kind

    @property
    def before(self) -> int:
        """Return what the account is worth before the plan, in won."""
        return sum(each.before for each in self.holdings)

    @property
    def after(self) -> int:
        """Return what it is worth after the plan."""
        return sum(each.after for each in self.holdings)

    @property
    def sells(self) -> bool:
        """Return whether it sells anything."""
        return any(order.side is Side.SELL for order in self.orders)

    @property
    def is_unsure(self) -> bool:
        """Return whether the tax of one of its sales depends on something unknown."""
        return any(order.least not in (None, order.tax) for order in self.orders)

    @property
    def fees(self) -> int:
        """Return what its broker takes for all orders, in its smallest unit."""
        return sum(order.fee for order in self.orders)

    @property
    def taxes(self) -> int:
        """Return the tax withheld at its sales, in its smallest unit."""
        return sum(order.tax for order in self.orders)


class Exposure(NamedTuple):
    """Shares of the household's money in an asset class, looked through."""

    target: float
    before: float
    after: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanYearTax:
    """What this plan adds to a person's taxes of the year, paid on a later day.

    ``kind`` is overseas, income or health, or credit, the pension credit; what comes back, or is
    saved, is below 0.
    """

    person: str
    kind: str
    amount: int
    due: date


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedFacts:
    """A goal or the reserve: won that it takes today, what serves it after the plan, by when.

    Of a goal ``asked`` is the amount of its day, and ``planned`` the part of it that scheduled
    deposits are expected to bring on the cautious path. ``detail`` says how the amount was
    computed.
    """

    id: str
    title: Text
    amount: int
    covered: int
    asked: int | None = None
    by: date | None = None
    planned: int = 0
    detail: Text | None = None

    @property
    def lacking(self) -> int:
        """Return what it still lacks."""
        return max(0, self.amount - self.covered)


@dataclass(frozen=True, slots=True, kw_only=True)
class RulePriceFacts:
    """What a rule costs: how many won less the plan would cost without it.

    ``won`` is the difference of two plans that were found, the price of the rule is proven to lie
    between ``least`` and ``most``.
    """

    rule: Text
    won: int
    least: int
    most: int


class PossibleMove(NamedTuple):
    """Shares of a fund that could be bought or sold in an account."""

    account: str
    side: Side
    code: str
    name: Text
    shares: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """Orders that were weighed and left out: won that they would save, below 0 if they cost."""

    moves: tuple[PossibleMove, ...]
    saves: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleConflict:
    """Rules that cannot hold together, and the least that would have to give way."""

    rules: tuple[Text, ...]
    relaxations: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontierPoint:
    """The best plan with so many trades: drift as a share of the household, cost and bound."""

    trades: int
    drift: float
    cost: int
    bound: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """What it would cost more to use one account alone, and how much it takes or gives then.

    ``more`` is None where the account alone cannot do it.
    """

    account: str
    moved: int
    more: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FurtherAnswers:
    """Answers to the questions that were asked beside the plan.

    Empty or None where a question was not asked; ``cure`` is None where no deposit brings drift to
    ``cure_drift``, or, with ``cure_in_time`` false, where the search stopped before it found one.
    """

    frontier: tuple[FrontierPoint, ...] = ()
    elsewhere: tuple[Elsewhere, ...] = ()
    cure: int | None = None
    cure_drift: float | None = None
    cure_in_time: bool = True
    year_end: tuple[Text, ...] | None = None
    years: tuple[Text, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdFacts:
    """The plan of one household on one day, with all that its reader is shown.

    ``drift`` is what would have to change hands, as a share of the money, before and after.
    ``cost`` and ``nothing`` are won by cause, of the plan and of doing nothing. ``kept`` is what of
    the new money stays at the bank. ``drift_point`` is a year's price of one percentage point of
    drift. ``prices`` of rules are None where nobody asked for them. ``waiting`` are trades that a
    cap on their number has left for later, ``waiting_worth`` is what they are worth.
    """

    name: str
    title: str
    as_of: date
    simulated: bool
    strategy: str
    inputs_id: str
    status: PlanStatus
    classes: tuple[AssetClass, ...]
    accounts: tuple[HouseholdAccountFacts, ...]
    exposure: Mapping[str, Exposure]
    drift: tuple[float, float]
    cost: Mapping[str, int]
    nothing: Mapping[str, int]
    bound: int
    min_gain: int
    drift_point: int
    horizon: float
    kept: int = 0
    new_money: int = 0
    taxes: tuple[PlanYearTax, ...] = ()
    needs: tuple[NeedFacts, ...] = ()
    prices: tuple[RulePriceFacts, ...] | None = None
    candidates: tuple[Weighed, ...] = ()
    conflict: RuleConflict | None = None
    answers: FurtherAnswers = field(default_factory=FurtherAnswers)
    reasons: tuple[Reason, ...] = ()
    assumptions: tuple[Text, ...] = ()
    notes: tuple[Text, ...] = ()
    findings: tuple[Finding, ...] = ()
    waiting: int = 0
    waiting_worth: int = 0

    @property
    def is_planned(self) -> bool:
        """Return whether there is a plan; else only the rules that conflict say anything."""
        return self.status is not PlanStatus.INFEASIBLE

    @property
    def value(self) -> int:
        """Return what all accounts are worth before the plan, in won."""
        return sum(account.before for account in self.accounts)

    @property
    def value_after(self) -> int:
        """Return what all accounts are worth after it."""
        return sum(account.after for account in self.accounts)

    @property
    def moving(self) -> list[HouseholdAccountFacts]:
        """Return the accounts in which something is done: those that sell first."""
        moved = (a for a in self.accounts if a.orders or a.deposit or a.withdrawal)
        return sorted(moved, key=lambda account: not account.sells)

    @property
    def exposures(self) -> list[tuple[AssetClass, Exposure]]:
        """Return the exposure to each class that is held or wanted, in display order."""
        found = [(item, self.exposure.get(item.key)) for item in self.classes]
        return [(item, share) for item, share in found if share is not None and any(share)]

    @property
    def fees(self) -> int:
        """Return the fees of all orders in won."""
        return sum(order.fee_won for account in self.accounts for order in account.orders)

    @property
    def withheld(self) -> int:
        """Return the tax withheld at all sales in won."""
        return sum(order.tax_won for account in self.accounts for order in account.orders)

    @property
    def withdrawn(self) -> int:
        """Return what is taken out of all accounts, in won."""
        return sum(account.withdrawal for account in self.accounts)

    @property
    def settling(self) -> int:
        """Return the won that sales bring and buys may not spend before they have settled."""
        return sum(
            order.value_won
            for account in self.accounts
            for order in account.orders
            if order.side is Side.SELL and not account.reuse
        )

    @property
    def total(self) -> int:
        """Return what the plan costs."""
        return sum(self.cost.values())

    @property
    def total_nothing(self) -> int:
        """Return what doing nothing costs."""
        return sum(self.nothing.values())

    @property
    def saved(self) -> int:
        """Return what the plan saves against doing nothing."""
        return self.total_nothing - self.total

    @property
    def gap(self) -> float | None:
        """Return (total - bound) / total: how far the plan can be from the best one at most."""
        known = self.is_planned and self.total > 0
        return max(0, self.total - self.bound) / self.total if known else None
