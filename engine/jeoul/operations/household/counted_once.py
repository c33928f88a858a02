"""What has come for a request that is over is not counted for another one as well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from jeoul.operations.household.asked_money import AskedMoney, Requests
from jeoul.operations.household.money_left import Books, amounts_left


def counted_once(requests: Requests, over: Requests, books: Books) -> Requests:
    """Return requests of which no money counts that came for those of other people that are over.

    Only with gifts one person's money may be taken for another's.
    ``books`` are those of when the others ended. Money came to the person's own accounts first, and
    then to those of people who wait for none.

    >>> from datetime import date
    >>> day, none = date(2026, 6, 26), {"isa": 0, "hers": 0}
    >>> hers, his = {"b": AskedMoney.of(9, day, none)}, {"a": AskedMoney.of(5, day, none)}
    >>> owners = {"isa": "a", "hers": "b"}
    >>> rates = {"isa": 1.0, "hers": 1.0}
    >>> seen = Books(moved={"isa": 0, "hers": 9}, rates=rates, owners=owners, gifts=True)
    >>> counted_once(his, hers, seen)["a"].before
    {'isa': 0, 'hers': 9}
    """
    if not books.gifts:
        return requests
    for person, ended in over.items():
        used = _used(person, ended, requests, books)
        requests = {name: _without(each, ended, used) for name, each in requests.items()}
    return requests


def behind(
    seen: Mapping[str, int], person: str, ended: AskedMoney, books: Books
) -> Mapping[str, int]:
    """Return what the books had seen move, with what has come since for a request that ends now.

    >>> from datetime import date
    >>> asked = AskedMoney.of(5, date(2026, 6, 26), {"isa": 0})
    >>> now = Books(moved={"isa": 7}, rates={"isa": 1.0}, owners={"isa": "a"})
    >>> behind({"isa": 1}, "a", asked, now)
    {'isa': 5}
    """
    (was,) = amounts_left({person: ended}, replace(books, moved=seen)).values()
    (now,) = amounts_left({person: ended}, books).values()
    known = sorted(seen.keys() & books.moved.keys() & books.owners.keys())
    own = [name for name in known if books.owners[name] == person]
    others = [name for name in known if name not in own]
    used = _taken(abs(was) - abs(now), (*own, *others), seen, ended.way, books)
    return {name: amount + used.get(name, 0) for name, amount in seen.items()}


def _used(person: str, ended: AskedMoney, others: Requests, books: Books) -> Mapping[str, int]:
    """Return what moved for a request that is over, by account in the account's own units."""
    left = amounts_left({person: ended, **others}, books)[person]
    known = [name for name in books.moved if name in ended.before and name in books.owners]
    own = [name for name in known if books.owners[name] == person]
    free = [name for name in known if name not in own and books.owners[name] not in others]
    won = abs(ended.wanted) - abs(left)
    return _taken(won, (*own, *free), ended.before, ended.way, books)


def _taken(
    won: float, names: Sequence[str], since: Mapping[str, int], way: int, books: Books
) -> Mapping[str, int]:
    """Return which accounts won came from, in the accounts' own units, the first of them first."""
    found: dict[str, int] = {}
    for name in names:
        rate = books.rates.get(name, 0.0)
        taken = min(won, max(0, way * (books.moved[name] - since[name])) * rate)
        if taken > 0.0:
            found[name] = way * round(taken / rate)
            won -= taken
    return found


def _without(asked: AskedMoney, ended: AskedMoney, used: Mapping[str, int]) -> AskedMoney:
    """Return a request that begins behind what another one used; what came first was used first."""
    before = dict(asked.before)
    for name, amount in used.items():
        if name in before:
            behind = ended.before[name] + amount
            before[name] = (max if ended.way == 1 else min)(before[name], behind)
    return replace(asked, before=before)
