"""The quarterly letters of all clients of a firm, filed in its state folder."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from jeoul.errors import JeoulError, UsageError

if TYPE_CHECKING:
    from jeoul.model.quarter import Quarter
    from jeoul.operations.course import AccountCourse
    from jeoul.reporting.letter.facts import LetterFacts
    from jeoul.workspace.firm import FirmFile
    from jeoul.workspace.statement import OpenedStatement


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientLetter:
    """A letter of one account: where it is filed with its digest, or why there is none."""

    account: str
    path: Path | None = None
    sha256: str | None = None
    refused: str | None = None


def file_letters(
    firm: FirmFile, quarter: Quarter, folder: Path | None, language: str
) -> tuple[ClientLetter, ...]:
    """Return the letters of all accounts of a firm for a quarter, filed by account.

    One that cannot be written stops no other. Raises :class:`UsageError` where no plan is as old
    as the quarter, and :class:`~jeoul.errors.DataError` where the market does not reach its end.
    """
    from jeoul.korea.tables import rules_for
    from jeoul.operations.testbed.account import last_session
    from jeoul.workspace.firm_accounts import courses_of, market_of
    from jeoul.workspace.statement import OpenedStatement, StatementRequest

    market, calendar = market_of(firm, folder)
    end = last_session(market, calendar, quarter)
    courses = courses_of(firm, market, calendar)
    begun = {name: course for name, course in courses.items() if course.first <= end}
    if not begun:
        raise UsageError(f"no plan is as old as {quarter}; name a later quarter")
    asked = StatementRequest(start=quarter.first, end=end)
    opened = OpenedStatement(market, rules_for(end.year), asked)
    with firm.books() as books:
        groups = {c["account"]: c for plan in books.plans() for c in plan.content["clients"]}
    done = []
    for name, course in sorted(begun.items()):
        try:
            facts = _letter(firm, opened, course, groups[name], quarter, end)
            done.append(_filed(firm, name, facts, language))
        except JeoulError as error:
            done.append(ClientLetter(account=name, refused=str(error)))
    return tuple(done)


def _letter(
    firm: FirmFile,
    opened: OpenedStatement,
    course: AccountCourse,
    client: dict[str, str],
    quarter: Quarter,
    end: date,
) -> LetterFacts:
    from jeoul import api
    from jeoul.operations.statement import Whose
    from jeoul.reporting.text import Text
    from jeoul.workspace.firm import strategy_of
    from jeoul.workspace.letter import letter_from
    from jeoul.workspace.statement import GatheredStatement, StatementAccount

    strategy = strategy_of(firm, client["strategy"])
    account = StatementAccount(
        id=course.account,
        title=Text.of(f"report.account_{client['kind']}"),
        kind=client["kind"],
        owner="",
        config=None,
        universe=api.universe_of(strategy.universe),
        opened=None,
        paid={},
    )
    stated = opened.stated_account(account, course, None)
    whose = Whose(name=course.account, title=course.account, people={"": None})
    gathered = GatheredStatement(opened, (stated,), whose, (account,))
    facts = letter_from(gathered, quarter, strategy.calendar, end)
    title = Text(strategy.title.ko, strategy.title.en)
    return replace(facts, firm={course.account: (client["profile"], title)})


def _filed(firm: FirmFile, account: str, facts: LetterFacts, language: str) -> ClientLetter:
    from jeoul.operations.letter.filing import file_letter
    from jeoul.reporting.letter.page import render_letter

    page = render_letter(facts, language)
    filed = file_letter(firm.state / "clients" / account, facts.quarter, language, page, None)
    digest = hashlib.sha256(page.encode()).hexdigest()
    return ClientLetter(account=account, path=filed.path, sha256=digest)
