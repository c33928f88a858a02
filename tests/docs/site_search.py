"""The search of the documentation's site, in a browser: ``python tests/docs/site_search.py SITE``.

It finds English and Korean words, also those that a Korean text writes together with a particle.
"""

from __future__ import annotations

import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).parents[1] / "pages"))

from looks import chromium

FOUND = {
    "rebalancing": "tutorial.html",
    "reconciliation": "operations.html",
    "계좌": "tutorial.ko.html",  # written there as 계좌를, 계좌에
    "주문": "tutorial.ko.html",
    "위험관리": "README.ko.html",
    "리밸런싱": "tutorial.ko.html",
    "따라 하기": "README.ko.html",
}
"""Words, and a page that has them."""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing of a request."""


def main(site: Path) -> int:
    """Return 0 if every word is found on its page, and Korean pages say that they are."""
    wrong: list[str] = []
    handler = partial(Quiet, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, chromium() as browser:
        Thread(target=server.serve_forever, daemon=True).start()
        here = f"http://127.0.0.1:{server.server_port}"
        tab = browser.new_page()
        for word, page in FOUND.items():
            tab.goto(f"{here}/search.html?q={quote(word)}")
            tab.wait_for_selector("#search-results .search-summary:not(:empty)")
            tab.wait_for_function("!document.querySelector('#search-progress')?.innerText.trim()")
            links = "links => links.map(each => each.getAttribute('href').split(/[?#]/)[0])"
            found = set(tab.eval_on_selector_all("#search-results li a", links))
            if page not in found:
                wrong.append(f"{word}: {page} is not among {sorted(found)}")
        for page, language in (("README.ko.html", "ko"), ("README.html", "en")):
            tab.goto(f"{here}/{page}")
            if (said := tab.get_attribute("html", "lang")) != language:
                wrong.append(f"{page}: lang is {said}, not {language}")
        if not tab.query_selector(".sphinxsidebar a[href='README.ko.html']"):
            wrong.append("README.html: no link to the Korean pages")
        server.shutdown()
    for fault in wrong:
        sys.stderr.write(f"{fault}\n")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
