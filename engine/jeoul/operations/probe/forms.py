"""The form of a value without the value: what a report may say of an account's answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_NAME = re.compile(r"[A-Za-z0-9_.\-]{1,64}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{0,40})?")
_DAY = re.compile(r"[0-9]{8}|[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{5,20}([+-][0-9]{2}:?[0-9]{2}|Z)?")
# The codes of answers, by which somebody else can tell what happened; eight digits are one where
# a broker's words begin, and may be money or an account elsewhere.
_CODES = "|".join(
    (
        r"\b(?:APBK|APTR|EGW|IGW|KIOK|MCA|OPS[A-Z]|RC|SYDB)[0-9]{4,5}\b",
        r"\bk[at][0-9]{5}\b",
        r"\[[0-9]{4}(?=[:\]])",
        r"(?:(?<=: )|^)[0-9]{4}0000(?= )|(?<=no token \()[0-9]{4}0000(?=\))",
    )
)
_LONG = re.compile(rf"({_CODES})|(?<![0-9])[0-9][0-9,.-]{{4,}}", re.ASCII)
_CODE = re.compile(r"[0-9A-Za-z]{1,32}(_[A-Z]{2})?")

FITS: Mapping[str, tuple[str, ...]] = {
    "number": ("number",),
    "day": ("day", "number"),
    "instant": ("instant",),
    "code": ("code", "number", "day"),
    "text": ("text", "code", "number", "day", "instant"),
    "flag": ("flag",),
}
"""The forms of a value that each expectation takes; with ``?`` behind, also missing or empty."""


def form_of(value: object) -> str:
    """Return the form of a value.

    >>> [form_of(value) for value in ("0000012", "A069500", "현금매수", "", None, True, [1])]
    ['number', 'code', 'text', 'empty', 'null', 'flag', 'list']
    >>> form_of("20260304"), form_of("2026-03-04T09:30:00+09:00")
    ('day', 'instant')
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "flag"
    if isinstance(value, Mapping):
        return "object"
    if isinstance(value, list | tuple):
        return "list"
    return _form_of_text(str(value).strip())


def _form_of_text(text: str) -> str:
    if not text:
        return "empty"
    for name, form in (
        ("day", _DAY),
        ("number", _NUMBER),
        ("instant", _INSTANT),
        ("code", _CODE),
    ):
        if form.fullmatch(text):
            return name
    return "text"


def fits(expected: str, form: str) -> bool:
    """Return whether a form is what an adapter reads.

    >>> fits("number", "day"), fits("number?", "empty"), fits("number", "empty")
    (True, True, False)
    """
    if expected.endswith("?") and form in ("missing", "null", "empty"):
        return True
    taken = FITS[expected.removesuffix("?")]
    return form in taken or (form == "day" and "number" in taken)


def shown_name(name: object) -> str:
    """Return the name of a field; one that is not like a name is not shown.

    >>> shown_name("ord_no"), shown_name("계좌 123")
    ('ord_no', '[odd name]')
    """
    text = str(name)
    return text if _NAME.fullmatch(text) else "[odd name]"


def without_digits(text: str) -> str:
    """Return a broker's words without the numbers that may be of an account.

    >>> without_digits("계좌 1234567890 [8050:지정단말기] 6주, kt00018, RC4058")
    '계좌 # [8050:지정단말기] 6주, kt00018, RC4058'
    >>> without_digits("no token (EGW00133)"), without_digits("40580000 모의투자 50,000,000원")
    ('no token (EGW00133)', '40580000 모의투자 #원')
    """
    return _LONG.sub(lambda found: found[1] or "#", text)


def at(body: Mapping[str, Any], path: str) -> object:
    """Return what stands at a path of names in an answer; ``None`` where there is nothing."""
    found: object = body
    for name in path.split(".") if path else ():
        if not isinstance(found, Mapping):
            return None
        found = found.get(name)
    return found
