"""What a run says: outcome, reasons, what is asked, and the document with the numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from jeoul.errors import AllocationError, BrokerError, DataError
from jeoul.messages import say
from jeoul.model.calendar import moment
from jeoul.model.decision import Proposal
from jeoul.model.money import UNITS, money_text
from jeoul.model.portfolio import Reason
from jeoul.operations.decision import Decided
from jeoul.operations.desk.accepted_rules import RulesCheck, content_then
from jeoul.operations.desk.intents import Run, intents_of, reason_from, run_events
from jeoul.operations.desk.lapsing import lapsed_for
from jeoul.operations.desk.room import room_of
from jeoul.operations.setup.config import Config, secrets_of
from jeoul.operations.setup.outcome import RunReport
from jeoul.operations.setup.secrets import without_secrets
from jeoul.operations.told.alarms import answers_reason, missed_reason
from jeoul.operations.told.expiry import expiry_reasons
from jeoul.operations.told.overnight import keep_named, overnight_reasons
from jeoul.operations.told.run_document import order_document, run_document
from jeoul.operations.told.session_records import SessionRecords
from jeoul.operations.told.unsent_buys import changed_texts, lapsed_texts, unsent_texts
from jeoul.pipeline.overdue import OVERDUE
from jeoul.profile import Diagnosis, diagnosis_notes, kept
from jeoul.reporting.formats import Formats
from jeoul.reporting.reasons import reason_text
from jeoul.translation import in_language

_SAID = frozenset(
    f"holdings.{kind}" for kind in ("outside", "foreign", "overdrawn", "cash_traded", "orderable")
)
"""What of a reading is among the reasons of every run; the rest is shown by ``jeoul import``."""

_STOPS = {"diagnosis.expired": "answers_ask", "room.beyond": "room_ask"}
"""What is asked of a person where nothing may be bought and nothing is sold, by its reason."""

STOPS = (BrokerError, DataError, AllocationError)
"""What stops a run, which then says so in its report."""


def message(config: Config, kind: str, **detail: object) -> str:
    """Return a message of this part in the config's language."""
    return say(config.settings.lang, f"operations.{kind}", detail)


def blocked(config: Config, outcome: str, kind: str, **detail: object) -> RunReport:
    """Return a report that stops for one reason, with what is asked."""
    asked = message(config, f"{kind}_ask", **detail)
    return RunReport(outcome, (message(config, kind, **detail),), (asked,))


def stopped(config: Config, outcome: str, text: str) -> RunReport:
    """Return a report that stops for an error, said in the account's language without secrets."""
    settings = config.settings
    return RunReport(
        outcome,
        (in_language(without_secrets(text, secrets_of(config)), settings.lang),),
        (message(config, f"{outcome}_ask"),),
        {"account": settings.name, "strategy": settings.strategy},
    )


def stopped_by(config: Config, error: Exception) -> RunReport:
    """Return the report of a run that one of :data:`STOPS` ended."""
    if isinstance(error, BrokerError):
        return stopped(config, "needs_person", str(error))
    outcome = "blocked_data" if isinstance(error, DataError) else "blocked_rule"
    return stopped(config, outcome, str(error))


@dataclass(frozen=True, slots=True)
class RunReporter:
    """The reports of one run. ``dry`` says that nothing would be sent.

    ``diagnosis`` is that of the account's answers, None without any.
    """

    config: Config
    records: SessionRecords
    dry: bool
    diagnosis: Diagnosis | None = None

    def say(self, kind: str, **detail: object) -> str:
        """Return a message of this part in the config's language."""
        return message(self.config, kind, **detail)

    def base(self, unexplained: object) -> dict[str, Any]:
        """Return what every document carries."""
        head = self.records.desk.ledger.head()
        return {
            "run_id": None,
            "account": self.records.account,
            "strategy": self.records.strategy,
            "as_of": self.records.session.isoformat(),
            "dry_run": self.dry,
            "broker": self.records.desk.broker.kind,
            "holdings": self.records.holdings(),
            "outside": dict(self.records.desk.broker.outside()),
            "proof": self.records.proof(),
            "unexplained": str(unexplained) if unexplained else None,
            "skipped": self.records.skipped_before(),
            "ledger": {"rows": head.seq, "head": head.hash},
            "diagnosis": kept(self.diagnosis),
            "notes": self._whose(),
        }

    def _whose(self) -> list[str]:
        """Return whose answers give the profile, or that nobody's do."""
        settings, found = self.config.settings, self.diagnosis
        profile = settings.profile if found is None else found.profile.name
        if profile is None:
            return []  # a run that was given neither
        room = room_of(settings, self.records.session.year)
        asks = [] if room is None or room.sure else [say(settings.lang, "room.unknown_config")]
        return [*diagnosis_notes(settings.lang, profile, found), *asks]

    def gap(self) -> tuple[str, ...]:
        """Return what the first run after a gap says: sessions that it caught up, lapsed orders."""
        days = [date.fromisoformat(day) for day in self.records.skipped_before()]
        missed = [missed_reason(days)] if days else []
        lapsed = overnight_reasons(self.records, self.config, keep=not self.dry)
        return tuple(map(self.text, (*missed, *lapsed)))

    def reading(self) -> tuple[str, ...]:
        """Return what a person should know of how the account's file was read."""
        notes = self.records.desk.broker.reading()
        return tuple(self.text(note) for note in notes if note.kind in _SAID)

    def age(self, newest: Mapping[str, Any]) -> tuple[str, ...]:
        """Return how old the newest price is, nothing if it is that of the last close."""
        lang = self.config.settings.lang
        return (say(lang, "data.newest_price", newest),) if newest["sessions_old"] else ()

    def ends(self, at: int, said: Sequence[str]) -> tuple[str, ...]:
        """Return that keys or answers end soon or have ended, unless that was ``said``."""
        today = moment(at).date()
        found = (*expiry_reasons(self.config, today), answers_reason(self.diagnosis))
        texts = [self.text(reason) for reason in found if reason is not None]
        return tuple(text for text in texts if text not in said)

    def refused(self, decided: Decided) -> RunReport | None:
        """Return why a plan is not made: limits, too small an account, or expired answers.

        Only purchases wait for answers; a plan that sells goes on and says so.
        """
        if decided.forbidden:
            return self._forbidden(decided)
        plan, least = decided.plan, self.config.settings.minimum
        currency = plan.document["currency"]
        value, needed = plan.document["value"], least * UNITS[currency]
        if plan.document["first"] and value < needed:
            amounts = {"value": money_text(value, currency), "least": money_text(needed, currency)}
            return blocked(self.config, "blocked_rule", "minimum", **amounts)
        kinds = {reason.kind for reason in decided.decision.reasons}
        for kind, asked in _STOPS.items():
            if kind in kinds and not plan.orders:
                reasons = tuple(map(self.text, decided.decision.reasons))
                return RunReport("needs_person", reasons, (self.say(asked),), self.preview(decided))
        return None

    def preview(self, decided: Decided) -> Mapping[str, Any]:
        """Return a plan that is not frozen as a document."""
        plan = decided.plan
        run = Run(
            run_id=plan.run_id,
            account=plan.account,
            strategy=plan.strategy,
            session=plan.session,
            executed=plan.executed,
            inputs_id=plan.inputs_id,
            document=plan.document,
            at=self.records.desk.at(),
        )
        return run_document(run, plan.orders, self.config.settings.lang)

    def planned(self, decided: Decided) -> RunReport:
        """Return what a run would do."""
        reasons = tuple(map(self.text, (*decided.decision.reasons, *decided.cut)))
        if not decided.plan.orders:
            return RunReport("nothing_to_do", reasons, (), self.preview(decided))
        return RunReport("planned", reasons, (self.say("execute_ask"),), self.preview(decided))

    def overdue(self, proposal: Proposal) -> str:
        """Return which series an active rule lacks, "" if it has all of them."""
        missing = [r for r in proposal.reasons if r.kind.startswith(OVERDUE)]
        return " ".join(map(self.text, missing))

    def rules_question(
        self, rules: RulesCheck, decided: Decided, before: Decided | None
    ) -> RunReport:
        """Return the question whether changed rules may trade: what they are and what they move.

        ``before`` is what the old rules would do today; without it the last plan stands in.
        """
        assert rules.last is not None
        then = rules.last.document if before is None else before.plan.document
        weights, now = then["weights"], decided.plan.document["weights"]
        codes = sorted({*weights, *now})
        moved = 0.5 * sum(abs(weights.get(code, 0.0) - now.get(code, 0.0)) for code in codes)
        orders = () if before is None else before.plan.orders
        currency, lang = decided.plan.document["currency"], self.config.settings.lang
        document = {
            **self.preview(decided),
            "rules": {
                "before": content_then(rules.last).digest,
                "now": rules.now.digest,
                "changes": [change._asdict() for change in rules.changes],
                "weights_before": weights,
                "orders_before": [order_document(order, currency, lang) for order in orders],
                "moved": moved,
            },
        }
        texts = [
            self.say("rules_key", key=c.key, before=_value(c.before), now=_value(c.now))
            for c in rules.changes
        ]
        head = self.say("rules_ask_why", moved=f"{moved:z.1%}")
        asked = self.say("rules_ask", digest=rules.now.digest)
        return RunReport("needs_person", (head, *texts), (asked,), document)

    def _forbidden(self, decided: Decided) -> RunReport:
        """Return which limits a plan breaks."""
        reasons = tuple(map(self.text, decided.forbidden))
        asked = (self.say("blocked_rule_ask"),)
        return RunReport("blocked_rule", reasons, asked, self.preview(decided))

    def frozen(self, run: Run, order_file: Path | None) -> RunReport:
        """Return what became of a frozen run; a person types in the orders of ``order_file``."""
        intents = intents_of(self.records.desk.ledger, run.run_id)
        events = {event for event, _, _ in run_events(self.records.desk.ledger, run.run_id)}
        for event in ("rejected", "lapsed"):
            if event in events:
                why = lapsed_for(self.records.desk.ledger, run) or {}
                said = self.say("superseded", by=why["by"]) if "by" in why else self.say(event)
                return self.outcome(run, "blocked_rule", reasons=(said,))
        if not intents:
            return self.outcome(run, "nothing_to_do")
        desk, settings = self.records.desk, self.config.settings
        tried, lang = desk.tried, settings.lang
        formats = Formats(lang, settings.schedule.timezone, run.document["currency"])
        first = desk.broker.sales_first
        unsent = tuple(unsent_texts(run, intents, tried, lang, first=first))
        changed = tuple(changed_texts(intents, tried, formats))
        bad = [intent for intent in intents if intent.state in ("refused", "expired")]
        if bad:
            if not self.dry:
                keep_named(self.records, bad)
            states = (say(lang, f"statement.state_{intent.state}") for intent in bad)
            names = ", ".join(
                f"{i.order.ticker} ({state})" for i, state in zip(bad, states, strict=True)
            )
            lines = (self.say("not_placed", orders=names), *lapsed_texts(bad, lang))
            asked = self.say("not_placed_ask")
            return self.outcome(run, "needs_person", asked, (*lines, *unsent, *changed))
        if any(intent.state in ("new", "absent", "sending") for intent in intents):
            asked = self.say("buys_wait_ask" if unsent else "execute_ask")
            return self.outcome(run, "planned", asked, (*unsent, *changed))
        if order_file is not None and not all(intent.done for intent in intents):
            return self.outcome(run, "planned", self.say("ticket_ask", file=order_file))
        return self.outcome(run, "executed", reasons=changed)

    def outcome(
        self, run: Run, outcome: str, asked: str | None = None, reasons: tuple[str, ...] = ()
    ) -> RunReport:
        """Return a frozen run under an outcome."""
        stored = tuple(self.text(reason_from(reason)) for reason in run.document["reasons"])
        intents = intents_of(self.records.desk.ledger, run.run_id)
        document = run_document(run, intents, self.config.settings.lang)
        return RunReport(outcome, (*reasons, *stored), () if asked is None else (asked,), document)

    def text(self, reason: Reason) -> str:
        """Return a reason as a sentence."""
        return reason_text(reason, self.config.settings.lang)


def _value(value: object) -> str:
    """Return a value of a key as a strategy file writes it; a default has none there."""
    return "–" if value is None else json.dumps(value, ensure_ascii=False)
