"""A household buys no fund too far above its net asset value, in any of its accounts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.household.homes import home

from jeoul.household.gathering.gather import gather
from jeoul.household.gathering.gathered import Gathered
from jeoul.korea.tables import load_rules
from jeoul.market import Market

BOOK = load_rules(2026)
FUND = "069500"


def gathered(market: Market, folder: Path, times: float) -> Gathered:
    """Return the household of a folder, with a fund's net asset value of the last day changed."""
    tables = []
    for table in market.prices:
        if table.nav is not None:
            nav = table.nav.copy()
            nav[-1, table.tickers.index(FUND)] *= times
            table = replace(table, nav=nav)  # noqa: PLW2901  the same table, changed
        tables.append(table)
    market = market.with_prices(tables)
    return gather(home(folder), market=market, as_of=market.last_session(), book=BOOK)


def buyers(found: Gathered) -> set[str]:
    return {e.account for e in found.household.positions if e.fund == FUND and e.buyable}


def test_no_account_may_buy_a_fund_that_is_too_dear(sample: Market, tmp_path: Path) -> None:
    usual, dear = gathered(sample, tmp_path, 1.0), gathered(sample, tmp_path, 0.97)
    assert "general" in buyers(usual)
    assert not buyers(dear)
    (note,) = (dict(each.detail) for each in dear.notes if each.kind == "household.premium")
    assert (note["ticker"], note["limit"]) == (FUND, "1.0%")
    assert float(note["premium"].strip("+%")) > 2
    assert not [each for each in usual.notes if each.kind == "household.premium"]


def test_a_holding_that_is_too_dear_can_still_be_sold(sample: Market, tmp_path: Path) -> None:
    found = gathered(sample, tmp_path, 0.97)
    (held,) = (e for e in found.household.positions if (e.account, e.fund) == ("general", FUND))
    assert (held.shares, held.sellable, held.buyable) == (30, True, False)


def test_an_unknown_value_is_said_and_bars_nothing(sample: Market, tmp_path: Path) -> None:
    found = gathered(sample, tmp_path, float("nan"))
    assert "general" in buyers(found)
    (note,) = (dict(each.detail) for each in found.notes if each.kind == "household.nav_unknown")
    assert (note["ticker"], note["newest"]) == (FUND, "2026-06-29")
