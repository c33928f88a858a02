"""A report as a whole: the runs it is made from, as a page and as values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from jeoul.allocate import Proof
from jeoul.backtesting import summarise
from jeoul.backtesting.beside import beside, beside_document
from jeoul.backtesting.past.record import past_document
from jeoul.messages import used_language
from jeoul.model.shown import Shown
from jeoul.pipeline.inputs import combined_id
from jeoul.reporting.document import report_document
from jeoul.reporting.facts import ReportFacts
from jeoul.reporting.gather import Profiled
from jeoul.reporting.holdings import holdings_document

if TYPE_CHECKING:
    from jeoul.reporting.household.facts import HouseholdFacts


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Report(Shown):
    """What a strategy would do for one or more profiles, why, and what it did so far.

    ``runs`` has one entry per profile, ``facts`` all that the page says, in neither language.
    ``household`` is a plan whose orders come first.
    """

    runs: tuple[Profiled, ...]
    facts: ReportFacts
    household: HouseholdFacts | None = None

    def proved(self, proofs: Sequence[Proof | None]) -> Report:
        """Return the report with the proof of each profile's allocation on its page."""
        pairs = zip(self.facts.profiles, proofs, strict=True)
        profiles = tuple(replace(profile, proof=proof) for profile, proof in pairs)
        return replace(self, facts=replace(self.facts, profiles=profiles))

    def html(self, lang: str | None = None) -> str:
        """Return one self-contained HTML page in ``ko`` or ``en``.

        Without ``lang`` it is in the language of ``jeoul.set_language``. Raises
        :class:`~jeoul.errors.UsageError` for another language.
        """
        from jeoul.reporting.page import render_html

        return render_html(self.facts, used_language(lang), self.household)

    def document(self, lang: str | None = None) -> dict[str, Any]:
        """Return the same numbers as JSON values, with reasons in ``ko`` or ``en``.

        The id of the inputs covers all profiles: two reports with the same id were made from the
        same inputs.
        """
        lang = used_language(lang)
        decisions = [run.decision for run in self.runs]
        account = self.runs[0].account
        found = report_document(
            decisions,
            [summarise(run.strategy) for run in self.runs],
            [run.moved for run in self.runs],
            self.facts.stance,
            combined_id([decision.inputs_id for decision in decisions]),
            lang,
        )
        for told, run in zip(found["profiles"], self.runs, strict=True):
            had = run.attainable
            told["attainable"] = None if had is None else beside_document(beside(had))
            told["past"] = None if run.past is None else past_document(run.past)
        if account is not None:
            found["holdings"] = holdings_document(account.holdings, lang)
        if self.household is not None:
            from jeoul.reporting.household.document import household_document

            found["household"] = household_document(self.household, lang)
        return found

    def _brief(self) -> Mapping[str, object]:
        about = self.runs[0].decision.proposal
        return {
            "strategy": about.strategy,
            "profiles": tuple(run.decision.proposal.profile for run in self.runs),
            "account": about.account,
            "as_of": about.as_of,
        }
