"""Answers of the vendors as they have been recorded in public, and a vendor on this machine.

Bank of Korea, ECOS: rows and path as in public clients that call it, among them recordings of
2026-07 and 2026-08; ``list_total_count`` and the field ``row`` likewise. The codes are those of its
manual. That a wrong key may be answered in XML is assumed.
Korea Exchange, open API: fields from its own specification; the treasuries of 2024-01-05 and of
2026-06-26 (the ten-year one beside one tied to prices), the index row of 2026-08-21, the refusal of
2026-09 are recorded rows, the fund row is put together from the specification and from the
exchange's page (``98,265`` and ``98,250.40`` of 2026-08). An empty ``OutBlock_1`` on a day without
a session is recorded.
Cboe: head and form of the dates as in its files of 2026-07. FRED's download: 2026-05, and the older
head before 2025. Bureau of Labor Statistics: 2024-05 with its empty footnotes, the year's average
``M13`` of 2020; the words about the daily threshold are those of its manual.
KOSIS: path, parameters and fields as in public clients of 2026, which give 115.71 for 2025-01;
``err`` and its numbers are those of its manual, and that they come as text is assumed. BIS: path
and columns of its CSV as in public clients of 2026; its rows are put together.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

KEY = "Q7ZK2WXVB9MTRL4PD8SH"

ECOS = {
    "731Y001/D/0000001": [("20240627", "1390.5"), ("20240628", "1391.7")],
    "817Y002/D/010210000": [("20240626", "3.268"), ("20240627", "3.282"), ("20240628", "3.265")],
    "722Y001/M/0101000": [("202405", "3.5"), ("202406", "3.5")],
    "901Y009/M/0": [("202405", "114.09"), ("202406", "113.84")],
}


def ecos(path: str) -> dict[str, Any]:
    """Answer a question to ECOS: its rows, or a code in the body."""
    *_, key, _form, _language, first, last, table, cycle, start, end, item = path.split("/")
    if key != KEY:
        return {"RESULT": {"CODE": "INFO-100", "MESSAGE": f"인증키가 유효하지 않습니다. {key}"}}
    rows = [
        {
            "STAT_CODE": table,
            "STAT_NAME": "1.3.2.1. 시장금리(일별)",
            "ITEM_CODE1": item,
            "ITEM_NAME1": "국고채(10년)",
            "ITEM_CODE2": None,
            "UNIT_NAME": "연%",
            "WGT": None,
            "TIME": time,
            "DATA_VALUE": value,
        }
        for time, value in ECOS.get(f"{table}/{cycle}/{item}", [])
        if start <= time <= end
    ]
    if not rows:
        return {"RESULT": {"CODE": "INFO-200", "MESSAGE": "해당하는 데이터가 없습니다."}}
    part = rows[int(first) - 1 : int(last)]
    return {"StatisticSearch": {"list_total_count": len(rows), "row": part}}


TREASURIES = [
    ("2", "지표", "국고03625-2509(23-8)", "3.381"),
    ("10", "지표", "물가01125-3606(26-4)", "1.494"),
    ("10", "지표", "국고04250-3606(26-6)", "4.117"),
    ("10", "경과", "국고03500-3406(24-5)", "4.090"),
]


def krx(path: str, day: str) -> dict[str, Any]:
    """Answer a question to the Korea Exchange: all entries of a day, none on a holiday."""
    service = path.rpartition("/")[2]
    if day > "20240628" or day == "20240606":
        return {"OutBlock_1": []}
    funds = [
        ("069500", "KODEX 200", "37,105", "37,090.40"),
        ("379800", "KODEX 미국S&P500", "17,210", "17,010.55"),
        ("148070", "KIWOOM 국고채10년", "-", ""),
    ]
    entries = {
        "etf_bydd_trd": [
            {
                "BAS_DD": day,
                "ISU_CD": code,
                "ISU_NM": name,
                "TDD_CLSPRC": close,
                "NAV": nav,
                "ACC_TRDVOL": "4521390",
                "INVSTASST_NETASST_TOTAMT": "0",
                "IDX_IND_NM": "코스피 200",
                "OBJ_STKPRC_IDX": "383.55",
            }
            for code, name, close, nav in funds
        ],
        "kospi_dd_trd": [
            {"BAS_DD": day, "IDX_CLSS": "KOSPI", "IDX_NM": name, "CLSPRC_IDX": close}
            for name, close in [
                ("코스피 (외국주포함)", ""),
                ("코스피", "2,797.82"),
                ("코스피 200", "1,096.25"),
            ]
        ],
        "kts_bydd_trd": [
            {
                "BAS_DD": day,
                "BND_EXP_TP_NM": years,
                "GOVBND_ISU_TP_NM": kind,
                "ISU_NM": name,
                "CLSPRC_YD": rate,
            }
            for years, kind, name, rate in TREASURIES
        ],
    }
    return {"OutBlock_1": entries[service]}


VIX3M = (
    "DATE,OPEN,HIGH,LOW,CLOSE\n"
    "06/26/2024,14.350000,14.640000,14.250000,14.330000\n"
    "06/27/2024,14.330000,14.400000,13.970000,14.110000\n"
    "06/28/2024,14.070000,14.290000,13.850000,14.170000\n"
)
SPREAD = "observation_date,BAMLH0A0HYM2\n2024-06-26,3.25\n2024-06-27,.\n2024-06-28,3.21\n"


def bls(symbol: str, first: str, last: str) -> dict[str, Any]:
    """Answer a question to the Bureau of Labor Statistics."""
    months = [("2024", "M05", "314.069"), ("2024", "M04", "313.548"), ("2023", "M13", "304.702")]
    data = [
        {"year": year, "period": month, "periodName": "", "value": value, "footnotes": [{}]}
        for year, month, value in months
        if first <= year <= last
    ]
    series = [{"seriesID": symbol, "data": data}]
    return {
        "status": "REQUEST_SUCCEEDED",
        "responseTime": 67,
        "message": [],
        "Results": {"series": series},
    }


KOSIS = {"101/DT_1J22003/T/T10": [("202405", "114.09"), ("202406", "113.84")]}


def kosis(query: dict[str, str]) -> Any:
    """Answer a question to KOSIS: its rows, or a number in the body."""
    if query["apiKey"] != KEY:
        return {"err": "11", "errMsg": f"유효하지않은 인증KEY입니다. {query['apiKey']}"}
    name = "/".join(query[part] for part in ("orgId", "tblId", "itmId", "objL1"))
    rows = [
        {
            "TBL_NM": "소비자물가지수(2020=100)",
            "PRD_DE": month,
            "TBL_ID": query["tblId"],
            "ITM_NM": "소비자물가지수",
            "ITM_ID": query["itmId"],
            "ORG_ID": query["orgId"],
            "C1": query["objL1"],
            "C1_NM": "전국",
            "C1_OBJ_NM": "시도별",
            "UNIT_NM": "2020=100",
            "PRD_SE": "M",
            "DT": value,
        }
        for month, value in KOSIS.get(name, [])
        if query["startPrdDe"] <= month <= query["endPrdDe"]
    ]
    return rows or {"err": "30", "errMsg": "데이터가 존재하지 않습니다."}


CBPOL = (
    "FREQ,REF_AREA,UNIT_MEASURE,UNIT_MULT,TIME_FORMAT,TIME_PERIOD,OBS_VALUE,OBS_STATUS\n"
    "M,KR,368,0,602,2024-04,3.5,A\nM,KR,368,0,602,2024-05,3.5,A\nM,KR,368,0,602,2024-06,3.5,A\n"
)


def answer(path: str, query: dict[str, str], headers: Any) -> tuple[int, str]:  # noqa: PLR0911  one a vendor
    """Return status and text of one answer, whichever vendor is asked."""
    if path.startswith("/api/StatisticSearch/"):
        return 200, json.dumps(ecos(path), ensure_ascii=False)
    if path.startswith("/svc/apis/"):
        if headers.get("AUTH_KEY") != KEY:
            return 401, '{"respMsg":"Unauthorized Key","respCode":"401"}'
        return 200, json.dumps(krx(path, query["basDd"]), ensure_ascii=False)
    if path.endswith("_History.csv"):
        return (200, VIX3M) if "VIX3M" in path else (403, "<Error>AccessDenied</Error>")
    if path.startswith("/graph/fredgraph.csv"):
        return (200, SPREAD) if query["id"] == "BAMLH0A0HYM2" else (404, "<html></html>")
    if path.startswith("/openapi/"):
        return 200, json.dumps(kosis(query), ensure_ascii=False)
    if path.startswith("/api/v2/data/"):
        return (200, CBPOL) if path.endswith("/WS_CBPOL/1.0/M.KR") else (404, "<error/>")
    if path.startswith("/publicAPI/v1/"):
        found = bls(path.rpartition("/")[2], query["startyear"], query["endyear"])
        return 200, json.dumps(found)
    return 404, ""


Answer = Callable[[str, dict[str, str], Any], tuple[int, str]]


@contextmanager
def serving(given: Answer = answer) -> Iterator[tuple[str, list[str]]]:
    """Run all vendors on a free port of this machine; give the address and what was asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            asked.append(self.path)
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            status, text = given(parts.path, query, self.headers)
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
