"""The data page: what it says of a folder, and a fetch from a vendor on this machine."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import vendor as protocol
from served import Served, begun

from jeoul.market.fetching import asking
from jeoul.workspace.fetching import plan_for

PLAN = """\
schema = 1
name   = "test"
what   = "closes of a vendor on this machine"
start  = 2024-04-01
store  = "store"
folder = "market"

[sources.yahoo]
interval = 0.0
attempts = 1

[[prices]]
path     = "prices-kr.csv"
what     = "closes"
exchange = "XKRX"
currency = "KRW"
source   = "yahoo"
suffix   = ".KS"
tickers  = ["069500", "148070"]
"""
BROKEN = PLAN + 'symbols  = { "148070" = "E500" }\n'


@pytest.fixture
def home(tmp_path: Path) -> Served:
    return begun(tmp_path)


@pytest.fixture
def fetching(home: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """Give a household with a folder of its own, which a vendor on this machine fills."""
    file = tmp_path / "household.toml"
    file.write_text(file.read_text("utf-8") + '\n[data]\nfolder = "market"\n', "utf-8")
    with protocol.serving() as running:
        there = partial(protocol.in_place_of_all, running.port)
        monkeypatch.setattr(asking, "connect", there)
        yield home


def shown(browser: Served, lang: str = "en") -> str:
    """Return the page once every folder has been read."""
    for _ in range(600):
        body: str = browser.get("/data", lang=lang).body.decode()
        if 'class="making"' not in body:
            return body
        time.sleep(0.1)
    raise AssertionError("the folder is never read")


def fetched(browser: Served) -> str:
    """Return the page after a fetch that was begun has ended."""
    assert browser.post("/data/fetch", {}).status == 303
    for _ in range(900):
        if browser.get("/data/fetch").header("hx-refresh") == "true":
            return shown(browser)
        time.sleep(0.1)
    raise AssertionError("the fetch never ends")


@pytest.mark.parametrize(
    ("lang", "said"), [("en", "nothing to fetch"), ("ko", "수집할 시세가 없습니다")]
)
def test_on_the_sample_there_is_nothing_to_fetch(home: Served, lang: str, said: str) -> None:
    page = shown(home, lang)
    assert said in page
    assert 'action="/data/fetch"' not in page
    assert home.post("/data/fetch", {}).status == 422
    assert not home.serving.fetch.running


def test_without_a_plan_the_page_says_how_to_make_one(fetching: Served) -> None:
    page = shown(fetching)
    assert "configs/fetch.toml" in page
    assert "the first fetch writes it" in page
    assert fetching.post("/data/fetch", {}).status == 422


def test_a_fetch_fills_the_folder_that_the_page_then_shows(
    fetching: Served, tmp_path: Path
) -> None:
    (tmp_path / "fetch.toml").write_text(PLAN, "utf-8")
    assert 'action="/data/fetch"' in shown(fetching)
    assert not (tmp_path / "market").exists()
    page = fetched(fetching)
    assert "2 series: 2 requested" in page
    assert '<td data-label="Newest price">2024-06-28</td>' in page
    assert (tmp_path / "market" / "manifest.toml").is_file()


def test_a_series_that_did_not_come_is_named(fetching: Served, tmp_path: Path) -> None:
    (tmp_path / "fetch.toml").write_text(BROKEN, "utf-8")
    page = fetched(fetching)
    assert "part of it needs your attention" in page
    assert "yahoo E500: the source failed" in page


def test_a_plan_with_mistakes_is_said_and_not_fetched(fetching: Served, tmp_path: Path) -> None:
    (tmp_path / "fetch.toml").write_text(PLAN.replace('"yahoo"', '"yahu"'), "utf-8")
    page = shown(fetching)
    assert "yahu" in page
    assert fetching.post("/data/fetch", {}).status == 422


def test_one_fetch_at_a_time_with_how_far_it_is(fetching: Served, tmp_path: Path) -> None:
    (tmp_path / "fetch.toml").write_text(PLAN, "utf-8")
    go_on, begun = Event(), []

    def slow(step: Any) -> Any:
        begun.append(1)
        step("069500")
        go_on.wait(30)
        raise KeyError  # its outcome is not what is asked about

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("threading.excepthook", lambda _: None)
        fetching.serving.fetch.begin(slow, 2)
        while fetching.serving.fetch.progress.done < 1:
            time.sleep(0.01)
        assert b"1 of 2 series. 069500" in fetching.get("/data/fetch").body
        assert fetching.post("/data/fetch", {}).status == 303
        assert begun == [1]
        go_on.set()
        while fetching.serving.fetch.running:
            time.sleep(0.01)
        time.sleep(0.1)
    assert "The fetch failed" in shown(fetching)


def test_a_plan_belongs_to_the_folder_that_it_writes(tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_text(PLAN, "utf-8")
    (tmp_path / "half.toml").write_text("schema = ", "utf-8")
    found = plan_for(tmp_path / "market", [tmp_path])
    assert found is not None
    assert (found.path.name, found.store, found.target) == (
        "plan.toml", tmp_path / "store", tmp_path / "market",
    )  # fmt: skip
    assert plan_for(tmp_path / "another", [tmp_path]) is None


DAMAGED = (
    "schema = 1\nlast = 2024-06-28\n[[file]]\npath = 'p.csv'\nindex = 'date'\n"
    "currency = 'KRW'\nexchange = 'XKRX'\nadjusted = 'raw'\nknown = { at = 'XKRX close' }\n"
)


CONFIG = """schema   = 1
name     = "mine"
strategy = "managed"
profile  = "balanced"
account  = "general"
broker   = { kind = "paper", cash = 10_000_000 }
state    = "state"
"""


def test_configs_have_data_and_letters_and_no_plan_of_a_household(tmp_path: Path) -> None:
    browser, file = Served(tmp_path / "household.toml"), tmp_path / "mine.toml"
    file.write_text(CONFIG, "utf-8")
    browser.serving.place = replace(browser.serving.place, household=None, configs=(file,))
    assert "belong to a household" in browser.get("/plan").body.decode()
    assert "nothing to fetch" in shown(browser)
    assert '<option value="account:mine">mine</option>' in browser.get("/archive").body.decode()
    for path in ("/plan/year", "/plan/goals"):
        assert browser.get(path).status == 422


@pytest.mark.parametrize(
    ("lang", "name", "remedy"),
    [
        ("en", "KIWOOM Korea Treasury Bond 10Y", "correct the price"),
        ("ko", "KIWOOM 국고채10년", "가격을"),
    ],
)
def test_what_stops_a_run_is_named_with_what_releases_it(
    fetching: Served, tmp_path: Path, lang: str, name: str, remedy: str
) -> None:
    folder = tmp_path / "market"
    folder.mkdir()
    (folder / "manifest.toml").write_text(DAMAGED, "utf-8")
    rows = ["2024-06-26,100,100", "2024-06-27,101,101", "2024-06-28,300,300"]
    (folder / "p.csv").write_text("\n".join(["date,148070,999990", *rows, ""]), "utf-8")
    page = shown(fetching, lang)
    stops, others = page.split('id="stops-0"')[1].split("</table>")[:2]
    assert name in stops
    assert remedy in stops
    assert "999990" not in stops
    assert "999990" in others
