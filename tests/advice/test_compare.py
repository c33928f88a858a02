"""Monthly payments through accounts: taxes by hand on simple paths, and the command."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from jeoul import api
from jeoul.advice.compare import run_route, yearly_return
from jeoul.advice.holding import FundQuote
from jeoul.advice.routes import Route
from jeoul.advice.saver import Saver
from jeoul.cli.compare_accounts import compare_accounts
from jeoul.errors import DataError, UsageError
from jeoul.korea.tables import load_rules
from jeoul.reporting.account_comparison import render

BOOK = load_rules(2026)
SAVER = Saver(monthly=1_000_000, age=45, wages=60_000_000)


def quotes(*prices: float, fx: float = 1.0) -> list[FundQuote]:
    return [
        FundQuote(date(2020 + n // 12, n % 12 + 1, 2), price, fx) for n, price in enumerate(prices)
    ]


KINDS = {"overseas": "us_etf", "share": "kr_equity_etf"}


def route(tax: str, account: str = "general", **more: Any) -> Route:
    kind = KINDS.get(tax, "krx_other_etf")
    return Route(name=tax, ticker="X", account=account, kind=kind, **more)


def run(tax: str, prices: list[FundQuote], account: str = "general", **more: Any) -> Any:
    return run_route(BOOK, SAVER, route(tax, account, **more), prices)


DOUBLED = quotes(100, 100, 200)
"""Two payments of 1 M, both doubled: value 4 M, gain 2 M."""


def test_an_ordinary_account_is_taxed_on_every_lot() -> None:
    found = run("holding", DOUBLED)
    assert (found.paid, found.value) == (2_000_000, 4_000_000)
    assert found.tax == 308_000  # 2 x 1,000,000 x 15.4 %
    assert found.after_tax == 3_692_000


def test_a_lot_with_a_loss_helps_no_other_lot() -> None:
    """Bought at 100 and at 400, sold at 200: + 1 M and - 500,000, taxed on 1 M."""
    assert run("holding", quotes(100, 400, 200)).tax == 154_000


def test_inside_an_isa_the_loss_helps() -> None:
    """18 lots gain 500,000 each and 18 lose 250,000: 9 M - 4.5 M - 2 M = 2.5 M x 9.9 %, where an
    ordinary account pays 15.4 % of 9 M."""
    prices = quotes(*[100] * 18, *[200] * 18, 150)
    assert run("isa", prices, "isa").tax == 247_500
    assert run("holding", prices).tax == 1_386_000


def test_an_isa_below_three_years_is_an_ordinary_account() -> None:
    prices = quotes(*[100] * 17, *[200] * 18, 150)  # 35 payments
    assert run("isa", prices, "isa").tax == run("holding", prices).tax == 17 * 77_000


def test_korean_shares_are_untaxed() -> None:
    assert run("share", DOUBLED).tax == 0


def test_a_foreign_listing_is_taxed_after_the_deduction() -> None:
    """Two payments at 100, sold at 400: gain 6 M - 2.5 M = 3.5 M x 22 %."""
    assert run("overseas", quotes(100, 100, 400)).tax == 770_000


def test_the_exchange_rate_is_part_of_the_gain() -> None:
    """The price stands still and the dollar doubles: the won gain is 2 M, below the deduction."""
    days = quotes(100, 100, 100)
    moved = [days[0]._replace(fx=1000), days[1]._replace(fx=1000), days[2]._replace(fx=2000)]
    found = run("overseas", moved)
    assert (found.value, found.tax) == (4_000_000, 0)


def test_changing_money_costs_at_both_ends() -> None:
    """1 % each way: 0.99 x 0.99 of the value."""
    found = run("overseas", DOUBLED, fx_cost=0.01)
    assert found.value == pytest.approx(4_000_000 * 0.9801, abs=1)


def test_a_pension_is_credited_and_drawn_over_ten_years() -> None:
    """12 x 1 M: base 6 M x 13.2 % = 792,000. Price unchanged: credited 6 M / 10 = 600,000 a year
    at 5.5 % = 33,000, ten times."""
    found = run("pension", quotes(*[100] * 13), "pension_savings")
    assert (found.credits, found.tax) == (792_000, 330_000)


def test_who_has_no_wages_is_credited_by_the_income_that_is_given() -> None:
    """6 M x 13.2 % above 45 M of income, 6 M x 16.5 % up to it."""
    prices = quotes(*[100] * 13)
    for income, credits in ((45_000_001, 792_000), (45_000_000, 990_000)):
        saver = replace(SAVER, wages=0, other_income=income)
        found = run_route(BOOK, saver, route("pension", "pension_savings"), prices)
        assert found.credits == credits


def test_above_20_million_the_comprehensive_tax_is_added() -> None:
    """24 payments of 1 M, doubled: gain 24 M. Beside 100 M of income: 4 M at 35 - 14 %."""
    saver = replace(SAVER, other_income=100_000_000)
    found = run_route(BOOK, saver, route("holding"), quotes(*[100] * 24, 200))
    withheld = 24 * 154_000
    assert found.tax == withheld + 840_000 + 84_000


def test_an_account_takes_no_more_than_the_law_allows() -> None:
    saver = replace(SAVER, monthly=0, lump=20_000_001)
    with pytest.raises(UsageError, match="1 more than isa take"):
        run_route(BOOK, saver, route("isa", "isa"), DOUBLED)


def test_prices_that_are_none_are_refused() -> None:
    with pytest.raises(UsageError, match="prices above zero"):
        run("share", quotes(100, 0, 100))


def test_the_return_of_a_known_path() -> None:
    """One payment that doubles in 366 days: 1 / (366 / 365.2425) years, so just below 100 %."""
    days = [FundQuote(date(2020, 1, 1), 100.0), FundQuote(date(2021, 1, 1), 200.0)]
    found = run("share", days)
    assert yearly_return(found) == pytest.approx(2 ** (365.2425 / 366) - 1, abs=1e-9)


def test_the_return_counts_each_payment_from_its_own_day() -> None:
    """1 M three years and 1 M two years before the end grow to 2.42 M together."""
    days = [date(2019, 1, 1), date(2020, 1, 1), date(2022, 1, 1)]
    found = run(
        "share", [FundQuote(days[0], 100.0), FundQuote(days[1], 100.0), FundQuote(days[2], 121.0)]
    )
    years = [(days[2] - day).days / 365.2425 for day in days[:2]]
    assert found.after_tax == 2_420_000
    rate = yearly_return(found)
    assert sum((1 + rate) ** each for each in years) == pytest.approx(2.42, abs=1e-9)


def test_distributions_are_taxed_as_they_come() -> None:
    days = [FundQuote(date(2020, 1, 1), 100.0), FundQuote(date(2021, 1, 1), 100.0)]
    found = run("share", days, distribution=0.10, distribution_tax=0.154)
    assert found.value == pytest.approx(1_000_000 * (1 - 0.0154), rel=1e-4)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_page_has_its_routes_and_is_escaped(language: str) -> None:
    days = quotes(*range(100, 137))
    results = [
        run_route(BOOK, replace(SAVER, monthly=100_000), route("share", title=title), days)
        for title in ("A & B", "C")
    ]
    page = render(language, results, ["<remark> & more"])
    # One line for both routes, which differ by their taxes at most, and what was paid in.
    assert len(re.findall(r'<path class="track s\d" d="M\d+ \d+l', page)) == 2
    assert "A &amp; B" in page
    assert "&lt;remark&gt; &amp; more" in page


# --- the command ---


def test_the_sample_market_says_that_it_is_simulated(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    result = CliRunner().invoke(
        compare_accounts, ["--years", "3", "--lang", "en", "--out", str(page)]
    )
    assert result.exit_code == 0, result.exception
    assert "simulated" in result.stdout
    assert "not tax advice" in result.stdout
    assert "Simulated data" in page.read_text("utf-8")


def test_too_few_months_are_refused() -> None:
    result = CliRunner().invoke(compare_accounts, ["--years", "40"])
    assert isinstance(result.exception, DataError)
    assert "give fewer --years" in str(result.exception)


@pytest.fixture(scope="module")
def real() -> dict[str, dict[str, object]]:
    folder = os.environ.get("JEOUL_MARKET")
    if not folder:
        pytest.skip("JEOUL_MARKET names no market folder")
    result = CliRunner().invoke(compare_accounts, ["--data", folder, "--json"])
    assert result.exit_code == 0, result.exception
    return {entry["name"]: entry for entry in json.loads(result.stdout)["routes"]}


def test_on_real_prices_the_deduction_used_every_december_saves(real: Any) -> None:
    assert real["us_yearly"]["value"] == real["us"]["value"]
    assert real["us_yearly"]["after_tax"] > real["us"]["after_tax"]


def test_on_real_prices_every_route_pays_the_same_money(real: Any) -> None:
    assert {entry["paid"] for entry in real.values()} == {12_000_000}
    assert {entry["first"] for entry in real.values()} == {"2014-06-02"}


def test_on_real_prices_the_same_fund_keeps_more_in_an_isa_and_most_in_a_pension(real: Any) -> None:
    after = {name: entry["after_tax"] for name, entry in real.items()}
    assert after["general"] < after["isa"] < after["pension"]


def test_on_real_prices_us_and_krx_listings_of_one_index_agree_before_tax(real: Any) -> None:
    assert real["us"]["value"] == pytest.approx(real["general"]["value"], rel=0.05)


# --- the command with one's own money ---


def routes_of(*words: str) -> dict[str, Any]:
    result = CliRunner().invoke(compare_accounts, ["--json", "--years", "3", *words])
    assert result.exit_code == 0, result.exception
    return {entry["name"]: entry for entry in json.loads(result.stdout)["routes"]}


def test_own_funds_go_through_every_account_that_may_hold_them() -> None:
    found = routes_of("--fund", "133690", "--fund", "QQQ")
    assert list(found) == [
        "133690:general",
        "133690:isa",
        "133690:pension_savings",
        "QQQ:general",
        "QQQ:general:yearly",
    ]


def test_money_above_the_room_is_in_the_next_account() -> None:
    entry = routes_of("--fund", "133690:isa+general", "--monthly", "5000000")["133690:isa+general"]
    assert [part["kind"] for part in entry["accounts"]] == ["isa", "general"]
    assert sum(part["paid"] for part in entry["accounts"]) == entry["paid"] == 180_000_000


def test_a_price_file_is_a_fund(tmp_path: Path) -> None:
    lines = [f"{2021 + n // 12}-{n % 12 + 1:02d}-05,{100 + n}" for n in range(37)]
    path = tmp_path / "mine.csv"
    path.write_text("\n".join(["date,mine", *lines]), "utf-8")
    found = routes_of("--fund", f"{path}:general", "--monthly", "0", "--lump", "1000000")
    entry = found["mine:general"]
    assert (entry["payment"], entry["value"]) == ("once", 1_360_000)
    assert entry["tax"] == 55_440  # 360,000 x 15.4 %


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--fund", "133690:cma"], "'cma' is not an account"),
        (["--fund", "QQQ:isa"], "cannot be held in isa"),
        (["--fund", "133690:general+isa"], "name it last"),
        (["--fund", "nowhere.csv"], "there is no such file; check the name"),
        (["--fund", "999999"], "price file"),
        (["--monthly", "0"], "above zero"),
    ],
)
def test_what_cannot_be_compared_is_said_with_its_remedy(words: list[str], told: str) -> None:
    result = CliRunner().invoke(compare_accounts, ["--years", "3", *words])
    assert told in str(result.exception)


OWN_MARKET = """schema = 1
last = 2024-01-02
[[file]]
path = "prices.csv"
what = "closes"
index = "date"
currency = "KRW"
exchange = "XKRX"
adjusted = "raw"
known = { at = "XKRX close", lag = 0 }
"""


@pytest.mark.parametrize("ticker", ["122630", "123320"])  # of a universe, of the catalogue alone
def test_a_geared_fund_is_compared_only_where_it_may_be_held(ticker: str, tmp_path: Path) -> None:
    calendar = api.calendars()["XKRX"].sessions
    first, last = np.datetime64("2020-06-01"), np.datetime64("2024-01-02")
    days = calendar[(calendar >= first) & (calendar <= last)]
    prices = [f"date,{ticker}", *(f"{day},{10_000 + 5 * n}" for n, day in enumerate(days))]
    (tmp_path / "prices.csv").write_text("\n".join(prices), "utf-8")
    (tmp_path / "manifest.toml").write_text(OWN_MARKET, "utf-8")
    found = routes_of("--data", str(tmp_path), "--fund", ticker, "--monthly", "3000000")
    assert list(found) == [f"{ticker}:general", f"{ticker}:isa"]
    accounts = {part["kind"] for entry in found.values() for part in entry["accounts"]}
    assert accounts == {"general", "isa"}


def test_a_rate_that_is_none_is_refused() -> None:
    result = CliRunner().invoke(compare_accounts, ["--yield", "133690=6%"])
    assert result.exit_code == 2
    assert "133690=0.006" in result.output


def test_a_strategy_keeps_less_of_its_value_in_an_ordinary_account(tmp_path: Path) -> None:
    words = ["--fund", "069500:general", "--strategy", "static", "--trials", str(tmp_path / "t")]
    found = routes_of(*words)
    general, isa = found["static:general"], found["static:isa"]
    assert general["paid"] == isa["paid"] == 3_600_000
    assert general["value"] <= isa["value"]
    assert {"static:general", "static:isa", "static:pension_savings"} < set(found)
