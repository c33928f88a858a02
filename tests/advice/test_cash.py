"""What a sum comes to in won, worked by hand; interest tax is 14 % and a tenth of that."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jeoul.advice.cash import Sum, cash_outcomes, gain_tax, missing_kinds
from jeoul.advice.explain import explain
from jeoul.advice.means import Means
from jeoul.advice.outlook import Outlook, outcome_range
from jeoul.advice.rates import KINDS, ProductRate, read_rates
from jeoul.errors import ConfigError
from jeoul.korea.tables import load_products, load_rules
from jeoul.messages import LANGUAGES

BOOK, PRODUCTS = load_rules(2026), load_products()
TODAY = date(2026, 11, 28)
NOBODY = Means()


def rate(kind: str, value: str, **more: Any) -> ProductRate:
    own: dict[str, Any] = {"name": kind, "as_of": TODAY, "source": "the app"}
    for name, told in more.items():
        own[name] = Decimal(told) if isinstance(told, str) else told
    return ProductRate(kind=kind, rate=Decimal(value), **own)


def paid(
    quote: ProductRate,
    *,
    amount: int = 10_000_000,
    months: int = 12,
    riskiest: int = 1,
    means: Means = NOBODY,
) -> Any:
    wanted = Sum(amount=amount, months=months, riskiest=riskiest)
    return cash_outcomes(BOOK, PRODUCTS, (quote,), wanted, means)[0]


def test_a_deposit_pays_simple_interest_and_is_taxed_at_its_end() -> None:
    """10 M x 3 % = 300,000; 42,000 + 4,200 are withheld."""
    found = paid(rate("deposit", "0.03", term=12))
    assert (found.paid, found.interest, found.tax) == (10_253_800, 300_000, 46_200)


def test_a_term_is_renewed_with_what_is_left_after_tax() -> None:
    """The second year earns 3 % of 10,253,800: 307,614, less 43,060 + 4,300."""
    found = paid(rate("deposit", "0.03", term=12), months=24)
    assert found.paid == 10_253_800 + 307_614 - 47_360
    assert [step.message for step in found.steps] == ["rule.cash_renewed"]


def test_what_is_left_of_the_horizon_earns_nothing() -> None:
    assert paid(rate("deposit", "0.03", term=12), months=18).paid == 10_253_800


def test_a_deposit_needed_before_its_term_has_no_figure_unless_the_early_rate_is_known() -> None:
    assert paid(rate("deposit", "0.03", term=12), months=11).paid is None
    found = paid(rate("deposit", "0.03", term=12, early_rate="0.012"), months=6)
    assert (found.interest, found.tax) == (60_000, 9_240)  # 10 M x 1.2 % / 2


def test_a_parking_account_pays_each_month_after_tax() -> None:
    """A month: 10 M x 2.4 % / 12 = 20,000, of which 84.6 % stay and earn interest."""
    assert paid(rate("parking", "0.024"), months=1).paid == 10_016_920
    kept = 10_000_000 * (1 + Decimal("0.024") * Decimal("0.846") / 12) ** 12
    assert paid(rate("parking", "0.024")).paid == int(kept)


def test_a_money_market_fund_grows_by_the_day_and_is_taxed_when_sold() -> None:
    value = Decimal(10_000_000)
    for _ in range(365):
        value *= Decimal("1.0001")
    gain = int(value) - 10_000_000
    found = paid(rate("mmf", "0.0365"))
    assert found.interest == gain
    assert found.tax == gain * 14 // 1000 * 10 + gain * 14 // 1000 * 10 // 100 * 10


def test_a_bond_is_taxed_on_its_coupons_and_not_on_its_price() -> None:
    """9.7 M buy a face of 10 M: two coupons of 200,000, each less 30,800, and 300,000 untaxed."""
    found = paid(rate("bond", "0.02", term=24, price="0.97"), amount=9_700_000, months=24)
    assert found.paid == 10_000_000 + 400_000 - 61_600
    assert found.untaxed == 300_000


def test_the_discount_of_a_bonds_issue_is_interest() -> None:
    bond = rate("bond", "0.02", term=24, price="0.97", taxed_discount="0.03")
    found = paid(bond, amount=9_700_000, months=24)
    assert (found.untaxed, found.tax) == (0, 61_600 + 46_200)


def test_a_bond_above_its_face_loses_the_difference_and_saves_no_tax() -> None:
    found = paid(rate("bond", "0.02", term=12, price="1.01"), amount=10_100_000)
    assert (found.paid, found.tax) == (10_000_000 + 200_000 - 30_800, 30_800)


def test_an_ima_pays_what_is_left_of_the_hurdle_and_the_fee() -> None:
    """6 % - 40 % of 2 points = 5.2 % a year: 1,040,000 in two years, less 145,600 + 14,560."""
    found = paid(rate("ima", "0.06", term=24), months=24)
    assert (found.interest, found.tax) == (1_040_000, 160_160)
    assert (found.insured, found.exposed) == (0, 11_040_000)


def test_an_ima_below_its_minimum_or_beyond_the_horizon_has_no_figure() -> None:
    assert paid(rate("ima", "0.06", term=24), amount=999_999, months=24).paid is None
    assert paid(rate("ima", "0.06", term=24), months=23).paid is None


def test_a_product_riskier_than_allowed_has_no_figure() -> None:
    """An IMA has grade 4: a neutral investor may buy it, a stability-seeking one may not."""
    assert paid(rate("ima", "0.06", term=24), months=24, riskiest=4).paid is not None
    assert paid(rate("ima", "0.06", term=24), months=24, riskiest=5).paid is None


def test_insurance_covers_principal_and_interest_up_to_100_million() -> None:
    """100 M x 3 % are owed as well: 3 M are exposed; 97,087,378 + 2,912,621 fit."""
    found = paid(rate("deposit", "0.03", term=12), amount=100_000_000)
    assert (found.insured, found.exposed) == (100_000_000, 3_000_000)
    found = paid(rate("deposit", "0.03", term=12), amount=97_087_378)
    assert (found.insured, found.exposed) == (99_999_999, 0)


def test_comprehensive_tax_begins_one_interest_above_20_million() -> None:
    """At 24 % beside 60 M of other income each won above 20 M costs 10 % more, and a tenth."""

    def extra(known: int) -> Any:
        means = Means(taxable_income=60_000_000, financial_income=known)
        return paid(rate("deposit", "0.03", term=12), means=means).extra

    assert extra(19_700_000) == 0
    assert extra(20_700_000) == 30_000 + 3_000  # all 300,000 of it lie above
    assert paid(rate("deposit", "0.03", term=12)).extra is None


def test_years_are_taxed_one_by_one() -> None:
    """Two years of 600,000 each beside 19.4 M stay within 20 M; in one year 1.2 M cross it."""
    means = Means(taxable_income=60_000_000, financial_income=19_400_000)
    yearly = paid(rate("deposit", "0.05", term=12), months=24, amount=11_000_000, means=means)
    at_once = paid(rate("deposit", "0.05", term=24), months=24, amount=11_000_000, means=means)
    assert yearly.extra == 0
    assert at_once.extra == 55_000  # 1.1 M - 600,000 = 500,000 above: 50,000 and a tenth


QUOTES = st.one_of(
    *(
        st.builds(
            rate,
            st.just(kind),
            st.decimals(0, "0.15", places=4).map(str),
            **({"term": st.integers(1, 36)} if kind in ("deposit", "bond", "ima") else {}),
        )
        for kind in KINDS
    )
)


@given(QUOTES, st.integers(1_000_000, 10**10), st.integers(1, 120))
def test_nothing_is_paid_that_was_not_earned(quote: Any, amount: int, months: int) -> None:
    found = paid(quote, amount=amount, months=months)
    if found.paid is None:
        assert quote.term is not None
        assert months < quote.term
        return
    assert found.paid == amount + found.interest + found.untaxed - found.tax
    assert found.insured + found.exposed == amount + found.interest + found.untaxed
    assert found.insured <= 100_000_000
    assert 0 <= found.tax <= found.interest * Decimal("0.154") + 20
    for language in LANGUAGES:
        assert all("{" not in explain(language, step) for step in found.steps)


def test_the_most_won_comes_first_and_what_has_no_figure_last() -> None:
    wanted = Sum(amount=10_000_000, months=12, riskiest=1)
    quotes = (
        rate("ima", "0.20", term=24),
        rate("cma", "0.02"),
        rate("deposit", "0.03", term=12),
    )
    found = cash_outcomes(BOOK, PRODUCTS, quotes, wanted, Means())
    assert [one.quote.kind for one in found] == ["deposit", "cma", "ima"]
    assert missing_kinds(quotes) == ("parking", "cma_merchant", "mmf", "bond")


# --- the file of rates ---

CMA = '[[rates]]\nkind = "cma"\nname = "A"\nrate = 0.033\nas_of = 2026-11-20\nsource = "app"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (CMA.replace("0.033", "3.3"), "r.toml:4: rates.0.rate: 3.3 is not a rate; give a fraction"),
        (CMA.replace('"cma"', '"cmaa"'), "'cmaa' is not a kind of product; did you mean 'cma'?"),
        (CMA.replace("2026-11-20", "2026-11-29"), "2026-11-29 lies after 2026-11-28"),
        (CMA + "term = 12\n", "rates.0.term: a rate of kind cma has none; remove it"),
        (CMA + "price = 0.9\n", "rates.0.price: a rate of kind cma has none"),
        (CMA + 'compounding = "dayly"\n', "did you mean 'daily'?"),
        (CMA.replace("cma", "deposit"), "rates.0.term: a deposit needs a term"),
        (CMA.replace("source", "sorce"), "did you mean 'source'?"),
        (CMA + CMA, "rates.1.name: 'A' is there twice"),
        (
            "age = 45\nloss = 3\n",
            "r.toml: holds a file of answers, not a file of rates; write one with",
        ),
        ("rates = []", "there is no rate; add [[rates]]"),
        ("schema = 2\n" + CMA, "write schema = 1"),
        (CMA.replace("cma", "bond") + "term = 12\nprice = 97\n", "give 0.97 for 9,700 won"),
    ],
)
def test_what_is_wrong_with_a_rate_is_said(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        read_rates(text, "r.toml", TODAY)
    assert said in str(refused.value)


def test_a_rate_of_today_is_taken_and_its_age_counted() -> None:
    (found,) = read_rates(CMA, "r.toml", TODAY)
    assert (found.rate, found.age(TODAY), found.compounds) == (Decimal("0.033"), 8, "daily")


# --- the portfolio ---


def tax_of(gain: int) -> int:
    return gain_tax(BOOK, NOBODY, gain)


def test_a_gain_that_crosses_20_million_costs_more() -> None:
    """19.4 M are known: of a gain of 1 M 400,000 lie above, at 10 % and a tenth of it."""
    means = Means(taxable_income=60_000_000, financial_income=19_400_000)
    assert gain_tax(BOOK, means, 600_000) == 92_400
    assert gain_tax(BOOK, means, 1_000_000) == 154_000 + 44_000


@given(st.floats(-0.02, 0.08), st.floats(0.0, 0.4), st.integers(1, 240), st.integers(1, 10**10))
def test_a_range_is_ordered_and_a_loss_saves_no_tax(
    excess: float, volatility: float, months: int, amount: int
) -> None:
    outlook = Outlook(riskless=0.03, excess=excess, volatility=volatility, cost=0.002)
    found = outcome_range(outlook, amount=amount, months=months, tax=tax_of)
    untaxed = outcome_range(outlook, amount=amount, months=months, tax=lambda _: 0)
    cuts = 22  # each part of a tax is cut below 10 won, so a larger gain can leave a little less
    assert found.low <= found.middle + cuts
    assert found.middle <= found.high + cuts
    assert 0.0 <= found.loss <= 1.0
    for taxed, whole in zip(
        (found.low, found.middle, found.high),
        (untaxed.low, untaxed.middle, untaxed.high),
        strict=True,
    ):
        assert taxed == whole if whole < amount else amount <= taxed <= whole


def test_without_volatility_there_is_one_outcome() -> None:
    """5 % a year for two years: 1,025,000 of gain on 10 M, of which 84.6 % stay."""
    outlook = Outlook(riskless=0.03, excess=0.02, volatility=0.0, cost=0.0)
    found = outcome_range(outlook, amount=10_000_000, months=24, tax=tax_of)
    assert found.low == found.high == pytest.approx(10_867_150, abs=1)
    assert found.loss == 0.0
