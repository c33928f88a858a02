"""What a person says of money, and what a schedule makes due, beside what is under way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from jeoul.errors import UsageError
from jeoul.operations.household.asked_money import AskedMoney, EndedMoney, MoneyUnderWay
from jeoul.operations.household.counted_once import behind, counted_once, without
from jeoul.operations.household.money_left import Books, open_left


def asked_with(
    before: MoneyUnderWay, wanted: Mapping[str, int], books: Books, on: date
) -> MoneyUnderWay:
    """Return what is under way on a session: what was, with what a person says now.

    ``wanted`` are won by person; they take the place of what was asked for that person, and of what
    waits by schedule; 0 ends it. What the books have seen arrive is not open any more. Raises
    :class:`UsageError` for money in beside money out: which of it is the household's new money,
    nobody could tell from the books. The same amount on the same session is the same request.

    >>> isa = Books(moved={"isa": 0}, rates={"isa": 1.0}, owners={"isa": "minsu"})
    >>> june = date(2026, 6, 26)
    >>> first = asked_with(MoneyUnderWay(), {"minsu": 3_000_000}, isa, june)
    >>> first.requests["minsu"].left, asked_with(first, {"minsu": 0}, isa, june).requests
    (3000000, {})
    """
    wanted = {name: won for name, won in wanted.items() if not _is_same(before, name, won, on)}
    if not wanted:
        return before
    kept = {name: each for name, each in before.requests.items() if name not in wanted}
    new = {name: AskedMoney.of(won, on, books.moved) for name, won in wanted.items() if won}
    ways = {each.way for each in new.values()}
    met = kept.keys() - open_left(before.requests, books).keys()
    over = {name for name in met if ways and kept[name].way not in ways}
    if len(ways | {each.way for name, each in kept.items() if name not in over}) > 1:
        raise UsageError(
            "a deposit and a withdrawal would be under way at once; wait until the first is done, "
            "or end it with an amount of 0"
        )
    rest = without(before, {*wanted, *over}, books)
    return replace(rest, requests={**rest.requests, **new}, transfers={})


def _is_same(before: MoneyUnderWay, name: str, won: int, on: date) -> bool:
    asked = before.requests.get(name)
    return asked is not None and (asked.amount, asked.since) == (won, on)


@dataclass(frozen=True, slots=True, kw_only=True)
class DueMoney:
    """Won by person that a schedule has made due since the newest plan, below 0 for money out.

    ``netted`` are people whose open request moves the other way: it is less by so much now.
    ``held`` are won that wait, because other money moves the other way, and ``freed`` those that
    have waited and are asked for now.
    """

    due: Mapping[str, int] = field(default_factory=dict)
    netted: frozenset[str] = frozenset()
    held: Mapping[str, int] = field(default_factory=dict)
    freed: Mapping[str, int] = field(default_factory=dict)


def with_due(
    told: MoneyUnderWay,
    due: Mapping[str, int],
    on: date,
    books: Books,
    apart: Collection[str] = (),
) -> tuple[MoneyUnderWay, DueMoney]:
    """Return what is under way with what a schedule makes due, and what became of that.

    What has come since the newest plan counts. A person's own request and schedule come to one sum,
    of which a request is what the books say is left. Money is asked for in one direction: the one
    in which some is open, else that of the larger sum; what is due the other way is held until that
    is done, and a request that has been met the other way ends. Nothing is due of people set
    ``apart``: they say now what moves.

    >>> told = MoneyUnderWay(seen={"isa": 0})
    >>> books = Books(moved={"isa": 0}, rates={"isa": 1.0}, owners={"isa": "a"})
    >>> told, due = with_due(told, {"a": 9, "b": -2}, date(2026, 6, 26), books)
    >>> told.requests["a"].left, told.held["b"].left, due.held
    (9, -2, {'b': -2})
    """
    added: dict[str, int] = defaultdict(int)
    due = {name: won for name, won in due.items() if name not in apart}
    for name, won in (*due.items(), *((name, each.left) for name, each in told.held.items())):
        added[name] += won
    if not added:
        return told, DueMoney()
    open_ = open_left(told.requests, books)
    whole = {**open_, **{name: open_.get(name, 0) + won for name, won in added.items()}}
    sign = _direction([told.requests[name].way for name in open_], whole)
    over = {
        name
        for name, each in told.requests.items()
        if each.way != sign or (name in added and sign * whole[name] <= 0)
    }
    rest = without(replace(told, held={}), over, books)
    gone = {name: each for name, each in told.requests.items() if name in over}
    requests = {name: each for name, each in rest.requests.items() if name not in added}
    held: dict[str, AskedMoney] = {}
    for name, more in added.items():
        if name in rest.requests:
            requests[name] = rest.requests[name].with_more(more, on)
        elif whole[name]:
            asked = AskedMoney.of(whole[name], on, told.seen)
            asked = replace(asked, before=_before(name, asked, told, rest.ended, books))
            (requests if asked.way == sign else held)[name] = asked
    ends = [replace(end, netted=open_.get(end.person, 0)) for end in rest.ended[len(told.ended) :]]
    changed = requests.keys() != told.requests.keys() or not added.keys().isdisjoint(requests)
    found = DueMoney(
        due=due,
        netted=frozenset(name for name, won in due.items() if open_.get(name, 0) * won < 0),
        held={
            name: each.left
            for name, each in held.items()
            if name not in told.held or told.held[name].left != each.left
        },
        freed={name: each.left for name, each in told.held.items() if name not in held},
    )
    under_way = replace(
        told,
        requests=counted_once(requests, gone, books),
        held=counted_once(held, gone, books),
        ended=(*told.ended, *ends),
        transfers={} if changed else told.transfers,
    )
    return under_way, found


def _before(
    name: str, asked: AskedMoney, told: MoneyUnderWay, ended: Sequence[EndedMoney], books: Books
) -> Mapping[str, int]:
    """Return what the books had seen move when money fell due: what has moved since is that money.

    What came for the person's request that ends now, or has lapsed now, is the request's, with
    gifts that of anybody; what came beyond it counts. What has moved the other way since the newest
    plan is nobody's: what fell due is all of ``asked`` from now on.
    """
    if name in told.held:
        return told.held[name].before
    was = told.requests.get(name)
    if was is not None:
        came = books.come(was.before, was.way).get(name, 0.0)
        if came <= 0.0:
            return was.before
        if was.way != asked.way:
            return books.moved
    before = told.seen
    for end in ended:  # none of these ended before ``told.seen``
        if books.gifts or end.person == name:
            before = behind(before, end, books)
    come = books.come(before, asked.way)
    came = sum(come.values()) if books.gifts else come.get(name, 0.0)
    return before if came > 0.0 else books.moved


def _direction(ways: Sequence[int], whole: Mapping[str, int]) -> int:
    """Return 1 where money is asked to come in, -1 where it is asked to go out.

    ``ways`` are those of the requests that are open: all of them are one way.
    """
    if not ways:
        return 1 if sum(whole.values()) >= 0 else -1
    sign = ways[0]
    return sign if any(sign * won > 0 for won in whole.values()) else -sign
