"""The pages, asked as a browser asks them: the whole way from an empty folder to a paper order."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode

import pytest
from asgi import HOST, PORT, Answer, ask
from fastapi.routing import APIRoute
from served import ANSWERS, PERSON, form_of

from jeoul.account.holdings import read_holdings
from jeoul.household.written.file import read_household
from jeoul.operations.household.configs import account_configs
from jeoul.operations.ledger import ledger_of
from jeoul.operations.setup.clock import SystemClock
from jeoul.operations.setup.lock import locked
from jeoul.web.access import Access, change_secret, hosts_of
from jeoul.web.app import ROUTERS, create_app
from jeoul.web.place import ServedFiles
from jeoul.web.shared import Serving


class Browser:
    """One browser that has opened the first address."""

    def __init__(self, folder: Path) -> None:
        self.access = Access(PORT, hosts_of(PORT))
        place = ServedFiles(
            household=folder / "household.toml", configs=(), data=None, clock=SystemClock()
        )
        self.serving = Serving(place, self.access, "en")
        self.app = create_app(self.serving)
        first = ask(self.app, "/", query=f"token={self.access.invite()}")
        self.cookie = (first.header("set-cookie") or "").split(";")[0]
        self.change = change_secret(self.cookie.split("=", 1)[1])

    def get(self, path: str, query: str = "", lang: str | None = None) -> Answer:
        cookie = self.cookie if lang is None else f"{self.cookie}; jeoul_lang_{PORT}={lang}"
        return ask(self.app, path, query=query, headers=[("cookie", cookie)])

    def post(self, path: str, fields: dict[str, str], *, change: str | None = None) -> Answer:
        body = urlencode({**fields, "change": self.change if change is None else change})
        headers = [
            ("cookie", self.cookie),
            ("origin", f"http://{HOST}"),
            ("sec-fetch-site", "same-origin"),
            ("content-type", "application/x-www-form-urlencoded"),
            ("content-length", str(len(body))),
        ]
        return ask(self.app, path, method="POST", headers=headers, body=[body.encode()])

    def planned(self) -> Answer:
        """Return the page of today once its plan is made."""
        for _ in range(600):
            answer = self.get("/today")
            if b"/today/plan" not in answer.body:
                return answer
            time.sleep(0.1)
        raise AssertionError("the plan is never made")


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    found = Browser(tmp_path)
    yield found
    found.serving.kept.close()


@pytest.fixture
def home(browser: Browser) -> Browser:
    """Give a browser whose household has been written by the first page."""
    answer = browser.post("/begin", {**PERSON, **ANSWERS, "cash-general": "2천만"})
    assert (answer.status, answer.header("location")) == (303, "/today"), answer.body.decode()
    return browser


def ordered(browser: Browser) -> bool:
    """Return whether the paper account has orders: they fill at the close of their session."""
    file = browser.serving.place.household
    assert file is not None
    (config,) = account_configs(read_household(file)).values()
    with closing(ledger_of(config)) as ledger:
        return bool(ledger.rows("SELECT 1 FROM order_events WHERE state = 'acknowledged'"))


@pytest.mark.parametrize(
    ("typed", "cents"), [("1,234.56", 123_456), ("$1,000", 100_000), ("2천", 200_000)]
)
def test_cash_of_an_overseas_account_is_in_dollars(
    browser: Browser, typed: str, cents: int
) -> None:
    answer = browser.post("/begin", {**PERSON, **ANSWERS, "cash-overseas": typed})
    assert answer.status == 303, answer.body.decode()
    assert browser.serving.place.household is not None
    file = browser.serving.place.household.parent / "holdings" / "overseas.csv"
    assert read_holdings(file, currency="USD").cash == cents


@pytest.mark.parametrize("typed", ["₩1,000", "1.234", "원"])
def test_cash_that_is_no_amount_of_dollars_is_refused(browser: Browser, typed: str) -> None:
    answer = browser.post("/begin", {**PERSON, **ANSWERS, "cash-overseas": typed})
    assert answer.status == 422


def test_an_empty_folder_leads_to_the_first_page(browser: Browser) -> None:
    assert browser.get("/today").header("location") == "/begin"
    assert b'action="/begin"' in browser.get("/begin").body


def test_everything_wrong_with_the_first_form_is_said_at_once(browser: Browser) -> None:
    answer = browser.post("/begin", {"born": "tomorrow", "wages": "a lot", "spending": "-1"})
    page = answer.body.decode()
    assert answer.status == 422
    for said in (
        "Date of birth: enter a day",
        "Gross wages",
        "Monthly spending",
        "Orders",
        "How do",
    ):
        assert said in page or said == "How do"
    assert page.count("choose an answer") == 7
    assert 'value="a lot"' in page
    file = browser.serving.place.household
    assert file is not None
    assert not file.exists()


def test_answers_without_a_portfolio_are_a_profile_that_is_shown(browser: Browser) -> None:
    cautious = {**ANSWERS, "loss": "none", "experience": "deposit", "knowledge": "very_low"}
    answer = browser.post("/begin", {**PERSON, **cautious, "cash-general": "2천만"})
    assert answer.status in (303, 422)


def test_from_the_first_page_to_a_paper_order(home: Browser) -> None:
    shown = home.planned()
    frozen = home.post("/today/freeze", form_of(shown, "/today/freeze"))
    assert b"/today/approve" in frozen.body
    body = frozen.body.decode()
    assert body.count("health insurance status of me") == 1  # what is noted is not said twice
    assert body.index("/today/approve") < body.index("health insurance status of me")
    assert not ordered(home)
    done = home.post("/today/approve", form_of(frozen, "/today/approve"))
    assert b"Orders placed" in done.body
    assert ordered(home)


def test_a_rejected_plan_is_never_sent(home: Browser) -> None:
    frozen = home.post("/today/freeze", form_of(home.planned(), "/today/freeze"))
    fields = form_of(frozen, "/today/approve")
    home.post("/today/reject", form_of(frozen, "/today/reject"))
    again = home.post("/today/approve", fields)
    assert again.status == 422
    assert not ordered(home)


def test_another_plan_than_the_one_that_was_shown_is_not_approved(home: Browser) -> None:
    frozen = home.post("/today/freeze", form_of(home.planned(), "/today/freeze"))
    fields = form_of(frozen, "/today/approve")
    answer = home.post("/today/approve", {**fields, "digest": "0" * 64})
    assert answer.status == 422
    assert b"no longer waiting" in answer.body
    assert not ordered(home)


def test_two_windows_that_approve_the_same_plan_do_it_once(home: Browser) -> None:
    frozen = home.post("/today/freeze", form_of(home.planned(), "/today/freeze"))
    fields = form_of(frozen, "/today/approve")
    with ThreadPoolExecutor(2) as windows:
        answers = list(windows.map(lambda _: home.post("/today/approve", fields), range(2)))
    assert {answer.status for answer in answers} <= {200, 409, 422}
    assert any(answer.status == 200 for answer in answers)
    file = home.serving.place.household
    assert file is not None
    (config,) = account_configs(read_household(file)).values()
    with closing(ledger_of(config)) as ledger:
        (row,) = ledger.rows("SELECT COUNT(*) AS n FROM run_events WHERE event = 'approved'")
        sent = ledger.rows("SELECT intent FROM order_events WHERE state = 'acknowledged'")
    assert row["n"] == 1
    assert len(sent) == len({each["intent"] for each in sent}) > 0


def test_another_run_at_work_is_said_and_changes_nothing(home: Browser) -> None:
    fields = form_of(home.planned(), "/today/freeze")
    file = home.serving.place.household
    assert file is not None
    with locked(read_household(file).state):
        answer = home.post("/today/freeze", fields)
    assert answer.status == 409
    assert b"Another run is working" in answer.body


def paths(method: str) -> list[str]:
    routes = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    return [route.path for route in routes if method in (route.methods or ())]


def test_every_change_needs_the_secret_of_its_page(home: Browser) -> None:
    assert "/today/approve" in paths("POST")
    for path in paths("POST"):
        for secret in ("", "0" * 64, change_secret("another session")):
            answer = home.post(path, {"name": "x", "digest": "y"}, change=secret)
            assert answer.status in (403, 422), (path, answer.status)
            assert b"/today/approve" not in answer.body
    assert paths("PUT") == paths("DELETE") == paths("PATCH") == []


def test_opening_pages_writes_nothing_beside_the_files(home: Browser, tmp_path: Path) -> None:
    home.planned()
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    for path in paths("GET"):
        if "{" not in path:
            assert home.get(path).status in (200, 303), path
    after = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert after == before


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_a_page_refers_to_no_other_host_and_has_its_landmarks(home: Browser, lang: str) -> None:
    home.planned()
    for each in home.serving.menu:
        page = home.get(each.path, lang=lang).body.decode()
        assert f'<html lang="{lang}">' in page
        assert page.count("<h1") == 1
        assert page.count("<main") == 1
        links = re.findall(r'(?:src|href|action)="([^"]*)"', page)
        assert all(link.startswith(("/", "#")) for link in links), links
        assert "http" not in re.sub(r'xmlns="[^"]*"', "", page)


def test_a_plan_that_cannot_be_made_is_said_where_it_is_waited_for(
    home: Browser, tmp_path: Path
) -> None:
    (tmp_path / "holdings" / "general.csv").write_text("ticker,shares\n069500,1.5\n", "utf-8")
    home.planned()
    answer = home.get("/today/plan")
    assert answer.status == 200
    assert b"No plan could be made today" in answer.body
    assert b"/today/plan" not in answer.body
