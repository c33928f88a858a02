"""A decision of before the newest net asset values is found again after they are published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from jeoul.model.finding import Finding, Severity
from jeoul.model.snapshot import Snapshot
from jeoul.model.valued import Valued

DAY, BEFORE = date(2026, 6, 30), date(2026, 6, 29)
LATE = "360750"


@pytest.fixture(scope="module")
def morning(sample: Any) -> Snapshot:
    """The market with the values of the day, and what was found of them."""
    found: Snapshot = sample.as_of(DAY)
    kinds = ("gate.premium", "gate.tracking", "gate.thin", "gate.nav_currency")
    said = tuple(Finding(DAY, LATE, kind, Severity.NOTICE) for kind in kinds)
    return replace(found, findings=(*found.findings, *said))


def evening(morning: Snapshot, missing: Mapping[str, int]) -> Snapshot:
    """The same market without the newest values: how many of each fund, by code, are missing."""
    tables = []
    for table in morning.prices:
        if table.nav is not None:
            nav = table.nav.copy()
            for column, code in enumerate(table.tickers):
                nav[len(nav) - missing.get(code, missing.get("", 0)) :, column] = np.nan
            table = replace(table, nav=None if np.isnan(nav).all() else nav)  # noqa: PLW2901
        tables.append(table)
    late = missing.get(LATE, missing.get("", 0))
    about_values = ("gate.premium", "gate.tracking")
    kept = tuple(f for f in morning.findings if not late or f.kind not in about_values)
    return replace(morning, prices=tuple(tables), findings=kept)


@pytest.mark.parametrize(
    "missing",
    [{}, {"": 1}, {"": 3}, {"": 0, LATE: 2}, {"": 1, LATE: 5}, {"": 1, LATE: 10_000}, {"": 10_000}],
    ids=["none", "a day", "three days", "one fund", "one fund more", "one fund all", "all"],
)
def test_what_an_evening_saw_is_found_again(morning: Snapshot, missing: Any) -> None:
    then = evening(morning, missing)
    kept = Valued.from_document(then.seen.valued.document())
    found = morning.seen_as(then.digest, kept)
    assert found is not None
    assert found.digest == then.digest
    assert found.findings == then.findings


@pytest.mark.parametrize("missing", [{}, {"": 1}, {"": 3}, {"": 10_000}])
def test_it_is_found_where_nobody_wrote_down_how_far_values_reached(
    morning: Snapshot, missing: Any
) -> None:
    then = evening(morning, missing)
    found = morning.seen_as(then.digest)
    assert found is not None
    assert found.digest == then.digest


def test_another_price_is_never_taken_for_what_was_seen(morning: Snapshot) -> None:
    close = morning.prices[1].close.copy()
    close[-1, 0] += 1.0
    other = replace(morning.prices[1], close=close)
    then = evening(replace(morning, prices=(morning.prices[0], other)), {"": 1})
    assert morning.seen_as(then.digest, then.seen.valued) is None
    assert morning.seen_as(then.digest) is None
