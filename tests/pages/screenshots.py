"""Pictures of every page, language and size: ``python screenshots.py FOLDER [KIND …]``.

``python screenshots.py --readme`` makes the picture of a report that the READMEs show.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from kinds import KINDS, report_of_holdings
from looks import chromium
from playwright.sync_api import sync_playwright

WIDTHS = {"phone": 390, "desktop": 1366}
README = Path(__file__).parents[2] / "docs" / "images" / "report.png"


def main(folder: Path, kinds: list[str]) -> None:
    """Write one picture for each kind, language and size, and the page as it prints on A4."""
    place = shutil.which("chromium")
    assert place, "pictures need the system's chromium: apt-get install chromium"
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=place, args=["--no-sandbox"])
        for kind in kinds:
            for language in ("ko", "en"):
                page = KINDS[kind](Path(tempfile.mkdtemp()), language)
                for size, width in WIDTHS.items():
                    tab = browser.new_page(viewport={"width": width, "height": 800})
                    tab.set_content(page)
                    name = folder / f"{kind}-{language}-{size}.png"
                    tab.screenshot(path=name, full_page=True)
                    tab.close()
                tab = browser.new_page()
                tab.set_content(page)
                tab.pdf(path=folder / f"{kind}-{language}.pdf", prefer_css_page_size=True)
                tab.close()
        browser.close()


def picture_of_the_readme() -> None:
    """Write the first screen of the report of an account on simulated data."""
    page = report_of_holdings(Path(tempfile.mkdtemp()), "en", "--profile", "balanced")
    with chromium() as browser:
        tab = browser.new_page(viewport={"width": 1366, "height": 900})
        tab.set_content(page)
        tab.screenshot(path=README)


if __name__ == "__main__":
    if sys.argv[1] == "--readme":
        picture_of_the_readme()
    else:
        main(Path(sys.argv[1]), sys.argv[2:] or sorted(KINDS))
