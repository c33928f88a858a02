"""The statement of an account or of a household, from the courses of its accounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from jeoul.account.withholding import Taxed
from jeoul.errors import UsageError
from jeoul.korea.rulebook import Rulebook
from jeoul.market.market import Market
from jeoul.model.days import count_before, count_until
from jeoul.model.money import UNITS
from jeoul.model.series import PriceTable
from jeoul.operations.course import AccountCourse
from jeoul.operations.statement.decisions import Decisions, done_between, drift_of
from jeoul.operations.statement.income import income_of
from jeoul.operations.statement.inflation import inflation_of, rise_by
from jeoul.operations.statement.spans import Rise, figures_between, units_between, windows_to
from jeoul.operations.statement.taxes import (
    AccountResults,
    Payer,
    Taxable,
    years_of,
)
from jeoul.operations.statement.worth import (
    OWNER,
    SERIES,
    AccountsWorth,
    every_session,
    rate_on,
    together,
    worth_of,
)
from jeoul.reporting.statement.facts import (
    AccountFacts,
    DayValue,
    SpanFigures,
    StatementFacts,
)
from jeoul.reporting.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """An account to state: its course, what it decided, and how it is taxed.

    ``source`` says what its course was read from, ``ledger`` or ``files``; ``decisions`` is None
    for an account without orders by us. ``exchange`` names the one that its prices are of.
    ``taxed`` is what the law looks at in the course (:func:`~.taxes.results_of`).
    """

    id: str
    title: Text
    kind: str
    source: str
    exchange: str
    course: AccountCourse
    decisions: Decisions | None
    taxable: Taxable
    taxed: tuple[Taxed, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementSpan:
    """The days of a statement: from the first one of the accounts, to the newest session."""

    start: date | None = None
    end: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """Whose statement it is: name and title, and the people whose years are assessed, by name.

    A person is None where only one account is stated, so that the year cannot be assessed.
    ``left_out`` are accounts without a ledger or a file, ``undated`` those whose only file has no
    date: it counts from the newest session on.
    """

    name: str
    title: str
    people: Mapping[str, Payer | None] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    undated: tuple[str, ...] = ()


def statement_of(
    stated: Sequence[Stated],
    whose: Whose,
    *,
    market: Market,
    book: Rulebook,
    names: Mapping[str, Text],
    span: StatementSpan,
    inflation: float | None = None,
) -> StatementFacts:
    """Return the statement of accounts, each and together, over a span.

    Everything is in won, foreign money at the rate of each day. ``names`` are those of securities,
    ``inflation`` a yearly rate in place of a price index of the market. The sums of the accounts
    are those of the whole, to the won.

    Raises :class:`UsageError` for a span without a session of the accounts, :class:`DataError`
    where a rate of exchange is missing.
    """
    sessions = every_session([each.course for each in stated])
    worths = [worth_of(each.course, sessions, market.series) for each in stated]
    whole = together(worths)
    end = _end(whole, span)
    source = inflation_of(market.series, inflation)
    rise = rise_by(source, market.series)
    figures = figures_between(whole, span.start, end, rise)
    if figures is None:
        raise UsageError(
            f"no session of the accounts lies from {span.start} to {end}; choose an earlier --from"
        )
    results = [AccountResults(each.taxable, each.taxed, each.course.first) for each in stated]
    maker = _Maker(market, names, figures, rise)
    return StatementFacts(
        name=whose.name,
        title=whose.title,
        simulated=market.simulated,
        source=market.source,
        figures=figures,
        windows=windows_to(whole, end, rise),
        accounts=tuple(
            found
            for each, worth in zip(stated, worths, strict=True)
            if (found := maker.account(each, worth)) is not None
        ),
        left_out=whose.left_out,
        undated=whose.undated,
        inflation=source,
        rates=next((SERIES[c] for each in stated if (c := each.course.currency) != OWNER), None),
        taxes=years_of(results, whose.people, book, figures.start, end),
        law=book.rules_of or book.year,
        path=_path(whole, figures),
    )


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes the statements of accounts over the span of the whole."""

    market: Market
    names: Mapping[str, Text]
    whole: SpanFigures
    rise: Rise

    def account(self, stated: Stated, worth: AccountsWorth) -> AccountFacts | None:
        """Return the statement of one account, None where it begins after the span."""
        course, end = stated.course, self.whole.end
        if course.first > end:
            return None
        own = _from(worth, course.first)
        figures = figures_between(own, self.whole.start, end, self.rise)
        place = count_until(course.sessions, end) - 1
        if figures is None:
            return None
        won = rate_on(course.currency, end, self.market.series)
        decisions, names = stated.decisions, self.names
        return AccountFacts(
            id=stated.id,
            title=stated.title,
            kind=stated.kind,
            currency=course.currency,
            source=stated.source,
            session=course.sessions[place].astype(object),
            figures=figures,
            windows=windows_to(own, end, self.rise),
            drift=None if decisions is None else drift_of(decisions, course, place, names),
            done=None
            if decisions is None
            else done_between(decisions, figures.start, end, won, names),
            income=income_of(
                course, place, self._tables(stated), end, won * UNITS[course.currency], names
            ),
            unpriced=_unpriced(course, place),
            approximate=course.approximate,
        )

    def _tables(self, stated: Stated) -> Sequence[PriceTable]:
        return [table for table in self.market.prices if table.exchange == stated.exchange]


def _end(whole: AccountsWorth, span: StatementSpan) -> date:
    """Return the last day of the statement: the one asked for, else the newest session."""
    newest: date = whole.sessions[-1].astype(object)
    if span.end is None:
        return newest
    if span.end > newest:
        raise UsageError(
            f"prices end on {newest}, before {span.end}; leave --to out, or fetch newer prices"
        )
    first: date = whole.sessions[0].astype(object)
    if span.end < first:
        raise UsageError(f"the accounts begin on {first}, after {span.end}; choose a later --to")
    return span.end


def _from(worth: AccountsWorth, first: date) -> AccountsWorth:
    """Return an account's worth from its own first session on: before it had none."""
    place = count_before(worth.sessions, first)
    cut = {name: getattr(worth, name)[place:] for name in AccountsWorth.__dataclass_fields__}
    return AccountsWorth(**cut)


def _unpriced(course: AccountCourse, place: int) -> tuple[str, ...]:
    unknown = np.isnan(course.prices[: place + 1]) & (course.shares[: place + 1] != 0)
    return tuple(course.tickers[column] for column in np.flatnonzero(unknown.any(axis=0)))


def _path(whole: AccountsWorth, figures: SpanFigures) -> tuple[DayValue, ...]:
    first = count_before(whole.sessions, figures.start)
    last = count_until(whole.sessions, figures.end)
    span = slice(first, last)
    found = zip(
        whole.sessions[span].astype(object).tolist(),
        whole.value[span].tolist(),
        (figures.opening + np.cumsum(whole.flow[span])).tolist(),
        units_between(whole, span, figures.opening).tolist(),
        strict=True,
    )
    return tuple(DayValue(*each) for each in found)
