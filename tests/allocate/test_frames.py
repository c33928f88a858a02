"""The allocator as a notebook uses it: labels are matched, kept, and never guessed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from jeoul.allocate import Group, Program, allocate, solve


def test_pandas_objects_keep_their_labels_in_any_order(problems: Any) -> None:
    estimate = problems.estimate(2, 6)
    mean = pd.Series(estimate.mean, index=list(estimate.labels))
    covariance = pd.DataFrame(estimate.covariance, mean.index, mean.index)
    order = ["a3", "a0", "a5", "a1", "a4", "a2"]
    found = allocate(
        mean,
        covariance.loc[order, order],
        risk_aversion=5.0,
        bounds=(0.0, 0.4),
        classes={"odd": (["a1", "a3", "a5"], 0.2, 0.5)},
        previous={"a0": 0.5, "a4": 0.5},
        turnover_cost=0.001,
    )
    odd = np.isin(estimate.labels, ["a1", "a3", "a5"])
    same = Program(
        labels=estimate.labels,
        risk_aversion=5.0,
        upper=0.4,  # type: ignore[arg-type]
        groups=(Group("odd", odd, 0.2, 0.5),),
        previous=np.array([0.5, 0, 0, 0, 0.5, 0]),
        turnover_cost=0.001,
    )
    assert list(found.weights.index) == list(estimate.labels)
    np.testing.assert_allclose(found.weights, solve(same, estimate).weights, atol=1e-12)
    assert [dict(r.detail)["label"] for r in found.reasons] == list(estimate.labels)


def test_unknown_and_foreign_labels_are_refused(problems: Any) -> None:
    estimate = problems.estimate(2, 3)
    mean = pd.Series(estimate.mean, index=list(estimate.labels))
    covariance = pd.DataFrame(estimate.covariance, mean.index, mean.index)
    with pytest.raises(ValueError, match="zz"):
        allocate(mean, covariance, risk_aversion=5.0, classes={"c": (["zz"], 0.0, 0.5)})
    with pytest.raises(ValueError, match="zz"):
        allocate(mean, covariance, risk_aversion=5.0, previous=pd.Series({"zz": 1.0}))
    with pytest.raises(ValueError, match="other labels"):
        allocate(mean, covariance.rename(columns={"a0": "x"}), risk_aversion=5.0)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"labels": ()}, "labels"),
        ({"labels": ("a", "a")}, "repeat"),
        ({"risk_aversion": 0.0}, "risk aversion"),
        ({"turnover_cost": -0.1}, "turnover cost"),
        ({"upper": np.array([0.5, np.nan])}, "NaN"),
        ({"turnover_max": 0.2}, "previous"),
        ({"band": 0.1}, "target"),
        ({"objective": "tracking"}, "target"),
        ({"objective": "luck"}, "luck"),
        ({"yielding": ("nothing",)}, "nothing"),
        ({"eligible": np.array([True])}, "2 booleans"),
    ],
)
def test_programs_that_make_no_sense_are_refused(changes: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Program(**{"labels": ("a", "b"), "risk_aversion": 2.0, **changes})
