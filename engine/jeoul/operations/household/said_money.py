"""What a person says of money, and what a schedule makes due, beside what is under way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from jeoul.errors import UsageError
from jeoul.operations.household.asked_money import AskedMoney, MoneyUnderWay


def asked_with(
    before: MoneyUnderWay, wanted: Mapping[str, int], moved: Mapping[str, int], on: date
) -> MoneyUnderWay:
    """Return what is under way on a session: what was, with what a person says now.

    ``wanted`` are won by person; they take the place of what was asked for that person, and of what
    waits by schedule; 0 ends it. ``moved`` is what the books have seen move so far. Raises
    :class:`UsageError` for money in beside money out: which of it is the household's new money,
    nobody could tell from the books. The same amount on the same session is the same request.

    >>> isa, june = {"isa": 0}, date(2026, 6, 26)
    >>> first = asked_with(MoneyUnderWay(), {"minsu": 3_000_000}, isa, june)
    >>> first.requests["minsu"].left, asked_with(first, {"minsu": 0}, isa, june).requests
    (3000000, {})
    """
    wanted = {name: won for name, won in wanted.items() if not _is_same(before, name, won, on)}
    if not wanted:
        return before
    kept = {name: each for name, each in before.requests.items() if name not in wanted}
    new = {name: AskedMoney.of(won, on, moved) for name, won in wanted.items() if won}
    if len({each.amount > 0 for each in (*kept.values(), *new.values())}) > 1:
        raise UsageError(
            "a deposit and a withdrawal would be under way at once; wait until the first is done, "
            "or end it with an amount of 0"
        )
    rest = before.without(wanted, moved)
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
    apart: Collection[str] = (),
) -> tuple[MoneyUnderWay, DueMoney]:
    """Return what is under way with what a schedule makes due, and what became of that.

    What has come since the newest plan counts. A person's own request and schedule come to one sum.
    Money is asked for in one direction: the one in which some is open, else that of the larger sum;
    what is due the other way is held until that is done. Nothing is due of people set ``apart``:
    they say now what moves.

    >>> told = MoneyUnderWay(seen={"isa": 0})
    >>> told, due = with_due(told, {"a": 9, "b": -2}, date(2026, 6, 26))
    >>> told.requests["a"].left, told.held["b"].left, due.held
    (9, -2, {'b': -2})
    """
    added: dict[str, int] = defaultdict(int)
    due = {name: won for name, won in due.items() if name not in apart}
    for name, won in (*due.items(), *((name, each.left) for name, each in told.held.items())):
        added[name] += won
    if not added:
        return told, DueMoney()
    open_ = {name: each.left for name, each in told.requests.items()}
    whole = {**open_, **{name: open_.get(name, 0) + won for name, won in added.items()}}
    sign = _direction(open_, whole)
    requests = {name: each for name, each in told.requests.items() if name not in added}
    held: dict[str, AskedMoney] = {}
    for name, more in added.items():
        was = told.requests.get(name)
        if was is not None and was.left * whole[name] > 0:
            requests[name] = replace(
                was, amount=was.wanted + more, since=on, left=whole[name], stays=0
            )
        elif whole[name]:
            before = told.held[name].before if name in told.held else told.seen
            into = requests if sign * whole[name] > 0 else held
            into[name] = AskedMoney.of(whole[name], on, before)
    changed = any(each is not told.requests.get(name) for name, each in requests.items())
    gone = told.requests.keys() - requests.keys()
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
    transfers = {} if changed or gone else told.transfers
    return replace(told, requests=requests, transfers=transfers, held=held), found


def _direction(open_: Mapping[str, int], whole: Mapping[str, int]) -> int:
    """Return 1 where money is asked to come in, -1 where it is asked to go out."""
    if not open_:
        return 1 if sum(whole.values()) >= 0 else -1
    sign = 1 if next(iter(open_.values())) > 0 else -1
    return sign if any(sign * won > 0 for won in whole.values()) else -sign
