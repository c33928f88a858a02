"""A statement for a terminal: lines of at most 80 columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jeoul.reporting.columns import table, wrapped
from jeoul.reporting.statement.facts import AccountFacts, ReturnWindow, SpanFigures, StatementFacts
from jeoul.reporting.statement.review import review_texts
from jeoul.reporting.statement.words import AMOUNTS, StatementWords

_LABEL, _MONEY, _RATE = 34, 20, 12


def statement_lines(facts: StatementFacts, language: str) -> list[str]:
    """Return what a person reads in a terminal: money, returns, then each account and the notes."""
    words = StatementWords(facts, language)
    lines: list[str] = []
    parts = [
        _head(words),
        _money(words, facts.figures),
        _returns(words, facts.figures, facts.windows),
    ]
    parts += [_account(words, each) for each in facts.accounts]
    parts += [_taxes(words), _notes(words)]
    for part in parts:
        found = list(part)
        lines += ["", *found] if lines and found else found
    return lines


def _head(words: StatementWords) -> Iterator[str]:
    if words.facts.simulated:
        yield from wrapped(words.say("simulated"))
    yield from wrapped(words.head)
    yield from wrapped(words.lead)


def _money(words: StatementWords, figures: SpanFigures) -> Iterator[str]:
    money = words.won.money
    rows = [(words.say(name), money(getattr(figures, name))) for name in AMOUNTS]
    yield from table(rows, (_LABEL, _MONEY))
    inside = [(name, money(amount)) for name, amount in words.inside(figures)]
    if inside:
        yield f"  {words.say('inside_gain')}"
        yield from table(inside, (_LABEL - 2, _MONEY), "    ")


def _returns(
    words: StatementWords, figures: SpanFigures, windows: Sequence[ReturnWindow]
) -> Iterator[str]:
    heads = (words.say("returns"), *(words.say(name) for name in words.rates))
    rows = [
        heads,
        *((name, *words.returns(returns)) for name, returns in words.spans(figures, windows)),
    ]
    yield from table(rows, (_LABEL - 18, *[_RATE + 2] * len(words.rates)))


def _account(words: StatementWords, account: AccountFacts) -> Iterator[str]:
    yield f"{words.title(account)} · {words.say(f'source_{account.source}')}"
    if len(words.facts.accounts) > 1:
        yield from _money(words, account.figures)
        yield from _returns(words, account.figures, account.windows)
    if account.done is not None:
        for line in words.done(account.done):
            yield from wrapped(line, "  ")
        for line in words.missed(account.done):
            yield from wrapped(line, "    ")
        yield from wrapped(words.drift(account.drift), "  ")
    if account.drift is not None:
        percent = words.won.percent
        heads = (words.say("weight"), words.say("target"), words.say("now"))
        rows = [
            (words.code(each.code, each.name), percent(each.target), percent(each.now))
            for each in account.drift.weights
        ]
        yield from table([heads, *rows], (_LABEL + 8, _RATE, _RATE), "    ")
    yield from wrapped(words.income(account.income), "  ")
    if account.income:
        fund = tuple(words.say(name) for name in ("weight", "shares", "per_share", "a_year"))
        count, decimal, money = words.won.count, words.won.decimal, words.won.money
        paying = [
            (words.code(p.code, p.name), count(p.shares), decimal(p.per_share), money(p.amount))
            for p in account.income
        ]
        yield from table([fund, *paying], (_LABEL, _RATE, _RATE, _RATE + 2), "    ")
    if account.review is not None:
        for line in review_texts(account.review, words.language):
            yield from wrapped(line, "  ")


def _taxes(words: StatementWords) -> Iterator[str]:
    facts = words.facts
    if not facts.taxes:
        return
    yield words.say("law", law=facts.law)
    for each in facts.taxes:
        parts = " · ".join(f"{name} {amount}" for name, amount in words.year_parts(each))
        yield from wrapped(f"{words.year(each)}: {parts}", "  ")
    yield from wrapped(words.say("law_note"), "  ")
    if not words.assessed:
        yield from wrapped(words.say("law_alone"), "  ")


def _notes(words: StatementWords) -> Iterator[str]:
    for note in words.notes:
        yield from wrapped(note)
