"""Real households hold single shares and funds that no strategy knows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.household.homes import home

from jeoul.errors import ConfigError
from jeoul.household.gathering.gather import gather
from jeoul.household.gathering.gathered import Gathered
from jeoul.household.problem.after import After, exposures
from jeoul.household.problem.evaluate import evaluate
from jeoul.household.problem.records import NOTHING, Moves, Position
from jeoul.korea.tables import load_rules
from jeoul.market import Market

BOOK = load_rules(2026)
KOSDAQ = "ticker,name,shares,cost,value\n229200,KODEX 코스닥150,100,12000,\nCASH,,,,1000000\n"


def gathered(market: Market, file, **asked) -> Gathered:  # type: ignore[no-untyped-def]
    return gather(file, market=market, as_of=market.last_session(), book=BOOK, **asked)


def held(found: Gathered, account: str, code: str) -> Position:
    (position,) = (each for each in found.household.positions if each.key == (account, code))
    return position


def said(found: Gathered, kind: str) -> list[dict[str, str]]:
    return [dict(note.detail) for note in found.notes if note.kind == f"household.{kind}"]


def test_a_fund_beside_the_strategy_counts_as_its_class_and_is_left_alone(
    real_market: Market, tmp_path: Path
) -> None:
    found = gathered(real_market, home(tmp_path, "general", general=KOSDAQ))
    position = held(found, "general", "229200")
    assert (position.shares, position.buyable, position.sellable) == (100, False, False)
    worth = 100 * found.prices["229200"].won
    (aim,) = found.household.aims
    assert exposures(After(found.household, NOTHING), aim)["equity_kr"] == pytest.approx(worth)
    for shares in (1, -1):
        moves = Moves(trades={position.key: shares})
        assert evaluate(found.household, moves).violations
    (note,) = said(found, "kept")
    assert note["class_ko"] == "국내주식"


def test_the_policy_may_let_a_plan_sell_it(real_market: Market, tmp_path: Path) -> None:
    """A sale is taxed as that of any fund on Korean shares: not at all."""
    policy = "[policy]\nsell_outside = true\n"
    found = gathered(real_market, home(tmp_path, "general", general=KOSDAQ, more=policy))
    position = held(found, "general", "229200")
    assert (position.buyable, position.sellable) == (False, True)
    assert evaluate(found.household, Moves(trades={position.key: -100})).cost.tax_now == 0.0
    assert said(found, "counted")


def test_the_target_is_the_same_whatever_is_held_beside_it(
    real_market: Market, tmp_path: Path
) -> None:
    plain = gathered(real_market, home(tmp_path, "general"))
    beside = gathered(real_market, home(tmp_path, "general", general=KOSDAQ))
    (one,), (other,) = plain.household.aims, beside.household.aims
    assert one.weights == other.weights


@pytest.mark.parametrize(
    ("row", "shares", "worth"),
    [
        ("005930,삼성전자,20,70000,1400000", "20", "1,400,000"),
        ("371460,TIGER 차이나전기차,10,9000,1", "10", None),  # priced: the file's value is older
        ("005935,,7,,", "7", None),
    ],
)
def test_what_no_target_knows_is_named_with_what_it_is_worth(
    real_market: Market, tmp_path: Path, row: str, shares: str, worth: str | None
) -> None:
    rows = f"ticker,name,shares,cost,value\n{row}\nCASH,,,,1000000\n"
    found = gathered(real_market, home(tmp_path, "general", general=rows))
    (note,) = said(found, "outside_worth") or said(found, "outside")
    assert (note["account"], note["count"]) == ("general", shares)
    if worth is not None:
        assert note["won"] == worth
    elif "won" in note:
        closes = real_market.as_of(found.as_of).prices
        (price,) = (t.close[-1, t.tickers.index("371460")] for t in closes if "371460" in t.tickers)
        assert note["won"] == f"{10 * price:,.0f}"
    (cash,) = found.household.accounts
    assert sum(each.shares for each in found.household.positions) == 0
    assert cash.cash == 1_000_000.0


def test_single_shares_in_dollars_are_outside_too(sample: Market, tmp_path: Path) -> None:
    rows = "ticker,shares,cost,value\nQQQ,5,300,\nAAPL,10,150,2100\nCASH,150.25,,\n"
    found = gathered(sample, home(tmp_path, "us", us=rows))
    (note,) = said(found, "outside_worth")
    assert note["won"] == f"{2_100 * float(found.prices['QQQ'].fx):,.0f}"


def test_what_an_account_may_not_hold_by_the_catalogue_counts_in_no_target(
    real_market: Market, tmp_path: Path
) -> None:
    """An IRP is barred from futures funds; one that somebody holds there all the same is named."""
    rows = "ticker,shares\n152380,5\nCASH,300000\n"
    found = gathered(real_market, home(tmp_path, "irp", irp=rows))
    (note,) = [*said(found, "outside"), *said(found, "outside_worth")]
    assert note["ticker"] == "152380"


@pytest.mark.parametrize("code", ["069510", "069501"])
def test_a_code_that_is_nearly_a_funds_is_refused(
    sample: Market, tmp_path: Path, code: str
) -> None:
    file = home(tmp_path, "general", general=f"ticker,shares\n{code},3\nCASH,1\n")
    with pytest.raises(ConfigError, match=code):
        gathered(sample, file)


def test_zeros_that_a_spreadsheet_dropped_are_said(sample: Market, tmp_path: Path) -> None:
    rows = "ticker,shares\n69500,3\nCASH,1000000\n"
    found = gathered(sample, home(tmp_path, "general", general=rows))
    assert held(found, "general", "069500").shares == 3
    assert said(found, "read_as") == [{"account": "general", "codes": "69500 → 069500"}]


def test_a_fund_that_holds_twice_its_class_counts_twice(
    real_market: Market, tmp_path: Path
) -> None:
    """KODEX 코스닥150레버리지, from the catalogue's multiple."""
    rows = "ticker,shares\n233740,100\nCASH,1000000\n"
    found = gathered(real_market, home(tmp_path, "general", general=rows))
    (fund,) = (each for each in found.household.funds if each.code == "233740")
    assert fund.exposure == {"equity_kr": 2.0, "CASH": -1.0}
    assert replace(fund, exposure={}).risk == 2.0
