"""The payments of a fund on the sessions to which they belong."""

from __future__ import annotations

from datetime import date

import numpy as np

from jeoul.market.publication import on_session
from jeoul.market.publishing.columns import FolderColumn
from jeoul.market.raw.answer import Payment
from jeoul.model.calendar import Calendar
from jeoul.model.days import count_until
from jeoul.model.finding import Finding, Severity
from jeoul.model.ratio import ratio_text


def paid_on_sessions(
    column: FolderColumn, calendar: Calendar
) -> tuple[dict[date, Payment], list[Finding]]:
    """Return the payments of a column by session, and a finding for each that was not on one.

    A day without trading has no price to which a payment could belong. A dividend is paid to who
    held the fund the session before, so it goes to the next session; a split is left out, because
    the vendor's prices of the days around it may be before or after it. A dividend that would go
    beyond the newest close is left out too.
    """
    payments, findings = column.traded.payments, []
    days = np.array([payment.day for payment in payments], dtype="datetime64[D]")
    newest = column.traded.days[-1].astype(object)
    kept: dict[date, Payment] = {}
    for payment, session in zip(payments, on_session(calendar, days).tolist(), strict=True):
        day = payment.day
        if not session:
            moved = _next_session(calendar, day) if payment.split == 1 else None
            findings.append(_off_session(column.name, payment, moved))
            if moved is None or moved > newest:
                continue
            day = moved
        old = kept.get(day, Payment(day))
        kept[day] = Payment(day, old.dividend + payment.dividend, old.split * payment.split)
    return kept, findings


def _next_session(calendar: Calendar, day: date) -> date | None:
    """Return the first session after a day, None where the calendar ends before it."""
    place = count_until(calendar.sessions, day)
    found: date | None = None
    if place < len(calendar.sessions):
        found = calendar.sessions[place].astype(object)
    return found


def _off_session(name: str, payment: Payment, moved: date | None) -> Finding:
    """Return what is said of a payment on a day without trading: moved to a day, or left out."""
    dividend = ("dividend", f"{payment.dividend:,.8g}")
    if moved is None:
        detail = (dividend, ("split", ratio_text(payment.split)))
        return Finding(
            day=payment.day,
            subject=name,
            kind="gate.payment_day",
            severity=Severity.SERIOUS,
            detail=detail,
        )
    detail = (dividend, ("session", str(moved)))
    return Finding(
        day=payment.day,
        subject=name,
        kind="gate.payment_moved",
        severity=Severity.NOTICE,
        detail=detail,
    )
