"""What an account of a backtest comes to after every tax, and what was assumed for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jeoul.messages import say

if TYPE_CHECKING:
    from jeoul.account.file import AccountFile
    from jeoul.account.terms import AccountPlan
    from jeoul.cli.research import Study
    from jeoul.household.history.records import HistoryPerson, HouseholdHistory

_AGE = 45
_WAGES = 60_000_000
_START = {"isa": 20_000_000, "pension_savings": 18_000_000, "irp": 18_000_000, "dc": 18_000_000}
_ORDINARY = 100_000_000
_SHOWN = (
    "paid_in",
    "paid_out",
    "worth",
    "withheld",
    "overseas",
    "comprehensive",
    "health",
    "exit_tax",
    "credit",
    "in_hand",
)

person_option = click.option(
    "--person",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A person's file: incomes and age of whom taxes are computed; default: wages of 60 M, "
    "45 years old.",
)


def plain_account(kind: str, currency: str) -> AccountFile:
    """Return the account of a backtest that names a kind and no file: one payment at the start.

    It is what the kind takes in its first year, 100 M for one without a limit.
    """
    from jeoul.account.file import USUAL_SPREAD, AccountFile

    keys: dict[str, Any] = {
        "schema": 1,
        "name": kind,
        "cash": _START.get(kind, _ORDINARY),
        "interest": "market",
        "costs": {"spread": USUAL_SPREAD},
    }
    if currency != "KRW":
        keys["exchange"] = {"owner": "KRW", "spread": "0.002"}
    return AccountFile.model_validate(keys, strict=False)


def in_hand(
    study: Study, settings: AccountFile, plan: AccountPlan, person: Path | None, lang: str
) -> dict[str, Any] | None:
    """Return an account after every tax; None where its money is never exchanged into won."""
    from jeoul.account.room_keys import facts_of
    from jeoul.account.tax_rules import tax_rules
    from jeoul.household.history.follow import follow
    from jeoul.household.history.records import Carried
    from jeoul.korea.isa import isa_kind
    from jeoul.korea.tables import whole_rules

    if study.history.currency != "KRW" and plan.terms.exchange is None:
        return None
    book, facts = whole_rules(), facts_of(settings.opened, settings.paid)
    rules = tax_rules(book, study.mandate.universe.instruments, str(study.mandate.account))
    owner = _person(person, plan.wanted[0].session)
    income = owner.income
    form = isa_kind(
        book,
        wages=income.wages,
        comprehensive_income=income.comprehensive or 0,
        other_income=income.other,
        financial_income=income.financial,
        farmer=owner.status.farmer,
    ).kind
    carried = Carried(opened=facts.opened, form=form, paid=facts.paid)
    run = follow(plan, rules, owner, carried)
    return household_document(run, lang)


def household_document(run: HouseholdHistory, lang: str) -> dict[str, Any]:
    """Return what a household's history came to as JSON values, with what was assumed."""
    from dataclasses import asdict

    from jeoul.household.history.figures import assumptions, history_figures

    found = history_figures(run)
    values = asdict(found) | found.years._asdict() | {"gain": found.gain, "tax": found.tax}
    del values["years"]
    values |= {"start": found.start.isoformat(), "end": found.end.isoformat()}
    return values | {
        "assumed": [say(lang, each.kind, dict(each.detail)) for each in assumptions(run)]
    }


def in_hand_lines(found: Mapping[str, Any], lang: str) -> Iterator[str]:
    """Yield what is printed of an account or a household after every tax."""
    from jeoul.research.wording import percent

    yield say(lang, "in_hand.head", found)
    for name in _SHOWN:
        if found[name] or name in ("worth", "in_hand"):
            yield say(lang, f"in_hand.{name}", {"won": found[name]})
    if found["yearly_return"] is not None:
        yield say(lang, "in_hand.yearly_return", {"rate": percent(found["yearly_return"])})
    yield say(lang, "in_hand.assumed")
    for line in found["assumed"]:
        yield say(lang, "in_hand.line", {"text": line})


def _person(file: Path | None, first: date) -> HistoryPerson:
    from jeoul.advice.person import Income
    from jeoul.household.history.records import HistoryPerson

    if file is None:
        born = date(first.year - _AGE, first.month, 1)
        return HistoryPerson(id="owner", born=born, income=Income(wages=_WAGES))
    from jeoul.cli.plan import load_person

    person = load_person(file)
    return HistoryPerson(
        id="owner",
        born=date(person.year - person.age, 1, 1),
        income=person.income,
        status=person.status,
        overseas_elsewhere=person.gains.overseas_realised,
    )
