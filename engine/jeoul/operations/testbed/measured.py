"""Accounts and profiles measured: by their ledgers, and by a backtest of the time before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from jeoul.backtesting import Backtest, backtest
from jeoul.errors import ShortHistory
from jeoul.model.calendar import Days, Reals
from jeoul.model.days import count_before
from jeoul.model.history import History
from jeoul.model.quarter import Quarter
from jeoul.operations.testbed.account import AuditedAccount
from jeoul.operations.testbed.benchmark import Measure, benchmark_of, measure
from jeoul.operations.testbed.figures import PathFigures, composite, path_figures
from jeoul.pipeline import Mandate
from jeoul.pipeline.content import content_of

Histories = Callable[[Mandate], History]
"""The panel of a mandate's universe, as it was known at the end of the quarter."""
Measures = Callable[[Mandate], Measure]
"""What a mandate is measured against."""


def measures_over(histories: Histories) -> Measures:
    """Return the function from a mandate to its measure, made once for each benchmark."""
    known: dict[str, Measure] = {}

    def found(mandate: Mandate) -> Measure:
        key = content_of(benchmark_of(mandate)).digest
        if key not in known:
            known[key] = measure(mandate, histories(mandate))
        return known[key]

    return found


@dataclass(frozen=True, slots=True, eq=False)
class MeasuredPath:
    """Unit values of an account, a profile or a backtest, with what they are measured against.

    ``source`` is ``ledger`` or ``backtest``. Both series are 1 on the first session.
    """

    name: str
    scope: str
    profile: str
    currency: str
    source: str
    sessions: Days
    unit: Reals
    measure: Measure


@dataclass(frozen=True, slots=True)
class SpanRow:
    """The figures of a path over one span: ``quarter``, ``since_start`` or ``before``."""

    path: MeasuredPath
    span: str
    start: date
    end: date
    figures: PathFigures


def ledger_paths(
    accounts: Sequence[AuditedAccount], measures: Measures
) -> tuple[MeasuredPath, ...]:
    """Return the path of each account, then that of each profile with all of its accounts.

    A profile is measured against the benchmark of its account that began first.
    """
    groups: dict[tuple[str, str], list[AuditedAccount]] = defaultdict(list)
    for each in sorted(accounts, key=lambda each: (each.course.first, each.name)):
        groups[each.group].append(each)
    own = [_path(each, measures(each.mandate)) for each in accounts]
    together = [
        _together(members, measures(members[0].mandate)) for _, members in sorted(groups.items())
    ]
    return (*own, *together)


def backtest_paths(
    accounts: Sequence[AuditedAccount], histories: Histories, measures: Measures
) -> tuple[MeasuredPath, ...]:
    """Return what the rules of each account did in a backtest up to the day on which it began.

    Accounts with the same rules share one, up to the first of their days. There is none
    where the history before that day is too short.
    """
    first: dict[str, AuditedAccount] = {}
    for each in sorted(accounts, key=lambda each: (each.course.first, each.name)):
        first.setdefault(content_of(each.mandate).digest, each)
    found = []
    for each in first.values():
        try:
            run = backtest(each.mandate, histories(each.mandate), end=each.course.first)
            against = measures(each.mandate)
        except ShortHistory:
            continue
        found.append(_backtested(each, run, against))
    return tuple(sorted(found, key=lambda path: path.name))


def rows(paths: Sequence[MeasuredPath], quarter: Quarter) -> Iterator[SpanRow]:
    """Yield the figures of each path by span; a span without a whole session has none."""
    for path in paths:
        for span, first in _spans(path, quarter).items():
            sessions = path.sessions[first:]
            if len(sessions) < 2:
                continue
            unit = path.unit[first:]
            yield SpanRow(
                path=path,
                span=span,
                start=sessions[0].astype(object),
                end=sessions[-1].astype(object),
                figures=path_figures(
                    unit, path.measure.along(sessions), path.measure.sessions_per_year
                ),
            )


def _spans(path: MeasuredPath, quarter: Quarter) -> Mapping[str, int]:
    """Return the place of the value before each span, by the name of the span."""
    # A backtest ends where the ledger begins: nothing of the quarter is in it.
    if path.source == "backtest":
        return {"before": 0}
    inside = count_before(path.sessions, quarter.first)
    return {"quarter": max(inside - 1, 0), "since_start": 0}  # from the close before the quarter


def _path(each: AuditedAccount, found: Measure) -> MeasuredPath:
    profile, currency = each.group
    sessions, unit = _measurable(each.course.sessions, each.course.unit, found)
    return MeasuredPath(
        name=each.name,
        scope="account",
        profile=profile,
        currency=currency,
        source="ledger",
        sessions=sessions,
        unit=unit,
        measure=found,
    )


def _together(members: Sequence[AuditedAccount], found: Measure) -> MeasuredPath:
    first = members[0]
    profile, currency = first.group
    sessions = first.course.sessions
    values, flows = np.zeros((2, len(sessions), len(members)))
    for column, each in enumerate(members):
        # The first member began first, so the others fill the end of the table.
        later = slice(len(sessions) - len(each.course.sessions), None)
        values[later, column] = each.course.value
        flows[later, column] = each.course.flows
    sessions, unit = _measurable(sessions, composite(values, flows), found)
    return MeasuredPath(
        name=profile,
        scope="profile",
        profile=profile,
        currency=currency,
        source="ledger",
        sessions=sessions,
        unit=unit,
        measure=found,
    )


def _backtested(each: AuditedAccount, run: Backtest, found: Measure) -> MeasuredPath:
    profile, currency = each.group
    name = f"{run.mandate.strategy.name}/{profile}/{run.mandate.account}"
    sessions, unit = _measurable(run.sessions, run.nav, found)
    return MeasuredPath(
        name=name,
        scope="rules",
        profile=profile,
        currency=currency,
        source="backtest",
        sessions=sessions,
        unit=unit,
        measure=found,
    )


def _measurable(sessions: Days, unit: Reals, found: Measure) -> tuple[Days, Reals]:
    """Return a path from the first session on which its benchmark is invested."""
    first = count_before(sessions, found.sessions[0])
    return sessions[first:], unit[first:] / unit[first]
