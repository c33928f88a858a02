"""What a person says of an order, and a decision that is made again or kept for it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from scripted import BUY, DAY, FUND, OTHER, SALE, Desk, StillClock

from jeoul.account.collar import Collar
from jeoul.errors import DataError, UsageError
from jeoul.model.amount import whole_amount
from jeoul.model.portfolio import Portfolio, Reason
from jeoul.model.valued import Valued
from jeoul.operations import decision
from jeoul.operations import replay as replay_module
from jeoul.operations.decision import Circumstances, decide, planned_by, trade_rules
from jeoul.operations.desk.guards import Screened
from jeoul.operations.desk.intents import intents_of
from jeoul.operations.ledger import NAME
from jeoul.operations.replay import (
    circumstances_then,
    order_differences,
    replay,
    snapshot_then,
    weight_differences,
)
from jeoul.operations.resolve import PersonStatement, forget, settle_order
from jeoul.operations.setup.config import Config, load_config
from jeoul.pipeline.paying import PaymentRules
from jeoul.rebalance import Fresh

KRW = cast(
    "Any",
    SimpleNamespace(
        universe=SimpleNamespace(currency="KRW"),
        strategy=SimpleNamespace(calendar="XKRX", name="s"),
    ),
)
USD = cast("Any", SimpleNamespace(universe=SimpleNamespace(currency="USD"), strategy=KRW.strategy))


def config_in(folder: Path, tables: str = "") -> Config:
    file = folder / "mine.toml"
    text = 'schema = 1\nname = "mine"\nprofile = "balanced"\nstate = "state"\nlang = "en"\n'
    file.write_text(f'{text}{tables}\n[broker]\nkind = "paper"\nfee_rate = "0.01"\n', "utf-8")
    (folder / "state").mkdir(exist_ok=True)
    return load_config(file)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return config_in(tmp_path)


@pytest.fixture
def order(config: Config) -> str:
    """An order of two shares of which one was filled for 10,000 with a fee of 7."""
    at = Desk(config.state)
    at.booked("opening", 10_000_000)
    (intent,) = intents_of(at.ledger, at.freeze(BUY).run_id)
    at.sent(intent, "7")
    with at.ledger.transaction():
        at.ledger.append(
            "fills", 1_000, intent=intent.name, txn="f", filled=1, shares=1, amount=10_000, fee=7,
            session=str(DAY),
        )  # fmt: skip
        at.ledger.append("transactions", 1_000, txn="f", kind="fill", session=str(DAY), note="")
    at.ledger.close()
    return intent.name


@pytest.mark.parametrize(
    ("filled", "price", "fee", "found"),
    [
        (None, None, None, (1, 10_000, 7)),  # no more than is booked
        (None, None, "9", (1, 10_000, 9)),
        (1, "10_000", None, (1, 10_000, 7)),  # the same money: the same fee
        (2, "10_000.4", None, (2, 20_001, 200)),  # the tariff's, of 1 %
        (2, "1", "0", (2, 2, 0)),
        (0, None, None, (0, 0, 0)),
        (2, "999_999_999", "999_999_999", (2, 1_999_999_998, 999_999_999)),
    ],
)
def test_what_a_person_says_of_an_order_is_its_money(
    config: Config, order: str, filled: int | None, price: str | None, fee: str | None,
    found: tuple[int, int, int],
) -> None:  # fmt: skip
    said = PersonStatement(order, filled, price, fee, "me")
    told = settle_order(config, KRW, StillClock(1_000.75), said)
    assert (told["filled"], told["amount"], told["fee"]) == found
    assert told["state"] == ("filled" if found[0] == 2 else "closed")


def test_dollars_are_said_in_dollars_and_kept_in_cents(config: Config, order: str) -> None:
    told = settle_order(config, USD, StillClock(), PersonStatement(order, 2, "1.25", "0.30", "me"))
    assert (told["amount"], told["fee"]) == (2.5, 0.3)


@pytest.mark.parametrize(
    ("filled", "price", "fee", "said"),
    [
        (2, None, None, "needs the average price"),
        (2, "0", None, "--at '0' is not a price"),
        (2, "1000000000", None, "is not a price"),
        (2, "soon", None, "--at 'soon' is not a price"),
        (2, "$5", None, "the --at is written in USD, but the account is in KRW"),
        (2, "5", "1000000000", "is not an amount"),
        (2, "5", "-0.4", "is not an amount"),
        (2, "5", "$1", "the --fee is written in USD"),
    ],
)
def test_what_is_no_price_or_fee_is_refused(
    config: Config, order: str, filled: int, price: str | None, fee: str | None, said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        settle_order(config, KRW, StillClock(), PersonStatement(order, filled, price, fee, "me"))


def test_an_order_or_a_ledger_that_is_not_there_is_said(config: Config, order: str) -> None:
    with pytest.raises(UsageError, match="there is no order 'none'"):
        settle_order(config, KRW, StillClock(), PersonStatement("none", 0, None, None, "me"))
    (config.state / NAME).unlink()
    with pytest.raises(DataError, match="there is no ledger"):
        settle_order(config, KRW, StillClock(), PersonStatement(order, 0, None, None, "me"))
    assert not (config.state / NAME).exists()


def test_a_time_that_is_ahead_is_forgotten_and_no_other(config: Config, order: str) -> None:
    with pytest.raises(UsageError, match="is not ahead"):
        forget(config, KRW, StillClock(1_000.9), "me")
    assert order
    assert forget(config, KRW, StillClock(999.9), "me") == "1970-01-01T00:16:40+00:00"
    with closing(Desk(config.state).ledger) as ledger:
        assert ledger.head().at == 999


@pytest.mark.parametrize(
    ("kept", "fresh"),
    [
        ({"fresh": 7}, Fresh(deposited=7)),
        ({"fresh": 0}, Fresh()),
        ({"fresh": -7}, Fresh()),
        ({"fresh": 7, "sources": {"deposited": 1, "settled": 2, "adopted": 4}}, Fresh(1, 2, 4)),
    ],
)
def test_fresh_money_of_before_its_sources_were_kept_is_a_deposit(
    kept: dict[str, Any], fresh: Fresh
) -> None:
    found = circumstances_then({"traded": 5, "safe": True, "snapshot": "x", **kept})
    assert (found.fresh, found.traded, found.safe, found.first) == (fresh, 5, True, False)
    assert (found.seen.digest, found.seen.valued, found.stops) == ("x", Valued(), None)


def test_what_was_known_of_values_is_read_back() -> None:
    valued = Valued(DAY, {FUND: None})
    kept = {"traded": 0, "safe": False, "snapshot": "x", "fresh": 0, "valued": valued.document()}
    found = circumstances_then({**kept, "stops": ["x", [["a", "b"]]], "first": True})
    assert (found.seen.valued, found.first) == (valued, True)
    assert found.stops == Reason("x", (("a", "b"),))


def proposal(weights: dict[str, float], allocation: dict[str, float], inputs: str = "i") -> Any:
    return SimpleNamespace(weights=weights, allocation=allocation, inputs=inputs)


def test_a_weight_differs_from_a_billionth_on() -> None:
    stored = {"weights": {"A": 0.5, "B": 0.25}, "allocation": {"A": 1.0}, "inputs": "i"}
    assert weight_differences(stored, proposal({"A": 0.5, "B": 0.25}, {"A": 1.0})) == []
    found = weight_differences(stored, proposal({"C": 0.1, "A": 0.75}, {"B": 1e-9, "A": 1.0}, "j"))
    assert found == [
        "weights of A: 0.500000 then, 0.750000 now",
        "weights of B: 0.250000 then, 0.000000 now",
        "weights of C: 0.000000 then, 0.100000 now",
        "inputs: the libraries or the universe are not those of then",
    ]
    tiny = weight_differences(stored, proposal({"A": 0.5, "B": 0.25}, {"B": 1.1e-9, "A": 1.0}))
    assert tiny == ["allocation of B: 0.000000 then, 0.000000 now"]
    less = weight_differences(stored, proposal({"A": 0.4, "B": 0.25}, {"A": 1.1}))
    assert less == [
        "weights of A: 0.500000 then, 0.400000 now", "allocation of A: 1.000000 then, 1.100000 now",
    ]  # fmt: skip


def test_orders_differ_by_side_fund_shares_and_limit(tmp_path: Path) -> None:
    with closing(Desk(tmp_path).ledger):
        at = Desk(tmp_path)
        intents = intents_of(at.ledger, at.freeze(SALE, BUY).run_id)
        at.ledger.close()
    assert order_differences(intents, [SALE, replace(BUY, price=5)]) == []
    then = f"SELL {FUND} 2, BUY {FUND} 2"
    assert order_differences(intents, []) == [f"orders: {then} then, none now"]
    other = [SALE, replace(BUY, limit=9)]
    assert order_differences(intents, other) == [f"orders: {then} then, {then} now"]


def test_a_replay_names_what_differs_in_weights_and_then_in_orders(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay_module, "snapshot_then", lambda *_: (None, "archive"))
    monkeypatch.setattr(replay_module, "propose", lambda *_: proposal({}, {}, "j"))
    monkeypatch.setattr(replay_module, "config_then", lambda config, _: config)
    plan = SimpleNamespace(plan=SimpleNamespace(orders=[BUY]))
    monkeypatch.setattr(replay_module, "decide", lambda *_: plan)
    document = {
        "weights": {}, "allocation": {}, "inputs": "i", "fresh": 0, "traded": 0, "safe": False,
        "snapshot": "x", "currency": "KRW", "portfolio": {"shares": {}, "cash": 1, "unsettled": {}},
    }  # fmt: skip
    run = cast("Any", SimpleNamespace(run_id="r", document=document))
    found = replay(config, KRW, run, [], cast("Any", None), {})
    assert (found.run_id, found.source, found.same) == ("r", "archive", False)
    assert [text.split(":")[0] for text in found.differences] == ["inputs", "orders"]


def test_what_was_seen_comes_from_the_archive_or_from_a_folder_that_shows_the_same(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = cast("Any", SimpleNamespace(run_id="r", session=DAY, document={"snapshot": "x"}))
    folder = SimpleNamespace(seen_as=lambda digest, _: f"as {digest}")
    market = cast("Any", SimpleNamespace(as_of=lambda *_: folder))

    def seen(kept: object) -> Any:
        monkeypatch.setattr(replay_module, "recall", lambda *_: kept)
        return snapshot_then(config, KRW, run, market)

    same = SimpleNamespace(digest="x")
    assert seen(same) == (same, "archive")
    with pytest.raises(DataError, match="the archive of run r was changed"):
        seen(SimpleNamespace(digest="y"))
    assert seen(None) == ("as x", "folder")
    folder.seen_as = lambda *_: None
    with pytest.raises(DataError, match="the data of run r are gone"):
        seen(None)


@dataclass(frozen=True)
class Made:
    """What the model decided, as a test makes it."""

    reasons: tuple[Reason, ...]
    orders: tuple[Any, ...] = ()
    inputs_id: str = "x"
    proposal: Any = None


GIVEN = Circumstances(fresh=Fresh(), traded=0, safe=False, seen=cast("Any", None))


def test_a_reserve_in_another_currency_is_refused(config: Config) -> None:
    won = config.settings.cash.model_copy(update={"reserve": whole_amount("₩5")})
    foreign = replace(config, settings=config.settings.model_copy(update={"cash": won}))
    with pytest.raises(UsageError, match="written in KRW, but the account is in USD"):
        trade_rules(foreign, cast("Any", SimpleNamespace(currency="USD")))


@pytest.mark.parametrize(("collar", "width"), [(None, 0.0), (0.02, 0.02)])
@pytest.mark.parametrize("cause", [None, Reason("operations.rules_changed")])
def test_a_decision_has_the_collar_of_its_broker_and_its_cause_in_place_of_the_model_s(
    config: Config, monkeypatch: pytest.MonkeyPatch, collar: float | None, width: float,
    cause: Reason | None,
) -> None:  # fmt: skip
    widths: list[float] = []
    kinds = ("overlay.cut", "place.deposit", "operations.x", "diagnosis.x", "room.x", "trade.x")
    made = Made(tuple(map(Reason, kinds)))
    monkeypatch.setattr(decision, "trade_rules", lambda *_: None)
    monkeypatch.setattr(decision, "account_decision", lambda *_, **__: made)
    monkeypatch.setattr(Collar, "of", lambda found, _: widths.append(found))
    monkeypatch.setattr(decision, "planned_by", lambda *args: args[2])
    mandate = SimpleNamespace(universe=SimpleNamespace(instruments={}), barred=())
    settings = config.settings.model_copy(update={"broker": SimpleNamespace(price_collar=collar)})
    given = replace(GIVEN, cause=cause)
    found: Any = decide(
        replace(config, settings=settings), cast("Any", mandate), cast("Any", None),
        Portfolio({}, 0), given,
    )  # fmt: skip
    assert (widths, given.attempt) == ([width], 1)
    own = kinds if cause is None else ("operations.rules_changed", *kinds[1:5])
    assert tuple(reason.kind for reason in found.reasons) == own


@pytest.mark.parametrize("stops", [None, Reason("room.beyond", (("a", "b"),))])
@pytest.mark.parametrize("left", [True, False])
def test_a_plan_keeps_what_stopped_its_purchases_and_what_grades_left_of_it(
    config: Config, monkeypatch: pytest.MonkeyPatch, stops: Reason | None, left: bool
) -> None:
    placed = SimpleNamespace(orders=(), reasons=(Reason("grade.cut"),))
    monkeypatch.setattr(decision, "trade_rules", lambda *_: None)
    monkeypatch.setattr(PaymentRules, "of", lambda *_: None)
    monkeypatch.setattr(decision, "screen", lambda *_, **__: Screened((BUY,)))
    monkeypatch.setattr(decision, "placed_of", lambda *_: placed)
    monkeypatch.setattr(decision, "without_dear_buys", lambda _, __, found, ___: found)
    monkeypatch.setattr(
        decision, "within_limit", lambda _, __, found, ___: found if left else replace_with(found)
    )
    monkeypatch.setattr(decision, "_document", lambda *_: {})
    seen = SimpleNamespace(digest="x", valued=Valued())
    made = Made((), proposal=SimpleNamespace(as_of=DAY, executed=date(2026, 6, 23)))
    found = planned_by(
        config, KRW, cast("Any", made), Portfolio({}, 0),
        replace(GIVEN, stops=stops, seen=cast("Any", seen), attempt=2),
    )  # fmt: skip
    assert found.plan.document["stops"] == (
        None if stops is None else ["room.beyond", (("a", "b"),)]
    )
    assert (found.plan.orders, found.plan.run_id[-2:]) == ((BUY,) if left else (), ".2")
    assert [reason.kind for reason in found.cut] == ([] if left else ["grade.cut"])


def replace_with(found: Any) -> Any:
    return SimpleNamespace(orders=found.orders, reasons=found.reasons)


@pytest.mark.parametrize(
    ("held", "rules", "share"),
    [
        ({FUND: 3, OTHER: 1}, True, 0.75),
        ({FUND: 3, OTHER: 1}, False, None),
        ({FUND: 3, "X": 1}, True, None),
        ({FUND: 3, "X": 0}, True, 1.0),
        ({}, True, None),
    ],
)
def test_the_risk_of_what_is_held_is_known_where_all_of_it_has_a_price(
    held: dict[str, int], rules: bool, share: float | None
) -> None:
    overlay = SimpleNamespace(risk_classes=("equity",)) if rules else None
    mandate = cast("Any", SimpleNamespace(strategy=SimpleNamespace(overlay=overlay)))
    quotes = {code: SimpleNamespace(price=10) for code in (FUND, OTHER)}
    classes = {FUND: "equity", OTHER: "bond"}
    wanted = cast("Any", SimpleNamespace(quotes=quotes, classes=classes))
    assert decision._held_risk(mandate, wanted, Portfolio(held, 0)) == share
