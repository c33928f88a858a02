"""`jeoul report --holdings`: the page and the JSON of one account's orders."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from jeoul import Holdings, api
from jeoul.cli.main import cli
from jeoul.cli.options import PROFILES
from jeoul.errors import HoldingsError

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
    for profile in found["profiles"]:
        words = ("decide", "static", "--profile", profile["profile"], *holdings)
        assert profile["orders"] == json.loads(jeoul(*words).stdout)["orders"]


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
