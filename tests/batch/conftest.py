"""Random accounts lie beside the tests and beside a script, which both import them by name."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import jeoul
from jeoul.batch import BatchFiles, run_batch
from jeoul.executing import Crew, Here
from jeoul.market import Market
from jeoul.rebalance import ONLINE
from jeoul.workspace.batch import Ways, set_up
from jeoul.workspace.inputs import Opened

sys.path.insert(0, str(Path(__file__).parent))

from crowd import write_accounts


@pytest.fixture(scope="module")
def opened(sample: Market) -> Opened:
    strategy = jeoul.load_strategy("static")
    return Opened(strategy, sample, sample.as_of(sample.last_session()))


@pytest.fixture
def batch(opened: Opened, tmp_path: Path) -> Callable[..., SimpleNamespace]:
    """Return what writes rows, runs a batch over them, and reads its files."""

    def run(
        lines: Sequence[Sequence[str]] = (), terms: Path | None = None, **given: Any
    ) -> SimpleNamespace:
        accounts = given.get("accounts", tmp_path / "accounts.csv")
        if lines:
            write_accounts(accounts, lines)
        files = BatchFiles(
            accounts=accounts,
            out=given.get("out", tmp_path / "orders.csv"),
            refused=given.get("refused", tmp_path / "refused.csv"),
            terms=terms,
        )
        job, layout, _ = set_up(opened, files, Ways(ONLINE, "settled", given.get("lang", "en")))
        summary = run_batch(job, files, layout, given.get("crew", Crew(Here)))
        return SimpleNamespace(
            tally=summary.tally,
            orders=files.out.read_bytes(),
            refused=_lines(files.refused),
        )

    return run


def _lines(path: Path) -> list[str]:
    """Return the lines of a file of refused rows, without its header; none of another format."""
    return path.read_text("utf-8").splitlines()[1:] if path.suffix == ".csv" else []
