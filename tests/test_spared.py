"""What tests share is what they would have made themselves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import spared

from jeoul import api
from jeoul.market import open_market
from jeoul.pipeline import run
from jeoul.pipeline.replay import replay


def test_a_folder_is_read_again_as_soon_as_a_file_of_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts: list[str] = []
    monkeypatch.setattr(
        spared, "open_market", lambda folder: texts.append((folder / "a.csv").read_text("utf-8"))
    )
    read = spared._read_once(spared._Kept(2))
    for text in ("1", "1", "10", "10", "1"):
        if not texts or texts[-1] != text:
            (tmp_path / "a.csv").write_text(text, "utf-8")
        read(tmp_path)
    assert texts == ["1", "10", "1"]


def test_an_answer_is_shared_by_equal_questions_only() -> None:
    asked: list[float] = []

    def total(values: np.ndarray, scale: float) -> float:
        asked.append(scale)
        return float(values.sum() * scale)

    once = spared._made_once(total, spared._Kept(2))
    ones, other = np.ones(3), np.array([1.0, 1.0, np.nextafter(1.0, 2.0)])
    assert [once(ones, 1.0), once(np.ones(3), 1.0), once(ones, 2.0)] == [3.0, 3.0, 6.0]
    assert once(other, 1.0) == float(other.sum())
    assert asked == [1.0, 2.0, 1.0]
    assert once(ones, 1.0) == 3.0  # which two newer answers have replaced
    assert len(asked) == 4


@pytest.mark.unspared
def test_a_test_that_is_unspared_reads_and_replays_itself() -> None:
    assert api.read_market is open_market  # type: ignore[attr-defined]
    assert run.replay is replay  # type: ignore[attr-defined]
