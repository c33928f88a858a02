"""Money that a person said will move between a bank and the accounts, followed until it has moved.

A person moves it, no program does. A run names what goes into which account, sees in the books what
has arrived, and plans with what is still to come. Nothing is bought with money that is not there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from jeoul.errors import UsageError

LAPSES = timedelta(days=30)
"""How long a run waits for money since it was asked about it last."""
REST = 0.01
"""The part of an amount that may be missing at its end: whole won, and another rate of exchange."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedMoney:
    """Won that a person pays in, or takes out where below 0, since a session.

    ``before`` is what the books of each account had seen move from and to a bank by then, in the
    smallest unit of its currency.
    """

    person: str
    amount: int
    since: date
    before: Mapping[str, int]

    def has_lapsed(self, on: date) -> bool:
        """Return whether the run has stopped waiting for this money."""
        return on > self.since + LAPSES

    def document(self) -> dict[str, Any]:
        """Return the request as JSON values, for :func:`under_way_in`."""
        return {
            "person": self.person,
            "amount": self.amount,
            "since": self.since.isoformat(),
            "before": dict(self.before),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyUnderWay:
    """Requests that have not been met yet, and what the newest plan made of them.

    ``left`` are the won by person that it still waited for, ``transfers`` the won by account that
    it asked for, below 0 for what is taken out. ``due`` are won by person that a schedule has
    made due since; ``unasked`` those of them that are not asked for, because other money moves the
    other way.
    """

    asked: tuple[AskedMoney, ...] = ()
    left: Mapping[str, int] = field(default_factory=dict)
    transfers: Mapping[str, int] = field(default_factory=dict)
    due: Mapping[str, int] = field(default_factory=dict)
    unasked: Mapping[str, int] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """Return it as JSON values, for :func:`under_way_in`."""
        return {
            "asked": [each.document() for each in self.asked],
            "left": dict(self.left),
            "transfers": dict(self.transfers),
            "due": dict(self.due),
            "unasked": dict(self.unasked),
        }


def under_way_in(kept: Mapping[str, Any]) -> MoneyUnderWay:
    """Return the money under way that a kept plan was given; plans from before had none.

    >>> under_way_in({})
    MoneyUnderWay(asked=(), left={}, transfers={}, due={}, unasked={})
    """
    told = kept.get("under_way", {})
    return MoneyUnderWay(
        asked=tuple(_asked(each) for each in told.get("asked", ())),
        left=told.get("left", {}),
        transfers=told.get("transfers", {}),
        due=told.get("due", {}),
        unasked=told.get("unasked", {}),
    )


def under_way_after(kept: Mapping[str, Any]) -> MoneyUnderWay:
    """Return the money under way for the next plan: the requests that a kept one still awaits."""
    to_come = kept.get("to_come", {})
    asked = under_way_in(kept).asked
    return MoneyUnderWay(
        asked=tuple(each for each in asked if each.person in to_come),
        left=to_come,
        transfers=kept.get("transfers", {}),
    )


def _asked(kept: Mapping[str, Any]) -> AskedMoney:
    since = date.fromisoformat(kept["since"])
    return AskedMoney(
        person=kept["person"], amount=kept["amount"], since=since, before=kept["before"]
    )


def asked_with(
    before: MoneyUnderWay, wanted: Mapping[str, int], moved: Mapping[str, int], on: date
) -> MoneyUnderWay:
    """Return what is under way on a session: what was, with what a person says now.

    ``wanted`` are won by person; they take the place of what was asked for that person, and 0 ends
    it. ``moved`` is what the books have seen move so far. Raises :class:`UsageError` for money in
    beside money out: which of it is the household's new money, nobody could tell from the books.

    >>> isa, june = {"isa": 0}, date(2026, 6, 26)
    >>> first = asked_with(MoneyUnderWay(), {"minsu": 3_000_000}, isa, june)
    >>> [each.amount for each in first.asked], asked_with(first, {"minsu": 0}, isa, june).asked
    ([3000000], ())
    """
    kept = [each for each in before.asked if each.person not in wanted]
    new = [
        AskedMoney(person=person, amount=amount, since=on, before=dict(moved))
        for person, amount in wanted.items()
        if amount
    ]
    if len({each.amount > 0 for each in (*kept, *new) if not each.has_lapsed(on)}) > 1:
        raise UsageError(
            "a deposit and a withdrawal would be under way at once; wait until the first is done, "
            "or end it with an amount of 0"
        )
    left = {name: won for name, won in before.left.items() if name not in wanted}
    return replace(before, asked=(*kept, *new), left=left)


def with_due(
    told: MoneyUnderWay, due: Mapping[str, int], moved: Mapping[str, int], on: date
) -> MoneyUnderWay:
    """Return what is under way with what is due by a schedule since the newest plan.

    ``moved`` is what the books had seen move at that plan: what has come since counts. What a
    person still waited for is asked for with it. Money is asked for in one direction: the one that
    is open, else that of the larger sum.

    >>> told = with_due(MoneyUnderWay(), {"a": 9, "b": -2}, {"isa": 0}, date(2026, 6, 26))
    >>> [(each.person, each.amount) for each in told.asked], told.unasked
    ([('a', 9)], {'b': -2})
    """
    live = [each for each in told.asked if not each.has_lapsed(on)]
    wanted = {each.person: told.left.get(each.person, each.amount) for each in live}
    whole = {name: wanted.get(name, 0) + won for name, won in due.items()}
    others = sum(won for name, won in wanted.items() if name not in whole)
    sign = 1 if (others or sum(whole.values())) >= 0 else -1
    asked = {name: won for name, won in whole.items() if sign * won > 0}
    kept = tuple(each for each in told.asked if each.person not in whole)
    new = tuple(
        AskedMoney(person=name, amount=won, since=on, before=dict(moved))
        for name, won in asked.items()
    )
    return MoneyUnderWay(
        asked=(*kept, *new),
        left={name: won for name, won in told.left.items() if name not in whole},
        transfers=told.transfers,
        due={name: won for name, won in due.items() if name in asked},
        unasked={name: won for name, won in whole.items() if sign * won < 0},
    )


def amounts_left(
    asked: Sequence[AskedMoney],
    moved: Mapping[str, float],
    rates: Mapping[str, float],
    owners: Mapping[str, str],
    *,
    gifts: bool,
) -> Mapping[str, int]:
    """Return won by person that have not moved yet, below 0 for what is taken out, without zeros.

    ``moved`` is what the books of each account have seen move so far in the smallest unit of its
    currency, ``rates`` won for one of that, ``owners`` whose accounts they are. Money moves into or
    out of any account of the person, so that what goes from one to another is no new money. With
    ``gifts`` what others have too much counts as well. Less than :data:`REST` is nothing.

    >>> asked = [AskedMoney(person="a", amount=100, since=date(2026, 6, 26), before={"isa": 5})]
    >>> terms = {"rates": {"isa": 1.0}, "owners": {"isa": "a"}, "gifts": False}
    >>> amounts_left(asked, {"isa": 35}, **terms), amounts_left(asked, {"isa": 105}, **terms)
    ({'a': 70}, {})
    """
    come = [_come(each, moved, rates, owners) for each in asked]
    askers = {each.person for each in asked}
    left = [
        abs(each.amount) - max(0.0, found.get(each.person, 0.0))
        for each, found in zip(asked, come, strict=True)
    ]
    spare = 0.0
    if gifts:
        others = (
            sum(max(0.0, won) for name, won in found.items() if name not in askers)
            for found in come
        )
        spare = sum(max(0.0, -rest) for rest in left) + max(others, default=0.0)
    result = {}
    for each, most in zip(asked, left, strict=True):
        given = min(max(0.0, most), spare)
        rest, spare = max(0.0, most) - given, spare - given
        if rest > REST * abs(each.amount):
            result[each.person] = round(rest if each.amount > 0 else -rest)
    return result


def _come(
    asked: AskedMoney,
    moved: Mapping[str, float],
    rates: Mapping[str, float],
    owners: Mapping[str, str],
) -> Mapping[str, float]:
    """Return won by person that have moved since a request, in its direction above 0."""
    sign = 1.0 if asked.amount > 0 else -1.0
    found: dict[str, float] = defaultdict(float)
    for name in moved.keys() & asked.before.keys():  # one that came later moved nothing for it
        found[owners[name]] += sign * (moved[name] - asked.before[name]) * rates[name]
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyLeft:
    """Money under way as a plan sees it.

    ``left`` are won by person that are to come, below 0 for what is taken out; ``arrived`` those
    that have come since the newest plan; ``lapsed`` those that nobody waits for any more. ``fresh``
    says that any of it differs from what the newest plan saw: then the money is planned again.
    """

    left: Mapping[str, int]
    arrived: Mapping[str, int]
    lapsed: Mapping[str, int]
    fresh: bool


def money_left(
    told: MoneyUnderWay,
    on: date,
    moved: Mapping[str, float],
    rates: Mapping[str, float],
    owners: Mapping[str, str],
    *,
    gifts: bool,
) -> MoneyLeft:
    """Return what of the money under way is to come on a session, see :func:`amounts_left`."""
    now = amounts_left(told.asked, moved, rates, owners, gifts=gifts)
    lapsed = {each.person for each in told.asked if each.has_lapsed(on)}
    left = {name: won for name, won in now.items() if name not in lapsed}
    arrived = {}
    fresh = bool(lapsed)
    for each in told.asked:
        if each.person not in told.left:
            fresh = True
        elif abs(come := told.left[each.person] - now.get(each.person, 0)) > REST * abs(
            each.amount
        ):
            arrived[each.person] = come
            fresh = True
    return MoneyLeft(
        left=left,
        arrived=arrived,
        lapsed={name: now.get(name, 0) for name in lapsed},
        fresh=fresh,
    )
