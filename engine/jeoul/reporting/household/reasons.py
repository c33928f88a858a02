"""Reasons, rules and their excess in words: what the explanations of a household found."""

from __future__ import annotations

from collections.abc import Iterator

from jeoul.household.explaining.loosened import Excess
from jeoul.household.explaining.reasons import PlanReason as Found
from jeoul.household.explaining.risk_cut import RiskCut
from jeoul.household.problem.relaxed import HouseholdRule
from jeoul.messages import LANGUAGES, say
from jeoul.model.portfolio import Reason
from jeoul.reporting.household.names import HouseholdNames
from jeoul.reporting.text import Text

_SHARES = ("without", "after", "target")
_CHOSEN = ("withdrawal", "max_trades", "min_trade", "lock", "buffer", "risk")


def reasons_in_words(found: Found, names: HouseholdNames) -> tuple[Reason, ...]:
    """Return why an order is placed, and what it is worth where that is known."""
    return tuple(_reasons(found, names))


def _reasons(found: Found, names: HouseholdNames) -> Iterator[Reason]:
    detail: dict[str, object] = {
        name: f"{value:z.1%}" if name in _SHARES else f"{round(value):,}"
        for name, value in found.figures.items()
    }
    if found.asset_class is not None:
        named = names.classes[found.asset_class]
        detail |= {"class_ko": named.ko, "class_en": named.en}
    if found.rule is not None:
        kept = rule_in_words(HouseholdRule(found.rule, found.account), names)
        detail |= {"rule_ko": kept.ko, "rule_en": kept.en}
    yield Reason.of(f"household_page.reason_{found.kind}", **detail)
    if found.saves is not None and round(found.saves.total) > 0:
        yield Reason.of("household_page.reason_worth", amount=f"{round(found.saves.total):,}")


def rule_in_words(rule: HouseholdRule, names: HouseholdNames) -> Text:
    """Return what a rule is called, with the account, person or fund that it is about."""
    return Text(*(_rule(rule, names, language) for language in LANGUAGES))


def _rule(rule: HouseholdRule, names: HouseholdNames, language: str) -> str:
    first, _, fund = rule.where.partition(" ")
    owner = names.people if rule.kind == "pension_room" else names.accounts
    parts = [owner.get(first, Text(first, first))]
    if fund:
        parts.append(names.funds.get(fund, Text(fund, fund)))
    where = " ".join(part.into(language) for part in parts)
    return say(language, f"household_page.rule_{rule.kind}", {"where": where})


def excess_in_words(excess: Excess, names: HouseholdNames) -> Text:
    """Return by how much a rule would have to give way, or how much it lacks."""
    kind, rule = excess.rule.kind, rule_in_words(excess.rule, names)
    message = f"household_page.excess_{kind if kind in _CHOSEN else 'law'}"
    by = f"{round(excess.by):,}"
    return Text(*(say(each, message, {"rule": rule.into(each), "by": by}) for each in LANGUAGES))


def cut_in_words(cut: RiskCut, names: HouseholdNames) -> Iterator[Text]:
    """Yield how far risk assets have to come down today, and what forbids the rest."""
    shares = {name: f"{getattr(cut, name):z.1%}" for name in ("before", "asked", "reachable")}
    yield Text.of("household_page.cut", **shares)
    if cut.forbidden:
        rules = [rule_in_words(rule, names) for rule in cut.forbidden]
        yield Text(
            *(
                say(
                    language,
                    "household_page.cut_forbidden",
                    {**shares, "rules": ", ".join(rule.into(language) for rule in rules)},
                )
                for language in LANGUAGES
            )
        )
