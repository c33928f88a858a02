"""The whole look back on one account."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from jeoul.account.hindsight.records import LookedBack
from jeoul.account.hindsight.summary import HindsightSummary, summaries


@dataclass(frozen=True, slots=True, kw_only=True)
class Hindsight:
    """The decisions of one account with their outcomes, oldest first.

    Money is in the smallest unit of ``currency``; ``last`` is the newest session with prices.
    ``taxed`` says that the account pays tax at its source, ``approximate`` that some price is
    adjusted for distributions, so that nobody could have traded at it. ``untaxed`` are tickers
    whose kind of tax is not known: nothing is taken of them. Money counts ``parts`` of the smallest
    unit where the account counts parts.
    """

    account: str
    currency: str
    last: date
    simulated: bool
    taxed: bool
    decisions: tuple[LookedBack, ...]
    approximate: bool = False
    untaxed: tuple[str, ...] = ()
    parts: int = 1

    @property
    def summaries(self) -> tuple[HindsightSummary, ...]:
        """Return what the decisions come to by cause and horizon, with the uncertainty of it."""
        return summaries(self.decisions)

    def between(self, first: date, last: date) -> Hindsight:
        """Return the decisions of a span alone."""
        chosen = (each for each in self.decisions if first <= each.decision.session <= last)
        return replace(self, decisions=tuple(chosen))
