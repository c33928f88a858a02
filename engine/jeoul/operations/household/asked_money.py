"""Money that a person said will move between a bank and the accounts, followed until it has moved.

A person moves it, no program does. A run names what goes into which account, sees in the books what
has arrived, and plans with what is still to come. Nothing is bought with money that is not there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

LAPSES = timedelta(days=30)
"""How long a run waits for money since it was asked about it last."""
REST = 0.01
"""The part of an amount that may be missing at its end: whole won, and another rate of exchange."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedMoney:
    """Won that a person pays in, or takes out where below 0, since a session.

    ``before`` is what the books of each account had seen move from and to a bank by then, in the
    smallest unit of its currency. ``left`` are the won that the newest plan waited for, all of them
    before any has; ``stays`` are those that plans have left at the bank. ``earlier`` are the won
    that were asked for before ``since``, by day: each is waited for by itself.
    """

    amount: int
    since: date
    before: Mapping[str, int]
    left: int
    stays: int = 0
    earlier: Mapping[date, int] = field(default_factory=dict)

    @classmethod
    def of(cls, amount: int, since: date, before: Mapping[str, int]) -> AskedMoney:
        """Return money that no plan has seen yet."""
        return cls(amount=amount, since=since, before=dict(before), left=amount)

    @property
    def wanted(self) -> int:
        """Return the won that are to move in all: what was said, less what stays at the bank."""
        return self.amount - self.stays

    @property
    def way(self) -> int:
        """Return 1 for money that is paid in, -1 for money that is taken out, 0 for none."""
        return (self.amount > 0) - (self.amount < 0)

    @property
    def days(self) -> Mapping[date, int]:
        """Return all of it in won by the day on which it was asked for, the oldest first."""
        newest = self.amount - sum(self.earlier.values())
        return {**dict(sorted(self.earlier.items())), self.since: newest}

    def has_lapsed(self, on: date) -> bool:
        """Return whether the run has stopped waiting for this money."""
        return on > self.since + LAPSES

    def with_more(self, more: int, on: date) -> AskedMoney:
        """Return it with won that fall due on a day; those of the other sign lower the oldest.

        The new request leaves out the won that earlier plans have left at the bank.

        >>> march, april = date(2026, 3, 31), date(2026, 4, 30)
        >>> AskedMoney.of(5, march, {}).with_more(3, april).days == {march: 5, april: 3}
        True
        >>> AskedMoney.of(5, march, {}).with_more(-3, april).days == {march: 2}
        True
        """
        same = more * self.amount > 0
        days = _without_oldest(self.days, self.stays if same else self.stays - more)
        if same:
            days[on] = days.get(on, 0) + more
        since = max(days, default=on)
        return AskedMoney(
            amount=sum(days.values()),
            since=since,
            before=self.before,
            left=self.left + more,
            earlier={day: won for day, won in days.items() if day != since},
        )

    def without_overdue(self, won: int) -> AskedMoney:
        """Return it without won of its oldest days, for which nobody waits any more."""
        days = _without_oldest(self.days, won)
        return replace(
            self,
            amount=self.amount - won,
            left=self.left - won,
            earlier={day: each for day, each in days.items() if day != self.since},
        )

    def document(self) -> dict[str, Any]:
        """Return the request as JSON values, for :func:`under_way_in`."""
        return {
            "amount": self.amount,
            "since": self.since.isoformat(),
            "before": dict(self.before),
            "left": self.left,
            "stays": self.stays,
            "earlier": {day.isoformat(): won for day, won in self.earlier.items()},
        }


Requests = Mapping[str, AskedMoney]
"""Money by the person who moves it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedMoney:
    """A request for which nobody waits any more.

    It has lapsed, its person said otherwise, or its money has come before other money goes the
    other way. ``until`` is what the books had seen move when it ended: what moves later is not its
    money. ``rest`` are the won of it that had not moved by then, ``netted`` those of the rest that
    a schedule the other way was set off against.
    """

    person: str
    asked: AskedMoney
    until: Mapping[str, int]
    rest: int
    netted: int = 0

    def document(self) -> dict[str, Any]:
        """Return it as JSON values, for :func:`under_way_in`."""
        own = {"person": self.person, "until": dict(self.until)}
        return {**own, "rest": self.rest, "netted": self.netted, **self.asked.document()}


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyUnderWay:
    """The requests of people that have not been met yet, as a plan is given them.

    ``transfers`` are the won by account that the newest plan asked for, below 0 for what is taken
    out; empty where none stands, so that the money is planned again. ``ended`` has ended since the
    newest plan of which people were told. ``held`` is due by a schedule and waits, because other
    money moves the other way; ``early`` falls due by the day on which a plan's orders are filled,
    and may have arrived already. ``seen`` is what the books of each account had seen move at the
    plan that left what is ``left``.
    """

    requests: Requests = field(default_factory=dict)
    transfers: Mapping[str, int] = field(default_factory=dict)
    ended: tuple[EndedMoney, ...] = ()
    held: Requests = field(default_factory=dict)
    early: Requests = field(default_factory=dict)
    seen: Mapping[str, int] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """Return it as JSON values, for :func:`under_way_in`."""
        return {
            "requests": _documents(self.requests),
            "transfers": dict(self.transfers),
            "ended": [each.document() for each in self.ended],
            "held": _documents(self.held),
            "early": _documents(self.early),
            "seen": dict(self.seen),
        }


def under_way_in(kept: Mapping[str, Any]) -> MoneyUnderWay:
    """Return the money under way that a kept plan was given; plans from before had none.

    Of what ended in a plan that kept no rest of it, nothing is taken to have moved since the plan
    before.

    >>> under_way_in({}) == MoneyUnderWay()
    True
    """
    told = kept.get("under_way", {})
    requests = told["requests"] if "requests" in told else _of_a_list(told)
    return MoneyUnderWay(
        requests=_requests(requests),
        transfers=told.get("transfers", {}),
        ended=tuple(
            EndedMoney(
                person=each["person"],
                asked=_request(each),
                until=each["until"],
                rest=each.get("rest", each["left"]),
                netted=each.get("netted", 0),
            )
            for each in told.get("ended", ())
        ),
        held=_requests(told.get("held", {})),
        early=_requests(told.get("early", {})),
        seen=told.get("seen", {}),
    )


def under_way_after(kept: Mapping[str, Any], *, stands: bool = True) -> MoneyUnderWay:
    """Return the money under way for the next plan: the requests that a kept one still awaits.

    A plan that does not ``stand`` was rejected, has lapsed or never became whole: what it asked for
    is planned again.
    """
    told, to_come, stays = under_way_in(kept), kept.get("to_come", {}), kept.get("stays", {})
    requests = {
        name: replace(each, left=to_come[name], stays=stays.get(name, each.stays))
        for name, each in told.requests.items()
        if name in to_come
    }
    transfers = kept.get("transfers", {}) if stands else {}
    return MoneyUnderWay(
        requests=requests, transfers=transfers, held=told.held, seen=moved_then(kept)
    )


def moved_then(kept: Mapping[str, Any]) -> Mapping[str, int]:
    """Return what the books had seen move at a kept plan; the oldest plans did not look."""
    looked = kept.get("looked", {})
    return {name: each["moved"] for name, each in looked.items() if "moved" in each}


def _documents(requests: Requests) -> dict[str, Any]:
    return {name: each.document() for name, each in requests.items()}


def _requests(kept: Mapping[str, Any]) -> Requests:
    return {name: _request(each) for name, each in kept.items()}


def _request(kept: Mapping[str, Any]) -> AskedMoney:
    return AskedMoney(
        amount=kept["amount"],
        since=date.fromisoformat(kept["since"]),
        before=kept["before"],
        left=kept["left"],
        stays=kept["stays"],
        earlier={date.fromisoformat(day): won for day, won in kept.get("earlier", {}).items()},
    )


def _without_oldest(days: Mapping[date, int], won: int) -> dict[date, int]:
    """Return won by day, less some of the oldest; all have one sign."""
    rest, found = won, {}
    for day, each in days.items():
        taken = min(rest, each, key=abs)
        rest -= taken
        if each != taken:
            found[day] = each - taken
    return found


def _of_a_list(told: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the requests of a plan that kept them as a list, with what was left beside it."""
    left = told.get("left", {})
    return {
        each["person"]: {**each, "left": left.get(each["person"], each["amount"]), "stays": 0}
        for each in told.get("asked", ())
    }
