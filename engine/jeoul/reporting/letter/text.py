"""A letter for a terminal: lines of at most 80 columns; the page has the rest."""

from __future__ import annotations

from collections.abc import Iterator

from jeoul.reporting.columns import table, wrapped
from jeoul.reporting.letter.facts import LetterFacts
from jeoul.reporting.letter.words import LetterWords

_RETURNS = (25, 9, 10, 11, 17)


def letter_lines(facts: LetterFacts, language: str) -> list[str]:
    """Return the key figures of a letter: money, returns beside the benchmark, costs, trades."""
    words = LetterWords(facts, language)
    lines: list[str] = []
    if facts.statement.simulated:
        lines += wrapped(words.statement.say("simulated"))
    lines += wrapped(words.say("title", title=facts.statement.title, quarter=facts.quarter))
    lines += table([(name, value) for name, value, _ in words.overview], (34, 20))
    for part in (_returns(words), _costs(words), _rules(words)):
        lines += ["", *part]
    return lines


def _returns(words: LetterWords) -> Iterator[str]:
    yield words.say("course")
    for each in words.facts.managed:
        yield from wrapped(f"{words.account(each.id)}: {words.course(each)}", "  ")
        for moved in each.scaled:
            yield from wrapped(words.scaled(moved), "    ")
        found = words.compared(each)
        if found.rows:
            heads = (*found.heads[:-1], words.say("tracking_short"))
            yield from table([heads, *found.rows], _RETURNS, "  ")
    if not words.facts.managed:
        yield f"  {words.nobody}"


def _costs(words: LetterWords) -> Iterator[str]:
    yield words.say("costs")
    found = words.costs
    yield from table([found.heads, *found.rows], (42, 14, 20))
    yield ""
    yield words.say("trades")
    yield from wrapped(words.turnover, "  ")


def _rules(words: LetterWords) -> Iterator[str]:
    yield words.say("rules")
    for said, keys in words.changed:
        for line in (said, *keys):
            yield from wrapped(line, "  ")
    if not words.facts.changed:
        yield f"  {words.say('unchanged')}"
