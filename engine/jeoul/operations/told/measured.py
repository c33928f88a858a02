"""The daily measurements that runs kept, read back for histories and statements."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from jeoul.model.measurements import Measurements
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
        "WHERE account = ? AND session BETWEEN ? AND ? AND measured IS NOT NULL ORDER BY seq",
        account,
        first.isoformat(),
        last.isoformat(),
    )
    newest = {row["session"]: json.loads(row["measured"]) for row in rows}
    return tuple(
        KeptMeasurements(
            session=date.fromisoformat(session),
            measured=measured_from(stored),
            account_risk_share=stored["account_risk_share"],
        )
        for session, stored in sorted(newest.items())
    )
