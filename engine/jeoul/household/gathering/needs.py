"""Money that has to be there: the reserve, what stays liquid, and goals in won of today."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from jeoul.account.terms import dated
from jeoul.household.problem.records import Need
from jeoul.household.written.file import Flow, Goal, HouseholdFile
from jeoul.model.years import DAYS_A_YEAR

_Z10 = 1.2815515655446004  # one outcome of ten lies below a normal mean less this many deviations


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyOutlook:
    """What money of a profile may come to: mean and volatility of a year, both after cost."""

    mean: float
    volatility: float

    def multiple(self, years: float) -> float:
        """Return what a won is worth after some years in nine of ten outcomes, or more.

        exp((log(1 + mean) - volatility^2 / 2) T - 1.2816 volatility sqrt(T)): the tenth percentile
        of a lognormal.

        >>> round(MoneyOutlook(mean=0.04, volatility=0.08).multiple(7.0), 4)
        0.9811
        """
        if years <= 0.0:
            return 1.0
        drift = math.log1p(self.mean) - self.volatility**2 / 2.0
        return math.exp(drift * years - _Z10 * self.volatility * math.sqrt(years))


def cautious_path(
    *, expected: float, equilibrium: float, volatility: float, deposit_rate: float | None = None
) -> MoneyOutlook:
    """Return the path that goals are measured on.

    Its mean is the expected one, capped by that of the equilibrium and never above the rate of a
    deposit that the person typed in: what a bank would promise is not beaten by hope.

    >>> cautious_path(expected=0.06, equilibrium=0.05, volatility=0.1, deposit_rate=0.03).mean
    0.03
    """
    caps = (expected, equilibrium, *(() if deposit_rate is None else (deposit_rate,)))
    return MoneyOutlook(mean=min(caps), volatility=volatility)


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalPlan:
    """How a goal is met: ``saved`` won of planned flows, and ``need`` won of today for the rest.

    ``multiple`` is what a won of today is worth on the goal's day, ``flow_multiple`` a won that
    comes half-way there.
    """

    id: str
    amount: int
    by: date
    years: float
    multiple: float
    flow_multiple: float
    saved: float
    need: float


def plan_goals(
    goals: Mapping[str, Goal], flows: Sequence[Flow], path: MoneyOutlook, on: date
) -> tuple[GoalPlan, ...]:
    """Return how much of today's money each goal needs, those with a priority first, then by date.

    Flows after ``on`` serve the first goal until it is met, then the next: a won is counted once.
    What is taken out on schedule is not there for any. A goal whose day has come needs its amount.
    """
    ordered = sorted(
        goals.items(),
        key=lambda item: (item[1].priority is None, item[1].priority or 0, item[1].by, item[0]),
    )
    found, used = [], 0.0
    for name, goal in ordered:
        years = max(0.0, (goal.by - on).days / DAYS_A_YEAR)
        multiple, later = path.multiple(years), path.multiple(years / 2.0)
        saved = max(0.0, flows_until(flows, on, goal.by) - used)
        saved = min(saved, goal.amount / later)
        used += saved
        found.append(
            GoalPlan(
                id=name,
                amount=goal.amount,
                by=goal.by,
                years=years,
                multiple=multiple,
                flow_multiple=later,
                saved=saved,
                need=max(0.0, goal.amount - saved * later) / multiple,
            )
        )
    return tuple(found)


def flows_until(flows: Sequence[Flow], on: date, until: date) -> float:
    """Return what flows bring after a day and up to another, less what they take out."""
    if until <= on:
        return 0.0
    days = (date.fromordinal(day) for day in range(on.toordinal() + 1, until.toordinal() + 1))
    along = list(days)
    return float(sum(dated(flows, along).values()))


def needs_of(
    file: HouseholdFile, goals: Sequence[GoalPlan], *, open_accounts: Sequence[str], pools: Pools
) -> tuple[Need, ...]:
    """Return the needs of a household: reserve, what stays liquid, goals.

    ``open_accounts`` are those without a lock: what they hold can be had in five sessions, and so
    can money of pools that stays at the bank. A goal is served by the accounts that it names and by
    the pools of their owners.
    """
    return tuple(_needs(file, goals, open_accounts, pools))


Pools = Mapping[str, str]
"""The person by pool whose new money it is."""


def _needs(
    file: HouseholdFile, goals: Sequence[GoalPlan], open_accounts: Sequence[str], pools: Pools
) -> Iterator[Need]:
    for name, amount in (
        ("reserve", file.policy.within_reach or 0),
        ("keep_liquid", file.policy.keep_liquid),
    ):
        if amount:
            yield Need(
                id=name, amount=float(amount), accounts=tuple(open_accounts), pools=tuple(pools)
            )
    for goal in goals:
        accounts = file.goals[goal.id].accounts
        owners = {file.accounts[name].owner for name in accounts}
        own = tuple(pool for pool, person in pools.items() if person in owners)
        if goal.need > 0.0:
            yield Need(id=goal.id, amount=goal.need, accounts=accounts, pools=own)
