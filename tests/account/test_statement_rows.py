"""What each row of a statement of tax paid says: payments, amounts, rates and years."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from tests.account.holding_tables import sheet

from jeoul.account.statements import (
    CertificateLine,
    WithholdingCertificate,
    YearSettlement,
    read_statement,
)
from jeoul.account.statements.certificate import certificate_in
from jeoul.account.statements.fields import settlement_in
from jeoul.account.statements.labels import field_of, kind_of, rate_of, year_in
from jeoul.account.statements.wrong import StatementFaults
from jeoul.errors import ConfigError

HEAD = "지급일,소득구분,지급액,소득세\n"
WAGES = "귀속연도,2026\n총급여,50000000\n"
SETTLED = f"{WAGES}결정세액,1000,100\n"


def certified(text: str) -> WithholdingCertificate:
    found = certificate_in(sheet(text))
    assert found is not None
    return found


def faults_of_certificate(text: str) -> list[tuple[int | None, str]]:
    with pytest.raises(StatementFaults) as refused:
        certificate_in(sheet(text))
    return [(line, said) for line, said, _ in refused.value.faults]


def settled(text: str) -> YearSettlement:
    found = settlement_in(sheet(text))
    assert found is not None
    return found


def faults_of_settlement(text: str) -> list[tuple[int | None, str]]:
    with pytest.raises(StatementFaults) as refused:
        settlement_in(sheet(text))
    return [(line, said) for line, said, _ in refused.value.faults]


def test_a_certificate_begins_with_income_and_its_tax_in_two_hundred_rows() -> None:
    row = "1000,140,이자\n"
    for title, is_one in (("2026년 귀속\n" * 199, True), ("2026년 귀속\n" * 200, False)):
        found = certificate_in(sheet(f"{title}지급액,소득세\n{row}"))
        assert (found is not None) is is_one
    assert certificate_in(sheet("2026년 귀속\n지급액,지방소득세\n1000,14,이자\n")) is None
    one = certified(f"2026년 귀속\n지급액,소득세\n{row}지급액,소득세\n{row}")
    assert one == WithholdingCertificate(
        year=2026,
        payments=(CertificateLine(kind="interest", income=1000, national=140, local=0),) * 2,
    )


def test_a_payment_has_the_first_column_of_each_role_and_nothing_where_a_cell_is_blank() -> None:
    head = "지급일,구분,지급액,소득금액,소득세,지방소득세,비과세,손실,외국납부세액,세율\n"
    (full, short) = certified(
        f"{head}2026-01-02,배당,1000,9,140,14,5,6,7,15.4\n2026-01-03,이자,0,,-\n"
    ).payments
    assert full == CertificateLine(
        kind="dividend",
        income=1000,
        national=140,
        local=14,
        untaxed=5,
        loss=6,
        foreign=7,
        rate=Decimal("0.14"),
    )
    assert short == CertificateLine(kind="interest", income=0, national=0, local=0)
    assert (short.untaxed, short.loss, short.foreign, short.rate) == (0, 0, 0, None)
    assert all(type(won) is int for won in (full.income, full.foreign, short.national))


def test_the_kind_of_a_payment_is_in_its_column_or_in_another_cell() -> None:
    head = "지급일,소득구분,상품명,지급액,소득세\n"
    kinds = [
        payment.kind
        for payment in certified(
            f"2026년 귀속\n{head},배당,이자부 펀드,1,0\n,,채권 이자,1,0\n,보통,ISA,1,0\n"
        ).payments
    ]
    assert kinds == ["dividend", "interest", "isa"]
    assert [kind_of(text) for text in ("연금외 기타", "연금", "보통")] == ["other", "pension", None]


@pytest.mark.parametrize(
    "row",
    [
        "# 참고,배당,5,1",
        "합계,,5,1",
        "1,합계,5,1",
        "본 자료는 참고용입니다",
        "지급일,소득구분,지급액,소득세",
    ],
)
def test_a_sum_a_remark_and_the_header_again_are_no_payments(row: str) -> None:
    assert len(certified(f"{HEAD}2026-01-02,배당,5,1\n{row}\n").payments) == 1


@pytest.mark.parametrize(
    "row", ["2026-01-02,배당,누계,5,1", ",배당,,5,", "2026-01-02,배당 # x,,5,1"]
)
def test_only_the_first_two_texts_of_a_row_make_it_a_sum(row: str) -> None:
    head = "지급일,소득구분,상품명,지급액,소득세\n"
    assert len(certified(f"2026년 귀속\n{head}{row}\n").payments) == 1


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("2026-01-02,배당,-1,0", ["'-1' is not an amount of won"]),
        ("2026-01-02,배당,1.5,0", ["'1.5' is not an amount of won"]),
        ("2026-01-02,배당,$5,abc",
         ["'$5' is not an amount of won", "'abc' is not an amount of won"]),
        ("2026-01-02,보통,5,0", ["'보통' is not a kind of payment"]),
        ("2026-01-02,보통,x,0",
         ["'x' is not an amount of won", "'보통' is not a kind of payment"]),
        ("2026-01-02,배당,5,0,약정", ["'약정' is not a tax rate"]),
    ],
)  # fmt: skip
def test_everything_wrong_with_a_payment_is_said_with_its_line(row: str, says: list[str]) -> None:
    text = f"지급일,소득구분,지급액,소득세,세율\n{row}\n"
    assert faults_of_certificate(text) == [(2, said) for said in says]


def test_a_certificate_is_of_one_year_and_has_payments() -> None:
    payment = "배당,5,1\n"
    several = "the certificate is of several years, "
    assert certified(f"2026년 귀속\n{HEAD},{payment}2026-05-06,{payment}").year == 2026
    assert faults_of_certificate(f"{HEAD},{payment}") == [(None, "the certificate names no year")]
    text = f"{HEAD}2024-01-02,{payment}2023-01-02,{payment}"
    assert faults_of_certificate(text) == [(None, f"{several}2023, 2024")]
    text = f"2024년 귀속\n{HEAD}2023-01-02,{payment}"
    assert faults_of_certificate(text) == [(None, f"{several}2023, 2024")]
    assert faults_of_certificate(f"2026년 귀속\n{HEAD}합계,,5,1\n") == [
        (None, "the certificate has no payments")
    ]


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("0", "0"),
        ("0.09", "0.09"),
        ("0.154", "0.14"),
        ("1", "0.01"),
        ("1.5", "0.015"),
        ("9", "0.09"),
        ("11", "0.11"),
        ("14", "0.14"),
        ("14.5", "0.145"),
        ("15.4 %", "0.14"),
        ("100", "1"),
        ("101", None),
        ("-1", None),
        ("-0.5", None),
        ("약정", None),
    ],
)
def test_a_rate_is_a_fraction_or_a_percentage_with_or_without_the_local_tax(
    text: str, rate: str | None
) -> None:
    assert rate_of(text) == (None if rate is None else Decimal(rate))


def test_the_year_that_a_text_says() -> None:
    years = {
        "2026년 귀속": 2026,
        "귀속연도: 2025": 2025,
        "2026 2025년 귀속": 2025,
        "2026-03-01": None,
    }
    assert {text: year_in(text) for text in years} == years
    assert all(year is None or type(year) is int for year in map(year_in, years))


def test_a_label_has_a_number_or_a_formula_beside_it() -> None:
    labels = {"21 총급여": "wages", "72 결정세액 (49-54)": "determined", "": None, "21": None}
    assert {text: field_of(text) for text in labels} == labels


def test_a_settlement_needs_wages_and_the_tax_of_one_year() -> None:
    assert settled(SETTLED) == YearSettlement(
        year=2026, wages=50_000_000, determined=1000, determined_local=100
    )
    for text in (WAGES, "귀속연도,2026\n결정세액,1000\n", "귀속연도,2026\n연금저축,1,2\n"):
        assert settlement_in(sheet(text)) is None
    assert faults_of_settlement("총급여,5\n결정세액,0\n") == [
        (None, "the settlement names no year")
    ]
    assert faults_of_settlement(f"{SETTLED}귀속연도,2025\n") == [
        (None, "the settlement is of several years")
    ]


def test_a_label_is_in_the_first_three_cells_and_its_amount_behind_it() -> None:
    assert settled(f"{SETTLED}a,b,종합소득과세표준,7\n").base == 7
    assert settled(f"{SETTLED}a,b,c,종합소득과세표준,7\n").base is None
    assert settled(f"{SETTLED}48,종합소득과세표준,7\n").base == 7
    assert settled(f"{SETTLED}Ⅳ,48,종합소득과세표준,7\n").base == 7


@pytest.mark.parametrize(
    ("cells", "base"), [("0", 0), ("-1,5", 5), ("0.5,5", 5), ("$7,5", 5), ("x,5", 5), ("x", None)]
)
def test_an_amount_is_whole_and_not_below_zero(cells: str, base: int | None) -> None:
    found = settled(f"{SETTLED}종합소득과세표준,{cells}\n").base
    assert (found, found is None or type(found) is int) == (base, True)


@pytest.mark.parametrize(
    ("rows", "determined", "local"),
    [
        ("결정세액,1234560\n", 1_234_560, 123_450),  # a tenth of it, cut to ten won
        ("결정세액,1234560,123456\n", 1_234_560, 123_456),
        ("결정세액,1234560,123456,7\n", 1_234_560, 123_456),
        ("결정세액,소득세,1234560,지방소득세,123456\n", 1_234_560, 123_456),
        ("결정세액,1234560\n결정세액(지방소득세),123456\n", 1_234_560, 123_456),
        ("결정세액,0,0\n", 0, 0),
    ],
)
def test_the_local_tax_stands_beside_the_national_one_or_is_a_tenth_of_it(
    rows: str, determined: int, local: int
) -> None:
    found = settled(f"{WAGES}{rows}")
    assert (found.determined, found.determined_local) == (determined, local)


def test_only_the_tax_has_a_local_tax_beside_it() -> None:
    found = settled("귀속연도,2026\n총급여,5,6,7\n결정세액,8\n종합소득과세표준,9,지방소득세\n")
    assert (found.wages, found.base, found.determined, found.determined_local) == (5, 9, 8, 0)


@pytest.mark.parametrize(
    ("rows", "paid", "credit"),
    [
        ("연금저축,400,60\n", 400, 60),
        ("연금저축,400,60,7\n", 400, 60),
        ("60,연금저축,400,60\n", 400, 60),
        ("연금저축,공제대상금액,400\n,세액공제액,60\n", 400, 60),
        ("연금저축 세액공제액,60\n", None, 60),
        ("연금저축,공제 대상 금액,400\n", 400, None),
        ("연금저축,공제대상금액,400\n보험료,세액공제액,60\n", 400, None),
        ("연금저축,공제대상금액,400\n총급여,50000000\n,세액공제액,60\n", 400, None),
        ("연금저축,공제대상금액,\n,세액공제액,60\n", None, 60),
    ],
)
def test_what_was_paid_into_a_pension_and_the_credit_for_it(
    rows: str, paid: int | None, credit: int | None
) -> None:
    found = settled(f"{SETTLED}{rows}")
    assert (found.pension_savings, found.pension_credit) == (paid, credit)


def test_the_credits_of_all_pension_accounts_add_up_unless_their_sum_is_printed() -> None:
    both = f"{SETTLED}연금저축,400,60\n퇴직연금,100,15\n"
    assert (settled(both).irp, settled(both).pension_credit) == (100, 75)
    assert settled(f"{both}연금계좌세액공제,70\n").pension_credit == 70


@pytest.mark.parametrize(
    ("rows", "other"),
    [
        ("세액공제계,1000\n근로소득세액공제,660\n연금저축,400,60\n", 280),
        ("세액공제계,1000\n근로소득세액공제,660\n", 340),
        ("세액공제계,1000\n근로소득세액공제,660\n그밖의세액공제,5\n", 5),
        ("그밖의세액공제,5\n", 5),
        ("세액공제계,1000\n", None),
        ("근로소득세액공제,660\n", None),
    ],
)
def test_the_other_credits_are_printed_or_the_rest_of_their_sum(
    rows: str, other: int | None
) -> None:
    assert settled(f"{SETTLED}{rows}").other_credits == other


def test_two_amounts_for_one_label_are_a_fault_and_the_same_twice_is_none() -> None:
    assert settled(f"{SETTLED}총급여,50000000\n").wages == 50_000_000
    assert faults_of_settlement(f"{SETTLED}결정세액,1000,200\n총급여,7\n") == [
        (4, "결정세액 is both 100 and 200"),
        (5, "총급여 is both 50,000,000 and 7"),
    ]
    assert faults_of_settlement(f"{SETTLED}60,연금저축,7\n연금저축,1,2\n연금저축,3,4\n") == [
        (4, "연금저축 has one amount, and it is not said which"),
        (6, "연금저축 is both 1 and 3"),
        (6, "연금저축 is both 2 and 4"),
    ]


def test_the_first_of_all_faults_is_the_text_of_the_error() -> None:
    assert str(StatementFaults([(1, "this", "mend it"), (2, "that", "mend it")])) == "this"


def test_a_file_is_one_kind_of_statement_or_says_what_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "paid.csv"
    file.write_text(SETTLED, "utf-8")
    assert read_statement(file) == settled(SETTLED)
    file.write_text(f"{HEAD}2026-01-02,배당,5,1\n", "utf-8")
    assert read_statement(file) == certified(f"{HEAD}2026-01-02,배당,5,1\n")
    file.write_text(f"{HEAD}2026-01-02,배당,x,1\n", "utf-8")
    with pytest.raises(ConfigError, match=r"paid.csv:2: 'x' is not an amount of won"):
        read_statement(file)
    written = tmp_path / "paid.TOML"
    written.write_text("year = 2026\nwages = 5\ndetermined = 1\ndetermined_local = 0\n", "utf-8")
    assert isinstance(read_statement(written), YearSettlement)
    line = '[[payments]]\nkind = "{}"\nincome = 1\nnational = 0\nlocal = 0\n'
    written.write_text(f"year = 2026\n{line.format('isa')}", "utf-8")
    assert isinstance(read_statement(written), WithholdingCertificate)
    written.write_text(f"year = 2026\n{line.format('isa')}{line.format('wage')}", "utf-8")
    with pytest.raises(ConfigError, match=r"payments.1.kind: 'wage' is not a kind of payment"):
        read_statement(written)
