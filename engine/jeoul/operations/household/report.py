"""What a household's run says: one outcome for all its accounts, and what each came to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from jeoul.household.written.file import HouseholdFile
from jeoul.messages import say
from jeoul.operations.desk.intents import Run
from jeoul.operations.household.leg import KEPT, Leg
from jeoul.operations.household.money_texts import transfer_texts, waiting_texts
from jeoul.operations.household.planning import PlannedHousehold
from jeoul.operations.setup.outcome import RunReport
from jeoul.translation import in_language

WORST_FIRST = (
    "needs_person",
    "blocked_data",
    "blocked_rule",
    "planned",
    "executed",
    "nothing_to_do",
)
"""A household's outcome is that of the account that needs its people most."""

_ASKS = ("transfers", "waiting", "put_off", "to_come")
"""Keys of a plan that ask people for money; one that is not carried out asks for none."""

_ELSEWHERE = (
    "accounts",
    "account",
    "name",
    "file",
    "reasons",
    "on",
    "today",
    "looked",
    "under_way",
    "expected",
    "seen",
    "wanted",
    "stays",
    "early",
    "rates",
)
"""Keys of a kept plan that the document of a run has at its top, or that only a replay reads."""


_NO_PLAN: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class HouseholdReporter:
    """The reports of one run of a household."""

    file: HouseholdFile
    legs: Sequence[Leg]

    def say(self, kind: str, **detail: object) -> str:
        """Return a message of a run in the household's language."""
        return say(self.file.runs.lang, f"operations.{kind}", detail)

    def unlooked(self) -> RunReport:
        """Return that nothing is planned, because an account could not be looked at."""
        names = ", ".join(leg.account for leg in self.legs if leg.failed)
        return self._report((self.say("household_unlooked", accounts=names),))

    def stopped(self, outcome: str, text: str) -> RunReport:
        """Return that no plan could be made."""
        said = in_language(text, self.file.runs.lang)
        return RunReport(outcome, (said,), (self.say(f"{outcome}_ask"),), self._document({}))

    def impossible(self, planned: PlannedHousehold) -> RunReport:
        """Return that the rules cannot hold together, with what a plan says of them."""
        asked = (self.say("blocked_rule_ask"),)
        numbers = _numbers(planned.document, asks=False)
        return RunReport("blocked_rule", planned.reasons, asked, self._document(numbers))

    def blocked(
        self, gates: Mapping[Leg, RunReport], planned: PlannedHousehold | None = None
    ) -> RunReport:
        """Return that nothing is frozen, because some accounts forbid it."""
        for leg, report in gates.items():
            assert leg.stages is not None
            leg.report = leg.stages.reported(_given(report))
        return self._report((), _numbers({} if planned is None else planned.document, asks=False))

    def whole(
        self,
        planned: PlannedHousehold | None,
        runs: Mapping[str, Run] | None = None,
        *,
        arrived: Sequence[str] = (),
        stands: bool = True,
    ) -> RunReport:
        """Return what a plan, or a run that went on with one, came to.

        ``arrived`` are accounts whose money has moved since the plan that is gone on with. One that
        does not stand, because a person rejected it or it has lapsed, asks nobody for money.
        """
        kept = dict(next(iter(runs.values())).document[KEPT]) if runs else {}
        said = planned.said if planned is not None else tuple(kept.get("reasons", ()))
        if arrived:
            detail = {"accounts": ", ".join(arrived)}
            said = (*said, say(self.file.runs.lang, "household_run.arrived_open", detail))
        if kept.get("transfers") and not stands:
            said = (*said, say(self.file.runs.lang, "household_run.not_asked", {}))
        whole = kept or (planned.document if planned is not None else {})
        return self._report(said, _numbers(whole, asks=stands), kept.get("run"), arrived)

    def _report(
        self,
        said: tuple[str, ...],
        plan: Mapping[str, Any] = _NO_PLAN,
        run: str | None = None,
        arrived: Sequence[str] = (),
    ) -> RunReport:
        """Return the report of a plan, ``run`` by name; what is only shown asks nobody to pay."""
        reports = {leg.account: leg.report for leg in self.legs if leg.report is not None}
        outcomes = [report.outcome for report in reports.values()]
        outcome = min(outcomes, key=WORST_FIRST.index, default="nothing_to_do")
        reasons = [*said, *self._stops(reports)]
        asked = [text for report in reports.values() for text in report.asked]
        lang = self.file.runs.lang
        transfers = tuple(transfer_texts(lang, plan, without=arrived))
        reasons += waiting_texts(lang, plan)
        if run is not None:
            asked = [*transfers, *asked]
        else:
            reasons += transfers
        if transfers and outcome == "nothing_to_do":
            outcome = "planned"
        document = self._document(plan, run)
        return RunReport(outcome, tuple(reasons), tuple(dict.fromkeys(asked)), document)

    def _stops(self, reports: Mapping[str, RunReport]) -> Iterator[str]:
        """Yield why accounts were stopped; what is true of all of them is said once."""
        stopped = WORST_FIRST[: WORST_FIRST.index("blocked_rule") + 1]
        by_text: dict[str, list[str]] = defaultdict(list)
        for name, report in reports.items():
            for text in report.reasons if report.outcome in stopped else ():
                by_text[text].append(name)
        for text, names in by_text.items():
            every = len(names) == len(self.legs) > 1
            accounts = ", ".join(names)
            yield text if every else self.say("household_account", account=accounts, text=text)

    def _document(self, plan: Mapping[str, Any], run: str | None = None) -> dict[str, Any]:
        """Return the numbers of a run: of the whole plan, and of each account."""
        accounts = [
            {
                "account": leg.account,
                "outcome": leg.report.outcome,
                "reasons": list(leg.report.reasons),
                "asked": list(leg.report.asked),
                **{k: v for k, v in leg.report.document.items() if k != "account"},
            }
            for leg in self.legs
            if leg.report is not None
        ]
        days = [each["as_of"] for each in accounts if each.get("as_of")]
        orders = [
            {**order, "account": a["account"]} for a in accounts for order in a.get("orders", ())
        ]
        return {
            "household": self.file.name,
            "file": str(self.file.path),
            "run_id": run,
            "account": None,
            "strategy": self.file.strategy,
            "as_of": max(days, default=None),
            "dry_run": all(each.get("dry_run", True) for each in accounts),
            "simulated": any(each.get("simulated") for each in accounts),
            "plan": dict(plan),
            "orders": orders,
            "accounts": accounts,
        }


def _numbers(whole: Mapping[str, Any], *, asks: bool) -> Mapping[str, Any]:
    """Return what a report shows of a kept plan, with what it asks people for or without."""
    left_out = _ELSEWHERE if asks else (*_ELSEWHERE, *_ASKS)
    return {key: value for key, value in whole.items() if key not in left_out}


def _given(report: RunReport) -> Callable[[], RunReport]:
    return lambda: report
