"""Suitability: weights and purchases within the grades that an investor's type may hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jeoul import api
from jeoul.account.collar import Collar
from jeoul.account.orders import account_decision
from jeoul.backtesting import prepare
from jeoul.errors import UsageError
from jeoul.model.decision import Quote
from jeoul.model.grade_limit import Graded, GradeLimit
from jeoul.model.portfolio import CASH, Order, Portfolio, Reason, Side, signed_amount
from jeoul.pipeline import run_model
from jeoul.pipeline.content import changes, content_of
from jeoul.pipeline.graded_orders import within_limit
from jeoul.pipeline.grades import within_grades
from jeoul.pipeline.paying import placed_of
from jeoul.pipeline.placing import default_rules, place
from jeoul.pipeline.scaling import Posture, target_of
from jeoul.pipeline.situation import Situation
from jeoul.rebalance import Fresh

DAY = date(2024, 6, 28)
STATIC = api.load_strategy("static")


def weights_of(mandate: Any, **shares: float) -> Any:
    found = np.zeros(len(mandate.places))
    for name, share in shares.items():
        found[mandate.places.index(name)] = share
    found[-1] = 1.0 - found.sum()
    return found


def limited(investor: str = "neutral", **rules: Any) -> Any:
    return api.mandate(STATIC, "balanced", limit=api.suitable(investor, **rules))


def mean_grade(mandate: Any, weights: Any) -> float:
    return float(weights[:-1] @ mandate.grades / weights[:-1].sum())


def test_without_a_limit_no_weight_moves_by_one_bit() -> None:
    free = api.mandate(STATIC, "balanced")
    weights = weights_of(free, kr_large=0.6, treasury_3y=0.38)
    assert within_grades(free, weights) is weights


def test_a_limit_that_only_reports_moves_nothing() -> None:
    mandate = limited(on_breach="report")
    weights = weights_of(mandate, kr_large=0.9)
    assert within_grades(mandate, weights) is weights


def test_by_portfolio_the_mean_grade_comes_to_the_limit() -> None:
    """Shares of grade 2, bonds of grade 5: 4 is reached at one third in shares of what is held."""
    mandate = limited()
    found = within_grades(
        mandate, weights_of(mandate, kr_large=0.6, treasury_3y=0.2, aggregate=0.18)
    )
    assert found[mandate.places.index("kr_large")] == pytest.approx(0.98 / 3)
    assert mean_grade(mandate, found) == pytest.approx(4.0)
    assert found[-1] == pytest.approx(0.02)
    assert found.sum() == pytest.approx(1.0)


def test_at_the_limit_itself_nothing_moves() -> None:
    mandate = limited()
    weights = weights_of(mandate, kr_large=0.3, treasury_3y=0.6)
    assert mean_grade(mandate, weights) == pytest.approx(4.0)
    assert within_grades(mandate, weights) is weights


def test_by_product_riskier_funds_go_and_the_others_grow_in_proportion() -> None:
    mandate = limited(mode="product")
    found = within_grades(
        mandate, weights_of(mandate, kr_large=0.2, treasury_3y=0.25, treasury_10y=0.15)
    )
    assert found[mandate.places.index("kr_large")] == 0.0
    assert found[mandate.places.index("treasury_3y")] == pytest.approx(0.375)
    assert found[mandate.places.index("treasury_10y")] == pytest.approx(0.225)


def test_a_fund_grows_to_the_strategys_largest_weight_and_the_rest_is_cash() -> None:
    strategy = api.load_strategy("managed")
    most = strategy.allocate.max_weight
    mandate = api.mandate(strategy, "balanced", limit=api.suitable("neutral", mode="product"))
    found = within_grades(
        mandate, weights_of(mandate, kr_large=0.6, treasury_3y=0.2, aggregate=0.2)
    )
    assert found[:-1].max() == pytest.approx(most)
    assert found[-1] == pytest.approx(1.0 - 2 * most)


def test_where_a_cap_stops_the_bonds_shares_shrink_until_the_mean_holds() -> None:
    strategy = api.load_strategy("managed")
    mandate = api.mandate(strategy, "balanced", limit=api.suitable("neutral"))
    found = within_grades(mandate, weights_of(mandate, kr_large=0.9, treasury_3y=0.1))
    assert mean_grade(mandate, found) == pytest.approx(4.0)
    assert found[:-1].max() <= strategy.allocate.max_weight + 1e-12


def test_only_shares_and_nothing_safe_becomes_cash() -> None:
    mandate = limited(mode="product")
    assert within_grades(mandate, weights_of(mandate, kr_large=0.98))[-1] == 1.0


def test_an_unknown_grade_counts_as_the_riskiest() -> None:
    mandate = limited()
    unknown = {
        code: replace(fund, risk_grade=None) for code, fund in mandate.universe.instruments.items()
    }
    blind = replace(mandate, universe=replace(mandate.universe, instruments=unknown))
    assert set(blind.grades) == {1.0}
    assert within_grades(blind, weights_of(blind, treasury_3y=0.9))[-1] == 1.0


@pytest.fixture(scope="module")
def snapshot() -> Any:
    market = api.open_market()
    return market.as_of(DAY)


def test_every_shipped_profile_fits_its_type_by_the_mean_or_is_brought_to_it(snapshot: Any) -> None:
    for profile in ("conservative", "balanced", "growth"):
        for matrix in ("kiwoom", "yuanta"):
            limit = api.suitable(profile, matrix=matrix)
            found = api.propose(STATIC, profile, "general", snapshot, limit=limit)
            held = {code: weight for code, weight in found.weights.items() if code != CASH}
            assert found.graded is not None
            assert found.graded.holds(held), (profile, matrix)


def test_the_page_says_where_profile_and_matrix_do_not_agree(snapshot: Any) -> None:
    free = api.propose(STATIC, "balanced", "general", snapshot)
    found = api.propose(STATIC, "balanced", "general", snapshot, limit=api.suitable("neutral"))
    said = next(f for f in found.findings if f.kind == "finding.grade_portfolio")
    detail = dict(said.detail)
    assert said.subject == "suitability.neutral"
    assert (detail["matrix"], detail["riskiest"]) == ("kiwoom", "4")
    assert float(detail["mean"]) < 4.0
    assert "069500 (2)" in detail["funds"]
    assert found.allocation == free.allocation  # the allocation stays everybody's
    assert found.weights != free.weights
    assert found.inputs != free.inputs
    kinds = {finding.kind for finding in free.findings}
    assert not {kind for kind in kinds if kind.startswith("finding.grade")}


def test_a_breach_is_named_and_nothing_moves_where_it_is_only_reported(snapshot: Any) -> None:
    free = api.propose(STATIC, "balanced", "general", snapshot)
    limit = api.suitable("neutral", mode="product", on_breach="report")
    found = api.propose(STATIC, "balanced", "general", snapshot, limit=limit)
    assert found.weights == free.weights
    assert "finding.grade_product_breach" in {finding.kind for finding in found.findings}
    account = Portfolio({}, 10_000_000)
    assert place(found, account).orders == place(free, account).orders


def test_no_order_takes_an_account_beyond_the_limit(snapshot: Any) -> None:
    for mode in ("portfolio", "product"):
        limit = api.suitable("neutral", mode=mode)
        found = api.propose(STATIC, "balanced", "general", snapshot, limit=limit)
        assert found.graded is not None
        for cash in (1_000_000, 3_000_000, 10_000_000, 300_000_000):
            orders = place(found, Portfolio({}, cash)).orders
            amounts = {order.ticker: order.shares * order.price for order in orders}
            assert found.graded.holds(amounts), (mode, cash)


def test_the_refuge_of_the_overlay_is_held_to_the_limit_too(snapshot: Any) -> None:
    """In a cut, half of the shares go to dollars of grade 4, which a limit of 5 does not allow."""
    managed = api.load_strategy("managed")
    limit = api.suitable("conservative", mode="product")
    mandate = api.mandate(managed, "conservative", limit=limit)
    history = api.history(managed, snapshot)
    made = run_model(mandate, history).state.allocation
    assert made is not None
    for scale in (1.0, 0.5, 0.0):
        target = target_of(mandate, made, Posture(scale=scale))
        assert not target[:-1][mandate.grades < limit.riskiest].any()
        assert target.sum() == pytest.approx(1.0)


def test_a_backtest_with_a_limit_is_the_replay_and_holds_fewer_shares() -> None:
    market = api.open_market()
    span = {"start": "2024-01-02", "end": "2024-06-28"}
    free = api.backtest(STATIC, "balanced", market, **span)  # type: ignore[arg-type]
    limit = api.suitable("neutral", mode="product")
    safe = api.backtest(STATIC, "balanced", market, limit=limit, **span)
    assert np.diff(np.log(safe.nav)).std() < np.diff(np.log(free.nav)).std()
    with pytest.raises(UsageError, match="the investor's grades change weights"):
        _ = prepare(safe.mandate, safe.history).path


def test_an_account_along_history_never_buys_beyond_its_limit(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text(
        'schema = 1\nname = "a"\ncash = 5_000_000\n[[deposits]]\namount = 300_000\n'
        'every = "month"\nfrom = 2024-02-01\n',
        "utf-8",
    )
    limit = api.suitable("neutral")
    run = api.account_backtest(
        STATIC,
        "balanced",
        api.open_market(),
        file,
        start="2024-01-02",
        end="2024-06-28",
        limit=limit,
    )
    graded = api.mandate(STATIC, "balanced", limit=limit).graded
    assert graded is not None
    bought = {fill.ticker for day in run.days for fill in day.fills if fill.side is Side.BUY}
    assert any(graded.too_risky(code) for code in bought)
    first = next(day for day in run.days if day.fills)
    amounts = {fill.ticker: float(fill.shares * fill.price) for fill in first.fills}
    assert graded.mean(amounts) == pytest.approx(4.0, abs=0.1)


# --- the last look before an order ----------------------------------------------------------------

LIMIT = GradeLimit(
    type="neutral", matrix="kiwoom", riskiest=4, mode="portfolio", on_breach="constrain"
)
GRADES = {"SHARE": 2, "DOLLAR": 3, "BOND": 5}


def orders(**shares: int) -> tuple[Order, ...]:
    why = Reason.of("rebalance.buy_under", before="0%", after="1%", target="1%")
    return tuple(Order(Side.BUY, code, count, 100, why) for code, count in shares.items())


def cut(snapshot: Any, held: dict[str, int], limit: GradeLimit, **shares: int) -> dict[str, int]:
    target = replace(
        api.propose(STATIC, "balanced", "general", snapshot),
        quotes={code: Quote(price=100, session=DAY) for code in GRADES},
        graded=Graded(limit=limit, grades=GRADES),
    )
    rules = default_rules(target)
    portfolio = Portfolio(held, 1_000_000)
    placed = placed_of(orders(**shares), (Reason.of("place.model"),), portfolio.cash, rules)
    found = within_limit(target, portfolio, placed, rules)
    return {order.ticker: order.shares for order in found.orders}


def test_purchases_are_cut_from_the_riskiest_on_until_the_mean_holds(snapshot: Any) -> None:
    """30 bonds give 30, 10 dollars take 10, 15 shares take 30: five shares too many."""
    assert cut(snapshot, {}, LIMIT, SHARE=15, DOLLAR=10, BOND=30) == {
        "SHARE": 10,
        "DOLLAR": 10,
        "BOND": 30,
    }


def test_what_is_held_already_counts_and_forces_no_sale(snapshot: Any) -> None:
    assert cut(snapshot, {"SHARE": 20}, LIMIT, SHARE=1, BOND=10) == {"BOND": 10}


def test_by_product_a_riskier_fund_is_never_bought(snapshot: Any) -> None:
    product = replace(LIMIT, mode="product")
    assert cut(snapshot, {}, product, SHARE=1, DOLLAR=1, BOND=90) == {"BOND": 90}


def test_a_limit_that_reports_cuts_nothing(snapshot: Any) -> None:
    assert cut(snapshot, {}, replace(LIMIT, on_breach="report"), SHARE=9) == {"SHARE": 9}


@pytest.mark.parametrize("proceeds", ["settled", "reuse"])
def test_the_cash_after_the_orders_is_that_of_the_orders(snapshot: Any, proceeds: Any) -> None:
    limit = api.suitable("neutral")
    proposal = api.propose(STATIC, "balanced", "general", snapshot, limit=limit)
    account = Portfolio({}, 2_000_000, unsettled={date(2024, 7, 2): 8_000_000})
    decision = account_decision(
        proposal,
        account,
        Fresh(),
        default_rules(proposal),
        proceeds=proceeds,
        collar=Collar.of(0.02, api.universe_of(STATIC.universe).instruments),
        situation=Situation(first=True),
    )
    spent = sum(signed_amount(order) for order in decision.orders)
    money = 10_000_000 if proceeds == "reuse" else 2_000_000
    assert decision.cash_after == money - spent - decision.cost


# --- what belongs to the rules of an account ------------------------------------------------------


def test_a_changed_limit_is_a_changed_rule_and_no_limit_none() -> None:
    free, one, other = (
        content_of(api.mandate(STATIC, "balanced", limit=limit))
        for limit in (None, api.suitable("neutral"), api.suitable("neutral", matrix="yuanta"))
    )
    assert free.suitability is None
    assert {change.key for change in changes(one, other)} == {
        "suitability.matrix",
        "suitability.riskiest",
    }
    assert all(change.key.startswith("suitability.") for change in changes(free, one))
    assert len({free.digest, one.digest, other.digest}) == 3
