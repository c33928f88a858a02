"""backtest, compare and sweep from the command line, on the sample."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from jeoul.cli.backtest import backtest
from jeoul.cli.compare import compare
from jeoul.cli.sweep import AllRefused, sweep
from jeoul.errors import UsageError

GRID = ("--grid", "overlay.vix.scale=0.3,0.9", "--grid", "rebalance.band=0.02,0.05")


@pytest.fixture
def ask(tmp_path: Path) -> Any:
    """Run a command with its own ledger; return what it printed."""

    def run(command: Any, *words: Any) -> Any:
        args = [*words, "--profile", "balanced", "--trials", str(tmp_path / "trials.sqlite")]
        found = CliRunner().invoke(command, args, catch_exceptions=False)
        assert found.exit_code == 0, found.output
        return found.output

    return run


def test_a_backtest_is_counted_and_deflated(ask: Any) -> None:
    words = ("managed", "--from", "2008-01-02", "--to", "2023-12-28", "--json")
    first = json.loads(ask(backtest, *words))
    assert first["equity"][0] == ["2008-01-02", 1.0]
    assert first["equity"][-1][0] == "2023-12-28"
    assert (first["trial"], first["trials"]) == (1, 1)
    assert 0.0 < first["deflated_sharpe"] < 1.0
    assert first["simulated"] is True
    assert first["metrics"]["from"] == "2008-01-02"
    assert first["trades"] > 150
    assert json.loads(ask(backtest, *words)) == first
    other = json.loads(ask(backtest, "managed", "--json"))
    assert (other["trial"], other["trials"]) == (2, 2)


@pytest.mark.parametrize(("lang", "word"), [("ko", "번째"), ("en", "This is trial 1 of 1")])
def test_a_backtest_is_told_in_both_languages(ask: Any, lang: str, word: str) -> None:
    said = ask(backtest, "static", "--lang", lang)
    assert word in said
    assert "None" not in said


@pytest.mark.parametrize(("lang", "word"), [("ko", "금액가중"), ("en", "Money-weighted")])
def test_an_account_is_run_beside_the_model(ask: Any, tmp_path: Path, lang: str, word: str) -> None:
    file = tmp_path / "account.toml"
    file.write_text(
        'schema = 1\nname = "mine"\ncash = 20_000_000\n[[deposits]]\namount = 300_000\n'
        'every = "month"\nfrom = 2019-01-25\n[[withdrawals]]\namount = 5_000_000\n'
        'every = "once"\nfrom = 2019-06-03\n',
        "utf-8",
    )
    words = ("managed", "--from", "2019-01-02", "--to", "2020-01-02", "--account-file", str(file))
    assert word in ask(backtest, *words, "--lang", lang)
    found = json.loads(ask(backtest, *words, "--json"))
    assert (found["account"], found["kind"]) == ("mine", "general")
    found = found["account_run"]
    assert (found["name"], found["paid_in"], found["paid_out"]) == ("mine", 23_600_000, 5_000_000)
    assert found["gain"] == found["worth"] - 18_600_000
    assert found["prices"] == "raw"
    assert found["equity"][0][0] == "2019-01-02"
    assert found["equity"][-1][1] == found["worth"]


def test_a_changed_key_is_compared(ask: Any) -> None:
    said = ask(compare, "managed", "--set", "rebalance.cost=0.02", "--lang", "en")
    assert "Statistically significant deterioration" in said
    assert "trial 2 of 2" in said
    found = json.loads(ask(compare, "managed", "static", "--json"))
    assert found["trials"] == [1, 3]
    assert found["verdict"] in {"unclear", "better", "worse"}
    assert found["sharpe"]["low"] < found["sharpe"]["high"]
    # Three trials, of which one is the benchmark: two to charge for.
    assert found["chance_all_trials"] == pytest.approx(1.0 - (1.0 - found["chance"]) ** 2)


def test_comparing_needs_one_thing_to_compare_with(ask: Any) -> None:
    for words in (("managed",), ("managed", "static", "--set", "rebalance.cost=0.02")):
        with pytest.raises(UsageError, match="give either a second strategy or --set"):
            ask(compare, *words)
    with pytest.raises(UsageError, match="is not KEY=VALUE"):
        ask(compare, "managed", "--set", "rebalance.cost")


def test_a_sweep_counts_its_variants_and_goes_on(ask: Any, tmp_path: Path) -> None:
    out, page = str(tmp_path / "s.sqlite"), tmp_path / "map.html"
    words = ("managed", *GRID, "--out", out, "--map", str(page))
    found = json.loads(ask(sweep, *words, "--walk-forward", "4", "--json"))
    assert (found["variants"], found["refused"], found["trials"]) == (4, 0, 4)
    assert set(found["best"]) == {"overlay.vix.scale", "rebalance.band"}
    assert 0.0 <= found["overfitting"] <= 1.0
    # One of the variants is the strategy as its file has it: the others are tested against it.
    luck, paths = found["luck"], found["cross_validation"]
    assert (luck["tested"], luck["trials"], luck["unknown"]) == (3, 4, None)
    assert luck["spa_bounds"][0] <= luck["spa"] <= luck["spa_bounds"][1]
    assert luck["spa_all_trials"] == luck["spa"]
    assert (paths["splits"], paths["paths"]) == (45, 9)
    assert paths["low"] <= paths["median"] <= paths["high"]
    # 29 years, chosen on the first eight: five spans of four, and what is left.
    assert len(found["walk_forward"]["folds"]) == 6
    drawn = page.read_text("utf-8")
    assert drawn.count("<svg") == 2
    again = json.loads(ask(sweep, *words, "--json"))
    assert again["trials"] == 4
    said = ask(sweep, *words, "--lang", "en")
    assert "overlay.vix.scale" in said
    assert "reality check (White)" in said


def test_a_sweep_judges_every_variant_on_the_span_that_all_share(ask: Any, tmp_path: Path) -> None:
    def swept(values: Any, *words: Any) -> Any:
        out = str(tmp_path / f"{values}.sqlite")
        return ask(
            sweep, "managed", "--grid", f"estimate.min_history={values}", "--out", out, *words
        )

    early, late, every = (
        json.loads(swept(values, "--json")) for values in ("60", "700", "60,504,700")
    )
    assert early["from"] < late["from"] == every["from"]
    assert 0.0 <= every["overfitting"] <= 1.0
    said = swept("60,504,700", "--lang", "en")
    assert f"from {late['from']} to {late['to']}" in said
    rows = [line.split() for line in said.partition("estimate.min_history\n")[2].splitlines()[1:]]
    assert [row[:2] for row in rows] == [["60", "1"], ["504", "1"], ["700", "1"]]
    best = max(rows, key=lambda row: float(row[4]))
    assert best[0] == str(every["best"]["estimate.min_history"])
    assert best[4] == f"{every['sharpe']:.2f}"


def test_a_sweep_of_equal_variants_says_why_there_is_no_probability(
    ask: Any, tmp_path: Path
) -> None:
    out = str(tmp_path / "s.sqlite")
    words = ("static", "--grid", "rebalance.min_trade=50000,60000", "--out", out)
    assert json.loads(ask(sweep, *words, "--json"))["overfitting"] is None
    assert "all variants are the same" in ask(sweep, *words, "--lang", "en")


@pytest.mark.parametrize(
    "words",
    [
        (sweep, "managed", "--grid", "overlay.vix.scalee=0.3,0.5"),
        (compare, "managed", "--set", "overlay.vix.scalee=0.3"),
    ],
)
def test_a_misspelt_key_is_refused_before_anything_runs(tmp_path: Path, words: Any) -> None:
    command, *rest = words
    trials = tmp_path / "trials.sqlite"
    args = [*rest, "--profile", "balanced", "--trials", str(trials)]
    if command is sweep:
        args += ["--out", str(tmp_path / "s.sqlite")]
    with pytest.raises(UsageError, match="did you mean 'scale'") as caught:
        CliRunner().invoke(command, args, catch_exceptions=False)
    assert caught.value.exit_code == 2
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("json_too", [True, False])
def test_a_sweep_of_which_every_variant_is_refused_fails_and_counts_why(
    tmp_path: Path, json_too: Any
) -> None:
    words = [
        "managed", "--grid", "estimate.min_history=250,260", "--from", "1996-07-02",
        "--to", "1996-09-30", "--profile", "balanced", "--out", str(tmp_path / "s.sqlite"),
        "--trials", str(tmp_path / "trials.sqlite"),
    ]  # fmt: skip
    found = CliRunner().invoke(sweep, [*words, "--json"] if json_too else [*words, "--lang", "en"])
    if json_too:
        document = json.loads(found.stdout)
        assert found.exit_code == 4
        assert (document["variants"], document["refused"]) == (2, 2)
        assert list(document["reasons"].values()) == [2]
    else:
        assert isinstance(found.exception, AllRefused)
        assert found.exception.exit_code == 4
        assert str(found.exception).startswith("every variant was refused: 2 x ")
        assert "  2: managed could not be invested" in found.stdout
