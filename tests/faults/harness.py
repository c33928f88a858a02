"""A real run on the sample market, a broker that misbehaves, a process that may be killed."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from jeoul import api
from jeoul.account.price_events import PriceEvents
from jeoul.model.decision import Proposal, Quote
from jeoul.model.portfolio import CASH, Reason
from jeoul.operations.broker.paper import NAME, PaperBroker
from jeoul.operations.broker.paper_rules import PaperRules
from jeoul.operations.broker.port import (
    Broker,
    BrokerAccount,
    BrokerOrder,
    Ids,
    OrderRequest,
    Watermark,
)
from jeoul.operations.errors import NotSent, Unanswered, Unreachable
from jeoul.operations.ledger import check, ledger_of, portfolio
from jeoul.operations.run import Runner
from jeoul.operations.setup.config import Config, load_config
from jeoul.operations.setup.passphrase import key_of
from jeoul.pipeline import Mandate
from jeoul.rebalance import ONLINE
from jeoul.strategy.load import load_strategy

FUNDS = ("069500", "114260", "133690", "148070", "161510", "251350", "360750")
FIRST = date(2025, 3, 4)
FEES = ONLINE


class QuickClock:
    """The machine's clock, with long pauses cut short."""

    def __init__(self, ahead: float = 0.0) -> None:
        self.ahead = ahead

    def now(self) -> float:
        return time.time() + self.ahead  # noqa: TID251

    def wait(self, seconds: float) -> None:
        time.sleep(seconds if seconds < 0.1 else 0.0005)


@cache
def market() -> Any:
    return api.open_market()


@cache
def tape() -> PriceEvents:
    return PriceEvents(tuple(table for table in market().prices if table.exchange == "XKRX"))


@cache
def mandate() -> Mandate:
    return api.mandate(load_strategy("static"), "balanced", "general")


@cache
def sessions(count: int = 40) -> tuple[date, ...]:
    calendar = api.calendars()["XKRX"]
    place = calendar.index(FIRST)
    return tuple(calendar.label(place + step) for step in range(count))


def proposal(session: date, weights: Mapping[str, float], *, due: bool = True) -> Proposal:
    """What the model would say if it wanted these weights."""
    calendar = api.calendars()["XKRX"]
    executed = calendar.after(session)
    quotes = {
        code: Quote(price=price, session=session)
        for code in FUNDS
        if (price := tape().close(code, session)) is not None
    }
    rest = {CASH: 1.0 - sum(weights.values())}
    return Proposal(
        **{  # type: ignore[arg-type]
            **_template(),
            "as_of": session,
            "executed": executed,
            "executed_at": int(calendar.closes[calendar.index(executed)]),
            "weights": {**weights, **rest},
            "allocation": {**weights, **rest},
            "quotes": quotes,
            "due": due,
            "inputs": f"made for {session} {sorted(weights.items())}",
        }
    )


@cache
def _template() -> dict[str, object]:
    found = api.propose(load_strategy("static"), "balanced", "general", market().as_of(FIRST))
    names = Proposal.__dataclass_fields__
    return {name: getattr(found, name) for name in names} | {
        "findings": (),
        "reasons": (Reason.of("trade.calendar", turnover="1.0%"),),
    }


def weights_of(random_: random.Random) -> dict[str, float]:
    """Random weights of two to six funds, with some cash."""
    chosen = random_.sample(FUNDS, random_.randint(2, 6))
    parts = [random_.random() + 0.1 for _ in chosen]
    return {code: 0.95 * part / sum(parts) for code, part in zip(chosen, parts, strict=True)}


def make_config(folder: Path, extra: str = "", name: str = "main") -> Config:
    file = folder / "config.toml"
    file.write_text(
        f'schema = 1\nname = "{name}"\nstrategy = "static"\nprofile = "balanced"\n'
        f'state = "{folder / "state"}"\nlang = "en"\n{extra}\n'
        '[broker]\nkind = "paper"\ncash = 50_000_000\n'
        '[safety]\nmax_turnover = 2.0\nunexplained = "adopt"\n',
        "utf-8",
    )
    return load_config(file)


@dataclass(frozen=True)
class Faults:
    """How often in a hundred the way to the broker fails, and how."""

    lost: int = 0  # no answer, and the order never arrived
    silent: int = 0  # no answer, but the order arrived
    turned_away: int = 0  # a definite no before the order was read
    unreachable: int = 0  # a question is not answered
    nonsense: int = 0  # an order list that cannot be


class FaultyBroker(Broker):
    """A paper account behind a bad line."""

    def __init__(self, broker: PaperBroker, faults: Faults, random_: random.Random) -> None:
        self.broker, self.faults, self.random = broker, faults, random_
        self.kind, self.ids, self.visibility = "paper", broker.ids, broker.visibility

    def _happens(self, percent: int) -> bool:
        return self.random.randrange(100) < percent

    def hours(self, session: date) -> Any:
        return self.broker.hours(session)

    def catch_up(self, until: date) -> None:
        self.broker.catch_up(until)

    def close(self) -> None:
        self.broker.close()

    def movements(self) -> Any:
        return self.broker.movements()

    def absent(self, request: OrderRequest, before: Watermark) -> Sequence[str]:
        if self._happens(self.faults.unreachable):
            raise Unreachable("the line is down")
        return self.broker.absent(request, before)

    def account(self) -> BrokerAccount:
        if self._happens(self.faults.unreachable):
            raise Unreachable("the line is down")
        return self.broker.account()

    def orders(self, session: date) -> Sequence[BrokerOrder]:
        if self._happens(self.faults.unreachable):
            raise Unreachable("the line is down")
        listed = list(self.broker.orders(session))
        if listed and self._happens(self.faults.nonsense):
            return [*listed, replace(listed[0], filled=listed[0].shares + 1)]
        return listed

    def submit(self, request: OrderRequest) -> str:
        if self._happens(self.faults.turned_away):
            raise NotSent("too many requests")
        if self._happens(self.faults.lost):
            raise Unanswered("timed out")
        number = self.broker.submit(request)
        if self._happens(self.faults.silent):
            raise Unanswered("timed out")
        return number


def make_runner(
    config: Config,
    rules: PaperRules,
    proposals: Mapping[date, Proposal],
    *,
    faults: Faults | None = None,
    seed: int = 0,
    checkpoint: Callable[[str], None] | None = None,
) -> Runner:
    config.state.mkdir(parents=True, exist_ok=True)
    clock = QuickClock()
    broker = PaperBroker(
        config.state.parent / NAME,
        tape(),
        api.calendars()["XKRX"],
        clock,
        start=BrokerAccount({}, 50_000_000, {}),
        rules=rules,
        key=key_of(config),
    )
    wrapped = broker if faults is None else FaultyBroker(broker, faults, random.Random(seed))
    runner = Runner(config, mandate(), market(), api.calendars(), clock, broker=wrapped)
    runner.proposer = proposals.__getitem__
    runner.keep_inputs = False
    if checkpoint is not None:
        runner.checkpoint = checkpoint
    return runner


def paper_rules(ids: Ids, random_: random.Random) -> PaperRules:
    """A venue with a visibility window, thin markets and funds that it refuses."""
    late = random_.random() < 0.5
    return PaperRules(
        fees=FEES,
        ids=ids,
        visibility=0.012 if late else 0.0,
        delay=0.006 if late else 0.0,
        refuses=frozenset(random_.sample(FUNDS, 1)) if random_.random() < 0.15 else frozenset(),
        fills_at_most={code: random_.randint(1, 60) for code in FUNDS if random_.random() < 0.15},
    )


Checkpoint = Callable[[str], None]


def killer(step: str, count: int) -> Checkpoint:
    """End the process with SIGKILL the ``count``-th time that a step is reached."""
    left = [count]

    def checkpoint(reached: str) -> None:
        if reached == step:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return checkpoint


def in_child(work: Callable[[], None]) -> int:
    """Run something in a forked process; return its wait status."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:
            import traceback

            traceback.print_exc()
            os._exit(70)
        os._exit(0)
    return os.waitpid(child, 0)[1]


def plain_in(folder: Path, *texts: str) -> list[str]:
    """The files of a folder in which a fund's code, or one of the texts, can be read."""
    marks = [text.encode() for text in (*FUNDS, *texts)]
    files = (path for path in folder.rglob("*") if path.is_file())
    return [str(path) for path in files if any(mark in path.read_bytes() for mark in marks)]


def faults_found(config: Config, rules: PaperRules) -> list[str]:
    """What is wrong with ledger and venue after everything has come to rest."""
    found: list[str] = []
    broker = PaperBroker(
        config.state.parent / NAME,
        tape(),
        api.calendars()["XKRX"],
        QuickClock(),
        start=BrokerAccount({}, 0, {}),
        rules=rules,
        key=key_of(config),
    )
    ledger = ledger_of(config)
    try:
        found += check(ledger).faults
        found += _doubled_or_lost(ledger, broker)
        books, account = portfolio(ledger, "KRW"), broker.account()
        if dict(books.shares) != dict(account.shares):
            found.append(f"books hold {books.shares}, the venue {account.shares}")
        if books.cash + sum(books.unsettled.values()) != account.money:
            found.append(f"books have {books.cash} {books.unsettled}, the venue {account.money}")
        if ledger.rows("SELECT 1 FROM transactions WHERE kind IN ('adopted', 'fees')"):
            found.append("something was adopted though nobody else trades here")
    finally:
        ledger.close()
        broker.close()
    return found


def _doubled_or_lost(ledger: Any, broker: PaperBroker) -> list[str]:
    found = []
    venue: dict[tuple[str, str, str], list[BrokerOrder]] = {}
    for day in {row["executed"] for row in ledger.rows("SELECT executed FROM runs")}:
        for order in broker.orders(date.fromisoformat(day)):
            venue.setdefault((day, str(order.side), order.ticker), []).append(order)
    rows = ledger.rows(
        "SELECT i.*, r.executed FROM intents i JOIN runs r USING (run_id) ORDER BY i.seq"
    )
    for row in rows:
        key = (row["executed"], row["side"], row["ticker"])
        orders = venue.pop(key, [])
        states = [
            e["state"]
            for e in ledger.rows(
                "SELECT state FROM order_events WHERE intent = ? ORDER BY seq", row["intent"]
            )
        ]
        last = states[-1] if states else "new"
        filled = ledger.rows(
            "SELECT COALESCE(SUM(shares), 0) AS n FROM fills WHERE intent = ?", row["intent"]
        )[0]["n"]
        if len(orders) > 1:
            found.append(f"{row['intent']}: {len(orders)} orders at the venue")
        elif not orders and last != "refused":
            found.append(f"{row['intent']}: lost ({states})")
        elif orders and orders[0].filled != filled:
            found.append(f"{row['intent']}: {orders[0].filled} filled, {filled} in the books")
        if last not in ("filled", "closed", "refused"):
            found.append(f"{row['intent']}: ends as {last}")
    found += [f"{key}: nobody decided it" for key in venue]
    return found
