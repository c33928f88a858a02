"""`jeoul report --holdings`: the page and the JSON of one account's orders."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from jeoul import Holdings, api, assets
from jeoul.cli.main import cli
from jeoul.cli.options import PROFILES
from jeoul.errors import HoldingsError
from jeoul.korea.tables import load_rules
from jeoul.model.decision import Decision
from jeoul.model.instrument import AccountKind
from jeoul.reporting.account_facts import AccountChange
from jeoul.reporting.change import next_date, taxed_at_sale

EXPORT = """종목코드,보유수량,매입평균가
069500,30,31250
148070,7,100000
005930,10,70000
예수금,3000000,
"""
ACCOUNT = ("static", "--profile", "balanced", "--holdings", "mine.csv", "--lang", "en")

pytestmark = pytest.mark.usefixtures("opened_once")


def jeoul(*words: str) -> Result:
    return CliRunner().invoke(cli, list(words))


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "mine.csv"
    file.write_text(EXPORT, "utf-8")
    return file


FLOWS: list[tuple[str, ...]] = [
    (),
    ("--deposit", "100만", "--account", "isa", "--opened", "2024-03-02", "--paid", "2026=1000만"),
    ("--withdrawal", "50만", "--proceeds", "reuse", "--fee", "0.001", "--collar", "0"),
]


@pytest.mark.usefixtures("mine")
@pytest.mark.parametrize("flow", FLOWS)
def test_a_report_carries_the_decision_of_decide(flow: tuple[str, ...]) -> None:
    decided = json.loads(jeoul("decide", *ACCOUNT, *flow, "--json").stdout)
    found = json.loads(jeoul("report", *ACCOUNT, *flow, "--json").stdout)
    (profile,) = found["profiles"]
    assert profile["orders"], "an account away from its target trades"
    del decided["schema"]
    assert {key: profile[key] for key in decided} == decided
    assert found["inputs_id"] == decided["inputs_id"]
    assert found["holdings"]["outside"] == {"005930": 10}
    assert found["holdings"]["shares"] == {"069500": 30, "148070": 7}
    assert found["holdings"]["cash"] == 3_000_000


@pytest.mark.usefixtures("mine")
def test_without_a_profile_each_of_them_has_the_orders_of_the_account() -> None:
    holdings = ("--holdings", "mine.csv", "--lang", "en", "--json")
    found = json.loads(jeoul("report", "static", *holdings).stdout)
    assert [profile["profile"] for profile in found["profiles"]] == [*PROFILES]
    growth = found["profiles"][-1]
    decided = json.loads(jeoul("decide", "static", "--profile", "growth", *holdings).stdout)
    assert growth["orders"] == decided["orders"]


@pytest.mark.usefixtures("mine")
def test_the_page_shows_what_is_held_and_what_is_outside() -> None:
    ran = jeoul("report", *ACCOUNT, "--out", "page")
    assert ran.exit_code == 0, ran.output
    (page,) = Path("page").glob("*.html")
    text = page.read_text("utf-8")
    account = text.partition('<section id="account"')[2].partition("</section>")[0]
    assert "Outside the strategy" in account
    assert "005930" in account
    assert "₩3,000,000" in account
    assert "in each profile" not in text
    orders = text.partition('<table class="orders brief">')[2].partition("</table>")[0]
    assert orders
    assert "005930" not in orders


@pytest.mark.usefixtures("mine")
def test_a_report_on_new_money_speaks_of_no_account() -> None:
    found = json.loads(jeoul("report", "static", "--profile", "balanced", "--json").stdout)
    assert "holdings" not in found


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((*ACCOUNT, "--amount", "100만"), "--amount"),
        ((*ACCOUNT, "--cash", "1000"), "leave one of the two out"),
    ],
)
def test_what_does_not_go_with_an_account_is_refused(
    mine: Path, words: tuple[str, ...], said: str
) -> None:
    ran = jeoul("report", *words)
    assert ran.exit_code != 0
    assert said in str(ran.exception) + ran.output
    assert not list(mine.parent.glob("report*"))


def test_an_account_whose_cash_nobody_says_is_asked_for_it(mine: Path) -> None:
    mine.write_text("ticker,shares\n069500,30\n", "utf-8")
    ran = jeoul("report", *ACCOUNT, "--json")
    assert "--cash" in str(ran.exception)
    given = json.loads(jeoul("report", *ACCOUNT, "--json", "--cash", "300만").stdout)
    assert given["holdings"]["cash"] == 3_000_000


def snapshot() -> Any:
    market = api.open_market()
    return market.as_of(market.last_session())


def test_weights_of_what_is_held_sum_to_one_with_money_on_its_way() -> None:
    held = Holdings("", {"069500": 30}, 500_000, "KRW", incoming={date(2027, 1, 4): 250_000})
    made = api.report(api.load_strategy("static"), snapshot(), "balanced", holdings=held)
    (profile,), account = made.facts.profiles, made.facts.held
    assert account is not None
    (fund,) = account.funds
    assert fund.price is not None
    assert account.value == 30 * fund.price + 750_000
    weights = {item.code: item.held for item in profile.positions}
    assert weights["CASH"] == pytest.approx(750_000 / account.value)
    assert sum(weight or 0.0 for weight in weights.values()) == pytest.approx(1.0)


def test_an_account_needs_its_cash() -> None:
    with pytest.raises(HoldingsError, match="--cash"):
        api.report(
            api.load_strategy("static"),
            snapshot(),
            "balanced",
            holdings=Holdings("", {"069500": 30}, None, "KRW"),
        )


def decided(holdings: Holdings) -> tuple[Decision, AccountChange]:
    made = api.report(api.load_strategy("static"), snapshot(), "balanced", holdings=holdings)
    (profile,) = made.facts.profiles
    assert profile.change is not None
    return made.runs[0].decision, profile.change


def test_the_orders_bring_an_account_closer_to_its_target() -> None:
    _, found = decided(Holdings("", {"069500": 30}, 3_000_000, "KRW"))
    assert found.after.away < found.now.away
    assert sum(found.now.weights.values()) == pytest.approx(1.0)
    assert sum(found.after.weights.values()) == pytest.approx(1.0)


def test_a_sale_of_an_ordinary_account_is_taxed_on_its_gain() -> None:
    held = Holdings("", {"360750": 1_000}, 0, "KRW", cost={"360750": Decimal(10_000)})
    decision, change = decided(held)
    universe, book = api.universe_of("krx-core"), load_rules(2026)
    known = change.tax
    unknown = taxed_at_sale(decision, replace(held, cost={}), universe, book)
    assert known is not None
    assert unknown is not None
    assert 0 < known.tax < unknown.tax
    assert known.tax == pytest.approx(0.154 * known.taxable, abs=20)
    assert unknown.least == 0
    isa = replace(decision, proposal=replace(decision.proposal, account=AccountKind.ISA))
    assert taxed_at_sale(isa, held, universe, book) is None


def test_the_next_date_is_the_first_session_of_the_next_month() -> None:
    calendar = api.calendars()["XKRX"]
    assert next_date(calendar, "monthly", date(2024, 7, 1)) == date(2024, 8, 1)
    assert next_date(calendar, "quarterly", date(2024, 7, 31)) == date(2024, 10, 2)
    assert next_date(calendar, "never", date(2024, 7, 1)) is None


def test_the_file_of_a_household_answers_for_its_accounts() -> None:
    home = str(assets.root() / "configs" / "household-example.toml")
    ran = jeoul("report", "static", "--household", home, "--cash", "100만", "--profile", "growth")
    assert "leave out STRATEGY, --profile, --cash" in str(ran.exception)


@pytest.mark.slow
def test_the_plan_of_a_household_comes_first(tmp_path: Path) -> None:
    home = str(assets.root() / "configs" / "household-example.toml")
    flow = ("--deposit", "300만", "--lang", "en", "--json")
    planned = json.loads(jeoul("household", home, "--fast", *flow).stdout)
    ran = jeoul("report", "--household", home, *flow, "--out", str(tmp_path))
    found = json.loads(ran.stdout)
    assert found["newest_price"] == planned["newest_price"]
    assert found["household"].keys() == planned.keys() - {"schema", "newest_price"}
    assert [each["id"] for each in found["household"]["accounts"]] == [
        each["id"] for each in planned["accounts"]
    ]
    (page,) = tmp_path.glob("*.html")
    text = page.read_text("utf-8")
    assert text.index('<section id="orders"') < text.index('class="profile"')
    assert '<article class="today">' not in text
    assert "₩20,000,000 a year" in text
