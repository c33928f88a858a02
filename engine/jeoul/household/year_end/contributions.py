"""What may still be paid into accounts this year, what it is worth, and until when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from jeoul.household.problem.after import CREDITED
from jeoul.household.problem.differences import difference
from jeoul.household.problem.evaluate import evaluate
from jeoul.household.problem.records import (
    Account,
    Credit,
    Household,
    HouseholdMember,
    HouseholdPlan,
    Moves,
)
from jeoul.household.problem.undo import undo


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """A payment of this year.

    ``kind`` is ``planned`` (part of the plan; ``value`` is what the plan costs more without it and
    without what it buys) or ``credit`` (beyond the plan; ``value`` is the pension credit that it
    earns). ``lapses`` says whether the right to it ends on the day ``by``: room that is not used
    in an ISA may be used later, a credit may not.
    """

    kind: str
    account: str
    amount: float
    value: float
    by: date
    lapses: bool


def contributions(
    household: Household, plan: HouseholdPlan, *, year: int
) -> tuple[Contribution, ...]:
    """Return what a plan pays in, and what pension payments beyond it would still be credited."""
    by = date(year, 12, 31)
    planned = tuple(_planned(household, plan, by))
    return (
        *planned,
        *(found for member in household.members for found in _credits(household, plan, member, by)),
    )


def _planned(household: Household, plan: HouseholdPlan, by: date) -> Iterator[Contribution]:
    for account in household.accounts:
        amount = plan.moves.deposits.get(account.id, 0.0)
        if amount <= 0.0:
            continue
        left = undo(household, plan.moves, deposits=(account.id,))
        if left.forbidden is not None:
            continue
        saves = difference(evaluate(household, left.moves).cost, plan.cost)
        yield Contribution(
            kind="planned",
            account=account.id,
            amount=amount,
            value=saves.total,
            by=by,
            lapses=saves.credit_missed > 0.0,
        )


def _credits(
    household: Household, plan: HouseholdPlan, member: HouseholdMember, by: date
) -> Iterator[Contribution]:
    """Yield the payments that fill a credit: pension savings up to their limit, then the others."""
    credit = member.credit
    if credit is None or credit.rate <= 0.0:
        return
    own = [a for a in household.accounts if a.owner == member.id and a.kind in CREDITED]
    paid = {each.id: plan.moves.deposits.get(each.id, 0.0) for each in own}
    left = min(
        credit.together - _counted(own, plan.moves, credit),
        member.pension_room - sum(paid.values()),
    )
    savings = credit.savings - sum(paid[a.id] for a in own if a.kind == CREDITED[0])
    for account in sorted(own, key=lambda each: CREDITED.index(each.kind)):
        most = min(left, account.room - paid[account.id])
        if account.kind == CREDITED[0]:
            most = min(most, savings)
            savings -= max(0.0, most)
        if most >= 1.0:
            left -= most
            yield Contribution(
                kind="credit",
                account=account.id,
                amount=float(int(most)),
                value=credit.rate * int(most),
                by=by,
                lapses=True,
            )


def _counted(own: list[Account], moves: Moves, credit: Credit) -> float:
    first = sum(moves.deposits.get(a.id, 0.0) for a in own if a.kind == CREDITED[0])
    others = sum(moves.deposits.get(a.id, 0.0) for a in own if a.kind != CREDITED[0])
    return min(credit.together, min(credit.savings, first) + others)
