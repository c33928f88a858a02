"""A past decision comes out the same from what was kept, and a changed input is noticed."""

from __future__ import annotations

import json
import shutil
import zipfile
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from harness import QuickClock, market, sessions

from jeoul import api
from jeoul.errors import DataError
from jeoul.model.valued import Valued
from jeoul.operations.archive import recall
from jeoul.operations.desk.intents import intents_of, named_run
from jeoul.operations.ledger import NAME, open_ledger
from jeoul.operations.replay import config_then, replay, stored_strategy
from jeoul.operations.run import Runner, RunRequest
from jeoul.operations.setup.config import load_config
from jeoul.rebalance import Tariff
from jeoul.strategy.load import load_strategy

pytestmark = pytest.mark.unspared

DAY, NEXT = sessions()[:2]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("replay")
    (folder / "c.toml").write_text(
        'schema = 1\nname = "r"\nstrategy = "static"\nprofile = "growth"\nstate = "state"\n'
        '[broker]\nkind = "paper"\ncash = 20_000_000\n',
        "utf-8",
    )
    config = load_config(folder / "c.toml")
    mandate = api.mandate(load_strategy("static"), "growth")
    for day in (DAY, NEXT):
        runner = Runner(config, mandate, market(), api.calendars(), QuickClock())
        runner.run(RunRequest(as_of=day, execute=True))
    return config


def run_of(config: Any, day: Any) -> Any:
    with closing(open_ledger(config.state / NAME)) as ledger:
        run = named_run(ledger, f"r.static.{day}")
        return run, intents_of(ledger, run.run_id)


def again(config: Any, run: Any, intents: Any, folder: Any = None) -> Any:
    mandate = api.mandate(stored_strategy(run), run.document["profile"], run.document["kind"])
    return replay(config, mandate, run, intents, folder or market(), api.calendars())


def test_a_run_with_orders_comes_back_from_its_archive(played: Any) -> None:
    run, intents = run_of(played, DAY)
    assert intents
    found = again(played, run, intents)
    assert (found.same, found.source) == (True, "archive")


def test_a_run_without_orders_comes_back_from_the_folder(played: Any) -> None:
    run, intents = run_of(played, NEXT)
    assert not intents
    found = again(played, run, intents)
    assert (found.same, found.source) == (True, "folder")


@pytest.mark.parametrize("kept", [True, False], ids=["kept", "of before it was kept"])
def test_a_decision_of_the_evening_comes_back_after_the_values_of_its_day(
    tmp_path: Path, kept: bool
) -> None:
    """A run without orders, and one with orders whose archive is gone."""
    (tmp_path / "c.toml").write_text(
        'schema = 1\nname = "r"\nstrategy = "static"\nprofile = "growth"\nstate = "state"\n'
        '[broker]\nkind = "paper"\ncash = 20_000_000\n',
        "utf-8",
    )
    config = load_config(tmp_path / "c.toml")
    for day in (DAY, NEXT):
        seen = market().valued_to(Valued(day - timedelta(days=1)))
        mandate = api.mandate(load_strategy("static"), "growth")
        Runner(config, mandate, seen, api.calendars(), QuickClock()).run(
            RunRequest(as_of=day, execute=True)
        )
    shutil.rmtree(config.state / "inputs")
    for day, some in ((DAY, True), (NEXT, False)):
        run, intents = run_of(config, day)
        assert bool(intents) is some
        assert run.document["snapshot"] != market().as_of(day).digest
        if not kept:
            document = {key: run.document[key] for key in run.document if key != "valued"}
            run = replace(run, document=document)
        found = again(config, run, intents)
        assert (found.differences, found.source) == ((), "folder")


def test_what_differs_is_named(played: Any) -> None:
    run, intents = run_of(played, DAY)
    less = {**run.document["portfolio"], "cash": 10_000_000}
    poorer = replace(run, document={**run.document, "portfolio": less})
    found = again(played, poorer, intents)
    assert not found.same
    assert found.differences[0].startswith("orders: BUY")
    rules = json.loads(json.dumps(run.document["strategy"]))
    rules["profiles"]["growth"]["risk_aversion"] = 9.0
    other = replace(run, document={**run.document, "strategy": rules})
    assert any(
        "weights of" in text or "inputs" in text
        for text in again(played, other, intents).differences
    )


def test_data_that_are_gone_or_changed_are_not_made_up(played: Any) -> None:
    run, intents = run_of(played, NEXT)
    lost = replace(run, document={**run.document, "snapshot": "0" * 64})
    with pytest.raises(DataError, match="are gone"):
        again(played, lost, intents)


def test_a_changed_archive_is_noticed(played: Any) -> None:
    run, intents = run_of(played, DAY)
    place = played.state / "inputs" / f"{run.document['snapshot']}.zip"
    before = place.read_bytes()
    with zipfile.ZipFile(place) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    facts = json.loads(parts["snapshot.json"])
    facts["decided_at"] += 1
    with zipfile.ZipFile(place, "w") as file:
        for name, data in parts.items():
            file.writestr(name, json.dumps(facts) if name == "snapshot.json" else data)
    try:
        with pytest.raises(DataError, match=r"archive of run .* was changed"):
            again(played, run, intents)
    finally:
        place.write_bytes(before)


@pytest.mark.parametrize("damage", ["cut", "no zip", "one byte", "a part missing"])
def test_a_damaged_archive_is_named_with_its_remedy(played: Any, damage: str) -> None:
    run, intents = run_of(played, DAY)
    place = played.state / "inputs" / f"{run.document['snapshot']}.zip"
    before = place.read_bytes()
    middle = len(before) // 2
    if damage == "a part missing":
        with zipfile.ZipFile(place) as file:
            parts = {name: file.read(name) for name in file.namelist()}
        with zipfile.ZipFile(place, "w") as file:
            for name, data in parts.items():
                if name != "table-0-close.npy":
                    file.writestr(name, data)
    else:
        other = bytes([before[middle] ^ 255])
        place.write_bytes(
            {"cut": before[:middle], "no zip": b"nothing", "one byte": before[:middle] + other
             + before[middle + 1 :]}[damage]
        )  # fmt: skip
    try:
        with pytest.raises(DataError, match=r"\.zip is damaged .* restore it from a backup"):
            again(played, run, intents)
    finally:
        place.write_bytes(before)


OTHERS = {
    "paper": 'kind = "paper"\nfee_rate = "0.05"\nfee_least = 9_000\nspread = "0.02"\n',
    "ticket": 'kind = "ticket"\nholdings = "mine.csv"\ncollar = 0.1\n',
}


@pytest.mark.parametrize("broker", list(OTHERS))
def test_what_the_config_says_today_does_not_matter(played: Any, broker: str) -> None:
    file = played.path.with_name(f"today-{broker}.toml")
    text = played.path.read_text("utf-8").partition("[broker]")[0]
    file.write_text(
        f"{text}[cash]\nreserve = 5_000_000\n[safety]\nmax_order = 0.01\n"
        f"[broker]\n{OTHERS[broker]}",
        "utf-8",
    )
    run, intents = run_of(played, DAY)
    assert again(load_config(file), run, intents).same


def test_a_run_with_limit_prices_keeps_its_collar(played: Any) -> None:
    run, _ = run_of(played, DAY)
    assert run.document["collar"] is None
    then = {**run.document, "broker": "ticket", "collar": 0.07, "fee_rate": "0.001"}
    broker = config_then(played, then).settings.broker
    assert (broker.kind, broker.collar, broker.fee_rate) == ("ticket", 0.07, "0.001")  # type: ignore[attr-defined]


def test_a_run_of_before_fees_had_keys_is_charged_its_rate_alone(played: Any) -> None:
    run, _ = run_of(played, DAY)
    assert run.document["fee_least"] == run.document["fee_fixed"] == 0
    old = {k: v for k, v in run.document.items() if k not in ("fee_least", "fee_fixed", "spread")}
    dear = {"fee_rate": "0.05", "fee_least": 9_000, "fee_fixed": 70, "spread": "0.02"}
    broker = played.settings.broker.model_copy(update=dear)
    today = replace(played, settings=played.settings.model_copy(update={"broker": broker}))
    then = config_then(today, old).settings.broker
    assert then.tariff(1) == Tariff(Decimal(old["fee_rate"]))


def test_an_archived_snapshot_is_the_snapshot(played: Any) -> None:
    run, _ = run_of(played, DAY)
    kept = recall(played.state, run.document["snapshot"])
    assert kept.digest == market().as_of(DAY).digest
    assert kept.findings == market().as_of(DAY).findings
