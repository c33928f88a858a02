"""Backtests, comparisons, frontiers and reports as views."""

from __future__ import annotations

from dataclasses import fields, replace
from math import isnan
from typing import Any

from jeoul.account.figures import account_figures
from jeoul.account.records import AccountRun
from jeoul.allocate.frames import Allocation
from jeoul.allocate.solution import Solution
from jeoul.api.showing.names import who
from jeoul.api.showing.views import title, view_of
from jeoul.backtesting import Backtest, Summary, summarise
from jeoul.backtesting.periods import by_year
from jeoul.model.given import labels_of
from jeoul.model.money import UNITS
from jeoul.pipeline.frontier import Frontier
from jeoul.reporting.formats import Formats
from jeoul.reporting.notebook import Column, Kind, NotebookView, ShownFact
from jeoul.reporting.reasons import reason_text
from jeoul.reporting.report import Report
from jeoul.research.compare import Comparison

_A_YEAR = 252.0  # sessions; the return of an account does not depend on it
_DECIMAL = frozenset({"sharpe"})
_MAIN = ("cagr", "volatility", "max_drawdown", "sharpe", "turnover", "cost")


def _kind(name: str) -> Kind:
    return "decimal" if name in _DECIMAL else "percent"


@view_of.register
def _summary(record: Summary, f: Formats) -> NotebookView:
    names = [field.name for field in fields(record) if field.name not in ("start", "end")]
    values = [getattr(record, name) for name in names]
    return NotebookView(
        title(f, "summary", f"{record.start} – {record.end}"),
        (
            Column("figure", "text", names),
            Column("name", "text", [f.say(f"figure.{name}") for name in names]),
            Column(
                "value",
                "any",
                values,
                shown=[_written(n, v, f) for n, v in zip(names, values, strict=True)],
            ),
        ),
    )


@view_of.register
def _backtest(record: Backtest, f: Formats) -> NotebookView:
    years = by_year(record.sessions, record.nav)
    figures = summarise(record)
    mandate = record.mandate
    return NotebookView(
        title(
            f, "backtest", mandate.strategy.name, who(mandate.profile, mandate.account, f.language)
        ),
        (
            Column("year", "text", [year.name for year in years]),
            Column("return", "percent", [year.growth for year in years]),
            Column("max_drawdown", "percent", [year.max_drawdown for year in years]),
        ),
        (
            ShownFact("start", "day", record.start),
            ShownFact("end", "day", record.end),
            *(ShownFact(name, _kind(name), getattr(figures, name)) for name in _MAIN),
        ),
        simulated=record.history.simulated,
    )


@view_of.register
def _comparison(record: Comparison, f: Formats) -> NotebookView:
    names = [field.name for field in fields(record.first)]
    first = [getattr(record.first, name) for name in names]
    second = [getattr(record.second, name) for name in names]
    apart = [after - before for before, after in zip(first, second, strict=True)]
    texts = (
        [written(n, v, f) for n, v in zip(names, values, strict=True)]
        for values, written in ((first, _written), (second, _written), (apart, _apart))
    )
    columns = zip(("first", "second", "difference"), (first, second, apart), texts, strict=True)
    return NotebookView(
        title=title(f, "comparison", f"{record.start} – {record.end}"),
        columns=(
            Column("figure", "text", names),
            Column("name", "text", [f.say(f"figure.{name}") for name in names]),
            *(Column(name, "any", values, shown=shown) for name, values, shown in columns),
        ),
        facts=(),
        notes=(
            f.say("research.interval", _bounds(record)),
            f.say(f"research.verdict_{record.verdict}"),
        ),
        simulated=record.simulated,
    )


def _bounds(record: Comparison) -> dict[str, object]:
    found = record.sharpe
    return {
        "low": f"{found.low:+.2f}",
        "high": f"{found.high:+.2f}",
        "level": f"{found.level:z.0%}",
    }


@view_of.register
def _account(record: AccountRun, f: Formats) -> NotebookView:
    found = account_figures(record, sessions_per_year=_A_YEAR)
    owner, parts = found.owner, record.terms.parts
    last = {day.session.year: day for day in record.days}
    paid = {year: [d for d in record.days if d.session.year == year] for year in last}
    return NotebookView(
        title(f, "account", f"{found.start} – {found.end}"),
        (
            Column("year", "text", [str(year) for year in last]),
            Column(
                "paid_in",
                "money",
                [sum(d.flows.paid_in for d in days) // parts for days in paid.values()],
            ),
            Column(
                "paid_out",
                "money",
                [sum(d.flows.paid_out for d in days) // parts for days in paid.values()],
            ),
            Column("worth", "money", [day.worth // parts for day in last.values()]),
        ),
        (
            ShownFact("paid_in", "money", round(owner.paid_in * UNITS[owner.owner])),
            ShownFact("paid_out", "money", round(owner.paid_out * UNITS[owner.owner])),
            ShownFact("worth", "money", round(owner.worth * UNITS[owner.owner])),
            ShownFact("gain", "money", round(owner.gain * UNITS[owner.owner])),
            ShownFact("time_weighted", "percent", found.returns.time_weighted),
            ShownFact("money_weighted", "percent", found.returns.money_weighted),
            ShownFact("max_drawdown", "percent", found.returns.max_drawdown),
        ),
        simulated=record.simulated,
    )


@view_of.register
def _frontier(record: Frontier, f: Formats) -> NotebookView:
    points = record.points
    weights = (
        Column(label, "percent", points.weights[:, k].tolist(), label)
        for k, label in enumerate(points.labels)
    )
    return NotebookView(
        title(f, "frontier"),
        (
            Column("point", "count", list(range(1, len(points.mean) + 1))),
            Column("volatility", "percent", points.volatility.tolist()),
            Column("mean", "percent", points.mean.tolist()),
            *weights,
        ),
        (
            ShownFact("allocation_volatility", "percent", record.allocation.volatility),
            ShownFact("allocation_mean", "percent", record.allocation.mean),
            ShownFact("strategic_volatility", "percent", record.strategic.volatility),
            ShownFact("strategic_mean", "percent", record.strategic.mean),
        ),
        simulated=record.simulated,
    )


@view_of.register
def _solution(record: Solution, f: Formats) -> NotebookView:
    return NotebookView(
        title(f, "weights"),
        (
            Column("label", "text", list(record.labels)),
            Column("weight", "percent", record.weights.tolist()),
        ),
        (
            ShownFact("volatility", "percent", record.volatility),
            ShownFact("gap", "any", record.gap),
            ShownFact("solver", "text", record.solver),
        ),
    )


@view_of.register
def _allocation(record: Allocation, f: Formats) -> NotebookView:
    given = record.weights
    labels = labels_of(given) or record.solution.labels
    values = list(given.values()) if isinstance(given, dict) else [float(w) for w in given]
    return NotebookView(
        title(f, "weights"),
        (
            Column("label", "text", list(labels)),
            Column("weight", "percent", values),
            Column("reason", "text", [reason_text(r, f.language) for r in record.reasons]),
        ),
        (ShownFact("volatility", "percent", record.solution.volatility),),
    )


@view_of.register
def _report(record: Report, f: Formats) -> NotebookView:
    decisions = [run.decision for run in record.runs]
    about = decisions[0].proposal
    figures = [summarise(run.strategy) for run in record.runs]
    f = replace(f, currency=about.currency)
    return NotebookView(
        title=title(f, "report", about.strategy, f.say(f"report.account_{about.account}")),
        columns=(
            Column("profile", "text", [d.proposal.profile for d in decisions]),
            Column("orders", "count", [len(d.orders) for d in decisions]),
            Column("order_cost", "money", [d.cost for d in decisions]),
            Column("cash_after", "money", [d.cash_after for d in decisions]),
            Column(
                "expected_volatility",
                "percent",
                [d.proposal.expected_volatility for d in decisions],
            ),
            Column("cagr", "percent", [found.cagr for found in figures]),
            Column("max_drawdown", "percent", [found.max_drawdown for found in figures]),
        ),
        facts=(ShownFact("as_of", "day", about.as_of),),
        notes=(f.say("notebook.report_page"),),
        simulated=about.simulated,
    )


def _written(name: str, value: Any, f: Formats) -> str:
    if isnan(value):
        return "–"
    return f.decimal(value) if _kind(name) == "decimal" else f.percent(value, 2)


def _apart(name: str, value: Any, f: Formats) -> str:
    """Return a difference; that of two percentages is in percentage points."""
    if isnan(value) or _kind(name) == "decimal":
        return _written(name, value, f)
    return f.decimal(value * 100) + f.say("report.percentage_points")
