"""The commands as others read them: the fields they promise, and that they agree."""

from __future__ import annotations

import json
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from jeoul import api
from jeoul.model.portfolio import CASH

LAST = "2004-06-30"
pytestmark = pytest.mark.usefixtures("opened_once")


def printed(outcome: Any) -> Any:
    assert (outcome.code, outcome.err) == (0, ""), outcome.err
    return json.loads(outcome.out)


def test_the_report_in_json(jeoul: Any) -> None:
    found = printed(jeoul("report", "--profile", "balanced", "--as-of", LAST, "--json"))
    assert found["as_of"] == LAST
    assert found["simulated"] is True
    assert (found["strategy"], found["account"], found["kind"]) == ("managed", None, "general")
    assert len(found["inputs_id"]) == 64
    (profile,) = found["profiles"]
    assert profile["profile"] == "balanced"
    for weights in (profile["allocation"], profile["weights"]):
        assert sum(weights.values()) == pytest.approx(1.0, abs=1e-9)
        assert CASH in weights
    assert profile["overlay"].keys() >= {"state", "scale", "reasons"}
    assert profile["orders"][0].keys() == {
        "side", "ticker", "shares", "price", "limit", "priced", "reason", "code",
    }  # fmt: skip
    figures = {
        "from",
        "to",
        "cagr",
        "volatility",
        "max_drawdown",
        "sharpe",
        "turnover",
        "proxy_share",
    }
    assert profile["backtest"].keys() >= figures
    assert profile["backtest"]["to"] == LAST


def test_a_decision_and_a_report_agree(jeoul: Any, tmp_path: Path) -> None:
    path = tmp_path / "holdings.csv"
    path.write_text("ticker,shares\nCASH,100000000\n")
    base = ("--profile", "growth", "--as-of", LAST, "--json", "--lang", "en")
    decision = printed(jeoul("decide", "managed", "--holdings", path, *base))
    (profile,) = printed(jeoul("report", "managed", *base))["profiles"]
    assert decision["weights"] == profile["weights"]
    assert decision["orders"] == profile["orders"]
    assert decision["known_at"] <= decision["decided_at"] < decision["executed_at"]
    assert decision["reasons"]
    assert (
        decision["inputs_id"]
        != printed(jeoul("decide", "managed", "--holdings", path, "--fee", "0.001", *base))[
            "inputs_id"
        ]
    )


def test_a_withdrawal_sells_what_it_needs_and_is_told(jeoul: Any, tmp_path: Path) -> None:
    path = tmp_path / "holdings.csv"
    base = ("managed", "--profile", "balanced", "--as-of", LAST)
    path.write_text("ticker,shares\nCASH,50000000\n")
    bought = printed(jeoul("decide", *base, "--holdings", path, "--json"))
    rows = [f"{order['ticker']},{order['shares']}" for order in bought["orders"]]
    path.write_text("\n".join(["ticker,shares", *rows, f"CASH,{bought['cash_after']}"]) + "\n")
    found = jeoul("decide", *base, "--holdings", path, "--withdrawal", "2000000", "--lang", "en")
    assert "2,000,000 is kept in cash to be paid out" in found.out
    paid = printed(jeoul("decide", *base, "--holdings", path, "--withdrawal", "2000000", "--json"))
    assert paid["cash_after"] >= 2_000_000
    assert "SELL" in {order["side"] for order in paid["orders"]}


def test_a_decision_in_dollars(jeoul: Any, tmp_path: Path) -> None:
    path = tmp_path / "holdings.csv"
    path.write_text("ticker,shares\nSPY,10\nCASH,1234.56\n")
    base = ("managed-us", "--profile", "balanced", "--as-of", LAST, "--lang", "en")
    found = printed(jeoul("decide", *base, "--holdings", path, "--json"))
    assert found["orders"]
    assert found["cash_after"] == round(found["cash_after"], 2) >= 0.0
    deposit = jeoul("decide", *base, "--deposit", "2500")
    assert "2,500.00" in deposit.out
    assert "SELL" not in deposit.out


def test_three_profiles_in_dollars(jeoul: Any) -> None:
    found = printed(jeoul("report", "managed-us", "--as-of", LAST, "--amount", "100000", "--json"))
    volatilities = [profile["volatility"] for profile in found["profiles"]]
    assert volatilities == sorted(set(volatilities))
    for profile in found["profiles"]:
        large = [c for c, w in profile["allocation"].items() if c != CASH and w >= 0.02]
        assert len(large) >= 5
        assert profile["orders"]


@pytest.mark.parametrize("strategy", ["managed", "managed-us"])
def test_the_guard_tells_every_new_york_session(jeoul: Any, strategy: str) -> None:
    span = ("--from", "2008-01-02", "--to", "2008-12-31")
    rows = printed(jeoul("guard", strategy, "--profile", "growth", *span, "--json"))["sessions"]
    assert len(rows) == 253  # XNYS had 253 sessions in 2008
    assert rows[0]["session"] == "2008-01-02"
    assert all(row["state"] in ("NORMAL", "REDUCED", "DEFENSE", "REENTRY") for row in rows)
    assert all((row["scale"] == 1.0) == (row["state"] == "NORMAL") for row in rows)
    for before, row in pairwise(rows):
        turned = any(before["latches"][k] != row["latches"][k] for k in ("vix", "trend"))
        if turned or row["scale"] < before["scale"]:
            assert row["reasons"], row


def test_a_backtest_is_the_report_s(jeoul: Any) -> None:
    base = ("managed", "--profile", "growth")
    backtest = printed(jeoul("backtest", *base, "--to", LAST, "--json"))
    (profile,) = printed(jeoul("report", *base, "--as-of", LAST, "--json"))["profiles"]
    own, reported = backtest["metrics"], profile["backtest"]
    assert {key: own[key] for key in ("from", "to")} == {"from": reported["from"], "to": LAST}
    for name, figure in reported.items():
        assert own[name] == (figure if isinstance(figure, str) else pytest.approx(figure, rel=1e-9))
    assert backtest["simulated"] is True
    assert backtest["equity"][0] == [backtest["metrics"]["from"], 1.0]


def test_both_languages(jeoul: Any) -> None:
    base = ("decide", "managed", "--profile", "balanced", "--deposit", "3000000", "--as-of", LAST)
    korean, english = jeoul(*base, "--lang", "ko").out, jeoul(*base, "--lang", "en").out
    assert any("\uac00" <= letter <= "\ud7a3" for letter in korean)
    assert english.isascii()


@pytest.mark.parametrize(("lang", "word"), [("en", "Why these weights"), ("ko", "비중 산출 사유")])
def test_decide_says_why_where_it_is_asked(jeoul: Any, lang: str, word: str) -> None:
    base = ("decide", "managed", "--profile", "growth", "--deposit", "10000000", "--lang", lang)
    plain, found = jeoul(*base).out, jeoul(*base, "--why").out
    assert found.startswith(plain.rstrip("\n"))
    assert word in found.removeprefix(plain)
    why = json.loads(jeoul(*base, "--json").out)["why"]
    assert all(f"({fund['ticker']})" in found for fund in why["funds"])
    assert sum(fund["weight"] for fund in why["funds"]) == pytest.approx(0.98)


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "Solved by DAQP: nothing better by more than 0.0001% a year exists"),
        (
            "ko",
            "DAQP(으)로 계산한 최적 비중입니다. 더 나은 비중이 있더라도 그 차이는 연 0.0001%",
        ),
    ],
)
def test_decide_gives_the_certificate_of_the_proposal(
    jeoul: Any, sample: Any, lang: str, said: str
) -> None:
    base = ("decide", "managed", "--profile", "growth", "--deposit", "10000000", "--lang", lang)
    found = json.loads(jeoul(*base, "--json").out)["why"]["certificate"]
    proposal = api.propose("managed", "growth", "general", sample)
    assert proposal.why.certificate is not None
    assert found == asdict(proposal.why.certificate)
    assert (found["solver"], found["path"], found["risk_aversion"]) == ("daqp", "direct", 2.0)
    assert 0.0 <= found["gap"] < 1e-9
    assert jeoul(*base, "--why").out.splitlines()[-1].strip().startswith(said)


def test_a_decision_by_a_fixed_rule_has_no_certificate(jeoul: Any) -> None:
    base = ("decide", "sixty-forty", "--profile", "balanced", "--deposit", "10000000")
    assert json.loads(jeoul(*base, "--json").out)["why"]["certificate"] is None


@pytest.mark.parametrize(("lang", "word"), [("en", "Proof"), ("ko", "검산")])
def test_decide_and_report_prove_their_allocations(
    jeoul: Any, tmp_path: Path, lang: Any, word: Any
) -> None:
    common = ("managed", "--prove", "--lang", lang, "--profile", "growth")
    code, out, _ = jeoul("decide", *common, "--deposit", "10000000")
    assert code == 0
    assert word in out.splitlines()[-2]
    assert "HiGHS" in out.splitlines()[-1]
    code, out, _ = jeoul("report", *common, "--out", tmp_path)
    assert code == 0
    assert out.splitlines()[-1].startswith(f"growth: {word}")
    (page,) = tmp_path.glob("*.html")
    assert f">{word}: " in page.read_text("utf-8")


def test_the_proof_is_in_the_json_only_when_asked_for(jeoul: Any) -> None:
    decide = ("decide", "managed", "--profile", "growth", "--deposit", "10000000", "--json")
    assert "proof" not in json.loads(jeoul(*decide)[1])
    proved = json.loads(jeoul(*decide, "--prove")[1])
    proof, shares = proved["proof"], proved["whole_shares"]
    assert proof["holds"]
    assert 0.0 <= shares["gap"] < 0.01
    assert shares["objective"] == pytest.approx(shares["bound"] + shares["gap"])
    assert 0.0 <= proof["difference"] < 1e-6
    (profile,) = json.loads(jeoul("report", *decide[1:4], "--json", "--prove")[1])["profiles"]
    assert profile["proof"]["apart"] < 1e-6
