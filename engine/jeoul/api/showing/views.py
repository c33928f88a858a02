"""Each record as a view: a title, its figures, one table."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from functools import singledispatch
from typing import Any

import numpy as np

from jeoul.account.holdings import Holdings
from jeoul.account.records import AccountRun
from jeoul.api.showing.names import asset_class, fund_name, who
from jeoul.market import Market
from jeoul.model.decision import Decision, Proposal
from jeoul.model.history import History
from jeoul.model.instrument import Instrument, Universe
from jeoul.model.portfolio import CASH, Order, Portfolio, Reason
from jeoul.model.series import PriceTable
from jeoul.model.shown import short
from jeoul.model.snapshot import Snapshot
from jeoul.profile import Profile
from jeoul.profile.wording import say_note
from jeoul.reporting.formats import Formats
from jeoul.reporting.notebook import Column, NotebookView, ShownFact
from jeoul.reporting.reasons import reason_text
from jeoul.reporting.report import Report
from jeoul.strategy.schema import Strategy


def currency_of(record: Any) -> str:
    """Return the currency in which a record counts money, won where it counts none."""
    if isinstance(record, Report):
        record = record.runs[0].decision
    if isinstance(record, AccountRun):
        terms = record.terms
        return terms.start.currency if terms.exchange is None else terms.exchange.owner
    if isinstance(record, Decision):
        record = record.proposal
    return str(getattr(getattr(record, "history", record), "currency", "KRW"))


@singledispatch
def view_of(record: Any, f: Formats) -> NotebookView:
    """Return what a notebook shows of a record: its fields, unless its kind has more to say."""
    names = _fields(record)
    values = [getattr(record, name) for name in names]
    return NotebookView(
        title(f, type(record).__name__.lower()),
        (
            Column("field", "text", names),
            Column("value", "text", [_field(value, f) for value in values]),
        ),
    )


def _fields(record: Any) -> list[str]:
    if is_dataclass(record):
        return [field.name for field in fields(record)]
    return list(type(record).model_fields)


def _field(value: Any, f: Formats) -> str:
    if value is None:
        return f.say("report.unknown")
    return value if isinstance(value, str) else short(value)


def title(f: Formats, what: str, *details: str) -> str:
    """Return the title of a kind of record with what it is about."""
    return ", ".join([f.say(f"notebook.title_{what}"), *details])


@view_of.register
def _proposal(record: Proposal, f: Formats) -> NotebookView:
    codes = list(record.weights)
    quotes = [record.quotes.get(code) for code in codes]
    return NotebookView(
        title=title(
            f, "proposal", record.strategy, who(record.profile, record.account, f.language)
        ),
        columns=(
            Column("ticker", "text", codes),
            Column("name", "text", [fund_name(code, f.language) for code in codes]),
            Column("asset_class", "text", [_class(record, code, f) for code in codes]),
            Column("weight", "percent", list(record.weights.values())),
            Column("allocation", "percent", [record.allocation.get(code, 0.0) for code in codes]),
            Column("price", "money", [float("nan") if q is None else q.price for q in quotes]),
        ),
        facts=(
            ShownFact("as_of", "day", record.as_of),
            ShownFact("executed", "day", record.executed),
            ShownFact("expected_volatility", "percent", record.expected_volatility),
            ShownFact("scale", "percent", record.scale),
        ),
        notes=tuple(reason_text(reason, f.language) for reason in record.reasons),
        simulated=record.simulated,
    )


def _class(record: Proposal, code: str, f: Formats) -> str:
    return "" if code == CASH else asset_class(record.classes.get(code, ""), f.language)


@view_of.register
def _decision(record: Decision, f: Formats) -> NotebookView:
    about, orders = record.proposal, record.orders
    return NotebookView(
        title=title(f, "decision", about.strategy, who(about.profile, about.account, f.language)),
        columns=_order_columns(orders, f) if orders else (),
        facts=(
            ShownFact("as_of", "day", about.as_of),
            ShownFact("executed", "day", about.executed),
            ShownFact("orders", "count", len(orders)),
            ShownFact("order_cost", "money", record.cost),
            ShownFact("cash_after", "money", record.cash_after),
        ),
        notes=tuple(reason_text(reason, f.language) for reason in record.reasons),
        simulated=about.simulated,
    )


def _order_columns(orders: tuple[Order, ...], f: Formats) -> tuple[Column, ...]:
    return (
        Column("ticker", "text", [order.ticker for order in orders]),
        Column("name", "text", [fund_name(order.ticker, f.language) for order in orders]),
        Column("side", "text", [f.say(f"notebook.{order.side.lower()}") for order in orders]),
        Column("shares", "count", [order.shares for order in orders]),
        Column("price", "money", [order.price for order in orders]),
        Column("amount", "money", [order.shares * order.price for order in orders]),
        Column("reason", "text", [reason_text(order.reason, f.language) for order in orders]),
    )


@view_of.register
def _order(record: Order, f: Formats) -> NotebookView:
    return NotebookView(title(f, "order", record.ticker), _order_columns((record,), f))


@view_of.register
def _reason(record: Reason, f: Formats) -> NotebookView:
    return NotebookView(
        reason_text(record, f.language),
        (
            Column("field", "text", [name for name, _ in record.detail]),
            Column("value", "text", [value for _, value in record.detail]),
        ),
    )


@view_of.register
def _portfolio(record: Portfolio, f: Formats) -> NotebookView:
    codes = [*record.shares, CASH]
    notes = [f"{day}: {f.money(money)}" for day, money in record.unsettled.items()]
    return NotebookView(
        title(f, "portfolio", record.currency),
        (
            Column("ticker", "text", codes),
            Column("name", "text", [fund_name(code, f.language) for code in codes]),
            Column("held", "any", [*record.shares.values(), record.cash]),
        ),
        (),
        (f.say("notebook.cash_unit"), *notes),
    )


@view_of.register
def _holdings(record: Holdings, f: Formats) -> NotebookView:
    codes = [*record.shares, *record.outside, CASH]
    held = [*record.shares.values(), *record.outside.values(), record.cash]
    return NotebookView(
        title(f, "portfolio", record.currency),
        (
            Column("ticker", "text", codes),
            Column("name", "text", [fund_name(code, f.language) for code in codes]),
            Column("held", "any", held),
        ),
        (),
        (f.say("notebook.cash_unit"), *(reason_text(n, f.language) for n in record.notes)),
    )


@view_of.register
def _profile(record: Profile, f: Formats) -> NotebookView:
    notes = (*record.reasons, *record.warnings)
    plain = ("name", "type", "raw", "score", "capacity", "willingness", "expires")
    return NotebookView(
        title(f, "profile", f.say(f"profile.{record.name}")),
        (
            Column("field", "text", list(plain)),
            Column("value", "any", [getattr(record, name) for name in plain]),
        ),
        (),
        tuple(say_note(f.language, note) for note in notes),
    )


@view_of.register
def _strategy(record: Strategy, f: Formats) -> NotebookView:
    profiles = list(record.profiles)
    classes = list(dict.fromkeys(c for rules in record.profiles.values() for c in rules.classes))
    weights = (
        Column(
            name,
            "percent",
            [rules.classes.get(key, 0.0) for key in classes],
            f.say(f"profile.{name}"),
        )
        for name, rules in record.profiles.items()
    )
    own = record.title.ko if f.language == "ko" else record.title.en
    names = [asset_class(key, f.language) for key in classes]
    return NotebookView(
        title(f, "strategy", f"{record.name}: {own}"),
        (
            Column("asset_class", "text", classes),
            Column("name", "text", names),
            *weights,
        ),
        (
            ShownFact("profiles", "count", len(profiles)),
            ShownFact("calendar", "text", record.calendar),
            ShownFact("kind", "text", record.allocate.kind),
        ),
    )


@view_of.register
def _universe(record: Universe, f: Formats) -> NotebookView:
    items: list[Instrument] = list(record.instruments.values())
    return NotebookView(
        title(f, "universe", record.name),
        (
            Column("ticker", "text", [item.code for item in items]),
            Column("name", "text", [fund_name(item.code, f.language) for item in items]),
            Column("asset_class", "text", [asset_class(i.asset_class, f.language) for i in items]),
            Column("expense_ratio", "percent", [item.expense_ratio for item in items]),
            Column("risk_grade", "any", [item.risk_grade for item in items]),
            Column("listed", "day", [item.listed for item in items]),
        ),
        (ShownFact("members", "count", len(record.members)),),
    )


@view_of.register(Market)
@view_of.register(Snapshot)
def _market(record: Market | Snapshot, f: Formats) -> NotebookView:
    columns = [part for table in record.prices for part in _priced(table)]
    last = record.last if isinstance(record, Market) else record.as_of
    notes = record.notes if isinstance(record, Market) else ()
    tickers, exchanges, first, newest, counts = zip(*columns, strict=True) if columns else [()] * 5
    return NotebookView(
        title=title(f, "market", record.source),
        columns=(
            Column("ticker", "text", tickers),
            Column("exchange", "text", exchanges),
            Column("first", "day", first),
            Column("last", "day", newest),
            Column("sessions", "count", counts),
        ),
        facts=(ShownFact("last", "day", last), ShownFact("series", "count", len(record.series))),
        notes=tuple(reason_text(note, f.language) for note in notes),
        simulated=record.simulated,
    )


def _priced(table: PriceTable) -> list[tuple[str, str, Any, Any, int]]:
    found = []
    for column, ticker in enumerate(table.tickers):
        rows = np.flatnonzero(~np.isnan(table.close[:, column]))
        if len(rows):
            first, last = (table.sessions[rows[end]].astype(object) for end in (0, -1))
            found.append((ticker, table.exchange, first, last, len(rows)))
    return found


@view_of.register
def _history(record: History, f: Formats) -> NotebookView:
    rows = [np.flatnonzero(~np.isnan(record.level[:, k])) for k in range(len(record.members))]
    first = [record.day(int(r[0])) if len(r) else None for r in rows]
    return NotebookView(
        title(f, "history", record.calendar),
        (
            Column("member", "text", list(record.members)),
            Column("first", "day", first),
            Column("sessions", "count", [len(r) for r in rows]),
        ),
        (ShownFact("last", "day", record.day(len(record) - 1)),),
        simulated=record.simulated,
    )
