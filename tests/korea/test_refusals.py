"""A rule that refuses says what to do about it, in the language asked for."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from jeoul.errors import RuleError
from jeoul.korea.levy import Won
from jeoul.korea.rules import RULES, arguments
from jeoul.korea.tables import load_rules
from jeoul.translation import in_language

BOOK = load_rules(2026)
SOUND: dict[str, dict[str, Any]] = {
    "account.may_hold": {"account": "isa"},
    "etf.distribution": {"kind": "krx_other_etf", "amount": 1},
    "etf.sale": {"kind": "kr_equity_etf", "units": 1, "buy": Decimal(1), "sell": Decimal(2)},
    "health.crossing": {"status": "employee", "more": 1},
    "health.premium": {"status": "employee"},
    "isa.kind": {"wages": 1},
    "isa.room": {"opened": 2024, "year": 2026},
    "isa.withdraw": {"paid_in": 1, "value": 1, "years_held": 1, "amount": 1},
    "income.financial": {"financial": 1},
    "income.wages": {"wages": 1},
    "pension.close": {"credited": 1, "earnings": 1},
    "pension.credit": {"wages": 1},
    "pension.receive": {"age": 60, "amount": 1},
    "suitability.protection": {"age": 60},
    "us.dividend": {"gross": 1},
}
WITHIN = {
    ("isa.room", "year"), ("isa.room", "opened"), ("pension.close", "earnings"),
    ("pension.receive", "age"), ("pension.receive", "years_joined"),
}  # fmt: skip
"""Numbers of which zero is not the bound."""


def below() -> list[tuple[str, str]]:
    """Every whole number that these rules take."""
    return [
        (rule, name)
        for rule in SOUND
        for name, field in arguments(rule).model_fields.items()
        if field.annotation in (Won, int, Won | None) and (rule, name) not in WITHIN
    ]


@pytest.mark.parametrize(("rule", "name"), below())
def test_what_is_below_zero_is_refused_with_what_to_give(rule: str, name: str) -> None:
    given = {**SOUND[rule], name: -1}
    with pytest.raises(RuleError) as caught:
        RULES[rule](BOOK, **given)
    said = caught.value.message
    assert "; give " in said
    assert "십시오" in in_language(said, "ko")


@pytest.mark.parametrize(
    ("rule", "given", "remedy"),
    [
        ("isa.room", {"opened": 2024, "year": 2027}, "give a year up to 2026"),
        ("isa.room", {"opened": 2026, "year": 2025}, "correct one of the two"),
        ("isa.room", {"opened": 2025, "year": 2026, "paid": {"2024": 1}}, "from 2025 to 2026"),
        ("isa.withdraw", {"paid_in": 1, "value": 2, "years_held": 1, "amount": 3}, "2 at most"),
        ("isa.matures", {"opened": date(2026, 5, 2), "on": date(2026, 5, 1)}, "correct one"),
        ("pension.close", {"credited": 1, "earnings": -2}, "correct one of the two"),
        ("income.financial", {"financial": 1, "company_dividends": 2}, "correct one of the two"),
        ("ima.maturity", {"principal": 1, "years": Decimal(1), "gross": Decimal(0),
                          "early_exit": True}, "leave early_exit out"),
    ],
)  # fmt: skip
def test_a_refusal_says_what_to_do(rule: str, given: dict[str, Any], remedy: str) -> None:
    with pytest.raises(RuleError) as caught:
        RULES[rule](BOOK, **given)
    assert remedy in caught.value.message
    assert "십시오" in in_language(caught.value.message, "ko")
