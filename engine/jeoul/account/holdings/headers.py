"""What the columns of a broker's export are called."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "ticker": "종목코드 단축코드 코드 종목번호 상품코드 상품번호 주식코드 종목단축코드 "
        "종목명(코드) 종목명(종목코드) 종목(코드) 종목(종목코드) 종목코드(종목명) 종목코드(명) "
        "종목명종목코드 종목코드종목명 종목코드명 "
        "ticker code symbol stockcode tickersymbol securitycode stocksymbol shortcode",
        "isin": "표준코드 표준종목코드 국제표준코드 isin isincode 종목표준코드",
        "name": "종목명 상품명 종목이름 종목한글명 한글종목명 종목 상품 주식명 펀드명 "
        "name security description stockname securityname",
        "shares": "보유수량 잔고수량 수량 보유량 보유주수 주수 잔고 보유잔고 현재수량 "
        "현재잔고 보유주식수 체결잔고 체결잔고수량 잔고주수 잔량 "
        "shares quantity qty units holdings balancequantity quantityheld",
        "cost": "매입평균가 매입평균가격 매입평균단가 평균매입가 평균매입단가 평균매입가격 "
        "매입단가 매입가 매입가격 평균단가 평균가 평단가 평단 매수평균가 매수평균단가 취득단가 "
        "취득평균단가 장부단가 cost avgprice averageprice avgcost averagecost "
        "unitcost costpershare purchaseprice",
        "cost_total": "매입금액 매수금액 총매입금액 매입총액 취득금액 장부금액 매입원금 투자원금 "
        "costbasis totalcost purchaseamount bookvalue",
        "tax_base": "과표기준가 과표기준가격 매입과표기준가 과세표준기준가 과표 taxbase",
        "bought": "매수일 매수일자 매입일 매입일자 취득일 취득일자 bought boughton purchasedate "
        "purchased acquired acquiredon dateacquired",
        "fx": "매수환율 매입환율 취득환율 적용환율 fx fxrate",
        "value": "평가금액 평가액 잔고금액 잔고평가금액 금액 marketvalue value amount",
        "credit": "신용구분 대출구분 신용대출구분 잔고구분 잔고유형 매매구분 신용유형 융자구분",
        "loan": "대출금액 대출금 융자금액 신용금액 융자금 대출수량 융자수량 신용수량",
        "currency": "통화 통화코드 통화명 통화구분 화폐 거래통화 매매통화 종목통화 "
        "currency ccy currencycode tradingcurrency",
        "as_of": "기준일 기준일자 잔고기준일 잔고일자 조회일 조회일자 asof asofdate date",
        "account": "계좌번호 계좌 account accountnumber accountno",
    }
)
_ROLES = MappingProxyType({name: role for role, text in _NAMES.items() for name in text.split()})
_LONGEST = 60  # characters of a heading
_UNIT = re.compile(r"[(\[](?:주|원|krw|usd|%|단위:?[원주])[)\]]")
_MARKS = re.compile(r"[\s_\-./·:*'\"]+")


def words_of(*lines: str) -> frozenset[str]:
    """Return the words of some lines.

    >>> sorted(words_of("합계 총계", "total"))
    ['total', '총계', '합계']
    """
    return frozenset(" ".join(lines).split())


def heading(text: str) -> str:
    """Return a heading or a label as it is compared: no spaces, marks, units or capitals.

    >>> heading("보유 수량(주)"), heading("Avg. Price"), heading("예수금(D+2)")
    ('보유수량', 'avgprice', '예수금(d+2)')
    """
    return _UNIT.sub("", _MARKS.sub("", text.casefold()))


def names_of(*roles: str) -> tuple[str, ...]:
    """Return what the columns of some roles are called.

    >>> names_of("shares")[:2]
    ('보유수량', '잔고수량')
    """
    return tuple(name for role in roles for name in _NAMES[role].split())


@lru_cache(maxsize=1024)
def role_of(text: str) -> str | None:
    """Return what a column of a name holds, None for one that is not read.

    >>> role_of("종목코드"), role_of("Quantity"), role_of("보유수량(%)")
    ('ticker', 'shares', None)
    """
    if len(text) > _LONGEST or "%" in text:
        return None
    return _ROLES.get(heading(text))
