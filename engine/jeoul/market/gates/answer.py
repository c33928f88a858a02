"""Gates on a single answer, before it is stored: a store holds one row a day."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from jeoul.market.raw.answer import Fetched, Payment, VendorRow
from jeoul.market.raw.series import AnswerNote
from jeoul.model.finding import Severity


def unique_days(fetched: Fetched) -> tuple[Fetched, tuple[AnswerNote, ...]]:
    """Return an answer with each day once, in order, and notes on the days that stood twice.

    The first row of a day stays: vendors append a live price behind the history. Payments of one
    day are all kept, dividends added and splits multiplied, as far as they differ.
    """
    kept: dict[date, VendorRow] = {}
    notes = []
    for row in fetched.rows:
        if row.day not in kept:
            kept[row.day] = row
            continue
        first = kept[row.day]
        severity = Severity.NOTICE if first.close == row.close else Severity.SERIOUS
        detail = {"first": _text(first.close), "second": _text(row.close)}
        notes.append(_note(row.day, "duplicate", severity, detail))
    rows = tuple(kept[day] for day in sorted(kept))
    notes += [_note(r.day, "empty_bar", Severity.NOTICE, {}) for r in rows if r.close is None]
    return replace(fetched, rows=rows, payments=_joined(fetched.payments)), tuple(notes)


def _joined(payments: Sequence[Payment]) -> tuple[Payment, ...]:
    found: dict[date, Payment] = {}
    for payment in dict.fromkeys(payments):  # the same payment twice is one payment
        old = found.get(payment.day, Payment(payment.day))
        found[payment.day] = Payment(
            payment.day, old.dividend + payment.dividend, old.split * payment.split
        )
    return tuple(found[day] for day in sorted(found))


def _note(day: date, kind: str, severity: Severity, detail: dict[str, str]) -> AnswerNote:
    return AnswerNote(day, kind, severity.value, json.dumps(detail, sort_keys=True))


def _text(value: float | None) -> str:
    return "-" if value is None else f"{value:,.8g}"
