"""Published results computed again by the engine; the table is docs/published.toml."""

from __future__ import annotations

import gzip
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jeoul import assets, metrics
from jeoul.estimate import sample, worst_case_mean
from jeoul.pipeline.momentum import score_of
from jeoul.research.evidence import monthly
from jeoul.research.hedge import hedge_weights
from jeoul.research.statistics import haircut_sharpe
from jeoul.strategy.tables.momentum import AverageScore

HERE = Path(__file__).parent
TEN_MONTHS = AverageScore(kind="average", closes=10)
ELSEWHERE = {  # computed beside the tests of what they are about
    "date_label_right": "tests/properties/test_look_ahead.py",
    "date_label_wrong": "tests/properties/test_look_ahead.py",
    "he_litterman_germany": "tests/estimate/test_mean.py",
}


@cache
def relatives() -> dict[str, Any]:
    with gzip.open(HERE / "data" / "nyse.csv.gz", "rt", encoding="utf-8") as file:
        names = file.readline().strip().split(",")
        rows = np.loadtxt(file, delimiter=",")
    return dict(zip(names, rows.T, strict=True))


def mixtures(one: str, other: str) -> Any:
    """Return the daily growth of 21 mixtures of two shares, each rebalanced every day."""
    share = np.linspace(0.0, 1.0, 21)
    found = relatives()
    return np.outer(found[one], share) + np.outer(found[other], 1.0 - share)


def universal(one: str, other: str) -> float:
    """Return the wealth of Cover's portfolio: Hedge at rate 1 over the log losses of mixtures."""
    growth = mixtures(one, other)
    losses = -np.log(growth)
    weights = hedge_weights(losses - losses.min(axis=1, keepdims=True), rate=1.0)[:-1]
    return float(np.prod((weights * growth).sum(axis=1)))


@cache
def shares() -> tuple[Any, Any, Any]:
    """Return days and adjusted closes of the S&P 500 as arch ships them, and its months."""
    from arch.data import sp500

    closes = sp500.load()["Adj Close"]
    days = closes.index.to_numpy().astype("datetime64[D]")
    months = monthly(days, closes.to_numpy(), np.datetime64("2019-01-02"))
    return days, closes.to_numpy(), months


@cache
def french() -> tuple[Any, Any]:
    """Return the months (199901) of the factors of Kenneth French, and the factors as fractions."""
    from arch.data import frenchdata

    found = frenchdata.load()
    months = np.array([int(str(each)[-6:]) for each in found.index])
    return months, found[["Mkt-RF", "SMB", "HML", "RF"]].to_numpy() / 100.0


def timed(returns: Any, cash: Any) -> Any:
    """Return months held above the ten-month average and otherwise in cash, from the eleventh on.

    ``returns`` follow the first close, so that ten closes are known before the tenth of them.
    """
    level = np.concatenate(([1.0], np.cumprod(1.0 + returns)))
    held = [score_of(TEN_MONTHS, level[: month + 1]) > 0.0 for month in range(9, len(returns))]
    return np.where(held, returns[9:], cash[9:])


def unit(returns: Any) -> Any:
    return np.concatenate(([1.0], np.cumprod(1.0 + returns)))


def a_year(returns: Any) -> float:
    return 100.0 * float(unit(returns)[-1] ** (12.0 / len(returns)) - 1.0)


@cache
def faber() -> tuple[Any, Any]:
    """Return US shares timed and held, January 1927 to December 2012."""
    months, factors = french()
    market, bills = factors[:, 0] + factors[:, 3], factors[:, 3]
    span = (months[9:] >= 192701) & (months[9:] <= 201212)
    return timed(market, bills)[span], market[9:][span]


@cache
def managed_by_volatility() -> tuple[float, float]:
    """Return alpha of Moreira and Muir and its standard error, percent a year."""
    days, closes, months = shares()
    # The last close before a month begins its days: month m has those that end in m.
    of_day = days[1:].astype("datetime64[M]")
    daily = closes[1:] / closes[:-1] - 1.0
    names = np.unique(of_day)
    variance = np.array(
        [((daily[of_day == m] - daily[of_day == m].mean()) ** 2).sum() for m in names]
    )
    known, factors = french()
    labels = names[1:].astype(object)
    bills = dict(zip(known.tolist(), factors[:, 3].tolist(), strict=True))
    kept = np.array([each.year * 100 + each.month in bills for each in labels])
    rate = np.array([bills.get(each.year * 100 + each.month, 0.0) for each in labels])
    excess = (months - rate)[kept][1:]
    managed = excess / variance[:-1][kept][1:]
    managed *= excess.std(ddof=1) / managed.std(ddof=1)
    design = np.column_stack((np.ones(len(excess)), excess))
    slopes, *_ = np.linalg.lstsq(design, managed, rcond=None)
    left = managed - design @ slopes
    spread = float(left @ left) / (len(excess) - 2) * np.linalg.inv(design.T @ design)[0, 0]
    return 1200.0 * float(slopes[0]), 1200.0 * float(np.sqrt(spread))


@cache
def demiguel() -> dict[str, float]:
    """Return monthly Sharpe ratios out of sample of three rules over three factors."""
    months, factors = french()
    excess = factors[(months >= 196307) & (months <= 200411), :3]
    found: dict[str, list[float]] = {"equal": [], "mean_variance": [], "minimum_variance": []}
    for month in range(120, len(excess)):
        seen = excess[month - 120 : month]
        covariance = sample(seen)
        best = np.linalg.solve(covariance, seen.mean(axis=0))
        calm = np.linalg.solve(covariance, np.ones(3))
        found["equal"].append(float(excess[month].mean()))
        found["mean_variance"].append(float(excess[month] @ best / abs(best.sum())))
        found["minimum_variance"].append(float(excess[month] @ calm / calm.sum()))
    return {name: float(np.mean(r) / np.std(r, ddof=1)) for name, r in found.items()}


def ten_months() -> float:
    found = timed(shares()[2], np.zeros(len(shares()[2])))
    assert len(found) == 230
    return a_year(found)


COMPUTED: dict[str, Callable[[], float]] = {
    "cover_iroquois_kinark": lambda: universal("iroquois", "kinark"),
    "cover_iroquois_kinark_best": lambda: float(mixtures("iroquois", "kinark").prod(axis=0).max()),
    "cover_commercial_metals_kinark": lambda: universal("commercial_metals", "kinark"),
    "harvey_liu_haircut": lambda: haircut_sharpe(0.75, years=20.0, trials=200),
    "ten_month_average": ten_months,
    "faber_timing_return": lambda: a_year(faber()[0]),
    "faber_timing_volatility": lambda: 100.0 * metrics.volatility(unit(faber()[0]), 12.0),
    "faber_timing_drawdown": lambda: 100.0 * metrics.max_drawdown(unit(faber()[0])),
    "faber_holding_return": lambda: a_year(faber()[1]),
    "faber_holding_drawdown": lambda: 100.0 * metrics.max_drawdown(unit(faber()[1])),
    "moreira_muir_alpha": lambda: managed_by_volatility()[0],
    "moreira_muir_error": lambda: managed_by_volatility()[1],
    "demiguel_equal": lambda: demiguel()["equal"],
    "demiguel_mean_variance": lambda: demiguel()["mean_variance"],
    "demiguel_minimum_variance": lambda: demiguel()["minimum_variance"],
    "worst_case_mean": lambda: float(
        100.0 * worst_case_mean(np.array([0.08]), np.array([[0.04]]), years=4.0)[0]
    ),
}


def test_every_result_is_computed(published: Any) -> None:
    assert {*COMPUTED, *ELSEWHERE} == set(published)


@pytest.mark.parametrize("name", COMPUTED)
def test_what_comes_out_is_what_the_page_says(published: Any, name: str) -> None:
    row = published[name]
    assert COMPUTED[name]() == pytest.approx(row["found"], abs=row["tolerance"])


def test_what_counts_as_reproduced_is_the_printed_figure(published: Any) -> None:
    for name, row in published.items():
        near = abs(row["found"] - row["published"]) <= row["near"]
        assert near == row["reproduced"], name
        assert row["reproduced"] or row["why"], name


def test_the_page_is_made_from_the_table() -> None:
    script = assets.root() / "docs" / "make_published.py"
    made = subprocess.run(
        [sys.executable, str(script), "--print"], capture_output=True, check=True, encoding="utf-8"
    )
    assert (assets.root() / "docs" / "published.md").read_text("utf-8") == made.stdout
