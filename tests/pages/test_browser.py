"""Every page in a browser: accessible, without a request or an error, and no text cut off.

The browser is the system's chromium; one that is missing fails these tests and does not skip them.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright
from playwright.sync_api import Page as Tab

AXE = Path(__file__).parent / "axe" / "axe.min.js"
SIZES = {"phone": (390, 844), "desktop": (1366, 768)}
SCHEMES = ("light", "dark")
SMALLEST = 11.5  # pixels of the smallest text
Page = Callable[[str, str], str]

AUDIT = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations
  .map(v => `${v.id}: ${v.nodes.map(n => n.target.join(" ") + " " + n.failureSummary).slice(0, 3).join(" | ")}`)"""

# Every text that is shown, by the box of its letters: it has to lie on the page, in the boxes that
# cut it off, and clear of the next text of the same drawing.
BOXES = """(smallest) => {
  const found = [], width = document.documentElement.clientWidth
  const name = (text, rect, why) =>
    found.push(`${why}: "${text.trim().slice(0, 40)}" ${[rect.left, rect.top, rect.right].map(Math.round)}`)
  if (document.documentElement.scrollWidth > width) found.push("the page scrolls sideways")
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  const drawings = new Map()
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement
    if (!node.data.trim() || element.closest("script, style, title, .skip")) continue
    const range = document.createRange()
    range.selectNodeContents(node)
    const boxes = [...range.getClientRects()].filter(box => box.width > 0 && box.height > 0)
    if (!boxes.length || !element.checkVisibility()) continue
    const style = getComputedStyle(element)
    if (style.clipPath !== "none" || element.closest("thead") &&
        getComputedStyle(element.closest("thead")).clipPath !== "none") continue
    if (parseFloat(style.fontSize) < smallest) name(node.data, boxes[0], "too small")
    const scroller = element.closest(".scroll")
    for (const box of boxes) {
      if (!scroller && (box.left < 0 || box.right > width + 0.5)) name(node.data, box, "off the page")
      for (let up = element; up && up !== scroller && up !== document.body; up = up.parentElement) {
        const cut = getComputedStyle(up)
        if (cut.overflowX === "visible" && cut.overflowY === "visible") continue
        if (up.tagName.toLowerCase() === "svg" && !up.matches(".plot")) continue
        const edge = up.getBoundingClientRect()
        if (box.right > edge.right + 1 || box.left < edge.left - 1) name(node.data, box, "cut off")
      }
      const drawing = element.closest("svg")
      if (drawing) {
        const others = drawings.get(drawing) ?? []
        for (const [text, other] of others) {
          const across = Math.min(box.right, other.right) - Math.max(box.left, other.left)
          const down = Math.min(box.bottom, other.bottom) - Math.max(box.top, other.top)
          if (across > 1 && down > 5) name(`${text} / ${node.data}`, box, "texts overlap")
        }
        drawings.set(drawing, [...others, [node.data, box]])
      }
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


@pytest.fixture(params=list(product(SIZES, SCHEMES)), ids="-".join)
def tab(
    request: pytest.FixtureRequest, browser: Browser, made: Page, kind: str, language: str
) -> Iterator[Tab]:
    """A page as a reader has it, with everything folded open; it may ask nobody for anything."""
    size, scheme = request.param
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, bypass_csp=True
    )
    tab = context.new_page()
    asked: list[str] = []
    tab.on("request", lambda sent: asked.append(sent.url))
    tab.on("pageerror", lambda error: asked.append(str(error)))
    tab.set_content(made(kind, language), wait_until="load")
    tab.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    yield tab
    assert [url for url in asked if not url.startswith("data:")] == []
    context.close()


def test_a_page_has_no_fault_of_accessibility(tab: Tab) -> None:
    tab.add_script_tag(path=AXE)
    assert tab.evaluate(AUDIT) == []


def test_no_text_is_cut_off_overlaps_or_is_too_small(tab: Tab) -> None:
    assert tab.evaluate(BOXES, SMALLEST) == []
