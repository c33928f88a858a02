"""Requests that lack what a page of ours has."""

from __future__ import annotations

import random
from typing import Any

from asgi import HOST, PORT

PATHS = (
    "/", "/today", "/today/approve", "/static/../../../etc/passwd", "/static/%2e%2e/app.py",
    "//evil.example/", "/\x00", "/" + "a" * 5000, "/static/..\\..\\secret", "/language/ko",
)  # fmt: skip
WORDS = ("", "x", "secret-", "' OR 1=1", "\x00", "é", "a" * 300, "../../etc", "<script>")


def hostile(draw: random.Random, cookie: str) -> dict[str, Any]:
    """Draw a request that lacks what a page of ours has: the cookie, the host or the origin."""
    word = draw.choice(WORDS) + str(draw.randrange(1000))
    name, value = cookie.split("=", 1)
    flipped = value[:-1] + chr(ord(value[-1]) ^ 1)
    headers = [(draw.choice(("x-change", "referer", "accept", "x-forwarded-host")), word)]
    request: dict[str, Any] = {
        "path": draw.choice(PATHS),
        "query": f"token={word}",
        "method": draw.choice(("GET", "POST", "HEAD", "PUT", "OPTIONS")),
        "body": [b"change=" + word.encode("utf-8")],
    }
    kind = draw.randrange(4)
    if kind == 0:  # another cookie, or none
        headers.append(
            ("cookie", draw.choice((f"{name}={flipped}", f"{name}={word}", "x=y", "=;")))
        )
    elif kind == 1:  # a name that was pointed at this machine
        request["host"] = draw.choice((None, f"{word}.example:{PORT}", "127.0.0.1", "[::1]"))
        headers.append(("cookie", cookie))
    elif kind == 2:  # a form of another site, in a browser that would send the cookie
        request["method"] = "POST"
        headers += [("cookie", cookie), ("origin", f"http://{draw.randrange(9)}.example")]
    else:  # a body without an end
        request["method"] = "POST"
        headers += [("cookie", cookie), ("origin", f"http://{HOST}")]
        request["body"] = [b"x" * 600] * 4
    return {**request, "headers": headers}
