"""A statement as one self-contained HTML page."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from jeoul.reporting.charts.axes import day_axis, money_axis, times_axis
from jeoul.reporting.charts.figure import Figure, FigureTable
from jeoul.reporting.charts.lines import EventTick, Line, Stretch, line_chart
from jeoul.reporting.pages import PageHead, render_page
from jeoul.reporting.statement.facts import (
    AccountFacts,
    AccountReview,
    Drift,
    Paying,
    ReturnWindow,
    SpanFigures,
    StatementFacts,
)
from jeoul.reporting.statement.review import measured_texts, outcome_table
from jeoul.reporting.statement.words import AMOUNTS, StatementWords


def render_statement(facts: StatementFacts, language: str) -> str:
    """Return a statement as one HTML page in ``ko`` or ``en``: same facts, same bytes.

    Raises :class:`~jeoul.errors.UsageError` for another language.
    """
    words = StatementWords(facts, language)
    figures = facts.figures
    head = PageHead(
        language=language,
        kind=words.say("page_title"),
        title=facts.title,
        simulated=facts.simulated,
        day=figures.end,
        meta=(
            (words.say("period"), f"{figures.start} ~ {figures.end}"),
            (words.say("accounts_count"), str(len(facts.accounts))),
        ),
    )
    return render_page(
        "statement/page.html.j2",
        head,
        "statement",
        facts=facts,
        w=words,
        f=words.won,
        tables=Tables(words),
        charts={"value": value_chart(words), "unit": unit_chart(words)},
    )


def value_chart(words: StatementWords, behind: Sequence[Stretch | EventTick] = ()) -> Figure | None:
    """Return the value of all accounts beside the money that was paid in; None for one day.

    ``behind`` is what happened on the way: stretches of days, and strokes at the foot.
    """
    days, values, paid, _ = _columns(words.facts)
    return line_chart(
        words.say("worth_chart"),
        day_axis(words.say("day")),
        money_axis(words.won, words.say("money")),
        [Line(words.say("value_line"), days, values), Line(words.say("paid_line"), days, paid)],
        behind=behind,
    )


def unit_chart(words: StatementWords) -> Figure | None:
    """Return what one won became, whatever was paid in and out; None for one day."""
    days, _, _, units = _columns(words.facts)
    return line_chart(
        words.say("unit_chart"),
        day_axis(words.say("day")),
        times_axis(words.won, words.say("time_weighted")),
        [Line(words.say("value_line"), days, units)],
        size="short",
    )


def _columns(facts: StatementFacts) -> tuple[np.ndarray, ...]:
    days = np.array([each.day for each in facts.path], dtype="datetime64[D]")
    rest = np.array([each[1:] for each in facts.path], dtype=np.float64).T
    return days, *rest


class Tables:
    """The tables of a statement's page."""

    def __init__(self, words: StatementWords) -> None:
        self.words = words

    @property
    def accounts(self) -> FigureTable:
        """Return the money of each account and of all."""
        say, money = self.words.say, self.words.won.money
        names = (*AMOUNTS, "costs", "taxes")
        rows = [
            (self.words.title(each), *(money(getattr(each.figures, name)) for name in names))
            for each in self.words.facts.accounts
        ]
        whole = self.words.facts.figures
        rows.append((say("total"), *(money(getattr(whole, name)) for name in names)))
        return FigureTable((say("account"), *map(say, names)), tuple(rows))

    def returns(self, figures: SpanFigures, windows: Sequence[ReturnWindow]) -> FigureTable:
        """Return the returns of the spans that an account is old enough for."""
        words = self.words
        spans = words.spans(figures, windows)
        heads = ("", *(words.say(name) for name in words.rates))
        return FigureTable(heads, tuple((name, *words.returns(found)) for name, found in spans))

    def measured(self, review: AccountReview) -> tuple[str, ...]:
        """Return what the runs of the span measured."""
        return measured_texts(review, self.words.language)

    def outcomes(self, review: AccountReview) -> FigureTable | None:
        """Return the decisions by cause against not trading, None without decisions."""
        return outcome_table(review, self.words.language)

    def drift(self, drift: Drift) -> FigureTable:
        """Return the weights as they were decided, and as they are."""
        words, percent = self.words, self.words.won.percent
        heads = (words.say("weight"), words.say("target"), words.say("now"))
        rows = [
            (words.code(each.code, each.name), percent(each.target), percent(each.now))
            for each in drift.weights
        ]
        return FigureTable(heads, tuple(rows))

    def income(self, income: Sequence[Paying]) -> FigureTable:
        """Return what each fund paid on the shares of today."""
        words, won = self.words, self.words.won
        heads = tuple(words.say(name) for name in ("weight", "shares", "per_share", "a_year"))
        rows = [
            (
                words.code(each.code, each.name),
                won.count(each.shares),
                won.decimal(each.per_share),
                won.money(each.amount),
            )
            for each in income
        ]
        return FigureTable(heads, tuple(rows))

    def inside(self, account: AccountFacts) -> list[tuple[str, str]]:
        """Return the parts of an account's gain."""
        found = self.words.inside(account.figures)
        return [(name, self.words.won.money(amount)) for name, amount in found]
