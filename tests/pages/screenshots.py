"""Pictures of every page, language and width: ``python tests/pages/screenshots.py FOLDER [-n 2]``.

They are taken by the tests that look at the pages, of `jeoul serve` too, with its further arguments
given to pytest. The command fails where a page is at fault or a picture is missing; ``--check``
only looks for the pictures that a run of those tests with ``SHOTS=FOLDER`` has made. With
``--readme`` instead of a folder it makes the pictures of a report and of a household that the
READMEs show.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from kinds import KINDS, report_of_holdings
from looks import SIZES, chromium

from jeoul.web.pages import MENU

HERE = Path(__file__).parent
IMAGES = HERE.parents[1] / "docs" / "images"
STATES = ("begin", "planned", "waiting", "why", "refused", "goal", "goal-tried")
"""Pages of `jeoul serve` beside those of its menu."""


def expected() -> set[str]:
    """Return the names of all pictures."""
    served = [f"serve-{name}" for name in (*STATES, *(each.path[1:] for each in MENU))]
    return {
        f"{page}-{language}-{size}.png"
        for page in (*KINDS, *served)
        for language in ("ko", "en")
        for size in SIZES
    }


def main(folder: Path, further: list[str]) -> int:
    """Return 0 when every picture is there and no test failed."""
    failed = 0
    if further != ["--check"]:
        folder.mkdir(parents=True, exist_ok=True)
        os.environ["SHOTS"] = str(folder.resolve())
        tests = [str(HERE / "test_browser.py"), str(HERE.parent / "web" / "test_walk.py")]
        chosen = ("-m", "browser and not slow", "-q", *tests, *further)
        # In a process of its own: pytest rewrites plugins that this one has imported already.
        failed = subprocess.run([sys.executable, "-m", "pytest", *chosen], check=False).returncode
    missing = sorted(expected() - {each.name for each in folder.glob("*.png")})
    if missing:
        sys.stderr.write(f"{len(missing)} pictures are missing: {', '.join(missing)}\n")
    return failed or int(bool(missing))


def pictures_of_the_readme() -> int:
    """Write the first screens of a report and of a household's plan, on simulated data."""
    pages = {
        "report": report_of_holdings(Path(tempfile.mkdtemp()), "en", "--profile", "balanced"),
        "household": KINDS["household"](Path(tempfile.mkdtemp()), "en"),
    }
    with chromium() as browser:
        for name, page in pages.items():
            tab = browser.new_page(viewport={"width": 1366, "height": 900})
            tab.set_content(page)
            tab.screenshot(path=IMAGES / f"{name}.png")
    return 0


if __name__ == "__main__":
    if sys.argv[1] == "--readme":
        sys.exit(pictures_of_the_readme())
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
