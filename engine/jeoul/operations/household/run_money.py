"""The money of one run of a household: what its newest plan waits for, and what is said and due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from jeoul.household.written.file import HouseholdFile
from jeoul.operations.desk.approval import is_rejected
from jeoul.operations.desk.intents import Run
from jeoul.operations.desk.lapsing import lapsed_for
from jeoul.operations.desk.reconcile import ExpectedMoney
from jeoul.operations.household.asked_money import (
    AskedMoney,
    MoneyUnderWay,
    Requests,
    moved_then,
    under_way_after,
    under_way_in,
)
from jeoul.operations.household.awaited_money import awaited
from jeoul.operations.household.counted_once import counted_once, without
from jeoul.operations.household.due_flows import due_between
from jeoul.operations.household.lapsed_money import without_lapsed
from jeoul.operations.household.leg import KEPT, Leg, last_planned, part_named
from jeoul.operations.household.money_left import Books
from jeoul.operations.household.said_money import DueMoney, asked_with, with_due
from jeoul.operations.ledger import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanDays:
    """The session that a plan decides on, and the one on which its orders are filled."""

    session: date
    executed: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RunMoney:
    """The money of a run over the accounts of a household.

    ``wanted`` is what a person says of it, in won by person: below 0 for what is taken out, and 0
    for none any more.
    """

    file: HouseholdFile
    legs: Sequence[Leg]
    wanted: Mapping[str, int]

    def under_way(self, days: PlanDays) -> tuple[MoneyUnderWay, DueMoney]:
        """Return the money under way for a plan, and what became of what is due since the newest.

        Raises :class:`UsageError` for a deposit beside a withdrawal.
        """
        kept = self._newest
        told = self._after(kept, stands=self.stands(kept))
        if not self._is_whole(kept):  # a part was never frozen: its transfers were not shown
            told = replace(under_way_in(kept), transfers={}, early={})
        if not told.transfers.keys() <= self.file.accounts.keys():
            told = replace(told, transfers={})  # an account has left the file: planned again
        books = self._books(kept)
        told = self._of_the_file(without_lapsed(told, days.session, books), books)
        told = asked_with(told, self.wanted, books, days.session)
        if not kept or not told.seen:
            return told, DueMoney()
        due = self._due(kept, days.session)
        told, found = with_due(told, due, days.session, books, apart=self.wanted)
        return replace(told, early=self._soon(kept, days, told.seen)), found

    def _after(self, kept: Mapping[str, Any], *, stands: bool = True) -> MoneyUnderWay:
        """Return what a plan still waits for; what came for money that it ended is used up."""
        told, were = under_way_after(kept, stands=stands), under_way_in(kept)
        over = {name: each for name, each in were.requests.items() if name not in told.requests}
        then = replace(self._books(kept), moved=told.seen)
        early: Requests = {
            name: replace(each, amount=won, left=won)
            for name, each in were.early.items()
            if (won := kept.get("early", {}).get(name, 0) - (each.amount - each.left))
        }
        for end in were.ended:
            by_then = replace(then, moved=end.until)
            early = counted_once(early, {end.person: end.asked}, by_then)
        early = counted_once(early, over, then)
        requests = counted_once(counted_once(told.requests, over, then), early, then)
        return replace(told, requests=requests, held=counted_once(told.held, early, then))

    def _of_the_file(self, told: MoneyUnderWay, books: Books) -> MoneyUnderWay:
        """Return what is under way without people who have left the file: nobody waits for it."""
        gone = {*told.requests, *told.held} - self.file.people.keys()
        return without(told, gone, books) if gone else told

    def stands(self, kept: Mapping[str, Any]) -> bool:
        """Return whether a plan is frozen in every account, and was neither rejected nor lapsed."""
        return self._is_whole(kept) and not any(
            is_rejected(ledger, run) or lapsed_for(ledger, run) is not None
            for ledger, run in self._parts(kept)
            if run is not None
        )

    def _is_whole(self, kept: Mapping[str, Any]) -> bool:
        """Return whether a plan is frozen in every account whose ledger can be read."""
        return all(run is not None for _, run in self._parts(kept))

    def _parts(self, kept: Mapping[str, Any]) -> list[tuple[Ledger, Run | None]]:
        """Return the part of a plan in each ledger, None where it has none."""
        name = str(kept.get("run"))
        ledgers = [leg.stages.desk.ledger for leg in self.legs if leg.stages is not None]
        return [(each, part_named(each, name)) for each in ledgers]

    def is_new(self, kept: Mapping[str, Any]) -> bool:
        """Return whether a person says of money what the plan of the session does not know."""
        asked = {name: each.amount for name, each in under_way_after(kept).requests.items()}
        asked = {**kept.get("wanted", {}), **asked}
        return any(asked.get(person, 0) != won for person, won in self.wanted.items())

    def arrived(self, runs: Mapping[str, Run]) -> list[str]:
        """Return the accounts whose money has moved since a plan that waits for money."""
        kept = next(iter(runs.values())).document[KEPT]
        then = moved_then(kept) if kept.get("to_come") else {}
        return [name for name, moved in self._moved.items() if moved != then.get(name, moved)]

    def expected(self, account: str, days: PlanDays) -> ExpectedMoney:
        """Return the money that may move into an account and out of it, and has not yet.

        Nothing is expected while a ledger cannot be read: its account may have it already.
        """
        kept = self._newest
        if not kept or any(leg.stages is None for leg in self.legs):
            return ExpectedMoney()
        books = self._books(kept)
        told = without_lapsed(self._after(kept), days.session, books)
        told = self._of_the_file(told, books)
        return awaited(account, told, self._due(kept, days.executed), moved_then(kept), books)

    def _books(self, kept: Mapping[str, Any]) -> Books:
        """Return what the books have seen move, at the rates of the newest plan."""
        return Books(
            moved=self._moved,
            rates=_rates(kept, self.file),
            owners={name: each.owner for name, each in self.file.accounts.items()},
            gifts=self.file.policy.gifts,
        )

    @property
    def _newest(self) -> Mapping[str, Any]:
        """Return what the newest plan of any account has kept, empty without one."""
        ledgers = (leg.stages.desk.ledger for leg in self.legs if leg.stages is not None)
        found = [run for ledger in ledgers if (run := last_planned(ledger))]
        newest = max(found, key=lambda run: (run.session, run.at), default=None)
        return {} if newest is None else newest.document[KEPT]

    @property
    def _moved(self) -> Mapping[str, int]:
        return {leg.account: leg.stages.moved for leg in self.legs if leg.stages is not None}

    def _soon(
        self, kept: Mapping[str, Any], days: PlanDays, then: Mapping[str, int]
    ) -> Mapping[str, AskedMoney]:
        """Return what falls due between the session and the day of its orders, as it may be early.

        A plan of the session before this one may have seen some of it come already.
        """
        come = kept.get("early", {}) if _planned_on(kept) == days.session else {}
        return {
            name: replace(asked, left=won - come.get(name, 0))
            for name, won in due_between(self.file, days.session, days.executed).items()
            if won and (asked := AskedMoney.of(won, days.session, then))
        }

    def _due(self, kept: Mapping[str, Any], until: date) -> Mapping[str, int]:
        """Return won by person that a schedule has made due since a plan, less what came early."""
        due, early = due_between(self.file, _planned_on(kept), until), kept.get("early", {})
        return {
            name: rest for name, won in due.items() if won and (rest := won - early.get(name, 0))
        }


def _planned_on(kept: Mapping[str, Any]) -> date:
    """Return the session of a whole plan: an account abroad may have another one."""
    return date.fromisoformat(kept["on"])


def _rates(kept: Mapping[str, Any], file: HouseholdFile) -> Mapping[str, float]:
    """Return won for the smallest unit of each account; a plan from before knows those of won."""
    won = {name: 1.0 for name, each in file.accounts.items() if each.currency == "KRW"}
    return {**won, **kept.get("rates", {})}
