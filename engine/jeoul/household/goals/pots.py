"""The accounts of a household as pots: what they hold, what the law takes, what may be paid in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from jeoul.account.exits import RECEIPT_YEARS, pension_age
from jeoul.account.rooms import room_in
from jeoul.goals.levy import GainLevy
from jeoul.goals.saving import Pot, SavingRoom
from jeoul.household.gathering.gathered import Gathered
from jeoul.household.gathering.people import PersonOnDay, income_levies, standing_of
from jeoul.household.gathering.pieces import PENSIONS
from jeoul.household.problem.after import money_of
from jeoul.household.problem.records import Position
from jeoul.household.written.file import HouseholdAccount
from jeoul.korea.dates import years_after
from jeoul.korea.pieces_gains import isa_early_pieces, isa_pieces, overseas_pieces, sale_pieces
from jeoul.korea.pieces_pension import receipt_pieces
from jeoul.korea.rulebook import Rulebook
from jeoul.model.instrument import AccountKind

PENSION = "pension"
"""The kind of pot that holds a person's pension savings and IRP together."""

ORDER = ("isa", "general", "overseas", PENSION)
"""Which pot planned savings go into first; one with room for everything ends the list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PotFacts:
    """What makes pots of accounts: the household on its day, and the law."""

    gathered: Gathered
    book: Rulebook

    def values(self) -> Mapping[str, float]:
        """Return what each account holds, in won of today."""
        household = self.gathered.household
        return {each.id: money_of(household, each) for each in household.accounts}

    def pots(
        self, accounts: Sequence[str], values: Mapping[str, float], by: date
    ) -> tuple[Pot, ...]:
        """Return pots of accounts with the part of their money that a goal has."""
        groups: dict[tuple[str, str], list[HouseholdAccount]] = {}
        for name in accounts:
            account = self.gathered.file.accounts[name]
            kind = PENSION if account.kind in PENSIONS else account.kind or ""
            groups.setdefault((account.owner, kind), []).append(account)
        whole = self.values()
        shares = {
            name: values.get(name, 0.0) / whole[name] if whole[name] else 0.0 for name in accounts
        }
        order = sorted(groups, key=lambda group: ORDER.index(group[1]))
        return tuple(
            self._pot(owner, kind, groups[owner, kind], values, shares, by) for owner, kind in order
        )

    def _pot(
        self,
        owner: str,
        kind: str,
        accounts: Sequence[HouseholdAccount],
        values: Mapping[str, float],
        shares: Mapping[str, float],
        by: date,
    ) -> Pot:
        gathered = self.gathered
        standing = standing_of(self.book, gathered.file, owner, gathered.as_of)
        names = {account.id for account in accounts}
        positions = [each for each in gathered.household.positions if each.account in names]
        enter, leave = trading_costs(positions)
        gifts = gathered.file.policy.gifts
        exchange = max(
            (each.exchange for each in gathered.household.accounts if each.id in names),
            default=0.0,
        )
        return Pot(
            id="+".join(account.id for account in accounts),
            kind=kind,
            person="" if gifts else owner,
            value=sum(values.get(name, 0.0) for name in names),
            untaxed=sum(shares[account.id] * self._untaxed(account) for account in accounts),
            levy=self._levy(kind, standing, accounts[0], owner, by),
            enter=enter + exchange,
            leave=leave + exchange,
            room=self._room(kind, standing, accounts[0], by),
        )

    def _untaxed(self, account: HouseholdAccount) -> float:
        """Return what of an account leaves without tax; what is not known counts as taxed."""
        gathered = self.gathered
        whole = self.values()[account.id]
        if account.kind in PENSIONS:
            return min(whole, float(account.terms.uncredited))
        if account.kind == "isa":
            return whole - self._isa_gain(account)
        gain = sum(basis.most for (name, _), basis in gathered.basis.items() if name == account.id)
        return whole - gain

    def _isa_gain(self, account: HouseholdAccount) -> float:
        """Return the gain of an ISA so far, the whole of a fund whose cost nobody said."""
        gathered = self.gathered
        holdings = gathered.inputs.holdings[account.id]
        gain = float(account.terms.gain_so_far)
        for code, count in holdings.shares.items():
            if code in gathered.prices:
                gain += count * float(gathered.prices[code].main - holdings.cost.get(code, 0))
        return gain

    def _levy(
        self, kind: str, standing: PersonOnDay, account: HouseholdAccount, owner: str, by: date
    ) -> GainLevy:
        book, gathered = self.book, self.gathered
        if kind == "isa":
            opened = account.paid.opened or gathered.as_of
            early = by < years_after(opened, book.won("isa.min_years"))
            form = account.terms.form or standing.isa_kind
            return GainLevy(pieces=isa_early_pieces(book) if early else isa_pieces(book, form))
        if kind == "overseas":
            return GainLevy(pieces=overseas_pieces(book))
        if kind == PENSION:
            age = pension_age(book, gathered.file.people[owner].age_on(by))
            return GainLevy(pieces=receipt_pieces(book, age), years=RECEIPT_YEARS)
        return GainLevy(
            pieces=sale_pieces(book, "krx_other_etf") + income_levies(book, standing),
            beside=float(standing.person.income.financial),
        )

    def _room(
        self, kind: str, standing: PersonOnDay, account: HouseholdAccount, by: date
    ) -> SavingRoom | None:
        book, first = self.book, self.gathered.as_of.year
        years = range(first, max(first, by.year) + 2)
        if kind == PENSION:
            yearly = float(book.won("pension.annual_cap"))
            by_year = dict.fromkeys(years, yearly) | {first: float(standing.pension_room)}
            return SavingRoom(by_year=by_year)
        if kind != "isa":
            return None
        open_until = dict(_isa_rooms(book, account, years))
        return SavingRoom(
            by_year={
                year: room - open_until.get(year - 1, 0.0) for year, room in open_until.items()
            },
            carried=True,
        )


def _isa_rooms(
    book: Rulebook, account: HouseholdAccount, years: Iterable[int]
) -> Iterator[tuple[int, float]]:
    """Yield what an ISA takes from now to the end of each year, as if nothing more were paid."""
    for year in years:
        room = room_in(book, AccountKind.ISA, year, account.paid)
        yield year, 0.0 if room is None else float(room.left)


def trading_costs(positions: Iterable[Position]) -> tuple[float, float]:
    """Return what buying and selling costs, as shares: the mean of what may be bought.

    >>> trading_costs(())
    (0.0, 0.0)
    """
    found = [(each.buy_cost, each.sell_cost) for each in positions if each.buyable]
    if not found:
        return 0.0, 0.0
    buys, sells = zip(*found, strict=True)
    return sum(buys) / len(buys), sum(sells) / len(sells)
