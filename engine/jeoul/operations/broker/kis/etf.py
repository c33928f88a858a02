"""Korea Investment's price of an ETF, read with its indicative net asset value (iNAV).

Published (portal, ETF/ETN 현재가, v1_국내주식-068): ``FHPST02400000`` at
``/uapi/etfetn/v1/quotations/inquire-price``, on the real host alone; its example of 2024-02-23 for
069500 has every field. The answer has no time. Recorded by others before a session opened: the
volume is 0 and ``nav`` is still ``prdy_last_nav``, the value of the day before. Recorded of a
security that does not trade any more (2026-08-30): its price is 0.
"""

from __future__ import annotations

import re

from jeoul.operations.broker.kis.codes import rows_of
from jeoul.operations.broker.port import IndicativeValue
from jeoul.operations.broker.rest.fields import Row, money, nonsense
from jeoul.operations.errors import Unreachable

_VALUE = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,20})?")


def read_indicative(answer: Row) -> IndicativeValue:
    """Return a fund's price and indicative value in an answer, or why there is none.

    >>> read_indicative({"output": {"stck_prpr": "36090", "acml_vol": "3719307",
    ...                             "nav": "36127.30", "prdy_last_nav": "36036.22"}})
    IndicativeValue(price=36090, value=36127.3, fault='', before=36036.22)
    >>> read_indicative({"output": {"nav": "soon"}}).fault, read_indicative({}).fault
    ('malformed', 'malformed')
    """
    try:
        found = rows_of(answer, "output")
        if len(found) != 1:
            return IndicativeValue(fault="malformed")
        row = found[0]
        if not _is_there(row, "nav"):
            return IndicativeValue(fault="missing")
        value, before = _value(row, "nav"), _value(row, "prdy_last_nav")
        price, volume = money(row, "stck_prpr"), money(row, "acml_vol")
    except Unreachable:
        return IndicativeValue(fault="malformed")
    if value <= 0 or price <= 0:
        return IndicativeValue(fault="zero")
    if volume <= 0 or value == before:
        return IndicativeValue(fault="stale")
    return IndicativeValue(price=price, value=value, before=before if before > 0 else None)


def _is_there(row: Row, name: str) -> bool:
    found = row.get(name)
    return found is not None and found != ""


def _value(row: Row, name: str) -> float:
    """Return a value of a share, which has decimals, in won."""
    found = row.get(name)
    if not isinstance(found, str) or not _VALUE.fullmatch(found.strip()):
        raise nonsense(name, found)
    return float(found)
