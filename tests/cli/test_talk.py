"""What a command says beside its result: progress, notices, and a log without secrets."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from jeoul.cli.logs import secrets_in
from jeoul.cli.progress import long_progress, progress
from jeoul.cli.terminal import fitted
from jeoul.cli.waiting import Waiting

SWEEP = ("sweep", "static", "--profile", "balanced", "--grid", "rebalance.cost=0.01,0.02")


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_a_sweep_moves_by_the_variant_and_its_log_has_each(jeoul: Any, tmp_path: Path) -> None:
    log, out = tmp_path / "jeoul.log", tmp_path / "a.sqlite"
    words = ("--out", out, "--trials", tmp_path / "t.sqlite", "--log", log)
    assert jeoul(*SWEEP, *words).code == 0
    lines = log.read_text("utf-8").splitlines()
    assert [line.split(" INFO ")[1] for line in lines[:2]] == [
        '1/2 {"rebalance.cost":0.01}',
        '2/2 {"rebalance.cost":0.02}',
    ]
    assert "done in" in lines[-1]


def test_v_logs_to_stderr_before_or_behind_the_command_and_quiet_is_its_opposite(
    jeoul: Any,
) -> None:
    assert "INFO jeoul -v glossary ETF: done in" in jeoul("-v", "glossary", "ETF").err
    assert "INFO" in jeoul("glossary", "ETF", "--verbose").err
    assert jeoul("glossary", "ETF", "--quiet").err == ""
    both = jeoul("glossary", "ETF", "--quiet", "-v", "--lang", "en")
    assert (both.code, "use --quiet or -v, not both" in both.err) == (2, True)


def test_no_secret_is_in_a_log(jeoul: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "mine.toml"
    config.write_text('urls = "PLACE_OF_NEWS"\nnope = 1\n', "utf-8")
    monkeypatch.setenv("PLACE_OF_NEWS", "https://hook.example/XyZ12345")
    monkeypatch.setenv("KIS_APP_KEY", "AbCdEf99")
    log = tmp_path / "jeoul.log"
    words = (config, "https://hook.example/XyZ12345", "abcdef99.toml")
    assert jeoul("check", *words, "--log", log).code == 2
    text = log.read_text("utf-8")
    assert "ERROR" in text or "[hidden]" in text
    assert not {"XyZ12345", "abcdef99"} & set(text.replace("/", " ").replace(".", " ").split())


def test_the_kind_of_an_account_is_not_a_secret() -> None:
    assert secrets_in([], {"JEOUL_ACCOUNT": "general", "KIS_ACCOUNT": "12345678-01"}) == (
        "12345678-01",
    )


def test_quiet_keeps_notices_for_the_log(jeoul: Any, tmp_path: Path) -> None:
    words = ("guard", "static", "--profile", "balanced", "--lang", "en")
    span = ("--from", "2026-06-28", "--to", "2026-06-29")
    said = jeoul(*words, *span).err
    assert "2026-06-28" in said
    log = tmp_path / "jeoul.log"
    assert jeoul(*words, *span, "--quiet", "--log", log).err == ""
    assert said.strip() in log.read_text("utf-8")


def test_a_bar_moves_with_each_step_where_a_person_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    with progress(2) as step:
        step("balanced: vix")
        step("balanced: trend")
    assert "balanced: trend" in terminal.getvalue()
    assert "2/2" in terminal.getvalue()


def test_a_bar_of_long_work_comes_once_it_has_taken_a_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    with long_progress() as step:
        assert step is not None
        step(1, 180, "2012-01-31")
        assert terminal.getvalue() == ""
        monkeypatch.setattr("jeoul.cli.progress.PATIENCE", 0.0)
        step(2, 180, "2012-02-29")
    assert "2012-02-29" in terminal.getvalue()
    assert "2/180" in terminal.getvalue()


def test_a_decision_says_how_far_its_replay_is(
    jeoul: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[tuple[int, int]] = []

    @contextmanager
    def watched() -> Iterator[Callable[[int, int, object], None]]:
        yield lambda done, of, _: heard.append((done, of))

    monkeypatch.setenv("JEOUL_CACHE", str(tmp_path))
    monkeypatch.setattr("jeoul.cli.decide.long_progress", watched)
    words = ("decide", "static", "--profile", "balanced", "--cash", "1000000", "--json")
    first = jeoul(*words, "--as-of", "2014-06-27")
    whole = heard.copy()
    assert whole == [(number, len(whole)) for number in range(1, len(whole) + 1)]
    assert len(whole) > 100
    assert jeoul(*words, "--as-of", "2014-06-27").out == first.out
    assert heard == whole  # from the memory nothing is allocated but the last date again


def test_nothing_moves_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    with progress(1) as step:
        step("balanced")
    with long_progress() as long:
        assert long is None
    Waiting(sys.stderr).end()
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("term", "columns"), [("dumb", "80"), ("xterm", None)], ids=["dumb", "without a size"]
)
def test_nothing_moves_where_a_line_cannot_be_written_over(
    monkeypatch: pytest.MonkeyPatch, term: str, columns: str | None
) -> None:
    """Neither the bar of steps nor the mark of waiting."""
    monkeypatch.setattr("jeoul.cli.waiting._PATIENCE", 0.01)
    monkeypatch.setattr("jeoul.cli.waiting._TICK", 0.01)
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", term)
    monkeypatch.delenv("COLUMNS", raising=False)
    if columns is not None:
        monkeypatch.setenv("COLUMNS", columns)
    with progress(2) as step:
        step("balanced: vix")
    with fitted():
        time.sleep(0.2)
    assert terminal.getvalue() == ""


def test_a_mark_moves_where_a_line_can_be_written_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jeoul.cli.waiting._PATIENCE", 0.01)
    monkeypatch.setattr("jeoul.cli.waiting._TICK", 0.01)
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    with fitted():
        while " s" not in terminal.getvalue():
            time.sleep(0.01)


def test_work_without_steps_says_how_long_it_takes_and_clears_the_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("jeoul.cli.waiting._PATIENCE", 0.01)
    monkeypatch.setattr("jeoul.cli.waiting._TICK", 0.01)
    terminal = Terminal()
    waiting = Waiting(terminal)
    while "s" not in terminal.getvalue():
        pass
    waiting.end()
    waiting.end()
    assert terminal.getvalue().endswith("\r\x1b[K")
