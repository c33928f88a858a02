"""The config of each account of a household: what a run of it alone would have in a file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from jeoul.account.room_keys import facts_of
from jeoul.errors import ConfigError, Problem
from jeoul.files.document import Document
from jeoul.files.document import parse as parse_document
from jeoul.files.faults import UNKNOWN, Location
from jeoul.household.written.file import HouseholdAccount, HouseholdFile, HouseholdPerson
from jeoul.model.instrument import AccountKind
from jeoul.operations.setup.config import Config, Settings, config_of, load_config

_TICKET = {"kind": "ticket"}  # an account without a broker: somebody types the orders in
_WITH_HOLDINGS = ("ticket", "paper")
_OF_ACCOUNT = ("broker", "opened", "paid")
_RULED_AS = {"overseas": AccountKind.GENERAL}  # a foreign account is an ordinary one to the law


class AccountSettings(Settings):
    """The config of an account of a household, whose id may be in any script."""

    name: str


def account_configs(file: HouseholdFile) -> Mapping[str, Config]:
    """Return the config of each account of a household, by id, in the order of the ids.

    An account's state folder is ``state/ID``, its name ``NAME-ID``. Where an account names the
    config of a run, that is its config, with its own state folder.

    Raises :class:`ConfigError` with everything that a run would refuse: the keys of brokers, the
    tables of a run, configs that cannot be read, and two accounts in one state folder.
    """
    document = parse_document(file.path, ConfigError, kind="household")
    found: dict[str, Config] = {}
    problems: list[Problem] = []
    for name in sorted(file.accounts):
        try:
            found[name] = _config(file, file.accounts[name], document)
        except ConfigError as error:
            problems += [each for each in error.problems if each not in problems]
    problems += _shared_folders(file, found, document)
    if problems:
        raise ConfigError(problems)
    return _approved_together(found)


def with_configs(file: HouseholdFile, configs: Mapping[str, Config]) -> HouseholdFile:
    """Return a household in which an account that names a config says what that config says."""
    accounts = {
        name: account if account.config is None else _said_by(account, configs[name].settings)
        for name, account in file.accounts.items()
    }
    ordinary = (name for name, each in accounts.items() if each.kind == AccountKind.GENERAL)
    payer = file.policy.pays_tax or next(ordinary, None)
    policy = file.policy.model_copy(update={"pays_tax": payer})
    return replace(file, accounts=accounts, policy=policy)


def _said_by(account: HouseholdAccount, settings: Settings) -> HouseholdAccount:
    return replace(
        account,
        kind=str(settings.account),
        broker=settings.broker.model_dump(exclude_unset=True),
        fees=settings.broker,
        paid=facts_of(settings.opened, settings.paid),
        terms=replace(account.terms, proceeds=settings.cash.proceeds),
    )


def _approved_together(configs: Mapping[str, Config]) -> Mapping[str, Config]:
    """Return configs of which all ask for approval if one does, for the shortest time of any."""
    asking = [
        each.settings.approval for each in configs.values() if each.settings.approval.required
    ]
    if not asking:
        return configs
    approval = min(asking, key=lambda each: each.hours)
    return {
        name: replace(each, settings=each.settings.model_copy(update={"approval": approval}))
        for name, each in configs.items()
    }


def _config(file: HouseholdFile, account: HouseholdAccount, document: Document) -> Config:
    if account.config is not None:
        return load_config(account.config)
    data = _settings(file, account)
    lines = {key: line for key in _keys(data) if (line := document.line(_place(account.id, key)))}
    try:
        return config_of(Document(document.file, data, lines), file.path, AccountSettings)
    except ConfigError as error:
        raise ConfigError([_named(problem, account.id) for problem in error.problems]) from None


def _settings(file: HouseholdFile, account: HouseholdAccount) -> dict[str, Any]:
    """Return the keys of a config that say what the household's file says of an account."""
    person = file.people[account.owner]
    broker = dict(account.broker) or _TICKET
    if account.holdings is not None and broker.get("kind") in _WITH_HOLDINGS:
        broker = {**broker, "holdings": str(account.holdings)}
    written: dict[str, Any] = {
        "schema": 1,
        "name": f"{file.name}-{account.id}",
        "strategy": person.strategy or file.strategy,
        **_investor(person),
        **_suitability(person),
        "account": str(_RULED_AS.get(str(account.kind), account.kind)),
        "state": str(file.state / account.id),
        "lang": file.runs.lang,
        "broker": broker,
        "cash": {"proceeds": account.terms.proceeds},
        **{name: dict(table) for name, table in file.runs.tables.items()},
    }
    if account.paid.opened is not None:
        written["opened"] = account.paid.opened
    if account.paid.paid:
        written["paid"] = {str(year): amount for year, amount in account.paid.paid.items()}
    if file.runs.ledger is not None:
        written["ledger"] = file.runs.ledger
    if file.runs.encrypt is not None:
        written["encrypt"] = file.runs.encrypt
    if file.runs.data is not None:
        written["data"] = {"folder": str(file.runs.data)}
    return written


def _investor(person: HouseholdPerson) -> dict[str, str]:
    if person.answers is not None:
        return {"answers": str(person.answers)}
    return {"profile": str(person.profile)}


def _suitability(person: HouseholdPerson) -> dict[str, Any]:
    if person.suitability is None:
        return {}
    return {"suitability": person.suitability.model_dump(exclude_none=True)}


def _keys(data: Mapping[str, Any]) -> Iterator[Location]:
    for name, value in data.items():
        yield (name,)
        if isinstance(value, Mapping):
            yield from ((name, str(inner)) for inner in value)


def _place(account: str, key: Location) -> Location:
    """Return where the household's file has a key of an account's config."""
    return ("accounts", account, *key) if key[0] in _OF_ACCOUNT else key


def _named(problem: Problem, account: str) -> Problem:
    """Return a problem with the key, or the table, that the household's file has for it."""
    if problem.message.startswith(UNKNOWN):  # such a message names its key by itself
        table = re.compile(rf"(?<= in \[)(?=(?:{'|'.join(sorted(_OF_ACCOUNT))})[].])")
        return replace(problem, message=table.sub(f"accounts.{account}.", problem.message))
    if problem.key is None or problem.key.split(".")[0] not in _OF_ACCOUNT:
        return problem
    return replace(problem, key=f"accounts.{account}.{problem.key}")


def _shared_folders(
    file: HouseholdFile, configs: Mapping[str, Config], document: Document
) -> Iterator[Problem]:
    seen: dict[Path, str] = {}
    for name, config in configs.items():
        if config.state.resolve() == file.state.resolve():
            wrong = "has the state folder of the household itself"
            remedy = "give the household a state folder of its own"
            yield document.problem(("accounts", name, "config"), wrong, remedy)
        before = seen.setdefault(config.state.resolve(), name)
        if before != name:
            wrong = f"has the state folder of account {before!r}, {config.state}"
            remedy = "name the config of another account"
            yield document.problem(("accounts", name, "config"), wrong, remedy)
