"""What an account's run rests on: the span, the sessions and the prices that it is given."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from jeoul import api
from jeoul.account import terms
from jeoul.account.file import AccountFile
from jeoul.account.terms import plan_account, run_plan
from jeoul.errors import ShortHistory
from jeoul.model.decision import Target
from jeoul.model.series import PriceTable
from jeoul.pipeline.targets import ModelTarget

KRX = api.calendars()["XKRX"]
_FIRST = KRX.index(date(2026, 6, 1))
DAYS = [KRX.label(_FIRST + place) for place in range(4)]


def table(exchange: str) -> PriceTable:
    when = np.array(DAYS, dtype="datetime64[D]")
    none = np.zeros(len(DAYS), dtype=np.int64)
    return PriceTable(exchange, "KRW", "raw", ("A",), when, none, np.full((len(DAYS), 1), 100.0))


class History:
    """A history of four sessions, as far as the plan of an account looks at it."""

    currency = "KRW"
    sessions = np.array(DAYS, dtype="datetime64[D]")
    cash_rate = np.zeros(len(DAYS))

    def day(self, place: int) -> date:
        assert 0 <= place < len(DAYS)
        return DAYS[place]

    def __len__(self) -> int:
        return len(DAYS)


def target(day: date) -> Target:
    return Target(
        as_of=day, executed=KRX.after(day), currency="KRW", weights={"CASH": 1.0}, due=False,
        reasons=(), quotes={}, band=0.05, min_trade=0, risk=frozenset(), risk_cap=None,
    )  # fmt: skip


@pytest.fixture
def planned(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Plan an account whose model can order something on some of the days alone."""

    def plan(ready: Any, **span: Any) -> Any:
        seen: dict[str, Any] = {"watched": []}

        def along(_: Any, __: Any, *, start: date, end: date) -> Any:
            seen.update(start=start, end=end)
            return (ModelTarget(day, target(day) if day in ready else None) for day in DAYS)

        monkeypatch.setattr(terms, "targets_along", along)
        settings = AccountFile.model_validate({"schema": 1, "name": "x", "cash": 5}, strict=False)
        mandate: Any = SimpleNamespace(strategy=SimpleNamespace(name="some"))
        market: Any = SimpleNamespace(series={}, prices=[table("XKRX"), table("XNYS")])
        history: Any = History()
        codes = span.pop("codes", "")
        monkeypatch.setattr(terms, "never_priced", lambda *_: codes)
        seen["plan"] = plan_account(
            settings, mandate, history, market, KRX, watch=seen["watched"].append, **span
        )
        return seen

    return plan


def test_without_a_span_a_run_begins_with_the_first_target(planned: Any) -> None:
    found = planned(DAYS[1:])
    assert (found["start"], found["end"]) == (date.min, date.max)
    assert [each.session for each in found["plan"].wanted] == DAYS[1:]
    assert found["watched"] == [day.isoformat() for day in DAYS]
    assert found["plan"].terms.deposits == {DAYS[1]: 5}
    assert [each.exchange for each in found["plan"].events.tables] == ["XKRX"]
    assert found["plan"].events.unit == 1
    assert found["plan"].calendar is KRX


def test_a_span_that_is_asked_for_is_kept_though_nothing_can_be_ordered_at_first(
    planned: Any,
) -> None:
    found = planned(DAYS[2:], start=DAYS[0], end=DAYS[3])
    assert (found["start"], found["end"]) == (DAYS[0], DAYS[3])
    assert [each.session for each in found["plan"].wanted] == DAYS
    watched: list[str] = []
    run = run_plan(found["plan"], watched.append)
    assert [day.session for day in run.days] == DAYS
    assert [day.held_back for day in run.days] == [True, True, False, False]
    assert watched == [day.isoformat() for day in DAYS]


@pytest.mark.parametrize(
    ("span", "said"),
    [
        ({}, f"between {DAYS[0]} and {DAYS[3]};"),
        ({"start": DAYS[1]}, f"between {DAYS[1]} and {DAYS[3]};"),
        ({"end": DAYS[2]}, f"between {DAYS[0]} and {DAYS[2]};"),
        ({"codes": "X, Y"}, f"between {DAYS[0]} and {DAYS[3]}, and no price of X, Y is"),
    ],
)
def test_a_span_without_anything_to_order_is_refused_by_its_days(
    planned: Any, span: Any, said: str
) -> None:
    with pytest.raises(ShortHistory, match=f"some could order no fund {said}"):
        planned([], **span)
