"""The daily measurements that runs kept, read back for histories and statements."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from statistics import fmean
from typing import Any

from jeoul.model.measurements import MeasuredSpan, Measurements
from jeoul.operations.ledger import Ledger
from jeoul.reporting.measurements import measured_document, measured_from


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptMeasurements:
    """What the run of a session measured.

    ``account_risk_share`` is the risk share of what the account held before the orders of that
    run, None where it was empty or a price was missing; ``measured.risk_share`` is that of the
    target.
    """

    session: date
    measured: Measurements
    account_risk_share: float | None

    def document(self) -> dict[str, Any]:
        """Return the measurements as JSON values."""
        return {
            "session": self.session.isoformat(),
            **measured_document(self.measured),
            "account_risk_share": self.account_risk_share,
        }


def measured_over(
    ledger: Ledger, account: str, first: date, last: date
) -> tuple[KeptMeasurements, ...]:
    """Return what the runs of an account measured on the sessions of a span, oldest first.

    Of several runs on one session the newest counts. Runs of before measurements were kept are not
    among them.
    """
    rows = ledger.rows(
        "SELECT session, json_extract(plan, '$.measured') AS measured FROM runs "
        "WHERE account = ? AND session BETWEEN ? AND ? ORDER BY seq",
        account,
        first.isoformat(),
        last.isoformat(),
    )
    newest = {row["session"]: json.loads(row["measured"]) for row in rows if row["measured"]}
    return tuple(
        KeptMeasurements(
            session=date.fromisoformat(session),
            measured=measured_from(stored),
            account_risk_share=stored["account_risk_share"],
        )
        for session, stored in sorted(newest.items())
    )


def measured_span(kept: Sequence[KeptMeasurements]) -> MeasuredSpan | None:
    """Return what the runs of a span measured taken together, None without any."""
    if not kept:
        return None
    shares = [each.account_risk_share for each in kept if each.account_risk_share is not None]
    return MeasuredSpan(
        runs=len(kept),
        day=kept[-1].session,
        newest=kept[-1].measured,
        account_risk_share=fmean(shares) if shares else None,
        lines=Counter(each.measured.line for each in kept if each.measured.line is not None),
    )
