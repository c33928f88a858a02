"""Statements of tax paid as brokers and the tax office's site write them, and what is refused."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import Workbook

from jeoul.account.statements import (
    CertificateLine,
    WithholdingCertificate,
    YearSettlement,
    read_statement,
)
from jeoul.errors import ConfigError

FORM = """■ 소득세법 시행규칙 [별지 제24호서식(1)],,,
2026년 귀속 근로소득 원천징수영수증,,,
Ⅲ. 세액명세,소득세,지방소득세,농어촌특별세
73 결정세액,"1,234,560","123,456",0
77 차감징수세액,"-12,000","-1,200",0
Ⅳ. 정산명세,,,
21 총급여,"52,000,000"
22 근로소득공제,"12,350,000"
48 종합소득과세표준,"27,000,000"
55 근로소득세액공제,"660,000"
60 연금저축,공제대상금액,"4,000,000"
,세액공제액,"600,000"
59 근로자퇴직급여보장법에 따른 퇴직연금,공제대상금액,"1,000,000"
,세액공제액,"150,000"
71 세액공제 계,"1,540,000"
72 결정세액 (49-54-71),"1,234,560"
"""
SETTLED = YearSettlement(
    year=2026,
    wages=52_000_000,
    determined=1_234_560,
    determined_local=123_456,
    base=27_000_000,
    other_credits=130_000,
    pension_credit=750_000,
    pension_savings=4_000_000,
    irp=1_000_000,
)


def written(folder: Path, text: str, name: str = "paid.csv", encoding: str = "utf-8") -> Path:
    file = folder / name
    file.write_text(text, encoding)
    return file


@pytest.mark.parametrize("encoding", ["utf-8", "cp949"])
def test_the_form_of_the_settlement_is_read_by_its_labels(tmp_path: Path, encoding: str) -> None:
    if encoding == "cp949":
        assert (
            read_statement(written(tmp_path, FORM.replace("■", ""), encoding=encoding)) == SETTLED
        )
    assert read_statement(written(tmp_path, FORM)) == SETTLED


def test_a_workbook_is_read_like_the_text(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (("귀속연도", 2026), ("총급여", 52_000_000), ("결정세액", 0, 0)):
        sheet.append(row)
    book.save(tmp_path / "paid.xlsx")
    found = read_statement(tmp_path / "paid.xlsx")
    assert found == YearSettlement(year=2026, wages=52_000_000, determined=0, determined_local=0)


def test_a_certificate_is_read_by_its_columns(tmp_path: Path) -> None:
    text = (
        "이자ㆍ배당소득 원천징수영수증\n"
        "지급일;소득의 종류;지급(소득금액);세율(%);소득세;지방소득세;비과세\n"
        "2026.03.31;이자;1,000;14;140;10;\n"
        "2026-12-30;배당(집합투자기구);2,000,000;15.4;280,000;28,000;-\n"
        "합계;;2,001,000;;280,140;28,010;\n"
    )
    assert read_statement(written(tmp_path, text)) == WithholdingCertificate(
        year=2026,
        payments=(
            CertificateLine(
                kind="interest", income=1_000, national=140, local=10, rate=Decimal("0.14")
            ),
            CertificateLine(
                kind="dividend",
                income=2_000_000,
                national=280_000,
                local=28_000,
                rate=Decimal("0.14"),
            ),
        ),
    )


def test_toml_is_read_by_its_keys(tmp_path: Path) -> None:
    text = 'year = 2026\n[[payments]]\nkind = "isa"\nincome = "100만"\nnational = 0\nlocal = 0\n'
    found = read_statement(written(tmp_path, text, "paid.toml"))
    assert isinstance(found, WithholdingCertificate)
    assert found.payments[0].income == 1_000_000


HEAD = "지급일,소득구분,지급액,세율,소득세\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n1,2\n", "has neither payments with their income tax nor"),
        (HEAD + "2026-01-02,배당,-5,14,0\n", "paid.csv:2: '-5' is not an amount of won"),
        (HEAD + "2026-01-02,배당,1.5,14,0\n", "'1.5' is not an amount of won"),
        (HEAD + "2026-01-02,상품,5,14,0\n", "'상품' is not a kind of payment"),
        (HEAD + "2026-01-02,배당,5,140,0\n", "'140' is not a tax rate"),
        (HEAD + "2026-01-02,배당,5,14,0\n2025-01-02,배당,5,14,0\n", "several years, 2025, 2026"),
        (HEAD + ",배당,5,14,0\n", "names no year"),
        (HEAD + "합계,,,,\n", "names no year"),
        ("총급여,5\n결정세액,0\n", "the settlement names no year"),
        ("귀속연도,2026\n귀속연도,2025\n총급여,5\n결정세액,0\n", "settlement is of several years"),
        ("귀속연도,2026\n총급여,5\n결정세액,0\n결정세액,1\n", "결정세액 is both 0 and 1"),
        ("귀속연도,2026\n총급여,5\n결정세액,0\n연금저축,7\n", "연금저축 has one amount"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        read_statement(written(tmp_path, text))
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("year = 2026\nwages = 1\n", "determined: is missing"),
        ("year = 2026\nwages = -1\ndetermined = 0\ndetermined_local = 0\n", "wages"),
        (
            'year = 2026\n[[payments]]\nkind = "divident"\nincome = 1\nnational = 0\nlocal = 0\n',
            "paid.toml:3: payments.0.kind: 'divident' is not a kind of payment; did you mean",
        ),
    ],
)
def test_a_table_with_a_mistake_is_refused_with_its_key(
    tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        read_statement(written(tmp_path, text, "paid.toml"))
    assert said in str(refused.value)
