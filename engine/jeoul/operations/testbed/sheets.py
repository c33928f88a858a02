"""The CSV files of an audit pack: one row a fact, names in English, numbers as computed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from math import isnan

from jeoul.messages import say
from jeoul.model.calendar import moment
from jeoul.operations.desk.intents import Run, reason_from
from jeoul.operations.desk.promotions import rules_digest
from jeoul.operations.testbed.account import AuditedAccount, weights_on
from jeoul.operations.testbed.figures import MeasuredFigure
from jeoul.operations.testbed.measured import MeasuredPath, SpanRow
from jeoul.operations.testbed.rebalancing import LoggedOrder
from jeoul.reporting.reasons import reason_text

Cell = str | int | float | bool | None

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def sheet(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    r"""Return a table as CSV in UTF-8: what is undefined or unknown is empty.

    A text that a spreadsheet would compute gets an apostrophe in front.

    >>> sheet(["a", "b"], [["=x", float("nan")], ["y", 0.5]])
    b"a,b\n'=x,\ny,0.5\n"
    """
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(cell) for cell in row] for row in rows)
    return file.getvalue().encode()


def daily(accounts: Sequence[AuditedAccount], paths: Sequence[MeasuredPath]) -> bytes:
    """Return value, money in and out, and unit value of each account and profile by session."""
    courses = {each.name: each.course for each in accounts}

    def rows() -> Iterator[Sequence[Cell]]:
        for path in paths:
            against = path.measure.along(path.sessions)
            course = courses.get(path.name) if path.scope == "account" else None
            skipped = 0 if course is None else len(course.sessions) - len(path.sessions)
            for place, day in enumerate(path.sessions):
                amounts: Sequence[Cell] = (None,) * 8
                if course is not None:
                    at = place + skipped
                    amounts = (
                        *(
                            int(getattr(course, name)[at])
                            for name in ("value", "paid_in", "taken_out", "fees", "taxes")
                        ),
                        int(course.dividends[at]),
                        int(course.interest[at]),
                        bool(course.unpriced[at]),
                    )
                before = path.unit[place - 1] if place else path.unit[0]
                yield (
                    path.scope,
                    path.name,
                    path.profile,
                    path.currency,
                    str(day),
                    *amounts,
                    float(path.unit[place]),
                    float(path.unit[place] / before - 1.0),
                    float(against.benchmark[place] / against.benchmark[0]),
                    None
                    if against.market is None
                    else float(against.market[place] / against.market[0]),
                )

    columns = (
        "scope", "name", "profile", "currency", "session", "value", "paid_in", "taken_out", "fees",
        "taxes", "dividends", "interest", "unpriced", "unit", "return", "benchmark", "market",
    )  # fmt: skip
    return sheet(columns, rows())


def backtests(paths: Sequence[MeasuredPath]) -> bytes:
    """Return the unit values of backtests by session, beside those of benchmark and market."""

    def rows() -> Iterator[Sequence[Cell]]:
        for path in paths:
            against = path.measure.along(path.sessions)
            for place, day in enumerate(path.sessions):
                market = against.market
                yield (
                    path.name,
                    path.profile,
                    str(day),
                    float(path.unit[place]),
                    float(against.benchmark[place] / against.benchmark[0]),
                    None if market is None else float(market[place] / market[0]),
                )

    return sheet(("name", "profile", "session", "unit", "benchmark", "market"), rows())


def figures(found: Iterable[SpanRow]) -> bytes:
    """Return the figures of accounts, profiles and backtests, each with its standard error."""
    named = ("deviation", "market_beta", "beta", "tracking_error", "information_ratio")
    columns = (
        "scope", "name", "profile", "currency", "source", "span", "from", "to", "sessions",
        "return", "benchmark_return", "max_drawdown",
        *chain.from_iterable((name, f"{name}_error") for name in named),
    )  # fmt: skip

    def rows() -> Iterator[Sequence[Cell]]:
        for row in found:
            path, its = row.path, row.figures
            pairs: Iterable[MeasuredFigure] = (getattr(its, name) for name in named)
            yield (
                path.scope, path.name, path.profile, path.currency, path.source, row.span,
                str(row.start), str(row.end), its.sessions, its.total, its.benchmark,
                its.max_drawdown, *chain.from_iterable((f.value, f.error) for f in pairs),
            )  # fmt: skip

    return sheet(columns, rows())


def runs(accounts: Sequence[AuditedAccount], language: str) -> bytes:
    """Return every decision: its rules, its inputs, how far it left the account from its target."""
    columns = (
        "account", "profile", "session", "run", "decided_at", "executed", "rules", "inputs",
        "snapshot", "state", "scale", "due", "orders", "value", "gap_before", "gap_after",
        "reasons",
    )  # fmt: skip

    def rows() -> Iterator[Sequence[Cell]]:
        for each in accounts:
            for run in each.runs:
                kept = run.document
                reasons = [reason_text(reason_from(said), language) for said in kept["reasons"]]
                yield (
                    each.name, kept["profile"], str(run.session), run.run_id, _instant(run.at),
                    str(run.executed), rules_digest(run), run.inputs_id, kept["snapshot"],
                    kept["state"], kept["scale"], kept["due"], each.ordered.get(run.run_id, 0),
                    kept["value"], _gap(each, run, after=False), _gap(each, run, after=True),
                    " / ".join(reasons),
                )  # fmt: skip

    return sheet(columns, rows())


def rebalancing(accounts: Sequence[AuditedAccount], language: str) -> bytes:
    """Return every order beside its fill, with the cause of what differs."""
    columns = (
        "account", "profile", "run", "order", "executed", "side", "ticker", "ordered", "filled",
        "missing", "planned_price", "limit", "amount", "fee", "slippage", "state", "sent",
        "cause", "explanation", "reason",
    )  # fmt: skip

    def rows() -> Iterator[Sequence[Cell]]:
        for each, order in _orders(accounts):
            intent, planned = order.intent, order.intent.order
            yield (
                each.name, order.run.document["profile"], order.run.run_id, intent.name,
                str(intent.executed), str(planned.side), planned.ticker, planned.shares,
                intent.filled, order.missing, planned.price, planned.limit, intent.amount,
                intent.fee, order.slippage, intent.state,
                sum(event.state == "sending" for event in order.events), str(order.cause),
                say(language, f"testbed.cause_{order.cause}", order.detail),
                reason_text(planned.reason, language),
            )  # fmt: skip

    return sheet(columns, rows())


def events(accounts: Sequence[AuditedAccount]) -> bytes:
    """Return every event of every order, by its row in the ledger."""
    rows = (
        (
            each.name, event.seq, _instant(event.at), order.intent.name, event.state,
            str(event.detail.get("why", event.detail.get("by", ""))),
        )
        for each, order in _orders(accounts)
        for event in order.events
    )  # fmt: skip
    return sheet(("account", "row", "at", "order", "state", "said"), rows)


def sessions(accounts: Sequence[AuditedAccount]) -> bytes:
    """Return whether a run looked at each session, and what it did."""
    rows = (
        (each.name, str(day.session), day.status, day.detail)
        for each in accounts
        for day in each.attended
    )
    return sheet(("account", "session", "status", "detail"), rows)


def _orders(accounts: Sequence[AuditedAccount]) -> Iterator[tuple[AuditedAccount, LoggedOrder]]:
    for each in accounts:
        for order in each.orders:
            yield each, order


def _gap(each: AuditedAccount, run: Run, *, after: bool) -> float | None:
    """Return half the sum of weight differences from the target before or after a run's fills."""
    held = weights_on(each.course, run.executed if after else run.session)
    if held is None:
        return None
    target: Mapping[str, float] = run.document["weights"]
    return 0.5 * sum(
        abs(held.get(code, 0.0) - target.get(code, 0.0)) for code in sorted({*held, *target})
    )


def _instant(at: int) -> str:
    return moment(at).isoformat()


def _cell(value: Cell) -> Cell:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return None if isnan(value) else f"{value:.12g}"
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value
