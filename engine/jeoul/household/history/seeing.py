"""A drawn household as the problem of a later day: its money, gains, rooms and levies of then."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from jeoul.account.day import AccountState
from jeoul.account.withholding import Basis
from jeoul.advice.year_tax import credit_of_year
from jeoul.household.history.records import HistoryAccount, HistoryHousehold, Moment
from jeoul.household.history.year import PersonYear, facts_of_year
from jeoul.household.problem.after import CREDITED
from jeoul.household.problem.records import (
    Account,
    Credit,
    Gains,
    Household,
    HouseholdMember,
    Lot,
    MoneyPool,
    Position,
)
from jeoul.korea.pieces_pension import CreditRooms, credit_rooms
from jeoul.korea.rulebook import Rulebook
from jeoul.model.years import DAYS_A_YEAR


@dataclass(frozen=True)
class ProblemMaker:
    """Makes the problem of a moment out of a drawn household and its history.

    Prices, shares, cash and gains are those of the moment; the year so far of each person, and the
    rooms, are those of the year in which orders are filled, the next one after its last session. A
    pension takes again what the law lets it each January; an ISA its 20 M more, for the years that
    the law counts. New money goes where the drawn household lets it go, or into any account of its
    owner. ``weights`` gives the target of a day, that of the drawn household without it; needs and
    prices of the policy stay.
    """

    drawn: Household
    history: HistoryHousehold
    first: date
    weights: Callable[[date], Mapping[str, float]] | None = None

    def __call__(self, moment: Moment) -> Household:
        """Return the problem."""
        prices = self._prices(moment.session)
        drawn = self.drawn
        return replace(
            drawn,
            funds=tuple(replace(fund, price=float(prices[fund.code])) for fund in drawn.funds),
            accounts=tuple(self._account(each, moment, prices) for each in drawn.accounts),
            positions=tuple(self._position(each, moment, prices) for each in drawn.positions),
            members=tuple(self._member(each, moment) for each in drawn.members),
            pools=tuple(self._pools(moment)),
            aims=tuple(
                replace(
                    aim,
                    weights=aim.weights if self.weights is None else self.weights(moment.session),
                    pools=tuple(
                        pool.id
                        for pool in self._pools(moment)
                        if set(pool.accounts) & set(aim.accounts)
                    ),
                    withdrawal=0.0,
                )
                for aim in drawn.aims
            ),
            needs=tuple(replace(need, pools=()) for need in drawn.needs),
        )

    def _prices(self, session: date) -> Mapping[str, int]:
        events = next(iter(self.history.accounts.values())).rules.events
        return events.prices([fund.code for fund in self.drawn.funds], session)

    def _account(self, account: Account, moment: Moment, prices: Mapping[str, int]) -> Account:
        state = moment.accounts[account.id]
        years = (moment.session - self.first).days / DAYS_A_YEAR
        end = account.settlement
        if end is not None:
            accrued = self._accrued(account.id, moment, prices)
            end = replace(end, accrued=accrued, years=max(1.0, end.years - years))
        return replace(
            account,
            cash=float(max(0, state.portfolio.cash - state.owed)),
            due=float(state.portfolio.incoming),
            room=self._room(account, moment),
            withdrawable=0.0,
            lock_years=max(0.0, account.lock_years - years),
            settlement=end,
        )

    def _room(self, account: Account, moment: Moment) -> float:
        book, paid = self.history.book, moment.paid[account.id]
        if account.kind in CREDITED:
            return float(self._pension_room(account.owner, moment))
        if account.kind != "isa":
            return account.room
        begun = self.history.accounts[account.id].carried.opened or self.first
        most = book.won("isa.years_cap")
        more = min(most, moment.executed.year - begun.year) - min(
            most, self.first.year - begun.year
        )
        room = account.room + more * book.won("isa.annual_unit") - sum(paid.values())
        return max(0.0, min(room, float(book.won("isa.total_cap"))))

    def _pension_room(self, owner: str, moment: Moment) -> int:
        paid = sum(
            moment.paid[each.id][moment.executed.year]
            for each in self.drawn.accounts
            if each.owner == owner and each.kind in CREDITED
        )
        before = next(each.pension_room for each in self.drawn.members if each.id == owner)
        cap = self.history.book.won("pension.annual_cap")
        if moment.executed.year == self.first.year:
            cap = min(cap, round(before))
        return max(0, cap - paid) if before else 0

    def _accrued(self, name: str, moment: Moment, prices: Mapping[str, int]) -> float:
        """Return the taxed gain of an ISA so far: realised, and what a sale of now would bring."""
        account, state = self.history.accounts[name], moment.accounts[name]
        assert account.rules.taxes is not None
        kinds = account.rules.taxes.kinds
        realised = sum(each.gain for each in moment.results[name] if each.counts_in_isa)
        open_gain = sum(
            count * (prices[code] - float(state.ledger.basis[code].cost))
            for code, count in state.portfolio.shares.items()
            if kinds[code] != "kr_equity_etf"
        )
        return account.carried.gain_so_far + realised + open_gain

    def _position(self, position: Position, moment: Moment, prices: Mapping[str, int]) -> Position:
        account, state = self.history.accounts[position.account], moment.accounts[position.account]
        shares = state.portfolio.shares.get(position.fund, 0)
        gains = next(each.gains for each in self.drawn.accounts if each.id == position.account)
        lots: tuple[Lot, ...] = ()
        if shares and gains is not Gains.SHELTERED:
            gain = _gain(account, state, position.fund, prices[position.fund], moment.session)
            lots = (Lot(shares, gain),)
        return replace(position, shares=shares, lots=lots)

    def _pools(self, moment: Moment) -> Iterator[MoneyPool]:
        owners = {each.id: each.owner for each in self.drawn.accounts}
        known = {owners[pool.accounts[0]]: pool for pool in self.drawn.pools if pool.accounts}
        for person, amount in moment.money.items():
            own = tuple(each.id for each in self.drawn.accounts if each.owner == person)
            pool = known.get(person, MoneyPool(id=f"new:{person}", amount=0.0, accounts=own))
            if amount > 0 and pool.accounts:
                yield replace(pool, amount=float(amount))

    def _member(self, member: HouseholdMember, moment: Moment) -> HouseholdMember:
        year = moment.year_of(member.id, moment.executed.year)
        begun = moment.executed.year == self.first.year
        return replace(
            member,
            financial=float(year.income.financial + year.financial),
            realised=(member.realised if begun else 0.0) + float(sum(year.overseas)),
            pension_room=float(self._pension_room(member.id, moment)),
            credit=self._credit(member, moment),
        )

    def _credit(self, member: HouseholdMember, moment: Moment) -> Credit | None:
        if member.credit is None:
            return None
        rooms = rooms_of(self.history.book, moment.year_of(member.id, moment.executed.year))
        kinds = {each.kind for each in self.drawn.accounts if each.owner == member.id}
        most = min(rooms.together, moment.money[member.id], self._pension_room(member.id, moment))
        if not kinds & set(CREDITED[1:]):
            most = min(most, rooms.savings)
        return Credit(
            rate=float(rooms.rate),
            savings=float(rooms.savings),
            together=float(rooms.together),
            reachable=float(max(0, most)),
        )


def rooms_of(book: Rulebook, year: PersonYear) -> CreditRooms:
    """Return what further pension payments of a person's year still earn."""
    so_far = credit_of_year(book, facts_of_year(book, year))
    return credit_rooms(book, so_far, savings_paid=year.savings)


def _gain(
    account: HistoryAccount, state: AccountState, code: str, price: int, session: date
) -> float:
    """Return the taxable gain of a share: the smaller of price and base price, or abroad all."""
    assert account.rules.taxes is not None
    basis: Basis = state.ledger.basis[code]
    kind = account.rules.taxes.kinds[code]
    gain = price - float(basis.cost)
    if kind == "us_etf":
        return gain
    if kind == "kr_equity_etf":
        return 0.0
    base = account.rules.events.tax_base(code, session)
    if basis.base is not None and base is not None:
        gain = min(gain, base - float(basis.base))
    return max(0.0, gain)
