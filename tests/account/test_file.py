"""Account files: what they say by session, and what is wrong in them by key."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from jeoul import api
from jeoul.account.figures import account_figures
from jeoul.account.file import FlowSettings, load_account_file
from jeoul.account.terms import dated
from jeoul.errors import ConfigError, DataError

EXAMPLE = Path(__file__).parents[2] / "configs" / "account-example.toml"


def flow(**keys: Any) -> FlowSettings:
    return FlowSettings.model_validate({"amount": 5, "every": "month", **keys})


def sessions(start: date, end: date) -> list[date]:
    calendar = api.calendars()["XKRX"]
    first, last = calendar.index(start), calendar.index(end)
    return [calendar.label(place) for place in range(first, last + 1)]


def test_the_last_day_of_a_month_stays_the_last_day() -> None:
    days = sessions(date(2024, 1, 31), date(2024, 4, 30))
    found = dated([flow(**{"from": date(2024, 1, 31)})], days)
    assert list(found) == [
        date(2024, 1, 31),
        date(2024, 2, 29),
        date(2024, 4, 1),
        date(2024, 4, 30),
    ]


def test_money_comes_on_the_first_session_at_or_after_its_date_and_sums_up() -> None:
    days = sessions(date(2024, 2, 1), date(2024, 3, 29))
    found = dated(
        [
            flow(every="once", **{"from": date(2024, 2, 9)}),  # the new year of the moon
            flow(amount=7, every="quarter", **{"from": date(2023, 11, 13)}),
            flow(every="year", **{"from": date(2020, 1, 1), "to": date(2023, 6, 1)}),
        ],
        days,
    )
    assert found == {date(2024, 2, 13): 12}


@pytest.mark.parametrize("amount", [float("inf"), float("-inf"), float("nan"), 1.5])
def test_an_amount_that_is_no_whole_number_is_refused_by_its_key(amount: float) -> None:
    with pytest.raises(ValidationError) as refused:
        flow(amount=amount, **{"from": date(2024, 1, 31)})
    (problem,) = refused.value.errors()
    assert (problem["loc"], problem["type"]) == (("amount",), "int_type")


def test_the_shipped_example_runs_and_its_money_adds_up() -> None:
    run = api.account_backtest(
        api.load_strategy("managed"), "balanced", api.open_market(), EXAMPLE,
        start="2016-01-04", end="2017-12-28",
    )  # fmt: skip
    found = account_figures(run, sessions_per_year=245.5)
    assert (found.owner.paid_in, found.owner.paid_out) == (10_000_000 + 24 * 500_000, 2 * 3_000_000)
    assert found.owner.gain == found.owner.worth + found.owner.paid_out - found.owner.paid_in
    assert run.days[0].session == date(2016, 1, 4)
    assert found.costs.fees > 0
    assert found.costs.spread > 0


def test_an_account_file_names_every_fault_by_key(tmp_path: Path) -> None:
    file = tmp_path / "account.toml"
    file.write_text(
        'schema = 1\nname = "x"\ncash = -5\nparts = 0\ninterest = "high"\n'
        '[costs]\nfee_rate = "nan"\n[[deposits]]\namount = 5\nevery = "week"\n'
        "from = 2024-01-01\n",
        "utf-8",
    )
    with pytest.raises(ConfigError) as caught:
        load_account_file(file)
    said = str(caught.value)
    for word in ("cash", "parts", "fee_rate", "nan", "every"):
        assert word in said


def test_a_schedule_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="before it begins"):
        flow(**{"from": date(2024, 2, 1), "to": date(2024, 1, 1)})


def test_an_exchange_needs_another_currency_and_its_series(tmp_path: Path) -> None:
    file = tmp_path / "account.toml"
    file.write_text(
        'schema = 1\nname = "x"\ncash = 1_000_000\n[exchange]\nowner = "KRW"\n', "utf-8"
    )
    strategy, market = api.load_strategy("managed"), api.open_market()
    with pytest.raises(DataError, match="take the table exchange out"):
        api.account_backtest(strategy, "balanced", market, file, start="2017-01-02")


def test_an_exchange_without_its_series_names_it(tmp_path: Path) -> None:
    file = tmp_path / "account.toml"
    text = 'schema = 1\nname = "x"\ncash = 9\n[exchange]\nowner = "KRW"\nseries = "usdkrx"\n'
    file.write_text(text, "utf-8")
    strategy, market = api.load_strategy("managed-us"), api.open_market()
    with pytest.raises(DataError, match=r"no series usdkrx .* correct exchange\.series"):
        api.account_backtest(strategy, "balanced", market, file, start="2017-01-03")


def test_money_is_exchanged_at_rates_that_every_session_has(tmp_path: Path) -> None:
    file = tmp_path / "account.toml"
    file.write_text(
        'schema = 1\nname = "x"\ncash = 50_000_000\n[exchange]\nowner = "KRW"\n', "utf-8"
    )
    strategy, market = api.load_strategy("managed-us"), api.open_market()
    run = api.account_backtest(
        strategy, "balanced", market, file, start="2019-01-02", end="2019-03-29"
    )
    first, second = run.days[0].session, run.days[1].session
    assert run.terms.exchange.before[second] == run.terms.exchange.rates[first]
    assert all(day.session in run.terms.exchange.rates for day in run.days)


def test_won_over_funds_in_dollars_come_back_as_won(tmp_path: Path, real_market: Any) -> None:
    file = tmp_path / "account.toml"
    file.write_text(
        'schema = 1\nname = "x"\ncash = 50_000_000\n[exchange]\nowner = "KRW"\nspread = "0.02"\n',
        "utf-8",
    )
    run = api.account_backtest(
        api.load_strategy("managed-us"), "balanced", real_market, file,
        start="2019-01-02", end="2019-12-30",
    )  # fmt: skip
    found = account_figures(run, sessions_per_year=252.0)
    assert (found.owner.owner, found.costs.currency) == ("KRW", "USD")
    assert found.owner.paid_in == 50_000_000
    # Half of two per cent of 50 million won is what the bank keeps.
    rate = float(run.terms.exchange.before[run.days[0].session])
    assert found.costs.exchanged * rate == pytest.approx(50_000_000 * 0.01 / 1.01, rel=1e-4)
    assert found.owner.worth == pytest.approx(
        run.days[-1].value / 100 * float(run.terms.exchange.rates[run.days[-1].session]), abs=1.0
    )
