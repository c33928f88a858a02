"""Ask `jeoul serve` what nobody should get, many times over, and look at what has changed.

``python tests/web/hostile_sweep.py --count 10000 --write`` puts its result into docs/serve.md, with
the hash of the sources that it covers. The application is the real one, over a household with a
plan that waits. Requests without a right cookie, host or origin have to be refused at the gate.
Requests of the right browser have a wrong secret, a plan that nobody showed, a path that leads out,
an unknown method or a body that is too long: they may be answered, and change nothing. No answer
may hold a secret, lead to another host or fail inside.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import platform
import random
import re
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "faults"))

from asgi import HOST, Answer, ask
from covered import sources
from fastapi.routing import APIRoute
from hostile import WORDS, hostile
from served import Served, begun, form_of

from jeoul.web.app import ROUTERS

ROOT = Path(__file__).parents[2]
MARKED = re.compile(r"(<!-- hostile -->\n).*?(<!-- /hostile -->)", re.DOTALL)
COVERED = ("engine/jeoul/web", "tests/web/hostile.py", "tests/web/hostile_sweep.py")
KINDS = ("at the gate", "forged form", "plan nobody showed", "path that leads out", "too much")
LONGER = str(6 * 1024 * 1024)
STEPS = (
    "..",
    "%2e%2e",
    "..%2f..",
    "etc",
    "passwd",
    "\x00",
    "household.toml",
    "state",
    "a" * 300,
    "é",
)
POSTS = sorted(
    route.path
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute) and "POST" in (route.methods or ())
)
STARTS = ("/static", "/fonts", "/archive/letter", "/data/market", "/language", "/why", "/nothing")


class Browser(Served):  # type: ignore[misc]
    """The right browser, which sends what it should not."""

    def own(self) -> list[tuple[str, str]]:
        return [
            ("cookie", self.cookie), ("origin", f"http://{HOST}"),
            ("sec-fetch-site", "same-origin"),
            ("content-type", "application/x-www-form-urlencoded"),
        ]  # fmt: skip

    def forged(self, draw: random.Random) -> Answer:
        secret = draw.choice(("", "0" * 64, self.change[:-1], self.change.upper() + "0"))
        fields = {"change": secret, "name": draw.choice(WORDS), "digest": draw.choice(WORDS)}
        return self._sent(draw.choice(POSTS), fields)

    def unseen(self, draw: random.Random, waits: dict[str, str]) -> Answer:
        """Answer a plan with its name or its digest changed."""
        spoilt = {**waits, draw.choice(("name", "digest")): draw.choice((*WORDS, "0" * 64))}
        path = draw.choice(("/today/approve", "/today/reject"))
        return self._sent(path, {**spoilt, "change": self.change})

    def leading_out(self, draw: random.Random) -> Answer:
        steps = (draw.choice(STEPS) for _ in range(draw.randrange(1, 5)))
        path = "/".join((draw.choice(STARTS), *steps))
        query = urlencode({draw.choice(("back", "order", "account")): draw.choice(
            ("//evil.example", "https://evil.example/", "../../etc/passwd", *WORDS))})  # fmt: skip
        return ask(self.app, path, query=query, headers=self.own())

    def too_much(self, draw: random.Random) -> Answer:
        if draw.randrange(2):
            method = draw.choice(("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT"))
            return ask(self.app, draw.choice(POSTS), method=method, headers=self.own())
        headers = [*self.own(), ("content-length", LONGER)]
        return ask(self.app, draw.choice(POSTS), method="POST", headers=headers, body=[b"x" * 999])

    def _sent(self, path: str, fields: dict[str, str]) -> Answer:
        body = urlencode(fields, errors="replace").encode()
        headers = [*self.own(), ("content-length", str(len(body)))]
        return ask(self.app, path, method="POST", headers=headers, body=[body])


def wrong_with(answer: Answer, kind: str, secrets: list[str]) -> list[str]:
    """Return what an answer to a request of a kind should not be."""
    whole = answer.body + repr(answer.headers).encode()
    gone = answer.header("location") or "/"
    faults = {
        "it failed inside": answer.status >= 500,
        "it was not refused": answer.status < 400 and kind != "path that leads out",
        "it leads elsewhere": not gone.startswith("/") or gone.startswith("//"),
        "it holds a secret": any(secret.encode() in whole for secret in secrets),
        "it holds a file": b"root:x:" in whole or b"[people." in whole,
    }
    return [name for name, found in faults.items() if found]


def files_of(folder: Path) -> str:
    """Return the digest of every file of a folder."""
    found = hashlib.sha256()
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        found.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return found.hexdigest()


def sweep(count: int, seed: int) -> dict[str, Any]:
    """Return the result of so many requests; their kinds take turns."""
    logging.disable(logging.CRITICAL)
    draw, wrong = random.Random(seed), []
    statuses: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        browser = begun(folder)
        browser.__class__ = Browser
        assert isinstance(browser, Browser)
        waits = form_of(
            browser.post("/today/freeze", form_of(browser.made("/today"), "/today/freeze")),
            "/today/approve",
        )
        before, started = files_of(folder), time.perf_counter()
        token = browser.access.invite()
        inside = [browser.cookie.split("=", 1)[1], token]
        for number in range(count):
            kind = KINDS[number % len(KINDS)]
            if kind == "at the gate":
                answer = ask(browser.app, **hostile(draw, browser.cookie))
            elif kind == "forged form":
                answer = browser.forged(draw)
            elif kind == "plan nobody showed":
                answer = browser.unseen(draw, waits)
            elif kind == "path that leads out":
                answer = browser.leading_out(draw)
            else:
                answer = browser.too_much(draw)
            secrets = [*inside, browser.change] if answer.status in (401, 403) else inside
            wrong += [f"{number}, {kind}: {each}" for each in wrong_with(answer, kind, secrets)]
            statuses[str(answer.status)] += 1
        seconds = time.perf_counter() - started
        if files_of(folder) != before:
            wrong.append("a file has changed")
        after = form_of(browser.get("/today"), "/today/approve")
        if after != waits:
            wrong.append("the plan that waits is another one")
        browser.serving.kept.close()
    return {
        "requests": count,
        "wrong": wrong,
        "statuses": dict(sorted(statuses.items())),
        "seconds": round(seconds),
        "system": f"{platform.system()}, Python {platform.python_version()}",
        "seed": seed,
        "sources": sources(ROOT, COVERED),
    }


def as_markdown(result: dict[str, Any]) -> str:
    """Return a result as a table for the documentation."""
    statuses = ", ".join(f"{code}: {count:,}" for code, count in result["statuses"].items())
    rows = [
        ("hostile requests, of five kinds in turn", f"{result['requests']:,}"),
        ("answers by status", statuses),
        (
            "reached what they should not, changed a file, leaked a secret, led elsewhere, failed",
            len(result["wrong"]),
        ),
        ("system", result["system"]),
        ("seed, duration", f"{result['seed']}, {result['seconds']} s"),
        ("SHA-256 of the sources covered", f"`{result['sources'][:16]}`"),
    ]
    return "".join(f"| {name} | {value} |\n" for name, value in [("", ""), ("---", "---"), *rows])


def main() -> int:
    """Run the script."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--write", action="store_true", help="write the result into docs/")
    options = parser.parse_args()
    result = sweep(options.count, options.seed)
    sys.stdout.write(json.dumps(result, indent=2) if options.json else as_markdown(result))
    for fault in result["wrong"][:50]:
        sys.stderr.write(f"{fault}\n")
    if options.write:
        page = ROOT / "docs" / "serve.md"
        text = page.read_text("utf-8")
        page.write_text(MARKED.sub(lambda f: f[1] + as_markdown(result) + f[2], text), "utf-8")
    return 1 if result["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
