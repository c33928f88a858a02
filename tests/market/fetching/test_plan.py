"""The fetch plan: the shipped one names what the universes need; a wrong one is told all of it."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from reading import read_by
from texts import PLAN

from jeoul import assets
from jeoul.errors import ConfigError
from jeoul.market.fetching.plan import FetchPlan, read_plan
from jeoul.market.raw.series import SeriesKey
from jeoul.strategy.load import shipped as strategies
from jeoul.strategy.universe import load_universe

GOOD = (
    PLAN
    + """
[[series]]
path  = "signals.csv"
what  = "signals"
index = "date"

[series.columns]
vix = { source = "fred", symbol = "VIXCLS", unit = "points", known = { at = "XNYS close" } }
"""
)


@pytest.fixture
def read(tmp_path: Path) -> Any:
    def reads(text: Any) -> Any:
        path = tmp_path / "plan.toml"
        path.write_text(text)
        return read_plan(path)

    return reads


@pytest.fixture(scope="module")
def shipped() -> Any:
    return read_plan(assets.root() / "configs" / "fetch.toml")


def test_the_shipped_plan_fetches_what_the_shipped_strategies_read_and_nothing_else(
    shipped: Any,
) -> None:
    read = {series for name in strategies() for series in read_by(name)}
    assert {"vix", "vix3m", "usdkrw", "bok_base_rate", "fedfunds", "SPY", "069500"} <= read
    assert set(shipped.wanted().values()) == read


def test_foreign_funds_of_the_plan_are_those_of_the_universe(shipped: Any) -> None:
    (korea,) = [file for file in shipped.prices if file.exchange == "XKRX"]
    instruments = load_universe("krx-core").instruments
    abroad = {t for t in korea.tickers if instruments[t].exposure_currency != "KRW"}
    assert abroad <= set(korea.overseas)


def test_a_ticker_becomes_a_symbol_by_suffix_or_by_name(read: Any) -> None:
    plan = read(GOOD.replace("tickers", 'symbols = { "148070" = "KTB10.KS" }\ntickers'))
    assert list(plan.wanted().items()) == [
        (SeriesKey("yahoo", "069500.KS"), "069500"),
        (SeriesKey("yahoo", "KTB10.KS"), "148070"),
        (SeriesKey("fred", "VIXCLS"), "vix"),
    ]


def test_the_premium_that_a_close_may_have_is_a_key_by_class(read: Any) -> None:
    abroad = GOOD.replace("tickers ", 'overseas = ["148070"]\ntickers ')
    plan = read(abroad)
    assert (plan.farthest("069500"), plan.farthest("148070")) == (0.01, 0.02)
    wider = read(abroad.replace("[[prices]]", "premium = { overseas = 0.03 }\n[[prices]]", 1))
    assert (wider.farthest("069500"), wider.farthest("148070")) == (0.01, 0.03)


def test_a_plan_survives_json(read: Any) -> None:
    plan = read(GOOD)
    text = json.dumps(plan.model_dump(mode="json", by_alias=True))
    assert FetchPlan.model_validate_json(text) == plan


def line_of(text: Any, part: Any) -> Any:
    return next(n for n, line in enumerate(text.splitlines(), 1) if part in line)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"yahoo"', '"yahho"', "is not a source"),
        ('["069500", "148070"]', "[69500]", "69500 is a number, not text"),
        ('["069500", "148070"]', '["69500", "148070"]', "69500 is not a KRX code"),
        ('["069500", "148070"]', '["069500", "069500"]', "is also in prices-kr.csv"),
        ('"XNYS close"', '"when it rains"', "is not an instant"),
        ('"prices-kr.csv"', '"../../etc/cron.csv"', "has a form that is not allowed"),
        ('"KRW"', '"won"', "has a form that is not allowed"),
        (
            'path  = "signals.csv"',
            'path  = "signals.csv"\nurl = "http://x"',
            "unknown key 'url' in",
        ),
    ],
)
def test_a_wrong_plan_is_refused_with_the_line(read: Any, old: str, new: str, said: str) -> None:
    text = GOOD.replace(old, new)
    with pytest.raises(ConfigError) as caught:
        read(text)
    (problem,) = caught.value.problems
    assert said in problem.message
    assert problem.line == line_of(text, new.splitlines()[-1])


def test_everything_wrong_is_told_at_once(read: Any) -> None:
    text = GOOD + (
        '\n[[correct]]\nticker = "069500"\ndate = 2024-06-28\nreason = "no figure is given"\n'
        '\n[[release]]\nticker = "SPY"\ndate = 2024-06-28\nkind = "jump"\nreason = "not fetched"\n'
    )
    with pytest.raises(ConfigError) as caught:
        read(text.replace('"yahoo"', '"yahho"'))
    assert [p.message for p in caught.value.problems] == [
        "'yahho' is not a source",
        "SPY is not fetched",
        "corrects nothing",
    ]
    assert caught.value.problems[1].line == line_of(text, '"SPY"')


SPLIT = '\n[[correct]]\nticker = "069500"\ndate = 2024-06-28\nreason = "a notice"\nsplit = {}\n'


@pytest.mark.parametrize(
    ("written", "ratio", "kept"),
    [
        ('"1/3"', Fraction(1, 3), "1/3"),
        ('"1:3"', Fraction(1, 3), "1/3"),
        ("2.0", Fraction(2), 2.0),
        ("5", Fraction(5), 5.0),
    ],
)
def test_a_corrected_split_is_a_ratio(read: Any, written: str, ratio: Any, kept: Any) -> None:
    plan = read(GOOD + SPLIT.format(written))
    assert plan.corrections("069500")[0].split == ratio
    assert plan.model_dump(mode="json")["correct"][0]["split"] == kept


@pytest.mark.parametrize("written", ['"1/0"', "0", "-1.0", "true", "[1, 3]", '"a third"'])
def test_a_corrected_split_that_cannot_be_is_refused(read: Any, written: str) -> None:
    with pytest.raises(ConfigError, match="split"):
        read(GOOD + SPLIT.format(written))


def test_a_plan_that_is_not_there_or_no_toml(read: Any, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such file"):
        read_plan(Path(tmp_path / "none.toml"))
    with pytest.raises(ConfigError, match="069500 without quotes"):
        read("schema = 069500")
