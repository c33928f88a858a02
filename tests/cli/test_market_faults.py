"""What is wrong with a market folder reaches every command that reads it."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from jeoul import api, assets
from jeoul.errors import BadMarketData
from jeoul.market import Market

PAPER = """
schema = 1
name = "paper"
strategy = "static"
profile = "balanced"
state = "state"
lang = "en"

[data]
folder = "market"

[broker]
kind = "paper"
cash = 100_000_000
"""
TICKET = PAPER.replace('kind = "paper"\ncash = 100_000_000', 'kind = "ticket"\nholdings = "h.csv"')

Rows = list[list[str]]
Edit = Callable[[Rows], Rows]


@pytest.fixture
def edited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Copy the embedded sample with one file edited, and stand beside it with a config."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "paper.toml").write_text(PAPER)

    def copy(edit: Edit, name: str = "prices-kr.csv") -> Path:
        folder = tmp_path / "market"
        shutil.copytree(assets.data("sample"), folder)
        rows = edit(list(csv.reader((folder / name).read_text("utf-8").splitlines())))
        (folder / name).write_text("".join(",".join(row) + "\n" for row in rows), "utf-8")
        return folder

    return copy


def commands(folder: Path) -> dict[str, list[object]]:
    held = ["--profile", "balanced", "--data", folder]
    return {
        "data": ["data", folder, "--json", "--lang", "en"],
        "decide": ["decide", "static", *held, "--deposit", 100_000_000, "--json", "--lang", "en"],
        "report": ["report", "static", *held, "--json", "--lang", "en"],
        "backtest": [
            *("backtest", "static", *held, "--from", "2025-01-02", "--trials", "t.sqlite"),
            *("--json", "--lang", "en"),
        ],
        "run": ["run", "paper.toml"],
    }


def a_day_earlier(rows: Rows) -> Rows:
    days = [str(date.fromisoformat(row[0]) - timedelta(days=1)) for row in rows[1:]]
    return [rows[0], *([day, *row[1:]] for day, row in zip(days, rows[1:], strict=True))]


def newest_a_day_earlier(rows: Rows) -> Rows:
    return [*rows[:-30], *a_day_earlier([rows[0], *rows[-30:]])[1:]]


def a_day_later(rows: Rows) -> Rows:
    days = [str(date.fromisoformat(row[0]) + timedelta(days=1)) for row in rows[1:-1]]
    return [rows[0], *([day, *row[1:]] for day, row in zip(days, rows[1:-1], strict=True))]


def frozen(ticker: str, sessions: int = 62) -> Edit:
    def edit(rows: Rows) -> Rows:
        column = rows[0].index(ticker)
        for row in rows[-sessions:]:
            row[column] = rows[-sessions][column]
        return rows

    return edit


def newest_empty(ticker: str) -> Edit:
    def edit(rows: Rows) -> Rows:
        rows[-1][rows[0].index(ticker)] = ""
        return rows

    return edit


def an_inner_close_halved(rows: Rows) -> Rows:
    column = rows[0].index("069500")
    for row in rows[-3000:-2999]:  # long before any lookback of today
        row[column] = str(int(row[column]) // 2)
    return rows


def halved(ticker: str) -> Edit:
    def edit(rows: Rows) -> Rows:
        column = rows[0].index(ticker)
        rows[-40][column] = str(int(rows[-40][column]) // 2)
        return rows

    return edit


def shorter(rows: Rows) -> Rows:
    return rows[:-60]


STUDIES = {
    "report": ("report", "static", "--profile", "balanced"),
    "backtest": ("backtest", "static", "--profile", "balanced"),
    "compare": ("compare", "static", "--profile", "balanced", "--set", "rebalance.cost=0.01"),
    "sweep": ("sweep", "static", "--profile", "balanced", "--grid", "rebalance.cost=0.01,0.02"),
    "evidence": ("evidence", "static"),
    "promises": ("promises", "static", "--profile", "balanced"),
    "guard": ("guard", "managed", "--profile", "balanced"),
    "forward": ("forward", "show", "static"),
}


@pytest.mark.parametrize("name", STUDIES)
def test_a_study_refuses_a_history_that_is_wrong(
    jeoul: Any, edited: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The decision of today does not see a price of years ago; what is shown of the past does."""
    folder = edited(an_inner_close_halved)
    monkeypatch.chdir(folder.parent)
    monkeypatch.setenv("XDG_STATE_HOME", str(folder.parent))
    found = jeoul(*STUDIES[name], "--data", folder, "--json")
    assert (found.code, json.loads(found.out)["error"]) == (3, "BadMarketData")
    assert "069500" in found.err


LATELY = {"compare": ("--from", "2023-01-02"), "sweep": ("--from", "2023-01-02")}  # enough to tell


@pytest.mark.parametrize(
    "name",
    ["compare", "sweep", "promises", "guard", pytest.param("evidence", marks=pytest.mark.slow)],
)
def test_a_study_tells_of_a_close_that_does_not_move(
    jeoul: Any, edited: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = edited(frozen("069500"))
    monkeypatch.chdir(folder.parent)
    monkeypatch.setenv("XDG_STATE_HOME", str(folder.parent))
    words = (*STUDIES[name], *LATELY.get(name, ()))
    found = json.loads(jeoul(*words, "--data", folder, "--json", "--lang", "en").out)
    said = [f["message"] for f in found["findings"] if f["subject"] == "069500"]
    assert any("the close has not moved" in text for text in said)
    assert found["other_findings"] >= 0


ACCOUNT = assets.root() / "configs" / "account-example.toml"
VERBS: dict[str, tuple[Edit, Callable[[Market], object]]] = {
    "backtest": (an_inner_close_halved, lambda m: api.backtest("static", "balanced", m)),
    "account_backtest": (
        an_inner_close_halved,
        lambda m: api.account_backtest("static", "balanced", m, ACCOUNT),
    ),
    "frontier": (halved("069500"), lambda m: api.frontier("managed", "balanced", m)),
}


@pytest.mark.parametrize("name", VERBS)
def test_the_library_refuses_what_the_commands_refuse(edited: Any, name: str) -> None:
    edit, verb = VERBS[name]
    market = api.open_market(edited(edit))
    with pytest.raises(BadMarketData, match="069500"):
        verb(market)


def test_a_backtest_that_begins_after_a_wrong_price_is_made(edited: Any) -> None:
    market = api.open_market(edited(an_inner_close_halved))
    run = api.backtest("static", "balanced", market, start="2024-01-02", end="2024-03-29")
    assert len(run.nav) == len(run.sessions)


def test_what_if_refuses_a_history_that_is_wrong(edited: Any) -> None:
    from jeoul.web.trying import bench_of

    with pytest.raises(BadMarketData, match="069500"):
        bench_of("static", "balanced", edited(an_inner_close_halved))


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (a_day_earlier, "rows on Sundays and none on the Fridays after them"),
        (newest_a_day_earlier, "rows on Sundays and none on the Fridays after them"),
        (a_day_later, "rows on Saturdays and none on the Mondays before them"),
    ],
)
def test_every_command_refuses_dates_that_are_a_day_off(
    jeoul: Any, edited: Any, edit: Edit, said: str
) -> None:
    for name, arguments in commands(edited(edit)).items():
        found = jeoul(*arguments)
        text = found.out if name == "run" else found.err
        assert (found.code, said in text) == (3, True), (name, found)


def test_a_series_a_day_early_is_refused_too(jeoul: Any, edited: Any) -> None:
    found = jeoul("data", edited(a_day_earlier, "signals.csv"))
    assert found.code == 3
    assert "signals.csv:2: vix: has rows on Sundays" in found.err


def test_a_close_that_does_not_move_is_told_everywhere_and_nothing_is_ordered_at_it(
    jeoul: Any, edited: Any
) -> None:
    found = {}
    for name, arguments in commands(edited(frozen("069500"))).items():
        outcome = jeoul(*arguments)
        assert outcome.code == 0, (name, outcome)
        found[name] = json.loads(outcome.out)
    said = "the close has not moved"
    for name in ("data", "decide", "backtest"):
        texts = [f.get("message") or f["text"] for f in found[name]["findings"]]
        assert any(said in text for text in texts), name
    for profile in found["report"]["profiles"]:
        assert any(said in f["message"] for f in profile["findings"])
    assert any(said in text for text in found["run"]["findings"])
    ordered = {order["ticker"] for order in found["decide"]["orders"]}
    ordered |= {order["ticker"] for order in found["run"]["orders"]}
    assert "069500" not in ordered
    assert "102110" in ordered  # the substitute of the same index


def test_a_frozen_fund_of_which_there_is_no_other_is_left_out(jeoul: Any, edited: Any) -> None:
    found = json.loads(jeoul(*commands(edited(frozen("161510")))["decide"]).out)
    assert {f["subject"] for f in found["findings"] if "has not moved" in f["message"]} == {
        "161510"
    }
    assert "161510" not in {order["ticker"] for order in found["orders"]}


def test_an_order_says_the_day_of_its_price(jeoul: Any, edited: Any) -> None:
    folder = edited(newest_empty("069500"))
    decided = json.loads(jeoul(*commands(folder)["decide"]).out)
    ran = json.loads(jeoul(*commands(folder)["run"]).out)
    for document in (decided, ran):
        days = {order["ticker"]: order["priced"] for order in document["orders"]}
        assert days.pop("069500") == "2026-06-29"
        assert set(days.values()) == {"2026-06-30"}
    said = [f["message"] for f in decided["findings"] if f["subject"] == "069500"]
    assert any(message.startswith("the newest price is of this day") for message in said)
    shown = [argument for argument in commands(folder)["decide"] if argument != "--json"]
    (line,) = [line for line in jeoul(*shown).out.splitlines() if " 069500 " in line]
    assert "2026-06-29" in line.split()


def test_an_unadjusted_split_stops_every_command_that_would_trade_the_fund(
    jeoul: Any, edited: Any
) -> None:
    arguments = commands(edited(halved("069500")))
    for name in ("decide", "report", "backtest", "run"):
        found = jeoul(*arguments[name])
        assert found.code == 3, name
        assert "beyond the daily limit of 30%" in found.out + found.err
    (serious,) = {
        f["subject"]
        for f in json.loads(jeoul(*arguments["data"]).out)["findings"]
        if f["severity"] == "serious"
    }
    assert serious == "069500"


def test_a_distribution_in_the_wrong_currency_stops_a_decision(jeoul: Any, edited: Any) -> None:
    def times_the_exchange_rate(rows: Rows) -> Rows:
        newest = max(i for i, row in enumerate(rows) if row[1] == "360750")
        rows[newest][2] = str(float(rows[newest][2]) * 1380)
        return rows

    found = jeoul(*commands(edited(times_the_exchange_rate, "events-kr.csv"))["decide"])
    assert found.code == 3
    assert "360750" in found.err


def test_old_prices_are_called_old_and_no_order_is_given_on_them(
    jeoul: Any, edited: Any, tmp_path: Path
) -> None:
    arguments = commands(edited(shorter))
    for name in ("decide", "report", "run"):
        assert json.loads(jeoul(*arguments[name]).out)["newest_price"]["sessions_old"] > 60
        shown = jeoul(*(argument for argument in arguments[name] if argument != "--json"))
        assert "The newest price in the data is of 2026-04-01" in shown.out + shown.err
    (tmp_path / "h.csv").write_text("ticker,shares\nCASH,1000000\n")
    (tmp_path / "paper.toml").write_text(TICKET)
    found = jeoul(*arguments["run"], "--execute")
    assert found.code == 3
    assert "A run orders only on the session after its newest price" in found.out


def test_only_findings_that_touch_a_decision_are_shown_beside_it(
    jeoul: Any, market_folder: Path
) -> None:
    """The real folder has 117 findings; most are about funds that are not held, or years ago."""
    held = ("--profile", "balanced", "--data", market_folder, "--json", "--lang", "en")
    decided = json.loads(jeoul("decide", "managed", *held, "--deposit", 10_000_000).out)
    total = len(json.loads(jeoul("data", market_folder, "--json").out)["findings"])
    of_market = [f for f in decided["findings"] if f["kind"] != "finding.substitute"]
    of_market = [f for f in of_market if f["kind"] != "finding.left_out"]
    assert len(of_market) < 25
    assert min(f["date"] for f in of_market) > "2021-01-01"
    assert decided["other_findings"] + len(of_market) <= total
    assert decided["other_findings"] > 70


def test_a_fund_that_only_the_account_holds_brings_its_findings(
    jeoul: Any, edited: Any, tmp_path: Path
) -> None:
    folder = edited(frozen("379810", 10))
    rows = (folder / "prices-kr.csv").read_text("utf-8").splitlines()
    column = rows[0].split(",").index("379810")
    cells = rows[-20].split(",")
    cells[column] = ""
    rows[-20] = ",".join(cells)
    (folder / "prices-kr.csv").write_text("\n".join(rows) + "\n", "utf-8")
    (tmp_path / "h.csv").write_text("ticker,shares\n379810,10\nCASH,5000000\n")
    command = commands(folder)["decide"]
    without = json.loads(jeoul(*command).out)
    holding = json.loads(jeoul(*command, "--holdings", "h.csv").out)
    assert "379810" not in {f["subject"] for f in without["findings"]}
    assert "379810" in {f["subject"] for f in holding["findings"]}
    assert holding["other_findings"] == without["other_findings"] - 1
