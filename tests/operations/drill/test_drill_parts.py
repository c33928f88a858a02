"""A drill's parts by hand: prices before a fund's first, whose alarms count when, which days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from datetime import date
from math import nan
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from made_course import DAYS, FRI, MON, NEXT, THU, TUE, table

from jeoul.errors import BeyondData, UsageError
from jeoul.operations.drill import lengthened as module
from jeoul.operations.drill import past
from jeoul.operations.drill.lengthened import lengthened

MEMBERS = (SimpleNamespace(codes=("OLD", "NEW")), SimpleNamespace(codes=("YOUNG",)))
LEVELS = [[1.0, 4.0], [2.0, 8.0], [3.0, 16.0], [4.0, 20.0], [5.0, 40.0]]


class Told:
    """A market that only has prices."""

    def __init__(self, *prices: Any) -> None:
        self.prices = prices

    def newest(self, calendar: str) -> str:
        return calendar

    def with_prices(self, prices: Sequence[Any]) -> Told:
        return Told(*prices)


class Chained(SimpleNamespace):
    """The levels of the members of a universe along sessions."""

    def __len__(self) -> int:
        return len(self.sessions)


def longer(
    monkeypatch: pytest.MonkeyPatch,
    closes: Mapping[str, Sequence[float]],
    until: date = MON,
    levels: Any = LEVELS,
    days: Sequence[date] = DAYS,
) -> tuple[Any, tuple[str, ...]]:
    history = Chained(
        sessions=np.array(days, dtype="datetime64[D]"), level=np.array(levels, dtype=np.float64)
    )
    monkeypatch.setattr(module, "assemble", lambda *_: history)
    universe: Any = SimpleNamespace(calendar="XKRX", members=MEMBERS)
    market: Any = Told(table({"US": (1.0,) * 5}, "XNYS"), table(closes))
    return lengthened(market, universe, until)


def test_before_its_first_price_a_fund_follows_its_place_in_the_universe(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    closes = {
        "OTHER": (nan, nan, nan, 7.0, 7.0),  # of no universe
        "YOUNG": (nan, nan, nan, 100.0, 130.0),
        "OLD": (9.0, nan, 9.0, 9.0, 9.0),
        "NEW": (nan, nan, 60.0, 61.0, 62.0),
    }
    market, found = longer(monkeypatch, closes)
    assert found == ("NEW", "YOUNG")
    abroad, home = market.prices
    assert abroad.close[:, 0].tolist() == [1.0] * 5
    assert home.close[:, 1].tolist() == [20.0, 40.0, 80.0, 100.0, 130.0]
    assert home.close[:, 3].tolist() == [20.0, 40.0, 60.0, 61.0, 62.0]
    assert home.close[3:, 0].tolist() == [7.0, 7.0]
    assert np.isnan(home.close[:3, 0]).all()
    assert home.close[:, 2].tolist()[2:] == [9.0, 9.0, 9.0]


@pytest.mark.parametrize(("until", "found"), [(MON, ("YOUNG",)), (TUE, ()), (THU, ())])
def test_only_what_has_no_price_by_the_day_is_lengthened(
    monkeypatch: pytest.MonkeyPatch, until: date, found: tuple[str, ...]
) -> None:
    closes = {"YOUNG": (nan, 100.0, 100.0, 100.0, 130.0)}
    assert longer(monkeypatch, closes, until)[1] == found


def test_where_the_chain_has_no_level_a_fund_has_no_price(monkeypatch: pytest.MonkeyPatch) -> None:
    closes = {"YOUNG": (nan, nan, nan, 100.0, 130.0), "NEW": (nan,) * 5}
    levels = [[nan, nan], [nan, nan], [1.0, 10.0], [1.0, 20.0], [1.0, 40.0]]
    market, found = longer(monkeypatch, closes, levels=levels)
    assert found == ("YOUNG",)
    assert market.prices[1].close[2:, 0].tolist() == [50.0, 100.0, 130.0]
    assert np.isnan(market.prices[1].close[:2, 0]).all()
    bare = [[nan, nan]] * 3 + [[1.0, 20.0], [1.0, 40.0]]
    assert longer(monkeypatch, closes, levels=bare)[1] == ()
    lost = [[1.0, 10.0]] * 3 + [[nan, nan]] * 2
    market, found = longer(monkeypatch, closes, levels=lost)
    assert found == ()
    assert np.isnan(market.prices[1].close[:3, 0]).all()


def test_a_history_of_fewer_sessions_says_nothing_of_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    closes = {"YOUNG": (nan, nan, nan, 100.0, 130.0)}
    market, found = longer(monkeypatch, closes, levels=LEVELS[1:4], days=(TUE, THU, FRI))
    assert found == ("YOUNG",)
    close = market.prices[1].close[:, 0]
    assert np.isnan(close[0])
    assert close[1:].tolist() == [40.0, 80.0, 100.0, 130.0]
    late = longer(monkeypatch, closes, levels=LEVELS[:4], days=(TUE, date(2026, 6, 3), THU, FRI))
    assert late[0].prices[1].close[1:4, 0].tolist() == [20.0, 80.0, 100.0]


# --- the drill ------------------------------------------------------------------------------------


def test_crises_are_named_by_their_year_or_their_name() -> None:
    assert [past._crisis(name).name for name in ("2008", "2020", "2022")] == [
        "gfc",
        "covid",
        "inflation",
    ]
    assert past._crisis("gfc") == past._crisis("2008")
    with pytest.raises(UsageError, match="'2009' is not a crisis; use 2008, 2020"):
        past._crisis("2009")


@pytest.mark.parametrize(
    ("sessions", "reach"),
    [((MON, TUE, THU), True), ((MON, TUE, THU, FRI), True), ((MON, TUE), False), ((), False)],
)
def test_a_market_covers_a_crisis_whose_low_is_one_of_its_sessions(
    sessions: Sequence[date], reach: bool
) -> None:
    market: Any = SimpleNamespace(last_session=lambda: FRI)
    crisis: Any = SimpleNamespace(end=THU)
    with nullcontext() if reach else pytest.raises(BeyondData, match=f"{THU}.*{FRI}"):
        past._refuse_beyond(market, sessions, crisis)


def test_a_drill_goes_on_half_a_year_after_the_low() -> None:
    assert date(2020, 3, 19) + past.AFTER == date(2020, 9, 18)


def model(*rows: int, **more: Any) -> Any:
    history = SimpleNamespace(day=lambda row: DAYS[row])
    trace = SimpleNamespace(trades=[SimpleNamespace(row=row) for row in rows])
    return SimpleNamespace(history=history, trace=trace, **more)


def span(sessions: Sequence[date], *models: Any, kinds: Sequence[str] = ("general",)) -> Any:
    file: Any = SimpleNamespace(
        accounts={str(place): SimpleNamespace(kind=kind) for place, kind in enumerate(kinds)}
    )
    market: Any = SimpleNamespace()
    return past._span(file, market, sessions, models)


def test_a_plan_is_made_on_the_first_session_and_where_a_model_trades(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[str, date, date]] = []

    def within(_: object, exchange: str, first: date, last: date) -> list[date]:
        asked.append((exchange, first, last))
        return [date(2026, 6, 3), FRI]

    monkeypatch.setattr(past, "sessions_within", within)
    found = span(DAYS[1:4], model(0, 2), model(4))
    assert found.planned == {TUE, THU}  # a trade before or after the drill makes no plan in it
    assert (found.sessions, asked) == ((TUE, THU, FRI), [])
    abroad = span(DAYS[1:4], model(), kinds=("isa", "overseas"))
    assert abroad.sessions == (TUE, date(2026, 6, 3), THU, FRI)
    assert (abroad.planned, asked) == ({TUE}, [("XNYS", TUE, FRI)])


def test_an_alarm_is_told_once_on_the_session_whose_decision_sees_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[date] = []

    def alarms(each: Any, since: date) -> list[Any]:
        asked.append(since)
        return [SimpleNamespace(key=key, session=day) for key, day in each.alarms]

    monkeypatch.setattr(past, "overlay_alarms", alarms)
    monkeypatch.setattr(past, "alarm_text", lambda alarm, lang: f"{alarm.key}.{lang}")
    late = ("late", date(2026, 6, 9))
    first = model(alarms=[("b", NEXT), ("a", date(2026, 6, 3)), late])
    second = model(alarms=[("a", NEXT), ("c", TUE)])
    found = past._messages([first, second], DAYS[1:], "en")
    assert [(each.session, each.text) for each in found] == [
        (TUE, "c.en"),
        (THU, "a.en"),
        (NEXT, "b.en"),
    ]
    assert asked == [MON, MON]


def test_the_days_of_a_drill_are_those_at_home_with_units_free_of_payments() -> None:
    """100 grew to 110; with 40 more it was 120, and 132 at the end."""

    def history(*worth: int) -> Any:
        flows = (0, 40, 0)
        days = [
            SimpleNamespace(session=day, worth=won, new=flow)
            for day, won, flow in zip((MON, TUE, THU), worth, flows, strict=True)
        ]
        return SimpleNamespace(days=days, begun=100)

    found = list(past._days(history(110, 120, 132), history(90, 130, 65), frozenset({MON, THU})))
    assert [(each.session, each.planned, each.untouched) for each in found] == [
        (MON, 110, 90),
        (THU, 132, 65),
    ]
    units = [cast(Any, each).units for each in found]
    assert units[0] == pytest.approx((1.1, 0.9))
    assert units[1] == pytest.approx((1.1 * 120 / 150 * 1.1, 0.9 * 0.5))


def test_the_fall_with_the_plan_comes_before_that_with_nothing_done() -> None:
    days = [
        past.DrillDay(day, 1, 1, units)
        for day, units in ((MON, (1.1, 0.9)), (TUE, (0.88, 0.95)), (THU, (1.2, 1.0)))
    ]
    assert list(past._falls(days)) == pytest.approx([-0.2, -0.1])
