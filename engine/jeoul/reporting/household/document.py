"""The answer to a household as data: the same facts as the page, ``jeoul.household/1``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jeoul.household.problem.differences import CAUSES
from jeoul.reporting.document import finding_document
from jeoul.reporting.household.facts import (
    FurtherAnswers,
    HouseholdAccountFacts,
    HouseholdFacts,
    HouseholdOrder,
    NeedFacts,
    Weighed,
)
from jeoul.reporting.household.words import HouseholdWords
from jeoul.reporting.reasons import reason_text


def household_document(facts: HouseholdFacts, language: str) -> dict[str, Any]:
    """Return a household's plan as JSON values, with its sentences in ``ko`` or ``en``.

    Amounts of the household are whole won; ``price``, ``fee``, ``tax`` and ``cash_*`` of an account
    are whole smallest units of its currency. ``objective`` and ``do_nothing`` sum to their
    ``total``; ``gap`` is (total - bound) / total, null at a total of 0. Without a plan all four are
    null.
    """
    words = HouseholdWords(facts, language)
    return {
        "as_of": facts.as_of.isoformat(),
        "simulated": facts.simulated,
        "name": facts.name,
        "title": facts.title,
        "strategy": facts.strategy,
        "value": facts.value,
        "inputs_id": facts.inputs_id,
        "status": str(facts.status),
        "objective": _cost(facts, facts.cost),
        "do_nothing": _cost(facts, facts.nothing),
        "bound": facts.bound if facts.is_planned else None,
        "gap": facts.gap,
        "drift_price": facts.drift_point,
        "exposure": {name: each._asdict() for name, each in facts.exposure.items()},
        "accounts": [_account(account, words) for account in facts.accounts],
        "new_money": facts.new_money,
        "kept": facts.kept,
        "settling": facts.settling,
        "tax": facts.withheld,
        "fees": facts.fees,
        "taxes": [
            {"person": t.person, "kind": t.kind, "amount": t.amount, "due": t.due.isoformat()}
            for t in facts.taxes
        ],
        "needs": [_need(need) for need in facts.needs],
        "rules": _rules(words),
        "candidates": [_weighed(found) for found in facts.candidates],
        "conflict": _conflict(words),
        "waiting": {"trades": facts.waiting, "worth": facts.waiting_worth},
        **_answers(facts.answers, words),
        "reasons": [words.status, *([words.nothing] if facts.is_planned else [])]
        + [reason_text(reason, language) for reason in facts.reasons],
        "assumptions": [words.into(text) for text in facts.assumptions],
        "notes": [words.into(text) for text in facts.notes],
        "findings": [finding_document(finding, language) for finding in facts.findings],
    }


def _need(need: NeedFacts) -> dict[str, Any]:
    return {
        "id": need.id,
        "amount": need.amount,
        "covered": need.covered,
        "asked": need.asked,
        "by": None if need.by is None else need.by.isoformat(),
        "planned": need.planned,
    }


def _rules(words: HouseholdWords) -> list[dict[str, Any]] | None:
    """Return what each rule costs, None where nobody asked."""
    if words.facts.prices is None:
        return None
    return [
        {
            "rule": words.into(price.rule),
            "won": price.won,
            "least": price.least,
            "most": price.most,
        }
        for price in words.facts.prices
    ]


def _weighed(found: Weighed) -> dict[str, Any]:
    orders = [
        {
            "account": move.account,
            "side": str(move.side),
            "ticker": move.code,
            "shares": move.shares,
        }
        for move in found.moves
    ]
    return {"orders": orders, "saves": found.saves}


def _cost(facts: HouseholdFacts, cost: Mapping[str, int]) -> dict[str, int] | None:
    """Return a cost by cause with its total, None where the rules allow no plan."""
    if not facts.is_planned:
        return None
    return {**{name: cost[name] for name in CAUSES}, "total": sum(cost.values())}


def _account(account: HouseholdAccountFacts, words: HouseholdWords) -> dict[str, Any]:
    return {
        "id": account.id,
        "kind": account.kind,
        "owner": account.owner,
        "deposit": account.deposit,
        "withdrawal": account.withdrawal,
        "value_before": account.before,
        "value_after": account.after,
        "cash_before": account.cash_before,
        "cash_after": account.cash_after,
        "currency": account.currency,
        "orders": [_order(order, words) for order in account.orders],
        "holdings": [
            {"ticker": each.code, "before": each.before, "after": each.after}
            for each in account.holdings
        ],
        "outside": dict(account.outside),
    }


def _order(order: HouseholdOrder, words: HouseholdWords) -> dict[str, Any]:
    return {
        "side": str(order.side),
        "ticker": order.code,
        "shares": order.shares,
        "price": order.price,
        "fee": order.fee,
        "tax": order.tax,
        "tax_least": order.tax if order.least is None else order.least,
        "value_won": order.value_won,
        "reason": words.reasons(order),
    }


def _conflict(words: HouseholdWords) -> dict[str, Any] | None:
    conflict = words.facts.conflict
    if conflict is None:
        return None
    return {
        "rules": [words.into(rule) for rule in conflict.rules],
        "relaxations": [words.into(text) for text in conflict.relaxations],
    }


def _answers(answers: FurtherAnswers, words: HouseholdWords) -> dict[str, Any]:
    """Return the questions that were asked, null for one that was not."""
    return {
        "frontier": [
            {"trades": p.trades, "drift": p.drift, "cost": p.cost, "bound": p.bound}
            for p in answers.frontier
        ]
        or None,
        "elsewhere": [
            {"account": choice.account, "moved": choice.moved, "more": choice.more}
            for choice in answers.elsewhere
        ]
        or None,
        "cure": None
        if answers.cure_drift is None
        else {
            "drift": answers.cure_drift,
            "deposit": answers.cure,
            "in_time": answers.cure_in_time,
        },
        "year_end": None
        if answers.year_end is None
        else [words.into(text) for text in answers.year_end],
        "years": None if answers.years is None else [words.into(text) for text in answers.years],
    }
