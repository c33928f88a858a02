"""A household along history: every account by its day, every person by their year.

Tax arises in two places. :func:`~jeoul.account.day.account_day` takes what is taken at source;
:func:`~jeoul.household.history.year.assess` says once a year what each person owes over all
accounts, and the account that pays taxes pays it on the first session from its legal date on. What
is decided, and how often, is the caller's: a function from a moment to orders, deposits and
withdrawals, which the next session carries out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import cached_property

from jeoul.account.day import AccountState, DayOrder, DayResult, Due, account_day
from jeoul.account.withholding import Taxed
from jeoul.errors import UsageError
from jeoul.household.history.end import ended
from jeoul.household.history.records import (
    PENSIONS,
    AccountPassed,
    BookedPayment,
    Decide,
    HistoryAccount,
    HistoryHousehold,
    HouseholdDay,
    HouseholdHistory,
    Moment,
    SessionDecisions,
)
from jeoul.household.history.year import Assessment, PersonYear, YearPayment, assess, of_accounts

NO_DECISIONS = SessionDecisions()


def household_history(
    household: HistoryHousehold,
    sessions: Sequence[date],
    decide: Decide,
    *,
    first: SessionDecisions = NO_DECISIONS,
) -> HouseholdHistory:
    """Return a household over sessions, each of some account's exchange, in order.

    What is decided after a session happens on the next one of ``sessions``, and ``first`` on the
    first; whoever steps quarter
    by quarter gives the sessions of decisions and the ones after them. Everything is sold at the
    end, and every tax that is open counts (:mod:`jeoul.household.history.end`).

    Raises :class:`~jeoul.errors.UsageError` for fewer than two sessions, or a ``pays_tax`` that is
    not an account.
    """
    if len(sessions) < 2:
        raise UsageError("a household's history needs at least two sessions; choose a longer span")
    if household.pays_tax is not None and household.pays_tax not in household.accounts:
        raise UsageError(
            f"pays_tax is {household.pays_tax!r}, which is not an account; name one of "
            f"{', '.join(household.accounts)}"
        )
    walk = _Walk(household, sessions[0], first)
    days = []
    for number, session in enumerate(sessions):
        days.append(walk.pass_session(session))
        if number + 1 < len(sessions):
            walk.take(decide(walk.moment(session, sessions[number + 1])))
    walk.close_year(sessions[-1].year + 1)
    last = ended(household, sessions[0], sessions[-1], walk.states, walk.taxed, walk.paid)
    for person, extra in last.years.items():
        walk.reassess(person, sessions[-1].year, extra)
    return HouseholdHistory(
        household=household,
        begun=walk.begun,
        days=tuple(days),
        assessments={name: tuple(found) for name, found in walk.assessments.items()},
        end=last.end(
            days,
            walk.waiting,
            unpaid=walk.tax_owed + sum(payment.amount for _, payment in walk.open),
            outside=walk.outside,
            assessments=walk.assessments,
        ),
    )


class _Walk:
    """The household between two sessions."""

    def __init__(self, household: HistoryHousehold, first: date, decided: SessionDecisions) -> None:
        self.household = household
        self.states = {name: each.start for name, each in household.accounts.items()}
        self._orders: dict[str, Sequence[DayOrder]] = {}
        self._deposits: dict[str, int] = defaultdict(int)
        self._withdrawals: dict[str, int] = defaultdict(int)
        self.take(decided)
        self.money = dict.fromkeys(household.people, 0)
        self.asked = dict.fromkeys(household.people, 0)
        self.outside = self.tax_owed = 0
        self.taxed: dict[str, list[Taxed]] = {name: [] for name in household.accounts}
        self.paid = {
            name: defaultdict(int, each.carried.paid) for name, each in household.accounts.items()
        }
        self.assessments: dict[str, list[Assessment]] = {name: [] for name in household.people}
        self.open: list[tuple[str, YearPayment]] = []
        self._year = first.year
        before = first - timedelta(days=1)
        self._worth = {
            name: _worth(each, self.states[name], before, first)
            for name, each in household.accounts.items()
        }
        self.begun = sum(self._worth.values())

    def take(self, decisions: SessionDecisions) -> None:
        """Keep what was decided until each account's exchange is open next."""
        self.states.update(decisions.states)
        self._orders.update({name: own for name, own in decisions.orders.items() if own})
        for kept, new in (
            (self._deposits, decisions.deposits),
            (self._withdrawals, decisions.withdrawals),
        ):
            for name, amount in new.items():
                kept[name] += amount

    @cached_property
    def _sessions(self) -> Mapping[str, frozenset[date]]:
        found: dict[str, frozenset[date]] = {}
        for each in self.household.accounts.values():
            calendar = each.rules.calendar
            if calendar.name not in found:
                found[calendar.name] = frozenset(calendar.sessions.astype(object).tolist())
        return found

    def is_open(self, account: HistoryAccount, session: date) -> bool:
        return session in self._sessions[account.rules.calendar.name]

    def pass_session(self, session: date) -> HouseholdDay:
        self.close_year(session.year)
        new = self.household.flows.get(session, ())
        for person, amount in new:
            self.money[person] += max(0, amount)
            self.asked[person] += max(0, -amount)
        booked = self._booked(session)
        passed = {
            name: self._pass(account, session, booked)
            for name, account in self.household.accounts.items()
            if self.is_open(account, session)
        }
        if self.household.pays_tax is None:
            self.outside += sum(each.payment.amount for each in booked)
        for name, each in passed.items():
            self._pay_out(name, each.flows.paid_out // self.household.accounts[name].rules.parts)
        return HouseholdDay(
            session=session,
            accounts=passed,
            money=self.waiting,
            worth=sum(self._worth.values()) + self.waiting,
            new=sum(amount for _, amount in new),
            booked=booked,
        )

    @property
    def waiting(self) -> int:
        """Return the money that waits, less what was asked for and is not paid yet."""
        return sum(self.money.values()) - sum(self.asked.values())

    def _pay_out(self, name: str, paid: int) -> None:
        """Give the owner what an account paid out, less what of it pays taxes."""
        tax = min(self.tax_owed, paid) if name == self.household.pays_tax else 0
        self.tax_owed -= tax
        left = paid - tax
        owner = self.household.accounts[name].owner
        for person in sorted(self.asked, key=lambda each: each != owner):
            part = min(left, self.asked[person])
            self.asked[person] -= part
            left -= part
        self.money[owner] += left

    def _pay_in(self, name: str, session: date, amount: int) -> None:
        """Take a deposit from its owner's money, and what is not there from the others'."""
        owner = self.household.accounts[name].owner
        self.paid[name][session.year] += amount
        for person in sorted(self.money, key=lambda each: each != owner):
            part = min(amount, max(0, self.money[person]))
            self.money[person] -= part
            amount -= part
        if amount:
            raise UsageError(
                f"{amount} won more than there are were to be paid into {name} on {session}; "
                "pay in no more than the money that waits"
            )

    def _pass(
        self, account: HistoryAccount, session: date, booked: Sequence[BookedPayment]
    ) -> AccountPassed:
        name, parts = account.id, account.rules.parts
        deposit, withdrawal = self._deposits.pop(name, 0), self._withdrawals.pop(name, 0)
        if deposit:
            self._pay_in(name, session, deposit)
        if name == self.household.pays_tax:
            deposit += sum(max(0, -each.payment.amount) for each in booked)
            tax = sum(max(0, each.payment.amount) for each in booked)
            self.tax_owed += tax
            withdrawal += tax
        due = Due(account.interest.get(session, 0.0), deposit * parts, withdrawal * parts)
        orders = self._orders.pop(name, ())
        found: DayResult = account_day(self.states[name], session, due, orders, account.rules)
        self.states[name] = found.state
        self.taxed[name].extend(found.taxed)
        self._worth[name] = _worth(account, found.state, session, session)
        return AccountPassed(
            flows=found.flows,
            actions=found.actions,
            fills=tuple(fill for fill in found.fills if fill is not None),
            taxed=found.taxed,
            worth=self._worth[name],
            owed=found.state.owed // parts,
        )

    def _booked(self, session: date) -> tuple[BookedPayment, ...]:
        """Take the payments that are due from the open ones, once their account is open."""
        payer = self.household.pays_tax
        if payer is not None and not self.is_open(self.household.accounts[payer], session):
            return ()
        due = [each for each in self.open if each[1].day <= session]
        self.open = [each for each in self.open if each[1].day > session]
        return tuple(BookedPayment(session, person, payment) for person, payment in due)

    def moment(self, session: date, executed: date) -> Moment:
        return Moment(
            session=session,
            executed=executed,
            accounts=self.states,
            money=self.money,
            asked=self.asked,
            year_of=self._person_year,
            paid=self.paid,
            results=self.taxed,
        )

    def close_year(self, year: int) -> None:
        """Assess the years that are over once a session lies in ``year``."""
        while self._year < year:
            for name in self.household.people:
                found = assess(self.household.book, self._person_year(name, self._year))
                self.assessments[name].append(found)
                self.open.extend((name, payment) for payment in found.payments)
            self._year += 1

    def reassess(self, name: str, year: int, extra: Sequence[Taxed]) -> None:
        """Assess the last year again with what the last sales brought."""
        old = self.assessments[name].pop()
        for payment in old.payments:
            self.open.remove((name, payment))
        found = assess(self.household.book, self._person_year(name, year, extra))
        self.assessments[name].append(found)
        self.open.extend((name, payment) for payment in found.payments)

    def _person_year(self, name: str, year: int, extra: Sequence[Taxed] = ()) -> PersonYear:
        person = self.household.people[name]
        mine = [each for each in self.household.accounts.values() if each.owner == name]
        taxed = [one for each in mine for one in self.taxed[each.id]]
        financial, overseas = of_accounts((*taxed, *extra), year)
        pensions = {each.id: each.kind for each in mine if each.kind in PENSIONS}
        first = PENSIONS[0]
        return PersonYear(
            year=year,
            income=person.income,
            status=person.status,
            overseas_elsewhere=person.overseas_elsewhere,
            financial=financial,
            overseas=overseas,
            savings=sum(self.paid[k][year] for k, kind in pensions.items() if kind == first),
            irp=sum(self.paid[k][year] for k, kind in pensions.items() if kind != first),
        )


def _worth(account: HistoryAccount, state: AccountState, session: date, rated: date) -> int:
    """Return what an account is worth in won; a holding counts at its first price before that."""
    rules, portfolio = account.rules, state.portfolio
    prices = {
        code: rules.events.last_close(code, session) or rules.events.last_close(code, rated) or 0
        for code in portfolio.shares
    }
    value = portfolio.value(prices) // rules.parts
    return value if rules.exchange is None else rules.exchange.home(value, rated)
