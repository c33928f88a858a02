"""A household's file, answered: its accounts as they are now, the market and the law."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from jeoul.household.explaining.answer import Questions
    from jeoul.household.gathering.inputs import HouseholdInputs
    from jeoul.household.written.file import HouseholdFile
    from jeoul.market import Market
    from jeoul.reporting.household.facts import HouseholdFacts

Flows = dict[str | None, int]
"""Won by person; None is the first one of the file."""

CURES = 10
"""Times the household's money: the largest deposit among which a cure is looked for."""


class HouseholdAnswer(NamedTuple):
    """What was asked of a household, and what it rests on: its strategies, people and market."""

    facts: HouseholdFacts
    file: HouseholdFile
    inputs: HouseholdInputs
    market: Market


def household_answer(
    path: Path,
    asked: Questions,
    folder: Path | None,
    as_of: str | None,
    flows: tuple[Flows, Flows],
) -> HouseholdFacts:
    """Return what is asked of the household in a file, as the facts that every output shows.

    ``flows`` are deposits and withdrawals by person. Prices are those of ``folder``, else of the
    folder that the file names, as of a session, by default the newest.
    """
    return answered_household(path, asked, folder, as_of, flows).facts


def answered_household(
    path: Path,
    asked: Questions,
    folder: Path | None,
    as_of: str | None,
    flows: tuple[Flows, Flows],
) -> HouseholdAnswer:
    """Return the same facts with the strategies, the people and the market behind them."""
    from jeoul import api
    from jeoul.household.explaining.answer import answer
    from jeoul.household.gathering.gather import gather
    from jeoul.household.gathering.inputs import read_inputs
    from jeoul.household.problem.after import money_of
    from jeoul.household.problem.lately import not_traded_back
    from jeoul.household.written.file import read_household
    from jeoul.korea.tables import rules_for
    from jeoul.model.session import parse_session
    from jeoul.operations.household.books import known_now, traded_lately, with_books_payments
    from jeoul.reporting.household.gather import household_facts
    from jeoul.workspace.kept import user_cache
    from jeoul.workspace.today import today

    file = read_household(path)
    market = api.open_market(folder or file.runs.data, cache=user_cache())
    priced = frozenset(code for table in market.prices for code in table.tickers)
    file, held = known_now(file, priced)
    day = market.last_session("XKRX") if as_of is None else parse_session(as_of)
    file = with_books_payments(file, day)
    book = rules_for(day.year)
    inputs = read_inputs(file, on=today(), holdings=held, priced=priced)
    gathering = partial(gather, file, market=market, as_of=day, book=book, inputs=inputs)
    first = next(iter(file.people))
    deposit, withdrawal = ({who or first: won for who, won in each.items()} for each in flows)
    gathered = gathering(deposit=deposit, withdrawal=withdrawal)
    home = not_traded_back(gathered.household, traded_lately(file, day))
    gathered = replace(gathered, household=home)
    richer = None
    if asked.cure is not None:
        whole = sum(money_of(gathered.household, each) for each in gathered.household.accounts)
        much = deposit.get(first, 0) + max(1, CURES * round(whole))
        richer = gathering(deposit={**deposit, first: much}).household
    found = answer(home, asked, book=book, on=day, richer=richer)
    facts = household_facts(gathered, gathered.inputs, book, found, asked)
    return HouseholdAnswer(facts, file, inputs, market)
