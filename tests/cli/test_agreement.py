"""`jeoul decide` and a dry run of an order ticket give one answer to the same question."""

from __future__ import annotations

import json
import random
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from jeoul import api
from jeoul.operations.broker.port import Broker, BrokerAccount, Hours, Ids
from jeoul.operations.run import Runner, RunRequest
from jeoul.operations.setup.config import load_config

# One on which the model trades, and one on which it holds.
DAYS = [date(2024, 6, 28), date(2024, 6, 12)]
TERMS = ("side", "ticker", "shares", "price", "limit", "reason")
CONFIG = """
schema = 1
name = "same"
strategy = "managed"
profile = "balanced"
account = "isa"
state = "state"
lang = "en"
[broker]
kind = "ticket"
holdings = "mine.csv"
[cash]
proceeds = "{proceeds}"
[safety]
max_turnover = 2.0
"""

pytestmark = pytest.mark.usefixtures("opened_once")


class Morning:
    """An hour at which the ticket of a session's orders can be typed in."""

    def __init__(self, day: date) -> None:
        executed = api.calendars()["XKRX"].after(day)
        self.time = datetime(executed.year, executed.month, executed.day, 0, 30, tzinfo=UTC)

    def now(self) -> float:
        return self.time.timestamp()

    def wait(self, seconds: float) -> None:
        raise AssertionError("nothing to wait for on a ticket")


@pytest.fixture
def dry_run(sample: Any, desk: Any, tmp_path: Path) -> Any:
    """Return the report of a dry run for holdings on a day, in a state folder of a name."""

    def run(day: date, proceeds: str, rows: dict[str, int], state: str) -> Any:
        folder = tmp_path / state
        folder.mkdir(exist_ok=True)
        (folder / "config.toml").write_text(CONFIG.format(proceeds=proceeds), "utf-8")
        held(folder / "mine.csv", rows)
        config = load_config(folder / "config.toml")
        mandate = api.mandate(api.load_strategy("managed"), "balanced", "isa")
        runner = Runner(config, mandate, sample, api.calendars(), Morning(day))
        runner.proposer = lambda _: desk.proposal(sample, day, "managed", "balanced", "isa")
        return runner.run(RunRequest(as_of=day, adopt=True))

    return run


def held(path: Path, rows: dict[str, int]) -> Path:
    lines = [f"{code},{count}" for code, count in rows.items()]
    path.write_text("\n".join(["ticker,shares", *lines]) + "\n", "utf-8")
    return path


def holdings(seed: int, codes: list[str]) -> dict[str, int]:
    draw = random.Random(seed)
    shares = {code: draw.randint(1, 150) for code in draw.sample(codes, draw.randint(0, 5))}
    return {**shares, "CASH": draw.choice([50_000, 900_000, 12_345_678])}


def orders(document: Any) -> Any:
    return [[order[term] for term in TERMS] for order in document["orders"]]


@pytest.mark.parametrize("proceeds", ["settled", "reuse"])
@pytest.mark.parametrize("seed", range(4))
def test_the_same_holdings_have_the_same_orders(
    jeoul: Any, dry_run: Any, tmp_path: Path, sample: Any, desk: Any, seed: int, proceeds: str
) -> None:
    day = DAYS[seed % 2]
    rows = holdings(seed, sorted(desk.proposal(sample, day, "managed", "balanced").quotes))
    base = ("managed", "--profile", "balanced", "--account", "isa", "--as-of", day, "--lang", "en")
    terms = ("--proceeds", proceeds, "--holdings", held(tmp_path / "decide.csv", rows), "--json")
    decided = json.loads(jeoul("decide", *base, *terms).out)
    report = dry_run(day, proceeds, rows, "run")
    assert orders(decided) == orders(report.document)
    assert decided["reasons"] == list(report.reasons)
    assert decided["proceeds"] == report.document["proceeds"] == proceeds


class Held(Broker):
    """A broker with an interface, and what its account holds."""

    kind, ids, sales_first = "kis", Ids.NONE, True

    def __init__(self, rows: dict[str, int]) -> None:
        shares = {code: count for code, count in rows.items() if code != "CASH"}
        self.held = BrokerAccount(shares, rows["CASH"], {}, orderable=rows["CASH"])

    def hours(self, session: date) -> Hours:
        return Hours.OPEN

    def account(self) -> BrokerAccount:
        return self.held

    def orders(self, session: date) -> Any:
        return ()

    def submit(self, request: Any) -> str:
        raise AssertionError("a dry run sends nothing")


@pytest.mark.parametrize("proceeds", ["settled", "reuse"])
@pytest.mark.parametrize("seed", range(2))
def test_a_broker_with_an_interface_has_the_orders_that_decide_names(
    jeoul: Any, tmp_path: Path, sample: Any, desk: Any, seed: int, proceeds: str
) -> None:
    day = DAYS[0]
    rows = holdings(seed, sorted(desk.proposal(sample, day, "managed", "balanced").quotes))
    base = ("managed", "--profile", "balanced", "--account", "isa", "--as-of", day, "--lang", "en")
    terms = ("--proceeds", proceeds, "--holdings", held(tmp_path / "decide.csv", rows), "--json")
    decided = json.loads(jeoul("decide", *base, *terms).out)
    text = CONFIG.format(proceeds=proceeds).replace(
        'kind = "ticket"\nholdings = "mine.csv"', 'kind = "kis"\nmode = "simulation"'
    )
    (tmp_path / "config.toml").write_text(text, "utf-8")
    mandate = api.mandate(api.load_strategy("managed"), "balanced", "isa")
    config, broker = load_config(tmp_path / "config.toml"), Held(rows)
    runner = Runner(config, mandate, sample, api.calendars(), Morning(day), broker=broker)
    runner.proposer = lambda _: desk.proposal(sample, day, "managed", "balanced", "isa")
    report = runner.run(RunRequest(as_of=day))
    assert orders(decided) == orders(report.document)
    assert decided["proceeds"] == report.document["proceeds"] == proceeds


@pytest.mark.parametrize(("day", "deposit"), [(DAYS[0], 5_000_000), (DAYS[1], 700_000)])
def test_money_that_came_in_is_a_deposit_to_both(
    jeoul: Any, dry_run: Any, tmp_path: Path, sample: Any, desk: Any, day: date, deposit: int
) -> None:
    weights = desk.proposal(sample, day, "managed", "balanced", "isa").weights
    quotes = desk.proposal(sample, day, "managed", "balanced", "isa").quotes
    rows = {c: int(30_000_000 * w / quotes[c].price) for c, w in weights.items() if c in quotes}
    before = {**{code: count for code, count in rows.items() if count}, "CASH": 90_000}
    dry_run(day, "settled", before, "run")  # opens the books
    report = dry_run(day, "settled", {**before, "CASH": 90_000 + deposit}, "run")
    base = ("managed", "--profile", "balanced", "--account", "isa", "--as-of", day, "--lang", "en")
    file = held(tmp_path / "decide.csv", before)
    terms = ("--holdings", file, "--deposit", deposit, "--json")
    decided = json.loads(jeoul("decide", *base, *terms).out)
    assert decided["orders"]
    assert orders(decided) == orders(report.document)


def test_both_assume_the_same_of_proceeds_where_nobody_says_otherwise(
    jeoul: Any, tmp_path: Path
) -> None:
    (tmp_path / "c.toml").write_text(CONFIG.replace('[cash]\nproceeds = "{proceeds}"\n', ""))
    file = held(tmp_path / "mine.csv", {"CASH": 1_000_000})
    base = ("decide", "managed", "--profile", "balanced", "--holdings", file, "--as-of", DAYS[0])
    decided = json.loads(jeoul(*base, "--json").out)
    assert decided["proceeds"] == load_config(tmp_path / "c.toml").settings.cash.proceeds
    assert "once they have settled (T+2)" in jeoul(*base, "--lang", "en").out
    assert "on the same day" in jeoul(*base, "--lang", "en", "--proceeds", "reuse").out


def test_a_deposit_too_small_to_buy_anything_says_so(jeoul: Any) -> None:
    base = ("decide", "managed", "--profile", "balanced", "--deposit", "3000", "--as-of", DAYS[1])
    found = jeoul(*base, "--lang", "en").out
    assert "BUY" not in found
    assert "buys the funds" not in found
    assert "A deposit of 3,000 stays in cash" in found
    assert "3,000 is available, and one share of the cheapest fund" in found


def test_times_are_those_of_the_exchange(jeoul: Any) -> None:
    base = ("--profile", "balanced", "--deposit", "3000000", "--as-of", DAYS[0], "--lang", "en")
    assert "filled 2024-07-01 15:30 KST" in jeoul("decide", "managed", *base).out
    assert "filled 2024-07-01 16:00 EDT" in jeoul("decide", "managed-us", *base).out
    document = json.loads(jeoul("decide", "managed", *base, "--json").out)
    assert document["executed_at"] == "2024-07-01T06:30:00+00:00"


def test_a_deposit_and_a_withdrawal_are_one_amount(jeoul: Any) -> None:
    both = ("--deposit", "5", "--withdrawal", "3")
    found = jeoul("decide", "managed", "--profile", "balanced", *both)
    assert (found.code, "enter the net amount" in found.err) == (2, True)
