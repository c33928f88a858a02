"""What an account's decisions and measurements came to, in its statement."""

from __future__ import annotations

from jeoul.reporting.charts.figure import FigureTable
from jeoul.reporting.hindsight.page import summary_table
from jeoul.reporting.hindsight.words import HindsightWords
from jeoul.reporting.measurements import span_texts
from jeoul.reporting.statement.facts import AccountReview


def review_texts(review: AccountReview, language: str) -> list[str]:
    """Return the decisions by cause against not trading, and what the runs measured."""
    words = HindsightWords(review.outcomes, language)
    found = list(measured_texts(review, language))
    if review.outcomes.decisions:
        found += [f"{words.say('title')}:", *map(words.summary, review.outcomes.summaries)]
        found.append(words.say("proves_nothing"))
    return found


def measured_texts(review: AccountReview, language: str) -> tuple[str, ...]:
    """Return what the runs of the span measured, nothing where none kept it."""
    return () if review.measured is None else span_texts(review.measured, language)


def outcome_table(review: AccountReview, language: str) -> FigureTable | None:
    """Return the decisions by cause against not trading as a table, None without decisions."""
    if not review.outcomes.decisions:
        return None
    return summary_table(HindsightWords(review.outcomes, language))
