"""The quarterly letter of a config's account, or of all accounts of a household."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from jeoul.errors import UsageError

if TYPE_CHECKING:
    from jeoul.database import EncryptionKey
    from jeoul.model.quarter import Quarter
    from jeoul.operations.letter.filing import Filed
    from jeoul.reporting.letter.facts import LetterFacts
    from jeoul.workspace.statement import GatheredStatement


def letter_at(name: str, quarter: Quarter, folder: Path | None = None) -> LetterFacts:
    """Return the letter of a config, of a household, or of its account ``FILE:ACCOUNT``.

    ``folder`` is a market folder in place of the one that the file names. Nothing is written.
    Raises :class:`~jeoul.errors.DataError` where the market ends before the quarter does,
    :class:`UsageError` for a quarter before the accounts, and what a statement of it raises.
    """
    from jeoul import api
    from jeoul.operations.testbed.account import last_session
    from jeoul.workspace.statement import StatementRequest, gathered_at

    first = gathered_at(name, StatementRequest(folder=folder))
    market, calendars = first.opened.market, api.calendars()
    exchange = min(each.exchange for each in first.stated)
    begun = min(each.course.first for each in first.stated)
    if quarter.last < begun:
        raise UsageError(f"the accounts begin on {begun}, after {quarter}; name a later quarter")
    end = last_session(market, calendars[exchange], quarter)
    asked = StatementRequest(start=quarter.first, end=end, folder=folder)
    gathered = gathered_at(name, asked)
    return letter_from(gathered, quarter, exchange, end)


def letter_from(
    gathered: GatheredStatement, quarter: Quarter, exchange: str, end: date
) -> LetterFacts:
    """Return the letter of accounts that were gathered for a quarter until its last session.

    ``exchange`` is the one whose sessions the quarter has. Nothing is written.
    """
    import numpy as np

    from jeoul.operations.letter.letter import letter_of
    from jeoul.operations.letter.members import LetterAccount
    from jeoul.operations.testbed.account import until
    from jeoul.operations.testbed.measured import measures_over
    from jeoul.workspace.audits import audited_account, histories_at

    market = gathered.opened.market
    configs = {each.id: each.config for each in gathered.accounts}
    begun = [each for each in gathered.stated if each.course.first <= end]
    members = []
    for each in begun:
        config = configs[each.id] if each.source == "ledger" else None
        audited = None if config is None else audited_account(config, market, quarter)
        course = until(each.course, quarter.last)
        members.append(LetterAccount(id=each.id, course=course, audited=audited))
    days = market.sessions(exchange)
    inside = (days >= np.datetime64(quarter.first)) & (days <= np.datetime64(quarter.last))
    universes = {account.universe.name: account.universe for account in gathered.accounts}
    return letter_of(
        members,
        gathered.facts,
        quarter,
        market=market,
        sessions=days[inside],
        measures=measures_over(histories_at(market, quarter)),
        universes=tuple(universes.values()),
    )


def file_at(name: str, facts: LetterFacts, language: str) -> Filed:
    """File a letter with the others of its config or household; return where it is.

    Raises what :func:`filed_under` raises.
    """
    from jeoul.operations.letter.filing import file_letter
    from jeoul.reporting.letter.page import render_letter

    state, key = filed_under(name)
    return file_letter(state, facts.quarter, language, render_letter(facts, language), key)


def filed_under(name: str) -> tuple[Path, EncryptionKey | None]:
    """Return the state folder under which the letters of a file are kept, and its key.

    An account has its own. Raises :class:`UsageError` for a household whose accounts are encrypted.
    """
    from jeoul.operations.ledger import in_words
    from jeoul.operations.setup.passphrase import key_of
    from jeoul.workspace.configs import config_at, household_in, split_address

    file, account = split_address(name)
    household = None if account is not None else household_in(file)
    if household is not None:
        if household.runs.encrypt is not None:
            raise UsageError(
                f"the accounts of {file} are encrypted separately, so their letters cannot be "
                f"filed together; give {file}:ACCOUNT, or write the page with --out"
            )
        return household.state, None
    config = config_at(name)
    with in_words(config):
        return config.state, key_of(config)
