"""Whether buys lapsed because no run tried them again before the close."""

from __future__ import annotations

from datetime import date

from jeoul.operations.desk.buy_terms import NOTE, UNPAID_NOTE
from jeoul.operations.desk.lapsing import STOPPED
from jeoul.operations.ledger import Ledger
from jeoul.operations.setup.starts import SecondStart


def were_left_alone(ledger: Ledger, account: str, since: date, second: SecondStart) -> bool:
    """Return whether a buy of an account lapsed whose last try was before the second start.

    Only buys of sessions that were decided on ``since`` or later count, and only those that waited
    for money or for a lower premium. A session on which a run was stopped does not count: its buys
    lapsed for that, such as the kill switch.
    """
    whys = tuple(STOPPED.values())
    rows = ledger.rows(
        "SELECT i.intent AS intent, r.executed AS executed FROM order_events e "
        "JOIN intents i ON i.intent = e.intent JOIN runs r ON r.run_id = i.run_id "
        "WHERE r.account = ? AND r.session >= ? AND e.state = 'expired' "
        f"AND json_extract(e.detail, '$.why') IN ({', '.join('?' * len(whys))}) "
        "AND NOT EXISTS (SELECT 1 FROM notes n WHERE n.kind = 'outcome' AND n.seq < e.seq "
        "AND n.account = r.account AND n.session = r.session)",
        account,
        since.isoformat(),
        *whys,
    )
    for row in rows:
        started = second.on(date.fromisoformat(row["executed"])).timestamp()
        if _last_try(ledger, row["intent"]) < started:
            return True
    return False


def _last_try(ledger: Ledger, intent: str) -> int:
    (row,) = ledger.rows(
        "SELECT COALESCE(MAX(c.at), 0) AS at FROM notes n JOIN chain c ON c.seq = n.seq "
        "WHERE n.kind IN (?, ?) AND json_extract(n.detail, '$.order') = ?",
        NOTE,
        UNPAID_NOTE,
        intent,
    )
    return int(row["at"])
