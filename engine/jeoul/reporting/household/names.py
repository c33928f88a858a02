"""What accounts, people, funds and classes of a household are called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jeoul.household.gathering.gathered import Gathered
from jeoul.household.gathering.inputs import HouseholdInputs
from jeoul.household.problem.records import CASH, Household
from jeoul.household.written.file import HouseholdAccount as FileAccount
from jeoul.messages import LANGUAGES, say
from jeoul.model.instrument import Universe
from jeoul.pipeline.wording import class_name
from jeoul.reporting.household.plan import CASH_CLASS
from jeoul.reporting.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdNames:
    """What the records call accounts, people, funds and classes, and what people do."""

    accounts: Mapping[str, Text]
    people: Mapping[str, Text]
    funds: Mapping[str, Text]
    classes: Mapping[str, Text]


def names_of(gathered: Gathered, inputs: HouseholdInputs, household: Household) -> HouseholdNames:
    """Return the names of a household: accounts by kind, with the owner where there are several."""
    file, universes = gathered.file, inputs.universes.values()
    alone = len(file.people) == 1
    return HouseholdNames(
        accounts={each.id: account_title(each, alone=alone) for each in file.accounts.values()},
        people={name: Text(name, name) for name in file.people},
        funds={
            code: Text(fund.name_ko, fund.name_en)
            for universe in universes
            for code, fund in universe.instruments.items()
        },
        classes={name: class_text(name, universes) for name in (*household.classes, CASH)},
    )


def class_text(name: str, universes: Iterable[Universe]) -> Text:
    """Return what people call a class: as the first universe that has it says."""
    if name in (CASH, CASH_CLASS):
        return Text.of("facts.class_cash")
    known = list(universes)
    own = next((each for each in known if name in each.classes), known[0])
    return Text(*(class_name(own, name, language) for language in LANGUAGES))


def account_title(account: FileAccount, *, alone: bool) -> Text:
    """Return what people call an account: its kind, with its owner unless that is the only one."""
    kind = Text.of(f"household_page.kind_{account.kind}")
    if alone:
        return kind
    message = "household_page.account_of"
    return Text(
        *(
            say(language, message, {"kind": kind.into(language), "owner": account.owner})
            for language in LANGUAGES
        )
    )
