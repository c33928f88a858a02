"""Every page in a browser: accessible, without a request or an error, and no text cut off.

The browser is the system's chromium; one that is missing fails these tests and does not skip them.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, ViewportSize, sync_playwright
from playwright.sync_api import Page as Tab

AXE = Path(__file__).parent / "axe" / "axe.min.js"
SIZES = {"phone": (390, 844), "desktop": (1366, 768)}
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
SMALLEST = 11.5  # pixels of the smallest text
Page = Callable[[str, str], str]
Open = Callable[..., Tab]

pytestmark = pytest.mark.posix

LOOKS = [*product(SIZES, SCHEMES, ["ko"]), ("phone", "dark", "en")]
"""What axe sees of each kind: colours and widths are the same in both languages."""

AUDIT = """async () => {
  const found = await axe.run(document, {resultTypes: ["violations"]})
  return found.violations.map(fault => fault.id + ": " +
    fault.nodes.slice(0, 3).map(node => node.target + " " + node.failureSummary).join(" | "))
}"""

# Every text that is shown, by the box of its letters: it has to lie on the page, inside the boxes
# that would cut it off, and clear of the other texts of its drawing.
BOXES = """(smallest) => {
  const found = [], width = document.documentElement.clientWidth
  const blame = (why, text, box) =>
    found.push(`${why}: "${text.trim().slice(0, 40)}" ${[box.left, box.top, box.right]}`)
  if (document.documentElement.scrollWidth > width) found.push("the page scrolls sideways")
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  const drawings = new Map()
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement, text = node.data
    if (!text.trim() || element.closest("style, title, .skip")) continue
    if (!element.checkVisibility()) continue
    if (getComputedStyle(element.closest("thead") ?? element).clipPath !== "none") continue
    const range = document.createRange()
    range.selectNodeContents(node)
    const boxes = [...range.getClientRects()].filter(box => box.width > 0 && box.height > 0)
    if (boxes.length && parseFloat(getComputedStyle(element).fontSize) < smallest)
      blame("too small", text, boxes[0])
    const scroller = element.closest(".scroll")
    for (const box of boxes) {
      if (!scroller && (box.left < 0 || box.right > width + 0.5)) blame("off the page", text, box)
      for (let up = element; up && up !== scroller && up !== document.body; up = up.parentElement) {
        const edge = up.getBoundingClientRect()
        if (getComputedStyle(up).overflowX !== "visible" &&
            (box.right > edge.right + 1 || box.left < edge.left - 1)) blame("cut off", text, box)
      }
      const drawing = element.closest("svg") && element.closest("figure")
      const others = drawings.get(drawing) ?? []
      for (const [other, taken] of drawing ? others : []) {
        const across = Math.min(box.right, taken.right) - Math.max(box.left, taken.left)
        const down = Math.min(box.bottom, taken.bottom) - Math.max(box.top, taken.top)
        if (across > 1 && down > 5) blame("over one another", `${other} / ${text}`, box)
      }
      if (drawing) drawings.set(drawing, [...others, [text, box]])
    }
  }
  return found
}"""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's chromium."""
    place = shutil.which("chromium")
    assert place, "these tests need the system's chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=place, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def tab(browser: Browser, made: Page) -> Iterator[Open]:
    """Open a page as a reader has it, with all folds open; it may ask nobody for anything."""
    asked: list[str] = []
    tabs: list[Tab] = []

    def open_tab(kind: str, language: str, size: str, scheme: Scheme = "light") -> Tab:
        width, height = SIZES[size]
        viewport = ViewportSize(width=width, height=height)
        tab = browser.new_page(viewport=viewport, color_scheme=scheme)
        tab.on("request", lambda sent: asked.append(sent.url))
        tab.on("pageerror", lambda error: asked.append(str(error)))
        tabs.append(tab)
        tab.set_content(made(kind, language), wait_until="load")
        tab.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
        return tab

    yield open_tab
    for each in tabs:
        each.close()
    assert [url for url in asked if not url.startswith("data:")] == []


def faults(tab: Tab) -> list[str]:
    tab.add_script_tag(path=AXE)
    found: list[str] = tab.evaluate(AUDIT)
    return found


@pytest.mark.parametrize(("size", "scheme", "language"), LOOKS)
def test_a_page_has_no_fault_of_accessibility(
    tab: Open, kind: str, size: str, scheme: Scheme, language: str
) -> None:
    assert faults(tab(kind, language, size, scheme)) == []


@pytest.mark.parametrize("size", SIZES)
def test_no_text_is_cut_off_lies_on_another_or_is_too_small(
    tab: Open, kind: str, language: str, size: str
) -> None:
    assert tab(kind, language, size).evaluate(BOXES, SMALLEST) == []


@pytest.mark.parametrize("size", SIZES)
def test_every_chart_of_the_kit_is_legible(tab: Open, size: str) -> None:
    seen = tab("gallery", "ko", size)
    assert seen.evaluate(BOXES, SMALLEST) == []
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
    seen = {fault.partition(":")[0] for fault in tab.evaluate(BOXES, SMALLEST)}
    assert seen == {
        "the page scrolls sideways",
        "off the page",
        "too small",
        "cut off",
        "over one another",
    }
    found = {fault.partition(":")[0] for fault in faults(tab)}
    assert {"color-contrast", "html-has-lang", "document-title"} <= found
