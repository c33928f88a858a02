"""What a page says of the account beside a model, and of the past, in both languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from jeoul.backtesting.beside import Beside, Came, DifferencePart
from jeoul.backtesting.past.currency import Currencies
from jeoul.backtesting.past.months import by_month
from jeoul.backtesting.past.record import Past, past_document
from jeoul.backtesting.past.rolling import rolling
from jeoul.backtesting.past.stress import Stress
from jeoul.backtesting.past.windows import windows
from jeoul.backtesting.periods import by_year, report_crises
from jeoul.reporting.beside import beside_lines, beside_view
from jeoul.reporting.formats import Formats
from jeoul.reporting.past_view import PastView, past_view

KO, EN = Formats("ko", "Asia/Seoul"), Formats("en", "Asia/Seoul")
DAYS = np.arange("2020-01-02", "2024-06-29", dtype="datetime64[D]")
NAV = 1.0002 ** np.arange(float(len(DAYS)))

APART = Beside(
    start=date(2005, 11, 1),
    end=date(2024, 6, 28),
    currency="KRW",
    amount=100_000_000,
    worth=321_517_267,
    proxies=0.6,
    model=Came(0.061, 1.99, -0.078),
    account=Came(0.065, 2.22, -0.128),
    parts=(
        DifferencePart("funds", Came(0.003, 0.2, -0.049)),
        DifferencePart("shares", Came(0.001, 0.03, -0.001)),
        DifferencePart("cash", Came(0.0, 0.0, 0.0)),
        DifferencePart("costs", Came(0.0, 0.0, 0.0)),
    ),
)


def test_beyond_a_point_the_page_says_which_part_did_it() -> None:
    view = beside_view(APART, EN)
    assert view is not None
    assert view.paths.rows == (
        ("Model", "6.1%", "−7.8%", "60%"),
        ("Account", "6.5%", "−12.8%", "0%"),
    )
    assert "0.4 pp more" in view.apart
    assert "5.0 pp deeper" in view.apart
    assert view.parts is not None
    assert view.parts.rows[0][1:] == ("+0.3 pp", "−4.9 pp")
    assert "Cash left over" not in view.why  # nothing to two digits


def test_within_a_point_no_reasons_are_given() -> None:
    close = replace(APART, account=Came(0.0691, 2.2, -0.0875))
    view = beside_view(close, KO)
    assert view is not None
    assert (view.parts, view.why) == (None, "")
    assert not any("요인" in line or "이유" in line for line in beside_lines(close, KO))


@pytest.mark.parametrize("account", [Came(0.0721, 2.0, -0.078), Came(0.061, 2.0, -0.0891)])
def test_a_point_of_either_figure_is_enough(account: Came) -> None:
    assert replace(APART, account=account).telling


def test_a_span_shorter_than_a_year_is_judged_by_its_whole_return() -> None:
    nan = float("nan")
    short = replace(APART, model=Came(nan, 0.1, -0.01), account=Came(nan, 0.08, -0.01))
    assert short.telling
    view = beside_view(short, EN)
    assert view is not None
    assert view.paths.rows[1][1] == "8.0%"


def test_without_an_account_a_terminal_says_so() -> None:
    assert list(beside_lines(None, EN)) == [EN.say("beside.none")]
    assert beside_view(None, EN) is None


def past(stresses: tuple[Stress, ...] = ()) -> Past:
    return Past(
        windows=windows(DAYS, NAV),
        years=by_year(DAYS, NAV),
        held_years=(),
        months=by_month(DAYS, NAV),
        rolling=rolling(DAYS, NAV, np.zeros(len(DAYS)), 247.0),
        held_rolling=None,
        currencies=Currencies(DAYS, NAV, np.sqrt(NAV), 0.4, 0.0),
        stresses=stresses,
        amount=100_000_000,
        currency="KRW",
    )


def viewed(formats: Formats, *stresses: Stress) -> PastView:
    found = past_view(past(stresses), None, formats)
    assert found is not None
    return found


def test_spans_that_the_model_does_not_reach_say_so() -> None:
    rows = {row[0]: row[1:] for row in viewed(EN).windows.rows}
    assert rows["10 years"] == ("not enough history", "–")
    assert rows["1 month"][1] == "–"
    assert "Since 2020-01-02" in rows


def test_the_heat_map_has_the_newest_year_first_and_a_month_a_column() -> None:
    table = viewed(KO).months.table
    assert table.heads[1:] == tuple(f"{month}월" for month in range(1, 13))
    assert [row[0] for row in table.rows] == ["2024", "2023", "2022", "2021", "2020"]


def test_a_return_in_won_is_the_local_one_and_the_exchange_rate() -> None:
    found = viewed(EN)
    assert found.currency is not None
    year = {row[0]: row[1:] for row in found.currency.table.rows}["2021"]
    assert year == ("3.7%", "3.9%")
    assert "40% of the money" in found.rates


def test_a_crisis_outside_the_data_has_no_figure() -> None:
    asia, gfc = report_crises()[:2]
    inside = Stress(crisis=gfc, covered=1.0, growth=-0.05, max_drawdown=-0.1, change=-5_000_000)
    table = viewed(EN, Stress(crisis=asia, covered=0.44), inside).crises
    assert table is not None
    assert table.rows[0][2:] == ("outside the data: prices for 44% of the weights", "–", "–")
    assert table.rows[1][2:] == ("−₩5,000,000", "−5.0%", "−10.0%")
    assert viewed(EN).crises is None


def test_the_document_has_null_where_nothing_is_known() -> None:
    asia = report_crises()[0]
    found = past_document(past((Stress(crisis=asia, covered=0.44),)))
    assert found["months"]["2024"][6:] == [None] * 6
    assert found["crises"][0]["return"] is None
    assert [each["name"] for each in found["windows"]][-1] == "all"
    assert found["currency"]["cagr"] > found["currency"]["local_cagr"]
