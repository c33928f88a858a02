"""A strategy file is checked with the universe that it names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jeoul.errors import StrategyError
from jeoul.strategy.load import find_strategy, load_strategy

MEANS = '{ kind = "implied", share = 0.9 }'
VIEW = (
    '{{ kind = "black-litterman", views = {{ korea = {{ expected = 0.02,'
    " of = {{ kr_large = 1.0, {against} = -1.0 }} }} }} }}"
)


def written(folder: Path, against: str) -> str:
    shipped = find_strategy("managed").read_text(encoding="utf-8")
    assert MEANS in shipped
    file = folder / "views.toml"
    file.write_text(shipped.replace(MEANS, VIEW.format(against=against)), encoding="utf-8")
    return str(file)


def test_a_view_is_read_as_written(tmp_path: Path) -> None:
    strategy = load_strategy(written(tmp_path, "us_large"))
    assert strategy.estimate.mean.views["korea"].of == {"kr_large": 1.0, "us_large": -1.0}


def test_a_view_names_members_of_the_universe(tmp_path: Path) -> None:
    with pytest.raises(StrategyError) as caught:
        load_strategy(written(tmp_path, "us_lagre"))
    (problem,) = caught.value.problems
    assert problem.key == "estimate.mean.views.korea.of.us_lagre"
    assert problem.line == 13
    assert "us_large" in problem.remedy  # type: ignore[operator]


def edited(folder: Path, *changes: tuple[str, str]) -> str:
    """Return a copy of the managed strategy with some lines changed."""
    text = find_strategy("managed").read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    file = folder / "edited.toml"
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_every_scale_that_the_grid_would_round_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(StrategyError) as caught:
        load_strategy(
            edited(
                tmp_path,
                ("scale = 0.90", "scale = 0.92"),
                ("scale    = 0.50", "scale    = 0.33"),
                ("both         = 0.25", "both         = 0.26"),
                ("step     = 0.25", "step     = 0.12"),
            )
        )
    found = {problem.key: problem for problem in caught.value.problems}
    assert set(found) == {
        "overlay.vix.scale",
        "overlay.trend.scale",
        "overlay.both",
        "overlay.reentry.step",
    }
    assert len({problem.line for problem in found.values()}) == 4
    assert found["overlay.vix.scale"].message == "0.92 is not a multiple of grid 0.05"
    assert found["overlay.vix.scale"].remedy == "use 0.9 or 0.95, or a finer grid"


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (("grid         = 0.05", "grid         = 0.3"), "overlay.grid"),
        (("grid         = 0.05", "grid         = 0.1"), "overlay.reentry.step"),
        (("band     = 0.02", "band     = 0.0"), "overlay.trend.band"),
    ],
)
def test_what_would_fail_at_run_time_fails_the_check(tmp_path: Path, change: Any, key: str) -> None:
    with pytest.raises(StrategyError) as caught:
        load_strategy(edited(tmp_path, change))
    assert key in {problem.key for problem in caught.value.problems}
