"""The decisions of an account's ledger, looked back at: what not trading would have come to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from jeoul.account.hindsight.decisions import SessionTrades, decisions_of
from jeoul.account.hindsight.looking import look_back
from jeoul.account.hindsight.records import LookedBack, TradedOrder
from jeoul.account.hindsight.summary import HindsightSummary, summaries
from jeoul.account.hindsight.worth import share_worth
from jeoul.account.withholding import TaxRules
from jeoul.model.money import UNITS
from jeoul.model.series import PriceTable
from jeoul.operations.course import Course, CourseFill
from jeoul.operations.desk.intents import all_runs
from jeoul.operations.ledger import Ledger
from jeoul.operations.retrospective.sale_taxes import sale_taxes


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrospective:
    """The decisions of one account with their outcomes, oldest first, and what they come to.

    ``approximate`` says that some price is adjusted for distributions, so that nobody could have
    traded at it. ``untaxed`` are tickers whose kind of tax is not known: nothing is taken of them.
    """

    account: str
    currency: str
    last: date
    decisions: tuple[LookedBack, ...]
    summaries: tuple[HindsightSummary, ...]
    approximate: bool
    untaxed: tuple[str, ...]


def retrospective_of(
    course: Course,
    kinds: Mapping[str, Sequence[str]],
    tables: Sequence[PriceTable],
    taxes: TaxRules,
) -> Retrospective:
    """Return what the decisions of a course and their absence came to; pure.

    ``kinds`` are the kinds of the reasons of each run, by its name (:func:`reason_kinds`);
    ``tables`` are the prices that the course was made of, ``taxes`` what its account withholds.
    What a sale was taxed is the law's, from the average cost of the course: a holding that came
    without a trade counts as bought at the price of that session.
    """
    worth = share_worth(tables, course.tickers, UNITS[course.currency], taxes)
    trades = _sessions(course, kinds, sale_taxes(course, tables, taxes))
    looked = tuple(look_back(decisions_of(trades), worth, course.last))
    return Retrospective(
        account=course.account,
        currency=course.currency,
        last=course.last,
        decisions=looked,
        summaries=summaries(looked),
        approximate=course.approximate,
        untaxed=tuple(ticker for ticker in course.tickers if ticker not in taxes.kinds),
    )


def reason_kinds(ledger: Ledger, account: str) -> dict[str, tuple[str, ...]]:
    """Return the kinds of the reasons that each run of an account gave, by the run's name."""
    return {
        run.run_id: tuple(kind for kind, _ in run.document["reasons"])
        for run in all_runs(ledger, account)
    }


def _sessions(
    course: Course, kinds: Mapping[str, Sequence[str]], taxes: Mapping[int, int]
) -> Iterator[SessionTrades]:
    """Yield the fills of a course by session and run, with the account after the session.

    Two runs that trade on one session would each see both: they are one, under the reasons of both.
    """
    by_session: dict[date, list[tuple[int, CourseFill]]] = defaultdict(list)
    for number, fill in enumerate(course.fills):
        by_session[fill.session].append((number, fill))
    for session, fills in sorted(by_session.items()):
        place = int(np.searchsorted(course.sessions, np.datetime64(session)))
        runs = dict.fromkeys(fill.run_id for _, fill in fills)
        held = zip(course.tickers, course.shares[place].tolist(), strict=True)
        yield SessionTrades(
            session=session,
            orders=tuple(_order(fill, taxes.get(number, 0)) for number, fill in fills),
            kinds=tuple(kind for run in runs for kind in kinds.get(run, ())),
            shares={ticker: count for ticker, count in held if count},
            cash=int(course.cash[place]),
            value=int(course.value[place]),
            run=" ".join(runs),
        )


def _order(fill: CourseFill, tax: int) -> TradedOrder:
    return TradedOrder(
        session=fill.session,
        side=fill.side,
        ticker=fill.ticker,
        shares=fill.shares,
        amount=fill.amount,
        cost=fill.fee,
        tax=tax,
    )
