"""Whom a report is about: an account, a household, or new money in each profile."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from jeoul.cli.investor import Investor, investor_of
from jeoul.cli.options import PROFILES
from jeoul.errors import UsageError
from jeoul.model.amount import refuse_foreign
from jeoul.workspace.inputs import Opened

if TYPE_CHECKING:
    from jeoul.account.todays_account import TodaysAccount
    from jeoul.cli.todays_account import AccountWords
    from jeoul.reporting.account_facts import TermsFacts
    from jeoul.reporting.household.facts import HouseholdFacts
    from jeoul.reporting.text import Text
    from jeoul.workspace.household import HouseholdAnswer

AMOUNT = 100_000_000
"""The new money in each profile where no amount is given."""

BESIDE_HOUSEHOLD = (
    *("household", "folder", "as_of", "deposit", "withdrawal"),
    *("out", "prove", "lang", "as_json"),
)
"""The parameters of the command that go with a household's file; the file has the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is opened for a report, and whose orders it has.

    ``today`` is the account that decides, None for ``amount`` of new money in each profile;
    ``household`` is a plan whose orders come first, ``terms`` are those of its accounts. ``rooms``
    say what a payment of today leaves.
    """

    opened: Opened
    profiles: tuple[str, ...]
    kind: str = "general"
    amount: int = AMOUNT
    investor: Investor | None = None
    today: TodaysAccount | None = None
    household: HouseholdFacts | None = None
    terms: tuple[TermsFacts, ...] = ()
    rooms: list[str] = field(default_factory=list)

    @property
    def notes(self) -> tuple[Text, ...]:
        """Return what the page says of whose answers are behind it, in both languages."""
        from jeoul.reporting.text import Text

        if self.household is not None:
            return self.household.notes
        if self.investor is None:
            return (Text.of("diagnosis.nobody"),)
        return tuple(map(Text, self.investor.notes("ko"), self.investor.notes("en")))

    def about(self, profile: str, lang: str) -> dict[str, Any]:
        """Return what `jeoul decide` says of an account beside its decision for a profile."""
        from jeoul.cli.holdings import notes_of

        investor = self.investor or Investor(profile, None, None)
        if self.today is None:
            return investor.document()
        held = self.today.holdings
        return {
            "outside": dict(held.outside),
            "notes": [*notes_of(held, lang), *investor.notes(lang), *self.rooms],
            **investor.document(),
        }


def investor_named(
    profile: str, answers: Path | None, matrix: str | None, suitability: str | None
) -> Investor | None:
    """Return whose report it is, None for all profiles side by side."""
    if answers is None and profile == "all":
        if matrix is not None or suitability is not None:
            raise UsageError("a limit belongs to one person; name --answers or --profile")
        return None
    return investor_of(None if profile == "all" else profile, answers, matrix, suitability)


def account_subject(
    opened: Opened, investor: Investor | None, words: AccountWords, amount: int | None, lang: str
) -> Subject:
    """Return the account that the command line names, or new money in each profile.

    Raises :class:`~jeoul.errors.UsageError` for both at once.
    """
    from jeoul import api

    if investor is not None:
        investor.refuse_other(opened.strategy.name)
    profiles = PROFILES if investor is None else (investor.profile,)
    if not (words.is_given or words.withdrawal):
        new = AMOUNT if amount is None else amount
        refuse_foreign(api.universe_of(opened.strategy.universe).currency, amount=new)
        if amount is not None:  # the amount of a page for research is nobody's money
            words.notes(opened, lang, amount)
        return Subject(
            opened=opened, profiles=profiles, kind=words.account, amount=new, investor=investor
        )
    words.refuse_nothing()
    if amount is not None:
        raise UsageError("use --amount for new money, or --holdings and --cash for an account")
    return Subject(
        opened=opened,
        profiles=profiles,
        kind=words.account,
        investor=investor,
        today=words.account_on(opened, None if investor is None else investor.stops),
        rooms=words.notes(opened, lang, words.deposit),
    )


def household_subject(
    file: Path, folder: Path | None, as_of: str | None, words: AccountWords
) -> Subject:
    """Return a household with its plan, and the profiles of the people of its first strategy."""
    from jeoul.household.explaining.answer import Questions
    from jeoul.workspace.household import answered_household

    flows: list[dict[str | None, int]] = [
        {None: amount} if amount else {} for amount in (words.deposit, words.withdrawal)
    ]
    split = bool(words.deposit or words.withdrawal)
    found = answered_household(file, Questions(split=split), folder, as_of, (flows[0], flows[1]))
    strategies = found.inputs.strategies
    strategy = next(iter(strategies.values()))
    people = [name for name, own in strategies.items() if own == strategy]
    day = found.facts.as_of
    return Subject(
        opened=Opened(strategy, found.market, found.market.as_of(day, strategy.calendar)),
        profiles=tuple(dict.fromkeys(found.inputs.investors[name].profile for name in people)),
        household=found.facts,
        terms=_terms(found, day.year),
    )


def _terms(found: HouseholdAnswer, year: int) -> tuple[TermsFacts, ...]:
    """Return the limits and taxes of each account of a household, after today's deposits."""
    from jeoul.korea.tables import rules_for
    from jeoul.model.instrument import AccountKind
    from jeoul.reporting.account_terms import account_terms

    book, terms = rules_for(year), []
    for account in found.facts.accounts:
        kind = AccountKind.GENERAL if account.kind == "overseas" else AccountKind(account.kind)
        paid = found.file.accounts[account.id].paid
        own = account_terms(kind, book, account.currency, paid, account.deposit, year)
        terms.append(own._replace(account=account.title))
    return tuple(terms)


def refuse_beside_household(context: click.Context) -> None:
    """Refuse options that a household's file answers itself."""
    given = [
        (parameter.opts[-1] if isinstance(parameter, click.Option) else "STRATEGY")
        for parameter in context.command.params
        if parameter.name not in BESIDE_HOUSEHOLD
        and context.get_parameter_source(parameter.name or "") is ParameterSource.COMMANDLINE
    ]
    if given:
        raise UsageError(
            f"the file of --household says this for every account; leave out {', '.join(given)}"
        )
