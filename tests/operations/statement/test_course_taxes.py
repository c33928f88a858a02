"""What the law makes of a course: average costs along its sessions, and each person's years."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from made_course import (
    BOOK,
    DAYS,
    FRI,
    MON,
    NEXT,
    THU,
    TUE,
    bought,
    course,
    rates,
    sold,
    table,
    taxable,
)

from jeoul.account.withholding import Taxed
from jeoul.advice.person import Income
from jeoul.operations.course.record import CoursePayment
from jeoul.operations.statement.taxes import (
    AccountResults,
    Payer,
    assessed_year,
    results_of,
    withheld_in,
    years_of,
)
from jeoul.operations.statement.worth import exchange_of

STILL = [100.0] * 5
PLAIN = table({"A": STILL, "B": STILL})
WED = date(2026, 6, 3)  # a holiday of the exchange


def found(shares: Any, *fills: Any, along: Any = PLAIN, **more: Any) -> list[tuple[Any, ...]]:
    """Return session, kind, ticker and result of what the law looks at in a course."""
    results = results_of(course(shares, fills=fills, **more), taxable(along))
    return [(each.session, each.what, each.ticker, each.gain) for each in results]


# --- average costs --------------------------------------------------------------------------------


def test_a_purchase_moves_the_average_and_a_sale_does_not() -> None:
    """2,000 at 100 and 1,000 at 130 cost 110 a share; 500 more at 200 on 1,500 make it 132.5."""
    shares = {"A": (2_000, 3_000, 1_500, 2_000, 0)}
    sales = found(
        shares,
        bought(MON, "A", 2_000, 200_000, fee=900),
        bought(TUE, "A", 1_000, 130_000),
        sold(THU, "A", 1_500, 225_000, fee=900),
        bought(FRI, "A", 500, 100_000),
        sold(NEXT, "A", 2_000, 400_000),
    )
    assert sales == [
        (THU, "sale", "A", 1_500 * 40),
        (NEXT, "sale", "A", 135_000),  # 2,000 x (200 - 132.5)
    ]


def test_a_session_s_sales_come_before_its_purchases() -> None:
    """The broker's order in the course is another one: 100 sold at 100, then 100 bought at 300."""
    sales = found(
        {"A": (200, 200, 0, 0, 0)},
        bought(MON, "A", 200, 20_000),
        bought(TUE, "A", 100, 30_000),
        sold(TUE, "A", 100, 15_000),
        sold(THU, "A", 200, 60_000),
    )
    assert sales == [(TUE, "sale", "A", 5_000), (THU, "sale", "A", 200 * 100)]


def test_purchases_of_one_session_are_one_average() -> None:
    """100 at 100, 100 at 200 and 200 at 400 cost 275 a share."""
    sales = found(
        {"A": (400, 0, 0, 0, 0)},
        bought(MON, "A", 100, 10_000),
        bought(MON, "A", 100, 20_000),
        bought(MON, "A", 200, 80_000),
        sold(TUE, "A", 400, 160_000),
    )
    assert sales == [(TUE, "sale", "A", 400 * 125)]


def test_what_is_left_after_two_sales_of_a_session_is_what_the_next_purchase_comes_to() -> None:
    """Of 400 at 100 are 100 left; with 100 at 300 the average is 200."""
    sales = found(
        {"A": (400, 200, 0, 0, 0)},
        bought(MON, "A", 400, 40_000),
        sold(TUE, "A", 150, 15_000),
        sold(TUE, "A", 150, 15_000),
        bought(TUE, "A", 100, 30_000),
        sold(THU, "A", 200, 50_000),
    )
    assert [gain for *_, gain in sales] == [0, 0, 200 * 50]


def test_a_share_s_price_is_that_of_its_fill_in_whole_won() -> None:
    sales = found({"A": (3, 0, 0, 0, 0)}, bought(MON, "A", 3, 1_000), sold(TUE, "A", 3, 2_000))
    assert sales == [(TUE, "sale", "A", 3 * (667 - 333))]


def test_in_dollars_fees_count_and_both_days_have_their_rate() -> None:
    """100 dollars and 5 cents at 1,300; 149.94 at 1,400."""
    own = course(
        {"U": (10, 10, 10, 10, 0)},
        currency="USD",
        fills=(bought(MON, "U", 10, 10_000, fee=5), sold(NEXT, "U", 10, 15_000, fee=6)),
    )
    exchange = exchange_of(own, {"usdkrw": rates([1_300.0, 1_310.0, 1_290.0, 1_350.0, 1_400.0])})
    abroad = table({"U": STILL}, "XNYS")
    (sale,) = results_of(own, taxable(abroad, account="overseas", unit=100, exchange=exchange))
    assert (sale.gain, sale.tax) == (14_994 * 14 - 10_005 * 13, 0)


# --- shares that came without a trade -------------------------------------------------------------


def test_shares_that_came_without_a_trade_cost_their_price_of_that_day() -> None:
    prices = {"A": (100.0, 120.9, 130.0, 130.0, 130.0)}
    sales = found(
        {"A": (10, 40, 0, 0, 0)}, sold(THU, "A", 40, 8_000), prices=prices
    )  # 10 at 100 and 30 at 120 cost 115 a share
    assert sales == [(THU, "sale", "A", 40 * 85)]


def test_one_share_that_came_is_one() -> None:
    assert found({"A": (1, 0, 0, 0, 0)}, sold(TUE, "A", 1, 150)) == [(TUE, "sale", "A", 50)]


def test_what_came_is_there_before_what_is_bought_on_that_day() -> None:
    """10 came at 100, 30 were bought at 140: 130 a share."""
    sales = found({"A": (40, 0, 0, 0, 0)}, bought(MON, "A", 30, 4_200), sold(TUE, "A", 40, 8_000))
    assert sales == [(TUE, "sale", "A", 40 * 70)]


def test_shares_without_a_price_cost_nothing() -> None:
    prices = {"A": (float("nan"), 100.0, 100.0, 100.0, 100.0)}
    assert found({"A": (5, 0, 0, 0, 0)}, sold(TUE, "A", 5, 500), prices=prices) == [
        (TUE, "sale", "A", 500)
    ]


def test_shares_that_left_without_a_trade_are_no_sale() -> None:
    """Of 20 at 100 are 5 left; 15 come back at 200: 175 a share."""
    prices = {"A": (100.0, 100.0, 200.0, 200.0, 200.0)}
    sales = found(
        {"A": (20, 5, 20, 0, 0)},
        bought(MON, "A", 20, 2_000),
        sold(FRI, "A", 20, 4_000),
        prices=prices,
    )
    assert sales == [(FRI, "sale", "A", 20 * 25)]


def test_what_the_rules_do_not_know_is_left_out() -> None:
    own = course(
        {"X": (10, 10, 5, 5, 5), "A": (0, 0, 0, 0, 0)},
        fills=(sold(THU, "X", 5, 500),),
        payments=(CoursePayment(TUE, "X", 70), CoursePayment(TUE, "", 30)),
    )
    assert results_of(own, taxable(PLAIN)) == ()


# --- splits and distributions ---------------------------------------------------------------------

SPLIT = table({"A": STILL, "B": STILL}, splits={"A": (1, 1, 2, 1, 1), "B": (1, 1, 1, 1, 1)})


def test_a_split_divides_the_average_cost() -> None:
    """100 at 100 became 200 at 50, and with 200 at 90 the average is 70."""
    sales = found(
        {"A": (0, 100, 400, 0, 0)},
        bought(TUE, "A", 100, 10_000),
        bought(THU, "A", 200, 18_000),
        sold(FRI, "A", 400, 40_000),
        along=SPLIT,
    )
    assert sales == [(FRI, "sale", "A", 400 * 30)]


def test_a_merge_leaves_a_share_of_two_at_both_their_costs() -> None:
    merged = table({"A": STILL}, splits={"A": (1, 1, 0.5, 1, 1)})
    sales = found(
        {"A": (2, 2, 1, 0, 0)}, bought(MON, "A", 2, 200), sold(FRI, "A", 1, 260), along=merged
    )
    assert sales == [(FRI, "sale", "A", 60)]


def test_a_distribution_adds_no_share_to_what_is_bought_on_its_day() -> None:
    """One share at 100 and one at 200 cost 150."""
    (_, sale) = found(
        {"A": (1, 2, 0, 0, 0)},
        bought(MON, "A", 1, 100),
        bought(TUE, "A", 1, 200),
        sold(THU, "A", 2, 500),
        payments=(CoursePayment(TUE, "A", 10),),
    )
    assert sale == (THU, "sale", "A", 200)


def test_a_sale_on_the_day_of_a_split_is_of_new_shares() -> None:
    sales = found(
        {"A": (100, 100, 50, 0, 0)},
        bought(MON, "A", 100, 10_000),
        sold(THU, "A", 150, 9_000),
        sold(FRI, "A", 50, 3_000),
        along=SPLIT,
    )
    assert [gain for *_, gain in sales] == [150 * 10, 50 * 10]


@pytest.mark.parametrize("first", [0, 2])
def test_shares_that_come_on_the_day_of_a_split_are_new_ones(first: int) -> None:
    """Nothing was held before: an account that begins on that day, or takes a fund in on it."""
    days = DAYS[2 - first :]
    held = [0] * first + [10] + [0] * 2
    own = course({"A": held}, days=days, cash=[0] * len(days), fills=(sold(FRI, "A", 10, 1_500),))
    (sale,) = results_of(own, taxable(SPLIT))
    assert (sale.session, sale.gain) == (FRI, 500)


def test_a_distribution_is_income_of_its_session_and_on_a_holiday_of_the_next() -> None:
    own = course(
        {"B": (10,) * 5, "A": (10,) * 5},
        payments=(
            CoursePayment(NEXT, "A", 400_000),
            CoursePayment(TUE, "A", 100_000),
            CoursePayment(WED, "B", 300_000),
        ),
    )
    results = results_of(own, taxable(PLAIN))
    assert [(each.session, each.ticker, each.gain, each.tax) for each in results] == [
        (TUE, "A", 100_000, 15_400),
        (THU, "B", 300_000, 46_200),
        (NEXT, "A", 400_000, 61_600),
    ]


def test_the_actions_of_a_session_are_in_the_order_of_their_funds() -> None:
    own = course(
        {"B": (10,) * 5, "A": (10, 10, 20, 20, 20)},
        payments=(CoursePayment(THU, "B", 3_000), CoursePayment(THU, "A", 1_000)),
    )
    results = results_of(own, taxable(SPLIT))
    assert [each.ticker for each in results] == ["A", "B"]


# --- the years of people --------------------------------------------------------------------------


def taxed(session: date, tax: int = 0, income: int = 0, gain: int = 0, asset: str = "A") -> Taxed:
    what = "sale" if gain else "distribution"
    return Taxed(session, what, "A", asset, gain or income, income, tax, tax)


def account(*results: Taxed, begun: date = date(2025, 3, 3), **more: Any) -> AccountResults:
    return AccountResults(taxable(PLAIN, **more), results, begun)


@pytest.mark.parametrize(
    ("start", "end", "begun", "years"),
    [
        (date(2024, 5, 2), date(2026, 6, 30), date(2025, 3, 3), [(2025, True), (2026, False)]),
        (date(2026, 1, 2), date(2026, 6, 30), date(2025, 3, 3), [(2026, False)]),
        (date(2025, 1, 2), date(2025, 12, 31), date(2025, 3, 3), [(2025, True)]),
        (date(2025, 1, 2), date(2025, 12, 30), date(2025, 3, 3), [(2025, False)]),
        (date(2025, 1, 2), date(2026, 1, 1), date(2025, 12, 31), [(2025, True), (2026, False)]),
    ],
)
def test_each_year_from_the_first_session_on_is_stated(
    start: date, end: date, begun: date, years: list[tuple[int, bool]]
) -> None:
    found = years_of([account(begun=begun)], {"minsu": None}, BOOK, start, end)
    assert [(each.year, each.whole) for each in found] == years
    assert all(each.assessed is None for each in found)


def test_tax_at_source_is_that_of_one_s_own_accounts_in_the_year_up_to_the_day() -> None:
    mine = account(
        taxed(date(2025, 12, 31), 1),
        taxed(date(2026, 1, 1), 20),
        taxed(date(2026, 6, 30), 300),
        taxed(date(2026, 7, 1), 4_000),
    )
    hers = account(taxed(date(2026, 2, 2), 50_000), owner="yuna", begun=date(2026, 2, 2))
    end = date(2026, 6, 30)
    people = {"minsu": None, "yuna": None}
    found = years_of([mine, hers], people, BOOK, date(2024, 1, 1), end)
    assert [(each.person, each.year, each.withheld) for each in found] == [
        ("minsu", 2025, 1),
        ("minsu", 2026, 320),
        ("yuna", 2026, 50_000),
    ]
    assert withheld_in([mine, hers], 2026, end) == 50_320


def test_a_year_s_gains_abroad_are_assessed_up_to_the_day() -> None:
    """22 % of what 5 M are above 2.5 M a year; those of the day after are not yet made."""
    end = date(2026, 6, 30)
    mine = account(
        taxed(end, gain=5_000_000, asset="us_etf"),
        taxed(date(2026, 7, 1), gain=9_000_000, asset="us_etf"),
    )
    payer = Payer(income=Income(wages=55_000_000))
    found = assessed_year([mine], payer, BOOK, 2026, end)
    assert found.overseas == 550_000
    beside = Payer(income=Income(wages=55_000_000), overseas_elsewhere=1_000_000)
    assert assessed_year([mine], beside, BOOK, 2026, end).overseas == 770_000
    (year,) = years_of([mine], {"minsu": payer}, BOOK, date(2026, 1, 1), end)
    assert year.assessed is not None
    assert (year.assessed.overseas, year.assessed.total) == (550_000, 550_000)


@pytest.mark.parametrize(
    ("kinds", "credit"),
    [
        (["pension_savings"], 990_000),  # 16.5 % of 6 M at most
        (["irp"], 1_155_000),  # of all 7 M
        (["pension_savings", "irp"], 1_485_000),  # of 9 M at most for both
        (["irp", "irp"], 1_485_000),
        (["general"], 0),
    ],
)
def test_payments_into_pensions_earn_their_credit(kinds: list[str], credit: int) -> None:
    accounts = [account(account=kind, paid={2026: 7_000_000}) for kind in kinds]
    payer = Payer(income=Income(wages=50_000_000))
    assert assessed_year(accounts, payer, BOOK, 2026, date(2026, 12, 31)).credit == credit


def test_a_person_without_pensions_has_no_credit_to_explain() -> None:
    found = assessed_year([account()], Payer(), BOOK, 2026, date(2026, 12, 31))
    assert (found.pension, found.total) == (None, 0)
    assert Payer() == Payer(overseas_elsewhere=0)


def test_what_was_paid_in_is_what_is_said_and_what_the_broker_named() -> None:
    deposits = {
        date(2025, 12, 31): 1,
        date(2026, 1, 1): 20,
        date(2026, 6, 30): 300,
        date(2026, 7, 1): 4_000,
    }
    mine = taxable(PLAIN, paid={2026: 50_000}, deposits=deposits)
    assert mine.paid_in(2026, date(2026, 6, 30)) == 50_320
    assert mine.paid_in(2025, date(2026, 6, 30)) == 1
    assert mine.paid_in(2024, date(2026, 6, 30)) == 0
