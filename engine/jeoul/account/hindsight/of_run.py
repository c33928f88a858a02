"""The decisions of an account's backtest, looked back at with the same function as a ledger's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jeoul.account.hindsight.decisions import SessionTrades, decisions_of
from jeoul.account.hindsight.looking import look_back
from jeoul.account.hindsight.records import HORIZONS, LookedBack, TradedOrder
from jeoul.account.hindsight.worth import share_worth
from jeoul.account.records import AccountRun
from jeoul.model.money import UNITS
from jeoul.model.series import PriceTable


def look_back_on_run(
    run: AccountRun, tables: Sequence[PriceTable], horizons: Sequence[int] = HORIZONS
) -> tuple[LookedBack, ...]:
    """Return what each decision of an account's backtest and its absence came to; pure.

    ``tables`` are the prices that it was run on. Taxes are those that the run withheld, and none
    for an account before tax. Money is in the account's own, in the parts that it counts.
    """
    fund = {ticker for day in run.days for ticker in day.portfolio.shares}
    traded = fund | {fill.ticker for day in run.days for fill in day.fills}
    worth = share_worth(tables, traded, UNITS[run.terms.start.currency], run.terms.taxes)
    decisions = decisions_of(_trades(run))
    return tuple(look_back(decisions, worth, run.days[-1].session, horizons))


def _trades(run: AccountRun) -> Iterator[SessionTrades]:
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
        kinds = tuple(reason.kind for reason in day.reasons)
