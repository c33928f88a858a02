"""One account that follows a strategy, taxed: the household of a person with a single account."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from jeoul.account.day import DayOrder
from jeoul.account.life import choose, day_rules, first_state, trade_rules
from jeoul.account.terms import AccountPlan
from jeoul.account.withholding import TAXED, TaxRules
from jeoul.household.history.history import household_history
from jeoul.household.history.records import (
    Carried,
    HistoryAccount,
    HistoryHousehold,
    HistoryPerson,
    HouseholdHistory,
    Moment,
    NewMoney,
    SessionDecisions,
)

_ACCOUNT = "account"


def follow(
    plan: AccountPlan, taxes: TaxRules, person: HistoryPerson, carried: Carried
) -> HouseholdHistory:
    """Return the run of one account of a person with every tax, as it follows a strategy.

    The orders are those of the run before tax, made of the money that tax leaves. An ordinary
    account pays the taxes of the year itself; what the year asks because of an ISA or a pension
    account is paid and refunded beside it.
    """
    terms = replace(plan.terms, taxes=taxes)
    account = HistoryAccount(
        id=_ACCOUNT,
        owner=person.id,
        kind=taxes.account,
        rules=day_rules(terms, plan.events, plan.calendar),
        start=first_state(terms),
        carried=carried,
        interest=terms.interest,
    )
    household = HistoryHousehold(
        book=taxes.book,
        people={person.id: person},
        accounts={_ACCOUNT: account},
        pays_tax=_ACCOUNT if taxes.account in TAXED else None,
        flows={
            day: (
                NewMoney(person.id, terms.deposits.get(day, 0)),
                NewMoney(person.id, -terms.withdrawals.get(day, 0)),
            )
            for day in {*terms.deposits, *terms.withdrawals}
        },
    )
    follower = _Follower(plan)
    sessions = [each.session for each in plan.wanted]
    return household_history(household, sessions, follower, first=follower.flows(sessions[0]))


@dataclass
class _Follower:
    """Decides as the account's own run does."""

    plan: AccountPlan

    def __post_init__(self) -> None:
        self._wanted = {each.session: each for each in self.plan.wanted}
        self._rules = trade_rules(self.plan.terms)
        self._invested = False

    def __call__(self, moment: Moment) -> SessionDecisions:
        state = moment.accounts[_ACCOUNT]
        self._invested |= bool(state.portfolio.shares or any(state.portfolio.unsettled.values()))
        found = choose(
            state,
            self._wanted[moment.session],
            self.plan.terms,
            self._rules,
            invested=self._invested,
        )
        orders = [DayOrder(each.side, each.ticker, each.shares) for each in found.orders]
        return self.flows(moment.executed)._replace(
            orders={_ACCOUNT: orders}, states={_ACCOUNT: found.state}
        )

    def flows(self, session: date) -> SessionDecisions:
        """Return what the terms pay in and take out on a session."""
        terms = self.plan.terms
        return SessionDecisions(
            deposits={_ACCOUNT: terms.deposits.get(session, 0)},
            withdrawals={_ACCOUNT: terms.withdrawals.get(session, 0)},
        )
