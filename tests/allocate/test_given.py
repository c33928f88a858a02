"""Whatever form the numbers of a problem come in, the answer is the same, or one sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import cvxpy as cp
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import jeoul
from jeoul.allocate import Group, Program, solve
from jeoul.errors import BadValue, JeoulError
from jeoul.estimate.record import Estimate

LABELS = ("stocks", "bonds", "gold", "cash")
MEAN = [0.0625, 0.03125, 0.015625, 0.0078125]
SPREAD = np.array([0.25, 0.125, 0.1875, 0.03125])
COVARIANCE = np.outer(SPREAD, SPREAD) * (0.25 + 0.75 * np.eye(4))
HELD = [0.5, 0.25, 0.25, 0.0]
RULES: dict[str, Any] = {"risk_aversion": 4.0, "turnover_cost": 0.001, "volatility_max": 0.12}
CLASSES = {"safe": (["bonds", "cash"], 0.25, 0.75)}

NUMBERS: Mapping[str, Callable[[float], Any]] = {
    "float": float,
    "numpy": np.float64,
    "decimal": Decimal,
    "fraction": Fraction,
    "text": repr,
}


def plain() -> Any:
    frame = pd.DataFrame(COVARIANCE, LABELS, LABELS)
    previous = dict(zip(LABELS, HELD, strict=True))
    return jeoul.solve(pd.Series(MEAN, LABELS), frame, classes=CLASSES, previous=previous, **RULES)


EXPECTED = plain().solution.weights


def vectors(values: list[Any], order: list[int]) -> dict[str, Any]:
    """Return a vector in every form that keeps its labels; ``order`` shuffles what is matched."""
    shuffled = {LABELS[i]: values[i] for i in order}
    return {
        "series": pd.Series(list(shuffled.values()), list(shuffled), dtype=object),
        "mapping": shuffled,
        "column": pd.DataFrame({"held": list(shuffled.values())}, index=list(shuffled)),
    }


@given(
    kind=st.sampled_from(sorted(NUMBERS)),
    form=st.sampled_from(["series", "mapping", "column"]),
    table=st.sampled_from(["frame", "mapping", "frame of rows only shuffled"]),
    order=st.permutations(range(4)),
    across=st.permutations(range(4)),
)
@settings(max_examples=150, deadline=None)
def test_every_labelled_form_has_the_same_answer_to_the_bit(
    kind: str, form: str, table: str, order: list[int], across: list[int]
) -> None:
    write = NUMBERS[kind]
    mean = vectors([write(m) for m in MEAN], [0, 1, 2, 3])[form]
    previous = vectors([write(h) for h in HELD], order)[form]
    cells = [[write(c) for c in row] for row in COVARIANCE.tolist()]
    frame = pd.DataFrame(cells, LABELS, LABELS).iloc[order]
    covariance: Any = frame if table.startswith("frame of") else frame.iloc[:, across]
    if table == "mapping":
        covariance = {row: dict(covariance.loc[row]) for row in covariance.index}
    rules = {name: write(value) for name, value in RULES.items()}
    found = jeoul.solve(mean, covariance, classes=CLASSES, previous=previous, **rules)
    assert found.solution.labels == LABELS
    assert found.solution.weights.tolist() == EXPECTED.tolist()


@pytest.mark.parametrize("kind", sorted(NUMBERS))
@pytest.mark.parametrize("shape", ["list", "tuple", "array", "n x 1", "1 x n", "object"])
def test_numbers_without_labels_are_taken_in_their_order(kind: str, shape: str) -> None:
    written = [NUMBERS[kind](m) for m in MEAN]
    forms: dict[str, Any] = {
        "list": written,
        "tuple": tuple(written),
        "array": np.array([float(w) for w in written]),
        "n x 1": [[w] for w in written],
        "1 x n": np.array([MEAN]),
        "object": np.array(written, dtype=object),
    }
    cells = [[NUMBERS[kind](c) for c in row] for row in COVARIANCE.tolist()]
    rules = RULES | {"previous": HELD, "classes": {"safe": ([1, np.int64(3)], 0.25, 0.75)}}
    found = jeoul.solve(forms[shape], cells, **rules)
    assert found.weights.tolist() == EXPECTED.tolist()


def test_weights_have_the_form_of_the_means() -> None:
    frame = pd.DataFrame(COVARIANCE, LABELS, LABELS)
    series = jeoul.solve(pd.Series(MEAN, LABELS), frame, risk_aversion=4).weights
    mapping = jeoul.solve(dict(zip(LABELS, MEAN, strict=True)), frame, risk_aversion=4).weights
    assert list(series.index) == list(mapping) == list(LABELS)
    assert series.tolist() == list(mapping.values())
    numbered = {np.int64(7): 0.05, np.int64(9): 0.02}
    assert set(jeoul.solve(numbered, np.diag([0.04, 0.01]), risk_aversion=4).weights) == {7, 9}


ODD = [
    None, True, "", "abc", "1,5", float("nan"), float("inf"), -float("inf"), 10**400, 1 + 2j,
    Decimal("NaN"), Decimal("sNaN"), object(), [], {}, [[1, 2], [3]], np.datetime64("2024-01-02"),
    pd.NA, pd.Timestamp("2024-01-02"), b"0.1", np.array("x"), "0.1",
]  # fmt: skip
KEYS = ("mean", "covariance", "risk_aversion", "bounds", "classes", "previous",
        "turnover_cost", "volatility_max")  # fmt: skip


def outcome(arguments: dict[str, Any]) -> str:
    """Return the weights, or the sentence of the refusal."""
    try:
        return str(jeoul.solve(**arguments).solution.weights.tolist())
    except JeoulError as error:
        return str(error)


@given(
    key=st.sampled_from(KEYS),
    odd=st.sampled_from(range(len(ODD))),
    nested=st.sampled_from(["alone", "in a list", "in a mapping", "in the last place", "twice"]),
)
@settings(max_examples=400, deadline=None)
def test_a_form_that_cannot_be_meant_is_one_sentence(key: str, odd: int, nested: str) -> None:
    """Whatever is put in place of one argument: an answer, or one typed error in one sentence."""
    value: Any = ODD[odd]
    forms: dict[str, Any] = {
        "alone": value,
        "in a list": [value] * 4,
        "in a mapping": dict.fromkeys(LABELS, value),
        "in the last place": [*MEAN[:3], value],
        "twice": (value, value),
    }
    arguments: dict[str, Any] = {
        "mean": pd.Series(MEAN, LABELS),
        "covariance": pd.DataFrame(COVARIANCE, LABELS, LABELS),
        **RULES,
    }
    arguments[key] = forms[nested]
    said = outcome(arguments)
    assert len(said) > 10
    assert "\n" not in said


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"mean": pd.Series(MEAN, ["a", "a", "b", "c"])}, "repeat a"),
        ({"mean": {1: 0.1, "1": 0.2}}, "repeat 1"),
        ({"covariance": np.zeros((4, 4))}, "zero throughout"),
        ({"covariance": COVARIANCE[:3]}, r"shape \(3, 4\)"),
        ({"mean": [0.1, None, 0.1, 0.1]}, "is None"),
        ({"mean": np.array(MEAN), "covariance": pd.DataFrame(COVARIANCE, LABELS, LABELS)}, "both"),
        ({"mean": []}, "no means"),
        ({"bounds": (0.5, 0.1)}, "swap"),
        ({"bounds": (0.0, float("nan"))}, "highest weight is nan"),
        ({"volatility_max": -0.1}, "volatility max is -0.1"),
        ({"classes": {"safe": (["bonds"], 0.1)}}, "a lower and an upper bound"),
        ({"previous": pd.Series([0.5, 0.5], ["bonds", "bonds"])}, "repeat bonds"),
    ],
)
def test_what_is_wrong_is_named(changes: Any, said: str) -> None:
    arguments = {"mean": pd.Series(MEAN, LABELS), "covariance": COVARIANCE, "risk_aversion": 4.0}
    with pytest.raises(BadValue, match=said):
        jeoul.solve(**(arguments | changes))


def test_a_program_and_an_estimate_take_the_forms_of_a_notebook() -> None:
    estimate = Estimate(
        list(LABELS),  # type: ignore[arg-type]
        pd.Series(MEAN, LABELS)[::-1],  # type: ignore[arg-type]
        pd.DataFrame(COVARIANCE, LABELS, LABELS).iloc[::-1],  # type: ignore[arg-type]
    )
    assert estimate.mean.tolist() == MEAN
    assert (estimate.covariance == COVARIANCE).all()
    upper: Any = {"gold": Decimal("0.1"), "stocks": 1, "bonds": 1.0, "cash": "1"}
    members: Any = [False, True, False, True]
    program = Program(
        labels=list(LABELS),  # type: ignore[arg-type]
        risk_aversion=np.int64(4),  # type: ignore[arg-type]
        upper=upper,
        groups=(Group("safe", members, Decimal("0.25"), 1),),  # type: ignore[arg-type]
        max_positions=Decimal(3),  # type: ignore[arg-type]
    )
    assert program.upper.tolist() == [1.0, 1.0, 0.1, 1.0]
    assert program.max_positions == 3
    with pytest.raises(BadValue, match="repeat"):
        Estimate(("a", "a"), np.zeros(2), np.eye(2))


def test_a_record_of_ones_own_is_an_estimate_too() -> None:
    listed: Any = SimpleNamespace(
        labels=list(LABELS), mean=MEAN, covariance=pd.DataFrame(COVARIANCE, LABELS, LABELS)
    )
    arrays = SimpleNamespace(labels=LABELS, mean=np.array(MEAN), covariance=COVARIANCE)
    program = Program(labels=LABELS, risk_aversion=4.0)
    assert solve(program, listed).weights.tolist() == solve(program, arrays).weights.tolist()
    listed.mean = MEAN[:2]
    with pytest.raises(BadValue, match="give 4 numbers"):
        solve(program, listed)


def test_an_account_takes_the_numbers_of_a_notebook() -> None:
    usual = jeoul.Portfolio({"069500": 30}, 1_000_000)
    forms: list[Any] = [
        {"069500": np.int64(30)},
        pd.Series({"069500": 30.0}),
        {"069500": "30"},
        pd.DataFrame({"shares": [Decimal(30)]}, ["069500"]),
    ]
    money: Any = np.float64(1e6)
    assert all(jeoul.Portfolio(shares, money) == usual for shares in forms)
    fee: Any = 0.00015
    assert jeoul.TradeRules(buy_fee=fee).buy_fee == Decimal("0.00015")
    odd: list[Any] = [0.5, float("nan"), None, "many", True, "1e999999999", Decimal("1E+999999")]
    for wrong in odd:
        with pytest.raises(BadValue, match="give a whole number"):
            jeoul.Portfolio({"069500": wrong}, 0)


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        (lambda w: [True], "an extra rule is bool"),
        (lambda w: None, "an extra rule is NoneType"),
        (lambda w: [cp.norm1(w) >= 0.4], "is not convex"),
    ],
)
def test_extra_rules_that_are_none_are_refused(extra: Any, said: str) -> None:
    with pytest.raises(BadValue, match=said):
        jeoul.solve(MEAN, COVARIANCE, risk_aversion=4.0, extra=extra)


def test_one_extra_rule_needs_no_list() -> None:
    alone = jeoul.solve(MEAN, COVARIANCE, risk_aversion=4.0, extra=lambda w: w[0] <= 0.125)
    assert alone.weights[0] == pytest.approx(0.125, abs=1e-7)
