"""FRED: what its answers mean, and that the key is never seen."""

from __future__ import annotations

import json
import logging
import pickle
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from jeoul.market.raw.answer import LEVEL, SeriesRequest, VendorRow
from jeoul.market.sources.errors import (
    EmptyAnswer,
    KeyRefused,
    NetworkRefused,
    RateLimited,
    Stalled,
    UnknownSymbol,
    VendorBroken,
)
from jeoul.market.sources.fred import Fred
from jeoul.market.sources.port import SourcePlace

KEY = "0123456789abcdef0123456789abcdef"
VIX = SeriesRequest("VIXCLS", date(2024, 6, 24), date(2024, 6, 28))
GOOD = {
    "observations": [
        {"date": "2024-06-26", "value": "12.55"},
        {"date": "2024-06-27", "value": "."},
        {"date": "2024-06-28", "value": "12.44"},
    ]
}


def fred(tmp_path: Path, answer: Any, key: Any = KEY) -> Any:
    def handle(request: Any) -> Any:
        if isinstance(answer, Exception):
            raise answer
        return answer(request) if callable(answer) else answer

    place = SourcePlace(tmp_path, tmp_path, {"FRED_API_KEY": key} if key else {})
    return Fred(place, transport=httpx.MockTransport(handle))


def test_days_without_an_observation_are_left_out(tmp_path: Path) -> None:
    asked = []

    def answer(request: Any) -> Any:
        asked.append(dict(request.url.params))
        return httpx.Response(200, json=GOOD)

    found = fred(tmp_path, answer).fetch(VIX)
    assert found.basis == LEVEL
    assert found.rows == (VendorRow(date(2024, 6, 26), 12.55), VendorRow(date(2024, 6, 28), 12.44))
    assert asked[0]["series_id"] == "VIXCLS"
    assert asked[0]["observation_start"] == "2024-06-24"


FAULTS = [
    (httpx.Response(429, text="slow down"), RateLimited),
    (httpx.Response(500, text="oops"), VendorBroken),
    (httpx.Response(200, text="<html>maintenance</html>"), VendorBroken),
    (httpx.Response(200, text=json.dumps(GOOD)[:40]), VendorBroken),
    (httpx.Response(200, json={"observations": [{"date": "soon"}]}), VendorBroken),
    (httpx.Response(200, json={"observations": []}), EmptyAnswer),
    (
        httpx.Response(400, json={"error_message": "Bad Request. The series does not exist."}),
        UnknownSymbol,
    ),
    (
        httpx.Response(400, json={"error_message": "Bad Request. The value for api_key is bad"}),
        KeyRefused,
    ),
    (httpx.ConnectError(f"to https://api.stlouisfed.org/?api_key={KEY}"), NetworkRefused),
    (httpx.ReadTimeout(f"from https://api.stlouisfed.org/?api_key={KEY}"), Stalled),
    (httpx.RemoteProtocolError(f"?api_key={KEY}"), VendorBroken),
]


@pytest.mark.parametrize(
    ("answer", "kind"), FAULTS, ids=lambda value: getattr(value, "__name__", "")
)
def test_every_fault_has_its_type_and_none_shows_the_key(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, answer: Any, kind: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(kind) as caught:
        fred(tmp_path, answer).fetch(VIX)
    seen = [caught.value]
    while seen[-1].__cause__ or seen[-1].__context__:
        seen.append(seen[-1].__cause__ or seen[-1].__context__)
    assert KEY not in "".join(map(repr, seen)) + caplog.text
    assert repr(pickle.loads(pickle.dumps(caught.value))) == repr(caught.value)


def test_without_a_key_nobody_is_asked(tmp_path: Path) -> None:
    with pytest.raises(KeyRefused, match="FRED_API_KEY"):
        fred(tmp_path, AssertionError("asked"), key="").fetch(VIX)


def test_a_place_does_not_print_its_keys(tmp_path: Path) -> None:
    assert KEY not in repr(SourcePlace(tmp_path, tmp_path, {"FRED_API_KEY": KEY}))
