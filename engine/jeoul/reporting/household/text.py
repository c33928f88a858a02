"""The answer to a household for a terminal: lines of at most 80 columns."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from jeoul.model.portfolio import Side
from jeoul.reporting.columns import COLUMNS, pad, table, width, wrapped
from jeoul.reporting.household.facts import HouseholdAccountFacts, HouseholdFacts, HouseholdOrder
from jeoul.reporting.household.words import HouseholdWords

_NAME, _CODE, _COUNT, _PRICE, _VALUE = 24, 8, 10, 14, 16


def household_lines(facts: HouseholdFacts, language: str, *, goals: bool = False) -> list[str]:
    """Return what a person reads in a terminal: what to do first, then why and what it costs.

    With ``goals`` it also says how the amount of each goal was computed.
    """
    words = HouseholdWords(facts, language)
    needs = partial(_needs, goals=goals)
    lines: list[str] = []
    planned = (_cost, _exposure, needs, _asked) if facts.is_planned else ()
    for part in (_head, _today, _conflict, *planned, _notes):
        found = list(part(words))
        lines += ["", *found] if lines and found else found
    return lines


def _head(words: HouseholdWords) -> Iterator[str]:
    facts = words.facts
    if facts.simulated:
        yield from wrapped(words.say("simulated"))
    value = words.won.money(facts.value)
    yield from wrapped(words.say("head", title=facts.title, as_of=facts.as_of, value=value))
    yield from wrapped(words.today)
    if facts.conflict is None:
        yield from wrapped(words.status)


def _today(words: HouseholdWords) -> Iterator[str]:
    for account in words.facts.moving:
        yield from _account(words, account)
    if words.facts.new_money:
        yield words.say("kept", amount=words.won.money(words.facts.kept))
    for tax in words.facts.taxes:
        yield from wrapped(words.year_tax(tax))
    for text in (words.settling, words.waiting):
        yield from wrapped(text)


def _account(words: HouseholdWords, account: HouseholdAccountFacts) -> Iterator[str]:
    flows = []
    if account.deposit:
        flows.append(words.say("deposit_line", amount=words.won.money(account.deposit)))
    if account.withdrawal:
        flows.append(words.say("withdrawal_line", amount=words.won.money(account.withdrawal)))
    yield from wrapped("  ".join([f"[{account.id}] {words.into(account.title)}", *flows]))
    for order in account.orders:
        yield from _order(words, account, order)
    if account.orders:
        money = words.money(account).money
        change = words.say(
            "cash_change",
            before=money(account.cash_before),
            after=money(account.cash_after),
        )
        yield from wrapped(change, "  ")


def _order(
    words: HouseholdWords, account: HouseholdAccountFacts, order: HouseholdOrder
) -> Iterator[str]:
    money = words.money(account).money
    head = "  " + pad(words.say(str(order.side).lower()), 5) + pad(order.code, _CODE)
    figures = (
        pad(words.say("count_shares", count=words.won.count(order.shares)), _COUNT, right=True)
        + pad(money(order.price), _PRICE, right=True)
        + pad(money(order.value), _VALUE, right=True)
    )
    name = words.into(order.name)
    if width(head) + _NAME + width(figures) <= COLUMNS.get():
        yield (head + pad(name, _NAME) + figures).rstrip()
    else:  # the figures go below the name
        yield from wrapped(f"{head.strip()} {name}", "  ")
        yield "       " + "  ".join(figures.split())
    if order.side is Side.SELL:
        costs = words.say("line_costs", tax=words.tax(account, order), fee=money(order.fee))
    else:
        costs = words.say("line_fee", fee=money(order.fee))
    yield from wrapped(costs, "       ")
    if order.reasons:
        yield from wrapped(words.reasons(order), "       ")


def _conflict(words: HouseholdWords) -> Iterator[str]:
    facts = words.facts
    if facts.conflict is not None:
        yield from wrapped(words.say("conflict_lead"))
        for rule in facts.conflict.rules:
            yield from wrapped(f"- {words.into(rule)}", "  ")
        if facts.conflict.relaxations:
            yield from wrapped(words.say("relaxations"))
            for text in facts.conflict.relaxations:
                yield from wrapped(f"- {words.into(text)}", "  ")
    if facts.candidates:
        yield words.say("candidates")
        for found in facts.candidates:
            yield from wrapped(words.weighed(found), "  ")


def _cost(words: HouseholdWords) -> Iterator[str]:
    facts, money = words.facts, words.won.money
    yield words.say("cost_title")
    heads = ("cause", "this_plan", "doing_nothing")
    rows = [tuple(words.say(name) for name in heads)]
    rows += [
        (words.cause(name), money(facts.cost[name]), money(facts.nothing[name]))
        for name in words.causes
    ]
    rows.append((words.say("total"), money(facts.total), money(facts.total_nothing)))
    yield from table(rows, (42, 16, 16))
    yield from wrapped(words.nothing, "  ")
    yield from wrapped(words.drift_price, "  ")
    if facts.prices is not None:
        yield ""
        yield words.say("rule_prices" if facts.prices else "rule_prices_none")
        for price in facts.prices:
            yield from wrapped(f"{words.into(price.rule)}: {words.rule_won(price)}", "  ")


def _exposure(words: HouseholdWords) -> Iterator[str]:
    facts, percent = words.facts, words.won.percent
    rows = [tuple(words.say(name) for name in ("class", "target", "before", "after"))]
    rows += [(words.into(item.name), *map(percent, share)) for item, share in facts.exposures]
    yield from table(rows, (28, 12, 12, 12))
    yield from wrapped(f"{words.say('today_drift')} {words.drift}", "  ")


def _needs(words: HouseholdWords, *, goals: bool) -> Iterator[str]:
    facts = words.facts
    if facts.needs:
        yield words.say("needs")
        for need in facts.needs:
            yield from wrapped(words.need(need), "  ")
            if goals and need.detail is not None:
                yield from wrapped(words.into(need.detail), "    ")
    if facts.new_money:
        yield from wrapped(words.lock, "  ")


def _asked(words: HouseholdWords) -> Iterator[str]:
    answers, money = words.facts.answers, words.won.money
    if answers.elsewhere:
        yield words.say("elsewhere")
        for choice in answers.elsewhere:
            name = words.titles.get(choice.account, choice.account)
            yield from wrapped(f"{name}: {words.elsewhere(choice)}", "  ")
    if words.cure:
        yield from wrapped(words.cure)
    if answers.frontier:
        yield words.say("frontier")
        heads = tuple(words.say(name) for name in ("trades", "drift", "cost", "bound"))
        rows = [heads] + [
            (str(p.trades), words.won.percent(p.drift), money(p.cost), money(p.bound))
            for p in answers.frontier
        ]
        yield from table(rows, (10, 12, 18, 18))
    if answers.year_end is not None:
        yield words.say("year_end" if answers.year_end else "year_end_none")
        for text in answers.year_end:
            yield from wrapped(f"- {words.into(text)}", "  ")
    if answers.years is not None:
        yield words.won.say("household_years.title", {})
        for text in answers.years:
            yield from wrapped(f"- {words.into(text)}", "  ")


def _notes(words: HouseholdWords) -> Iterator[str]:
    for text in (*words.facts.notes, *words.facts.assumptions):
        yield from wrapped(words.into(text))
