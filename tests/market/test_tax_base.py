"""Taxable base prices and the taxed part of distributions, as a market folder gives them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from jeoul import api
from jeoul.errors import DataError
from jeoul.market.coverage import coverage
from jeoul.market.market import open_market

MANIFEST = """schema = 1
last = 2024-06-05
[[file]]
path = "prices.csv"
exchange = "XKRX"
[[file]]
path = "events.csv"
events_of = "prices.csv"
[[file]]
path = "base.csv"
tax_base_of = "prices.csv"
"""
PRICES = "date,069500,360750\n2024-06-03,100,200\n2024-06-04,101,201\n2024-06-05,102,202\n"
EVENTS = "date,ticker,dividend,split,taxable\n2024-06-04,069500,5,1,3\n2024-06-05,360750,4,1,\n"
BASE = "date,360750\n2024-06-03,199.5\n2024-06-05,201.25\n"


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    def write(**files: str) -> Path:
        texts = {"manifest": MANIFEST, "prices": PRICES, "events": EVENTS, "base": BASE} | files
        for name, text in texts.items():
            ending = "toml" if name == "manifest" else "csv"
            (tmp_path / f"{name}.{ending}").write_text(text, "utf-8")
        return tmp_path

    return write


def test_base_prices_stand_beside_their_closes(folder: Callable[..., Path]) -> None:
    (table,) = open_market(folder()).prices
    assert table.tax_base is not None
    assert np.isnan(table.tax_base[:, 0]).all()
    assert table.tax_base[[0, 2], 1].tolist() == [199.5, 201.25]
    assert np.isnan(table.tax_base[1, 1])


def test_a_distribution_says_which_part_of_it_is_taxed(folder: Callable[..., Path]) -> None:
    (table,) = open_market(folder()).prices
    assert table.taxable is not None
    assert table.taxable[1, 0] == 3
    assert np.isnan(table.taxable[2, 1]), "left empty: all of it is taxed"


def test_a_decision_sees_no_later_base_price(folder: Callable[..., Path]) -> None:
    (table,) = open_market(folder()).as_of(date(2024, 6, 4)).prices
    assert table.tax_base is not None
    assert len(table.tax_base) == 2


def test_a_folder_without_them_has_none(folder: Callable[..., Path]) -> None:
    plain = MANIFEST[: MANIFEST.rindex("[[file]]")]
    (table,) = open_market(
        folder(manifest=plain, events="date,ticker,dividend,split\n2024-06-04,069500,5,1\n")
    ).prices
    assert table.tax_base is None
    assert table.taxable is None


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"base": "date,999999\n2024-06-03,1\n"}, "base.csv:1: 999999: is not a column of the"),
        ({"base": "date,360750\n2024-06-02,1\n"}, "base.csv:2: date: 2024-06-02 is not a session"),
        ({"base": "date,360750\n2024-06-03,0\n"}, "base.csv:2: 360750: 0 is not a price or value"),
        (
            {"events": "date,ticker,dividend,split,taxable\n2024-06-04,069500,5,1,6\n"},
            "events.csv:2: taxable: '6' is not a part of the dividend; write 0 to 5",
        ),
        (
            {"manifest": MANIFEST.replace('tax_base_of = "prices.csv"', 'tax_base_of = "x.csv"')},
            "tax_base_of: 'x.csv' is not a raw price file",
        ),
    ],
)
def test_what_cannot_be_a_base_price_is_refused(
    folder: Callable[..., Path], files: dict[str, str], says: str
) -> None:
    with pytest.raises(DataError) as caught:
        open_market(folder(**files))
    assert says in str(caught.value)


def test_the_sample_simulates_base_prices() -> None:
    """A fund of foreign shares is taxed on its whole gain, one of Korean shares on none of it."""
    table = next(t for t in api.open_market(None).prices if t.exchange == "XKRX")
    assert table.tax_base is not None
    foreign, korean = table.tickers.index("360750"), table.tickers.index("069500")
    first = int(np.flatnonzero(~np.isnan(table.tax_base[:, korean]))[0])
    assert str(table.sessions[first]) == "2016-07-01"
    rise = table.tax_base[-1] / table.tax_base[first]
    price = table.close[-1] / table.close[first]
    assert rise[foreign] == pytest.approx(price[foreign], rel=0.02)
    assert rise[korean] < 1 < price[korean]


def test_the_coverage_says_how_far_base_prices_reach(folder: Callable[..., Path]) -> None:
    market = open_market(folder())
    (row,) = (found for found in coverage(market, ()) if found.group == "tax_base")
    assert (row.name, row.rows, row.missing) == ("360750", 2, 1)
    assert (row.first, row.last) == (date(2024, 6, 3), date(2024, 6, 5))


def test_a_net_asset_value_of_zero_is_unknown_and_one_of_a_holiday_is_refused(
    folder: Callable[..., Path],
) -> None:
    nav = MANIFEST.replace("tax_base_of", "nav_of")
    (table,) = open_market(
        folder(manifest=nav, base="date,360750\n2024-06-03,199.5\n2024-06-04,0\n2024-06-05,-3\n")
    ).prices
    assert table.nav is not None
    assert table.nav[0, 1] == 199.5
    assert np.isnan(table.nav[1:, 1]).all()
    with pytest.raises(DataError, match="2024-06-02 is not a session"):
        open_market(folder(manifest=nav, base="date,360750\n2024-06-02,1\n"))
    (row,) = (f for f in coverage(open_market(folder(manifest=nav)), ()) if f.group == "nav")
    assert (row.name, row.rows) == ("360750", 2)
