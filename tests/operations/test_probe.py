"""A first day at a host: asked, compared, reported without secrets; one share in simulation."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from click.testing import CliRunner
from kis_desk import DAY
from venues import ADAPTERS, KIS, KIWOOM, TOSS

from jeoul.cli.main import cli
from jeoul.errors import BrokerError, UsageError
from jeoul.operations.probe import examine, try_one_share
from jeoul.operations.probe.examination import NOT_ASKED
from jeoul.operations.probe.keeping import with_visibility

PROBE = ["broker", "probe"]
CASES = [(adapter, mode) for adapter in ADAPTERS for mode in adapter.modes]
SIMULATED = [KIS, KIWOOM]


@pytest.fixture(params=CASES, ids=[f"{adapter.kind}-{mode}" for adapter, mode in CASES])
def probed(request: Any, tmp_path: Path, clock: Any) -> Any:
    adapter, mode = request.param
    with (
        adapter.server.running(mode) as truth,
        closing(adapter.connect(truth, tmp_path, clock)) as broker,
    ):
        yield adapter, truth[1], broker


def test_every_question_is_answered_as_the_adapter_expects(probed: Any) -> None:
    _, truth, broker = probed
    truth.by_hand("BUY", "069500", 3, 37_000)
    truth.fill(1, 1, 36_900)
    truth.holdings["114260"] = 4
    found = examine(broker, DAY)
    assert found.fits
    assert len(found.answers) >= 3
    orders = [answer for answer in found.answers if "order" in answer.name and answer.rows]
    assert any(sum(answer.rows.values()) for answer in orders)


def test_a_report_has_no_figure_no_code_and_no_secret(probed: Any) -> None:
    adapter, truth, broker = probed
    truth.deposits, truth.holdings = [123_454_321] * 3, {"069500": 76_543}
    truth.by_hand("BUY", "360750", 65_432, 37_000)
    text = json.dumps(examine(broker, DAY).as_json(), ensure_ascii=False).lower()
    for value in ("123454321", "76543", "65432", "069500", "360750", "37000"):
        assert value not in text
    for secret in (*adapter.secrets.values(), *truth.tokens):
        assert secret.lower() not in text
        assert quote(secret, safe="").lower() not in text


def test_a_field_that_is_spelt_otherwise_is_named(tmp_path: Path, clock: Any) -> None:
    with (
        KIWOOM.server.running() as truth,
        closing(KIWOOM.connect(truth, tmp_path, clock)) as broker,
    ):
        body = {"return_code": 0, "return_msg": "", "entr": "1", "d1_entra": "2", "d2entra": "3"}
        truth[1].faults = ["ask-x", "ask-x", KIWOOM.server.Planted.of("ask", body)]
        found = examine(broker, DAY)
    (deposit,) = [answer for answer in found.answers if answer.name == "deposit"]
    assert not deposit.fits
    assert not found.fits
    wrong = {field.name: dict(field.seen) for field in deposit.fields if not field.fits}
    assert wrong == {"d2_entra": {"missing": 1}, "100stk_ord_alow_amt": {"missing": 1}}
    assert "d2entra" in deposit.new


def test_a_host_that_asks_for_a_slower_pace_is_counted(tmp_path: Path, clock: Any) -> None:
    with TOSS.server.running() as truth, closing(TOSS.connect(truth, tmp_path, clock)) as broker:
        truth[1].faults = ["ask-too-fast", "ask-dropped"]
        found = examine(broker, DAY)
    assert (found.slowed, found.unanswered, found.fits) == (1, 1, True)


@pytest.mark.parametrize("adapter", ADAPTERS, ids=lambda adapter: adapter.kind)
def test_without_a_token_nothing_else_is_asked(adapter: Any, tmp_path: Path, clock: Any) -> None:
    with (
        adapter.server.running() as truth,
        closing(adapter.connect(truth, tmp_path, clock)) as broker,
    ):
        truth[1].faults = ["token-none"] * 9
        began = clock.now()
        found = examine(broker, DAY)
    assert len(truth[1].seen) == 1
    assert clock.now() - began < 60.0
    first, *others = (answer.trouble for answer in found.answers)
    assert first is not None
    assert "gives no token" in first
    assert set(others) | set(found.read.values()) == {NOT_ASKED}
    assert not found.fits


@pytest.mark.parametrize("code", ["EGW00103", "40910000"])
def test_the_code_of_an_answer_is_in_the_report(code: str, tmp_path: Path, clock: Any) -> None:
    with KIS.server.running() as truth, closing(KIS.connect(truth, tmp_path, clock)) as broker:
        body = {"rt_cd": "1", "msg_cd": code, "msg1": "계좌 12340000 잔액 98760000원 (55550000)"}
        truth[1].faults = [KIS.server.Planted.of("ask", body, status=500)] * 2
        said = json.dumps(examine(broker, DAY).as_json(), ensure_ascii=False)
    assert code in said
    assert not any(number in said for number in ("12340000", "98760000", "55550000"))


@pytest.mark.parametrize("adapter", SIMULATED, ids=lambda adapter: adapter.kind)
@pytest.mark.parametrize("lag", [0.0, 45.0])
def test_one_share_is_sent_once_seen_and_cancelled(
    adapter: Any, lag: float, tmp_path: Path, clock: Any
) -> None:
    with (
        adapter.server.running() as truth,
        closing(adapter.connect(truth, tmp_path, clock)) as found,
    ):
        truth[1].list_lag = lag
        tried = try_one_share(found, DAY, "069500", 29_000)
        assert truth[1].sent()[0] == ("069500", 1)
        assert truth[1].waiting() == []
    assert (tried.answer, tried.ended) == ("accepted", "cancelled")
    assert tried.visible is not None
    assert lag <= tried.visible < lag + 30.0
    assert tried.recommended == min(max(-(-tried.visible * 3 // 1), 10.0), 600.0)


@pytest.mark.parametrize("adapter", SIMULATED, ids=lambda adapter: adapter.kind)
def test_one_share_that_is_filled_is_sold(adapter: Any, tmp_path: Path, clock: Any) -> None:
    with (
        adapter.server.running() as truth,
        closing(adapter.connect(truth, tmp_path, clock)) as found,
    ):
        submit = found.submit

        def filled(request: Any) -> str:
            number: str = submit(request)
            truth[1].fill(len(truth[1].sent()), 1, 29_000)
            return number

        found.submit = filled
        tried = try_one_share(found, DAY, "069500", 29_000)
        assert (tried.ended, truth[1].holdings["069500"]) == ("sold", 0)


@pytest.mark.parametrize("fault", ["silent-before", "silent-after", "refused", "too-fast"])
def test_one_share_is_never_sent_again(fault: str, tmp_path: Path, clock: Any) -> None:
    with (
        KIWOOM.server.running() as truth,
        closing(KIWOOM.connect(truth, tmp_path, clock)) as broker,
    ):
        truth[1].faults = [fault]
        tried = try_one_share(broker, DAY, "069500", 29_000)
        arrived = [each for each in truth[1].placed if each.kind == "order"]
    assert len(arrived) == (fault == "silent-after")
    wanted = {
        "silent-before": ("unanswered", "left"),
        "silent-after": ("unanswered", "cancelled"),
        "refused": ("refused", "refused"),
        "too-fast": ("not_sent", "not_sent"),
    }
    assert (tried.answer, tried.ended) == wanted[fault]


def test_one_share_is_for_simulation_and_open_hours_alone(tmp_path: Path, clock: Any) -> None:
    for adapter, mode in ((TOSS, "real"), (KIS, "real"), (KIWOOM, "real")):
        with (
            adapter.server.running(mode) as truth,
            closing(adapter.connect(truth, tmp_path, clock)) as broker,
            pytest.raises(UsageError, match="in simulation alone"),
        ):
            try_one_share(broker, DAY, "069500", 29_000)
    clock.time -= 7_200
    with (
        KIWOOM.server.running() as truth,
        closing(KIWOOM.connect(truth, tmp_path, clock)) as broker,
        pytest.raises(UsageError, match="takes orders now"),
    ):
        try_one_share(broker, DAY, "069500", 29_000)
    assert truth[1].sent() == []


# -- the command -----------------------------------------------------------------------------------


def config_at(folder: Path, adapter: Any, host: str, mode: str, lang: str = "en") -> Path:
    file = folder / "c.toml"
    file.write_text(
        'schema = 1\nname = "live"\nstrategy = "static"\nprofile = "balanced"\n'
        f'state = "state"\nlang = "{lang}"\n[broker]  # mine\nkind = "{adapter.kind}"\n'
        f'mode = "{mode}"\nhost = "{host}"\n',
        "utf-8",
    )
    return file


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize("adapter", ADAPTERS, ids=lambda adapter: adapter.kind)
def test_the_command_writes_a_report_and_says_what_it_found(
    adapter: Any, lang: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in adapter.secrets.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    with adapter.server.running() as (host, truth):
        truth.paced = False
        file = config_at(tmp_path, adapter, host, truth.mode, lang)
        done = CliRunner().invoke(cli, ["broker", "probe", str(file)], standalone_mode=False)
    assert done.return_value == 0, done.output
    (report,) = tmp_path.glob("jeoul-probe-*.json")
    assert report.name in done.output
    assert json.loads(report.read_text("utf-8"))["fits"] is True
    texts = [done.output, report.read_text("utf-8")]
    for secret in (*adapter.secrets.values(), *truth.tokens):
        assert not any(secret.lower() in text.lower() for text in texts)


def test_an_order_needs_its_ticker_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in KIWOOM.secrets.items():
        monkeypatch.setenv(name, value)
    with KIWOOM.server.running() as (host, truth):
        file = config_at(tmp_path, KIWOOM, host, "simulation")
        words = ["broker", "probe", str(file), "--one-share", "069500", "--limit", "29000"]
        for more in ([], ["--confirm", "360750"]):
            with pytest.raises(UsageError, match="add --confirm 069500"):
                CliRunner().invoke(
                    cli, [*words, *more], standalone_mode=False, catch_exceptions=False
                )
        (tmp_path / "state").mkdir(exist_ok=True)
        (tmp_path / "state" / "STOP").touch()
        with pytest.raises(UsageError, match="kill switch"):
            CliRunner().invoke(
                cli, [*words, "--confirm", "069500"], standalone_mode=False, catch_exceptions=False
            )
        assert truth.sent() == []


def test_nothing_is_sent_while_the_list_of_orders_cannot_be_read(
    tmp_path: Path, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in KIWOOM.secrets.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("jeoul.operations.setup.clock.SystemClock", lambda: clock)
    with KIWOOM.server.running() as (host, truth):
        truth.now = clock.now
        truth.faults = ["token-none"] * 9
        file = config_at(tmp_path, KIWOOM, host, "simulation")
        words = [*PROBE, str(file), "--one-share", "069500", "--limit", "29000"]
        done = CliRunner().invoke(
            cli,
            [*words, "--confirm", "069500", "--out", str(tmp_path / "r")],
            standalone_mode=False,
        )
        assert truth.sent() == []
    assert done.return_value == 5, done.output
    assert "No order was sent" in done.output
    assert "Balance: not asked, because the broker gives no token\n" in done.output


def test_an_unreadable_list_sends_no_share(tmp_path: Path, clock: Any) -> None:
    with (
        KIWOOM.server.running() as truth,
        closing(KIWOOM.connect(truth, tmp_path, clock)) as broker,
    ):
        truth[1].faults = ["ask-garbled"] * 9
        with pytest.raises(BrokerError):
            try_one_share(broker, DAY, "069500", 29_000)
    assert truth[1].sent() == []


def test_a_measured_time_is_written_and_nothing_else(tmp_path: Path) -> None:
    file = config_at(tmp_path, KIWOOM, "http://127.0.0.1:1", "simulation")
    text = file.read_text("utf-8")
    found = with_visibility(with_visibility(text, 30.0), 45.0)
    assert found.replace("visibility = 45.0\n", "") == text
    assert tomllib.loads(found)["broker"]["visibility"] == 45.0
    for other in (text.replace("\n", "\r\n"), text.replace("[broker]", "[ broker ]")):
        kept = with_visibility(other, 45.0)
        assert tomllib.loads(kept) == tomllib.loads(found)
        assert kept.count("\r\n") in (0, kept.count("\n"))
    quoted = text.replace("kind =", '"visibility" = 3\nkind =')
    assert tomllib.loads(with_visibility(quoted, 45.0)) == tomllib.loads(found)
    with pytest.raises(UsageError, match="without changing more"):
        with_visibility(text.replace("kind =", "'visibility' = 3\nkind ="), 45.0)
    with pytest.raises(UsageError, match="no line"):
        with_visibility('broker = { kind = "kis" }\n', 10.0)


def test_a_broker_without_an_interface_is_said(tmp_path: Path) -> None:
    text = 'schema = 1\nname = "p"\nstrategy = "static"\nprofile = "balanced"\nstate = "s"\n'
    (tmp_path / "c.toml").write_text(f'{text}[broker]\nkind = "paper"\n', "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "jeoul", "broker", "probe", str(tmp_path / "c.toml")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "paper" in done.stderr
