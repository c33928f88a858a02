"""Accounts that rules manage: beside their benchmarks, and when risk assets were cut."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

from jeoul.model.calendar import Days
from jeoul.model.days import count_before, count_until
from jeoul.model.quarter import Quarter
from jeoul.operations.desk.intents import reason_from
from jeoul.operations.statement.spans import months_before
from jeoul.operations.testbed.account import AuditedAccount
from jeoul.operations.testbed.changes import RuleChange
from jeoul.operations.testbed.figures import path_figures
from jeoul.operations.testbed.measured import MeasuredPath
from jeoul.reporting.letter.facts import Changed, Compared, Managed, Scaled
from jeoul.reporting.text import Text

_SAID = ("overlay.cut", "overlay.rise", "overlay.wait")
"""Beginnings of the reasons that say what a change of scale is, or when the next may come."""


def managed_account(
    name: str, each: AuditedAccount, path: MeasuredPath, quarter: Quarter
) -> Managed:
    """Return what a letter says of an account and its benchmark; ``path`` is the account's own.

    ``name`` is what the letter calls it.
    """
    mandate = each.mandate
    inside = max(count_before(path.sessions, quarter.first) - 1, 0)
    benchmark = path.measure.along(path.sessions).benchmark
    return Managed(
        id=name,
        profile=mandate.profile,
        strategy=Text(mandate.strategy.title.ko, mandate.strategy.title.en),
        sessions=path.sessions[inside:],
        unit=path.unit[inside:] / path.unit[inside],
        benchmark=benchmark[inside:] / benchmark[inside],
        compared=tuple(_compared(path, quarter)),
        scaled=tuple(_scaled(each)),
        scale=each.known[-1].document["scale"],
        lived=len(each.attended),
        missed=sum(day.status in ("missing", "skipped") for day in each.attended),
    )


def changed_rules(change: RuleChange, account: str) -> Changed | None:
    """Return what a letter says of a change of rules; None of an account's first decision."""
    if change.before is None:
        return None
    return Changed(
        account=account,
        session=change.session,
        keys=tuple((key.key, _text(key.before), _text(key.now)) for key in change.keys),
        by=None if change.accepted is None else change.accepted.by,
        promoted=change.promoted is not None,
    )


def _compared(path: MeasuredPath, quarter: Quarter) -> Iterator[Compared]:
    for span, first in _spans(path.sessions, quarter):
        sessions, unit = path.sessions[first:], path.unit[first:]
        if len(sessions) < 2:
            continue
        found = path_figures(unit, path.measure.along(sessions), path.measure.sessions_per_year)
        yield Compared(
            span=span,
            start=sessions[0].astype(object),
            own=found.total,
            benchmark=found.benchmark,
            tracking_error=found.tracking_error.value,
            error=found.tracking_error.error,
        )


def _spans(sessions: Days, quarter: Quarter) -> Iterator[tuple[str, int]]:
    """Yield the place of the close before each span that an account has seen whole.

    An account that began in the quarter has only the time since then.
    """
    begun: date = sessions[0].astype(object)
    for months in (3, 6, 9, 12):
        before = months_before(quarter.after.first, months) - timedelta(days=1)
        if begun <= before:
            place = count_until(sessions, before) - 1
            yield f"{months}m", place
    yield "start", 0


def _scaled(each: AuditedAccount) -> Iterator[Scaled]:
    """Yield the sessions of the quarter on which the overlay changed how much risk is held."""
    inside = {run.run_id for run in each.runs}
    for before, run in pairwise(each.known):
        if run.run_id not in inside:
            continue
        then, now = before.document["scale"], run.document["scale"]
        if then != now:
            reasons = tuple(
                reason
                for said in run.document["reasons"]
                if (reason := reason_from(said)).kind.startswith("overlay.")
                and not reason.kind.startswith(_SAID)
            )
            yield Scaled(run.session, then, now, reasons)


def _text(value: object) -> str:
    return "–" if value is None else str(value)
