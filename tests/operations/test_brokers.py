"""A broker is one file: found by name, asked for what it can do and never for its kind."""

from __future__ import annotations

import json
import re
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from harness import mandate, market, proposal, sessions

import jeoul.operations.broker
from jeoul import api, assets
from jeoul.errors import ConfigError, UsageError
from jeoul.operations.desk.intents import intents_of, named_run
from jeoul.operations.ledger import NAME, open_ledger
from jeoul.operations.probe.opening import opened
from jeoul.operations.replay import replay, stored_strategy
from jeoul.operations.run import Runner, RunRequest
from jeoul.operations.setup.brokers import broker_kinds, broker_module, broker_settings
from jeoul.operations.setup.config import load_config, secrets_of
from jeoul.operations.setup.schedule import entries
from jeoul.strategy.load import load_strategy
from jeoul.translation import in_language

DAY = sessions()[0]
EVEN = {"069500": 0.3, "114260": 0.3, "360750": 0.3}

LOCAL = '''
"""A broker that keeps its account in a file and fills every order at its limit."""

import json
from typing import Literal

from jeoul.model.portfolio import Side
from jeoul.operations.broker.hours import OrderWindow
from jeoul.operations.broker.port import BrokerAccount, Broker, BrokerOrder, Ids, OrderState
from jeoul.operations.setup.brokers import LimitBrokerSettings
from jeoul.operations.setup.tables import Variable


class LocalSettings(LimitBrokerSettings):
    kind: Literal["local"]
    book: str
    key: Variable = "LOCAL_KEY"
    account_kinds = frozenset({"general"})
    company = "The local broker"

    @property
    def variables(self):
        return (self.key,)

    @property
    def files(self):
        return {"book": self.book}


SETTINGS = LocalSettings


def connect(settings, context):
    hours = OrderWindow(context.calendar, context.clock)
    return LocalBroker(context.beside(settings.book), hours, context.secrets[settings.key])


class LocalBroker(Broker):
    kind = "local"
    ids = Ids.ECHO

    def __init__(self, book, window, key):
        assert key.reveal() == "hush"
        self.book, self.window = book, window

    def hours(self, session):
        return self.window.hours(session)

    def account(self):
        if self._rows():
            return self._after()
        return BrokerAccount({}, json.loads(self.book.read_text())["cash"], {})

    def orders(self, session):
        return [
            BrokerOrder(
                order_id=str(number), name=row["name"], session=session, side=Side(row["side"]),
                ticker=row["ticker"], shares=row["shares"], limit=row["limit"],
                state=OrderState.FILLED, filled=row["shares"],
                amount=row["shares"] * row["limit"], fee=0,
            )
            for number, row in enumerate(self._rows(), start=1)
        ]

    def submit(self, request):
        row = {"name": request.name, "side": str(request.side), "ticker": request.ticker,
               "shares": request.shares, "limit": request.limit}
        book = json.loads(self.book.read_text())
        book["orders"].append(row)
        self.book.write_text(json.dumps(book))
        return str(len(book["orders"]))

    def _rows(self):
        return json.loads(self.book.read_text())["orders"]

    def _after(self):
        rows = self._rows()
        paid = sum(row["shares"] * row["limit"] for row in rows)
        cash = json.loads(self.book.read_text())["cash"] - paid
        return BrokerAccount({row["ticker"]: row["shares"] for row in rows}, cash, {})
'''

CONFIG = """schema = 1
name = "l"
strategy = "static"
profile = "balanced"
state = "state"
lang = "en"
[broker]
kind = "local"
book = "book.json"
collar = 0.01
[safety]
max_turnover = 2.0
"""


class Morning:
    """An hour after the open of the session in which the decision of ``DAY`` is carried out."""

    def now(self) -> float:
        executed = api.calendars()["XKRX"].after(DAY)
        return datetime(executed.year, executed.month, executed.day, 1, tzinfo=UTC).timestamp()

    def wait(self, seconds: float) -> None: ...


@pytest.fixture
def local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A config of a broker that is one new file, and nothing else that changed."""
    package = tmp_path / "package"
    package.mkdir()
    (package / "local.py").write_text(LOCAL, "utf-8")
    paths = [*jeoul.operations.broker.__path__, str(package)]
    monkeypatch.setattr(jeoul.operations.broker, "__path__", paths)
    monkeypatch.setenv("LOCAL_KEY", "hush")
    (tmp_path / "book.json").write_text(json.dumps({"cash": 50_000_000, "orders": []}), "utf-8")
    (tmp_path / "c.toml").write_text(CONFIG, "utf-8")
    return tmp_path / "c.toml"


def run(file: Any, **request: Any) -> Any:
    runner = Runner(load_config(file), mandate(), market(), api.calendars(), Morning())
    runner.proposer = lambda wanted: proposal(wanted, EVEN, due=False)
    runner.keep_inputs = False
    return runner.run(RunRequest(as_of=DAY, **request))


def test_a_new_broker_is_one_file(local: Any) -> None:
    assert "local" in broker_kinds()
    planned = run(local)
    assert planned.outcome == "planned"
    assert json.loads((local.parent / "book.json").read_text("utf-8"))["orders"] == []
    done = run(local, execute=True)
    assert done.outcome == "executed"
    orders = done.document["orders"]
    assert len(orders) == len(EVEN)
    assert all(order["filled"] == order["shares"] for order in orders)
    assert all(order["limit"] >= order["price"] for order in orders)
    again = run(local, execute=True)
    assert [order["broker_order"] for order in again.document["orders"]] == [
        order["broker_order"] for order in orders
    ]


def test_a_run_at_any_broker_is_replayed_though_its_module_is_gone(local: Any) -> None:
    text = local.read_text("utf-8")
    growth = api.mandate(load_strategy("static"), "growth")
    runner = Runner(load_config(local), growth, market(), api.calendars(), Morning())
    assert runner.run(RunRequest(as_of=DAY, execute=True)).outcome == "executed"
    paper = '[broker]\nkind = "paper"\n[safety]'
    local.write_text(text.partition("[broker]")[0] + paper, "utf-8")
    config = load_config(local)
    with closing(open_ledger(config.state / NAME)) as ledger:
        frozen = named_run(ledger, f"l.static.{DAY}")
        intents = intents_of(ledger, frozen.run_id)
    assert intents
    assert all(intent.order.limit is not None for intent in intents)
    then = replace(frozen, document={**frozen.document, "broker": "closed-since"})  # type: ignore[type-var]
    mandate_then = api.mandate(stored_strategy(then), "growth", then.document["kind"])  # type: ignore[arg-type]
    found = replay(config, mandate_then, then, intents, market(), api.calendars())  # type: ignore[arg-type]
    assert found.same, found.differences


def test_its_secrets_are_kept_out_and_asked_of_the_timer(
    local: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = load_config(local)
    assert secrets_of(config) == ("hush",)
    assert "LOCAL_KEY: ${{ secrets.LOCAL_KEY }}" in entries(config, "jeoul", "github")[0].text
    monkeypatch.delenv("LOCAL_KEY")
    with pytest.raises(ConfigError, match="LOCAL_KEY is not set"):
        run(local)


def test_its_accounts_files_and_keys_are_checked(local: Any) -> None:
    text = CONFIG.replace('state = "state"', 'state = "state"\naccount = "irp"')
    local.write_text(text, "utf-8")
    with pytest.raises(ConfigError, match="The local broker takes no orders for irp accounts"):
        load_config(local)
    local.write_text(CONFIG.replace('"book.json"', '"~nobodyx/book.json"'), "utf-8")
    with pytest.raises(ConfigError, match=r"broker\.book: '~nobodyx/book.json'"):
        load_config(local)
    local.write_text(CONFIG.replace("collar", "colar"), "utf-8")
    with pytest.raises(ConfigError, match=r"unknown key 'colar' in \[broker\]; .* 'collar'"):
        load_config(local)


def test_a_kind_that_does_not_exist_is_one_problem(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text(CONFIG.replace('"local"', '"papr"'), "utf-8")
    with pytest.raises(
        ConfigError, match="'papr' is not a kind of broker; did you mean 'paper'"
    ) as e:
        load_config(file)
    assert len(e.value.problems) == 1


@pytest.mark.parametrize(
    "table", ["", "[broker]\ncash = 1\n", "broker = 3\n", "[broker]\nkind = 3\n"]
)
def test_a_config_without_a_kind_of_broker_is_refused(tmp_path: Path, table: Any) -> None:
    file = tmp_path / "c.toml"
    file.write_text(CONFIG.partition("[broker]")[0] + table, "utf-8")
    with pytest.raises(ConfigError, match=r"broker(\.kind)?: ") as caught:
        load_config(file)
    assert len(caught.value.problems) == 1


@pytest.mark.parametrize("kind", broker_kinds())
def test_a_module_is_found_by_the_kind_that_its_table_has(kind: Any) -> None:
    module = broker_module(kind)
    assert module.SETTINGS is broker_settings(kind)
    assert module.SETTINGS.model_fields["kind"].annotation.__args__ == (kind,)
    assert callable(module.connect)


def test_only_a_ticket_takes_fills_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    text = CONFIG.partition("[broker]")[0] + '[broker]\nkind = "paper"\n'
    file.write_text(text, "utf-8")
    report = run(file, fills=tmp_path / "fills.csv")
    assert report.outcome == "blocked_data"
    assert "--fills" in report.reasons[0]


def test_a_new_rest_broker_is_named_among_those_that_can_be_probed_and_no_other_is(
    local: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (local.parent / "package" / "newrest.py").write_text(
        "from jeoul.operations.broker.rest.settings import RestSettings\nSETTINGS = RestSettings\n",
        "utf-8",
    )
    with (
        pytest.raises(
            UsageError, match='one of "kis", "kiwoom", "newrest", "toss" has one'
        ) as said,
        opened(load_config(local), api.calendars()["XKRX"], Morning()),
    ):
        pass
    assert in_language(str(said.value), "ko") == (
        'broker.kind = "local"에는 조회할 API가 없습니다. '
        'broker.kind가 "kis", "kiwoom", "newrest", "toss" 중 하나인 설정을 쓰십시오'
    )


def test_the_page_names_classes_of_the_files_that_a_broker_is_written_with() -> None:
    page = (assets.root() / "docs" / "operations.md").read_text("utf-8")
    named = re.findall(r"`([A-Z]\w+)` (?:in|\()\s*`broker/(\w+)\.py`", page)
    assert ("OrderWindow", "hours") in named
    assert [(name, part) for name, part in named if not hasattr(broker_module(part), name)] == []
