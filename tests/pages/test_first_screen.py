"""What to do today is what a reader of the report sees first, on a desktop and on a phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from kinds import report_of_holdings
from looks import SIZES, chromium, faults, misplaced
from playwright.sync_api import Browser, ViewportSize
from playwright.sync_api import Page as Tab

Open = Callable[[str, str], Tab]

pytestmark = [pytest.mark.posix, pytest.mark.browser]

SCREENS = {"desktop": 1, "phone": 2}
"""The screen in which the first order lies."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def opened(browser: Browser) -> Iterator[Open]:
    tabs: list[Tab] = []

    def open_page(page: str, size: str) -> Tab:
        width, height = SIZES[size]
        tab = browser.new_page(viewport=ViewportSize(width=width, height=height))
        tabs.append(tab)
        tab.set_content(page, wait_until="load")
        return tab

    yield open_page
    for tab in tabs:
        tab.close()


@pytest.fixture(scope="module")
def real_report(market_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    place = tmp_path_factory.mktemp("report")
    page: str = report_of_holdings(place, "ko", "--data", str(market_folder))
    return page


def assert_first_screen(tab: Tab, size: str) -> None:
    height = SIZES[size][1]
    box = tab.locator("#today tbody tr").first.bounding_box()
    assert box is not None
    assert box["y"] > 0
    assert box["y"] + box["height"] <= SCREENS[size] * height
    shown = tab.locator("#today article").first.locator("tbody tr:visible")
    assert shown.count() <= 5
    market = tab.locator("#stance table")
    assert market.count() == 0 or not market.is_visible()


@pytest.mark.parametrize("size", SCREENS)
def test_the_first_order_is_on_the_first_screens(
    made: Callable[[str, str], str], opened: Open, size: str
) -> None:
    tab = opened(made("report", "en"), size)
    assert_first_screen(tab, size)
    more = tab.locator("#today details.more").first
    more.locator("summary").click()
    assert more.locator("tbody tr").first.is_visible()


@pytest.mark.slow
@pytest.mark.parametrize("size", SCREENS)
def test_it_is_so_on_real_data(real_report: str, opened: Open, size: str) -> None:
    tab = opened(real_report, size)
    assert_first_screen(tab, size)
    tab.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    assert misplaced(tab) == []
    assert faults(tab) == []
