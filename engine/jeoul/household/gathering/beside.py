"""Holdings that no strategy knows: counted by their class where it is known, else left outside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from jeoul.account.holdings.record import Holdings
from jeoul.household.gathering.accounts import rate_of
from jeoul.household.gathering.inputs import HouseholdInputs
from jeoul.household.gathering.positions import allowed_in
from jeoul.household.gathering.priced import Priced, prices_of
from jeoul.household.written.file import HouseholdAccount, HouseholdFile
from jeoul.korea.catalogue_files import load_catalogue
from jeoul.korea.fund import ORDER_NEEDS, ListedFund, held_in
from jeoul.korea.rulebook import Rulebook
from jeoul.model.instrument import AccountKind, Instrument, Universe
from jeoul.model.snapshot import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """A holding that no target counts; ``won`` is what it is worth, None where nobody says it."""

    account: str
    code: str
    shares: int
    won: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SortedInputs:
    """A household's inputs with what its target can count, and what it cannot.

    In ``inputs`` the universe of an account also has the ``counted`` funds that the account holds,
    by account and code. They are in none of its members, so nothing buys them.
    """

    inputs: HouseholdInputs
    counted: frozenset[tuple[str, str]]
    outside: tuple[Outside, ...]


def sorted_out(
    book: Rulebook, file: HouseholdFile, inputs: HouseholdInputs, snapshot: Snapshot
) -> tuple[SortedInputs, Mapping[str, Priced]]:
    """Return what becomes of holdings that no strategy knows, and all current prices.

    A fund of the catalogue counts if it has a current price, its account may hold it, and its class
    has the name of one of the target's. Single shares, funds of other classes and what has no price
    do not.
    """
    beside = {
        code for each in inputs.holdings.values() for code in _held_outside(each)
    }  # the catalogue takes a second to read, and most households need none of it
    prices = prices_of(snapshot, inputs.universes.values(), beside)
    if not beside:
        return SortedInputs(inputs=inputs, counted=frozenset(), outside=()), prices
    counted: set[tuple[str, str]] = set()
    holdings, universes = dict(inputs.holdings), dict(inputs.universes)
    left: list[Outside] = []
    for account in file.accounts.values():
        held, universe = holdings[account.id], universes[account.id]
        known = {
            code: fund
            for code in _held_outside(held)
            if code in prices and (fund := _known(book, account, universe, code)) is not None
        }
        holdings[account.id] = _with(held, known)
        universes[account.id] = replace(universe, instruments={**universe.instruments, **known})
        counted |= {(account.id, code) for code in known}
        left += _left(account.id, holdings[account.id], prices)
    found = replace(inputs, holdings=holdings, universes=universes)
    return SortedInputs(inputs=found, counted=frozenset(counted), outside=tuple(left)), prices


def without_outside(inputs: HouseholdInputs) -> HouseholdInputs:
    """Return inputs whose accounts hold nothing that their strategy does not know."""
    holdings = {name: replace(each, outside={}) for name, each in inputs.holdings.items()}
    return replace(inputs, holdings=holdings)


def _held_outside(holdings: Holdings) -> tuple[str, ...]:
    return tuple(code for code, held in holdings.outside.items() if isinstance(held, int) and held)


def _known(
    book: Rulebook, account: HouseholdAccount, universe: Universe, code: str
) -> Instrument | None:
    """Return a fund of the catalogue that an account may hold, if the target has its class."""
    fund = load_catalogue().funds.get(code)
    if fund is None or account.currency != "KRW":
        return None
    if not all(fund.facts[name].confirmed for name in ORDER_NEEDS):
        return None
    found = _instrument(book, fund)
    if found.asset_class not in universe.classes:
        return None
    return found if allowed_in(book, account.kind or "", found) else None


def _instrument(book: Rulebook, fund: ListedFund) -> Instrument:
    """Return a fund of the catalogue as a universe has one; unknown facts are the cautious ones."""
    fee, listed = fund.value("fee"), fund.value("listed")
    return Instrument(
        code=fund.code,
        name_ko=fund.text("name"),
        name_en=fund.text("name"),
        listing="XKRX",
        currency="KRW",
        asset_class=fund.text("class"),
        exposure_currency=None,
        hedged=None,
        expense_ratio=float(fee) if isinstance(fee, Decimal) else None,
        risk_grade=None,
        listed=listed,  # type: ignore[arg-type]  # the catalogue's reader makes it a date
        tax_kind=fund.text("tax"),
        irp=fund.text("irp") or "risk",
        accounts=frozenset(kind for kind in AccountKind if held_in(book, fund, kind) is not False),
        features=frozenset(fund.names("features")),
        multiple=float(fund.text("multiple")),
    )


def _with(holdings: Holdings, known: Mapping[str, Instrument]) -> Holdings:
    shares = {code: held for code, held in holdings.outside.items() if code in known}
    return replace(
        holdings,
        shares={**holdings.shares, **{code: int(held) for code, held in shares.items()}},
        outside={code: held for code, held in holdings.outside.items() if code not in known},
    )


def _left(account: str, holdings: Holdings, prices: Mapping[str, Priced]) -> Iterator[Outside]:
    """Yield what stays outside, worth its price or what the file says of it."""
    for code in _held_outside(holdings):
        shares, priced = int(holdings.outside[code]), prices.get(code)
        if priced is not None:
            won: float | None = shares * priced.won
        else:
            said = None if holdings.found is None else holdings.found.worth.get(code)
            won = None if said is None else float(said * rate_of(holdings.currency, prices))
        yield Outside(account=account, code=code, shares=shares, won=won)
