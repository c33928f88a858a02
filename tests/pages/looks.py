"""What a browser sees of a page: faults of accessibility, and text that is cut off or too small."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, sync_playwright
from playwright.sync_api import Page as Tab

AXE = Path(__file__).parent / "axe" / "axe.min.js"
SIZES = {"phone": (390, 844), "desktop": (1366, 768)}
Scheme = Literal["light", "dark"]
SMALLEST = 11.5  # pixels of the smallest text

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

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


@contextmanager
def chromium() -> Iterator[Browser]:
    """Give the system's chromium; a missing one fails."""
    place = shutil.which("chromium")
    assert place, "these tests need the system's chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=place, args=FLAGS)
        yield browser
        browser.close()


def faults(tab: Tab) -> list[str]:
    tab.add_script_tag(path=AXE)
    found: list[str] = tab.evaluate(AUDIT)
    return found


def misplaced(tab: Tab) -> list[str]:
    """Return the texts that are cut off, over one another, off the page or too small."""
    found: list[str] = tab.evaluate(BOXES, SMALLEST)
    return found
