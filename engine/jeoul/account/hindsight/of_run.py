"""The decisions of an account's backtest, looked back at with the same function as a ledger's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise

from jeoul.account.hindsight.decisions import CUT, RISE, SessionTrades, decisions_of
from jeoul.account.hindsight.found import Hindsight
from jeoul.account.hindsight.looking import look_back
from jeoul.account.hindsight.records import TradedOrder
from jeoul.account.hindsight.worth import share_worth
from jeoul.account.records import AccountRun
from jeoul.account.terms import AccountPlan
from jeoul.pipeline.targets import ModelTarget


def hindsight_of_run(
    run: AccountRun, plan: AccountPlan, *, name: str, simulated: bool
) -> Hindsight:
    """Return what each decision of an account's backtest and its absence came to; pure.

    ``plan`` is what the run rests on. Taxes are those that the run withheld, and none for an
    account before tax. Money counts the parts that the account counts.
    """
    held = {ticker for day in run.days for ticker in day.portfolio.shares}
    traded = held | {fill.ticker for day in run.days for fill in day.fills}
    worth = share_worth(plan.events.tables, traded, plan.events.unit, run.terms.taxes)
    rules, last = run.terms.taxes, run.days[-1].session
    return Hindsight(
        account=name,
        currency=run.terms.start.currency,
        last=last,
        simulated=simulated,
        taxed=rules is not None and rules.taxed,
        decisions=tuple(look_back(decisions_of(_trades(run, _moves(plan.wanted))), worth, last)),
        approximate=run.approximate,
        parts=run.terms.parts,
    )


def _moves(wanted: Sequence[ModelTarget]) -> dict[date, str]:
    """Return on which sessions the model decided to hold less of the risk classes, or more."""
    return {
        after.session: CUT if after.scale < before.scale else RISE
        for before, after in pairwise(wanted)
        if after.scale != before.scale
    }


def _trades(run: AccountRun, moves: Mapping[date, str]) -> Iterator[SessionTrades]:
    """Yield the trades of a run; the orders of a session were decided after the one before."""
    kinds: tuple[str, ...] = ()
    for day in run.days:
        yield SessionTrades(
            session=day.session,
            orders=tuple(
                TradedOrder(
                    session=fill.session,
                    side=fill.side,
                    ticker=fill.ticker,
                    shares=fill.shares,
                    amount=fill.shares * fill.price,
                    cost=fill.fee + fill.spread,
                    tax=fill.tax,
                )
                for fill in day.fills
            ),
            kinds=kinds,
            shares=day.portfolio.shares,
            cash=day.portfolio.money,
            value=day.value,
        )
        moved = moves.get(day.session)
        kinds = (*(each.kind for each in day.reasons), *(() if moved is None else (moved,)))
