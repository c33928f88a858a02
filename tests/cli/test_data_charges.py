"""What ``jeoul data`` shows of the charges of proxies."""

from __future__ import annotations

import json
from copy import copy
from datetime import date
from typing import Any

import pytest

from jeoul.cli.data_charges import charged_proxies, charges_document, charges_grid


def test_a_folder_of_adjusted_closes_pays_by_yields(real_market: Any) -> None:
    found = {(each.universe, each.column): each for each in charged_proxies(real_market)}
    assert found["krx-core", "SPY"].tax == pytest.approx(0.15 * 0.0151)
    assert found["krx-core", "ACWI"].year == 2021
    assert found["krx-core", "GLD"].tax == 0.0
    rows = {row["column"]: row for row in charges_document(list(found.values()))}
    assert json.loads(json.dumps(rows)) == rows
    assert rows["kr10y"]["correction"]["to"] == "2024-06-28"
    assert rows["EFA"]["withholding"] == 0.0
    assert rows["SPY"]["correction"] is None


def test_a_folder_with_distributions_pays_from_each_of_them(sample: Any) -> None:
    found = {each.column: each for each in charged_proxies(sample)}
    assert found["SPY"].tax is None
    assert found["GLD"].tax == 0.0  # none is due, so none is announced
    assert "SCHD" not in found  # the sample has no such prices


def test_a_folder_that_ends_before_the_second_yield_shows_the_tax_that_its_levels_pay(
    real_market: Any,
) -> None:
    """Before the second year of yields the first counts, in the levels and in the table."""
    short = copy(real_market)
    short.last = date(2001, 6, 29)
    found = [each for each in charged_proxies(short) if each.charges.yields]
    assert any(each.charges.yields[0][0] > 2001 and each.charges.kept < 1.0 for each in found)
    assert [each.tax for each in found] == [each.charges.withheld(2001) for each in found]


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_table_says_where_nothing_is_taken(real_market: Any, lang: str) -> None:
    grid = charges_grid(charged_proxies(real_market), lang)
    assert len(grid.heads) == len(grid.rows[0]) == 7
    gold = next(row for row in grid.rows if row[1] == "GLD")
    assert gold[2:] == ("·", "·", "0.190%", "·", "·")
    assert any(row[1] == "kr10y" and row[5:] == ("-0.54%", "0.22%") for row in grid.rows)
