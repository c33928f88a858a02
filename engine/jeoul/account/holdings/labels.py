"""What the rows that are not securities are called: totals, money, remarks."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from jeoul.account.holdings.amounts import amount_of
from jeoul.account.holdings.headers import heading, words_of
from jeoul.account.holdings.units import CURRENCIES, stated_unit

_TOTALS = words_of(
    "합계 총계 계 소계 총합계 합 누계 총평가금액 총평가 평가금액합계 평가금액 총자산",
    "총매입금액 총매입 매입금액합계 예탁자산총액 예탁자산 추정자산 추정예탁자산 총손익",
    "평가손익 평가손익합계 총평가손익 수익률 총수익률 순자산 순자산액 총자산금액 자산총계",
    "자산합계 유가잔고평가액 유가평가금액 실현손익 당일손익 주식평가금액 주식합계",
    "총평가자산 출금가능금액 인출가능금액 출금가능현금 미수금 증거금 total totals subtotal",
    "grandtotal sum accounttotal totalvalue",
)
_CASH = words_of(
    "cash 예수금 현금 예수금총액 예수금총금액 예수금잔액 예수금합계",
    "당일예수금 현금잔고 예탁금 cashbalance",
)
_ORDERABLE = words_of(
    "주문가능금액 주문가능현금 주문가능예수금 현금주문가능금액 매수가능금액 매수가능현금",
    "availablecash buyingpower",
)
_DAY = re.compile(r"d\+?([012])")
_MORROW = re.compile(r"^(익{1,2})일|[(\[](익{1,2})일[)\]]$")  # the next session, and the one after
_PAST = re.compile(r"d\s*-\s*\d", re.IGNORECASE)  # D-1: no balance of today or later
_DAY_REST = words_of("예수금 추정예수금 예상예수금 예탁금 추정예탁금 cash 현금") | {""}
_LATER = re.compile(r"cash@(\d{4}-?\d{2}-?\d{2})")
_ROOTS = re.compile(  # a label has one of these; a look at it spares the rest of the cells
    "|".join(("예수|현금|예탁|가능|cash|buying|d[ +]*[012]", *map(re.escape, CURRENCIES))),
    re.IGNORECASE,
)
_BALANCE = words_of("잔고 잔액 balance") | {""}  # with a currency alone
_ABROAD = re.compile(r"^(?:외화|외국통화)|[(\[]?원화(?:환산|평가)(?:금액|액)?[)\]]?$")
_SHARES = frozenset(("nok", "inr", "idr"))  # alone: Nokia and others in New York, no krone
_LONGEST = 60  # characters of a label
_COMMENT = re.compile(r"#|//|※")
_DATE = re.compile(r"(20\d{2})[-./년 ]{0,2}(\d{1,2})[-./월 ]{0,2}(\d{1,2})")
_DATED = words_of(
    "조회일 조회일자 조회일시 조회시각 기준일 기준일자 잔고기준일 잔고일자 작성일 출력일",
    "출력일시 일자 asof date",
)

_FOREIGN = {"cash": "foreign", "orderable": "foreign_orderable"}
FOREIGN = frozenset(_FOREIGN.values())


class Money(NamedTuple):
    """What a label of money says: ``kind`` is cash, orderable, later, or one of :data:`FOREIGN`.

    ``day`` counts sessions for cash, D+2 say, None where no day is written; ``on`` is the day of
    money on its way, ``currency`` that of foreign money, None where the label does not say it.
    ``scaled`` money is in thousands or so.
    """

    kind: str
    day: int | None = None
    on: date | None = None
    currency: str | None = None
    scaled: bool = False

    @property
    def sessions(self) -> int:
        """Return after how many sessions the money is there, 0 where no day is written."""
        return self.day or 0


def is_total(text: str) -> bool:
    """Return whether a label belongs to a sum or to a figure that is not read.

    >>> is_total("합 계"), is_total("출금가능금액(USD)"), is_total("KODEX 200")
    (True, True, False)
    """
    return _is_total(heading(text)) or _is_total(_ABROAD.sub("", stated_unit(text).rest))


def _is_total(label: str) -> bool:
    return label.strip("[]()<>=") in _TOTALS


def is_comment(text: str) -> bool:
    """Return whether a cell begins a row that is a comment."""
    return _COMMENT.match(text) is not None


@lru_cache(maxsize=1024)
def money_label(text: str, currency: str) -> Money | None:
    """Return what money a label of a row or a column speaks of; None for any other.

    >>> money_label("예수금(D+2)", "KRW").day, money_label("CASH@2026-12-01", "KRW").on
    (2, datetime.date(2026, 12, 1))
    >>> money_label("익일예수금", "KRW").day, money_label("예수금(익익일)", "KRW").day
    (1, 2)
    >>> money_label("예수금(USD)", "KRW").currency, money_label("USD", "USD").kind
    ('USD', 'cash')
    >>> money_label("외화예수금", "KRW").kind, money_label("예수금(천원)", "KRW").scaled
    ('foreign', True)
    """
    if not text or len(text) > _LONGEST or text[0].isdigit() or _ROOTS.search(text) is None:
        return None
    if _PAST.search(text) is not None or text.casefold() in _SHARES:
        return None
    unit = stated_unit(text)
    rest = heading(unit.rest)
    named = _ABROAD.sub("", rest)
    is_balance = unit.currency is not None and named in _BALANCE
    found = Money("cash") if is_balance else _money_named(named)
    if found is None or unit.scaled:
        return None if found is None else found._replace(scaled=True)
    if unit.currency == currency or (unit.currency is None and named == rest):
        return found
    return of_currency(found, unit.currency)


def of_currency(money: Money, currency: str | None) -> Money | None:
    """Return money as that of a foreign currency, None for money on its way."""
    if money.kind == "later":
        return None
    return money._replace(kind=_FOREIGN.get(money.kind, money.kind), currency=currency)


def _money_named(label: str) -> Money | None:
    """Return what money a label speaks of that states no currency."""
    if label in _CASH:
        return Money("cash")
    if label in _ORDERABLE:
        return Money("orderable")
    if later := _LATER.fullmatch(label):
        on = written_date(later[1])
        return None if on is None else Money("later", on=on)
    if morrow := _MORROW.search(label):
        rest = label[: morrow.start()] + label[morrow.end() :]
        days = len(morrow[1] or morrow[2])
        return Money("cash", day=days) if rest in _DAY_REST - {""} else None
    if day := _DAY.search(label):
        rest = re.sub(r"[()\[\]]", "", label[: day.start()] + label[day.end() :])
        return Money("cash", day=int(day[1])) if rest in _DAY_REST else None
    return None


def dated(cells: tuple[str, ...]) -> date | None:
    """Return the day that a line in front of a table is of: ``조회일자, 2026.11.27`` say.

    >>> dated(("조회일시: 2026-11-27 15:40",)), dated(("계좌번호", "12345678-01"))
    (datetime.date(2026, 11, 27), None)
    """
    for place, cell in enumerate(cells):
        label, _, rest = cell.partition(":")
        if heading(label) in _DATED:
            behind = " ".join((rest, *cells[place + 1 : place + 2]))
            return written_date(behind)
    return None


def written_date(text: str) -> date | None:
    """Return the first date in a text, None without one that exists."""
    found = _DATE.search(text)
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


def is_prose(text: str) -> bool:
    """Return whether a lone cell is a sentence rather than a security.

    >>> is_prose("본 자료는 참고용이며 거래 내역과 다를 수 있습니다"), is_prose("KODEX 200")
    (True, False)
    """
    return amount_of(text) is None and (text.startswith(("*", "-")) or len(text.split()) > 3)
