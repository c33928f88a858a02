"""A buy's limit by the indicative value of the moment, and a buy that is held back for it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import kis_server
import pytest
import rest_account
from hypothesis import given
from hypothesis import strategies as st
from kis_desk import DAY
from kis_venue import etf_row
from rest_account import Account, Crash
from venues import KIS, KIWOOM, TOSS

from jeoul.model.portfolio import Reason, Side
from jeoul.operations.broker.kis.etf import read_indicative
from jeoul.operations.broker.port import IndicativeValue
from jeoul.operations.desk.buy_terms import HELD, LOWERED, UNUSED, BuyRules
from jeoul.operations.desk.intents import Intent, PlannedOrder
from jeoul.operations.ledger import ledger_of
from jeoul.rebalance import ETF_TICKS, round_to_tick
from jeoul.strategy.universe import load_universe

FUNDS = load_universe("krx-core")
READ = ("stck_prpr", "acml_vol", "nav", "prdy_last_nav")
ODD: tuple[Any, ...] = (
    "",
    " ",
    None,
    "0",
    "0.00",
    "-1",
    "36,090",
    "1e9",
    "NaN",
    "soon",
    36_090,
    1.5,
    [],
    {},
    "9" * 40,
)


@pytest.fixture
def account(tmp_path: Path) -> Any:
    with kis_server.running("real") as venue:
        found = Account(KIS, venue, tmp_path)
        found.truth.holdings, found.truth.deposits = {}, [10_000_000] * 3
        found.clock.buys = False
        yield found


def shows(account: Any, ticker: str, price: int, value: float, **more: Any) -> None:
    """The broker shows a fund's price and value of the moment."""
    account.truth.etf_prices[ticker] = {
        "stck_prpr": str(price), "nav": f"{value:.2f}", "prdy_last_nav": f"{value + 1:.2f}",
        "acml_vol": "3719307", **more,
    }  # fmt: skip


def planned(account: Any) -> dict[str, Intent]:
    return {intent.order.ticker: intent for intent in account.intents()}


def sent(account: Any) -> dict[str, int]:
    return {row["pdno"]: int(row["ord_unpr"]) for row in account.truth.orders}


def test_a_lower_value_lowers_the_limit_and_a_higher_one_leaves_it(account: Any) -> None:
    first = account.run(proceeds="settled", execute=False)
    prices = {order["ticker"]: order["price"] for order in first.document["orders"]}
    low, high = prices["069500"] * 0.97, prices["360750"] * 1.05
    shows(account, "069500", int(low), low)
    shows(account, "360750", int(high), high)
    report = account.run(proceeds="settled")
    limits = {ticker: intent.order.limit for ticker, intent in planned(account).items()}
    assert sent(account)["069500"] == round_to_tick(int(low * 1.02), "down", ETF_TICKS)
    assert sent(account)["069500"] < (limits["069500"] or 0)
    assert sent(account)["360750"] == limits["360750"]
    assert report.outcome == "executed"
    assert next(r for r in report.reasons if "limit is lowered" in r).startswith("069500: ")


def test_a_price_far_above_the_value_holds_the_buy_back_until_it_falls(account: Any) -> None:
    shows(account, "069500", 40_000, 39_500.0)  # 1.27 %, and a fund at home may have 1 %
    report = account.run(proceeds="settled")
    assert report.outcome == "planned"
    assert list(sent(account)) == ["360750"]
    assert "1.27% above its indicative value; the limit of its class is 1.0%" in report.reasons[0]
    assert account.run(proceeds="settled").outcome == "planned"
    shows(account, "069500", 39_600, 39_500.0)
    assert account.run(proceeds="settled").outcome == "executed"
    assert sorted(sent(account)) == ["069500", "360750"]


@pytest.mark.parametrize("fields", [{"nav": ""}, {"acml_vol": "0"}, {"nav": "395.00"}])
def test_a_buy_that_is_held_back_is_released_by_a_value_that_is_known_alone(
    account: Any, fields: Any
) -> None:
    shows(account, "069500", 40_000, 39_500.0)
    account.run(proceeds="settled")
    shows(account, "069500", 40_000, 39_500.0, **fields)
    assert account.run(proceeds="settled").outcome == "planned"
    assert list(sent(account)) == ["360750"]


def test_a_buy_lapses_for_what_stopped_it_at_its_last_try(account: Any) -> None:
    account.truth.holdings, account.truth.deposits = {"114260": 200}, [100_000] * 3
    shows(account, "069500", 40_000, 38_800.0)
    assert "is held back" in account.run().reasons[0]
    shows(account, "069500", 38_800, 38_800.0)
    account.truth.deposits = [each - 9_000_000 for each in account.truth.deposits]
    report = account.run()
    assert "does not let be ordered yet" in report.reasons[0]
    assert not any("is held back" in reason for reason in report.reasons)
    account.clock.time += 86_400
    account.truth.today = "20260305"
    report = account.run()
    assert any("did not let them be ordered before the close" in each for each in report.reasons)
    assert not any("too far above" in reason for reason in report.reasons)


def test_what_an_earlier_run_was_answered_is_not_said_again(account: Any) -> None:
    report = account.run(proceeds="settled")
    assert any("that of the day before" in reason for reason in report.reasons)
    report = account.run(proceeds="settled")
    assert not any("that of the day before" in reason for reason in report.reasons)


def test_the_limit_that_is_said_is_the_one_that_was_sent(account: Any) -> None:
    def checkpoint(step: str) -> None:
        if step == "inside-sending":
            raise Crash

    shows(account, "069500", 30_000, 30_000.0)
    with pytest.raises(Crash):
        account.run(proceeds="settled", checkpoint=checkpoint)
    shows(account, "069500", 34_500, 34_500.0)  # the process died before anything was sent
    report = account.run(proceeds="settled")
    assert not any("limit is lowered" in reason for reason in report.reasons)
    limits = {order["ticker"]: order["limit"] for order in report.document["orders"]}
    assert limits == sent(account)


def test_a_lowered_limit_is_in_the_document_and_said_in_the_readers_language(
    account: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    korean = rest_account.CONFIG.replace('lang = "en"', 'lang = "ko"')
    monkeypatch.setattr(rest_account, "CONFIG", korean)
    shows(account, "069500", 30_000, 30_000.0)
    shows(account, "360750", 20_000, 17_000.0)
    report = account.run(proceeds="settled")
    limits = {order["ticker"]: order["limit"] for order in report.document["orders"]}
    assert limits["069500"] == sent(account)["069500"] == 30_600
    assert any("34,610원 → 30,600원" in reason for reason in report.reasons)
    account.clock.time += 86_400
    account.truth.today = "20260305"
    report = account.run(proceeds="settled")
    assert report.reasons[0] == "미체결 주문: 360750 (기한 경과)"
    assert any("360750 257주" in reason for reason in report.reasons)


def test_a_fund_that_the_host_refuses_leaves_the_others_looked_at(account: Any) -> None:
    asked = kis_server.Handler._answer

    def refuses(self: Any, name: str, query: Any) -> Any:
        if name == "inquire-price" and query["FID_INPUT_ISCD"] == "069500":
            return self._fail("OPSQ2001", "ERROR INVALID FID_INPUT_ISCD", 200)
        return asked(self, name, query)

    shows(account, "360750", 20_000, 17_000.0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kis_server.Handler, "_answer", refuses)
        report = account.run(proceeds="settled")
    assert list(sent(account)) == ["069500"]
    assert any("refused to give the indicative value" in reason for reason in report.reasons)
    assert any("360750" in reason and "held back" in reason for reason in report.reasons)


def test_a_buy_that_stays_too_dear_lapses_at_the_close_with_its_reason(account: Any) -> None:
    shows(account, "069500", 40_000, 39_500.0)
    account.run(proceeds="settled")
    account.clock.time += 86_400
    account.truth.today = "20260305"
    report = account.run(proceeds="settled")
    assert any("too far above the indicative value" in reason for reason in report.reasons)
    assert planned(account)["069500"].state == "expired"


@pytest.mark.parametrize(
    ("fault", "fields"),
    [
        ("missing", {"nav": ""}),
        ("malformed", {"nav": "soon"}),
        ("zero", {"nav": "0.00"}),
        ("zero", {"stck_prpr": "0"}),
        ("stale", {"acml_vol": "0"}),
        ("stale", {"nav": "39500.00", "prdy_last_nav": "39500.00"}),
        ("unit", {"nav": "395.00"}),
        ("unit", {"nav": "5000.00", "prdy_last_nav": "9990.00"}),  # two shares became one
        ("unit", {"nav": "19000.00", "prdy_last_nav": "9990.00"}),
    ],
)
def test_an_answer_that_cannot_be_used_changes_nothing_and_is_noted(
    account: Any, fault: str, fields: Any
) -> None:
    shows(account, "069500", 10_000, 9_000.0, **fields)
    report = account.run(proceeds="settled")
    assert report.outcome == "executed"
    limits = {ticker: intent.order.limit for ticker, intent in planned(account).items()}
    assert sent(account) == limits
    with closing(ledger_of(account.config)) as ledger:
        notes = ledger.rows("SELECT detail FROM notes WHERE kind = 'indicative' ORDER BY seq")
    assert any(f'"fault":"{fault}"' in row["detail"] for row in notes)
    assert sum("the planned limit stays" in reason for reason in report.reasons) == len(notes)


@pytest.mark.parametrize(
    ("price", "value", "before"), [(10_000, 5_000.0, 5_100.0), (10_000, 6_500.0, 9_900.0)]
)
def test_a_premium_stays_one_where_the_value_of_the_day_before_agrees(
    price: int, value: float, before: float
) -> None:
    order = PlannedOrder(Side.BUY, "069500", 3, 10_000, 10_200, Reason("x"))
    intent = Intent("a.01", "a", DAY, order, "new", None, {}, 0, 0, 0)
    said = IndicativeValue(price=price, value=value, before=before)
    assert BuyRules(FUNDS, 0.02).terms(intent, said).did == HELD


def test_a_host_that_does_not_answer_for_prices_is_asked_once_and_the_orders_go_out(
    account: Any,
) -> None:
    asked = kis_server.Handler._answer

    def silent(self: Any, name: str, query: Any) -> Any:
        if name == "inquire-price":
            return self._hang_up()
        return asked(self, name, query)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kis_server.Handler, "_answer", silent)
        report = account.run(proceeds="settled")
    assert report.outcome == "executed"
    assert len({query["FID_INPUT_ISCD"] for name, query in account.truth.queries
                if name == "inquire-price"}) == 1  # fmt: skip


@pytest.mark.parametrize("step", ["after-sending", "after-submit", "inside-acknowledged"])
def test_an_order_with_a_lowered_limit_is_found_again_by_that_limit(
    account: Any, step: str
) -> None:
    for ticker in ("069500", "360750"):
        shows(account, ticker, 9_000, 9_000.0)
    left = [1]

    def checkpoint(reached: str) -> None:
        left[0] -= reached == step
        if left[0] == 0:
            raise Crash

    with pytest.raises(Crash):
        account.run(proceeds="settled", checkpoint=checkpoint)
    while account.run(proceeds="settled").outcome == "needs_person":
        account.clock.wait(1_000.0)
    assert [ticker for ticker, _ in account.truth.sent()].count("069500") == 1
    assert len(account.truth.orders) == 2


@pytest.mark.parametrize(
    ("adapter", "mode"), [(KIS, "simulation"), (KIWOOM, "real"), (TOSS, "real")]
)
def test_where_the_broker_has_no_such_value_that_of_the_day_before_is_used(
    tmp_path: Path, adapter: Any, mode: str
) -> None:
    with adapter.server.running(mode) as venue:
        found = Account(adapter, venue, tmp_path)
        found.truth.holdings = {}
        with closing(adapter.connect(venue, tmp_path / "state", found.clock)) as broker:
            assert broker.indicative("069500") is None


def test_the_published_example_is_read() -> None:
    example = {"stck_prpr": "36090", "acml_vol": "3719307", "nav": "36127.30",
               "prdy_last_nav": "36036.22"}  # fmt: skip
    found = read_indicative({"output": etf_row() | example})
    assert found == IndicativeValue(price=36_090, value=36_127.30, before=36_036.22)
    assert read_indicative({"output": etf_row()}).fault == "stale"  # before the open


@given(
    st.dictionaries(st.sampled_from(READ), st.sampled_from(ODD) | st.text(max_size=8)),
    st.sets(st.sampled_from(READ)),
    st.sampled_from(["object", "list", "two", "none", "text"]),
)
def test_an_answer_of_any_form_gives_a_sound_value_or_a_fault(
    odd: Any, gone: Any, form: str
) -> None:
    row = {"stck_prpr": "36090", "acml_vol": "7", "nav": "36127.30", "prdy_last_nav": "36036.22"}
    row = {name: value for name, value in (row | odd).items() if name not in gone}
    output: Any = {"object": row, "list": [row], "two": [row, row], "none": None, "text": "x"}[form]
    found = read_indicative({"output": output, "rt_cd": "0"})
    if found.fault:
        assert found.fault in ("missing", "stale", "zero", "malformed")
        assert (found.price, found.value) == (None, None)
    else:
        assert form in ("object", "list")
        assert found.price is not None
        assert found.value is not None
        assert found.price > 0
        assert found.value > 0


@given(
    st.integers(1_000, 100_000),
    st.floats(0.5, 1.5),
    st.floats(0.5, 1.5),
    st.sampled_from(["069500", "360750"]),
    st.sampled_from([0.005, 0.02, 0.1]),
)
def test_a_limit_is_never_above_the_plan_nor_a_buy_sent_above_the_premium(
    close: int, moved: float, apart: float, ticker: str, width: float
) -> None:
    close = round_to_tick(close, "down", ETF_TICKS)
    most = round_to_tick(int(close * (1 + width)), "down", ETF_TICKS)
    order = PlannedOrder(Side.BUY, ticker, 3, close, most, Reason("x"))
    intent = Intent("a.01", "a", DAY, order, "new", None, {}, 0, 0, 0)
    value = close * moved
    price = max(int(value * apart), 1)
    terms = BuyRules(FUNDS, width).terms(intent, IndicativeValue(price=price, value=value))
    assert (terms.did == HELD) == (price / value - 1.0 > FUNDS.premium_limit(ticker))
    assert terms.did != UNUSED
    assert terms.limit is not None
    assert terms.limit <= most
    assert terms.limit == round_to_tick(terms.limit, "down", ETF_TICKS)
    if terms.did == LOWERED:
        lowest = round_to_tick(int(close * 0.7) + 1, "up", ETF_TICKS)
        assert terms.limit <= max(value * (1 + width), lowest)
