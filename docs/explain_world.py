"""Words of the examples of ``jeoul explain``: commands, runs, a broker, and other parts.

None of them asks a network: the broker answers what the example says.
"""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from datetime import date, datetime, time
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import click
import httpx
from click.testing import CliRunner

import jeoul
from jeoul import api
from jeoul.cli.main import cli
from jeoul.executing import Crew, carry_out
from jeoul.model.portfolio import Portfolio, Reason, Side
from jeoul.operations.broker.kis.wire import KisWire
from jeoul.operations.broker.port import BrokerContext, BrokerOrder, OrderState
from jeoul.operations.broker.rest.wire import Keys, RequestLine
from jeoul.operations.desk.intents import Intent, PlannedOrder
from jeoul.operations.encryption import encrypt
from jeoul.operations.ledger import open_ledger
from jeoul.operations.run import RunRequest
from jeoul.operations.setup.config import load_config
from jeoul.operations.setup.lock import locked
from jeoul.operations.setup.outcome import RunReport
from jeoul.operations.setup.secrets import Secret
from jeoul.research.placebo import Placebo, refuse_look_ahead
from jeoul.research.sweep import sweep
from jeoul.workspace.live import run_once

DAY = date(2024, 6, 28)


# -- commands and runs -----------------------------------------------------------------------------


def command(line: str, **files: str) -> Any:
    """Return what a command line comes to, in a folder with these files.

    The name of a file is written with ``_`` for its dot: ``my_toml`` is my.toml.
    """
    with _folder(files):
        result = CliRunner().invoke(cli, line.split(), standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return result.return_value


@contextmanager
def _folder(files: Mapping[str, str]) -> Iterator[Path]:
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            stem, _, ending = name.rpartition("_")
            (Path(folder) / f"{stem}.{ending}").write_text(text, "utf-8")
        os.chdir(folder)
        try:
            yield Path(folder)
        finally:
            os.chdir(before)


class _At:
    """A clock that shows one time."""

    def __init__(self, now: float) -> None:
        self._now = now

    def now(self) -> float:
        return self._now

    def wait(self, seconds: float) -> None:
        self._now += seconds


CONFIG = """
schema = 1
name = "my"
strategy = "static"
profile = "balanced"
account = "general"
state = "state"
lang = "en"
[broker]
kind = "paper"
cash = 100_000_000
[schedule]
at = "09:10"
timezone = "Asia/Seoul"
"""


def ran(
    *days: str, more: str = "", then: tuple[str, str] | None = None, execute: bool = True
) -> RunReport:
    """Return the report of the last of some runs of a paper account on the simulated sample.

    Each run decides as of a day, on the morning after it. ``more`` is written into the config;
    ``then`` is what is replaced in it before the last run, and by what.
    """
    zone = ZoneInfo("Asia/Seoul")
    with _folder({"my_toml": CONFIG + more}) as folder:
        path = folder / "my.toml"
        for day in days:
            if then is not None and day == days[-1]:
                path.write_text(path.read_text("utf-8").replace(*then), "utf-8")
            session = date.fromisoformat(day)
            calendar = api.calendars()["XKRX"]
            due = calendar.sessions[calendar.index(session) + 1].astype(object)
            at = datetime.combine(due, time(10), zone).timestamp()
            report = run_once(load_config(path), RunRequest(session, execute=execute), _At(at))
    return report


# -- a broker --------------------------------------------------------------------------------------

ORDER = {"PDNO": "069500", "ORD_QTY": "1"}


def sent(answer: Callable[[httpx.Request], httpx.Response]) -> Mapping[str, Any]:
    """Return what a broker answers to one order."""

    def respond(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("tokenP"):
            return _streamed({"access_token": "token", "expires_in": "86400"})
        return answer(request)

    with tempfile.TemporaryDirectory() as folder:
        secret = Secret("hidden")
        line = RequestLine("http://broker", "real", 5.0)
        wire = KisWire(line, Keys(secret, secret, secret), Path(folder), _At(0.0))
        wire.close()
        transport = httpx.MockTransport(respond)
        wire.client.client = httpx.Client(base_url=line.address, transport=transport)
        return wire.order("/uapi/order", "TTTC0802U", ORDER)


def refusing(request: httpx.Request) -> httpx.Response:
    """Answer that the market is closed."""
    return _streamed({"rt_cd": "1", "msg_cd": "APBK0918", "msg1": "closed"})


def _streamed(body: Mapping[str, str]) -> httpx.Response:
    return httpx.Response(200, stream=httpx.ByteStream(json.dumps(body).encode()))


def unconnected(request: httpx.Request) -> httpx.Response:
    """Take no connection."""
    raise httpx.ConnectError("no route", request=request)


def silent(request: httpx.Request) -> httpx.Response:
    """Take a request and answer nothing."""
    raise httpx.ReadTimeout("no answer", request=request)


def listed(number: str = "1", *, shares: int = 5, filled: int = 0) -> BrokerOrder:
    """Return an order to buy 069500 as a broker lists it."""
    return BrokerOrder(
        order_id=number, name=None, session=DAY, side=Side.BUY, ticker="069500", shares=shares,
        limit=None, state=OrderState.OPEN, filled=filled, amount=filled * 10_000,
    )  # fmt: skip


def intent() -> Intent:
    """Return an order to buy 5 shares of 069500 that was sent and not answered."""
    order = PlannedOrder(Side.BUY, "069500", 5, 10_000, None, Reason("rebalance.buy_under"))
    return Intent("my-1", "run", DAY, order, "sending", None, {"watermark": []}, 0, 0, 0)


def ledger(text: str) -> Any:
    """Return the ledger in a file with this text."""
    with _folder({"ledger_sqlite": text}) as folder:
        return open_ledger(folder / "ledger.sqlite")


# -- other parts -----------------------------------------------------------------------------------


class _Dying(Executor):
    """Workers that die over whatever they are given."""

    def submit(self, *_: Any, **__: Any) -> Future[Any]:
        found: Future[Any] = Future()
        found.set_exception(BrokenProcessPool("a worker died"))
        return found


def swept_by_dying_workers() -> None:
    """Sweep one chunk whose workers die each time."""
    chunk = SimpleNamespace(variants=({},))
    results: Any = SimpleNamespace(path="sweep.sqlite")
    sweep([chunk], lambda _: [], _Dying, results, results)  # type: ignore[list-item]


def planned_by_dying_workers() -> None:
    """Plan one part of a batch whose workers die each time."""
    carry_out([1], str, Crew(_Dying), lambda *_: None)


def two_runs_at_once() -> None:
    """Take the lock of a state folder twice."""
    with tempfile.TemporaryDirectory() as folder, locked(Path(folder)), locked(Path(folder)):
        pass


def changed_from(secret: str) -> None:
    """Send a form with a secret that is not of this session's pages."""
    from jeoul.web.shared import changes

    request: Any = SimpleNamespace(
        headers={"x-change": secret}, state=SimpleNamespace(session="a session")
    )
    asyncio.run(changes(request))


def stopped() -> None:
    """Stop a command with Ctrl-C."""
    raise click.exceptions.Abort


def without_books() -> Portfolio:
    """Ask a broker that keeps no books, and whose config names no cash, for the account."""
    context = BrokerContext(
        state=Path(), beside=Path, calendar=api.calendars()["XKRX"], clock=_At(0.0),
        currency="KRW", secrets={}, price_events=_unasked,
    )  # fmt: skip
    return context.books()


def _unasked() -> Any:
    raise NotImplementedError


def encrypted(more: str = "") -> int:
    """Encrypt the ledger of an account with this in its config."""
    with _folder({"my_toml": CONFIG.replace("[broker]", f"{more}\n[broker]")}) as folder:
        return encrypt(load_config(folder / "my.toml"))


def a_session_early(sharpe: float) -> None:
    """Judge a backtest that has this Sharpe ratio with its signals a session early."""
    market = jeoul.open_market()
    tested = jeoul.backtest(jeoul.load_strategy("static"), "balanced", market, end="1998-06-29")
    refuse_look_ahead(tested, (Placebo("early", "", sharpe),))
