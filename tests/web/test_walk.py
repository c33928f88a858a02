"""The pages in a real browser: the whole way from an empty folder to an approved paper order."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from looks import PATIENCE, chromium, faults_anywhere, misplaced_anywhere
from playwright.sync_api import Browser, ViewportSize
from playwright.sync_api import Page as Tab
from served import ANSWERS, begun

from jeoul.household.written.file import read_household
from jeoul.operations.letter.filing import file_letter

pytestmark = [pytest.mark.posix, pytest.mark.browser]

EXPORT = "종목코드,보유수량,평균단가\n069500,40,35000\n360750,100,17000\n예수금,1000000,\n"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@contextmanager
def serving(folder: Path, lang: str) -> Iterator[str]:
    """Give the address that `jeoul serve` prints in a folder."""
    command = [sys.executable, "-m", "jeoul", "serve", "--lang", lang]
    home = {"HOME": str(folder / "user"), "XDG_STATE_HOME": str(folder / "user")}
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, text=True, env={**os.environ, **home}
    )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:"), address
        yield address
    finally:
        process.terminate()
        process.communicate(timeout=30)


def looked_at(tab: Tab, name: str) -> None:
    """Hold that a page is accessible and legible in every width; its pictures have a name."""
    tab.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    assert misplaced_anywhere(tab, f"serve-{name}") == [], tab.url
    assert faults_anywhere(tab) == [], tab.url
    tab.emulate_media(color_scheme="light")
    tab.set_viewport_size(ViewportSize(width=1366, height=768))


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_from_an_empty_folder_to_an_approved_paper_order(
    browser: Browser, tmp_path: Path, lang: str
) -> None:
    export = tmp_path / "my-isa.csv"
    export.write_text(EXPORT, "cp949")
    wrong: list[str] = []
    with serving(tmp_path, lang) as address:
        here = address.partition("/?")[0]
        context = browser.new_context(bypass_csp=True)  # for axe alone; the policy has its own test
        tab = context.new_page()
        tab.set_default_timeout(PATIENCE)
        tab.on("request", lambda sent: wrong.append(sent.url) if here not in sent.url else None)
        tab.on("pageerror", lambda error: wrong.append(str(error)))
        tab.goto(address)
        tab.wait_for_url("**/begin")
        looked_at(tab, f"begin-{lang}")
        tab.fill("#born", "1990-04-05")
        tab.fill("#wages", "6,000만")
        tab.fill("#spending", "250만")
        for key, code in ANSWERS.items():
            tab.check(f'input[name={key}][value="{code}"]')
        tab.fill("#cash-general", "2천만")
        tab.set_input_files("#file-isa", export)
        tab.click("button.yes")
        tab.wait_for_selector('form[action="/today/freeze"]')
        looked_at(tab, f"planned-{lang}")
        tab.click('form[action="/today/freeze"] button')
        tab.wait_for_selector(".waits")
        looked_at(tab, f"waiting-{lang}")
        tab.click('form[action="/today/approve"] button')
        tab.wait_for_selector(".said")
        assert tab.inner_text(".said h2") == {"ko": "주문 완료", "en": "Orders placed"}[lang]
        for path in tab.eval_on_selector_all(
            "nav a", "links => links.map(link => link.getAttribute('href'))"
        ):
            tab.goto(f"{here}{path}")
            tab.wait_for_selector(".making", state="detached")
            looked_at(tab, f"{path[1:]}-{lang}")
        tab.goto(f"{here}/history")
        tab.click('main a[href^="/why"] >> nth=0')
        tab.wait_for_selector("h1")
        looked_at(tab, f"why-{lang}")
        tab.goto(f"{here}/nothing")
        looked_at(tab, f"refused-{lang}")
        context.close()
    assert [each for each in wrong if not each.startswith("data:")] == []


def test_a_policy_lets_no_script_of_a_page_run(browser: Browser, tmp_path: Path) -> None:
    with serving(tmp_path, "en") as address:
        tab = browser.new_page()
        tab.goto(address)
        tab.wait_for_url("**/begin")
        refused: list[str] = []
        tab.on("console", lambda said: refused.append(said.text))
        tab.evaluate(
            "document.body.append(Object.assign(document.createElement('script'),"
            " {textContent: 'window.ran = true'}))"
        )
        assert tab.evaluate("window.ran") is None
        assert any("Content Security Policy" in text for text in refused)
        tab.close()


def test_the_address_opens_in_one_browser_once(browser: Browser, tmp_path: Path) -> None:
    with serving(tmp_path, "en") as address:
        first, second = browser.new_context(), browser.new_context()
        tab = first.new_page()
        tab.goto(address)
        tab.wait_for_url("**/begin")
        assert "token" not in tab.url
        answer = second.new_page().goto(address)
        assert answer is not None
        assert answer.status == 401
        first.close()
        second.close()


GOAL = """
[goals.house]
amount = 90_000_000
by     = 2033-11-30
from   = ["general"]
"""
LETTER = (
    "<!doctype html><html lang='en'><title>A letter</title><style>h1{color:rgb(1,2,3)}</style>"
    "<main><h1>A letter</h1></main><script>window.ran = true</script>"
    "<script src='/static/htmx.min.js'></script></html>"
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Give a folder with a household that has a goal."""
    with ThreadPoolExecutor(1) as apart:  # playwright has a loop of its own in this thread
        apart.submit(begun, tmp_path).result().serving.kept.close()
    file = tmp_path / "household.toml"
    file.write_text(file.read_text("utf-8") + GOAL, "utf-8")
    return tmp_path


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_goal_moves_as_its_saving_is_typed(browser: Browser, home: Path, lang: str) -> None:
    with serving(home, lang) as address:
        context = browser.new_context(bypass_csp=True)
        tab = context.new_page()
        tab.set_default_timeout(PATIENCE)
        tab.goto(address)
        tab.wait_for_url("**/today")
        tab.goto(f"{address.partition('/?')[0]}/plan")
        tab.wait_for_selector("#monthly-0")
        planned = tab.inner_text(".trial dd >> nth=0")
        fan = tab.inner_html(".trial svg.chart")
        looked_at(tab, f"goal-{lang}")
        tab.fill("#monthly-0", "300만")
        tab.wait_for_selector(".trial dl > div >> nth=1")
        assert tab.inner_text(".trial dd >> nth=0") != planned
        assert tab.inner_html(".trial svg.chart") != fan
        looked_at(tab, f"goal-tried-{lang}")
        tab.click(".trial button[type=reset]")
        tab.wait_for_function(
            "was => document.querySelector('.trial dd').innerText == was", arg=planned
        )
        context.close()


def test_a_letter_shows_itself_and_runs_nothing(browser: Browser, home: Path) -> None:
    state = read_household(home / "household.toml").state
    file_letter(state, "2024Q2", "en", LETTER, None)
    with serving(home, "en") as address:
        context = browser.new_context()
        tab = context.new_page()
        tab.goto(address)
        tab.wait_for_url("**/today")
        tab.goto(f"{address.partition('/?')[0]}/archive")
        tab.click("text=Letter 2024Q2")
        tab.wait_for_selector("h1")
        colour = "getComputedStyle(document.querySelector('h1')).color"
        assert tab.evaluate(colour) == "rgb(1, 2, 3)"
        assert tab.evaluate("[window.ran, window.htmx]") == [None, None]
        context.close()
