"""A household once moves are made, at the same prices."""

from __future__ import annotations

from dataclasses import replace

from jeoul.household.problem.after import CREDITED, After, left_over, withheld_of
from jeoul.household.problem.lately import Traded, not_traded_back
from jeoul.household.problem.records import (
    Account,
    Aim,
    Credit,
    Gains,
    Household,
    HouseholdMember,
    Lot,
    Moves,
    Position,
)


def tomorrow(household: Household, moves: Moves) -> Household:
    """Return a household after its moves: the same prices, and nothing else has happened.

    What was bought carries no gain and is sold after what was there before; no order is undone
    (:func:`~jeoul.household.problem.lately.not_traded_back`). Proceeds that today's purchases could
    not spend are still on their way, as is what was on its way before. Money that was paid in has
    used up its pool, its rooms and its credit; gains that were realised count towards the year. A
    cut of risk that the moves carried out binds no more.
    """
    after = After(household, moves)
    left = left_over(household, moves.deposits)
    found = replace(
        household,
        positions=tuple(_position(after, each) for each in household.positions),
        accounts=tuple(_account(after, each) for each in household.accounts),
        members=tuple(_member(after, each) for each in household.members),
        pools=tuple(replace(each, amount=max(0.0, left[each.id])) for each in household.pools),
        aims=tuple(_aim(after, each) for each in household.aims),
    )
    return not_traded_back(found, {key: Traded.of(n) for key, n in moves.trades.items()})


def _position(after: After, position: Position) -> Position:
    count = after.traded(position)
    gains = after.accounts[position.account].gains
    lots = position.lots
    if count < 0:
        lots = _kept(lots, -count)
    elif count > 0 and gains is not Gains.SHELTERED:
        lots = (*lots, Lot(count, 0.0))
    return replace(position, shares=after.shares(position), lots=lots)


def _kept(lots: tuple[Lot, ...], sold: int) -> tuple[Lot, ...]:
    found = []
    for lot in lots:
        gone = min(sold, lot.shares)
        sold -= gone
        if lot.shares > gone:
            found.append(Lot(lot.shares - gone, lot.gain))
    return tuple(found)


def _account(after: After, account: Account) -> Account:
    """Return an account after its orders are filled at their prices."""
    spent = brought = 0.0
    for position in after.positions():
        count = after.traded(position)
        if position.account == account.id and count:
            value = abs(count) * after.price(position)
            if count > 0:
                spent += value * (1.0 + position.buy_cost) + account.order_fee
            else:
                brought += value * (1.0 - position.sell_cost) - account.order_fee
    brought -= withheld_of(after, account)
    paid_in, taken = after.deposit(account.id), after.withdrawn(account.id)
    moved = paid_in * (1.0 - account.exchange) - taken * (1.0 + account.exchange)
    ready = brought if account.reuse else 0.0
    return replace(
        account,
        cash=account.cash + moved - spent + ready,
        due=account.due + brought - ready,
        room=max(0.0, account.room - paid_in),
        withdrawable=max(0.0, account.withdrawable - taken),
    )


def _member(after: After, member: HouseholdMember) -> HouseholdMember:
    paid = dict.fromkeys(CREDITED, 0.0)
    for account in after.household.accounts:
        if account.owner == member.id and account.kind in paid:
            paid[account.kind] += after.deposit(account.id)
    gains = {
        kind: sum(after.realised.get(each.id, 0.0) for each in after.of_owner(member, kind))
        for kind in (Gains.WITHHELD, Gains.YEARLY)
    }
    return replace(
        member,
        financial=member.financial + gains[Gains.WITHHELD],
        realised=member.realised + gains[Gains.YEARLY],
        pension_room=max(0.0, member.pension_room - sum(paid.values())),
        credit=None if member.credit is None else _credit(member.credit, paid),
    )


def _credit(credit: Credit, paid: dict[str, float]) -> Credit:
    first, *others = CREDITED
    saved = min(credit.savings, paid[first])
    counted = min(credit.together, saved + sum(paid[name] for name in others))
    return replace(
        credit,
        savings=credit.savings - saved,
        together=credit.together - counted,
        reachable=max(0.0, credit.reachable - counted),
    )


def _aim(after: After, aim: Aim) -> Aim:
    taken = sum(after.withdrawn(name) for name in aim.accounts)
    return replace(aim, risk_most=None, withdrawal=max(0.0, aim.withdrawal - taken))
