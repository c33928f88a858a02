"""What a run keeps beside its orders: notes, reviews, what was skipped, and whose ledger it is."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from jeoul.errors import BrokerError, UsageError
from jeoul.model.calendar import Calendar
from jeoul.model.decision import Proposal
from jeoul.operations.desk.accepted_rules import NOTE as RULES
from jeoul.operations.desk.intents import Run, compact, intents_of, is_finished, unfinished_runs
from jeoul.operations.desk.order_desk import OrderDesk
from jeoul.operations.ledger import portfolio
from jeoul.operations.setup.calendar import missed
from jeoul.operations.told.forward_notes import keep_month
from jeoul.operations.told.ledger_notes import LedgerNotes, stops_after
from jeoul.operations.told.promise_notes import keep_promise
from jeoul.pipeline.content import Content

PLANNER = "household"
"""The note that says which household's file plans an account."""


@dataclass(frozen=True, slots=True)
class SessionRecords:
    """What is kept of one account and strategy, seen from one session."""

    desk: OrderDesk
    account: str
    strategy: str
    session: date

    @property
    def notes(self) -> LedgerNotes:
        """Return the notes that this session writes."""
        return LedgerNotes(
            ledger=self.desk.ledger,
            clock=self.desk.clock,
            account=self.account,
            strategy=self.strategy,
            session=self.session,
        )

    def keep_expected(self, run_id: str, proposal: Proposal, rules: str) -> None:
        """Keep what a plan expects, and once a month where the model of its rules is."""
        keep_promise(self.notes, run_id, proposal)
        keep_month(self.notes, proposal, rules)

    def check_home(self, folder: str, *, adopt: bool) -> None:
        """Refuse a copy of the ledger: its original may be sending the same orders.

        A ledger on a server has no copies, and runs from any folder.
        """
        if not self.desk.ledger.store.copyable:
            return
        row = self.desk.ledger.row(
            "SELECT detail FROM notes WHERE kind = 'home' ORDER BY seq DESC LIMIT 1"
        )
        known = None if row is None else row["detail"]
        if known is None or (known != compact({"folder": folder}) and adopt):
            self.notes.add("home", {"folder": folder})
        elif known != compact({"folder": folder}):
            raise BrokerError(
                f"this ledger belongs to another folder than {folder}; a copy could send the same "
                "orders again. If it was moved and the old one is gone, run once with --adopt"
            )

    def check_planner(self, household: str | None, *, adopt: bool) -> None:
        """Refuse a run of one account alone that a household plans, and keep who plans it.

        ``household`` is the file of the household that runs, None for a run of the account alone.
        """
        row = self.desk.ledger.row(
            "SELECT detail FROM notes WHERE kind = ? ORDER BY seq DESC LIMIT 1", PLANNER
        )
        before = None if row is None else json.loads(row["detail"])["file"]
        if household == before:
            return
        if household is None and not adopt:
            raise BrokerError(
                f"the household {before} plans this account; run `jeoul run {before}`, or take the "
                "account out of that file and run this config once with --adopt"
            )
        self.notes.add(PLANNER, {"file": household})

    def missed(self, calendar: Calendar) -> list[date]:
        """Return the sessions since the last decided one that no run decided on."""
        last = self.last_session()
        return [] if last is None else missed(calendar, last, self.session)

    def unseen(self, calendar: Calendar) -> list[date]:
        """Return the missed sessions on which no run stopped either: nobody heard of them."""
        missed = self.missed(calendar)
        if not missed:
            return []
        stops = stops_after(self.desk.ledger, self.account, self.last_session())
        stopped = {row["session"] for row in stops}
        return [day for day in missed if day.isoformat() not in stopped]

    def skipped(self, calendar: Calendar) -> None:
        """Record the sessions that no run decided on since the last one, each once."""
        known = self.skipped_before()
        for day in map(str, self.missed(calendar)):
            if day not in known:
                self.notes.add("skipped", {"session": day, "caught_up_by": str(self.session)})

    def skipped_before(self) -> list[str]:
        """Return the sessions that this session's run recorded as skipped."""
        rows = self.desk.ledger.rows(
            "SELECT json_extract(detail, '$.session') AS day FROM notes "
            "WHERE kind = 'skipped' AND account = ? AND session = ? ORDER BY seq",
            self.account,
            self.session.isoformat(),
        )
        return [row["day"] for row in rows]

    def accept_rules(self, now: Content, digest: str, by: str) -> None:
        """Record that a person accepted the rules of this run by their digest.

        Raises :class:`UsageError` for the digest of other rules.
        """
        if digest != now.digest:
            raise UsageError(
                f"the rules of this run are {now.digest}, not {digest}; look at what they change "
                "with `jeoul run CONFIG`, then accept them by that digest"
            )
        self.notes.add(RULES, {"digest": digest, "by": by})

    def adopt_rules(self, now: Content) -> None:
        """Record what an older version did not keep of the rules: it is taken as it is today."""
        self.notes.add(RULES, {"digest": now.digest, "adopted": ["universe", "model"]})

    def kept_proof(self, allocation: str) -> dict[str, Any] | None:
        """Return the newest proof of an allocation, None without one."""
        return self._proof("json_extract(detail, '$.allocation')", allocation)

    def proof(self) -> dict[str, Any] | None:
        """Return the proof that this session's run rests on, None without one."""
        return self._proof("session", self.session.isoformat())

    def _proof(self, column: str, value: str) -> dict[str, Any] | None:
        row = self.desk.ledger.row(
            f"SELECT detail FROM notes WHERE kind = 'proof' AND account = ? AND {column} = ? "
            "ORDER BY seq DESC LIMIT 1",
            self.account,
            value,
        )
        return None if row is None else json.loads(row["detail"])

    def review(self, run: Run) -> None:
        """Record the first look of a quarter, also where nothing changes."""
        quarter = f"{run.session.year}Q{(run.session.month + 2) // 3}"
        known = self.desk.ledger.rows(
            "SELECT 1 FROM notes WHERE kind = 'review' AND account = ? AND strategy = ? "
            "AND json_extract(detail, '$.quarter') = ?",
            self.account,
            self.strategy,
            quarter,
        )
        if not known:
            detail = {"quarter": quarter, "run": run.run_id, "weights": run.document["weights"]}
            orders = len(intents_of(self.desk.ledger, run.run_id))
            self.notes.add("review", {**detail, "holdings": self.holdings(), "orders": orders})

    def holdings(self) -> dict[str, Any]:
        """Return what the books hold, as JSON values."""
        found = portfolio(self.desk.ledger, self.desk.currency)
        coming = {day.isoformat(): amount for day, amount in found.unsettled.items()}
        return {"cash": found.cash, "unsettled": coming, "shares": dict(found.shares)}

    def last_session(self) -> date | None:
        """Return the newest session that this account and strategy decided on."""
        (row,) = self.desk.ledger.rows(
            "SELECT MAX(session) AS session FROM runs WHERE account = ? AND strategy = ?",
            self.account,
            self.strategy,
        )
        last = row["session"]
        return None if last is None else date.fromisoformat(last)

    def unfinished(self) -> list[Run]:
        """Return the account's runs that are not over, oldest first."""
        return [run for run in unfinished_runs(self.desk.ledger) if run.account == self.account]

    def is_finished(self, run: Run) -> bool:
        """Return whether every order of a run is over."""
        return is_finished(self.desk.ledger, run.run_id)

    def traded(self, session: date) -> int:
        """Return the value that was traded on a session."""
        (row,) = self.desk.ledger.rows(
            "SELECT COALESCE(SUM(amount), 0) AS amount FROM fills WHERE session = ?",
            session.isoformat(),
        )
        return int(row["amount"])
