"""What the codes in an answer of Kiwoom mean, as far as recordings show it.

``return_code`` is coarse: 0 is done, 3 is a failed authentication, 5 a limit, 20 a refusal. The
code that says what happened stands in ``return_msg``: ``[1700]``, ``[8005:...]``, or inside
``[2000](RC4058:...)``. Not every 5 is a matter of pace: ``[1634]`` is a limit of another kind.
Sources, collected 2026-11-29: the portal's list of error codes (2025-10 to 2026-07), recordings of
2026-05 to 2026-10. What is not named here is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from jeoul.operations.broker.rest.fields import shown_text

TOO_FAST = frozenset({"1700"})
"""The gateway's pace: an order was not looked at, a question waits."""

STALE_TOKEN = frozenset({"8005"})
"""The gateway does not take the token; recorded with ``return_code`` 3 and HTTP 200."""

NOT_REGISTERED = frozenset({"8010", "8040", "8050"})
"""The request comes from an address that is not registered for the keys."""

OTHER_MODE = frozenset({"8030", "8031"})
"""The key or the token belongs to the other mode."""

AT_THE_GATE = NOT_REGISTERED | OTHER_MODE | {"8103"}
"""The gateway turned the request away before any service saw it (by the portal's list)."""

REFUSED = frozenset(
    {
        "RC4003",  # simulation: price off the tick
        "RC4025",  # simulation: check the orderable amount
        "RC4057",  # simulation: before the open
        "RC4058",  # simulation: market closed
        "RC4091",  # simulation: the account has ended
        "RC5006",  # simulation: an account for short sales alone
        "RC9000",  # simulation: not offered there
        "800033",  # too few shares that can be sold
        "855056",  # too little margin for a buy
    }
)
"""The order was read and refused. Codes that only tests or maps of others name are left out."""

_INNER = re.compile(r"\((RC[0-9]{4}|[0-9]{6})\s*:")
_OUTER = re.compile(r"\[\s*([0-9]{4})\s*(?:\]|:)")


def code_of(body: Mapping[str, Any]) -> str:
    """Return the code in an answer's words, empty without one.

    >>> code_of({"return_msg": "[2000](RC4058:모의투자 장종료)"}), code_of({"return_msg": ["?"]})
    ('RC4058', '')
    >>> code_of({"return_msg": "허용된 요청 개수를 초과하였습니다[1700:허용된 요청 개수를 초과]"})
    '1700'
    """
    words = body.get("return_msg")
    if not isinstance(words, str):
        return ""
    found = _INNER.search(words) or _OUTER.search(words)
    return "" if found is None else found[1]


def is_done(body: Mapping[str, Any]) -> bool:
    """Return whether an answer says in so many words that it was done."""
    found = body.get("return_code")
    return isinstance(found, str) and found.strip() == "0"  # numbers are read as text


def said(body: Mapping[str, Any], status: int) -> str:
    """Return what an answer says, in a few words that are never empty.

    >>> said({"return_code": "20", "return_msg": "[2000](RC4058:모의투자 장종료)"}, 200)
    '20 [2000](RC4058:모의투자 장종료)'
    >>> said({"return_msg": ["?"]}, 500)
    'no reason given (HTTP 500)'
    """
    parts = (body.get("return_code"), body.get("return_msg"))
    text = " ".join(shown_text(part) for part in parts if isinstance(part, str)).strip()
    return text or f"no reason given (HTTP {status})"
