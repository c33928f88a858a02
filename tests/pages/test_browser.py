"""Every page in a browser: accessible, without a request or an error, and no text cut off.

The browser is the system's chromium; one that is missing fails these tests and does not skip them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from looks import (
    LOOKS,
    PATIENCE,
    SIZES,
    chromium,
    faults,
    faults_anywhere,
    fills,
    misplaced,
    misplaced_anywhere,
)
from playwright.sync_api import Browser, ViewportSize
from playwright.sync_api import Page as Tab

Page = Callable[[str, str], str]
Open = Callable[..., Tab]
pytestmark = [pytest.mark.posix, pytest.mark.browser]


@pytest.fixture(scope="module")  # two of them at once in one process are refused
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def tab(browser: Browser, made: Page) -> Iterator[Open]:
    """Open a page as a reader has it, with all folds open; it may ask nobody for anything."""
    asked: list[str] = []
    tabs: list[Tab] = []

    def open_tab(kind: str, language: str, size: str, make: Page = made) -> Tab:
        width, height = SIZES[size]
        tab = browser.new_page(viewport=ViewportSize(width=width, height=height))
        tab.set_default_timeout(PATIENCE)
        tab.on("request", lambda sent: asked.append(sent.url))
        tab.on("pageerror", lambda error: asked.append(str(error)))
        tabs.append(tab)
        tab.set_content(make(kind, language), wait_until="load")
        tab.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
        return tab

    yield open_tab
    for each in tabs:
        each.close()
    assert [url for url in asked if not url.startswith("data:")] == []


def test_a_page_has_no_fault_of_accessibility(tab: Open, kind: str, language: str) -> None:
    """Each size in each mode is seen once, half of them in each language."""
    looks = LOOKS[::2] if language == "ko" else LOOKS[1::2]
    assert faults_anywhere(tab(kind, language, "phone"), looks) == []


@pytest.mark.slow
def test_it_is_so_on_real_data(tab: Open, kind: str, made_of_real_data: Page) -> None:
    seen = tab(kind, "ko", "phone", made_of_real_data)
    assert misplaced_anywhere(seen, f"{kind}-real") == []
    assert faults_anywhere(seen) == []


def test_no_text_is_cut_off_lies_on_another_or_is_too_small(
    tab: Open, kind: str, language: str
) -> None:
    seen = tab(kind, language, "desktop")
    assert misplaced_anywhere(seen, f"{kind}-{language}") == []


def test_a_print_has_no_half_empty_page_but_the_last(tab: Open, kind: str, language: str) -> None:
    seen = tab(kind, language, "desktop")
    seen.evaluate("document.querySelectorAll('details').forEach(each => { each.open = false })")
    assert [round(each, 2) for each in fills(seen)[:-1] if each < 0.5] == []


def test_a_half_empty_page_is_seen(browser: Browser) -> None:
    tab = browser.new_page()
    tab.set_content(
        "<style>@page{size:A4;margin:16mm 14mm}p{break-before:page}</style>"
        "<p style='height:100mm'>.</p>one<p>two</p>three"
    )
    half, last = fills(tab)
    assert half == pytest.approx(0.4, abs=0.03)
    assert last < 0.1


@pytest.mark.parametrize("size", SIZES)
def test_every_chart_of_the_kit_is_legible(tab: Open, size: str) -> None:
    seen = tab("gallery", "ko", size)
    assert misplaced(seen) == []
    assert faults(seen) == []


def test_what_is_wrong_is_seen(browser: Browser) -> None:
    """Both audits find a page that is made wrong on purpose."""
    tab = browser.new_page(viewport=ViewportSize(width=390, height=844))
    tab.set_content(
        "<html><body style='margin:0;color:#999'><p style='width:900px'>"
        + "wide " * 60
        + "</p><p style='font-size:8px'>small</p><p style='width:20px;overflow:hidden'>cutcut</p>"
        "<figure><svg><text y=20>one</text><text y=22>two</text></svg></figure></body></html>"
    )
    seen = {fault.partition(":")[0] for fault in misplaced(tab)}
    assert seen == {
        "the page scrolls sideways",
        "off the page",
        "too small",
        "cut off",
        "over one another",
    }
    found = {fault.partition(":")[0] for fault in faults(tab)}
    assert {"color-contrast", "html-has-lang", "document-title"} <= found
