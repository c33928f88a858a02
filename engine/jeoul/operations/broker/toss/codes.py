"""What the codes in an answer of Toss Securities mean, by its published contract.

Sources: the broker's OpenAPI document 1.2.4 of 2026-07 (collected 2026-11-29), and notes of clients
on 1.2.14 of 2026-10. No recorded answer of the host was found: everything here is published, and
none of it was seen. The contract asks clients to expect codes that it does not name; they are
unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jeoul.operations.broker.rest.fields import shown_text

TOO_FAST = frozenset({"rate-limit-exceeded"})
"""The pace: the request was not looked at (HTTP 429)."""

STALE_TOKEN = frozenset({"invalid-token", "expired-token", "token-revoked"})
"""The token is not taken (HTTP 401); one client has one token, and a new one ends the old."""

ASK_AGAIN = TOO_FAST | {"internal-error", "maintenance"}
"""A question was not answered and may be asked again."""

REFUSED = frozenset(
    {
        "invalid-request",  # HTTP 400: a field, the tick of a price, a quantity
        "confirm-high-value-required",  # 100,000,000 won or more
        "account-header-required",
        "insufficient-buying-power",  # this and the following: HTTP 422
        "order-hours-closed",
        "stock-restricted",
        "price-out-of-range",
        "opposite-pending-order-exists",
        "order-type-not-allowed",
        "prerequisite-required",
        "market-not-supported-for-stock",
        "investor-exchange-not-integrated",
        "account-restricted",
        "max-order-amount-exceeded",  # 3,000,000,000 won
        "stock-not-found",  # HTTP 404
        "already-filled",  # cancellations, HTTP 409
        "already-canceled",
        "already-modified",
        "already-rejected",
        "cancel-restricted",
    }
)
"""The order was read and refused. ``request-in-progress`` and ``idempotency-key-conflict`` are not
here: under the same name something may be there.
"""


def code_of(body: Mapping[str, Any]) -> str:
    """Return an answer's code, empty without one; the token's answer has another form.

    >>> code_of({"error": {"code": "order-not-found"}}), code_of({"error": "invalid_client"})
    ('order-not-found', 'invalid_client')
    """
    error = body.get("error")
    found = error.get("code") if isinstance(error, Mapping) else error
    return shown_text(found) if isinstance(found, str) else ""


def is_done(body: Mapping[str, Any], status: int) -> bool:
    """Return whether an answer says in so many words that it was done."""
    return status == 200 and "result" in body and "error" not in body


def said(body: Mapping[str, Any], status: int) -> str:
    """Return what an answer says, in a few words that are never empty.

    >>> said({"error": {"code": "maintenance", "message": "점검 중입니다."}}, 500)
    'maintenance 점검 중입니다.'
    >>> said({}, 500)
    'no reason given (HTTP 500)'
    """
    error = body.get("error")
    words = error.get("message") if isinstance(error, Mapping) else body.get("error_description")
    text = f"{code_of(body)} {shown_text(words) if isinstance(words, str) else ''}".strip()
    return text or f"no reason given (HTTP {status})"
