"""A series whose first source is behind or silent, carried on with the rows of its next ones.

The rows of the first source stay. Only the days after its newest one come from the next source, and
only while the two agree where both have rows: so what is published of the past does not move when
a source fails, and an index of another base year never joins the first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import numpy as np

from jeoul.market.publishing.columns import FolderColumn
from jeoul.market.raw.answer import TOTAL_RETURN
from jeoul.market.raw.corrections import TradedCloses
from jeoul.market.raw.series import Raw
from jeoul.model.finding import Finding, Severity

SEEN_TOGETHER = 20  # the newest days that both have say whether they agree


def carried_on(
    first: FolderColumn | None, nexts: Iterable[tuple[FolderColumn | None, float]]
) -> tuple[FolderColumn | None, tuple[Finding, ...]]:
    """Return a series with the rows that its next sources add, and a finding for each that did.

    ``nexts`` are the next sources in order, each with the tolerance: how far apart, in the middle
    of the newest days that both have, a fraction of their mean. None where no source has a row.
    """
    found = first
    notes: list[Finding] = []
    for column, tolerance in nexts:
        if column is None:
            continue
        if found is None:
            found = column
            notes.append(_note(column, "stands_in", column.traded.days[0].astype(object)))
            continue
        newest = found.traded.days[-1]
        later = column.traded.days > newest
        if not later.any():
            continue
        since = column.traded.days[later][0].astype(object)
        apart = _apart(found, column)
        if apart is None or apart > tolerance:
            text = "-" if apart is None else f"{apart:.2%}"
            notes.append(_note(column, "apart", since, apart=text, tolerance=f"{tolerance:.1%}"))
            continue
        notes.append(_note(column, "stands_in", since))
        found = replace(found, traded=_joined(found.traded, column.traded, later))
    return found, tuple(notes)


def with_nav(
    columns: Iterable[FolderColumn | None], currency: str
) -> tuple[Raw | None, tuple[Finding, ...]]:
    """Return the first of some sources of a fund that shows its net asset value.

    Values in another ``currency`` than the prices are passed over, with a finding. It has the day
    of the first of them, so that a decision of any later day is shown the same.
    """
    notes: list[Finding] = []
    for column in columns:
        if column is None or not np.isfinite(column.raw.nav).any():
            continue
        told = column.raw.stamp.currency
        if told in ("", currency):
            return column.raw, tuple(notes)
        since = column.raw.days[np.isfinite(column.raw.nav)][0].astype(object)
        notes.append(_note(column, "nav_currency", since, told=told, expected=currency))
    return None, tuple(notes)


def _apart(one: FolderColumn, other: FolderColumn) -> float | None:
    """Return the middle distance on the newest common days; None without one, or mixed bases."""
    if (one.raw.stamp.basis == TOTAL_RETURN) != (other.raw.stamp.basis == TOTAL_RETURN):
        return None
    _, here, there = np.intersect1d(
        one.traded.days, other.traded.days, assume_unique=True, return_indices=True
    )
    if not len(here):
        return None
    ours = one.traded.close[here[-SEEN_TOGETHER:]]
    theirs = other.traded.close[there[-SEEN_TOGETHER:]]
    scale = np.maximum((np.abs(ours) + np.abs(theirs)) / 2, 1e-12)
    return float(np.median(np.abs(ours - theirs) / scale))


def _joined(first: TradedCloses, second: TradedCloses, later: np.ndarray) -> TradedCloses:
    newest = first.days[-1].astype(object)
    payments = [p for p in second.payments if p.day > newest]
    return TradedCloses(
        np.concatenate([first.days, second.days[later]]),
        np.concatenate([first.close, second.close[later]]),
        (*first.payments, *payments),
    )


def _note(column: FolderColumn, kind: str, day: date, **detail: str) -> Finding:
    text = (("source", column.raw.key.source), *detail.items())
    return Finding(
        day=day, subject=column.name, kind=f"gate.{kind}", severity=Severity.NOTICE, detail=text
    )
