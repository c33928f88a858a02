"""Which part of a household's plan can be carried out before its deposits have arrived."""

from __future__ import annotations

from bisect import bisect_left
from functools import partial
from math import ceil
from typing import Any

from jeoul.household.problem.evaluate import evaluate
from jeoul.household.problem.records import Household, Moves
from jeoul.reporting.household.facts import HouseholdFacts


def payable_today(household: Household, moves: Moves) -> Moves:
    """Return the moves of a plan that need none of its deposits; the rest of its buys waits.

    Sales and the orders of accounts without a deposit stay. Of the other buys, the largest first,
    as many shares stay as money and rules let through by the evaluator: an IRP may not buy its risk
    assets today and its bonds after the transfer.
    """
    waits = {name for name, amount in moves.deposits.items() if amount > 0.0}
    prices = {fund.code: fund.price for fund in household.funds}
    kept = {
        key: shares for key, shares in moves.trades.items() if shares < 0 or key[0] not in waits
    }

    def breaks(key: tuple[str, str], shares: int) -> bool:
        today = Moves(trades={**kept, key: shares}, withdrawals=moves.withdrawals)
        return bool(evaluate(household, today).violations)

    rest = [key for key in moves.trades if key not in kept]
    for key in sorted(rest, key=lambda each: (-moves.trades[each] * prices[each[1]], each)):
        wanted = moves.trades[key]
        least = min(max(1, ceil(household.policy.min_trade / prices[key[1]])), wanted)
        counts = range(least, wanted + 1)
        payable = bisect_left(counts, True, key=partial(breaks, key))
        if payable:
            kept[key] = counts[payable - 1]
    return Moves(trades=kept, withdrawals=moves.withdrawals)


def waiting_buys(moves: Moves, today: Moves) -> list[dict[str, Any]]:
    """Return account, ticker and shares of the buys that wait, as JSON values."""
    return [
        {"account": account, "ticker": ticker, "shares": waits}
        for (account, ticker), shares in sorted(moves.trades.items())
        if (waits := shares - today.trades.get((account, ticker), 0)) > 0
    ]


def transfers_of(facts: HouseholdFacts) -> dict[str, int]:
    """Return the won by account that a plan pays in, below 0 for what it takes out."""
    moved = {each.id: each.deposit - each.withdrawal for each in facts.accounts}
    return {name: won for name, won in moved.items() if won}
