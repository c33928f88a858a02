"""The engine as the simulator starts it: configs, mandates, proposals made by hand, a runner."""

from __future__ import annotations

import random
import tempfile
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from simulator.broker import SimulatedBroker, WorldClock
from simulator.disk import Disk
from simulator.market import FUNDS
from simulator.world import World

from jeoul import api
from jeoul.model.calendar import Calendar
from jeoul.model.decision import Memory, Proposal, Quote
from jeoul.model.instrument import AccountKind
from jeoul.model.portfolio import CASH, Reason
from jeoul.operations.run import Runner
from jeoul.operations.setup.config import Config, load_config
from jeoul.pipeline import Mandate
from jeoul.strategy.load import load_strategy

STRATEGIES = ("static", "static-wide", "other")
"""The rules of a life, the same rules with a changed key, and those of a second plan."""

_TEXT = """
schema = 1
name = "main"
strategy = "static"
profile = "balanced"
state = "state"
lang = "en"
[broker]
{broker}
[cash]
proceeds = "{proceeds}"
[safety]
max_turnover = 2.0
prove = false
[approval]
required = {approval}
hours = 3.0
"""
_BROKERS = {True: 'kind = "kis"\nmode = "simulation"', False: 'kind = "paper"'}


@cache
def calendar() -> Calendar:
    """Return the exchange's calendar."""
    return api.calendars()["XKRX"]


@cache
def mandate(name: str) -> Mandate:
    """Return the mandate of one of :data:`STRATEGIES`."""
    strategy = load_strategy("static")
    if name == "static-wide":
        strategy = strategy.replace("rebalance.band", 0.06)
    elif name == "other":
        strategy = strategy.replace("name", "other")
    return api.mandate(strategy, "balanced", "general")


@cache
def config(*, limits: bool, approval: bool, reuse: bool) -> Config:
    """Return a config: with limits or not, released by a person or not, proceeds reused or not."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "config.toml"
        text = _TEXT.format(
            broker=_BROKERS[limits],
            approval=str(approval).lower(),
            proceeds="reuse" if reuse else "settled",
        )
        path.write_text(text, "utf-8")
        return load_config(path)


def proposal(world: World, session: date, name: str, draw: random.Random) -> Proposal:
    """Return what a model would say: random weights, due or not, priced at the session's close."""
    rules = mandate(name)
    day = world.session_of(session)
    weights = _weights(draw)
    executed = world.market.days[day + 1]
    return Proposal(
        as_of=session,
        executed=executed,
        currency="KRW",
        weights=weights,
        due=draw.random() < 0.6,
        reasons=(Reason.of("trade.calendar", turnover="1.0%"),),
        quotes={
            code: Quote(price=price, session=session)
            for code, price in world.market.closes[day].items()
        },
        band=0.05,
        min_trade=50_000,
        risk=frozenset(),
        risk_cap=None,
        strategy=rules.strategy.name,
        profile="balanced",
        account=AccountKind.GENERAL,
        known_at=int(world.closes[day]),
        decided_at=int(world.opens[day + 1]) - 1800,
        executed_at=int(world.closes[day + 1]),
        simulated=True,
        allocation=weights,
        volatility=0.07,
        contributions={},
        expected_volatility=0.07,
        expected_excess=0.01,
        scale=1.0,
        effects=(),
        state="NORMAL",
        latches={},
        findings=(),
        classes={code: rules.universe.instruments[code].asset_class for code in FUNDS},
        memory=Memory(as_of=session, rules=name, clock=None, overlay=None, scale=1.0),
        inputs=f"{session} {name}",
    )


def _weights(draw: random.Random) -> dict[str, float]:
    parts = {code: draw.random() + 0.05 for code in FUNDS}
    if draw.random() < 0.2:
        parts[draw.choice(FUNDS)] = 0.0
    scale = draw.choice((0.6, 0.9, 0.98)) / sum(parts.values())
    weights = {code: part * scale for code, part in parts.items()}
    return {**weights, CASH: 1.0 - sum(weights.values())}


def runner(
    world: World, disk: Disk, settings: Config, name: str, broker: SimulatedBroker, seed: str
) -> Runner:
    """Return the real runner in this world."""
    found = Runner(
        disk.configured(settings),
        mandate(name),
        _as_market(world),
        {"XKRX": calendar()},
        WorldClock(world),
        broker=broker,
        ledgers=disk.ledger,
    )
    found.proposer = lambda session: proposal(
        world, session, name, random.Random(f"{seed}/{session}/{name}")
    )
    found.keep_inputs = False
    return found


def _as_market(world: World) -> Any:
    return world.market
