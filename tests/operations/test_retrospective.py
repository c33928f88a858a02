"""The decisions of a ledger looked back at: trades, taxes and causes from its books."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from jeoul.account.hindsight.decisions import cause_of
from jeoul.account.price_events import PriceEvents
from jeoul.account.withholding import TaxRules
from jeoul.cli.history import history
from jeoul.cli.run import run
from jeoul.cli.statement import statement
from jeoul.errors import DataError
from jeoul.korea.tables import load_rules
from jeoul.model.portfolio import Reason, Side
from jeoul.model.series import PriceTable
from jeoul.operations.course import AccountCourse, CourseFill
from jeoul.operations.desk.intents import PlannedOrder, RunPlan, freeze
from jeoul.operations.ledger import NAME, open_ledger
from jeoul.operations.retrospective import reason_kinds, retrospective_of
from jeoul.operations.statement.taxes import Taxable

DAYS = np.array(
    [day for day in np.arange("2024-01-02", "2024-06-01", dtype="datetime64[D]")
     if np.is_busday(day)]
)  # fmt: skip
KINDS = {"A": "kr_equity_etf", "B": "krx_other_etf"}
CONFIG = """schema = 1
name = "mine"
strategy = "static"
profile = "growth"
state = "state"
lang = "en"
[broker]
kind = "paper"
cash = 20_000_000
"""


def day(place: int) -> date:
    found: date = DAYS[place].astype(object)
    return found


def fill(place: int, side: str, ticker: str, shares: int, price: int, fee: int, run: str) -> Any:
    return CourseFill(
        session=day(place),
        side=Side(side),
        ticker=ticker,
        shares=shares,
        amount=shares * price,
        fee=fee,
        reason=Reason.of("x"),
        run_id=run,
    )


def course(closes: Any, fills: tuple[CourseFill, ...], paid: int) -> AccountCourse:
    """An account that begins with money and trades at closes."""
    count, prices = len(DAYS), np.broadcast_to(np.array(closes, dtype=float), (len(DAYS), 2)).copy()
    shares, cash = np.zeros((count, 2), dtype=np.int64), np.full(count, paid, dtype=np.int64)
    for each in fills:
        place = int(np.searchsorted(DAYS, np.datetime64(each.session)))
        sign = 1 if each.side is Side.BUY else -1
        shares[place:, "AB".index(each.ticker)] += sign * each.shares
        cash[place:] -= sign * each.amount + each.fee
    none = np.zeros(count, dtype=np.int64)
    first = none.copy()
    first[0] = paid
    return AccountCourse(
        account="main", currency="KRW", sessions=DAYS,
        value=cash + (shares * prices.astype(np.int64)).sum(axis=1), cash=cash, paid_in=first,
        taken_out=none, adopted=none, fees=none, taxes=none, dividends=none, interest=none,
        tickers=("A", "B"), shares=shares, prices=prices, traded=np.ones((count, 2), dtype=bool),
        unpriced=np.zeros(count, dtype=bool), fills=fills, payments=(), approximate=False,
    )  # fmt: skip


def looked(found: AccountCourse, kinds: Any, account: str = "general", last: Any = None) -> Any:
    none = np.zeros(len(DAYS), dtype=np.int64)
    table = PriceTable("XKRX", "KRW", "raw", ("A", "B"), DAYS, none, found.prices, None, None)
    rules = TaxRules(book=load_rules(2026), account=account, kinds=KINDS)
    taxable = Taxable(owner="", kind=account, rules=rules, events=PriceEvents((table,)))
    return retrospective_of(found, kinds, taxable, simulated=True, last=last)


BOUGHT = fill(1, "BUY", "B", 1_000, 5_000, 700, "one")
KINDS_OF = {"one": ("place.first",), "two": ("place.model", "overlay.cut")}


def test_a_cut_is_held_against_the_account_without_it_after_costs_and_the_tax_of_the_sale() -> None:
    closes = np.full((len(DAYS), 2), 5_000.0)
    closes[10:, 1], closes[20:, 1] = 6_000.0, 5_400.0
    cut = fill(12, "SELL", "B", 1_000, 6_000, 800, "two")
    found = looked(course(closes, (BOUGHT, cut), 9_000_000), KINDS_OF)
    first, second = found.decisions
    assert (first.decision.cause, second.decision.cause) == ("invested", "cut")
    assert second.decision.runs == ("two",)
    outcome = second.outcomes[30]
    # A gain of one million is taxed at 15.4 %; without the sale the shares are at 5,400.
    assert second.decision.orders[0].tax == 154_000
    assert outcome.untraded == 9_000_000 - 5_000_700 + 5_400_000
    assert outcome.traded == 9_000_000 - 5_000_700 + 6_000_000 - 800 - 154_000
    assert outcome.effect == 445_200


def test_an_isa_pays_nothing_at_the_sale() -> None:
    closes = np.full((len(DAYS), 2), 5_000.0)
    closes[10:, 1] = 6_000.0
    cut = fill(12, "SELL", "B", 1_000, 6_000, 800, "two")
    found = looked(course(closes, (BOUGHT, cut), 9_000_000), KINDS_OF, "isa")
    assert found.decisions[1].outcomes[30].effect == -800
    assert not found.taxed


def test_the_tax_of_each_sale_of_a_session_is_its_own() -> None:
    closes = np.full((len(DAYS), 2), 5_000.0)
    closes[10:] = 6_000.0
    fills = (
        BOUGHT,
        fill(1, "BUY", "A", 100, 5_000, 0, "one"),
        fill(12, "SELL", "A", 100, 6_000, 0, "two"),
        fill(12, "BUY", "A", 1, 6_000, 0, "two"),
        fill(12, "SELL", "B", 500, 6_000, 0, "two"),
    )
    _, sold = looked(course(closes, fills, 9_000_000), KINDS_OF).decisions
    assert [(o.ticker, o.side, o.tax) for o in sold.decision.orders] == [
        ("A", "SELL", 0),  # gains of Korean shares are not taxed
        ("A", "BUY", 0),
        ("B", "SELL", 77_000),
    ]


def test_nothing_after_the_last_day_asked_for_is_looked_at() -> None:
    closes = np.full((len(DAYS), 2), 5_000.0)
    cut = fill(12, "SELL", "B", 20, 5_000, 0, "two")
    found = course(closes, (BOUGHT, cut), 9_000_000)
    (known,) = looked(found, KINDS_OF, last=day(11)).decisions
    assert known.outcomes == {}
    first, second = looked(found, KINDS_OF, last=day(26)).decisions
    assert (list(first.outcomes), list(second.outcomes)) == ([30], [])


def test_two_runs_of_one_session_are_one_decision() -> None:
    again = fill(12, "SELL", "B", 10, 5_000, 0, "three")
    cut = fill(12, "SELL", "B", 20, 5_000, 0, "two")
    found = looked(course([5_000, 5_000], (BOUGHT, cut, again), 9_000_000), KINDS_OF)
    assert found.decisions[1].decision.runs == ("two", "three")
    assert found.decisions[1].decision.shares == {"B": 1_000}


def test_a_fund_without_a_kind_of_tax_is_named_and_not_taxed(monkeypatch: Any) -> None:
    monkeypatch.setitem(globals(), "KINDS", {"A": "kr_equity_etf"})
    closes = np.full((len(DAYS), 2), 5_000.0)
    closes[10:] = 6_000.0
    sale = fill(12, "SELL", "B", 1_000, 6_000, 0, "two")
    found = looked(course(closes, (BOUGHT, sale), 9_000_000), KINDS_OF)
    assert found.untaxed == ("B",)
    assert found.decisions[1].decision.orders[0].tax == 0


def call(command: Any, *arguments: str | Path) -> Any:
    found = CliRunner().invoke(command, [*map(str, arguments)], standalone_mode=False)
    if found.exception is not None:
        raise found.exception
    return found


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("retrospective")
    file = folder / "mine.toml"
    file.write_text(CONFIG, "utf-8")
    for session in ("2025-03-04", "2025-03-05", "2025-04-01", "2025-04-02"):
        call(run, file, "--as-of", session, "--execute")
    return file


def test_the_history_holds_each_decision_against_the_account_without_it(
    played: Path, tmp_path: Path
) -> None:
    page = tmp_path / "outcomes.html"
    document = json.loads(call(history, played, "--outcomes", "--html", page, "--json").stdout)
    found = document["outcomes"]
    first = found["decisions"][0]
    assert (first["session"], first["cause"]) == ("2025-03-05", "invested")
    assert first["runs"] == ["mine.static.2025-03-04"]
    assert [each["days"] for each in first["outcomes"]] == [30, 90, 365]
    for outcome in first["outcomes"]:
        assert outcome["untraded"] == 20_000_000  # cash earns nothing
        assert outcome["traded"] == outcome["untraded"] + sum(outcome["by_order"])
    assert found["simulated"] is True
    assert "One outcome proves nothing" in found["method"][0]
    html = page.read_text("utf-8")
    assert "One outcome proves nothing" in html
    assert "Simulated data" in html
    text = call(history, played, "--outcomes").stdout
    assert "Deposit or first investment" in text
    assert max(map(len, text.splitlines()[-30:])) <= 80
    assert "outcomes" not in json.loads(call(history, played, "--json").stdout)


def test_an_account_of_a_household_follows_its_plan_and_its_scale(tmp_path: Path) -> None:
    with closing(open_ledger(tmp_path / NAME)) as ledger, ledger.transaction():
        sides = (Side.BUY, Side.SELL, Side.SELL, Side.SELL, Side.BUY)
        for number, scale in enumerate((1.0, 0.5, 0.5, 0.75, 0.75)):
            why = Reason.of("household_run.order")
            order = PlannedOrder(sides[number], "A", 1, 100, None, why)
            document = {"reasons": [], "scale": scale, "household": {"run": "h"}}
            freeze(ledger, 0, RunPlan("isa", f"s{number}", day(number), day(number + 1), "id",
                                   document, (order,)))  # fmt: skip
        kinds = list(reason_kinds(ledger, "isa").values())
    causes = [cause_of(each) for each in kinds]
    assert causes == ["invested", "cut", "rebalance", "reentry", "invested"]
    assert kinds[-1] == ("place.settled",)  # so that it belongs to the re-entry that sold


def test_looking_back_writes_nothing(played: Path) -> None:
    def rows() -> Any:
        with closing(open_ledger(played.parent / "state" / NAME)) as ledger:
            return ledger.head(), reason_kinds(ledger, "mine")

    before = rows()
    call(history, played, "--outcomes")
    assert rows() == before
    assert "place.first" in before[1]["mine.static.2025-03-04"]


def test_an_account_that_never_ran_has_nothing_to_look_back_at(tmp_path: Path) -> None:
    file = tmp_path / "new.toml"
    file.write_text(CONFIG, "utf-8")
    with pytest.raises(DataError, match="no ledger"):
        call(history, file, "--outcomes")


def test_a_statement_has_the_decisions_and_measurements_of_its_span(
    played: Path, tmp_path: Path
) -> None:
    page = tmp_path / "statement.html"
    asked = (played, "--lang", "en")
    (account,) = json.loads(call(statement, *asked, "--html", page, "--json").stdout)["accounts"]
    whole = json.loads(call(history, played, "--outcomes", "--json").stdout)["outcomes"]
    assert account["outcomes"] == whole["summaries"]
    assert account["measured"]["runs"] == 4
    assert account["measured"]["session"] == "2025-04-02"
    text = call(statement, *asked).stdout
    assert account["outcomes"][0]["text"].split(":")[0] in text
    assert "One outcome proves nothing" in text
    assert "Daily measurements on 4 days" in text
    assert "One outcome proves nothing" in page.read_text("utf-8")
    later = (*asked, "--from", "2025-03-10", "--to", "2025-04-01")
    (account,) = json.loads(call(statement, *later, "--json").stdout)["accounts"]
    assert (account["outcomes"], account["measured"]["session"]) == ([], "2025-04-01")
    assert "One outcome proves nothing" not in call(statement, *later).stdout
