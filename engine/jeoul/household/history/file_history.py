"""The household of a file along a market's history: the same people and accounts, moved back.

Everything dated moves by whole years, so that people are as old at the beginning, and accounts as
long open, as they are today.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from jeoul.account.day import AccountState
from jeoul.account.holdings.record import HeldLot, Holdings
from jeoul.account.terms import MONTHS, dated
from jeoul.errors import UsageError
from jeoul.household.gathering.beside import without_outside
from jeoul.household.gathering.gather import Before, gather
from jeoul.household.gathering.gathered import Gathered
from jeoul.household.gathering.inputs import HouseholdInputs, read_inputs
from jeoul.household.gathering.priced import prices_of
from jeoul.household.history.beginnings import Beginnings
from jeoul.household.history.history import household_history
from jeoul.household.history.moved import months_before, moved_file, years_back
from jeoul.household.history.planned import PlanDecider, PlanningSettings
from jeoul.household.history.records import (
    HistoryAccount,
    HistoryHousehold,
    HistoryPerson,
    HouseholdHistory,
    Moment,
    NewMoney,
)
from jeoul.household.problem.records import Household
from jeoul.household.written.file import Flow, HouseholdFile, HouseholdPerson
from jeoul.korea.rulebook import Rulebook
from jeoul.market import Market


@dataclass(frozen=True, slots=True, kw_only=True)
class HistorySpan:
    """A stretch of history: the sessions that are stepped, and those of them that are planned."""

    sessions: tuple[date, ...]
    planned: frozenset[date]


def quarterly(market: Market, start: date, end: date, *, overseas: bool) -> HistorySpan:
    """Return the sessions of a span, planned on its first and on the first of each quarter.

    With ``overseas`` the sessions of New York are stepped too; plans are made on those of Seoul.
    Raises :class:`UsageError` for a span with fewer than two sessions of the data in it.
    """
    seoul = sessions_within(market, "XKRX", start, end)
    if len(seoul) < 2:
        raise UsageError(
            f"the data have fewer than two sessions of XKRX from {start} to {end}; "
            "choose a longer span within the data"
        )
    planned = [
        day
        for before, day in zip((None, *seoul[:-1]), seoul, strict=True)
        if before is None or (before.month - 1) // 3 != (day.month - 1) // 3
    ]
    every = set(seoul)
    if overseas:
        every |= set(sessions_within(market, "XNYS", seoul[0], seoul[-1]))
    return HistorySpan(sessions=tuple(sorted(every)), planned=frozenset(planned))


def sessions_within(market: Market, calendar: str, start: date, end: date) -> list[date]:
    """Return the sessions of an exchange from one day to another."""
    days: list[date] = market.sessions(calendar).astype(object).tolist()
    return [day for day in days if start <= day <= end]


def file_history(
    file: HouseholdFile,
    span: HistorySpan,
    plan: PlanningSettings,
    *,
    market: Market,
    book: Rulebook,
    today: Market | None = None,
    inputs: HouseholdInputs | None = None,
    watch: Callable[[Gathered], None] = lambda _: None,
) -> HouseholdHistory:
    """Return the household of a file over a span of history, planned on the span's dates.

    ``today`` is the market that says what the accounts are worth, the same one by default.
    ``inputs`` is what the file names, read by default; ``watch`` is called with what each plan is
    made from. Raises what :func:`~jeoul.household.gathering.gather.gather` raises.
    """
    newest = market if today is None else today
    last = newest.last_session()
    inputs = without_outside(read_inputs(file)) if inputs is None else inputs
    then = moved_file(file, years_back(file, last, span.sessions[0]))
    begin = Beginnings(
        file=then, inputs=inputs, today=newest, market=market, book=book, sessions=span.sessions
    )
    household = HistoryHousehold(
        book=book,
        people={name: _person(one) for name, one in then.people.items()},
        accounts={name: begin.account(each) for name, each in then.accounts.items()},
        pays_tax=file.policy.pays_tax,
        flows=_flows(then, span.sessions),
    )
    see = _See(file=then, inputs=inputs, market=market, household=household, watch=watch)
    return household_history(
        household, span.sessions, PlanDecider(household, see, plan, span.planned)
    )


def _person(one: HouseholdPerson) -> HistoryPerson:
    return HistoryPerson(
        id=one.id,
        born=one.born,
        income=one.income,
        status=one.status,
        overseas_elsewhere=one.gains.overseas_realised,
    )


def _flows(file: HouseholdFile, sessions: Sequence[date]) -> Mapping[date, list[NewMoney]]:
    found: dict[date, list[NewMoney]] = {}
    for flow in file.flows:
        person = flow.person or next(iter(file.people))
        for day, amount in dated([_at_once(flow, sessions[0])], sessions).items():
            found.setdefault(day, []).append(NewMoney(person, amount))
    return found


def _at_once(flow: Flow, first: date) -> Flow:
    """Return a repeated flow that begins no later than one period after a first day."""
    months = MONTHS.get(flow.every)
    if months is None:
        return flow
    start = flow.start
    while (earlier := months_before(start, months)) >= first:
        start = earlier
    return flow.model_copy(update={"start": start})


@dataclass
class _See:
    """Makes the problem of a moment as a plan of that day would have been made."""

    file: HouseholdFile
    inputs: HouseholdInputs
    market: Market
    household: HistoryHousehold
    watch: Callable[[Gathered], None]
    before: Before = field(default_factory=Before)

    def __call__(self, moment: Moment) -> Household:
        accounts = self.household.accounts
        snapshot = self.market.as_of(moment.session)
        priced = prices_of(snapshot, self.inputs.universes.values()).keys()
        held = {
            name: _priced(_holdings(accounts[name], state, moment.session), priced)
            for name, state in moment.accounts.items()
        }
        found = gather(
            self._file(moment),
            market=self.market,
            as_of=moment.session,
            book=self.household.book,
            inputs=replace(self.inputs, holdings=held),
            deposit=moment.money,
            withdrawal=moment.asked,
            before=self.before,
        )
        self.before = Before(
            memories={
                (aim, profile): proposal.memory
                for aim, facts in found.aims.items()
                for profile, proposal in facts.proposals.items()
            },
            scales={aim: facts.scale for aim, facts in found.aims.items()},
        )
        self.watch(found)
        return found.household

    def _file(self, moment: Moment) -> HouseholdFile:
        """Return the file as the people would have written it on that day."""
        people = {}
        for name, one in self.file.people.items():
            year = moment.year_of(name, moment.session.year)
            financial = year.income.financial + year.financial
            realised = one.gains.overseas_realised + sum(year.overseas)
            people[name] = replace(
                one,
                income=replace(one.income, financial=financial),
                gains=replace(one.gains, overseas_realised=realised),
            )
        accounts = {}
        for name, account in self.file.accounts.items():
            taxed = sum(each.gain for each in moment.results[name] if each.asset != "kr_equity_etf")
            accounts[name] = replace(
                account,
                paid=replace(account.paid, paid=dict(moment.paid[name])),
                terms=replace(account.terms, gain_so_far=account.terms.gain_so_far + taxed)
                if account.kind == "isa"
                else account.terms,
            )
        return replace(self.file, people=people, accounts=accounts)


def _holdings(account: HistoryAccount, state: AccountState, session: date) -> Holdings:
    """Return an account as a holdings file would have it; what it owes is not its cash any more."""
    portfolio, exchange = state.portfolio, account.rules.exchange
    owed = state.owed if exchange is None else exchange.cost(state.owed, session)
    found = Holdings(
        file=account.id,
        shares=dict(portfolio.shares),
        cash=max(0, portfolio.cash - owed),
        currency=portfolio.currency,
        incoming=dict(portfolio.unsettled),
    )
    basis = {code: state.ledger.basis[code] for code in portfolio.shares}
    if exchange is None:
        return replace(
            found,
            cost={code: each.cost for code, each in basis.items()},
            tax_base={code: each.base for code, each in basis.items() if each.base is not None},
        )
    rate = exchange.rates[session]
    costs = {code: each.cost / rate for code, each in basis.items()}
    return replace(
        found,
        cost=costs,
        lots={
            code: (
                HeldLot(
                    bought=session,
                    shares=portfolio.shares[code],
                    cost=cost,
                    tax_base=None,
                    fx=Decimal(rate),
                ),
            )
            for code, cost in costs.items()
        },
    )


def _priced(holdings: Holdings, priced: Collection[str]) -> Holdings:
    """Return holdings without the funds that have no current price: no plan can move them."""
    there = {code: count for code, count in holdings.shares.items() if code in priced}
    return holdings if len(there) == len(holdings.shares) else replace(holdings, shares=there)
