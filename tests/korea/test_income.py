"""What the printed steps of the income tax say is what was counted."""

from __future__ import annotations

from typing import Any

from jeoul.korea.income import financial_income


def test_the_step_of_the_gross_up_prints_the_credit_that_counts(book: Any) -> None:
    """28 M of dividends: A is 8,860,000 and B 8,660,000, so 200,000 of the 800,000 are credited."""
    found = financial_income(
        book, financial=28_000_000, other_income=40_000_000, company_dividends=28_000_000
    )
    (gross_up,) = [s.values for s in found.steps if s.message == "rule.financial_gross_up"]
    assert gross_up == {"gross_up": 800_000, "credit": 200_000}
    assert found.a - gross_up["credit"] - found.b == found.extra == 0  # type: ignore[operator]
