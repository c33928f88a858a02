"""What the fields of the statutory forms are called, in the forms and in brokers' exports."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

from jeoul.account.holdings.amounts import number
from jeoul.account.holdings.headers import heading

_COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "date": "지급일 지급일자 지급연월일 거래일 거래일자 귀속연월 원천징수일 date paidon",
        "kind": "소득의종류 소득종류 소득구분 과세구분 구분 소득명 kind",
        "income": "지급액 지급(소득금액) 소득금액 지급금액 과세소득 과세대상소득 이자배당액 "
        "이자금액(배당금액) 이자금액 배당금액 배당액 총수령액 인출금액 income",
        "rate": "세율 세율(%) 원천징수세율 적용세율 rate",
        "national": "소득세 원천징수세액소득세 소득세액 국세 national",
        "local": "지방소득세 지방소득세액 개인지방소득세 주민세 지방세 local",
        "foreign": "외국납부세액 외국납부세액공제 외국납부세액공제액 해외납부세액 foreign",
        "untaxed": "비과세 비과세금액 비과세소득 과세제외금액 과세제외 untaxed",
        "loss": "손실 손실금액 손익통산손실 공제손실 loss",
    }
)
_COLUMN = MappingProxyType({n: role for role, text in _COLUMNS.items() for n in text.split()})
_KINDS = (  # the first that is found in a cell decides
    ("isa", re.compile(r"개인종합자산관리|\bisa\b", re.I)),
    ("interest", re.compile(r"이자|interest", re.I)),
    ("dividend", re.compile(r"배당|집합투자|펀드|dividend", re.I)),
    ("other", re.compile(r"기타|연금외|other", re.I)),
    ("pension", re.compile(r"연금|pension", re.I)),
)
_FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "wages": "총급여 총급여액 wages",
        "other_income": "종합소득금액중근로소득외 다른종합소득금액 otherincome",
        "dependants": "부양가족수 기본공제부양가족수 dependants",
        "base": "종합소득과세표준 과세표준 base",
        "wage_credit": "근로소득세액공제 근로소득공제세액",
        "all_credits": "세액공제계 세액공제합계",
        "other_credits": "그밖의세액공제 기타세액공제 othercredits",
        "pension_credit": "연금계좌세액공제 연금계좌세액공제액 pensioncredit",
        "savings": "연금저축 연금저축계좌",
        "irp": "퇴직연금 근로자퇴직급여보장법에따른퇴직연금 근로자퇴직급여보장법 irp",
        "financial": "금융소득금액 이자배당소득금액 financial",
        "determined": "결정세액 determined",
    }
)
_FIELD = MappingProxyType({n: field for field, text in _FIELDS.items() for n in text.split()})
_ITEM = re.compile(r"^(?:[(\[]?\d{1,3}(?:-\d)?[)\].]?|[①-⓿㉑-㉟㊱-㊿])\s*(?=\D)")
_FORMULA = re.compile(r"[(\[][^)\]가-힣]*[)\]]$")
_YEAR = re.compile(r"(20\d{2})\s*년?\s*(?:귀속|분)|귀속\s*(?:연도|년도|기간)?\D{0,4}(20\d{2})")
_WITH_LOCAL = Decimal("1.1")
_DOTS = re.compile("[\u318d\u119e\u2027\u30fb]")  # ㆍ as the statutes write it, and its kin
PAID, CREDITED = "공제대상금액", "세액공제액"


def column_of(text: str) -> str | None:
    """Return what a column of a certificate holds, None for one that is not read.

    >>> column_of("지급(소득금액)"), column_of("세율(%)"), column_of("상품명")
    ('income', 'rate', None)
    """
    return _COLUMN.get(heading(_DOTS.sub("", text)))


def field_of(text: str) -> str | None:
    """Return which field of a settlement a label names, item numbers and formulas left out.

    >>> field_of("21 총급여"), field_of("72 결정세액 (49-54-71)"), field_of("(60) 연금저축")
    ('wages', 'determined', 'savings')
    >>> field_of("55 근로소득"), field_of("이자ㆍ배당소득금액")
    (None, 'financial')
    """
    plain = _DOTS.sub("", _FORMULA.sub("", _ITEM.sub("", text.strip()).strip()).strip())
    return _FIELD.get(heading(plain))


def kind_of(text: str) -> str | None:
    """Return the kind of payment that a cell names, None if it names none.

    >>> kind_of("배당(집합투자)"), kind_of("연금외수령 기타소득"), kind_of("보통")
    ('dividend', 'other', None)
    """
    return next((kind for kind, pattern in _KINDS if pattern.search(text)), None)


def year_in(text: str) -> int | None:
    """Return the year that a cell says a statement is of.

    >>> year_in("2026년 귀속 근로소득"), year_in("귀속연도: 2026"), year_in("2026-03-01")
    (2026, 2026, None)
    """
    found = _YEAR.search(text)
    return None if found is None else int(found[1] or found[2])


def rate_of(text: str) -> Decimal | None:
    """Return the national rate that a cell says, as a fraction; 15.4 % includes the local tax.

    >>> rate_of("14"), rate_of("15.4%"), rate_of("0.09"), rate_of("약정")
    (Decimal('0.14'), Decimal('0.14'), Decimal('0.09'), None)
    """
    value = number(text.rstrip("% "))
    if value is None or not 0 <= value <= 100:
        return None
    percent = value * 100 if 0 < value < 1 else value
    with_local = percent % 1 and not percent % _WITH_LOCAL
    return (percent / _WITH_LOCAL if with_local else percent).normalize() / 100
