"""Korea Investment's balance, read as an account.

Assumed: ``cma_evlu_amt`` of a CMA account comes on top of its deposits; no recording shows one
with money in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from jeoul.operations.broker.kis.codes import NOTHING_FOUND, code_of, rows_of
from jeoul.operations.broker.port import BrokerAccount
from jeoul.operations.broker.rest.deposits import by_settlement
from jeoul.operations.broker.rest.fields import Row, code, count, maybe, money
from jeoul.operations.errors import Unreachable

_DEPOSITS = ("dnca_tot_amt", "nxdy_excc_amt", "prvs_rcdl_excc_amt")  # today, T+1, T+2


def read_account(pages: Sequence[Row], orderable: int, days: tuple[date, date]) -> BrokerAccount:
    """Return the account in the pages of a balance.

    ``orderable`` is what can be ordered without credit, ``days`` are the next two sessions. What a
    buy of today does to the deposits was recorded on 2026-07-31.
    """
    shares: dict[str, int] = {}
    locked: dict[str, int] = {}
    for row in (row for page in pages for row in rows_of(page, "output1")):
        held = count(row, "hldg_qty")
        if held:
            ticker, free = code(row, "pdno"), maybe(row, "ord_psbl_qty")
            shares[ticker] = shares.get(ticker, 0) + held
            fixed = 0 if free is None else max(held - free, 0)
            locked[ticker] = locked.get(ticker, 0) + fixed
    cash, coming = by_settlement(_deposits(pages), orderable, days)
    fixed_now = {ticker: number for ticker, number in locked.items() if number}
    return BrokerAccount(
        shares=shares, cash=cash, unsettled=coming, locked=fixed_now, orderable=orderable
    )


def _deposits(pages: Sequence[Row]) -> tuple[int, int, int]:
    """Return the money of today, T+1 and T+2 with what a CMA account keeps."""
    found: Mapping[str, object] | None = None
    for page in pages:
        for row in rows_of(page, "output2"):
            found = row
    if found is None:
        if code_of(pages[-1]) in NOTHING_FOUND:
            return 0, 0, 0
        raise Unreachable("the broker's balance has no cash; look at its own screen")
    kept = maybe(found, "cma_evlu_amt") or 0
    today, tomorrow, later = (money(found, name) + kept for name in _DEPOSITS)
    return today, tomorrow, later
