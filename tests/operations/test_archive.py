"""What a decision saw comes back from its archive as it was."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from jeoul.errors import DataError
from jeoul.model.finding import Finding, Severity
from jeoul.model.series import PriceTable, Series
from jeoul.model.snapshot import Snapshot
from jeoul.operations import archive as module
from jeoul.operations.archive import archive, recall
from jeoul.operations.errors import LedgerError

MON, TUE = date(2026, 6, 1), date(2026, 6, 2)
DAYS = np.array([MON, TUE], dtype="datetime64[D]")
KNOWN = np.array([10, 20], dtype=np.int64)
NONE = np.full((2, 1), np.nan)


def table(**more: Any) -> PriceTable:
    return PriceTable(
        exchange="XKRX", currency="KRW", adjusted="raw", tickers=("069500",), sessions=DAYS,
        known_at=KNOWN, close=np.array([[100.0], [101.0]]), **more,
    )  # fmt: skip


def snapshot(*prices: PriceTable) -> Snapshot:
    return Snapshot(
        as_of=TUE,
        calendar="XKRX",
        decided_at=30,
        prices=prices,
        series={"cpi": Series("cpi", "index", DAYS, np.array([1.5, 1.6]), KNOWN)},
        findings=(Finding(MON, "069500", "finding.jump", Severity.NOTICE, (("size", "9"),)),),
        simulated=False,
        source="KRX",
    )


def market(shown: Snapshot) -> Any:
    return SimpleNamespace(as_of=lambda *_: shown)


def kept(folder: Path, shown: Snapshot) -> Path:
    return archive(folder, market(shown), "XKRX", TUE)


def test_a_snapshot_comes_back_with_everything_that_was_seen(tmp_path: Path) -> None:
    paid = np.array([[0.0], [5.0]])
    shown = snapshot(
        table(
            dividends=paid, splits=np.ones((2, 1)), tax_base=NONE + 1, taxable=paid / 2,
            nav=np.array([[99.0], [np.nan]]),
        ),
        table(),
    )  # fmt: skip
    assert kept(tmp_path, shown) == tmp_path / "inputs" / f"{shown.digest}.zip"
    found = recall(tmp_path, shown.digest)
    assert found is not None
    assert (found.digest, found.as_of, found.decided_at) == (shown.digest, TUE, 30)
    assert (found.findings, found.source, found.simulated) == (shown.findings, "KRX", False)
    first, second = found.prices
    assert (first.tickers, first.adjusted, first.currency) == (("069500",), "raw", "KRW")
    for name in ("dividends", "splits", "tax_base", "taxable", "nav"):
        np.testing.assert_array_equal(getattr(first, name), getattr(shown.prices[0], name))
        assert getattr(second, name) is None


def test_an_archive_is_smaller_than_what_is_in_it(tmp_path: Path) -> None:
    days = np.arange("2020-01-01", "2024-01-01", dtype="datetime64[D]")
    long = PriceTable(
        exchange="XKRX", currency="KRW", adjusted="raw", tickers=("069500",), sessions=days,
        known_at=np.arange(len(days)), close=np.full((len(days), 1), 100.0),
    )  # fmt: skip
    assert kept(tmp_path, snapshot(long)).stat().st_size < long.close.nbytes


def test_a_snapshot_that_is_kept_already_is_not_written_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = snapshot(table())
    place = kept(tmp_path, shown)
    monkeypatch.setattr(module, "_write", lambda *_: pytest.fail("written again"))
    assert kept(tmp_path, shown) == place


def test_a_snapshot_that_was_not_kept_is_not_there_and_a_damaged_one_is_said(
    tmp_path: Path,
) -> None:
    assert recall(tmp_path, "none") is None
    shown = snapshot(table())
    kept(tmp_path, shown).write_bytes(b"half of a zip")
    with pytest.raises(DataError, match="is damaged"):
        recall(tmp_path, shown.digest)


def test_inputs_that_cannot_be_kept_stop_the_run_before_anything_is_sent(tmp_path: Path) -> None:
    (tmp_path / "inputs").write_text("a file in the place of the folder", "utf-8")
    with pytest.raises(LedgerError, match="nothing was sent"):
        kept(tmp_path, snapshot(table()))
