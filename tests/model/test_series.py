"""A table of prices that is cut keeps every column that it has."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np

from jeoul.model.series import PriceTable


def test_the_first_rows_of_a_table_are_those_of_each_of_its_columns() -> None:
    optional = [each.name for each in fields(PriceTable) if each.default is None]
    assert len(optional) >= 5
    columns = {name: np.array([[n + 1.0], [-1.0]]) for n, name in enumerate(optional)}
    days = np.array(["2026-06-25", "2026-06-26"], dtype="datetime64[D]")
    table = PriceTable(
        exchange="XKRX",
        currency="KRW",
        adjusted="raw",
        tickers=("069500",),
        sessions=days,
        known_at=np.array([1, 2]),
        close=np.array([[10.0], [11.0]]),
        **columns,
    )
    first = table.head(1)
    assert [getattr(first, name).tolist() for name in optional] == [
        [[n + 1.0]] for n in range(len(optional))
    ]
    bare = dict.fromkeys(optional)
    assert {name: getattr(PriceTable(**_plain(table)).head(1), name) for name in optional} == bare


def _plain(table: PriceTable) -> dict[str, Any]:
    return {
        each.name: getattr(table, each.name)
        for each in fields(PriceTable)
        if each.default is not None
    }
