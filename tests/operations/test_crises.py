"""The overlay of ``managed`` on a real-data account whose config still says ``every = "month"``.

It trades on the sessions on which the account of the backtest trades, and what its owner is sent
in 2020 and 2022 is the list in ``crises.json``. ``python tests/operations/test_crises.py`` writes
that list again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import pytest
from timer import TimerClock

from jeoul import api
from jeoul.account.life import account_backtest
from jeoul.account.price_events import PriceEvents
from jeoul.account.records import AccountTerms
from jeoul.model.portfolio import Portfolio
from jeoul.operations.decision import trade_rules
from jeoul.operations.ledger import NAME, open_ledger
from jeoul.operations.run import Runner, RunRequest
from jeoul.operations.setup.config import load_config
from jeoul.operations.told.notify import notify_once
from jeoul.pipeline.targets import targets_along
from jeoul.strategy.load import load_strategy

HOME = Path(__file__).parent
SPANS = {
    "2020": (date(2020, 2, 17), date(2020, 6, 30)),
    "2022": (date(2022, 1, 3), date(2022, 12, 29)),
}
MONEY = 30_000_000
CONFIG = f"""schema = 1
name = "crisis"
strategy = "managed"
profile = "balanced"
state = "state"
lang = "ko"
[broker]
kind = "paper"
cash = {MONEY}
[schedule]
every = "month"
[safety]
prove = false
[notify]
"""

ALARMS = "SELECT detail FROM notes WHERE kind = 'alarm' AND session = ? ORDER BY seq"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif("JEOUL_MARKET" not in os.environ, reason="JEOUL_MARKET names no folder"),
]


class Life:
    """An account that a timer runs every weekday over a span."""

    def __init__(self, folder: Path, span: str) -> None:
        start, end = SPANS[span]
        file = folder / "c.toml"
        file.write_text(CONFIG, "utf-8")
        self.config, self.market = load_config(file), api.open_market(os.environ["JEOUL_MARKET"])
        self.mandate = api.mandate(load_strategy("managed"), "balanced")
        calendars, clock = api.calendars(), TimerClock()
        self.calendar = calendars["XKRX"]
        self.orders: dict[date, list[Any]] = {}
        self.sent: list[dict[str, Any]] = []
        runner = Runner(self.config, self.mandate, self.market, calendars, clock)
        for day in self.market.sessions("XKRX").astype(object).tolist():
            if not start <= day <= end:
                continue
            clock.start(self.calendar, day)
            report = runner.run(RunRequest(as_of=day, execute=True))
            assert report.outcome in ("executed", "nothing_to_do"), (day, report)
            self.orders[day] = [
                (o["side"], o["ticker"], o["shares"]) for o in report.document["orders"]
            ]
            bodies: list[str] = []
            notify_once(
                self.config, report, clock, lambda *parts, to=bodies: to.append(parts[2]) is None
            )
            self.sent += [self._message(day, report.outcome, body) for body in bodies]

    def _message(self, day: date, outcome: str, body: str) -> dict[str, Any]:
        """Return what a message says, whatever its words: the alarms, and the outcome if any."""
        said = body.splitlines()
        ledger = open_ledger(self.config.state / NAME)
        stored = map(json.loads, (r["detail"] for r in ledger.rows(ALARMS, day.isoformat())))
        alarms = [each["key"] for each in stored]
        ledger.close()
        lines = [line for line in said if line.startswith("[20")]
        assert len(lines) == len(set(lines)) == len(alarms)
        return {
            "session": day.isoformat(),
            "outcome": outcome if len(said) > len(lines) else None,
            "alarms": alarms,
        }

    def backtest(self) -> Iterator[tuple[date, list[Any]]]:
        """Yield the orders of the backtest's account on each session of the same span."""
        first, last = min(self.orders), max(self.orders)
        whole = self.market.as_of(self.market.last_session("XKRX"), "XKRX")
        targets = list(
            targets_along(
                self.mandate, api.history(self.mandate.strategy, whole), start=first, end=last
            )
        )
        tape = PriceEvents(tuple(t for t in self.market.prices if t.exchange == "XKRX"))
        rules = trade_rules(self.config, cast("Any", targets[0].target))
        terms = AccountTerms(start=Portfolio({}, MONEY), rules=rules)
        for day in account_backtest(targets, tape, self.calendar, terms).days:
            yield day.session, [(str(o.side), o.ticker, o.shares) for o in day.orders]


@pytest.fixture(scope="module")
def lives(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Life]:
    """The two lives, with somebody to hear of them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JEOUL_NOTIFY", "json://example.invalid")
        return {span: Life(tmp_path_factory.mktemp(span), span) for span in SPANS}


def test_it_trades_on_the_sessions_of_the_backtest(lives: dict[str, Life]) -> None:
    life = lives["2020"]
    theirs = {day: orders for day, orders in life.backtest() if day in life.orders}
    assert [day for day, orders in life.orders.items() if orders] == [
        day for day, orders in theirs.items() if orders
    ]
    assert life.orders == theirs
    assert life.orders[date(2020, 2, 28)]  # the first cut; March's first session is the next one
    assert life.orders[date(2020, 5, 27)]  # the first step up comes in the middle of no month


@pytest.mark.parametrize("span", list(SPANS))
def test_what_is_sent_is_the_golden_list_without_repeats(lives: dict[str, Life], span: str) -> None:
    sent = lives[span].sent
    known = json.loads((HOME / "crises.json").read_text("utf-8"))
    assert sent == known[span]
    alarms = [key for message in sent for key in message["alarms"]]
    assert len(alarms) == len(set(alarms))
    assert len({message["session"] for message in sent}) == len(sent)


if __name__ == "__main__":
    os.environ["JEOUL_NOTIFY"] = "json://example.invalid"
    found = {}
    for name in SPANS:
        with TemporaryDirectory() as place:
            found[name] = Life(Path(place), name).sent
    text = json.dumps(found, ensure_ascii=False, indent=1)
    (HOME / "crises.json").write_text(text + "\n", "utf-8")
