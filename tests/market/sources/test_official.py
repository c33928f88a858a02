"""The sources of central banks, exchanges and bureaus, asked on this machine as they answer."""

from __future__ import annotations

import logging
import pickle
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from recorded import KEY, serving

from jeoul.market.raw.answer import AS_TRADED, LEVEL, SeriesRequest, VendorRow
from jeoul.market.sources.bis import Bis
from jeoul.market.sources.bls import Bls
from jeoul.market.sources.cboe import Cboe
from jeoul.market.sources.ecos import Ecos
from jeoul.market.sources.errors import (
    EmptyAnswer,
    KeyRefused,
    NetworkRefused,
    RateLimited,
    UnknownSymbol,
    VendorBroken,
)
from jeoul.market.sources.fred import Fred
from jeoul.market.sources.fredgraph import FredGraph
from jeoul.market.sources.kosis import Kosis
from jeoul.market.sources.krx import Krx
from jeoul.market.sources.port import SourcePlace

PLAIN = httpx.HTTPTransport(verify=False)  # loading certificates takes longer than all the rest
JUNE = (date(2024, 6, 1), date(2024, 6, 30))
KEYS = {"ECOS_API_KEY": KEY, "KRX_API_KEY": KEY, "KOSIS_API_KEY": KEY}
SOURCES: dict[str, Any] = {
    "ecos": Ecos,
    "krx": Krx,
    "cboe": Cboe,
    "fredgraph": FredGraph,
    "bls": Bls,
    "kosis": Kosis,
    "bis": Bis,
}
ASKED = {
    "ecos": "817Y002/D/010210000",
    "krx": "069500",
    "cboe": "VIX3M",
    "fredgraph": "BAMLH0A0HYM2",
    "bls": "CUUR0000SA0",
    "kosis": "101/DT_1J22003/M/T/T10",
    "bis": "WS_CBPOL/M.KR",
}


@pytest.fixture(scope="module")
def vendors() -> Iterator[tuple[str, list[str]]]:
    with serving() as place:
        yield place


def source(name: str, host: str, keys: Any = None) -> Any:
    place = SourcePlace(Path(), Path(), KEYS if keys is None else keys, timeout=5.0)
    return SOURCES[name](place, host=host, transport=PLAIN)


def fetched(vendors: Any, name: str, symbol: str, span: Any = JUNE) -> Any:
    return source(name, vendors[0]).fetch(SeriesRequest(symbol, *span))


def test_days_and_months_of_the_bank_of_korea(vendors: Any) -> None:
    found = fetched(vendors, "ecos", "817Y002/D/010210000")
    assert found.basis == LEVEL
    assert found.rows[-1] == VendorRow(date(2024, 6, 28), 3.265)
    months = fetched(vendors, "ecos", "901Y009/M/0", (date(2024, 5, 20), date(2024, 6, 30)))
    assert months.rows == (VendorRow(date(2024, 5, 1), 114.09), VendorRow(date(2024, 6, 1), 113.84))


def test_korean_prices_and_the_base_rate_have_a_second_source(vendors: Any) -> None:
    span = (date(2024, 5, 20), date(2024, 6, 30))
    assert fetched(vendors, "kosis", "101/DT_1J22003/M/T/T10", span) == fetched(
        vendors, "ecos", "901Y009/M/0", span
    )
    assert fetched(vendors, "bis", "WS_CBPOL/M.KR", span) == fetched(
        vendors, "ecos", "722Y001/M/0101000", span
    )


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("10", KeyRefused), ("11", KeyRefused), ("20", UnknownSymbol), ("21", UnknownSymbol),
        ("30", EmptyAnswer), ("31", VendorBroken), ("40", RateLimited), ("42", RateLimited),
        ("50", VendorBroken), ("x", VendorBroken),
    ],
)  # fmt: skip
def test_a_number_in_the_body_of_kosis_says_what_is_wrong(code: str, kind: Any) -> None:
    for err in (f'"{code}"', code if code.isdigit() else "null"):
        with pytest.raises(kind) as caught:
            answered("kosis", f'{{"err":{err},"errMsg":"{KEY}"}}')
        assert KEY not in str(caught.value)


def test_a_long_history_of_the_bank_comes_page_by_page(
    vendors: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jeoul.market.sources.ecos.PAGE", 2)
    assert len(fetched(vendors, "ecos", "817Y002/D/010210000").rows) == 3


CODES = {
    "INFO-100": KeyRefused,
    "INFO-200": EmptyAnswer,
    "ERROR-100": UnknownSymbol,
    "ERROR-101": UnknownSymbol,
    "ERROR-301": UnknownSymbol,
    "ERROR-400": VendorBroken,
    "ERROR-500": VendorBroken,
    "ERROR-601": VendorBroken,
    "ERROR-602": RateLimited,
}


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("form", ['{{"RESULT":{{"CODE":"{}","MESSAGE":"{}"}}}}', "<x>{} {}</x>"])
def test_a_code_in_the_body_of_the_bank_says_what_is_wrong(code: str, form: str) -> None:
    with (
        serving(lambda *_: (200, form.format(code, KEY))) as (host, _),
        pytest.raises(CODES[code]) as caught,
    ):
        source("ecos", host).fetch(SeriesRequest(ASKED["ecos"], *JUNE))
    assert KEY not in str(caught.value)


def test_a_fund_of_the_exchange_has_its_net_asset_value(vendors: Any) -> None:
    found = fetched(vendors, "krx", "069500")
    assert (found.basis, found.currency, found.title) == (AS_TRADED, "KRW", "KODEX 200")
    assert found.rows[-1] == VendorRow(date(2024, 6, 28), 37_105.0, 4_521_390.0, 37_090.4, 383.55)
    assert date(2024, 6, 6) not in {row.day for row in found.rows}  # Memorial Day
    assert {row.close for row in fetched(vendors, "krx", "148070").rows} == {None}


def test_the_ten_year_yield_is_that_of_the_nominal_benchmark(vendors: Any) -> None:
    found = fetched(vendors, "krx", "treasury/10")
    assert {row.close for row in found.rows} == {4.117}
    assert fetched(vendors, "krx", "kospi/코스피").rows[-1].close == 2_797.82


def test_a_day_of_the_exchange_is_asked_once_for_all_funds(vendors: Any) -> None:
    exchange = source("krx", vendors[0])
    before = len(vendors[1])
    for code in ("069500", "379800", "148070"):
        exchange.fetch(SeriesRequest(code, date(2024, 6, 24), date(2024, 6, 30)))
    assert len(vendors[1]) - before == 5  # the weekdays of one week
    with pytest.raises(UnknownSymbol):
        exchange.fetch(SeriesRequest("999999", date(2024, 6, 24), date(2024, 6, 30)))


def test_files_and_downloads_that_need_no_key(vendors: Any) -> None:
    assert fetched(vendors, "cboe", "VIX3M").rows[-1] == VendorRow(date(2024, 6, 28), 14.17)
    days = [row.day.day for row in fetched(vendors, "fredgraph", "BAMLH0A0HYM2").rows]
    assert days == [26, 28]
    spring = (date(2024, 4, 1), date(2024, 6, 30))
    assert fetched(vendors, "bls", "CUUR0000SA0", spring).rows == (
        VendorRow(date(2024, 4, 1), 313.548),
        VendorRow(date(2024, 5, 1), 314.069),
    )


@pytest.mark.parametrize("name", SOURCES)
def test_what_no_vendor_knows_is_told_apart(vendors: Any, name: str) -> None:
    for symbol in ("../../etc", "A B", "", "x" * 60):
        with pytest.raises(UnknownSymbol):
            fetched(vendors, name, symbol)


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (429, "slow down", RateLimited),
        (503, "oops", VendorBroken),
        (302, "", VendorBroken),
        (200, "<html>maintenance</html>", VendorBroken),
        (200, '{"a": [1, 2', VendorBroken),
        (200, "", VendorBroken),
        (200, "[]", VendorBroken),
    ],
)
def test_every_fault_has_its_type(name: str, status: int, body: str, kind: Any) -> None:
    with serving(lambda *_: (status, body)) as (host, _), pytest.raises(kind):
        source(name, host).fetch(SeriesRequest(ASKED[name], *JUNE))


def test_nobody_listening_is_no_unknown_symbol() -> None:
    for name in SOURCES:
        with pytest.raises(NetworkRefused):
            source(name, "http://127.0.0.1:9").fetch(SeriesRequest(ASKED[name], *JUNE))


def parts_of(key: str) -> set[str]:
    """Return the forms in which a key may be seen: in part, encoded, in another case."""
    forms = {key, quote(key, safe=""), key.lower(), key.upper(), key[::-1]}
    return {form[at : at + 6] for form in forms for at in range(len(form) - 5)}


ODD_KEYS = [KEY[::-1], "키가아닙니다정말로", KEY + "\n" + KEY, f"{KEY}/../{KEY}", f"{KEY}%2F"]


@pytest.mark.parametrize("name", ["ecos", "krx", "kosis"])
@pytest.mark.parametrize("key", ODD_KEYS)
def test_a_key_that_is_refused_is_seen_nowhere(
    vendors: Any, caplog: pytest.LogCaptureFixture, name: str, key: str
) -> None:
    caplog.set_level(logging.DEBUG)
    refused = source(name, vendors[0], dict.fromkeys(KEYS, key))
    with pytest.raises(KeyRefused) as caught:
        refused.fetch(SeriesRequest(ASKED[name], *JUNE))
    seen: list[BaseException] = [caught.value]
    while (further := seen[-1].__cause__ or seen[-1].__context__) is not None:
        seen.append(further)
    text = "".join(map(repr, seen)) + caplog.text
    assert not [part for part in parts_of(key) if part in text]
    assert repr(pickle.loads(pickle.dumps(caught.value))) == repr(caught.value)


@pytest.mark.parametrize("name", ["ecos", "krx", "kosis"])
def test_without_a_key_nobody_is_asked(vendors: Any, name: str) -> None:
    before = len(vendors[1])
    with pytest.raises(KeyRefused, match=f"set {name.upper()}_API_KEY"):
        source(name, vendors[0], {}).fetch(SeriesRequest(ASKED[name], *JUNE))
    assert len(vendors[1]) == before


BODIES = {
    "ecos": '{{"StatisticSearch": {{"list_total_count": 1, "row": '
    '[{{"TIME": "20240603", "DATA_VALUE": "{0}"}}]}}}}',
    "krx": '{{"OutBlock_1": [{{"ISU_CD": "069500", "TDD_CLSPRC": "{0}", "ACC_TRDVOL": "1", '
    '"NAV": "1", "OBJ_STKPRC_IDX": "1"}}]}}',
    "cboe": "DATE,OPEN,HIGH,LOW,CLOSE\n06/03/2024,1,1,1,{0}\n",
    "fredgraph": "observation_date,BAMLH0A0HYM2\n2024-06-03,{0}\n",
    "fred": '{{"observations": [{{"date": "2024-06-03", "value": "{0}"}}]}}',
    "kosis": '[{{"PRD_DE": "202406", "DT": "{0}"}}]',
    "bis": "REF_AREA,TIME_PERIOD,OBS_VALUE\nKR,2024-06,{0}\n",
    "bls": '{{"status": "REQUEST_SUCCEEDED", "message": [], "Results": {{"series": '
    '[{{"data": [{{"year": "2024", "period": "M06", "value": "{0}"}}]}}]}}}}',
}
"""A form of each source that holds one value."""


def answered(name: str, body: str) -> Any:
    """Return what a source makes of an answer that does not come over the network."""
    transport = httpx.MockTransport(lambda _: httpx.Response(200, text=body))
    place = SourcePlace(Path(), Path(), {**KEYS, "FRED_API_KEY": "0" * 32}, timeout=5.0)
    kind = Fred if name == "fred" else SOURCES[name]
    found = kind(place, host="https://vendor.test", transport=transport)
    return found.fetch(SeriesRequest(ASKED.get(name, "VIXCLS"), date(2024, 6, 1), date(2024, 6, 5)))


@pytest.mark.parametrize("name", sorted(BODIES))
def test_a_level_is_a_number_that_is_written_out(name: str) -> None:
    assert [row.close for row in answered(name, BODIES[name].format("12.5")).rows][:1] == [12.5]
    for value in ("nan", "inf", "-Infinity", "1e999", "0x1f", "1_000", "x" * 200_000):
        with pytest.raises(VendorBroken):
            answered(name, BODIES[name].format(value))


JSON = ["ecos", "krx", "fred", "kosis", "bls"]


def in_json(name: str, value: str) -> str:
    return BODIES[name].replace('"{0}"', "{0}").format(value)


@pytest.mark.parametrize("name", JSON)
def test_a_value_of_json_may_be_a_number(name: str) -> None:
    assert [row.close for row in answered(name, in_json(name, "12.5")).rows][:1] == [12.5]
    for value in ("true", "[12.5]", "NaN", '{"of": 1}'):
        with pytest.raises(VendorBroken):
            answered(name, in_json(name, value))


@pytest.mark.parametrize("name", [name for name in JSON if name != "krx"])
def test_null_is_no_observation_and_zero_is_one(name: str) -> None:
    assert [row.close for row in answered(name, in_json(name, "0")).rows] == [0.0]
    with pytest.raises(EmptyAnswer):
        answered(name, in_json(name, "null"))


def test_a_fund_of_the_exchange_without_a_close_keeps_its_net_asset_value() -> None:
    for value in ("null", '""', '"-"', "0"):
        rows = answered("krx", in_json("krx", value)).rows
        assert {(row.close, row.nav) for row in rows} == {(None, 1.0)}


@pytest.mark.parametrize("name", sorted(BODIES))
def test_a_page_of_html_is_an_answer_of_an_unknown_shape(name: str) -> None:
    with pytest.raises(VendorBroken):
        answered(name, "<html>" + "x" * 200_000)


def test_a_bank_that_promises_endless_rows_is_asked_once() -> None:
    body = BODIES["ecos"].format("3.5").replace('_count": 1', f'_count": {10**15}')
    with pytest.raises(VendorBroken, match="more observations than there are days"):
        answered("ecos", body)


DEEP = {"list": "[" * 2_000 + "]" * 2_000, "objects": '{"a":' * 2_000 + "1" + "}" * 2_000,
        "endless": "[" * 200_000, "markup": "<a>" * 2_000 + "</a>" * 2_000,
        "xml": "<?xml version='1.0'?>" + "<a>" * 200_000}  # fmt: skip


@pytest.mark.parametrize("name", sorted({*SOURCES, "fred"}))
@pytest.mark.parametrize("form", DEEP)
def test_an_answer_that_is_nested_without_end_is_one_of_an_unknown_shape(
    name: str, form: str
) -> None:
    with pytest.raises(VendorBroken):
        answered(name, DEEP[form])


@pytest.mark.parametrize("name", sorted({*SOURCES, "fred"} - {"cboe", "fredgraph", "bis"}))
def test_a_value_that_is_nested_2_000_deep_is_refused_before_it_is_read(name: str) -> None:
    value = DEEP["list"]
    with pytest.raises(VendorBroken, match="not JSON"):
        answered(name, BODIES[name].format("7").replace('"7"', value).replace(" 7", value))


@pytest.mark.parametrize("name", sorted({*SOURCES, "fred"}))
def test_an_answer_that_never_ends_is_given_up(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jeoul.market.sources.web.LARGEST", 10_000)
    with pytest.raises(VendorBroken, match="more than 10,000 bytes"):
        answered(name, "x" * 20_000)


@pytest.mark.parametrize("name", sorted({*SOURCES, "fred"}))
@pytest.mark.parametrize("symbol", ["", "../secret", "a b", "x?y=1", "069500\n", "ÀÉ", "x" * 500])
def test_a_symbol_of_another_form_reaches_no_vendor(name: str, symbol: str) -> None:
    def ask(_: Any) -> Any:
        raise AssertionError("nobody is asked")

    kind = Fred if name == "fred" else SOURCES[name]
    place = SourcePlace(Path(), Path(), {**KEYS, "FRED_API_KEY": "0" * 32}, timeout=5.0)
    found = kind(place, host="https://vendor.test", transport=httpx.MockTransport(ask))
    with pytest.raises(UnknownSymbol, match="is not a symbol of"):
        found.fetch(SeriesRequest(symbol, *JUNE))


@pytest.mark.parametrize("name", sorted({*SOURCES, "fred"}))
@pytest.mark.parametrize("status", [201, 204, 301, 402, 418, 451, 500, 503])
def test_a_status_that_says_nothing_of_the_symbol_is_told_as_it_is(name: str, status: int) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(status, text="{}"))
    place = SourcePlace(Path(), Path(), {**KEYS, "FRED_API_KEY": "0" * 32}, timeout=5.0)
    kind = Fred if name == "fred" else SOURCES[name]
    found = kind(place, host="https://vendor.test", transport=transport)
    with pytest.raises(VendorBroken, match=f"{status}|unknown shape|not JSON"):
        found.fetch(SeriesRequest(ASKED.get(name, "VIXCLS"), *JUNE))


@pytest.mark.parametrize("name", ["cboe", "fredgraph", "bis"])
def test_an_empty_line_of_a_file_is_no_observation(name: str) -> None:
    assert len(answered(name, BODIES[name].format("12.5") + "\n\n").rows) == 1


@pytest.mark.parametrize("name", sorted(BODIES.keys() - {"krx"}))  # it is asked day by day
def test_days_that_nobody_asked_for_are_left_out(name: str) -> None:
    """Whatever span the vendor answers with."""
    transport = httpx.MockTransport(lambda _: httpx.Response(200, text=BODIES[name].format("12.5")))
    place = SourcePlace(Path(), Path(), {**KEYS, "FRED_API_KEY": "0" * 32}, timeout=5.0)
    kind = Fred if name == "fred" else SOURCES[name]
    found = kind(place, host="https://vendor.test", transport=transport)
    with pytest.raises(EmptyAnswer):
        found.fetch(SeriesRequest(ASKED.get(name, "VIXCLS"), date(2031, 1, 1), date(2031, 1, 10)))
