"""What a household's run says of money under way: what to transfer, what has come, what waits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any

from jeoul.messages import say
from jeoul.operations.household.money_left import MoneyLeft
from jeoul.operations.household.said_money import DueMoney


def due_notes(language: str, due: DueMoney) -> Iterator[str]:
    """Yield what a schedule has made due since the newest plan, by person, and what waits."""
    for person, won in due.due.items():
        yield _of(language, "due", person, won)
        if person in due.netted:
            yield _of(language, "netted", person, won)
    for person, won in due.held.items():
        yield _of(language, "held", person, won)
    for person, won in due.freed.items():
        yield _of(language, "freed", person, won)


def money_notes(
    language: str,
    money: MoneyLeft,
    stays: Mapping[str, int],
    on: date,
) -> Iterator[str]:
    """Yield what has become of the money that was asked for, by person; each end once.

    ``stays`` are won that the plan has just left at the bank: they are not to come any more.
    """
    for person, won in money.early.items():
        yield _of(language, "early", person, won)
    for person, won in money.arrived.items():
        same_way = max if _comes_in(won) else min  # other money is not the rest of this
        rest = same_way(0, money.left.get(person, 0))
        left = rest - stays.get(person, 0) if _comes_in(won) else rest
        is_whole = not rest and all(each.person != person for each in money.missing)
        kind = "arrived" if is_whole else "arrived_partly" if left else "arrived_some"
        yield _of(language, kind, person, won, left=_won(left))
    for person, won in money.returned.items():
        yield _of(language, "returned", person, -won)
    for person, won, asked in money.missing:
        yield _of(language, "lapsed" if asked.has_lapsed(on) else "cancelled", person, won)
    for person, won in stays.items():
        yield _of(language, "stays", person, won)


def unkept_texts(language: str, wanted: Mapping[str, int]) -> Iterator[str]:
    """Yield that what a person said of money was not taken in, as nothing was planned."""
    for person, won in wanted.items():
        if won:
            yield _of(language, "unkept", person, won)
        else:
            yield say(language, "household_run.unkept_end", {"person": person})


def transfer_texts(
    language: str, plan: Mapping[str, Any], without: Collection[str] = ()
) -> Iterator[str]:
    """Yield the transfers that a plan asks its people for; ``plan`` is what is kept of it.

    Accounts ``without`` one are those whose money has moved since.
    """
    for account, won in plan.get("transfers", {}).items():
        if account in without:
            continue
        kind = "transfer" if _comes_in(won) else "transfer_out"
        detail = {"account": account, "won": _won(won)}
        yield say(language, f"household_run.{kind}", detail)


def room_texts(language: str, smaller: Mapping[str, int]) -> Iterator[str]:
    """Yield the accounts that may take less than was asked for; their transfers are other ones."""
    for account, won in smaller.items():
        detail = {"account": account, "won": _won(won)}
        yield say(language, "household_run.smaller_room", detail)


def waiting_texts(language: str, plan: Mapping[str, Any]) -> Iterator[str]:
    """Yield the orders of a plan that are not made today, by account.

    They need a transfer, or are worth too little by themselves while one is awaited.
    """
    for key in ("waiting", "put_off"):
        orders: dict[str, list[str]] = defaultdict(list)
        for each in plan.get(key, ()):
            kind = "sale" if each.get("side") == "SELL" else "order"
            order = {"ticker": each["ticker"], "shares": f"{each['shares']:,}"}
            orders[each["account"]].append(say(language, f"household_run.waiting_{kind}", order))
        for account, texts in orders.items():
            detail = {"account": account, "orders": ", ".join(texts)}
            yield say(language, f"household_run.{key}", detail)


def _of(language: str, kind: str, person: str, won: int, **detail: str) -> str:
    """Return a sentence on a person's money: there is one for money in and one for money out."""
    name = kind if _comes_in(won) else f"{kind}_out"
    return say(language, f"household_run.{name}", {"person": person, "won": _won(won), **detail})


def _comes_in(won: int) -> bool:
    """Return whether money comes in; no money at all is said as what goes out."""
    return won > 0


def _won(amount: int) -> str:
    return f"{abs(amount):,}"
