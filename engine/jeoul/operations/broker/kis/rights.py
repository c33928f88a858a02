"""What moved an account besides orders, by its own list of rights (real host only).

Distributions of ETFs carry type 32 and pay ``last_alct_amt + last_ftsk_chgs - tax_amt`` (in use
by other clients in 2026). No recording of a distribution or a split of a fund was found: the
filled fields are assumed, and a row that cannot be read in full is left for a person to explain.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from jeoul.operations.broker.kis.codes import rows_of
from jeoul.operations.broker.port import Movement
from jeoul.operations.broker.rest.fields import Row, code, maybe, text

_CASH = frozenset({"03", "32", "75"})  # dividend, ETF, special dividend
_SHARES = frozenset({"02", "14", "15"})  # bonus, split, reverse split
_DAY = re.compile(r"[0-9]{8}")  # 2026W103 has as many characters and is a day of a week
_SIGNS = {"01": 1, "02": -1}  # in, out; a row with both is left to a person


def read_rights(pages: Sequence[Row], today: date) -> tuple[Movement, ...]:
    """Return the movements that the pages of a list of rights show up to a day.

    >>> row = {"rght_type_cd": "32", "bass_dt": "20260731", "cash_dfrm_dt": "20260804",
    ...        "shtn_pdno": "069500", "last_alct_amt": "1000", "tax_amt": "154"}
    >>> [(m.kind, m.cash) for m in read_rights([{"output": [row]}], date(2026, 8, 5))]
    [('dividend', 1000), ('tax', -154)]
    """
    found: dict[str, Movement] = {}
    for row in (row for page in pages for row in rows_of(page, "output")):
        for movement in (*_paid(row, today), *_moved(row, today)):
            name, again = movement.movement_id, 2
            while name in found:
                name, again = f"{movement.movement_id}:{again}", again + 1
            found[name] = Movement(
                movement_id=name,
                kind=movement.kind,
                session=movement.session,
                cash=movement.cash,
                ticker=movement.ticker,
                shares=movement.shares,
            )  # fmt: skip
    return tuple(found.values())


def _paid(row: Row, today: date) -> Iterator[Movement]:
    paid = _day(row, "cash_dfrm_dt")
    if text(row, "rght_type_cd") not in _CASH or paid is None or paid > today:
        return
    gross = (maybe(row, "last_alct_amt") or 0) + (maybe(row, "last_ftsk_chgs") or 0)
    if gross:
        yield Movement(
            movement_id=_name(row, "paid"),
            kind="dividend",
            session=paid,
            cash=gross,
            ticker=code(row, "shtn_pdno"),
        )
    if tax := maybe(row, "tax_amt"):
        yield Movement(
            movement_id=_name(row, "tax"),
            kind="tax",
            session=paid,
            cash=-tax,
            ticker=code(row, "shtn_pdno"),
        )


def _moved(row: Row, today: date) -> Iterator[Movement]:
    listed, sign = _day(row, "lstg_dt"), _SIGNS.get(text(row, "rght_cblc_type_cd"))
    if sign is None or text(row, "rght_type_cd") not in _SHARES:
        return
    if listed is None or listed > today:
        return
    if shares := maybe(row, "tot_alct_qty"):
        yield Movement(
            movement_id=_name(row, "shares"),
            kind="split",
            session=listed,
            cash=0,
            ticker=code(row, "shtn_pdno"),
            shares=sign * shares,
        )


def _name(row: Row, what: str) -> str:
    names = ("bass_dt", "rght_type_cd", "rght_cblc_type_cd", "shtn_pdno", "cash_dfrm_dt")
    return ":".join(("right", *(text(row, name) for name in names), what))


def _day(row: Row, name: str) -> date | None:
    """Return a date, None where it is not known yet; both spellings were recorded."""
    written = text(row, name).replace("/", "").replace("-", "")
    try:
        return date.fromisoformat(written) if _DAY.fullmatch(written) else None
    except ValueError:
        return None
