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
            "KRW": "krw won 원 원화 한국원 ₩",
            "USD": "usd us$ $ 달러 달러화 미달러 미국달러 미화",
            "JPY": "jpy 엔 엔화 일본엔",
            "EUR": "eur 유로 유로화",
            "CNY": "cny 위안 위안화 중국위안",
            "CNH": "cnh",
            "HKD": "hkd 홍콩달러",
            "GBP": "gbp 파운드 영국파운드",
            "AUD": "aud 호주달러",
            "CAD": "cad 캐나다달러",
            "CHF": "chf 스위스프랑",
            "SGD": "sgd 싱가포르달러",
            "TWD": "twd 대만달러",
            "VND": "vnd 베트남동",
        }.items()
        for word in words.split()
    }
)
_BRACKET = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_SCALED = re.compile(r"(?:[십백천만]{1,2}|억|thousands?|millions?)(?:원|won|krw)?")
_PER = re.compile(r"(?:단위|통화|unit|currency):?")
_MARKS = re.compile(r"[\s_\-./·*'\"]+")
_ENDS = sorted((word for word in CURRENCIES if len(word) > 1), key=len, reverse=True)


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
        if inside in CURRENCIES:
            return StatedUnit(rest, CURRENCIES[inside])
        if _SCALED.fullmatch(inside):
            return StatedUnit(rest, scaled=True)
    for word in _ENDS:
        if key.startswith(word):
            return StatedUnit(key.removeprefix(word), CURRENCIES[word])
        if key.endswith(word):
            return StatedUnit(key.removesuffix(word), CURRENCIES[word])
    return StatedUnit(key)


def currency_named(text: str) -> str | None:
    """Return the currency that a cell is, None for any other text.

    >>> currency_named("원"), currency_named("미국 달러"), currency_named("기타")
    ('KRW', 'USD', None)
    """
    return CURRENCIES.get(_MARKS.sub("", text.casefold()))
