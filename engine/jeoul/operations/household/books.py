"""What the accounts of a household hold by their ledgers, for a plan that opens no broker."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import closing
from datetime import date
from hashlib import sha256

from jeoul.account.holdings import Holdings
from jeoul.errors import HoldingsError
from jeoul.files.text import read_content
from jeoul.household.problem.lately import LATELY, Traded
from jeoul.household.written.file import HouseholdAccount, HouseholdFile
from jeoul.korea.tables import rules_for
from jeoul.model.money import UNITS
from jeoul.model.portfolio import Portfolio
from jeoul.operations.broker.paper import PaperSettings
from jeoul.operations.household.configs import account_configs, with_configs
from jeoul.operations.household.costs import average_costs
from jeoul.operations.household.holdings import holdings_of
from jeoul.operations.household.lately import traded_since
from jeoul.operations.household.payments import with_payments
from jeoul.operations.ledger import Ledger, has_ledger, in_words, ledger_of, paid_in, portfolio
from jeoul.operations.ledger.taken_files import booked_statement
from jeoul.operations.setup.config import Config
from jeoul.strategy.load import load_strategy
from jeoul.strategy.universe import load_universe


def known_now(
    file: HouseholdFile, priced: Collection[str] = ()
) -> tuple[HouseholdFile, Mapping[str, Holdings]]:
    """Return a household with what its configs say, and what its ledgers know that no file does.

    An account is taken from its ledger where it has no holdings file, or where a run has taken that
    file in: the ledger then also knows what was filled since. A paper account that has not run yet
    holds the money that it begins with, unless it begins with a file. The other accounts are left
    to their files. Codes that are ``priced`` exist for certain.

    Raises :class:`ConfigError` for configs that cannot be used, :class:`LedgerError` for a ledger
    that cannot be opened.
    """
    configs = account_configs(file)
    known = with_configs(file, configs)
    found = {}
    for name, config in configs.items():
        held = _held(known.accounts[name], config, priced)
        if held is not None:
            found[name] = held
    return known, found


def traded_lately(file: HouseholdFile, day: date) -> Mapping[tuple[str, str], Traded]:
    """Return the shares by account and ticker that ledgers have filled in the week up to a day."""
    found: dict[tuple[str, str], Traded] = {}
    for name, config in account_configs(file).items():
        if has_ledger(config):
            with in_words(config), closing(ledger_of(config)) as ledger:
                traded = traded_since(ledger, day - LATELY)
            found |= {(name, code): each for code, each in traded.items()}
    return found


def with_books_payments(file: HouseholdFile, day: date) -> HouseholdFile:
    """Return a household in which ledgers add what they saw paid in by year, up to that of a day.

    A file's ``paid`` is what was paid before; see :func:`with_payments`.
    """
    found = {}
    for name, config in account_configs(file).items():
        if has_ledger(config):
            with in_words(config), closing(ledger_of(config)) as ledger:
                found[name] = paid_in(ledger, file.accounts[name].currency)
    return with_payments(file, found, rules_for(day.year), day.year)


def _held(account: HouseholdAccount, config: Config, priced: Collection[str]) -> Holdings | None:
    """Return what an account holds by its ledger, None where it is left to its file."""
    universe = load_universe(account.universe or load_strategy(config.settings.strategy).universe)
    unit = UNITS[account.currency]
    if has_ledger(config):
        with in_words(config), closing(ledger_of(config)) as ledger:
            exported = config.settings.broker.kind != "paper"  # which begins with its file
            if account.holdings is not None and exported and _is_newer(account, ledger):
                return None
            costs = average_costs(ledger, unit)
            books = portfolio(ledger, account.currency)
            return holdings_of(account, books, costs, universe, priced)
    broker = config.settings.broker
    if not isinstance(broker, PaperSettings) or broker.files:
        return None
    return holdings_of(account, Portfolio({}, broker.cash * unit, account.currency), {}, universe)


def _is_newer(account: HouseholdAccount, ledger: Ledger) -> bool:
    """Return whether the holdings file is not the one that a run has taken in."""
    assert account.holdings is not None
    digest = sha256(read_content(account.holdings, HoldingsError)).hexdigest()
    return digest != booked_statement(ledger)
