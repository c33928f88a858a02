"""The plan page: the year, the years ahead, and a goal that is tried and never written."""

from __future__ import annotations

import re
import time
from hashlib import sha256
from pathlib import Path

import pytest
from served import Served, begun

GOAL = """
[goals.house]
amount = 90_000_000
by     = 2033-11-30
from   = ["general"]

[[flows]]
amount = 500_000
every  = "month"
from   = 2026-12-25
"""
PLANNED = {"goal": "house", "amount": "9,000만", "by": "2033-11-30"}


@pytest.fixture
def home(tmp_path: Path) -> Served:
    found = begun(tmp_path)
    file = tmp_path / "household.toml"
    text = re.sub(r"\n\[goals\..*?(?=\n\[|\Z)", "", file.read_text("utf-8"), flags=re.DOTALL)
    file.write_text(text + GOAL, "utf-8")
    return found


def shown(browser: Served, path: str = "/plan", lang: str = "en") -> str:
    """Return a page once everything on it is made."""
    for _ in range(1200):
        body: str = browser.get(path, lang=lang).body.decode()
        if 'class="making"' not in body:
            return body
        time.sleep(0.1)
    raise AssertionError("the page is never made")


def chances(page: str) -> list[str]:
    """Return every probability of a part of the page with its interval, as they are shown."""
    figures = re.findall(r"<dt>(?:Probability|As planned)</dt><dd>(.*?)</dd>.*?>(.*?)</dd>", page)
    return [" ".join(each) for each in figures]


def files(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_year_the_years_ahead_and_the_goals_are_shown(home: Served, lang: str) -> None:
    page = shown(home, lang=lang)
    assert "2028" in page
    for id in ("year-end", "years", "goal-0", "goals-basis"):
        assert f'<h2 id="{id}">' in page
    assert 'value="90,000,000"' in page
    assert page.count("<svg class=") >= 1


def test_the_plan_as_it_is_gives_the_probability_that_the_page_shows(home: Served) -> None:
    page = shown(home)
    (planned,) = chances(page)
    monthly = re.search(r'name="monthly"[^>]* value="([\d,]+)"', page)
    assert monthly is not None
    answer = home.post("/plan/try", {**PLANNED, "monthly": monthly[1]})
    assert chances(answer.body.decode()) == [planned, planned]


def test_more_saving_moves_probability_and_fan_and_writes_nothing(
    home: Served, tmp_path: Path
) -> None:
    (planned,) = chances(shown(home))
    before = files(tmp_path)
    less = home.post("/plan/try", {**PLANNED, "monthly": "0"}).body.decode()
    more = home.post("/plan/try", {**PLANNED, "monthly": "300만"}).body.decode()
    assert chances(less)[1] == chances(more)[1] == planned
    assert chances(less)[0].startswith("0%")
    assert chances(more)[0].startswith(("100%", "&gt;99%"))
    assert more.split("<svg", 1)[1] != less.split("<svg", 1)[1]
    assert files(tmp_path) == before


def test_everything_wrong_with_a_try_is_said_at_once(home: Served) -> None:
    shown(home)
    wrong = {"goal": "house", "amount": "0", "by": "2020-01-01", "monthly": "a lot"}
    said = home.post("/plan/try", wrong).body.decode()
    for name in ("Amount of the goal", "Needed by", "Saved each month"):
        assert name in said
    assert home.post("/plan/try", {**PLANNED, "goal": "x", "monthly": "1"}).status == 422


def test_opening_the_pages_writes_nothing(home: Served, tmp_path: Path) -> None:
    before = files(tmp_path)
    shown(home)
    shown(home, "/data")
    for path in (
        "/archive", "/archive/writing", "/data/fetch", "/data/market/0", "/data/market/9",
        "/plan/year", "/plan/goals",
    ):  # fmt: skip
        assert home.get(path).status in (200, 303)
    assert files(tmp_path) == before


def test_why_nothing_can_be_planned_is_said_in_each_part(home: Served, tmp_path: Path) -> None:
    file = tmp_path / "household.toml"
    file.write_text(file.read_text("utf-8") + '\n[data]\nfolder = "nowhere"\n', "utf-8")
    page = shown(home)
    assert "The year cannot be planned" in page
    assert "The goals cannot be simulated" in page
    assert page.count("nowhere") >= 2
    assert home.get("/plan/year").status == home.get("/plan/goals").status == 200
