"""Every fund of a proposal says why it has its weight, and what solved it stands beside."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest

from jeoul import api
from jeoul.allocate import check
from jeoul.messages import LANGUAGES
from jeoul.operations.told.kept_why import kept_why, told_why
from jeoul.reporting.reasons import reason_text
from jeoul.reporting.why import why_document, why_lines


@pytest.fixture(scope="module")
def propose(sample: Any) -> Any:
    def made(*changes: Any, account: Any = "general", base: Any = "managed") -> Any:
        strategy = api.load_strategy(base)
        for key, value in changes:
            strategy = strategy.replace(key, value)
        snapshot = sample.as_of(sample.last_session(strategy.calendar), strategy.calendar)
        return api.propose(strategy, "balanced", account, snapshot)

    return made


def kinds(proposal: Any) -> Any:
    return {
        code: [reason.kind.removeprefix("allocate.") for reason in fund.reasons]
        for code, fund in proposal.why.funds.items()
    }


def test_the_parts_of_a_fund_between_its_limits_balance(propose: Any) -> None:
    proposal = propose()
    assert {code for code in proposal.allocation if code != "CASH"} <= set(proposal.why.funds)
    for code, fund in proposal.why.funds.items():
        assert fund.weight == proposal.allocation.get(code, 0.0)
        assert fund.asked.gain == pytest.approx(0.0, abs=1e-9)
        assert [reason.kind for reason in fund.reasons] == ["allocate.balanced"]
    assert proposal.why.certificate.gap < 1e-9
    assert proposal.why.certificate.violation < 1e-9


def test_the_pull_asks_for_what_is_missing_to_the_strategic_weight(propose: Any) -> None:
    proposal = propose()
    for fund in proposal.why.funds.values():
        # 0.05 x the distance, for a point (0.01) in basis points (1e-4)
        assert fund.asked.pull == pytest.approx(5.0 * (fund.strategic - fund.weight), abs=1e-9)
    assert any(abs(fund.asked.pull) > 0.03 for fund in proposal.why.funds.values())


def test_a_fund_at_the_most_of_one_fund_would_gain_by_more(propose: Any) -> None:
    proposal = propose(("allocate.max_weight", 0.15))
    full = [fund for fund in proposal.why.funds.values() if fund.weight > 0.15 - 1e-9]
    assert full
    for fund in full:
        reason = fund.reasons[0]
        assert reason.kind == "allocate.at_cap"
        assert fund.asked.gain > 0.0
        assert dict(reason.detail)["key"] == "allocate.max_weight"
        assert "at most 15.0% of any one fund" in reason_text(reason, "en")
        assert "한 종목 최대 15.0%" in reason_text(reason, "ko")


def test_a_class_that_may_not_move_holds_its_funds_by_its_price(propose: Any) -> None:
    proposal = propose(("allocate.class_band", 0.0), ("allocate.pull", 0.0))
    found = kinds(proposal)
    assert {kind for reasons in found.values() for kind in reasons} >= {"class_full", "class_floor"}
    for code, fund in proposal.why.funds.items():
        if found[code][0] == "class_full":
            assert fund.asked.limits < 0.0
            name = dict(fund.reasons[0].detail)["key"].rpartition(".")[2]
            assert name == proposal.classes[code]


def test_a_covariance_that_was_mended_is_said_in_both_languages(
    propose: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert propose().why.limits == ()
    monkeypatch.setattr(check, "SINGULAR", 1.0)  # no covariance is far enough from singular
    (said,) = propose(("allocate.max_weight", 0.34)).why.limits
    assert said.kind == "allocate.singular"
    assert "singular" in reason_text(said, "en")
    assert "특이" in reason_text(said, "ko")


def test_a_volatility_ceiling_that_binds_is_a_limit_on_the_whole(propose: Any) -> None:
    ceiling = 0.97 * propose().volatility
    proposal = propose(("profiles.balanced.volatility", {"min": 0.0, "max": ceiling}))
    assert [reason.kind for reason in proposal.why.limits] == ["allocate.ceiling"]
    certificate = proposal.why.certificate
    assert certificate.acting > certificate.risk_aversion
    assert f"{ceiling:.1%}" in reason_text(proposal.why.limits[0], "en")


def test_funds_left_out_by_the_number_of_positions_say_so(propose: Any) -> None:
    proposal = propose(("allocate.max_positions", 8), ("allocate.class_band", 0.3))
    out = [code for code, found in kinds(proposal).items() if found == ["position_out"]]
    held = [fund for fund in proposal.why.funds.values() if fund.weight > 0.0]
    assert len(held) <= 8
    assert out
    assert not any(code in proposal.allocation for code in out)


@pytest.mark.parametrize(
    ("base", "kind"), [("sixty-forty", "strategic"), ("static", None), ("managed-us", "balanced")]
)
def test_a_strategy_without_a_program_names_its_rule(propose: Any, base: str, kind: Any) -> None:
    proposal = propose(base=base)
    found = {reasons[0] for reasons in kinds(proposal).values()}
    if kind is not None:
        assert found == {kind}
    assert (proposal.why.certificate is None) == (kind == "strategic")


@pytest.mark.parametrize("kind", ["risk-parity", "inverse-volatility", "equal-weight"])
def test_an_irp_says_that_its_risk_assets_were_scaled_down(propose: Any, kind: str) -> None:
    proposal = propose(("allocate", {"kind": kind}), account="irp")
    assert {found[0] for found in kinds(proposal).values()} == {kind.replace("-", "_")}
    capped = sum(proposal.allocation.get(code, 0.0) for code in proposal.risk) > 0.7 - 1e-6
    assert bool(proposal.why.limits) == capped
    assert all(fund.asked is None for fund in proposal.why.funds.values())


def test_what_is_kept_of_a_run_says_the_same(propose: Any) -> None:
    proposal = propose(("allocate.max_weight", 0.15))
    stored = json.loads(json.dumps(asdict(proposal.why)))
    assert kept_why(stored) == proposal.why
    for language in LANGUAGES:
        told = told_why({"why": stored, "weights": proposal.weights}, language)
        assert told == why_document(proposal.why, proposal.weights, language)
    assert told_why({"weights": proposal.weights}, "en") is None  # a run of before it was kept


def test_the_lines_name_every_fund_in_both_languages(propose: Any) -> None:
    proposal = propose(("allocate.max_weight", 0.15))
    cut = {code: weight / 2 for code, weight in proposal.weights.items()}
    for language in LANGUAGES:
        plain = "\n".join(why_lines(proposal.why, proposal.allocation, language))
        halved = "\n".join(why_lines(replace(proposal.why), cut, language))
        assert all(f"({code})" in plain for code in proposal.why.funds)
        assert plain != halved
        assert "{" not in plain
    shares = np.array([fund.weight for fund in proposal.why.funds.values()])
    assert shares.sum() == pytest.approx(1.0 - proposal.allocation["CASH"])
