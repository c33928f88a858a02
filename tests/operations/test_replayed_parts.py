"""A past plan of a household compared, account by account, and what a plan reads of the last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from tests.household.small_homes import home

from jeoul.errors import DataError
from jeoul.model.decision import Decision
from jeoul.model.portfolio import Order, Portfolio, Reason, Side
from jeoul.operations.desk.intents import Run
from jeoul.operations.household import replay as module
from jeoul.operations.household.kept_looks import document_of_looks
from jeoul.operations.household.planner import (
    _orders,
    _sentences,
    _unsold,
    _waiting,
    last_plan,
    scales_before,
)
from jeoul.operations.household.planning import Looked
from jeoul.operations.household.replay import AccountPart, replay_parts, whole_differences

DAY, NEXT = date(2026, 6, 26), date(2026, 6, 29)
KEPT = {
    "account": "isa",
    "on": DAY.isoformat(),
    "inputs_id": "in",
    "objective": {"total": 100},
    "seen": {"digest": "d", "valued": {}},
}


def looked(**kept: Any) -> Looked:
    return Looked(portfolio=Portfolio({}, 5, "KRW"), session=DAY, executed=NEXT, kept=kept)


# --- the whole ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("then", "now", "count"),
    [
        (100, 100, 0), (100, 101, 0), (101, 100, 0), (100, 102, 1), (102, 100, 1),
        (None, None, 0), (None, 100, 1), (100, None, 1), (0, 0, 0),
    ],
)  # fmt: skip
def test_a_plan_differs_where_its_cost_does_by_more_than_a_won(
    then: int | None, now: int | None, count: int
) -> None:
    kept, made = (
        {"inputs_id": "a", "objective": None if total is None else {"total": total}}
        for total in (then, now)
    )
    found = whole_differences(kept, made)
    assert len(found) == count
    for text in found:
        words = ["none" if total is None else f"{total} won" for total in (then, now)]
        assert text.endswith(f"a plan that costs {words[0]} then, {words[1]} now")
    other = whole_differences(kept, {**made, "inputs_id": "b"})
    assert other[0].startswith("household: its file, holdings or prices")
    assert len(other) == count + 1


@dataclass(frozen=True)
class Planned:
    """A planner that keeps what it was asked for, and plans nothing."""

    market: Any
    configs: Mapping[str, Any]
    mandates: Mapping[str, Any]
    asked: list[Any] = field(default_factory=list)

    def __call__(self, *asked: Any) -> Any:
        self.asked.append((self.market, *asked))
        return SimpleNamespace(document={**KEPT, "inputs_id": "in"}, decisions={})


def part(name: str, **kept: Any) -> AccountPart:
    looks = document_of_looks({"isa": looked(), "irp": looked()})
    document = {
        "household": {**KEPT, "looked": looks, **kept, "account": name},
        "snapshot": f"own of {name}",
        "valued": None,
    }
    run = Run(f"{name}.1", name, "managed", date(2026, 6, 25), NEXT, "in", document, 1)
    config: Any = SimpleNamespace(state=Path(name), settings=None)
    return AccountPart(config=config, run=run, intents=())


def planner(*others: str) -> Planned:
    configs = {name: SimpleNamespace(state=Path(name)) for name in ("isa", *others)}
    mandate = SimpleNamespace(strategy=SimpleNamespace(calendar="XNYS"))
    return Planned(None, configs, {"isa": mandate, "irp": mandate})


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    found: list[Any] = []
    monkeypatch.setattr(module, "valued_then", lambda _: "valued then")
    monkeypatch.setattr(module, "key_of", lambda _: None)
    monkeypatch.setattr(
        module, "Valued", SimpleNamespace(from_document=lambda kept: ("valued", kept))
    )
    return found


def folder(asked: list[Any], found: Any) -> Any:
    def as_then(*what: Any) -> Any:
        asked.append(what)
        return found

    return SimpleNamespace(as_then=as_then)


def test_each_account_s_differences_have_its_name_where_there_are_several(
    asked: list[Any],
) -> None:
    made = planner()
    none = "household: no plan keeps all rules now"
    one = replay_parts("a", [part("isa")], folder(asked, "seen"), cast(Any, made))
    assert (one.source, tuple(one.differences)) == ("folder", (none,))
    ((market, on, looks, told),) = made.asked
    assert (market, on, list(looks)) == ("seen", DAY, ["isa", "irp"])
    assert told.requests == {}
    both = replay_parts(
        "a", [part("irp"), part("isa")], folder(asked, "seen"), cast(Any, planner())
    )
    assert tuple(both.differences) == (f"irp: {none}", f"isa: {none}")
    assert asked[0] == (DAY, "XKRX", "d", ("valued", {}))


def test_a_plan_of_before_the_market_was_kept_is_what_its_account_saw(asked: list[Any]) -> None:
    old = part("isa", seen=None)
    replay_parts("a", [old], folder(asked, "seen"), cast(Any, planner()))
    assert asked == [(date(2026, 6, 25), "XNYS", "own of isa", "valued then")]


def test_the_first_part_speaks_for_the_market_of_all(asked: list[Any]) -> None:
    olds = [part("irp", seen=None), part("isa", seen=None)]
    replay_parts("a", olds, folder(asked, "seen"), cast(Any, planner()))
    assert [digest for _, _, digest, _ in asked] == ["own of irp"]


@pytest.mark.parametrize("more", [(), ("irp",)])
def test_a_plan_of_before_the_accounts_were_kept_is_refused(
    asked: list[Any], more: tuple[str, ...]
) -> None:
    old = part("isa")
    del old.run.document["household"]["looked"]
    with pytest.raises(DataError, match=r"run isa\.1 is of a version"):
        replay_parts("a", [old, *map(part, more)], folder(asked, "seen"), cast(Any, planner()))


@pytest.mark.parametrize(("stops", "sides"), [(None, ["BUY", "SELL"]), (Reason.of("x"), ["SELL"])])
def test_a_part_that_bought_nothing_is_compared_without_purchases(
    monkeypatch: pytest.MonkeyPatch, stops: Reason | None, sides: list[str]
) -> None:
    """Where the rules of the person stopped all purchases then, the plan of now has none either."""
    given = SimpleNamespace(stops=stops)
    monkeypatch.setattr(module, "circumstances_then", lambda _: given)
    monkeypatch.setattr(module, "config_then", lambda config, _: config)
    monkeypatch.setattr(module, "weight_differences", lambda *_: [])
    monkeypatch.setattr(module, "order_differences", lambda _, orders: [str(o) for o in orders])
    monkeypatch.setattr(
        module,
        "planned_by",
        lambda *words: SimpleNamespace(
            plan=SimpleNamespace(orders=[each.side for each in words[2].orders])
        ),
    )
    orders = tuple(Order(side, "A", 1, 1, Reason.of("x")) for side in (Side.BUY, Side.SELL))
    made = Decision(
        proposal=cast(Any, None), orders=orders, reasons=(), findings=(), cash_after=0, cost=0,
        inputs_id="",
    )  # fmt: skip
    now: Any = SimpleNamespace(decisions={"isa": made})
    assert module._part_differences(part("isa"), cast(Any, None), now) == sides


def snapshot(digest: str = "d", calendar: str = "XKRX", as_of: date = DAY) -> Any:
    return SimpleNamespace(digest=digest, calendar=calendar, as_of=as_of)


@pytest.mark.parametrize(
    ("kept", "source"),
    [
        ({"irp": snapshot()}, "archive"),
        ({"isa": snapshot()}, "archive"),
        ({"us": snapshot()}, "archive"),  # any account of the household has kept it
        ({"irp": snapshot(as_of=NEXT), "us": snapshot()}, "archive"),
        ({"irp": snapshot(calendar="XNYS")}, None),
        ({"irp": snapshot(as_of=NEXT)}, None),
        ({}, None),
    ],
)
def test_what_the_folder_lost_is_in_an_account_s_archive(
    asked: list[Any], monkeypatch: pytest.MonkeyPatch, kept: dict[str, Any], source: str | None
) -> None:
    monkeypatch.setattr(module, "recall", lambda state, digest, _: kept.get(str(state)))
    monkeypatch.setattr(module, "KeptMarket", lambda found: ("kept", found))
    made = planner("us")
    if source is None:
        with pytest.raises(DataError, match=r"the data of run irp\.1 are gone"):
            replay_parts("a", [part("irp")], folder(asked, None), cast(Any, made))
        return
    found = replay_parts("a", [part("irp")], folder(asked, None), cast(Any, made))
    assert found.source == source
    assert made.asked[0][0][0] == "kept"


def test_an_archive_that_was_changed_is_refused(
    asked: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "recall", lambda *_: snapshot("other"))
    with pytest.raises(DataError, match="the archive in irp was changed"):
        replay_parts("a", [part("irp")], folder(asked, None), cast(Any, planner()))


# --- what a plan reads of the last, and says ------------------------------------------------------


def test_an_aim_keeps_the_highest_scale_that_an_account_still_follows() -> None:
    accounts = {
        "a": looked(as_of="2026-06-25", scales={"home": 0.5, "hers": 1.0}),
        "b": looked(as_of="2026-06-24", scales={"home": 0.9}),
        "c": looked(as_of="2026-06-26", scales={"home": 0.7, "hers": 0.2}),
    }
    assert scales_before(accounts) == {"home": 0.9, "hers": 1.0}
    last = last_plan(accounts)
    assert last is not None
    assert (last.session, last.scales) == (date(2026, 6, 24), {"home": 0.9, "hers": 1.0})
    assert last_plan({**accounts, "d": looked()}) is None
    assert last_plan({}) is None


def test_an_account_in_safe_mode_sells_nothing() -> None:
    found = _unsold(cast(Any, Gathered(home())), ["general"]).household.positions
    assert [each.sellable for each in found] == [False, False, True, True]


@dataclass(frozen=True)
class Gathered:
    """What a plan has gathered, as far as its household."""

    household: Any


def test_an_account_orders_what_is_made_today_sells_first() -> None:
    def order(side: Side, code: str, *reasons: Reason) -> Any:
        return SimpleNamespace(side=side, code=code, price=9, reasons=reasons)

    why, other = Reason.of("one"), Reason.of("two")
    orders = [
        order(Side.BUY, "A", why, other),
        order(Side.SELL, "B"),
        order(Side.BUY, "C", why),
        order(Side.SELL, "D", other),
    ]
    accounts = [SimpleNamespace(id="us", orders=[]), SimpleNamespace(id="isa", orders=orders)]
    trades = {("isa", "A"): 3, ("isa", "B"): -4, ("us", "C"): 9, ("isa", "D"): -1}
    today: Any = SimpleNamespace(trades=trades)
    found = list(_orders("isa", cast(Any, SimpleNamespace(accounts=accounts)), today))
    assert [(each.side, each.ticker, each.shares, each.reason.kind) for each in found] == [
        (Side.SELL, "B", 4, "household_run.order"),
        (Side.SELL, "D", 1, "two"),
        (Side.BUY, "A", 3, "one"),
    ]


@pytest.mark.parametrize(("asks", "said"), [(5_000.0, True), (1_000.0, False), (999.0, False)])
def test_between_dates_a_plan_says_what_it_has_to_save(asks: float, *, said: bool) -> None:
    file: Any = SimpleNamespace(
        runs=SimpleNamespace(lang="en"), policy=SimpleNamespace(min_gain=1_000.0)
    )
    gathered: Any = SimpleNamespace(
        household=SimpleNamespace(policy=SimpleNamespace(min_gain=asks)),
        aims={"a": SimpleNamespace(band=0.02), "b": SimpleNamespace(band=0.05)},
    )
    texts = list(_waiting(file, gathered))
    assert len(texts) == said
    if said:
        assert "save 5,000 won, the yearly cost of being 5% off" in texts[0]


def test_a_plan_says_how_far_it_may_be_from_the_best() -> None:
    class Said(SimpleNamespace):
        def into(self, language: str) -> str:
            return f"{self.text}.{language}"

    cost = SimpleNamespace(total=400.0, tax_now=70.0)
    plan: Any = SimpleNamespace(
        gap=0.015, cost=cost, nothing=SimpleNamespace(total=1_900.0), moves=SimpleNamespace(count=3)
    )
    facts: Any = SimpleNamespace(
        is_planned=True, status="unproven", conflict=None, notes=(Said(text="note"),),
        assumptions=(),
    )  # fmt: skip
    first, second, third = _sentences(facts, plan, ["isa", "us"], "en")
    assert "3 orders, worth ₩1,500 more than doing nothing, ₩70 of tax now" in first
    assert first.endswith("within 1.5% of its cost.")
    assert (second, third) == ("SAFE mode: nothing is sold in isa, us.", "note.en")
    facts.is_planned = False
    assert "within – of its cost" in next(iter(_sentences(facts, plan, [], "en")))
    conflict = SimpleNamespace(rules=[Said(text="rule")], relaxations=[Said(text="way")])
    facts.conflict = conflict
    assert list(_sentences(facts, plan, [], "en"))[1:] == ["rule.en", "way.en", "note.en"]
