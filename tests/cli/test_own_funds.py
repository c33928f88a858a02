"""A person's own funds, from the price files that they have to today's orders."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jeoul import api
from jeoul.account.price_events import PriceEvents

SESSIONS = api.calendars()["XKRX"].sessions
FIRST, LAST = np.datetime64("2022-12-01"), np.datetime64("2024-06-28")
DAYS = SESSIONS[(SESSIONS >= FIRST) & (SESSIONS <= LAST)]
CLOSES = (5 * (6_000 * 1.0004 ** np.arange(len(DAYS))).round()).astype(int).tolist()  # on a tick

UNIVERSE = """
schema   = 1
name     = "mine"
calendar = "XKRX"
currency = "KRW"
[members.one]
class = "first"
codes = ["0117V0"]
[members.two]
class = "second"
codes = ["465580"]
[members.three]
class = "second"
codes = ["229200"]
"""
PLAN = """
schema = 1
name   = "mine"
what   = "files that I have"
start  = 2022-12-01
store  = "store"
folder = "market"
[[prices]]
path     = "prices.csv"
what     = "closes"
exchange = "XKRX"
currency = "KRW"
source   = "csv"
tickers  = ["0117V0", "465580", "229200", "999990"]
[prices.symbols]
"0117V0" = "fdr.csv"
"465580" = "pykrx.csv"
"229200" = "krx.csv"
"999990" = "krx.csv"
"""
MANIFEST = """
schema = 1
[[file]]
path     = "prices.csv"
exchange = "XKRX"
"""


def fdr(close: int, day: Any) -> str:
    return f"{day},{close},{close},{close},{close},1000,0.0"


def pykrx(close: int, day: Any) -> str:
    return f"{day},{close},{close},{close},{close},1000,{close * 1000},0.0"


def krx(close: int, day: Any) -> str:
    return f'"{str(day).replace("-", "/")}","{close:,}","0","0.0","{close:,}","1,000"'


def rows(header: str, row: Any, *, newest_first: bool = False) -> str:
    lines = [row(close, day) for close, day in zip(CLOSES, DAYS, strict=True)]
    return "\n".join([header, *(reversed(lines) if newest_first else lines), ""])


@pytest.fixture
def mine(jeoul: Any, tmp_path: Path) -> Path:
    """A folder with a strategy over three funds that no shipped universe knows."""
    (tmp_path / "universe.toml").write_text(UNIVERSE)
    assert jeoul("new", "strategy", tmp_path / "strategy.toml").code == 0
    return tmp_path


def decided(jeoul: Any, folder: Path, data: Path) -> Any:
    options = ("--profile", "growth", "--deposit", "10000000", "--data", data, "--json")
    outcome = jeoul("decide", folder / "strategy.toml", *options)
    assert outcome.code == 0, outcome.err
    return json.loads(outcome.out)


def test_files_of_three_vendors_become_a_folder_that_orders_are_decided_on(
    jeoul: Any, mine: Path
) -> None:
    (mine / "fdr.csv").write_text(rows("Date,Open,High,Low,Close,Volume,Change", fdr))
    (mine / "pykrx.csv").write_text(rows("날짜,시가,고가,저가,종가,거래량,거래대금,등락률", pykrx))
    header = '"일자","종가","대비","등락률","시가","거래량"'
    (mine / "krx.csv").write_bytes(rows(header, krx, newest_first=True).encode("cp949"))
    (mine / "plan.toml").write_text(PLAN)
    places = ("--store", mine / "store", "--out", mine / "market")
    fetched = jeoul("fetch", mine / "plan.toml", *places, "--json")
    assert fetched.code == 0, fetched.err
    found = decided(jeoul, mine, mine / "market")
    assert {order["ticker"] for order in found["orders"]} == {"0117V0", "465580", "229200"}
    assert {order["price"] for order in found["orders"]} == {CLOSES[-1]}


def test_a_merge_of_a_csv_file_reaches_an_account_as_a_third(jeoul: Any, mine: Path) -> None:
    merged = [
        close * (3 if day == DAYS[-1] else 1) for close, day in zip(CLOSES, DAYS, strict=True)
    ]
    lines = [f"{day},{close}," for day, close in zip(DAYS, merged, strict=True)]
    text = "\n".join(["date,close,split", *lines[:-1], lines[-1] + "1:3", ""])
    for name in ("fdr", "pykrx", "krx"):
        (mine / f"{name}.csv").write_text(text)
    (mine / "plan.toml").write_text(PLAN)
    places = ("--store", mine / "store", "--out", mine / "market")
    fetched = jeoul("fetch", mine / "plan.toml", *places, "--json")
    assert (fetched.code, json.loads(fetched.out)["serious"]) == (0, [])
    events = (mine / "market" / "events-prices.csv").read_text()
    assert f"{DAYS[-1]},465580,0,1/3" in events
    found = PriceEvents(api.open_market(mine / "market").prices)
    (action,) = found.openings(DAYS[-1].astype(object), {"465580": 300})
    assert (action.shares, action.cash) == (-200, 0)


def test_a_manifest_of_a_path_and_an_exchange_is_enough(jeoul: Any, mine: Path) -> None:
    table = zip(DAYS, CLOSES, strict=True)
    lines = [f"{day},{close},{close},{close},{close}" for day, close in table]
    text = "\n".join(["date,0117V0,465580,229200,999990", *lines, ""])  # 999990 is nobody's
    (mine / "data").mkdir()
    (mine / "data" / "prices.csv").write_text(text)
    (mine / "data" / "manifest.toml").write_text(MANIFEST)
    found = decided(jeoul, mine, mine / "data")
    assert found["as_of"] == "2024-06-28"
    assert len(found["orders"]) == 3
    assert jeoul("data", mine / "data").code == 0


def test_a_folder_without_the_funds_of_a_universe_says_which(jeoul: Any, mine: Path) -> None:
    options = ("--profile", "growth", "--deposit", "10000000")
    outcome = jeoul("decide", mine / "strategy.toml", *options)  # on the sample
    assert outcome.code == 3
    assert "no price of 0117V0, 465580, 229200 is in the data" in outcome.err
