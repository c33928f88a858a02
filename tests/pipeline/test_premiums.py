"""Orders beside net asset values: nothing is bought too dear, and what is not known is said.

Net asset values are simulated like those of :file:`tests/market/gates/test_premium.py`: no recorded
ones are at hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from jeoul import api
from jeoul.account.collar import Collar
from jeoul.account.orders import account_decision, account_orders
from jeoul.model.decision import Decision, Proposal, Quote
from jeoul.model.nav import NetAssetValue
from jeoul.model.portfolio import Order, Portfolio, Reason, Side
from jeoul.pipeline import default_rules
from jeoul.pipeline.inputs import rules_id
from jeoul.pipeline.situation import Situation
from jeoul.rebalance import ETF_TICKS, Fresh, TradeRules, round_to_tick

DAY = date(2026, 6, 30)
MONEY = 30_000_000
FUNDS = api.universe_of("krx-core").instruments
KOREA, AMERICA = "069500", "360750"


@pytest.fixture(scope="module")
def plain(sample: Any) -> Proposal:
    return api.propose(api.load_strategy("static"), "balanced", "isa", sample.as_of(DAY))


def valued(
    proposal: Proposal, worth: Mapping[str, float | None], day: date | None = DAY
) -> Proposal:
    """Return a proposal with net asset values as multiples of the closes, others at the close."""

    def nav(code: str, quote: Quote) -> NetAssetValue:
        times, limit = worth.get(code, 1.0), 0.01 if code == KOREA else 0.02
        value = None if times is None else quote.price * times
        return NetAssetValue(value=value, session=day if times is not None else None, limit=limit)

    quotes = {code: replace(each, nav=nav(code, each)) for code, each in proposal.quotes.items()}
    return replace(proposal, quotes=quotes)


def decided(proposal: Proposal, held: Mapping[str, int] | None = None, **more: Any) -> Decision:
    account = Portfolio(held or {}, more.pop("cash", MONEY))
    rules = default_rules(proposal)
    return account_decision(proposal, account, Fresh(), rules, **more)


def shares(decision: Decision) -> dict[tuple[str, str], int]:
    return {(str(order.side), order.ticker): order.shares for order in decision.orders}


def of(decision: Decision, kind: str) -> list[dict[str, str]]:
    return [dict(reason.detail) for reason in decision.reasons if reason.kind == kind]


def found(decision: Decision, kind: str) -> list[str]:
    return [finding.subject for finding in decision.findings if finding.kind == kind]


def test_a_fund_far_above_its_value_is_not_bought_and_its_money_stays_cash(plain: Proposal) -> None:
    usual, held_back = decided(plain), decided(valued(plain, {AMERICA: 0.97}))
    kept = dict(shares(usual))
    missing = kept.pop(("BUY", AMERICA))
    assert shares(held_back) == kept
    assert of(held_back, "place.premium") == [
        {"ticker": AMERICA, "shares": str(missing), "premium": "3.09%", "limit": "2.0%"}
    ]
    amount = missing * plain.quotes[AMERICA].price
    assert of(held_back, "place.premium_amount") == [{"amount": f"{amount:,}"}]
    assert (held_back.held_back, usual.held_back) == (amount, 0)
    assert held_back.cash_after > usual.cash_after + missing * plain.quotes[AMERICA].price
    assert not [reason for reason in usual.reasons if reason.kind.startswith("place.premium")]


@pytest.mark.parametrize(("code", "limit"), [(KOREA, 0.01), (AMERICA, 0.02)])
def test_up_to_its_limit_a_fund_is_bought(plain: Proposal, code: str, limit: float) -> None:
    usual = shares(decided(plain))
    inside, outside = (
        decided(valued(plain, {code: 1 / (1 + limit + step)})) for step in (-1e-6, 1e-6)
    )
    assert shares(inside) == usual
    assert ("BUY", code) not in shares(outside)


def test_values_at_the_close_change_no_order(plain: Proposal) -> None:
    assert decided(valued(plain, {})).orders == decided(plain).orders


def test_a_sale_goes_out_at_any_distance_and_a_deep_discount_is_said(plain: Proposal) -> None:
    owner = {AMERICA: 3000}
    usual = decided(plain, owner)
    assert ("SELL", AMERICA) in shares(usual)
    for times, said in ((1.05, [AMERICA]), (1.01, []), (0.95, [])):
        decision = decided(valued(plain, {AMERICA: times}), owner)
        assert shares(decision) == shares(usual)
        assert found(decision, "finding.discount") == said


def test_an_unknown_or_older_value_blocks_nothing_and_is_said(plain: Proposal) -> None:
    usual = decided(plain)
    unknown = decided(valued(plain, {AMERICA: None}))
    older = decided(valued(plain, {AMERICA: 0.9}, DAY - timedelta(days=1)))
    for decision in (unknown, older):
        assert shares(decision) == shares(usual)
    assert found(unknown, "finding.nav_missing") == [AMERICA]
    bought = sorted(code for side, code in shares(usual) if side == "BUY")
    assert found(older, "finding.nav_old") == bought
    assert not {f.kind for f in usual.findings} & {"finding.nav_missing", "finding.nav_old"}


def test_a_deposit_that_nothing_can_be_bought_of_says_so(plain: Proposal) -> None:
    dear = valued(plain, dict.fromkeys(plain.quotes, 0.9))
    decision = decided(dear, {KOREA: 1}, situation=Situation(first=False))
    assert decision.orders == ()
    assert decision.cash_after == MONEY
    assert len(of(decision, "place.premium")) > 3


def test_a_purchase_has_its_collar_around_the_lower_of_close_and_value() -> None:
    collar, rules = Collar(Decimal("0.02"), {KOREA: 1.0}), TradeRules(ticks=ETF_TICKS)
    buy, sell = (Order(side, KOREA, 1, 36_000, Reason("x")) for side in Side)
    assert [collar.limit(buy, rules, worth) for worth in (None, 36_000, 35_700, 40_000)] == [
        36_720, 36_720, 36_410, 36_720]  # fmt: skip
    assert collar.limit(buy, rules, 30_000) == 36_000, "the last close itself is paid"
    assert {collar.limit(sell, rules, worth) for worth in (None, 30_000, 50_000)} == {35_280}


def test_limits_of_a_decision_are_those_of_its_values(plain: Proposal) -> None:
    collar = Collar.of(0.02, FUNDS)
    usual, dear = (
        {order.ticker: order.limit for order in decided(made, collar=collar).orders}
        for made in (valued(plain, {}), valued(plain, {AMERICA: 0.99}))
    )
    assert dear[AMERICA] < usual[AMERICA]  # type: ignore[operator]
    assert {code: dear[code] for code in dear if code != AMERICA} == {
        code: usual[code] for code in dear if code != AMERICA
    }


@pytest.mark.parametrize(
    ("code", "deviation", "limit"), [(KOREA, 0.0012, 0.01), (AMERICA, 0.0030, 0.02)]
)
def test_thirty_planted_premiums_hold_an_order_back_and_clean_sessions_do_not(
    plain: Proposal, code: str, deviation: float, limit: float
) -> None:
    """Of 20,000 clean sessions fewer than 1 in 1,000 is held up; the planted ones all are."""
    chance = np.random.default_rng([11, int(code)])
    clean = chance.standard_t(5, 20_000) * deviation / np.sqrt(5 / 3)
    quote = plain.quotes[code]
    value = NetAssetValue(value=1.0, session=DAY, limit=limit)
    assert sum(value.too_dear(1.0 + strayed, DAY) for strayed in clean) < 20
    rules, empty = default_rules(plain), Portfolio({}, MONEY)
    for planted in limit + chance.uniform(0.001, 0.05, 30):
        nav = NetAssetValue(value=quote.price / (1 + planted), session=DAY, limit=limit)
        target = replace(plain, quotes={**plain.quotes, code: replace(quote, nav=nav)})
        placed = account_orders(target, empty, Fresh(), rules, situation=Situation(first=True))
        assert code not in {order.ticker for order in placed.orders}
        assert [r.kind for r in placed.reasons].count("place.premium") == 1


# --- where the values come from -------------------------------------------------------------------


def with_values(sample: Any, times: float, rows: slice) -> Any:
    """Return the sample with a fund's net asset values of some rows changed."""
    tables = []
    for table in sample.prices:
        if AMERICA in table.tickers:
            nav = table.nav.copy()
            nav[rows, table.tickers.index(AMERICA)] *= times
            table = replace(table, nav=nav)  # noqa: PLW2901  the same table, changed
        tables.append(table)
    return sample.with_prices(tables)


def test_a_proposal_says_which_of_its_funds_nobody_buys_today(sample: Any) -> None:
    market = with_values(sample, 0.95, slice(-1, None))
    snapshot = market.as_of(DAY)
    proposal = api.propose(api.load_strategy("static"), "balanced", "isa", snapshot)
    assert [f.subject for f in proposal.findings if f.kind == "finding.premium"] == [AMERICA]
    assert snapshot.digest != sample.as_of(DAY).digest
    assert ("BUY", AMERICA) not in shares(decided(proposal))


def test_a_value_is_as_old_as_sessions_of_the_funds_own_exchange(sample: Any) -> None:
    """Over a week of holidays in Seoul nothing gets older; New York trades on meanwhile."""
    before, after = date(2025, 10, 2), date(2025, 10, 10)
    proposal = api.propose(api.load_strategy("static"), "balanced", "isa", sample.as_of(before))
    assert proposal.executed == after
    assert sample.as_of(before).decided_at > 7 * 86_400 + moment_of(before)
    assert {code for code, q in proposal.quotes.items() if q.premium is None} == set()
    late = with_values(sample, float("nan"), slice(-250, None))
    quote = api.propose(api.load_strategy("static"), "balanced", "isa", late.as_of(DAY)).quotes[
        AMERICA
    ]
    assert quote.nav is not None
    assert quote.nav.session is not None, "a value of last year is old and not unheard of"


def moment_of(day: date) -> float:
    return (day - date(1970, 1, 1)).days * 86_400.0


def test_a_price_of_an_earlier_session_has_the_value_of_that_session(sample: Any) -> None:
    """A fund that nobody traded today: the exchange still publishes what it is worth."""
    before = date(2026, 6, 29)
    tables = []
    for table in with_values(sample, 0.95, slice(-2, -1)).prices:
        if AMERICA in table.tickers:
            close = table.close.copy()
            close[-1, table.tickers.index(AMERICA)] = np.nan
            table = replace(table, close=close)  # noqa: PLW2901  the same table, changed
        tables.append(table)
    market = sample.with_prices(tables)
    quote = api.propose(api.load_strategy("static"), "balanced", "isa", market.as_of(DAY)).quotes[
        AMERICA
    ]
    assert quote.session == before
    assert quote.too_dear


def test_a_value_of_a_later_session_is_not_seen(sample: Any) -> None:
    day = date(2026, 6, 26)
    changed = with_values(sample, 0.5, slice(-2, None)).as_of(day)
    assert changed.digest == sample.as_of(day).digest
    assert changed.prices[1].nav is not None
    assert len(changed.prices[1].nav) == len(changed.prices[1].close)


# --- values in another unit than the closes -------------------------------------------------------

UNITS = {"per 100 shares": 100.0, "per 1,000 shares": 1_000.0, "in thousands": 0.001,
         "in dollars": 1 / 1_387.4, "in yen": 1 / 9.13}  # fmt: skip


@pytest.mark.parametrize("times", UNITS.values(), ids=UNITS)
def test_values_in_another_unit_hold_no_purchase_back_and_are_named(
    sample: Any, plain: Proposal, times: float
) -> None:
    market = with_values(sample, times, slice(None))
    proposal = api.propose(api.load_strategy("static"), "balanced", "isa", market.as_of(DAY))
    assert [f.subject for f in proposal.findings if f.kind == "finding.nav_unit"] == [AMERICA]
    assert not proposal.quotes[AMERICA].too_dear
    collar = Collar.of(0.02, FUNDS)
    usual, odd = (decided(made, collar=collar) for made in (plain, proposal))
    assert shares(odd) == shares(usual)
    limits = [{o.ticker: o.limit or 0 for o in each.orders}[AMERICA] for each in (odd, usual)]
    assert limits[0] == round_down(plain.quotes[AMERICA].price * 1.02) >= limits[1]
    assert found(odd, "finding.nav_unit") == [AMERICA], "said once"


def round_down(price: float) -> int:
    return round_to_tick(int(price), "down", ETF_TICKS)


def test_a_unit_that_changes_overnight_is_named_and_a_value_that_collapses_is_a_premium(
    sample: Any,
) -> None:
    """A vendor changes by powers of ten; assets that are frozen abroad lose any part of value."""
    changed, collapsed = (
        api.propose(
            api.load_strategy("static"),
            "balanced",
            "isa",
            with_values(sample, times, slice(-1, None)).as_of(DAY),
        )
        for times in (0.01, 0.23)
    )
    assert not changed.quotes[AMERICA].too_dear
    assert collapsed.quotes[AMERICA].too_dear
    kinds = [
        {f.kind for f in made.findings if f.subject == AMERICA} for made in (changed, collapsed)
    ]
    assert "finding.nav_unit" in kinds[0] - kinds[1]
    assert "finding.premium" in kinds[1] - kinds[0]
    assert ("BUY", AMERICA) not in shares(decided(collapsed))


def test_a_fund_that_is_sold_says_that_its_value_is_in_another_unit(plain: Proposal) -> None:
    quote = plain.quotes[AMERICA]
    odd = NetAssetValue(value=quote.price * 100.0, session=DAY, limit=0.02, comparable=False)
    made = replace(plain, quotes={**plain.quotes, AMERICA: replace(quote, nav=odd)})
    decision = decided(made, {AMERICA: 3000})
    assert ("SELL", AMERICA) in shares(decision)
    assert found(decision, "finding.nav_unit") == [AMERICA]


def test_a_universe_sets_the_limit_of_a_class(plain: Proposal) -> None:
    mandate = api.mandate(api.load_strategy("static"), "balanced", "isa")
    universe = mandate.universe
    assert {universe.premium_limit(code) for code in ("069500", "114260")} == {0.01}
    assert {universe.premium_limit(code) for code in ("360750", "411060", "999999")} == {0.02}
    name = universe.instruments[AMERICA].asset_class
    other = replace(universe, premium={name: 0.005})
    assert other.premium_limit(AMERICA) == 0.005
    assert rules_id(replace(mandate, universe=other)) != rules_id(mandate)
