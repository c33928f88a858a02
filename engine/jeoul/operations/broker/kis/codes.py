"""What the codes in an answer of Korea Investment mean, as far as recordings show it.

The HTTP status is no guide: refusals come with 200 and with 500. ``msg1`` is for people: the same
words come with several codes and one code with several words. What is not named here is unknown.
Sources, collected 2026-11-28: the portal's list of error codes, recordings of 2026-04 to 2026-10.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jeoul.operations.broker.rest.fields import WORDS, Row, rows, shown_text

TOO_FAST = frozenset({"EGW00201", "EGW00215"})
"""The gateway's pace and the ledger's: an order was not looked at, a question waits."""

ASK_AGAIN = TOO_FAST | {"EGW00316"}
"""A question was not answered and asks to be asked again."""

CHANGED = "SYDB0050"
"""The data changed while pages were read: begin again from the first page."""

STALE_TOKEN = frozenset({"EGW00121", "EGW00122", "EGW00123"})

ONE_TOKEN = "EGW00133"
"""One token a minute; after repeated tries it still came 8.8 minutes later (2026-07-29)."""

NOTHING_FOUND = frozenset({"KIOK0560", "70070000"})
"""There are no rows; the real host says so with ``rt_cd`` 0 or 7, perhaps without any rows."""

UNSURE = frozenset({"IGW00009"})
"""The answer could not be made; it came with ``rt_cd`` 0 for orders that nobody found later."""

# The prefix says nothing in simulation: 40600000, 40590000 and 40630000 are successes.
REFUSED = frozenset(
    {
        "APBK0918",  # market closed, too little cash or too few shares
        "APBK0919",  # market not open
        "APBK0952",  # above the orderable amount
        "APBK0400",  # above the orderable quantity
        "APBK0506",  # price off the tick
        "APBK0656",  # no such security
        "APBK1269",  # kind of order not allowed
        "40580000",  # simulation: market closed
        "40100000",  # simulation: not a business day
        "40070000",  # simulation: security not tradable
        "40030000",  # simulation: price off the tick
        "40330000",  # simulation: nothing left to cancel
    }
)
"""The order was read and refused. Codes that only tests or maps of others name are left out."""


def code_of(body: Mapping[str, Any]) -> str:
    """Return an answer's code, empty without one; the token's answer spells it another way.

    >>> code_of({"error_code": "EGW00133"}), code_of({"msg_cd": [1]})
    ('EGW00133', '')
    """
    for name in ("msg_cd", "error_code"):
        found = body.get(name)
        if isinstance(found, str) and found.strip():
            return shown_text(found)
    return ""


def is_done(body: Mapping[str, Any]) -> bool:
    """Return whether an answer says in so many words that it was done."""
    found = body.get("rt_cd")
    return isinstance(found, str) and found.strip() == "0"


def is_token_trouble(body: Mapping[str, Any], status: int) -> bool:
    """Return whether a failure may lie in the token, under whichever code it comes.

    >>> is_token_trouble({"msg_cd": "EGW00999"}, 500), is_token_trouble({"msg_cd": "X1"}, 500)
    (True, False)
    """
    code = code_of(body)
    if code in ASK_AGAIN or code in REFUSED:
        return False
    words = str(body.get("msg1", ""))[:WORDS].lower()
    return status in (401, 403) or code.startswith("EGW") or "token" in words or "토큰" in words


def said(body: Mapping[str, Any], status: int) -> str:
    """Return what an answer says, in a few words that are never empty.

    >>> said({"msg_cd": "APBK0918", "msg1": "장운영시간이 아닙니다   "}, 200)
    'APBK0918 장운영시간이 아닙니다'
    >>> said({"msg1": ["?"]}, 500)
    'no reason given (HTTP 500)'
    """
    words = body.get("msg1") or body.get("error_description")
    text = f"{code_of(body)} {shown_text(words) if isinstance(words, str) else ''}".strip()
    return text or f"no reason given (HTTP {status})"


def rows_of(page: Row, name: str) -> list[Row]:
    """Return the rows of a page; one that says that there is nothing may come without any."""
    if page.get(name) is None and code_of(page) in NOTHING_FOUND:
        return []
    return rows(page, name)
