"""The archive: what is listed is opened and nothing else, and a letter is the command's own."""

from __future__ import annotations

import time
from pathlib import Path
from urllib.parse import quote

import pytest
from asgi import Answer
from served import Served, begun, form_of

from jeoul.household.written.file import read_household
from jeoul.operations.letter.filing import file_letter, filed

PLANTED = "<!doctype html><title>a letter</title><script>alert(1)</script>"


@pytest.fixture
def home(tmp_path: Path) -> Served:
    return begun(tmp_path)


def state(browser: Served) -> Path:
    file = browser.serving.place.household
    assert file is not None
    return read_household(file).state


def written(browser: Served) -> Answer:
    """Return the archive once the letter that was begun has ended."""
    for _ in range(1200):
        if not browser.serving.letter.running:
            return browser.get("/archive")
        time.sleep(0.1)
    raise AssertionError("the letter is never written")


def test_letters_are_listed_by_quarter_and_opened_as_they_were_filed(home: Served) -> None:
    file_letter(state(home), "2024Q1", "ko", PLANTED, None)
    file_letter(state(home), "2024Q2", "en", PLANTED, None)
    file_letter(state(home), "2024Q2", "en", PLANTED + "!", None)
    page = home.get("/archive").body.decode()
    order = ["2024Q2-en.2.html", "2024Q2-en.html", "2024Q1-ko.html"]
    assert sorted(order, key=page.index) == order
    answer = home.get("/archive/letter/household/2024Q2-en.html")
    assert answer.body.decode() == PLANTED


def test_a_letter_may_show_itself_and_do_nothing(home: Served) -> None:
    file_letter(state(home), "2024Q2", "en", PLANTED, None)
    answer = home.get("/archive/letter/household/2024Q2-en.html")
    policies = [value for name, value in answer.headers if name == "content-security-policy"]
    own = next(each for each in policies if "sandbox" in each)
    assert len(policies) == 2  # a browser keeps both: the second only forbids more
    assert "script-src" not in own
    assert "default-src 'none'" in own
    assert {"style-src 'unsafe-inline'", "font-src data:"} <= set(own.split("; "))


HOSTILE = (
    "../ledger.sqlite3", "..%2f..%2fhousehold.toml", "%2e%2e", "..", ".", "/etc/passwd",
    "2024Q2-en.html/..", "2024Q2-en.html%00", "2024Q2-en.html.partial", "2024Q3-en.html",
    "2024q2-EN.html", "notes.txt", "..\\ledger.sqlite3", "2024Q2-en.0.html", "2024Q2-en.1.html",
)  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_not_listed_is_not_found(home: Served, name: str) -> None:
    file_letter(state(home), "2024Q2", "en", PLANTED, None)
    (state(home) / "letters" / "notes.txt").write_text("a secret")
    for path in (f"/archive/letter/household/{name}", f"/archive/letter/{name}/2024Q2-en.html"):
        for asked in (path, quote(path)):
            answer = home.get(asked)
            assert answer.status == 404
            assert b"a secret" not in answer.body
            assert b"a letter" not in answer.body


@pytest.mark.parametrize("shelf", ["", "account:", "account:nobody", "HOUSEHOLD"])
def test_a_letter_is_opened_from_its_own_shelf_alone(home: Served, shelf: str) -> None:
    file_letter(state(home), "2024Q2", "en", PLANTED, None)
    assert home.get(f"/archive/letter/{shelf}/2024Q2-en.html").status == 404
    answer = home.post("/archive/write", {"quarter": "2026Q1", "shelf": shelf or "none"})
    assert answer.status == 404
    assert home.serving.letter.error is None


def test_why_a_letter_cannot_be_written_is_shown(home: Served) -> None:
    answer = home.post("/archive/write", {"quarter": "2026Q1", "shelf": "household"})
    assert (answer.status, answer.header("location")) == (303, "/archive")
    page = written(home).body.decode()
    assert "The letter cannot be written" in page
    assert not filed(state(home))
    wrong = home.post("/archive/write", {"quarter": "2026-Q1", "shelf": "household"})
    assert wrong.status == 422


def test_a_letter_is_written_and_then_listed(home: Served) -> None:
    frozen = home.post("/today/freeze", form_of(home.made("/today"), "/today/freeze"))
    home.post("/today/approve", form_of(frozen, "/today/approve"))
    assert b"<option>2026Q2</option>" in home.get("/archive").body
    home.post("/archive/write", {"quarter": "2026Q2", "shelf": "household"})
    page = written(home).body.decode()
    (letter,) = filed(state(home))
    assert f"/archive/letter/household/{letter.name}" in page
    assert b"2026Q2" in home.get(f"/archive/letter/household/{letter.name}").body
