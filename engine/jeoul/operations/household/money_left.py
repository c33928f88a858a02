"""What of the money under way has moved by the books of the accounts, and what is to come."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from jeoul.operations.household.asked_money import REST, AskedMoney, MoneyUnderWay, Requests


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """What the books of accounts say of money that moves.

    ``moved`` is what each account has seen move so far in the smallest unit of its currency,
    ``rates`` won for one of that, ``owners`` whose accounts they are. With ``gifts`` the money of
    one person may be another's.
    """

    moved: Mapping[str, int]
    rates: Mapping[str, float]
    owners: Mapping[str, str]
    gifts: bool = False

    def come(self, before: Mapping[str, float], sign: int) -> Mapping[str, float]:
        """Return won by person that have moved since, in a direction above 0.

        An account that came later has moved nothing for what was asked before it, and one that
        has left the household's file is not looked at.
        """
        found: dict[str, float] = defaultdict(float)
        for name in self.moved.keys() & before.keys() & self.owners.keys():
            found[self.owners[name]] += (
                sign * (self.moved[name] - before[name]) * self.rates.get(name, 0.0)
            )
        return found

    def drifts(self, asked: AskedMoney, person: str) -> bool:
        """Return whether what has come changes with a rate of exchange, and not only by moves."""
        return any(
            self.moved[name] != asked.before[name] and self.rates.get(name) != 1.0
            for name in self.moved.keys() & asked.before.keys() & self.owners.keys()
            if self.gifts or self.owners[name] == person
        )


def amounts_left(requests: Requests, books: Books) -> Mapping[str, int]:
    """Return won by person that have not moved yet, below 0 for what is taken out.

    Money moves into or out of any account of the person, so that what goes from one to another is
    no new money. With gifts, what others have too much counts as well, as far as it moved since the
    request. All requests move one way.

    >>> from datetime import date
    >>> since = date(2026, 6, 26)
    >>> asked = {"a": AskedMoney(amount=100, since=since, before={"isa": 5}, left=100)}
    >>> seen = Books(moved={"isa": 35}, rates={"isa": 1.0}, owners={"isa": "a"})
    >>> amounts_left(asked, seen)
    {'a': 70}
    """
    own, left, spare = {}, {}, {}
    for name, each in requests.items():
        own[name] = books.come(each.before, each.way).get(name, 0.0)
        left[name] = max(0.0, abs(each.wanted) - max(0.0, own[name]))
    for name in requests if books.gifts else ():
        found = spare_of_others(name, requests, books)
        spare[name] = max(0.0, min(0.0, own[name]) + sum(found.values())) if left[name] else 0.0
    rest = max(spare.values(), default=0.0)  # what one has been given is not given to the next
    result = {}
    for name, each in requests.items():
        given = min(left[name], spare.get(name, 0.0), rest)
        rest -= given
        result[name] = round(each.way * (left[name] - given))
    return result


def spare_of_others(name: str, requests: Requests, books: Books) -> Mapping[str, float]:
    """Return won by other person that moved since a request and that they need not themselves.

    What moved first since a request of theirs is that request's.
    """
    asked, found = requests[name], {}
    for other, won in books.come(asked.before, asked.way).items():
        needed = 0.0
        if other in requests:
            theirs = requests[other]
            own = books.come(theirs.before, theirs.way).get(other, 0.0)
            needed = min(own, abs(theirs.wanted)) - max(0.0, own - won)
        if other != name:
            found[other] = won - max(0.0, needed)
    return found


def open_left(requests: Requests, books: Books) -> Mapping[str, int]:
    """Return what is left of requests, without those that have been met but for :data:`REST`."""
    left = amounts_left(requests, books)
    return {name: left[name] for name, each in requests.items() if not _is_small(left[name], each)}


def _is_small(won: int, asked: AskedMoney) -> bool:
    return abs(won) <= REST * abs(asked.wanted)


def _is_drift(name: str, won: int, asked: AskedMoney, books: Books) -> bool:
    return _is_small(won, asked) and books.drifts(asked, name)


class MissingMoney(NamedTuple):
    """Won of a person that did not move, below 0 for what was not taken out."""

    person: str
    won: int
    asked: AskedMoney


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyLeft:
    """Money under way as a plan sees it, in won by person, below 0 for what is taken out.

    ``left`` is to come, without those of whom nothing is; ``arrived`` has come since the newest
    plan, in the direction of its request, and ``returned`` went back since; ``missing`` did not
    come of what has ended. ``early`` has come of what falls due by the day on which the plan is
    filled. ``fresh`` says that the money is planned again: any of it differs from what the newest
    plan saw, or none stands.
    """

    left: Mapping[str, int]
    arrived: Mapping[str, int]
    returned: Mapping[str, int]
    missing: tuple[MissingMoney, ...]
    early: Mapping[str, int]
    fresh: bool


def money_left(told: MoneyUnderWay, books: Books) -> MoneyLeft:
    """Return what of the money under way has moved, and what is to come, see :func:`amounts_left`.

    An end without :data:`REST` of an amount is an end. Where a rate of exchange says how many won
    have come, a change of less than that does not count as a move until it has grown beyond it.
    """
    now = amounts_left(told.requests, books)
    open_ = {name: told.requests[name] for name in open_left(told.requests, books)}
    changes = {name: each.left - now[name] for name, each in told.requests.items()}
    moves = {
        name: won
        for name, won in changes.items()
        if won and not (name in open_ and _is_drift(name, won, told.requests[name], books))
    }
    arrived, returned = _ways(told.requests, moves)
    counted: Mapping[str, int] = changes
    missing = []
    for end in told.ended:
        asked = {end.person: end.asked}
        if not _is_small(end.rest - end.netted, end.asked):
            missing.append(MissingMoney(end.person, end.rest - end.netted, end.asked))
        come = {end.person: end.asked.left - end.rest}
        there, back = _ways(asked, come)
        arrived, returned = _summed(arrived, there), _summed(returned, back)
        counted = _summed(counted, come)
    met = len(open_) < len(told.requests)  # by less than a hundredth, also where nothing moved
    fresh = bool(told.ended or moves or met or (told.requests and not told.transfers))
    return MoneyLeft(
        left={name: now[name] if fresh else each.left for name, each in open_.items()},
        arrived=arrived,
        returned=returned,
        missing=tuple(missing),
        early=_early(told, counted, books),
        fresh=fresh,
    )


def _ways(
    requests: Requests, moves: Mapping[str, int]
) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """Return moves in the direction of their requests, and those that went back."""
    there = {name: won for name, won in moves.items() if requests[name].way * won > 0}
    return there, {name: won for name, won in moves.items() if won and name not in there}


def _summed(one: Mapping[str, int], other: Mapping[str, int]) -> Mapping[str, int]:
    return {name: one.get(name, 0) + other.get(name, 0) for name in (*one, *other)}


def _early(told: MoneyUnderWay, counted: Mapping[str, int], books: Books) -> Mapping[str, int]:
    """Return what has come of money that falls due soon, beside what is a request's.

    What waits because other money moves the other way fell due before: what comes is that first.
    With gifts, what came to one person may have been counted for another's request.
    """
    found: dict[str, int] = {}
    for name, each in told.early.items():
        sign = each.way
        come = books.come(each.before, sign)
        used = _waited(told.held, come, sign, books)
        for person, won in counted.items():
            used[person] += max(0, sign * won)
        rest = come.get(name, 0.0) - used[name]
        if books.gifts:
            early = sum(max(0, sign * won) for won in found.values())
            rest = min(rest, sum(come.values()) - sum(used.values()) - early)
        won = sign * round(min(abs(each.left), max(0.0, rest)))
        if won:
            found[name] = won
    return found


def _waited(
    held: Requests, come: Mapping[str, float], sign: int, books: Books
) -> defaultdict[str, float]:
    """Return won by person that came last, of ``come``, for money that had waited before them."""
    found: defaultdict[str, float] = defaultdict(float)
    for name, each in held.items():
        if each.way == sign:
            whole = books.come(each.before, sign).get(name, 0.0)
            first = max(0.0, whole - come.get(name, 0.0))
            found[name] = max(0.0, min(whole, abs(each.wanted)) - first)
    return found


def shared(
    left: Mapping[str, int], transfers: Mapping[str, int], owners: Mapping[str, str]
) -> Mapping[str, int]:
    """Return whose money the transfers of a plan move: won by person, below 0 for money out.

    A person's accounts move their own money first; the rest is that of the others.

    >>> shared({"a": 9, "b": 5}, {"isa": 6, "hers": 7}, {"isa": "a", "hers": "b"})
    {'a': 8, 'b': 5}
    """
    own: dict[str, int] = defaultdict(int)
    for account, won in transfers.items():
        own[owners[account]] += won
    found = {name: _nearer(won, own[name]) for name, won in left.items()}
    spare = sum(own.values()) - sum(found.values())
    for name, won in left.items():
        more = _nearer(won - found[name], spare)
        found[name] += more
        spare -= more
    return {name: won for name, won in found.items() if won}


def _nearer(most: int, given: int) -> int:
    """Return what is given, 0 at least and ``most`` at most, whichever way money moves."""
    return max(0, min(most, given)) if most > 0 else min(0, max(most, given))
