"""Which money a household's plan waits for, and which transfers it asks for again.

The search and what it reads are left out: what is looked at is what it is given, and what of its
moves is made today.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import SimpleNamespace
from typing import Any, cast

import pytest

from jeoul.household.problem.records import Moves
from jeoul.model.decision import Decision
from jeoul.model.portfolio import Order, Portfolio, Reason, Side
from jeoul.operations.household import planner as module
from jeoul.operations.household.asked_money import MoneyUnderWay
from jeoul.operations.household.money_left import MoneyLeft
from jeoul.operations.household.planner import HouseholdPlanner
from jeoul.operations.household.waiting_buys import PlanToday
from jeoul.rebalance import ETF_TICKS, TradeRules

DAY = date(2026, 6, 26)
TOLD = {"isa": 4}
FOUND = {"isa": 7}


@dataclass
class Given:
    """What the parts of a plan were given, by their name."""

    calls: dict[str, Any] = field(default_factory=dict)

    def keep(self, name: str, result: Any) -> Callable[..., Any]:
        def called(*words: Any, **keys: Any) -> Any:
            self.calls[name] = (*words, keys) if keys else words
            return result(*words) if callable(result) else result

        return called


def planned(
    monkeypatch: pytest.MonkeyPatch,
    left: Mapping[str, int],
    *,
    fresh: bool = False,
    smaller: Mapping[str, int] | None = None,
    out: Mapping[str, int] | None = None,
    between: bool = True,
) -> dict[str, Any]:
    """Plan with money that is left, and return what the parts of the plan were given."""
    given = Given()
    money = MoneyLeft(left=left, arrived={}, returned={}, missing=(), early={}, fresh=fresh)
    gathered = SimpleNamespace(household="home", inputs=None, aims={})
    found = SimpleNamespace(household="home", plan=SimpleNamespace(moves="moves"))
    asks = SimpleNamespace(stays={}, document=dict)
    parts: dict[str, Any] = {
        "money_left": money,
        "with_payments": None,
        "gather": gathered,
        "KeptMarket": None,
        "_keeping": None,
        "_not_traded_back": gathered,
        "_unsold": gathered,
        "to_take_out": out or {},
        "smaller_rooms": smaller or {},
        "last_plan": "last",
        "is_between": between,
        "_as_told": gathered,
        "patient": gathered,
        "answer": found,
        "household_facts": SimpleNamespace(is_planned=False),
        "plan_today": PlanToday(moves=Moves(), waits={}, put_off={}),
        "transfers_of": FOUND,
        "money_plan": asks,
        "_document": dict,
        "_sentences": (),
        "_waiting": (),
    }
    for name, result in parts.items():
        keep = result if name != "_document" else (lambda *_: {})
        monkeypatch.setattr(module, name, given.keep(name, keep))
    for name in ("_inputs", "_snapshot", "_books"):
        seen = SimpleNamespace(as_of=DAY)
        monkeypatch.setattr(HouseholdPlanner, name, given.keep(name, seen))
    runs = SimpleNamespace(lang="en")
    planner = HouseholdPlanner(
        file=cast(Any, SimpleNamespace(runs=runs)),
        market=cast(Any, None),
        configs={},
        mandates={},
        today=DAY,
    )
    planner(DAY, {}, MoneyUnderWay(transfers=TOLD))
    return given.calls


def test_a_plan_pays_in_and_raises_what_is_left_each_way(monkeypatch: pytest.MonkeyPatch) -> None:
    left = {"minsu": 9, "yuna": -2, "a": 1, "b": -1, "c": 0}
    calls = planned(monkeypatch, left)
    (_, keys) = calls["gather"]
    assert keys["deposit"] == {"minsu": 9, "a": 1}
    assert keys["withdrawal"] == {"yuna": 2, "b": 1}


@pytest.mark.parametrize(
    ("left", "fresh", "waited"),
    [({"minsu": 9}, False, TOLD), ({"minsu": 9}, True, {}), ({}, False, {})],
)
def test_rooms_are_looked_at_for_the_transfers_that_are_waited_for(
    monkeypatch: pytest.MonkeyPatch, left: dict[str, int], waited: dict[str, int], *, fresh: bool
) -> None:
    assert planned(monkeypatch, left, fresh=fresh)["smaller_rooms"] == ("home", waited)


@pytest.mark.parametrize(
    ("given", "transfers", "last", "stands"),
    [
        ({}, TOLD, "last", True),
        ({"between": False}, TOLD, "last", False),
        ({"fresh": True}, {}, None, False),
        ({"smaller": {"isa": 3}}, {}, None, False),  # they are other ones
        ({"fresh": True, "out": {"isa": 5}}, {}, "last", False),  # what is raised stays raised
        ({"out": {"isa": 5}}, TOLD, "last", True),
        ({"left": {"minsu": -9}}, {}, "last", False),  # a withdrawal is waited for in cash
        ({"left": {"minsu": 1}}, TOLD, "last", True),
        ({"left": {"minsu": 0}}, {}, "last", False),
        ({"left": {}}, {}, "last", False),
        ({"left": {"minsu": -1, "yuna": 9}}, TOLD, "last", True),
    ],
)
def test_a_plan_waits_where_people_were_asked_to_pay_in(
    monkeypatch: pytest.MonkeyPatch,
    given: dict[str, Any],
    transfers: dict[str, int],
    last: str | None,
    *,
    stands: bool,
) -> None:
    calls = planned(monkeypatch, **{"left": {"minsu": 9}, **given})
    (_, out, told, keys) = calls["_as_told"]
    assert (out, told) == (given.get("out", {}), transfers)
    assert keys == {"between": given.get("between", True)}
    assert calls["patient"][1] == last
    assert calls["plan_today"][-1] == {"stands": stands}
    assert calls["money_plan"][2] == (transfers or FOUND)  # else those that the plan came to


# --- the part of one account ----------------------------------------------------------------------


@dataclass(frozen=True)
class Proposed:
    """What a proposal says that an account's part changes."""

    whose: str
    account: str = ""
    currency: str = ""
    quotes: Mapping[str, Any] = field(default_factory=dict)
    as_of: date = DAY
    executed: date = DAY
    classes: Mapping[str, str] = field(default_factory=dict)
    graded: Any = "of all"
    due: bool = False
    reasons: tuple[str, ...] = ("why",)


@pytest.mark.parametrize(("mode", "kept"), [(None, False), ("portfolio", False), ("product", True)])
def test_a_part_rests_on_its_person_s_proposal_in_its_own_money(
    mode: str | None, *, kept: bool
) -> None:
    graded = None if mode is None else SimpleNamespace(limit=SimpleNamespace(mode=mode))
    funds = {"A": SimpleNamespace(asset_class="shares")}
    mandate = SimpleNamespace(
        account="isa", graded=graded, universe=SimpleNamespace(instruments=funds)
    )
    planner = HouseholdPlanner(
        file=cast(Any, SimpleNamespace(
            accounts={"isa": SimpleNamespace(owner="yuna", currency="KRW")}
        )),
        market=cast(Any, None),
        configs={},
        mandates={"isa": cast(Any, mandate)},
        today=DAY,
    )  # fmt: skip
    aims = {
        "his": SimpleNamespace(profiles={"minsu": "p"}, proposals={"p": Proposed("minsu")}),
        "hers": SimpleNamespace(profiles={"yuna": "p"}, proposals={"p": Proposed("yuna")}),
    }
    prices = {
        code: SimpleNamespace(price=9, session=DAY, nav=None, currency=currency)
        for code, currency in (("A", "KRW"), ("U", "USD"))
    }
    looked: Any = SimpleNamespace(session=date(2026, 6, 25), executed=date(2026, 6, 29))
    gathered: Any = SimpleNamespace(aims=aims, prices=prices)
    found: Any = planner._proposal("isa", looked, gathered)
    assert (found.whose, found.account, found.currency) == ("yuna", "isa", "KRW")
    assert {code: each.price for code, each in found.quotes.items()} == {"A": 9}
    assert (found.as_of, found.executed) == (looked.session, looked.executed)
    assert (found.classes, found.due, found.reasons) == ({"A": "shares"}, True, ())
    assert found.graded is (graded if kept else None)


# --- the orders of one account --------------------------------------------------------------------


@pytest.mark.parametrize(("collar", "limit"), [(0.02, 37_140), (None, None)])
def test_the_orders_of_an_account_have_the_limits_of_its_broker(
    monkeypatch: pytest.MonkeyPatch, collar: float | None, limit: int | None
) -> None:
    """A won-priced fund at 36,415: 2 % above it is 37,143, on a tick of five 37,140."""
    order = Order(Side.BUY, "A", 1, 36_415, Reason.of("x"))
    given: list[Any] = []

    def kept(*words: Any) -> Decision:
        given.append(words)
        return Decision(
            proposal=words[0], orders=words[2].orders, reasons=(Reason.of("why"),), findings=(),
            cash_after=0, cost=0, inputs_id="",
        )  # fmt: skip

    proposal = SimpleNamespace(quotes={"A": SimpleNamespace(worth=None)})
    monkeypatch.setattr(HouseholdPlanner, "_proposal", lambda *_: proposal)
    monkeypatch.setattr(module, "trade_rules", lambda *_: TradeRules(ticks=ETF_TICKS))
    monkeypatch.setattr(module, "_orders", lambda *_: [order])
    monkeypatch.setattr(module, "decision_of", kept)
    settings = SimpleNamespace(
        broker=SimpleNamespace(price_collar=collar), cash=SimpleNamespace(proceeds="reuse")
    )
    funds = {"A": SimpleNamespace(multiple=1.0)}
    mandate = SimpleNamespace(universe=SimpleNamespace(instruments=funds))
    planner = HouseholdPlanner(
        file=cast(Any, None),
        market=cast(Any, None),
        configs={"isa": cast(Any, SimpleNamespace(settings=settings))},
        mandates={"isa": cast(Any, mandate)},
        today=DAY,
    )
    looked: Any = SimpleNamespace(portfolio=Portfolio({}, 50_000, "KRW"))
    found = planner._decision("isa", looked, cast(Any, None), cast(Any, None), Moves())
    assert [each.limit for each in found.orders] == [limit]
    assert found.reasons == ()
    ((_, portfolio, placed, flow, _, proceeds),) = given
    assert (portfolio, flow, proceeds) == (looked.portfolio, 0, "reuse")
    assert placed.cash_after == 13_585
