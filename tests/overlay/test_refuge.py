"""Where the weight goes that the overlay frees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jeoul.errors import UsageError
from jeoul.model.portfolio import CASH
from jeoul.overlay import cut_of

CLASSES = {
    "K200": "equity",
    "SPX": "equity",
    "KTB": "krw_bond",
    "USD1": "usd",
    "USD2": "usd",
    "MMF": "cash_like",
}
WEIGHTS = {"K200": 0.3, "SPX": 0.2, "KTB": 0.3, "USD1": 0.12, "USD2": 0.04, "MMF": 0.02, CASH: 0.02}
REFUGE = {"cash_like": 0.5, "usd": 0.5}


def scaled(
    weights: Mapping[str, float], refuge: Mapping[str, float], scale: float
) -> dict[str, float]:
    """Return the weights with the equities scaled, by label."""
    labels = [label for label in weights if label != CASH]
    cut = cut_of([CLASSES[label] for label in labels], {"equity"}, refuge)
    held = [*(weights[label] for label in labels), weights.get(CASH, 0.0)]
    return dict(zip([*labels, CASH], cut.scaled(held, scale), strict=True))


def test_freed_weight_goes_to_the_refuge_by_its_shares_and_present_weights() -> None:
    found = scaled(WEIGHTS, REFUGE, 0.5)
    assert found == pytest.approx(
        {
            "K200": 0.15,
            "SPX": 0.1,
            "KTB": 0.3,
            "USD1": 0.2137500,
            "USD2": 0.07125,
            "MMF": 0.145,
            CASH: 0.02,
        }
    )


def test_at_full_scale_nothing_moves() -> None:
    assert scaled(WEIGHTS, REFUGE, 1.0) == WEIGHTS


def test_a_refuge_class_without_weight_is_filled_equally() -> None:
    bare = {"K200": 1.0, "USD1": 0.0, "USD2": 0.0, CASH: 0.0}
    found = scaled(bare, {"usd": 1.0}, 0.4)
    assert found == pytest.approx({"K200": 0.4, "USD1": 0.3, "USD2": 0.3, CASH: 0.0})


def test_a_refuge_class_that_cannot_be_held_leaves_its_share_to_the_other() -> None:
    bare = {"K200": 0.9, "MMF": 0.1}
    found = scaled(bare, REFUGE, 0.0)
    assert found == pytest.approx({"K200": 0.0, "MMF": 1.0, CASH: 0.0})


def test_without_any_refuge_the_freed_weight_is_cash() -> None:
    assert scaled({"K200": 1.0}, REFUGE, 0.25) == {
        "K200": 0.25,
        CASH: 0.75,
    }


@given(
    st.lists(st.floats(0, 1), min_size=6, max_size=6).filter(lambda w: sum(w) > 0.01),
    st.floats(0, 1),
    st.sets(st.sampled_from(sorted(CLASSES))),
)
def test_the_sum_is_kept_and_no_safe_weight_falls(raw: Any, scale: Any, missing: Any) -> None:
    weights = {
        label: w / sum(raw) for label, w in zip(CLASSES, raw, strict=True) if label not in missing
    }
    found = scaled(weights, REFUGE, scale)
    assert sum(found.values()) == pytest.approx(sum(weights.values()), abs=1e-12)
    for label, weight in weights.items():
        if CLASSES[label] == "equity":
            assert found[label] == weight * scale
        else:
            assert found[label] >= weight


@pytest.mark.parametrize(
    ("refuge", "scale", "fault"),
    [
        (REFUGE, 1.5, "between 0 and 1"),
        (REFUGE, float("nan"), "between 0 and 1"),
        ({"equity": 1.0}, 0.5, "equity cannot be both"),
        ({"usd": 0.7}, 0.5, "sum to 1"),
        ({"usd": 1.5, "cash_like": -0.5}, 0.5, "negative"),
    ],
)
def test_what_cannot_be_done_is_refused(refuge: Any, scale: float, fault: str) -> None:
    with pytest.raises(UsageError, match=fault):
        scaled(WEIGHTS, refuge, scale)


@pytest.mark.parametrize("refuge", [REFUGE, {"usd": 1.0}, {}, {"krw_bond": 0.3, "usd": 0.7}])
@pytest.mark.parametrize("scale", [0.0, 0.35, 1.0])
def test_rows_are_scaled_like_each_alone(refuge: Mapping[str, float], scale: float) -> None:
    rng = np.random.default_rng(4)
    cut = cut_of(list(CLASSES.values()), {"equity"}, refuge)
    rows = rng.dirichlet(np.full(7, 0.5), 50)
    rows[::5, 3:6] = 0.0  # nothing in the refuge
    found = cut.scaled_rows(rows, scale)
    assert found.tolist() == [cut.scaled(row, scale) for row in rows.tolist()]
