"""Every kind of file, frame and answer that jeoul reads: how one is drawn, and what reads it."""

from __future__ import annotations

import copy
import functools
import json
import tempfile
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from typing import Any

import cvxpy  # noqa: F401  brought in before any input is timed
import numpy as np
import pandas as pd

from fuzz import mutate
from jeoul import api, assets
from jeoul.account import read_portfolio
from jeoul.account.file import load_account_file
from jeoul.account.holdings import read_holdings
from jeoul.account.price_events import PriceEvents
from jeoul.account.statements import read_statement
from jeoul.advice.els_terms import read_els
from jeoul.allocate.frames import allocate
from jeoul.cli.plan import load_person
from jeoul.cli.recommend_won import means_of, rates_of
from jeoul.cli.rules import load_cases
from jeoul.files.text import read_text
from jeoul.market import describe, open_market
from jeoul.market.coverage import coverage, findings
from jeoul.market.fetching.plan import read_plan
from jeoul.market.manifest import read_manifest
from jeoul.market.raw.answer import SeriesRequest
from jeoul.market.sources.csv import CsvFiles
from jeoul.model.portfolio import Side
from jeoul.operations.broker.hours import OrderWindow
from jeoul.operations.broker.kis.broker import KisBroker
from jeoul.operations.broker.kis.settings import KisSettings
from jeoul.operations.broker.kis.wire import KisWire
from jeoul.operations.broker.port import BrokerContext, BrokerOrder, OrderRequest, OrderState
from jeoul.operations.broker.rest import client as rest_client
from jeoul.operations.broker.rest.client import Client
from jeoul.operations.broker.rest.http import Reply, read_body
from jeoul.operations.broker.rest.token import Tokens
from jeoul.operations.broker.ticket import TicketBroker, TicketSettings
from jeoul.operations.setup.config import load_config
from jeoul.operations.setup.secrets import Secret
from jeoul.profile import load_answers
from jeoul.signals import (
    change,
    difference,
    distance_from_average,
    drawdown,
    ratio,
    realised_volatility,
)
from jeoul.strategy.load import load_strategy
from jeoul.strategy.universe import load_universe

Work = Callable[[Random, Path], None]
ROOT = assets.root()
DAY = date(2026, 3, 4)
MORNING = datetime(2026, 3, 4, 0, 30, tzinfo=UTC).timestamp()


@functools.cache
def text_of(place: str) -> str:
    """Return the text of a shipped file."""
    return (ROOT / place).read_text("utf-8")


def toml(read: Callable[[Path], object], *seeds: str) -> Work:
    """Return the work on a kind of TOML file, from shipped files or from texts of several lines."""

    def work(draw: Random, folder: Path) -> None:
        file = folder / "file.toml"
        seed = draw.choice(seeds)
        file.write_bytes(mutate.toml_file(draw, seed if "\n" in seed else text_of(seed)))
        read(file)

    return work


ELS = """name = "two indices"
coupon = 0.08
barriers = [0.90, 0.90, 0.85, 0.85, 0.80, 0.75]
months = 6
knock_in = 0.45
"""
SETTLEMENT = """year = 2026
wages = 30_000_000
determined = 0
determined_local = 0
base = 14_834_786
other_credits = 130_000
pension_credit = 304_348
pension_savings = 7_320_000
irp = 0
"""
CERTIFICATE = """year = 2026
[[payments]]
kind = "isa"
income = 5_000_000
untaxed = 2_000_000
rate = 0.09
national = 270_000
local = 27_000
"""
FORM = "지급일,소득구분,지급액,세율,소득세,지방소득세\n2026-05-04,배당,1000000,14,140000,14000\n"


def statement(draw: Random, folder: Path) -> None:
    """Read a certificate of withholding that a broker exported."""
    file = folder / "form.csv"
    file.write_bytes(mutate.csv_file(draw, FORM))
    read_statement(file)


HOLDINGS = "ticker,shares\n069500,30\n360750,12\n148070,5\n458730,\nCASH,3000000\n"
EXPORT = "종목코드,종목명,보유수량,평가금액\n069500,KODEX 200,30,1114000\n360750,TIGER,12,221160\n"
FILLS = "order,side,ticker,shares,limit,filled,price,fee\na.b.01,BUY,069500,3,37000,3,36900,15\n"
PRICES = "date,close,dividend,split,volume\n2026-06-26,36900,,,120\n2026-06-29,37125,350,,99\n"


def holdings(draw: Random, folder: Path) -> None:
    file = folder / "h.csv"
    file.write_bytes(mutate.csv_file(draw, HOLDINGS))
    known = draw.choice((None, api.universe_of("krx-core").instruments))
    read_portfolio(file, known=known, currency=draw.choice(("KRW", "USD")))


def export(draw: Random, folder: Path) -> None:
    file = folder / "export.csv"
    file.write_bytes(mutate.csv_file(draw, EXPORT))
    settings = TicketSettings(
        kind="ticket",
        holdings="export.csv",
        ticker_column="종목코드",
        shares_column="보유수량",
        encoding=draw.choice(("utf-8", "cp949")),
    )
    read_holdings(file, given=settings.given)


def fills(draw: Random, folder: Path) -> None:
    broker = TicketBroker(TicketSettings(kind="ticket", holdings="h.csv"), context(folder))
    broker.submit(OrderRequest("a.b.01", DAY, Side.BUY, "069500", 3, 37_000))
    file = folder / "fills.csv"
    file.write_bytes(mutate.csv_file(draw, FILLS))
    if draw.random() < 0.2:
        file = folder / "tickets" / f"{DAY}.json"
        file.write_bytes(mutate.json_body(draw, [{"order": "a.b.01", "shares": 3, "filled": None}]))
    broker.take_fills(file)
    broker.orders(DAY)


def price_file(draw: Random, folder: Path) -> None:
    (folder / "mine.csv").write_bytes(mutate.csv_file(draw, PRICES))
    CsvFiles(folder).fetch(SeriesRequest("mine.csv", date(2020, 1, 1), date(2026, 12, 31)))


# -- market folders -------------------------------------------------------------------------------

EVENTS = "date,ticker,dividend,split\n"
FINDINGS = """date,subject,kind,severity,detail
2026-05-06,069500,gate.gone,serious,{}
2026-05-07,360750,finding.stale,notice,"{""sessions"": ""4""}"
"""
MANIFEST = """schema = 1
last = 2026-06-30
what = "a small folder"
[[file]]
path = "prices-kr.csv"
index = "date"
currency = "KRW"
exchange = "XKRX"
adjusted = "raw"
known = { at = "XKRX close", lag = 0 }
[[file]]
path = "events-kr.csv"
events_of = "prices-kr.csv"
[[file]]
path = "findings-kr.csv"
findings_of = "prices-kr.csv"
[[file]]
path = "signals.csv"
index = "date"
[file.columns]
vix = { unit = "points", known = { at = "XNYS close", lag = 0 } }
usdkrw = { unit = "won", known = { at = "12:00 America/New_York", lag = 1 } }
"""


@functools.cache
def small_folder() -> Mapping[str, str]:
    """Return the files of a market folder of forty sessions."""
    days = api.calendars()["XKRX"].sessions
    days = days[(days >= np.datetime64("2026-05-04")) & (days <= np.datetime64("2026-06-30"))]
    prices = [f"{day},{37_000 + 5 * (n % 7)},{18_000 + n},100000" for n, day in enumerate(days)]
    york = api.calendars()["XNYS"].sessions
    york = york[(york >= np.datetime64("2026-05-04")) & (york <= np.datetime64("2026-06-30"))]
    signals = [f"{day},{15 + n % 9}.5,1380.{n}" for n, day in enumerate(york)]
    return {
        "manifest.toml": MANIFEST,
        "prices-kr.csv": "\n".join(["date,069500,360750,148070", *prices]) + "\n",
        "events-kr.csv": f"{EVENTS}{days[9]},069500,350,\n{days[20]},148070,,2\n",
        "findings-kr.csv": FINDINGS,
        "signals.csv": "\n".join(["date,vix,usdkrw", *signals]) + "\n",
    }


def market(draw: Random, folder: Path) -> None:
    files = dict(small_folder())
    hurt = draw.choice(list(files))
    for name, text in files.items():
        change = mutate.toml_file if name.endswith(".toml") else mutate.csv_file
        content = change(draw, text) if name == hurt else text.encode()
        (folder / name).write_bytes(content)
    read_manifest(folder)
    opened = open_market(folder, calendars=api.calendars())
    found = findings(opened)
    coverage(opened, found)
    for finding in found:
        describe(finding, draw.choice(("ko", "en")))
    for exchange in sorted({table.exchange for table in opened.prices}):
        assert opened.as_of(opened.last_session(exchange), exchange).digest


# -- frames and arrays ----------------------------------------------------------------------------


def numbers(draw: Random, count: int) -> Any:
    """Return numbers with holes, infinities and extremes among them."""
    found = np.array([draw.gauss(0.05, 0.2) for _ in range(count)])
    for _ in range(draw.choice((0, 1, 1, 3))):
        if count:
            found[draw.randrange(count)] = draw.choice(
                (np.nan, np.inf, -np.inf, 0.0, 1e308, -1e308, 1e-320)
            )
    return found


def frame(draw: Random, folder: Path) -> None:
    """Solve for means and covariance with holes, doubled, unsorted or strange labels."""
    count = draw.choice((0, 1, 2, 3, 5))
    labels = draw.sample([*"abcdefgh"], count)
    root = np.array([[draw.gauss(0.0, 0.1) for _ in range(count)] for _ in range(count)])
    square = (root.reshape(count, count) @ root.reshape(count, count).T) if count else root
    mean: Any = numbers(draw, count)
    if draw.random() < 0.4 and count:
        square = square.copy()
        square[draw.randrange(count), draw.randrange(count)] = numbers(draw, 1)[0]
    if draw.random() < 0.7:
        rows = draw.sample(labels, count)
        if draw.random() < 0.15 and count > 1:
            rows[0] = rows[1]
        mean = pd.Series(mean, index=labels)
        square = pd.DataFrame(square.reshape(count, count), index=rows, columns=rows)
    wanted: dict[str, Any] = {"risk_aversion": draw.choice((0.5, 4.0, 0.0, -1.0, np.nan, 1e300))}
    if draw.random() < 0.3:
        wanted["bounds"] = draw.choice(((0.0, 0.1), (0.5, 0.2), (0.0, np.nan), (-1.0, 2.0)))
    if draw.random() < 0.3:
        wanted["volatility_max"] = draw.choice((0.0, -1.0, 1e-9, 0.1, np.nan))
    try:
        found = allocate(mean, square, **wanted)
    except ValueError:  # a programmer's mistake, by the contract of jeoul.errors
        return
    assert abs(np.asarray(found.weights).sum() - 1.0) < 1e-6


def signals(draw: Random, folder: Path) -> None:
    values = numbers(draw, draw.choice((0, 1, 5, 60)))
    sessions = draw.choice((1, 2, 5, 20, 500))
    with np.errstate(all="ignore"):
        change(values, sessions)
        difference(values, sessions)
        drawdown(values, sessions)
        distance_from_average(values, sessions)
        realised_volatility(values, max(sessions, 2), 250.0)
        ratio(values, numbers(draw, len(values)))


# -- answers of a broker --------------------------------------------------------------------------


class Watch:
    """A clock that moves only when someone waits."""

    def __init__(self) -> None:
        self.time = MORNING

    def now(self) -> float:
        return self.time

    def wait(self, seconds: float) -> None:
        self.time += seconds


def context(folder: Path) -> BrokerContext:
    return BrokerContext(
        state=folder,
        beside=folder.joinpath,
        calendar=api.calendars()["XKRX"],
        clock=Watch(),
        currency="KRW",
        secrets={
            "KIS_APPKEY": Secret("appkey-appkey"),
            "KIS_APPSECRET": Secret("appsecret-appsecret"),
            "KIS_ACCOUNT": Secret("12345678"),
        },
        price_events=lambda: PriceEvents(()),
    )


TOKEN = {
    "access_token": "token-token-token",
    "access_token_token_expired": "2026-03-05 09:00:00",
    "token_type": "Bearer",
    "expires_in": 86400,
}
BALANCE = {
    "rt_cd": "0",
    "msg_cd": "KIOK0510",
    "msg1": "조회가 완료되었습니다",
    "ctx_area_fk100": "",
    "ctx_area_nk100": "",
    "output1": [
        {"pdno": "069500", "hldg_qty": "30", "ord_psbl_qty": "30", "thdt_buyqty": "0"},
        {"pdno": "360750", "hldg_qty": "12", "ord_psbl_qty": "10", "thdt_sll_qty": "0"},
    ],
    "output2": [
        {
            "dnca_tot_amt": "3000000",
            "nxdy_excc_amt": "2900000",
            "prvs_rcdl_excc_amt": "2500000",
            "thdt_buy_amt": "0",
            "thdt_sll_amt": "0",
        }
    ],
}
ORDERS = {
    "rt_cd": "0",
    "msg_cd": "KIOK0510",
    "msg1": "",
    "output1": [
        {
            "ord_dt": "20260304",
            "ord_gno_brno": "91252",
            "odno": "0000000117",
            "orgn_odno": "",
            "sll_buy_dvsn_cd": "02",
            "pdno": "069500",
            "ord_qty": "3",
            "ord_unpr": "37000",
            "ord_tmd": "093000",
            "tot_ccld_qty": "1",
            "avg_prvs": "36900",
            "cncl_yn": "N",
            "tot_ccld_amt": "36900",
            "cncl_cfrm_qty": "0",
            "rmn_qty": "2",
            "rjct_qty": "0",
            "excg_id_dvsn_cd": "KRX",
        }
    ],
}
ORDERABLE = {"rt_cd": "0", "msg_cd": "KIOK0510", "output": {"nrcvb_buy_amt": "2500000"}}
ACCEPTED = {
    "rt_cd": "0",
    "msg_cd": "APBK0013",
    "msg1": "주문 전송 완료",
    "output": {"KRX_FWDG_ORD_ORGNO": "91252", "ODNO": "0000000118", "ORD_TMD": "093001"},
}
RIGHTS = {
    "rt_cd": "0",
    "msg_cd": "KIOK0510",
    "output": [
        {
            "rght_type_cd": "32",
            "bass_dt": "20260227",
            "rght_cblc_type_cd": "10",
            "shtn_pdno": "069500",
            "cblc_qty": "10",
            "last_alct_amt": "1000",
            "last_ftsk_chgs": "0",
            "cash_dfrm_dt": "20260303",
            "tax_amt": "154",
        }
    ],
}
HOLIDAYS = {"rt_cd": "0", "output": [{"bass_dt": "20260304", "opnd_yn": "Y"}]}
REFUSED = {"rt_cd": "1", "msg_cd": "EGW00201", "msg1": "초당 거래건수를 초과하였습니다."}


def answer(ask: Callable[[KisBroker], object], *bodies: Mapping[str, Any]) -> Work:
    """Return the work on one question: some answer of the broker comes out changed."""

    def work(draw: Random, folder: Path) -> None:
        mode = draw.choice(("real", "simulation"))
        broker = _broker(folder, mode)
        wrong = draw.randrange(4)
        asked = iter(range(10**6))

        def exchange(client: Any, request: Any, seconds: float) -> Reply:
            number = next(asked)
            if request.url.path.endswith("tokenP"):
                content = mutate.json_body(draw, TOKEN) if wrong == 0 else _plain(TOKEN)
                return Reply(200, {}, read_body(content))
            tree = draw.choice((*bodies, *bodies, *bodies, REFUSED))
            content = mutate.json_body(draw, tree) if wrong else _plain(tree)
            status = draw.choice((200, 200, 200, 200, 500, 403, 302))
            more = number < 40 and draw.random() < 0.1
            return Reply(status, {"tr_cont": "M"} if more else {}, read_body(content))

        kept, rest_client.exchange = rest_client.exchange, exchange  # type: ignore[attr-defined]
        try:
            ask(broker)
        finally:
            rest_client.exchange = kept  # type: ignore[attr-defined]

    return work


def _plain(tree: Any) -> bytes:
    return json.dumps(tree).encode()


@functools.cache
def _certified(mode: str) -> KisBroker:
    """Return a broker whose connection is never used: certificates are read once."""
    place = Path(tempfile.mkdtemp())
    return KisBroker(KisSettings(kind="kis", mode=mode), context(place))  # type: ignore[arg-type]


def _broker(folder: Path, mode: str) -> KisBroker:
    """Return a broker with a state and a clock of its own."""
    broker = copy.copy(_certified(mode))
    broker.clock, broker.state = Watch(), folder
    broker.window = OrderWindow(broker.calendar, broker.clock)
    line = broker.wire
    broker.wire = KisWire.__new__(KisWire)
    vars(broker.wire).update(vars(line))
    broker.wire.clock = broker.clock
    broker.wire.tokens = Tokens(folder / "token", "owner", broker.clock, broker.wire._new_token)
    broker.wire.client = Client.__new__(Client)
    vars(broker.wire.client).update(vars(line.client))
    broker.wire.client.clock, broker.wire.client._last = broker.clock, None
    return broker


def order(broker: KisBroker) -> object:
    return broker.submit(OrderRequest("a.b.01", DAY, Side.BUY, "069500", 3, 37_000))


OPEN_ORDER = BrokerOrder(
    "91252-0000000117", None, DAY, Side.BUY, "069500", 3, 37_000, OrderState.OPEN
)

KINDS: dict[str, Work] = {
    "strategy": toml(
        lambda file: load_strategy(str(file)),
        *(
            f"strategies/{name}.toml"
            for name in ("managed", "static", "k-all-weather", "sixty-forty")
        ),
    ),
    "universe": toml(load_universe, "data/universes/us-core.toml"),
    "config": toml(
        load_config, *(f"configs/{name}.toml" for name in ("paper", "ticket", "kis-simulation"))
    ),
    "person": toml(load_person, "configs/person-example.toml"),
    "spending and loans": toml(lambda file: means_of(file, DAY), "configs/person-example.toml"),
    "rates": toml(lambda file: rates_of(file, DAY), "data/starters/en/rates.toml"),
    "terms of an ELS": toml(lambda file: read_els(read_text(file), file.name), ELS),
    "tax statement": toml(read_statement, SETTLEMENT, CERTIFICATE),
    "certificate of withholding": statement,
    "account file": toml(load_account_file, "configs/account-example.toml"),
    "answers": toml(load_answers, "configs/answers-example.toml"),
    "worked cases": toml(load_cases, *(f"tests/korea/cases/{n}.toml" for n in ("isa", "orders"))),
    "fetch plan": toml(read_plan, "configs/fetch.toml"),
    "market folder": market,
    "holdings": holdings,
    "broker's export": export,
    "ticket": fills,
    "price file": price_file,
    "means and covariance": frame,
    "signals": signals,
    "broker: account": answer(lambda b: b.account(), BALANCE, ORDERABLE),
    "broker: orders": answer(lambda b: b.orders(DAY), ORDERS),
    "broker: order": answer(order, ACCEPTED),
    "broker: cancel": answer(lambda b: b.cancel(OPEN_ORDER), ACCEPTED, ORDERS),
    "broker: movements": answer(lambda b: b.movements(), RIGHTS),
    "broker: hours": answer(lambda b: b.hours(DAY), HOLIDAYS),
}
"""Every kind by its name, in the order in which they take turns."""
