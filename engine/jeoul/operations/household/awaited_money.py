"""How much money may move between a bank and an account, because somebody said or scheduled it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from jeoul.operations.desk.reconcile import ExpectedMoney
from jeoul.operations.household.asked_money import REST, MoneyUnderWay
from jeoul.operations.household.money_left import Books, amounts_left


def awaited(
    account: str,
    told: MoneyUnderWay,
    due: Mapping[str, int],
    then: Mapping[str, int],
    books: Books,
) -> ExpectedMoney:
    """Return the most that may still move into an account and out of it, in its own units.

    ``told`` are the requests that are open now, ``due`` won by person that a schedule brings until
    today, ``then`` what the books had seen move at the newest plan. A person may use any of their
    accounts, so what one of them has taken is not awaited in another. Amounts are rounded up a
    little where they are typed in, and a person may pay in all that they said, whatever a plan
    leaves at the bank.
    """
    rate = books.rates.get(account, 0.0)
    if account not in then or not rate:
        return ExpectedMoney()

    def units(sign: int, rest: float) -> int:
        return round(_open(account, told, due, then, books, sign, rest) / rate)

    return ExpectedMoney(
        paid_in=units(1, REST),
        taken_out=units(-1, REST),
        whole_in=units(1, 0.0),
        whole_out=units(-1, 0.0),
    )


def _open(
    account: str,
    told: MoneyUnderWay,
    due: Mapping[str, int],
    then: Mapping[str, int],
    books: Books,
    sign: int,
    rest: float,
) -> float:
    """Return the won that may still move in a direction, with a ``rest`` more of all won."""
    owner = books.owners[account]
    people = set(books.owners.values()) if books.gifts else {owner}
    by_then = replace(books, moved=then)
    whole = float(sum(max(0, sign * won) for name, won in due.items() if name in people))
    for asked in (told.requests, told.held):
        said = {name: replace(each, stays=0) for name, each in asked.items() if each.way == sign}
        left = amounts_left(said, by_then)
        whole += sum(abs(won) for name, won in left.items() if name in people)
    come = books.come(then, sign)
    since = sum(come.get(person, 0.0) for person in people)
    return max(0.0, whole * (1.0 + rest) - max(0.0, since))
