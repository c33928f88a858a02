"""The Bank for International Settlements: policy rates of central banks, by its public CSV.

``WS_CBPOL/M.KR`` is the base rate of the Bank of Korea at the end of each month. No key is needed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import httpx

from jeoul.market.raw.answer import Fetched, SeriesRequest, VendorRow
from jeoul.market.sources.cells import number_of
from jeoul.market.sources.port import Source, SourcePlace
from jeoul.market.sources.spans import levels
from jeoul.market.sources.web import Web, cells_of, symbol_of

NETWORK = True
NAME = "bis"
KEYS = ()
HOST = "https://stats.bis.org"

_SYMBOL = re.compile(
    r"(?P<flow>WS_[A-Z0-9_]{2,20})/(?P<key>[DM](?:\.[0-9A-Z]{1,6}){1,8})", re.ASCII
)
_TIME = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?", re.ASCII)


def connect(place: SourcePlace) -> Source:
    """Return the bank's statistics."""
    return Bis(place)


class Bis:
    """A client of the bank; ``transport`` is httpx's own unless a test gives another."""

    def __init__(
        self, place: SourcePlace, *, host: str = HOST, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._web = Web(NAME, host, place, transport)

    def fetch(self, request: SeriesRequest) -> Fetched:
        """Return the observations of a series; a month is labelled with its first day."""
        found = symbol_of(NAME, request.symbol, _SYMBOL, "WS_CBPOL/M.KR")
        monthly = found["key"][0] == "M"
        answer = self._web.get(
            request.symbol,
            f"/api/v2/data/dataflow/BIS/{found['flow']}/1.0/{found['key']}",
            {
                "format": "csv",
                "startPeriod": request.first.isoformat()[: 7 if monthly else 10],
            },
            unknown=(400, 404),
        )
        return levels(NAME, request, _rows(answer.text), monthly=monthly)


def _rows(text: str) -> Iterator[VendorRow]:
    """Yield the observations of one series; a file with two would mix them."""
    names, *lines = cells_of(text) or [[]]
    if not {"TIME_PERIOD", "OBS_VALUE"} <= set(names):
        raise ValueError(names)
    series: set[str] = set()
    for line in lines:
        entry = dict(zip(names, line, strict=True))
        series.add(entry.get("REF_AREA", ""))
        found = _TIME.fullmatch(entry["TIME_PERIOD"])
        if found is None or len(series) > 1:
            raise ValueError(entry["TIME_PERIOD"])
        value = number_of(entry["OBS_VALUE"].replace("NaN", ""))
        if value is not None:
            yield VendorRow(date(int(found[1]), int(found[2]), int(found[3] or 1)), value)
