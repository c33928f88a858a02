"""What a household's run says of money under way: what to transfer, what has come, what waits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from jeoul.messages import say
from jeoul.operations.household.asked_money import MoneyLeft, MoneyUnderWay


def money_notes(language: str, told: MoneyUnderWay, money: MoneyLeft) -> Iterator[str]:
    """Yield what has become of the money that was asked for, by person."""
    for person, won in told.due.items():
        kind = "due" if won > 0 else "due_out"
        yield say(language, f"household_run.{kind}", {"person": person, "won": _won(won)})
    for person, won in told.unasked.items():
        kind = "unasked" if won > 0 else "unasked_out"
        yield say(language, f"household_run.{kind}", {"person": person, "won": _won(won)})
    for person, won in money.arrived.items():
        if person in money.lapsed:
            continue
        kind = "arrived" if won > 0 else "taken"
        left = money.left.get(person, 0)
        kind = f"{kind}_partly" if left else kind
        detail = {"person": person, "won": _won(won), "left": _won(left)}
        yield say(language, f"household_run.{kind}", detail)
    for person, won in money.lapsed.items():
        if won:
            detail = {"person": person, "won": _won(won)}
            yield say(language, f"household_run.{'lapsed' if won > 0 else 'lapsed_out'}", detail)


def transfer_texts(
    language: str, plan: Mapping[str, Any], without: Collection[str] = ()
) -> Iterator[str]:
    """Yield the transfers that a plan asks its people for; ``plan`` is what is kept of it.

    Accounts ``without`` one are those whose money has moved since.
    """
    for account, won in plan.get("transfers", {}).items():
        if account in without:
            continue
        kind = "transfer" if won > 0 else "transfer_out"
        detail = {"account": account, "won": _won(won)}
        yield say(language, f"household_run.{kind}", detail)


def waiting_texts(language: str, plan: Mapping[str, Any]) -> Iterator[str]:
    """Yield the buys that wait for a transfer, by account."""
    waits: dict[str, list[str]] = defaultdict(list)
    for each in plan.get("waiting", ()):
        order = {"ticker": each["ticker"], "shares": f"{each['shares']:,}"}
        waits[each["account"]].append(say(language, "household_run.waiting_order", order))
    for account, orders in waits.items():
        detail = {"account": account, "orders": ", ".join(orders)}
        yield say(language, "household_run.waiting", detail)


def _won(amount: int) -> str:
    return f"{abs(amount):,}"
