"""How far an account is from its target."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jeoul.errors import UsageError
from jeoul.model.portfolio import Portfolio
from jeoul.rebalance import current_weights, drift

amounts = st.lists(st.integers(0, 10**6), min_size=3, max_size=3).filter(any)


def of(numbers: Any) -> Any:
    return dict(zip(("A", "B", "CASH"), (n / sum(numbers) for n in numbers), strict=True))


@given(amounts, amounts)
def test_drift_is_the_part_that_must_be_sold(now: Any, target: Any) -> None:
    sold = sum(max(of(now)[label] - of(target)[label], 0.0) for label in of(now))
    assert drift(of(now), of(target)) == pytest.approx(sold, abs=1e-12)
    assert drift(of(now), of(target)) == drift(of(target), of(now))


def test_a_drift_is_summed_by_name_so_that_each_process_rounds_it_alike() -> None:
    asked: list[str] = []

    class Asked(dict[str, float]):
        def get(self, label: str, *other: Any) -> Any:
            asked.append(label)
            return super().get(label, *other)

    labels = ["G", "C", "A", "F", "B", "E", "D"]
    drift(Asked(dict.fromkeys(labels, 0.1)), {"H": 1.0})
    assert asked == ["A", "B", "C", "D", "E", "F", "G", "H"]


def test_everything_misplaced_is_a_drift_of_one() -> None:
    assert drift({"A": 1.0}, {"B": 1.0}) == 1.0


def test_weights_count_money_on_its_way() -> None:
    account = Portfolio({"A": 2, "gone": 9}, 100, unsettled={None: 100})  # type: ignore[dict-item]
    assert current_weights(account, {"A": 100, "other": 5}) == {"A": 0.5, "CASH": 0.5}


def test_an_account_without_value_has_no_weights() -> None:
    with pytest.raises(UsageError, match="no value"):
        current_weights(Portfolio({"A": 2}, 0), {})
