"""A browser that has opened the first address of a server, for the tests of its pages."""

from __future__ import annotations

import re
import time
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

from asgi import HOST, PORT, Answer, ask

from jeoul.operations.setup.clock import SystemClock
from jeoul.web.access import Access, change_secret, hosts_of
from jeoul.web.app import create_app
from jeoul.web.place import ServedFiles
from jeoul.web.shared import Serving

ANSWERS = {
    "horizon": "3y+", "experience": "stock", "knowledge": "high", "share": "20",
    "income": "stable", "loss": "20",
}  # fmt: skip
PERSON = {"born": "1990-04-05", "wages": "6,000만", "spending": "250만", "broker": "paper"}


class Served:
    def __init__(self, *files: Path) -> None:
        self.access = Access(PORT, hosts_of(PORT))
        home = files[0] if files[0].name == "household.toml" else None
        place = ServedFiles(
            household=home, configs=() if home else files, data=None, clock=SystemClock()
        )
        self.serving = Serving(place, self.access, "en")
        self.app = create_app(self.serving)
        first = ask(self.app, "/", query=f"token={self.access.invite()}")
        self.cookie = (first.header("set-cookie") or "").split(";")[0]
        self.change = change_secret(self.cookie.split("=", 1)[1])

    def get(self, path: str, query: str = "", lang: str = "en") -> Answer:
        cookie = f"{self.cookie}; jeoul_lang_{PORT}={lang}"
        return ask(self.app, path, query=query, headers=[("cookie", cookie)])

    def made(self, path: str, query: str = "") -> Answer:
        """Return a page once nothing of it is being made any more."""
        for _ in range(600):
            answer = self.get(path, query)
            if b'class="making"' not in answer.body:
                return answer
            time.sleep(0.1)
        raise AssertionError(f"{path} is never made")

    def made_part(self, path: str, query: str) -> str:
        """Return a part of a page once it does not ask again."""
        for _ in range(600):
            body: str = self.get(path, query).body.decode()
            if "hx-trigger" not in body:
                return body
            time.sleep(0.1)
        raise AssertionError(f"{path} is never made")

    def post(self, path: str, fields: dict[str, str]) -> Answer:
        body = urlencode({**fields, "change": self.change}).encode()
        return self._posted(path, "application/x-www-form-urlencoded", body)

    def upload(self, path: str, fields: dict[str, str], name: str, content: bytes) -> Answer:
        """Send a form with a file, as a browser does."""
        mark = "jeoul-form"
        parts = [
            f'--{mark}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
            for key, value in {**fields, "change": self.change}.items()
        ]
        head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        body = b"".join([*parts, head.encode(), content, f"\r\n--{mark}--\r\n".encode()])
        return self._posted(path, f"multipart/form-data; boundary={mark}", body)

    def _posted(self, path: str, kind: str, body: bytes) -> Answer:
        headers = [
            ("cookie", self.cookie), ("origin", f"http://{HOST}"),
            ("sec-fetch-site", "same-origin"), ("content-type", kind),
            ("content-length", str(len(body))),
        ]  # fmt: skip
        return ask(self.app, path, method="POST", headers=headers, body=[body])


def text_of(answer: Answer) -> str:
    """Return what a reader sees of a page, without its charts and its menu."""
    main = answer.body.decode().partition("<main")[2]
    plain = re.sub(r"<svg.*?</svg>|<[^>]+>", " ", main, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(plain))


def form_of(answer: Answer, action: str) -> dict[str, str]:
    """Return the hidden fields of the form with an action."""
    form = re.search(rf'<form[^>]*action="{action}".*?</form>', answer.body.decode(), re.DOTALL)
    assert form is not None, action
    return dict(re.findall(r'name="(\w+)" value="([^"]*)"', form.group(0)))


def begun(folder: Path) -> Served:
    """Return a browser whose household has been written by the first page."""
    found = Served(folder / "household.toml")
    answer = found.post("/begin", {**PERSON, **ANSWERS, "cash-general": "2천만"})
    assert answer.status == 303, answer.body.decode()
    return found
