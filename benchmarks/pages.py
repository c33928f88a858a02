"""Pages of a household of ten accounts with ten years of history each: how long a reader waits.

    python benchmarks/pages.py [--json] [--runs N]

Each account has the ledger of ``statement.py``. The first pages are those of a server that has just
printed its address, with the answer to the address itself; each is the median of as many servers.
Accounts begins to make its figures in the background, and asks again until they are there; the
pages after it are medians of an application in this process. The target for every page is 300 ms.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from html import unescape
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from statement import write

from jeoul.operations.ledger import NAME, open_ledger
from jeoul.operations.setup.clock import SystemClock
from jeoul.web.access import Access, hosts_of
from jeoul.web.app import create_app, read_ahead
from jeoul.web.place import ServedFiles
from jeoul.web.shared import Serving

PORT, TARGET = 8765, 300.0
KINDS = ("general", "isa", "pension_savings", "general", "general")
PERSON = """[people.{id}]
born = 1980-04-05
wages = 60_000_000
spending = 2_500_000
profile = "balanced"
"""
ACCOUNT = """[accounts.a{number}]
owner = "{owner}"
kind = "{kind}"
broker = {{ kind = "paper", cash = 30_000_000 }}
"""
MAKING = b'class="making"'


def household(folder: Path) -> Path:
    """Write a household of two people with five accounts each, and ten years in every ledger."""
    text = 'schema = 1\nname = "home"\nstate = "state"\n'
    text += "".join(PERSON.format(id=each) for each in "ab")
    for number in range(10):
        text += ACCOUNT.format(number=number, owner="ab"[number // 5], kind=KINDS[number % 5])
        place = folder / "state" / f"a{number}"
        place.mkdir(parents=True)
        with closing(open_ledger(place / NAME)) as ledger:
            write(ledger, f"home-a{number}")
    file = folder / "household.toml"
    file.write_text(text, "utf-8")
    return file


def first_page(file: Path, path: str) -> tuple[float, float]:
    """Return the milliseconds until a new server is ready, and until its reader has a page."""
    begun = time.perf_counter()
    command = [sys.executable, "-m", "jeoul", "serve", str(file)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        address = urlsplit(server.stdout.readline().strip())
        ready = time.perf_counter()
        with closing(HTTPConnection(address.netloc)) as browser:
            browser.request("GET", f"/?{address.query}")
            answer = browser.getresponse()
            answer.read()
            cookie = (answer.getheader("set-cookie") or "").split(";")[0]
            browser.request("GET", path, headers={"cookie": cookie})
            answer = browser.getresponse()
            answer.read()
            assert answer.status == 200
        return (ready - begun) * 1e3, (time.perf_counter() - ready) * 1e3
    finally:
        server.terminate()
        server.wait(30)


class Reader:
    """A browser that asks the application without a network."""

    def __init__(self, file: Path) -> None:
        access = Access(PORT, hosts_of(PORT))
        place = ServedFiles(household=file, configs=(), data=None, clock=SystemClock())
        self.serving = Serving(place, access, "en")
        self.app = create_app(self.serving)
        read_ahead(self.serving)
        self.cookie = ""
        headers, _, _ = self.ask("/", f"token={access.invite()}")
        self.cookie = dict(headers)[b"set-cookie"].decode().split(";")[0]

    def ask(self, path: str, query: str = "") -> tuple[list[Any], bytes, float]:
        """Return the headers and the body of a page, and how many milliseconds it took."""
        names = {"host": f"127.0.0.1:{PORT}", "cookie": self.cookie}
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET",
            "scheme": "http", "path": path, "raw_path": path.encode(), "root_path": "",
            "query_string": query.encode(), "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", PORT),
            "headers": [(key.encode(), value.encode()) for key, value in names.items() if value],
        }  # fmt: skip
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        begun = time.perf_counter()
        asyncio.run(self.app(scope, receive, send))
        took = (time.perf_counter() - begun) * 1e3
        body = b"".join(each.get("body", b"") for each in sent)
        return sent[0]["headers"], body, took


def rows(folder: Path, runs: int) -> list[dict[str, Any]]:
    """Return each page with its milliseconds."""
    file = household(folder)
    starts = {
        path: [first_page(file, path) for _ in range(runs)] for path in ("/today", "/accounts")
    }
    ready = statistics.median(each[0] for found in starts.values() for each in found)
    reader = Reader(file)
    begun, waits = time.perf_counter(), []
    while True:
        _, body, took = reader.ask("/accounts")
        waits.append(took)
        if MAKING not in body:
            break
        time.sleep(0.7)
    made = time.perf_counter() - begun
    found = [
        {"name": "a server until its address is printed", "ms": ready, "target_ms": None},
        *(
            {
                "name": f"the first page of a server, {path}",
                "ms": statistics.median(each[1] for each in waited),
                "target_ms": TARGET,
            }
            for path, waited in starts.items()
        ),
        {"name": "all figures made in the background", "ms": made * 1e3, "target_ms": None},
        {"name": "the page that begins it", "ms": waits[0], "target_ms": TARGET},
        {"name": "asking again", "ms": statistics.median(waits[1:]), "target_ms": TARGET},
        {"name": "asking again, the longest", "ms": max(waits[1:]), "target_ms": TARGET},
    ]
    _, body, _ = reader.ask("/history")
    why = re.search(r'href="/why\?([^"]*)"', body.decode())
    assert why is not None
    asked = [
        ("Accounts", "/accounts", ""),
        ("History, the first page", "/history", ""),
        ("History, page 40", "/history", "number=40"),
        ("Why, one order", "/why", unescape(why[1]) + "&order=1"),
    ]
    for name, path, query in asked:
        took = statistics.median(reader.ask(path, query)[2] for _ in range(runs))
        found.append({"name": name, "ms": took, "target_ms": TARGET})
    reader.serving.kept.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        found = rows(Path(place), given.runs)
    if given.json:
        print(json.dumps(found, indent=2))
        return
    for each in found:
        target = "" if each["target_ms"] is None else f"  (target {each['target_ms']:,.0f})"
        print(f"{each['name']:40} {each['ms']:>10,.1f} ms{target}")


if __name__ == "__main__":
    main()
