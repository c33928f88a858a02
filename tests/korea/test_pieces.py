"""The law as slopes and steps against the law as amounts: to the won, but for what is cut."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jeoul.errors import RuleError
from jeoul.korea.etf import sell_etf
from jeoul.korea.foreign_tax import ForeignTax, fund_foreign_tax
from jeoul.korea.gains import Gain
from jeoul.korea.health import health_premium
from jeoul.korea.income import financial_income
from jeoul.korea.isa import settle_isa
from jeoul.korea.overseas import settle_overseas, us_dividend
from jeoul.korea.pension import close_pension, receive_pension
from jeoul.korea.pension_credit import pension_credit
from jeoul.korea.pieces import Pieces
from jeoul.korea.pieces_gains import (
    credited_share,
    distribution_rate,
    isa_early_pieces,
    isa_pieces,
    overseas_pieces,
    sale_pieces,
    us_dividend_rate,
)
from jeoul.korea.pieces_health import health_pieces
from jeoul.korea.pieces_income import income_pieces
from jeoul.korea.pieces_pension import closing_pieces, credit_rooms, receipt_pieces
from jeoul.korea.tables import load_rules

BOOK = load_rules(2026)
CUT = 22
"""Won: each of a national and a local tax is cut below 10, and the cut national carries a tenth."""

UNCOLLECTED = 1_100
"""Won: a national tax below 1,000 is not collected, nor is its local tax."""

won = st.integers(0, 2_000_000_000)
incomes = st.sampled_from((0, 1, 4_999_999, 5_000_000, 9_000_000, 19_999_999, 20_000_000)) | (
    st.integers(0, 60_000_000)
)


def around(pieces: Pieces) -> Iterator[int]:
    """Yield both sides of every bound and step."""
    for bound in {*pieces.bounds, *(start for start, _ in pieces.steps)}:
        yield from (bound - 1, bound, bound + 1)


@given(gain=won)
@settings(max_examples=60)
def test_a_sale_costs_its_rate_less_what_is_cut_or_not_collected(gain: int) -> None:
    for kind in ("krx_other_etf", "kr_equity_etf"):
        tax = sell_etf(
            BOOK,
            kind=kind,
            units=1,
            buy=Decimal(0),
            sell=Decimal(gain),
            base_buy=Decimal(0),
            base_sell=Decimal(gain),
        ).tax
        over = sale_pieces(BOOK, kind).at(gain) - tax
        assert 0 <= over < (CUT if tax else UNCOLLECTED)


def test_a_fund_listed_abroad_has_no_tax_withheld_at_its_sale() -> None:
    with pytest.raises(RuleError, match="us_etf"):
        sale_pieces(BOOK, "us_etf")


@given(gain=won)
@settings(max_examples=60)
def test_gains_abroad_are_free_up_to_the_deduction_of_the_year(gain: int) -> None:
    pieces = overseas_pieces(BOOK)
    for amount in (gain, *around(pieces)):
        assert 0 <= pieces.at(amount) - settle_overseas(BOOK, gains=(amount,)).tax < CUT


@given(gain=won)
@settings(max_examples=60)
def test_an_isa_that_ran_its_term_costs_its_rate_above_the_tax_free_amount(gain: int) -> None:
    for kind in ("general", "low_income", "farmer"):
        pieces = isa_pieces(BOOK, kind)
        for amount in (gain, *around(pieces)):
            results = (Gain("krx_other_etf", amount),)
            tax = settle_isa(BOOK, kind=kind, years_held=3, results=results).tax
            assert 0 <= pieces.at(amount) - tax < CUT


@given(gains=st.lists(won, min_size=1, max_size=4))
@settings(max_examples=60)
def test_an_isa_that_ends_early_costs_what_an_ordinary_account_would(gains: list[int]) -> None:
    results = tuple(Gain("krx_other_etf", gain) for gain in gains)
    tax = settle_isa(BOOK, kind="general", years_held=2, results=(*results, Gain("fund", -1))).tax
    over = isa_early_pieces(BOOK).at(sum(gains)) - tax
    assert 0 <= over < len(gains) * UNCOLLECTED


@given(financial=won, taxable=st.integers(-20_000_000, 600_000_000))
@settings(max_examples=200)
def test_the_tax_of_may_follows_the_bands_above_20_million(financial: int, taxable: int) -> None:
    pieces = income_pieces(BOOK, taxable=taxable)
    assert pieces.convex
    for amount in (financial, *around(pieces)):
        found = financial_income(
            BOOK,
            financial=amount,
            other_income=max(0, taxable),
            deductions=max(0, -taxable),
        )
        away = pieces.at(amount) - (found.extra + found.local_extra)
        assert -4 < away < 14


def test_small_other_income_leaves_the_tax_of_may_at_nothing_far_above_20_million() -> None:
    """A rate of 6 % where 14 % was withheld leaves room that 15 % uses up slowly."""
    pieces = income_pieces(BOOK)
    assert pieces.at(20_000_001) == 0
    first = pieces.bounds[0]
    assert financial_income(BOOK, financial=first).extra == 0
    assert financial_income(BOOK, financial=first + 1_000).extra > 0


@given(financial=won, other=incomes, pension=incomes)
@settings(max_examples=200)
@pytest.mark.parametrize("status", ["self_employed", "dependant", "employee"])
def test_the_premium_jumps_and_rises_as_its_amounts_do(
    status: str, financial: int, other: int, pension: int
) -> None:
    def premium(amount: int) -> int:
        return health_premium(
            BOOK,
            status=status,
            financial=amount,
            other_income=other,
            public_pension=pension,
        ).total

    pieces = health_pieces(BOOK, status=status, other_income=other, public_pension=pension)
    chord = Decimal(0)
    if status == "employee":
        chord = Decimal("0.001") * pension
    for amount in (financial, *around(pieces)):
        away = pieces.at(amount) - (premium(amount) - premium(0))
        assert -260 < away < 260 + chord, (amount, away)


def test_a_dependant_pays_nothing_until_the_status_is_lost_and_everything_then() -> None:
    pieces = health_pieces(BOOK, status="dependant", other_income=5_000_000)
    ((start, height),) = pieces.steps
    assert start == 15_000_000
    assert pieces.at(15_000_000) == 0
    assert round(height) == round(Decimal(20_000_000) * Decimal("0.081348"))


def test_an_employee_has_a_slope_and_no_step_unless_other_income_waits_at_10_million() -> None:
    assert health_pieces(BOOK, status="employee").steps == ()
    assert health_pieces(BOOK, status="employee").bounds[0] == 20_000_000
    waiting = health_pieces(BOOK, status="employee", other_income=15_000_000)
    assert [start for start, _ in waiting.steps] == [10_000_000]


@given(
    amount=st.integers(0, 30_000_000),
    age=st.integers(55, 90),
    life=st.booleans(),
)
@settings(max_examples=80)
def test_a_pension_costs_by_age_and_by_the_limit_of_a_year(
    amount: int, age: int, life: bool
) -> None:
    pieces = receipt_pieces(BOOK, age, life_annuity=life)
    for each in (amount, *around(pieces)):
        found = receive_pension(BOOK, age=age, amount=each, life_annuity=life)
        alone = found.separate if found.flat is None else found.flat
        assert alone is not None
        assert 0 <= pieces.at(each) - alone < (CUT if alone else UNCOLLECTED)
        assert found.tax <= pieces.at(each)


@given(amount=won)
@settings(max_examples=40)
def test_a_pension_account_that_is_closed_costs_its_lump_rate(amount: int) -> None:
    tax = close_pension(BOOK, credited=amount, earnings=0).tax
    assert 0 <= closing_pieces(BOOK).at(amount) - tax < (CUT if tax else UNCOLLECTED)


@given(
    wages=st.integers(1, 150_000_000),
    paid=st.tuples(st.integers(0, 9_000_000), st.integers(0, 9_000_000)),
    more=st.tuples(st.integers(0, 9_000_000), st.integers(0, 9_000_000)),
    transfer=st.integers(0, 60_000_000),
    dependants=st.none() | st.integers(0, 4),
)
@settings(max_examples=200)
def test_further_pension_payments_earn_what_the_whole_year_earns_more(
    wages: int,
    paid: tuple[int, int],
    more: tuple[int, int],
    transfer: int,
    dependants: int | None,
) -> None:
    def credit(savings: int, irp: int) -> int:
        found: int = _credit(wages, savings, irp, transfer, dependants).credit
        return found

    before = _credit(wages, *paid, transfer, dependants)
    rooms = credit_rooms(BOOK, before, savings_paid=paid[0] + transfer)
    earned = credit(paid[0] + more[0], paid[1] + more[1]) - before.credit
    assert abs(rooms.at(*more) - earned) < 24


def _credit(wages: int, savings: int, irp: int, transfer: int, dependants: int | None):  # type: ignore[no-untyped-def]
    return pension_credit(
        BOOK,
        wages=wages,
        pension_savings=savings,
        irp=irp,
        isa_transfer=transfer,
        dependants=dependants,
    )


@given(amount=won, percent=st.integers(0, 40))
@settings(max_examples=60)
def test_a_distribution_costs_what_the_credit_of_the_tax_inside_leaves(
    amount: int, percent: int
) -> None:
    rate = Decimal(percent) / 100
    foreign = ForeignTax(int(amount * rate / (1 - rate)), rate or None)
    day = date(2026, 3, 2)
    tax = fund_foreign_tax(BOOK, account="general", on=day, amount=amount, foreign=foreign).tax
    over = amount * distribution_rate(BOOK, on=day, foreign_rate=rate) - tax
    assert -3 < over < (24 if tax else UNCOLLECTED + 1)


@given(amount=won, w8ben=st.booleans())
@settings(max_examples=40)
def test_a_us_dividend_costs_the_rate_of_the_treaty(amount: int, w8ben: bool) -> None:
    found = us_dividend(BOOK, gross=amount, w8ben=w8ben)
    over = amount * us_dividend_rate(BOOK, w8ben=w8ben) - found.us_tax - found.kr_tax
    assert 0 <= over < CUT + 1


@pytest.mark.parametrize(
    ("account", "day"),
    [
        ("general", date(2025, 1, 1)),
        ("isa", date(2025, 7, 1)),
        ("pension_savings", date(2026, 7, 1)),
        ("irp", date(2026, 7, 1)),
    ],
)
def test_the_tax_inside_a_fund_is_credited_from_the_day_of_its_law_on(
    account: str, day: date
) -> None:
    rate = Decimal("0.15")
    before = credited_share(BOOK, account, on=date.fromordinal(day.toordinal() - 1))
    assert before == 0
    share = credited_share(BOOK, account, on=day, foreign_rate=rate)
    foreign = ForeignTax(1_000_000, rate, day)
    found = fund_foreign_tax(
        BOOK, account=account, on=day, amount=10**9, foreign=foreign, national=10**8
    )
    assert found.credit == int(1_000_000 * share)
