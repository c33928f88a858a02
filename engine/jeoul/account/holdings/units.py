"""The currency and unit that a heading or a label states: ``예수금(USD)``, ``금액(천원)``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

CURRENCIES: Mapping[str, str] = MappingProxyType(
    {
        word: code
        for code, words in {
            "KRW": "krw won 원 원화 한국원 ₩ \\",
            "USD": "usd us$ $ 달러 달러화 미달러 미국달러 미화",
            "JPY": "jpy jp¥ 엔 엔화 일본엔",
            "EUR": "eur € 유로 유로화",
            "CNY": "cny cn¥ rmb 위안 위안화 중국위안",
            "CNH": "cnh",
            "HKD": "hkd hk$ 홍콩달러",
            "GBP": "gbp £ 파운드 영국파운드",
            "AUD": "aud a$ au$ 호주달러",
            "CAD": "cad c$ ca$ 캐나다달러",
            "CHF": "chf 스위스프랑",
            "SGD": "sgd s$ 싱가포르달러",
            "TWD": "twd nt$ 대만달러",
            "VND": "vnd 베트남동",
            "THB": "thb 바트 태국바트",
            "IDR": "idr 루피아 인도네시아루피아",
            "MYR": "myr 링깃 말레이시아링깃",
            "PHP": "php 필리핀페소",
            "INR": "inr 루피 인도루피",
            "NZD": "nzd nz$ 뉴질랜드달러",
            "SEK": "sek 스웨덴크로나",
            "NOK": "nok 노르웨이크로네",
            "DKK": "dkk 덴마크크로네",
            "BRL": "brl 헤알 브라질헤알",
            "ZAR": "zar 남아공랜드",
            "MXN": "mxn 멕시코페소",
            "TRY": "try 터키리라 튀르키예리라",
            "PLN": "pln 폴란드즈워티",
        }.items()
        for word in words.split()
    }
)
_ISO_4217 = (  # without ALL and TOP, which are words of a form
    "AED AFN AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP "
    "BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP "
    "GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES "
    "KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU "
    "MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON "
    "RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND "
    "TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG"
)
_CODES = frozenset(_ISO_4217.split())
_BRACKET = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_SCALED = re.compile(
    r"(?:in)?(?:[십백천만]{1,2}|억|thousands?|millions?|billions?)(?:of)?(?:원|won|krw|usd|\$|달러|불)?"
    r"|(?:won|krw|usd|\$)(?:[십백천만]{1,2}|억|thousands?|millions?|billions?)"
)
_PER = re.compile(r"(?:단위|통화|unit|currency):?")
_SAID = re.compile(r"(?:단위|통화|화폐|unit|currency)\W*(.*)")
_WORDS = re.compile(r"[\s,;:/()\[\]|]+")
_MARKS = re.compile(r"[\s_\-./·*'\"]+")
_EVERY = sorted(CURRENCIES, key=len, reverse=True)
_ENDS = [word for word in _EVERY if len(word) > 1]


class StatedUnit(NamedTuple):
    """What a text says besides its name: a currency, and whether amounts are in thousands or so.

    ``rest`` is the text without its unit, as it is compared: no spaces, marks or capitals.
    """

    rest: str
    currency: str | None = None
    scaled: bool = False


def stated_unit(text: str) -> StatedUnit:
    """Return the unit that a heading or a label states in brackets, or before or behind its name.

    >>> stated_unit("예수금 (USD)").currency, stated_unit("원화예수금").currency
    ('USD', 'KRW')
    >>> stated_unit("평가금액(천원)").scaled, stated_unit("예수금(D+2)")
    (True, StatedUnit(rest='예수금(d+2)', currency=None, scaled=False))
    """
    key = _MARKS.sub("", text.casefold())
    for bracket in _BRACKET.finditer(key):
        inside = _PER.sub("", bracket[1])
        rest = key[: bracket.start()] + key[bracket.end() :]
        if (code := currency_named(inside)) is not None:
            return StatedUnit(rest, code)
        if _SCALED.fullmatch(inside):
            return StatedUnit(rest, scaled=True)
    for word in _ENDS:
        if key.startswith(word):
            return StatedUnit(key.removeprefix(word), CURRENCIES[word])
        if key.endswith(word):
            return StatedUnit(key.removesuffix(word), CURRENCIES[word])
    return StatedUnit(key)


def units_said(text: str) -> list[StatedUnit]:
    """Return the units that a line says of all amounts: ``(단위: 천원)``, ``통화 USD``.

    >>> units_said("(단위: 천원)")[0].scaled, units_said("기준통화 : USD")[0].currency
    (True, 'USD')
    >>> [unit.currency for unit in units_said("단위: 주, 원")], units_said("계좌번호 12")
    (['KRW'], [])
    >>> units_said("통화: KWD")[0].currency
    'KWD'
    """
    said = _SAID.search(text.casefold())
    if said is None:
        return []
    words = [_MARKS.sub("", word) for word in _WORDS.split(said[1]) if word]
    scaled = any(_SCALED.fullmatch(word) for word in words)
    named = [code for word in words if (code := currency_named(word)) is not None]
    found = [StatedUnit("", currency=code) for code in named]
    return [*found, StatedUnit("", scaled=True)] if scaled else found


class MarkedAmount(NamedTuple):
    """An amount without the currency that it names, and that currency; None where it names none."""

    rest: str
    currency: str | None = None


def currency_beside(text: str) -> MarkedAmount | None:
    """Return an amount without the currency before or behind it, None where it names two.

    >>> currency_beside("US$93"), currency_beside("31,250 원"), currency_beside("$93원")
    (MarkedAmount(rest='93', currency='USD'), MarkedAmount(rest='31,250', currency='KRW'), None)
    """
    key, found = text.casefold().strip(), set()
    for word in _EVERY:
        if key.startswith(word):
            key = key.removeprefix(word).strip()
            found.add(CURRENCIES[word])
            break
    for word in _EVERY:
        if key.endswith(word):
            key = key.removesuffix(word).strip()
            found.add(CURRENCIES[word])
            break
    return None if len(found) > 1 else MarkedAmount(key, next(iter(found), None))


def currency_named(text: str) -> str | None:
    """Return the currency that a cell is, None for any other text.

    Every code of ISO 4217 is one: an amount beside a code that is not known would be taken for won.

    >>> [currency_named(text) for text in ("원", "미국 달러", "KWD", "기타")]
    ['KRW', 'USD', 'KWD', None]
    """
    bare = _MARKS.sub("", text)
    code = bare.upper()
    return CURRENCIES.get(bare.casefold()) or (code if code in _CODES else None)
