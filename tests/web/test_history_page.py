"""History and Why: decisions, what they came to, and one order back to the ledger's row."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from html import unescape

import pytest
from served import Served, text_of

from jeoul.messages import say
from jeoul.operations.setup.clock import SystemClock
from jeoul.operations.setup.config import load_config
from jeoul.operations.setup.request import RunRequest
from jeoul.reporting.charts.lines import Stretch
from jeoul.web.pages.history import cuts
from jeoul.workspace.live import run_once
from jeoul.workspace.past import PastDecision

CONFIG = """schema = 1
name = "mine"
strategy = "managed"
profile = "balanced"
state = "state"
lang = "en"
[broker]
kind = "paper"
cash = 30_000_000
deposits = { "2026-05-04" = 1_000_000 }
"""


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    file = tmp_path_factory.mktemp("mine") / "mine.toml"
    file.write_text(CONFIG, "utf-8")
    for day in (date(2026, 4, 1), date(2026, 5, 6)):
        run_once(load_config(file), RunRequest(execute=True, as_of=day), SystemClock())
    found = Served(file)
    yield found
    found.serving.kept.close()


def first_why(mine: Served) -> str:
    link = re.search(r'href="/why\?([^"]*)"', mine.made("/history").body.decode())
    assert link is not None
    return unescape(link[1])


def test_decisions_come_newest_first_with_what_is_known_of_them(mine: Served) -> None:
    page, invested = text_of(mine.made("/history")), say("en", "hindsight.cause_invested")
    assert page.index("2026-05-0") < page.index(f"2026-04-01 {invested}")
    assert re.search(r"After 30 days [+−]₩[\d,]+", page)
    assert "After 365 days not known yet" in page


def test_a_decision_is_made_again_from_what_was_kept_of_it(mine: Served) -> None:
    run = dict(part.split("=") for part in first_why(mine).split("&"))["run"]
    answer = mine.post("/history/replay", {"account": "mine", "run": run})
    assert "The decision comes out the same." in text_of(answer)
    unknown = mine.post("/history/replay", {"account": "mine", "run": "mine.managed.1999-01-04"})
    assert "cannot be replayed" in text_of(unknown)


def test_why_leads_an_order_back_to_the_hash_of_its_row(mine: Served) -> None:
    page = text_of(mine.get("/why", first_why(mine) + "&order=1"))
    ledger = mine.serving.place.configs[0].parent / "state" / "ledger.sqlite3"
    with closing(sqlite3.connect(f"file:{ledger}?mode=ro", uri=True)) as rows:
        wanted = rows.execute(
            "SELECT hash, inputs_id, json_extract(plan, '$.snapshot') FROM intents i "
            "JOIN chain USING (seq) JOIN runs r USING (run_id) WHERE i.number = 1 ORDER BY i.seq"
        ).fetchall()[-1]
    assert all(text in page for text in wanted)
    assert "Market: normal" in page
    assert re.search(r"Fee ₩\d", page)


def test_every_signal_is_read_again_from_the_data_of_the_decision(mine: Served) -> None:
    page = mine.made_part("/why/latches", "account=mine&run=mine.managed.2026-04-01")
    rows = re.findall(r"<tr><th scope=\"row\">(.*?)</th>.*?<small>(.*?)</small>", page)
    assert "VIX" in dict(rows)
    assert all(day <= "2026-04-02" for _, day in rows if day.startswith("20"))


@pytest.mark.parametrize("query", ["run=nobody", "run=mine.managed.2026-04-01&order=99"])
def test_an_order_that_is_not_there_is_said(mine: Served, query: str) -> None:
    page = text_of(mine.get("/why", query))
    assert "no ledger has the run" in page or "no order 99" in page


def test_why_without_a_run_leads_to_the_history(mine: Served) -> None:
    assert mine.get("/why").header("location") == "/history"


def test_a_cut_lasts_until_every_account_is_back_at_its_target() -> None:
    course = [("a", 1, 1.0), ("a", 2, 0.5), ("b", 3, 0.25), ("a", 4, 1.0), ("b", 5, 1.0)]
    decisions = [decided(account, day, scale) for account, day, scale in reversed(course)]
    assert cuts(decisions) == (Stretch(date(2026, 1, 2), date(2026, 1, 5), 0.75),)
    assert cuts(decisions[2:]) == (Stretch(date(2026, 1, 2), None, 0.75),)


def decided(account: str, day: int, scale: float) -> PastDecision:
    return PastDecision(
        account=account,
        currency="KRW",
        run_id=f"{account}.{day}",
        session=date(2026, 1, day),
        reasons=(),
        scale=scale,
        sells=1,
        buys=0,
    )
