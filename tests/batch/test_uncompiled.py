"""Where numba cannot compile a function, a batch goes on, says so, and orders the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from crowd import write_accounts
from numba.core.errors import TypingError

from jeoul.batch import cells, compiled
from jeoul.cli.main import cli

NAMES = compiled.CellFunctions._fields
UNUSED = {"numbers_of", "hashes_in"}
"""What only tables of terms and other formats are read with."""
ROWS = [
    ("a", "general", "balanced", "CASH", "30000000", "", ""),
    ("b", "isa", "growth", "CASH", "5000000", "", ""),
    ("b", "isa", "growth", "069500", "12", "", ""),
]


def spoil(monkeypatch: pytest.MonkeyPatch, name: str) -> compiled.CellFunction:
    """Let numba refuse one function, whether it is to be kept or not."""

    def refused(*_: object, **__: object) -> None:
        raise TypingError("no such processor")

    function: compiled.CellFunction = getattr(compiled.cell_functions(), name)
    monkeypatch.setattr(function, "_run", None)
    monkeypatch.setattr(function, "_kept", [True, False])
    monkeypatch.setattr(compiled, "twin_of", refused)
    return function


def test_each_of_the_functions_may_fail_alone(batch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = batch(ROWS)
    assert whole.tally.uncompiled == 0
    for name in NAMES:
        with monkeypatch.context() as patched:
            function = spoil(patched, name)
            run = batch(ROWS)
            assert (run.orders, run.refused) == (whole.orders, whole.refused), name
            if name not in UNUSED:
                assert (function.is_plain, run.tally.uncompiled) == (True, 2), name
        assert not function.is_plain


class Failing:
    """A compiled function that fails when it runs."""

    def typeof_pyval(self, given: object) -> type:
        return type(given)

    def compile(self, _: object) -> None: ...

    def __call__(self, *_: object) -> None:
        raise MemoryError


def test_a_fault_of_a_run_is_no_reason_to_run_it_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """What has begun to write into its arrays is not begun once more as plain Python."""
    function = compiled.CellFunction(cells.count_lines, cells.PARTS)
    monkeypatch.setattr(function, "_run", Failing())
    with pytest.raises(MemoryError):
        function(np.frombuffer(b"a\nb\n", dtype=np.uint8))
    assert not function.is_plain


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "The compiled loop could not be used for 2 accounts."),
        ("ko", "2개 계좌는 컴파일된 계산을 쓰지 못했습니다."),
    ],
)
def test_the_table_says_that_the_compiled_loop_could_not_be_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lang: str, said: str
) -> None:
    accounts, out = tmp_path / "accounts.csv", tmp_path / "orders.csv"
    write_accounts(accounts, ROWS)
    words = ["batch", str(accounts), "static", "--out", str(out), "--executor", "here"]
    assert said not in CliRunner().invoke(cli, [*words, "--lang", lang]).stdout
    spoil(monkeypatch, "gather")
    ran = CliRunner().invoke(cli, [*words, "--lang", lang])
    assert ran.exit_code == 0, ran.output
    assert said in " ".join(ran.stdout.split())
