"""Which part of a household's plan can be carried out before its deposits have arrived."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from math import ceil
from typing import Any

from jeoul.household.problem.evaluate import evaluate
from jeoul.household.problem.records import Household, Moves
from jeoul.reporting.household.facts import HouseholdFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanToday:
    """What becomes of a plan's moves today.

    ``moves`` are made. ``waits`` are the shares bought, by account and fund, that need a transfer;
    ``put_off`` those of all other moves that are not made yet, below 0 for sales.
    """

    moves: Moves
    waits: Mapping[tuple[str, str], int]
    put_off: Mapping[tuple[str, str], int]

    def document(self) -> dict[str, Any]:
        """Return what is not made today, as JSON values."""
        return {
            "waiting": [
                {"account": account, "ticker": ticker, "shares": shares}
                for (account, ticker), shares in self.waits.items()
            ],
            "put_off": [
                {
                    "account": account,
                    "side": "SELL" if shares < 0 else "BUY",
                    "ticker": ticker,
                    "shares": abs(shares),
                }
                for (account, ticker), shares in self.put_off.items()
            ],
        }


def plan_today(household: Household, moves: Moves, *, stands: bool) -> PlanToday:
    """Return what of a plan is done today, and what is not.

    Where the plan that asked for its deposits ``stands``, nothing is sold, and bought only what
    saves by itself as much as a plan has to: a buy that was not filled, and no drift that the money
    will even out.
    """
    payable = payable_today(household, moves)
    today = payable
    if stands:
        buys = {key: shares for key, shares in moves.trades.items() if shares > 0}
        today = payable_today(household, replace(moves, trades=buys))
        today = today if _is_worth(household, today) else Moves()
    return PlanToday(
        moves=today,
        waits=_less(moves.trades, payable.trades),
        put_off=_less(payable.trades, today.trades),
    )


def _is_worth(household: Household, moves: Moves) -> bool:
    """Return whether moves keep every rule and save what a plan has to."""
    found, nothing = evaluate(household, moves), evaluate(household, Moves())
    saved = nothing.cost.total - found.cost.total
    return not found.violations and saved >= household.policy.min_gain


def _less(
    trades: Mapping[tuple[str, str], int], made: Mapping[tuple[str, str], int]
) -> Mapping[tuple[str, str], int]:
    left = {key: shares - made.get(key, 0) for key, shares in sorted(trades.items())}
    return {key: shares for key, shares in left.items() if shares}


def paid_in_as(household: Household, transfers: Mapping[str, int]) -> Household:
    """Return a household whose plans pay in at most what people were asked for, and where."""
    asked = {name: float(max(0, won)) for name, won in transfers.items()}
    accounts = (
        replace(each, room=min(each.room, asked.get(each.id, 0.0))) for each in household.accounts
    )
    return replace(household, accounts=tuple(accounts))


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


def transfers_of(facts: HouseholdFacts) -> dict[str, int]:
    """Return the won by account that a plan pays in, below 0 for what it takes out."""
    moved = {each.id: each.deposit - each.withdrawal for each in facts.accounts}
    return {name: won for name, won in moved.items() if won}
