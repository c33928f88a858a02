"""The decisions of an account's ledger, looked back at: what not trading would have come to."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from jeoul.account.hindsight.decisions import (
    CUT,
    FIRST,
    MODEL,
    RISE,
    SPENDS_SALES,
    SessionTrades,
    decisions_of,
)
from jeoul.account.hindsight.found import Hindsight
from jeoul.account.hindsight.looking import look_back
from jeoul.account.hindsight.records import TradedOrder
from jeoul.account.hindsight.worth import share_worth
from jeoul.account.withholding import Taxed
from jeoul.model.days import count_before
from jeoul.model.money import UNITS
from jeoul.model.portfolio import Side
from jeoul.operations.course import AccountCourse, CourseFill
from jeoul.operations.ledger import Ledger
from jeoul.operations.statement.taxes import Taxable, results_of


def retrospective_of(
    course: AccountCourse,
    kinds: Mapping[str, Sequence[str]],
    taxable: Taxable,
    *,
    simulated: bool,
    last: date | None = None,
    taxed: Sequence[Taxed] | None = None,
) -> Hindsight:
    """Return what the decisions of a course and their absence came to; pure.

    ``kinds`` are the kinds of the reasons of each run, by its name (:func:`reason_kinds`);
    ``taxable`` has the prices that the course was made of and what its account withholds. A sale is
    taxed by the law on the average cost of the course, whatever its broker withheld: a holding that
    came without a trade counts as bought at the price of that session. Nothing after ``last`` is
    looked at, by default the last session of the course. ``taxed`` is what the law looks at in the
    course, where somebody knows it already.
    """
    known = course.last if last is None else min(last, course.last)
    events, rules = taxable.events, taxable.rules
    worth = share_worth(events.tables, course.tickers, UNITS[course.currency], rules)
    trades = _sessions(course, kinds, _sale_taxes(course, taxable, taxed))
    decisions = decisions_of(each for each in trades if each.session <= known)
    return Hindsight(
        account=course.account,
        currency=course.currency,
        last=known,
        simulated=simulated,
        taxed=rules.taxed,
        decisions=tuple(look_back(decisions, worth, known)),
        approximate=course.approximate,
        untaxed=tuple(ticker for ticker in course.tickers if ticker not in rules.kinds),
    )


def reason_kinds(ledger: Ledger, account: str) -> dict[str, tuple[str, ...]]:
    """Return the kinds of the reasons of each run of an account that had orders, by its name.

    A household's plan gives its accounts no reasons of their own: they follow its targets, and the
    risk control moved where its scale is another than in the account's last run with orders. A run
    that only buys spends what came in or what earlier sales brought.
    """
    rows = ledger.rows(
        "SELECT run_id, json_extract(plan, '$.reasons') AS reasons, "
        "json_extract(plan, '$.scale') AS scale, json_type(plan, '$.household') AS household, "
        "EXISTS (SELECT 1 FROM intents i WHERE i.run_id = runs.run_id AND side = 'SELL') AS sells "
        "FROM runs WHERE account = ? AND run_id IN (SELECT run_id FROM intents) ORDER BY seq",
        account,
    )
    found: dict[str, tuple[str, ...]] = {}
    before: float | None = None
    for row in rows:
        kinds = tuple(kind for kind, _ in json.loads(row["reasons"]))
        scale = None if row["scale"] is None else float(row["scale"])
        if row["household"] is not None:
            kinds += _followed(before, scale, sells=bool(row["sells"]))
        found[row["run_id"]] = kinds
        before = scale
    return found


def _followed(before: float | None, scale: float | None, *, sells: bool) -> tuple[str, ...]:
    """Return the reasons of an account that follows a household's plan."""
    if before is None or scale is None:
        return (FIRST,)
    if scale < before:
        return MODEL, CUT
    if scale > before:
        return MODEL, RISE
    return (MODEL,) if sells else (SPENDS_SALES,)


def _sessions(
    course: AccountCourse, kinds: Mapping[str, Sequence[str]], taxes: Mapping[int, int]
) -> Iterator[SessionTrades]:
    """Yield the fills of a course by session and run, with the account after the session.

    Two runs that trade on one session would each see both: they are one, under the reasons of both.
    """
    by_session: dict[date, list[tuple[int, CourseFill]]] = defaultdict(list)
    for number, fill in enumerate(course.fills):
        by_session[fill.session].append((number, fill))
    for session, fills in sorted(by_session.items()):
        place = count_before(course.sessions, session)
        runs = dict.fromkeys(fill.run_id for _, fill in fills)
        held = zip(course.tickers, course.shares[place].tolist(), strict=True)
        orders = tuple(_order(fill, taxes.get(number, 0)) for number, fill in fills)
        owed = sum(order.tax for order in orders)  # by the law: the books do not have it
        yield SessionTrades(
            session=session,
            orders=orders,
            kinds=tuple(kind for run in runs for kind in kinds.get(run, ())),
            shares={ticker: count for ticker, count in held if count},
            cash=int(course.cash[place]) - owed,
            value=int(course.value[place]) - owed,
            runs=tuple(runs),
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


def _sale_taxes(
    course: AccountCourse, taxable: Taxable, taxed: Sequence[Taxed] | None
) -> dict[int, int]:
    """Return the tax of each sale at its source in the account's money, by its place in the fills.

    The law looks at the sales of a session in their order in the course, and at nothing that it
    does not know.
    """
    known = taxable.rules.kinds
    sales = [
        (fill.session, number)
        for number, fill in enumerate(course.fills)
        if fill.side is Side.SELL and fill.ticker in known
    ]
    found = results_of(course, taxable) if taxed is None else taxed
    taken = [each.taken for each in found if each.what == "sale"]
    return {number: tax for (_, number), tax in zip(sorted(sales), taken, strict=True)}
