"""What a browser sees of a page: faults of accessibility, misplaced text, half-empty prints.

With the variable ``SHOTS``, the tests that look at a page also put pictures of it into that folder.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import numpy as np
import pypdfium2
from playwright.sync_api import Browser, ViewportSize, sync_playwright
from playwright.sync_api import Page as Tab

AXE = Path(__file__).parent / "axe" / "axe.min.js"
SIZES = {"phone": (390, 844), "tablet": (768, 1024), "desktop": (1366, 768)}
Scheme = Literal["light", "dark"]
LOOKS: tuple[tuple[str, Scheme], ...] = (
    *(("phone", "light"), ("phone", "dark")),
    *(("desktop", "dark"), ("desktop", "light")),
)
"""What axe sees of a page: its sizes in both modes, one change at a time."""
MARGIN = 16 / 25.4 * 72  # points above and below a printed page, as base.css has them
PATIENCE = 120_000  # milliseconds: the machine may be busy
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
# that would cut it off, and clear of all other texts.
BOXES = """(smallest) => {
  const found = [], width = document.documentElement.clientWidth
  const blame = (why, text, box) =>
    found.push(`${why}: "${text.trim().slice(0, 40)}" ${[box.left, box.top, box.right]}`)
  if (document.documentElement.scrollWidth > width) found.push("the page scrolls sideways")
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  const taken = []
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
    if (boxes.length > 1 && /^([0-9A-Z.,%+−-]{2,14}|--[a-z-]+)$/.test(text.trim()))
      blame("broken in two", text, boxes[0])
    const scroller = element.closest(".scroll")
    for (const box of boxes) {
      if (!scroller && (box.left < 0 || box.right > width + 0.5)) blame("off the page", text, box)
      for (let up = element; up && up !== document.body; up = up.parentElement) {
        const edge = up.getBoundingClientRect(), style = getComputedStyle(up)
        if (style.overflowX !== "visible" && up !== scroller &&
            (box.right > edge.right + 1 || box.left < edge.left - 1)) blame("cut off", text, box)
        if (style.overflowY !== "visible" && style.overflowY !== "auto" &&
            (box.bottom > edge.bottom + 3 || box.top < edge.top - 3)) blame("cut off", text, box)
        if (up === scroller) break
      }
      const seen = scroller ? scroller.getBoundingClientRect() : {left: 0, right: width}
      const left = Math.max(box.left, seen.left), right = Math.min(box.right, seen.right)
      if (right > left) taken.push({text, node, left, right, top: box.top, bottom: box.bottom})
    }
  }
  const pen = document.createElement("canvas").getContext("2d"), arrow = 20
  for (const field of document.querySelectorAll("select, input:not([type=hidden])")) {
    if (!field.checkVisibility()) continue
    const style = getComputedStyle(field), box = field.getBoundingClientRect()
    const sides = parseFloat(style.paddingLeft) + parseFloat(style.paddingRight)
    pen.font = style.font
    for (const {label} of field.options ?? [])
      if (pen.measureText(label).width > field.clientWidth - sides - arrow)
        blame("cut off", label, box)
    if (field.scrollWidth > field.clientWidth + 1) blame("cut off", field.value, box)
  }
  taken.sort((one, other) => one.top - other.top)
  taken.forEach((one, place) => {
    for (let next = place + 1; next < taken.length && taken[next].top < one.bottom - 5; next++) {
      const other = taken[next]
      const across = Math.min(one.right, other.right) - Math.max(one.left, other.left)
      const down = Math.min(one.bottom, other.bottom) - other.top
      if (across > 1 && down > 5 && one.node !== other.node)
        blame("over one another", `${one.text.trim().slice(0, 20)} / ${other.text.trim()}`, other)
    }
  })
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
    """Return what axe finds wrong with a page as it is."""
    if not tab.evaluate("'axe' in window"):
        tab.add_script_tag(path=AXE)
    found: list[str] = tab.evaluate(AUDIT)
    return found


def faults_anywhere(tab: Tab, looks: Sequence[tuple[str, Scheme]] = LOOKS) -> list[str]:
    """Return what axe finds wrong with a page in some sizes and modes."""
    found = []
    for size, scheme in looks:
        width, height = SIZES[size]
        tab.set_viewport_size(ViewportSize(width=width, height=height))
        tab.emulate_media(color_scheme=scheme)
        found += [f"{size}, {scheme}: {fault}" for fault in faults(tab)]
    return found


def misplaced(tab: Tab) -> list[str]:
    """Return the texts that are cut off, broken, over one another, off the page or too small."""
    found: list[str] = tab.evaluate(BOXES, SMALLEST)
    return found


def misplaced_anywhere(tab: Tab, name: str) -> list[str]:
    """Return what is misplaced on a page of any width; ``name`` is that of its pictures."""
    found = []
    for size, (width, height) in SIZES.items():
        tab.set_viewport_size(ViewportSize(width=width, height=height))
        found += [f"{width}: {fault}" for fault in misplaced(tab)]
        if shots := os.environ.get("SHOTS"):
            picture = Path(shots) / f"{name}-{size}.png"
            tab.screenshot(path=picture, full_page=True, timeout=PATIENCE)
    return found


def fills(tab: Tab) -> list[float]:
    """Return how much of the height of each page of its print is used, from 0 to 1."""
    printed = pypdfium2.PdfDocument(tab.pdf(prefer_css_page_size=True))
    found = []
    for page in printed:
        height = page.get_height()
        inked = (page.render(scale=0.5).to_numpy()[:, :, :3] < 250).any(axis=(1, 2))
        last = float(np.flatnonzero(inked)[-1]) * 2 if inked.any() else 0.0
        found.append((last - MARGIN) / (height - 2 * MARGIN))
    printed.close()
    return found
