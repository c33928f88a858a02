"""Planted secrets are looked for in everything that a run leaves behind or says."""

from __future__ import annotations

import base64
import copy
import html
import json
import os
import pickle
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus, unquote, unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kis_server import ACCOUNT, APPKEY, APPSECRET, Planted, running
from venues import ADAPTERS, KIS, KIWOOM, TOSS

from jeoul.errors import ConfigError
from jeoul.operations.ledger import NAME as LEDGER
from jeoul.operations.setup.clock import SystemClock
from jeoul.operations.setup.config import load_config
from jeoul.operations.setup.outcome import RunReport
from jeoul.operations.setup.secrets import (
    HIDDEN,
    Secret,
    broker_secrets,
    read_secrets,
    shown,
    token_file,
    without_secrets,
)
from jeoul.operations.told.notify import message, notify, notify_once
from jeoul.operations.told.run_report import stopped

NOTIFY = "mailto://planted:NOTIFYSECRET@example.invalid"
PLANTED = (APPKEY, APPSECRET, ACCOUNT, NOTIFY, "planted-token")
ROOT = Path(__file__).parents[2]
CONFIG = """schema = 1
name = "live"
strategy = "static"
profile = "balanced"
state = "state"
lang = "en"
[broker]
kind = "kis"
mode = "simulation"
host = "{host}"
timeout = 0.3
visibility = 0.0
[notify]
urls = "JEOUL_NOTIFY"
"""
PROGRAM = """
import sys, time
from jeoul.operations.setup.clock import SystemClock
waited = []
SystemClock.wait = lambda self, seconds: waited.append(seconds)
SystemClock.now = lambda self: time.time() + sum(waited)
from jeoul.cli.main import run
from jeoul.cli.run import run as command
run(lambda: command.main(args=sys.argv[1:], standalone_mode=False))
"""


ECHOED = {
    "rt_cd": "1",
    "msg_cd": "ZZZZ0000",
    "msg1": f"{APPKEY.lower()} {quote(APPSECRET, safe='').lower()} {ACCOUNT} Bearer PLANTED-TOKEN",
}


@pytest.mark.posix
@pytest.mark.parametrize(
    "faults",
    [[], ["ask-garbled"], ["token-minute"], [Planted.of("ask", ECHOED)]],
    ids=["none", "garbled", "no token", "echoed"],
)
def test_no_secret_is_said_or_written_or_shown_in_the_process_list(
    tmp_path: Path, faults: Any
) -> None:
    secrets = {"KIS_APPKEY": APPKEY, "KIS_APPSECRET": APPSECRET, "KIS_ACCOUNT": ACCOUNT}
    environment = (
        os.environ
        | secrets
        | {
            "JEOUL_NOTIFY": NOTIFY,
            "PYTHONPATH": str(ROOT / "engine"),
            "PYTHONFAULTHANDLER": "1",
        }
    )
    with running() as (host, state):
        state.faults = list(faults)
        config = tmp_path / "c.toml"
        config.write_text(CONFIG.format(host=host), "utf-8")
        child = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(config), "--execute"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        lines = []
        for _ in range(20):
            line = Path(f"/proc/{child.pid}/cmdline")
            lines.append(line.read_text() if line.exists() else "")
            time.sleep(0.02)
        said, complained = child.communicate(timeout=120)
    assert child.returncode in (3, 5), complained
    document = json.loads(said)
    assert document["outcome"] in ("blocked_data", "needs_person")
    assert "Traceback" not in complained
    for secret in (*PLANTED, *(quote(secret, safe="") for secret in PLANTED)):
        assert secret.lower() not in (said + complained + "".join(lines)).lower()
        for path in tmp_path.rglob("*"):
            if path.is_file() and path.name != "kis-token.json":
                assert secret.lower().encode() not in path.read_bytes().lower(), path
    token = tmp_path / "state" / "kis-token.json"
    if token.exists():
        assert token.stat().st_mode & 0o077 == 0
        assert not any(s in token.read_text() for s in (APPKEY, APPSECRET, ACCOUNT))


def test_a_secret_shows_itself_to_nobody_by_accident() -> None:
    secret = Secret("hush")
    assert "hush" not in f"{secret} {secret!r} {[secret]} {vars.__name__}"
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    with pytest.raises(TypeError):
        copy.copy(secret)
    with pytest.raises(TypeError):
        json.dumps(secret)


def test_each_address_of_a_notification_is_hidden(
    config: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = NOTIFY, "https://hook.example.invalid/T0/planted"
    monkeypatch.setenv("JEOUL_NOTIFY", f"{one}  {other}")
    for said in (one, other, f"{other} does not answer"):
        report = RunReport("needs_person", (said,))
        assert "planted" not in message(config, report)[1]
        assert "planted" not in stopped(config, "needs_person", said).reasons[0]


@given(secret=st.text(st.characters(codec="ascii", exclude_characters="%"), min_size=8))
def test_a_secret_is_hidden_in_any_case_and_in_an_address(secret: Any) -> None:
    for spelt in (secret, secret.upper(), quote(secret, safe=""), quote_plus(secret).lower()):
        assert without_secrets(f"<{spelt}>", [secret]) == f"<{HIDDEN}>"


@given(
    secret=st.text(min_size=10, max_size=60).filter(str.strip),
    before=st.text(max_size=3),
    after=st.text(max_size=3),
)
def test_a_secret_is_hidden_in_every_encoding_of_a_longer_text(
    secret: str, before: str, after: str
) -> None:
    raw = f"{before}{secret}{after}".encode()
    own = secret.encode()
    for encoded, decoded in (
        (base64.b64encode(raw).decode(), _of_base64),
        (base64.urlsafe_b64encode(raw).decode(), _of_base64),
        (raw.hex().upper(), lambda text: bytes.fromhex(text[: len(text) // 2 * 2])),
        (quote(quote(raw, safe=""), safe=""), lambda text: unquote_to_bytes(unquote(text))),
        (json.dumps(raw.decode()), lambda text: text.encode()),
        (html.escape(raw.decode()), lambda text: html.unescape(text).encode()),
    ):
        left = without_secrets(encoded, [secret]).split(HIDDEN)
        assert len(left) > 1, encoded
        assert not any(own in decoded(part) for part in left)


@pytest.mark.parametrize("after", range(3))
@pytest.mark.parametrize("before", range(3))
def test_every_sign_of_base64_that_a_secret_decides_is_hidden(before: int, after: int) -> None:
    secret = "PSk3vTt9Lw0Xq"
    texts = [
        base64.b64encode(bytes([other]) * before + secret.encode() + bytes([other]) * after)
        for other in (0, 255)
    ]
    decided = [one == other and one != ord("=") for one, other in zip(*texts, strict=True)]
    first, last = decided.index(True), len(decided) - decided[::-1].index(True)
    if after == 0:
        last = (8 * (before + len(secret))) // 6  # the sign behind holds bits of padding
    text = texts[0].decode()
    assert without_secrets(text, [secret]) == text[:first] + HIDDEN + text[last:]


def _of_base64(text: str) -> bytes:
    plain = text.rstrip("=").translate(str.maketrans("-_", "+/"))
    return base64.b64decode(plain[: len(plain) // 4 * 4])


@given(
    number=st.from_regex(r"[0-9]{8}(-?[0-9]{2,3})?", fullmatch=True),
    marks=st.lists(st.sampled_from(["", "", "-", " "]), min_size=11, max_size=11),
)
def test_an_account_number_is_hidden_however_it_is_parted(number: str, marks: list[str]) -> None:
    digits = number.replace("-", "")
    spelt = "".join(sign + mark for sign, mark in zip(digits, marks, strict=False)).strip(" -")
    assert without_secrets(f"<{spelt}>", [number]) == f"<{HIDDEN}>"
    assert without_secrets(f"<{digits[:8]}>", [number]) == f"<{HIDDEN}>"


def test_a_sign_whose_small_form_is_longer_hides_no_part_of_a_secret() -> None:
    assert without_secrets(f"İ {APPKEY[:14]}", [APPKEY]) == f"İ {HIDDEN}"


def test_the_token_that_a_state_folder_keeps_is_a_secret(tmp_path: Any, config: Any) -> None:
    kept = replace(config, state=tmp_path)
    file = tmp_path / token_file("kis")
    file.write_text(json.dumps({"token": "planted.bearer.token"}), "utf-8")
    assert "planted" not in stopped(kept, "needs_person", "401 PLANTED.bearer.TOKEN").reasons[0]
    for damaged in ("", "[]", '{"token": 3}', "[" * 5000):
        file.write_text(damaged, "utf-8")
        assert stopped(kept, "needs_person", "401").reasons == ("401",)


def test_a_secret_that_json_would_escape_is_hidden_in_every_text() -> None:
    secret = 'pl"ant\\ed'
    document = {"reasons": [f"refused {secret}"], "of": {secret: (secret, 3, None)}}
    found = json.dumps(shown(document, [secret]))
    assert json.dumps(secret)[1:-1] not in found
    assert json.loads(found)["of"] == {"[hidden]": ["[hidden]", 3, None]}


def test_a_missing_variable_is_named_and_the_others_are_not_shown() -> None:
    with pytest.raises(ConfigError, match="KIS_APPSECRET is not set") as caught:
        read_secrets(["KIS_APPKEY", "KIS_APPSECRET"], "c.toml", {"KIS_APPKEY": "hush"})
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("adapter", ADAPTERS, ids=lambda adapter: adapter.kind)
@pytest.mark.parametrize("wrong", ["{}\r", "{} ", "키", "a b"])
def test_a_value_that_no_request_can_carry_is_refused_by_its_name(adapter: Any, wrong: str) -> None:
    table = adapter.table(kind=adapter.kind, mode=adapter.modes[0])
    assert set(broker_secrets(table, "c.toml", adapter.secrets)) == set(adapter.secrets)
    for name, value in adapter.secrets.items():
        spelt = wrong.format(value)
        with pytest.raises(ConfigError, match=f"the variable {name} contains a space") as caught:
            broker_secrets(table, "c.toml", {**adapter.secrets, name: spelt})
        assert not any(each in str(caught.value) for each in (value, repr(spelt)))


@pytest.mark.parametrize(
    ("adapter", "number"),
    [(KIS, "5011-22"), (KIS, "50112233-22"), (KIS, "account"), (KIWOOM, "6111223"), (TOSS, "17x")],
)
def test_a_number_that_is_no_account_of_the_interface_is_refused(adapter: Any, number: str) -> None:
    table = adapter.table(kind=adapter.kind, mode=adapter.modes[0])
    found = {**adapter.secrets, table.account: number}
    with pytest.raises(ConfigError, match=f"{table.account} does not have an account number"):
        broker_secrets(table, "c.toml", found)


# -- notifications --------------------------------------------------------------------------------


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("JEOUL_NOTIFY", NOTIFY)
    monkeypatch.setenv("KIS_APPKEY", APPKEY)
    (tmp_path / "c.toml").write_text(CONFIG.format(host="http://127.0.0.1:1"), "utf-8")
    return load_config(tmp_path / "c.toml")


ORDER = {"side": "BUY", "ticker": "069500", "shares": 3, "price": 36_000}
NEEDED = RunReport(
    "needs_person",
    (f"refused with {APPKEY}",),
    ("look at it",),
    {"orders": [ORDER], "simulated": True},
)


def test_a_notification_has_reasons_orders_and_what_is_asked(config: Any) -> None:
    title, body = message(config, NEEDED)
    assert title == "jeoul live: Needs you"
    assert "refused with [hidden]" in body
    assert "BUY 069500 3 shares at 36000" in body
    assert "Action needed: look at it" in body
    assert "Simulated data" in body


def test_it_goes_to_the_addresses_of_the_environment(config: Any) -> None:
    sent = []
    told = notify(config, NEEDED, lambda *parts: sent.append(parts) is None)  # type: ignore[func-returns-value]
    assert told.sent
    assert sent[0][0] == NOTIFY
    assert not notify(config, RunReport("nothing_to_do"), lambda *parts: True).sent


def test_where_the_ledger_cannot_be_read_it_is_told_every_time(config: Any) -> None:
    config.state.mkdir()
    (config.state / LEDGER).write_text("no ledger", "utf-8")
    sent = []
    for _ in range(2):
        assert notify_once(
            config,
            NEEDED,
            SystemClock(),
            lambda *parts: sent.append(parts) is None,  # type: ignore[func-returns-value]
        ).sent
    assert len(sent) == 2


def test_a_failing_service_never_stops_a_run(config: Any) -> None:
    def broken(*parts: Any) -> None:
        raise RuntimeError(NOTIFY)

    told = notify(config, NEEDED, broken)  # type: ignore[arg-type]
    assert not told.sent
    assert "RuntimeError" in told.warning  # type: ignore[operator]
    assert NOTIFY not in told.warning  # type: ignore[operator]
    assert not notify(config, NEEDED, lambda *parts: False).sent


def test_without_addresses_it_says_which_variable_is_missing(
    config: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JEOUL_NOTIFY")
    assert "JEOUL_NOTIFY" in notify(config, NEEDED).warning  # type: ignore[operator]
