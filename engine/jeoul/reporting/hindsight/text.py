"""Decisions looked back at, for a terminal: lines of at most 80 columns."""

from __future__ import annotations

from collections.abc import Iterator

from jeoul.account.hindsight.found import Hindsight
from jeoul.account.hindsight.records import LookedBack
from jeoul.reporting.columns import wrapped
from jeoul.reporting.hindsight.words import HindsightWords


def hindsight_lines(found: Hindsight, language: str) -> list[str]:
    """Return the summaries, each decision with its outcomes, and how they are computed."""
    words = HindsightWords(found, language)
    lines = wrapped(f"{words.say('title')} ({words.say('as_of')} {found.last})")
    if found.simulated:
        lines += wrapped(words.formats.say("research.simulated"), "  ")
    if not found.decisions:
        return [*lines, *wrapped(words.say("none"), "  ")]
    for summary in found.summaries:
        lines += wrapped(words.summary(summary), "  ")
    for looked in found.decisions:
        lines += ["", *_decision(words, looked)]
    return [*lines, "", *(line for text in words.method() for line in wrapped(text, "  "))]


def _decision(words: HindsightWords, looked: LookedBack) -> Iterator[str]:
    decision = looked.decision
    head = f"{decision.session}  {words.cause(decision.cause)}: {words.orders(decision)}"
    yield from wrapped(head, "  ")
    outcomes = words.outcomes(looked)
    for text in outcomes or [words.say("pending", days=30)]:
        yield from wrapped(text, "    ")
