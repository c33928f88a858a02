"""What Korea Investment answers to the request for a token: one a minute at most.

A token asked for again within six hours is the same one and ends earlier than its life says, so
that the time of its end in the answer counts (``access_token_token_expired``, Korean time).
Each issue sends the customer a message, and frequent ones can be sanctioned (notice 2026-04-20).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from jeoul.operations.broker.kis.codes import ONE_TOKEN, code_of
from jeoul.operations.broker.rest.http import Reply
from jeoul.operations.broker.rest.token import Granted, whole_seconds
from jeoul.operations.errors import Unreachable

SURE = 18 * 3600.0  # seconds that any token still lasts: a day less the six hours of the same one


def granted(reply: Reply, asked: float) -> Granted:
    """Return the token in an answer; raises :class:`Unreachable` for one without."""
    found = reply.fields
    token = found.get("access_token")
    if not isinstance(token, str) or not token:
        raise Unreachable(_why(found, reply.status))
    return Granted(token, _ends(found, asked))


def _why(body: Mapping[str, Any], status: int) -> str:
    code = code_of(body)
    if code == ONE_TOKEN or (status == 403 and not code):  # both forms are recorded
        return (
            f"the broker gives no token now ({code or f'HTTP {status}'}): it gives one a minute, "
            "and fewer after repeated tries. Run again in ten minutes"
        )
    return (
        f"the broker gives no token ({code or f'HTTP {status}'}); check that the keys belong to "
        "the mode of the config and have not expired"
    )


def _ends(body: Mapping[str, Any], asked: float) -> float:
    """Return when a token ends: by the answer's own time, else when any token surely still lasts.

    >>> _ends({"access_token_token_expired": "2026-07-18 12:00:00"}, 0.0)
    1784343600.0
    """
    said = str(body.get("access_token_token_expired", ""))
    try:
        local = datetime.strptime(said, "%Y-%m-%d %H:%M:%S").replace(tzinfo=ZoneInfo("Asia/Seoul"))
    except ValueError:
        return asked + (whole_seconds(body.get("expires_in"), SURE) or 0.0)
    return local.timestamp()
