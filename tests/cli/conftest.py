"""The command line as a person meets it: arguments in, two streams and an exit code out."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import NamedTuple

import pytest

from jeoul import api
from jeoul.cli.main import main
from jeoul.market import Market


class Outcome(NamedTuple):
    code: int
    out: str
    err: str


Jeoul = Callable[..., Outcome]


@pytest.fixture
def jeoul(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Jeoul:
    """Run the command line in this process, exactly as the installed script does."""

    def run(*arguments: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["jeoul", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main()
        seen = capsys.readouterr()
        return Outcome(int(left.value.code or 0), seen.out, seen.err)

    return run


@pytest.fixture
def opened_once(monkeypatch: pytest.MonkeyPatch, sample: Market) -> None:
    """Spare a test that is not about reading the sample from reading it again."""
    read = api.open_market
    monkeypatch.setattr(
        api, "open_market", lambda place=None, **_: read(place) if place else sample
    )
