"""Who may read the pages and change anything."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from asgi import HOST, PORT, ask
from hostile import hostile

from jeoul.web.access import Access, Gate, change_allowed, change_secret, hosts_of


class Inside:
    """An application that notes what reached it, and reads its whole body."""

    def __init__(self) -> None:
        self.reached: list[tuple[str, str]] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        more = True
        while more:
            message = await receive()
            more = message.get("more_body", False)
        self.reached.append((scope["method"], scope["path"]))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"inside"})


@pytest.fixture
def access() -> Access:
    numbers = iter(range(10**9))
    return Access(PORT, hosts_of(PORT), make=lambda: f"secret-{next(numbers):06}")


@pytest.fixture
def inside() -> Inside:
    return Inside()


@pytest.fixture
def gate(inside: Inside, access: Access) -> Gate:
    return Gate(inside, access, limit=1000)


def entered(gate: Gate, access: Access) -> str:
    """Return the cookie of a browser that opened the first address."""
    answer = ask(gate, "/", query=f"token={access.invite()}")
    cookie = answer.header("set-cookie")
    assert answer.status == 200
    assert cookie is not None
    return str(cookie).split(";")[0]


def test_the_first_page_exchanges_the_token_for_a_cookie_once(gate: Gate, access: Access) -> None:
    token = access.invite()
    first = ask(gate, "/", query=f"token={token}")
    cookie = first.header("set-cookie") or ""
    assert first.status == 200
    assert cookie.startswith(f"jeoul_{PORT}=")
    assert {part.strip() for part in cookie.split(";")[1:]} == {
        "Path=/", "HttpOnly", "SameSite=Strict",
    }  # fmt: skip
    assert token not in cookie
    assert ask(gate, "/", query=f"token={token}").status == 401


@pytest.mark.parametrize(
    ("asked", "korean", "english"),
    [
        ({}, "로그인되지 않았습니다. jeoul serve가", "you are not signed in; open the address"),
        ({"method": "POST"}, "로그인되지 않았습니다", "you are not signed in"),
        (
            {"host": "evil.example"},
            "허용되지 않은 주소입니다. jeoul serve가",
            "jeoul does not answer under this host name; open",
        ),
    ],
)
def test_a_refusal_says_what_to_do_in_both_languages(
    gate: Gate, asked: dict[str, Any], korean: str, english: str
) -> None:
    first, second, _ = ask(gate, "/", **asked).body.decode().split("\n")
    assert first.startswith(korean)
    assert second.startswith(english)


def test_what_a_session_may_not_do_is_said_in_both_languages(gate: Gate, access: Access) -> None:
    cookie = ("cookie", entered(gate, access))
    for method, headers in (
        ("PUT", []),
        ("POST", [("origin", "http://evil.example")]),
        ("POST", [("content-length", "1001")]),
    ):
        said = ask(gate, "/today", method=method, headers=[cookie, *headers]).body.decode()
        korean, english, _ = said.split("\n")
        assert korean.endswith("다"), korean
        assert english.isascii()


def test_the_cookie_opens_every_page(gate: Gate, access: Access, inside: Inside) -> None:
    cookie = entered(gate, access)
    assert ask(gate, "/today", headers=[("cookie", cookie)]).body == b"inside"
    assert inside.reached == [("GET", "/today")]


@pytest.mark.parametrize("path", ["/", "/today", "/static/htmx.min.js", "/style.css", "/nowhere"])
def test_without_the_cookie_no_path_answers(gate: Gate, inside: Inside, path: str) -> None:
    for query in ("", "token=", "token=x", "token=a&token=b"):
        assert ask(gate, path, query=query).status == 401
    assert not inside.reached


def test_a_token_works_on_the_first_page_alone(gate: Gate, access: Access) -> None:
    token = access.invite()
    assert ask(gate, "/today", query=f"token={token}").status == 401
    assert ask(gate, "/", method="POST", query=f"token={token}").status == 401
    assert ask(gate, "/", query=f"token={token}").status == 200


@pytest.mark.parametrize(
    "host",
    [None, "", "evil.example", f"evil.example:{PORT}", "127.0.0.1", "localhost:1", f"{HOST}."],
)
def test_a_name_that_points_at_this_machine_reads_nothing(
    gate: Gate, access: Access, inside: Inside, host: str | None
) -> None:
    cookie = entered(gate, access)
    assert ask(gate, "/today", host=host, headers=[("cookie", cookie)]).status == 403
    assert ask(gate, "/", host=host, query=f"token={access.invite()}").status == 403
    assert not inside.reached


def test_two_hosts_are_none(gate: Gate, access: Access) -> None:
    cookie = entered(gate, access)
    assert ask(gate, "/today", headers=[("host", HOST), ("cookie", cookie)]).status == 403


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("origin", "http://evil.example"),
        ("origin", "null"),
        ("origin", f"https://{HOST}"),
        ("origin", f"http://localhost:{PORT}"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("sec-fetch-site", "none"),
    ],
)
def test_a_change_that_another_page_began_is_refused(
    gate: Gate, access: Access, inside: Inside, name: str, value: str
) -> None:
    headers = [("cookie", entered(gate, access)), (name, value)]
    assert ask(gate, "/today/approve", method="POST", headers=headers).status == 403
    assert not inside.reached


def test_a_change_of_our_own_page_passes(gate: Gate, access: Access, inside: Inside) -> None:
    headers = [
        ("cookie", entered(gate, access)),
        ("origin", f"http://{HOST}"),
        ("sec-fetch-site", "same-origin"),
    ]
    assert ask(gate, "/today/approve", method="POST", headers=headers).status == 200
    assert inside.reached == [("POST", "/today/approve")]


def test_a_form_without_a_referrer_counts_where_the_browser_vouches_for_it(
    gate: Gate, access: Access
) -> None:
    cookie = ("cookie", entered(gate, access))
    vouched = [cookie, ("origin", "null"), ("sec-fetch-site", "same-origin")]
    assert ask(gate, "/x", method="POST", headers=vouched).status == 200
    foreign = [cookie, ("origin", "null"), ("sec-fetch-site", "cross-site")]
    assert ask(gate, "/x", method="POST", headers=foreign).status == 403


def test_the_secret_of_a_change_belongs_to_one_session() -> None:
    assert change_allowed("session", change_secret("session"))
    assert not change_allowed("session", change_secret("another"))
    assert not change_allowed("session", None)
    assert not change_allowed("session", "")
    assert not change_allowed("session", "\udcff")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "get"])
def test_other_methods_are_refused(gate: Gate, access: Access, inside: Inside, method: str) -> None:
    headers = [("cookie", entered(gate, access))]
    assert ask(gate, "/today", method=method, headers=headers).status == 405
    assert not inside.reached


def test_a_body_is_bounded_by_its_length_and_by_what_comes(
    gate: Gate, access: Access, inside: Inside
) -> None:
    cookie = ("cookie", entered(gate, access))
    for length in ("1001", "9" * 30, "-1", "1e3", "١"):
        headers = [cookie, ("content-length", length)]
        assert ask(gate, "/x", method="POST", headers=headers).status == 413
    long = [b"x" * 400] * 3
    assert ask(gate, "/x", method="POST", headers=[cookie], body=long).status == 413
    assert not inside.reached
    whole = [b"x" * 500] * 2
    assert ask(gate, "/x", method="POST", headers=[cookie], body=whole).status == 200


def test_every_answer_may_load_nothing_from_elsewhere(gate: Gate, access: Access) -> None:
    cookie = ("cookie", entered(gate, access))
    for answer in (
        ask(gate, "/x"),
        ask(gate, "/x", headers=[cookie]),
        ask(gate, "/x", host="evil"),
    ):
        policy = answer.header("content-security-policy") or ""
        assert "default-src 'none'" in policy
        assert "unsafe-eval" not in policy
        assert "http" not in policy
        assert answer.header("referrer-policy") == "no-referrer"
        assert answer.header("cache-control") == "no-store"
        assert answer.header("x-content-type-options") == "nosniff"


def test_ten_thousand_hostile_requests_reach_nothing_and_learn_nothing(
    gate: Gate, access: Access, inside: Inside
) -> None:
    cookie, token = entered(gate, access), access.invite()
    secrets = [cookie.split("=", 1)[1], token, change_secret(cookie.split("=", 1)[1])]
    draw = random.Random(20261129)
    for _ in range(10_000):
        answer = ask(gate, **hostile(draw, cookie))
        assert 400 <= answer.status < 500
        assert answer.header("set-cookie") is None
        whole = answer.body + repr(answer.headers).encode()
        assert not any(secret.encode() in whole for secret in secrets)
    assert not inside.reached
    assert ask(gate, "/", query=f"token={token}").status == 200


def test_an_address_that_no_browser_sends_is_refused(gate: Gate, access: Access) -> None:
    cookie = ("cookie", entered(gate, access))
    assert ask(gate, "/x", query="back=é", headers=[cookie]).status == 400
    assert ask(gate, "/x", query="back=%C3%A9", headers=[cookie]).status == 200


@pytest.mark.slow
def test_the_application_itself_gives_nothing_away_and_changes_nothing() -> None:
    """1,000 requests; the result of 10,000 is in docs/serve.md."""
    script = Path(__file__).with_name("hostile_sweep.py")
    done = subprocess.run(
        [sys.executable, str(script), "--count", "1000", "--seed", "2"],
        capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
