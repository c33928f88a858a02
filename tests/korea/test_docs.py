"""The page about the rulebook lists the rules as they are."""

from __future__ import annotations

import pytest

from jeoul import assets
from jeoul.korea.rules import RULES, arguments, results


@pytest.mark.parametrize("rule", RULES)
def test_the_page_lists_every_rule_with_its_arguments_and_results(rule: str) -> None:
    page = (assets.root() / "docs" / "korea.md").read_text("utf-8")
    given = ", ".join(
        f"`{name}`" + ("" if field.is_required() else "?")
        for name, field in arguments(rule).model_fields.items()
    )
    found = ", ".join(f"`{name}`" for name in sorted(results(rule)))
    assert f"| `{rule}` | {given} | {found} |" in page
