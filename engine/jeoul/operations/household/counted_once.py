"""What has come for a request that is over is not counted for another one as well."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from jeoul.operations.household.asked_money import (
    AskedMoney,
    EndedMoney,
    MoneyUnderWay,
    Requests,
)
from jeoul.operations.household.money_left import Books, amounts_left, spare_of_others


def without(told: MoneyUnderWay, people: Collection[str], books: Books) -> MoneyUnderWay:
    """Return what is under way once nobody waits for the money of some people any more.

    >>> from datetime import date
    >>> asked = AskedMoney.of(9, date(2026, 6, 26), {"isa": 0})
    >>> seen = Books(moved={"isa": 4}, rates={"isa": 1.0}, owners={"isa": "a"})
    >>> over = without(MoneyUnderWay(requests={"a": asked}), ["a"], seen)
    >>> over.requests, [end.rest for end in over.ended]
    ({}, [5])
    """
    rest = {**amounts_left(told.requests, books), **amounts_left(told.held, books)}
    ends = tuple(
        EndedMoney(person=name, asked=each, until=dict(books.moved), rest=rest[name])
        for name, each in {**told.requests, **told.held}.items()
        if name in people
    )
    over = {name: each for name, each in told.requests.items() if name in people}
    open_ = {name: each for name, each in told.requests.items() if name not in people}
    return replace(
        told,
        requests=counted_once(open_, over, books),
        held={name: each for name, each in told.held.items() if name not in people},
        ended=(*told.ended, *ends),
    )


def counted_once(requests: Requests, over: Requests, books: Books) -> Requests:
    """Return requests of which no money counts that came for those that are over.

    Without gifts, only requests of the same person change: nobody's money is taken for another's.
    ``books`` are those of when the others ended. Money came to the person's own accounts first,
    then to those of people who wait for none, then to those of people who have too much.

    >>> from datetime import date
    >>> day, none = date(2026, 6, 26), {"isa": 0, "hers": 0}
    >>> hers, his = {"b": AskedMoney.of(9, day, none)}, {"a": AskedMoney.of(5, day, none)}
    >>> owners = {"isa": "a", "hers": "b"}
    >>> rates = {"isa": 1.0, "hers": 1.0}
    >>> seen = Books(moved={"isa": 0, "hers": 9}, rates=rates, owners=owners, gifts=True)
    >>> counted_once(his, hers, seen)["a"].before
    {'isa': 0, 'hers': 9}
    """
    for person, ended in over.items():
        same = {
            name: each
            for name, each in requests.items()
            if each.way == ended.way and (books.gifts or name == person)
        }
        used = _used(person, ended, same, books)
        rest = {name: _without(name, each, ended, used, books) for name, each in same.items()}
        requests = {**requests, **rest}
    return requests


def behind(seen: Mapping[str, int], end: EndedMoney, books: Books) -> Mapping[str, int]:
    """Return what the books had seen move at the newest plan, with what came since for an end.

    >>> from datetime import date
    >>> asked = replace(AskedMoney.of(5, date(2026, 6, 26), {"isa": 0}), left=4)
    >>> now = Books(moved={"isa": 7}, rates={"isa": 1.0}, owners={"isa": "a"})
    >>> behind({"isa": 1}, EndedMoney(person="a", asked=asked, until=now.moved, rest=0), now)
    {'isa': 5}
    """
    then = replace(books, moved=end.until)
    known = sorted(seen.keys() & then.moved.keys() & then.owners.keys())
    own = [name for name in known if then.owners[name] == end.person]
    others = [name for name in known if name not in own]
    won = abs(end.asked.left) - abs(end.rest)
    used = _taken(won, (*own, *others), seen, end.asked.way, then)
    return {name: amount + used.get(name, 0) for name, amount in seen.items()}


def _used(person: str, ended: AskedMoney, others: Requests, books: Books) -> Mapping[str, int]:
    """Return what moved for a request that is over, by account in the account's own units."""
    requests = {person: ended, **{name: each for name, each in others.items() if name != person}}
    won = float(abs(ended.wanted) - abs(amounts_left(requests, books)[person]))
    spare = spare_of_others(person, requests, books)
    found: dict[str, int] = {}
    for name in (person, *sorted(spare, key=lambda other: other in requests)):
        known = [each for each in books.moved if each in ended.before]
        own = [each for each in known if books.owners.get(each) == name]
        used = _taken(min(won, spare.get(name, won)), own, ended.before, ended.way, books)
        won -= sum(abs(amount) * books.rates[each] for each, amount in used.items())
        found |= used
    return found


def _taken(
    won: float, names: Sequence[str], since: Mapping[str, int], way: int, books: Books
) -> Mapping[str, int]:
    """Return which accounts won came from, in the accounts' own units, the first of them first."""
    found: dict[str, int] = {}
    for name in names:
        rate = books.rates.get(name, 0.0)
        taken = min(won, way * (books.moved[name] - since[name]) * rate)
        if taken > 0.0:
            found[name] = way * round(taken / rate)
            won -= taken
    return found


def _without(
    person: str, asked: AskedMoney, ended: AskedMoney, used: Mapping[str, int], books: Books
) -> AskedMoney:
    """Return a request that begins behind what another one used; what came first was used first.

    What the other one used of a person's own accounts was more than that person needed.
    """
    before = dict(asked.before)
    for name, amount in used.items():
        if name in before:
            rest = ended.way * (ended.before[name] + amount - before[name])
            if books.owners[name] == person:
                rest = min(rest, abs(amount))
            before[name] += ended.way * max(0, rest)
    return replace(asked, before=before)
