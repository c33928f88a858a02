"""A strategy file is checked with the universe that it names."""

from __future__ import annotations

from pathlib import Path

import pytest

from jeoul.errors import StrategyError
from jeoul.strategy.load import find_strategy, load_strategy

EQUILIBRIUM = '{ kind = "equilibrium", risk_aversion = 2.5 }'
VIEW = (
    '{{ kind = "black-litterman", views = {{ korea = {{ expected = 0.02,'
    " of = {{ kr_large = 1.0, {against} = -1.0 }} }} }} }}"
)


def written(folder: Path, against: str) -> str:
    shipped = find_strategy("managed").read_text(encoding="utf-8")
    assert EQUILIBRIUM in shipped
    file = folder / "views.toml"
    file.write_text(shipped.replace(EQUILIBRIUM, VIEW.format(against=against)), encoding="utf-8")
    return str(file)


def test_a_view_is_read_as_written(tmp_path: Path) -> None:
    strategy = load_strategy(written(tmp_path, "us_large"))
    assert strategy.estimate.mean.views["korea"].of == {"kr_large": 1.0, "us_large": -1.0}


def test_a_view_names_members_of_the_universe(tmp_path: Path) -> None:
    with pytest.raises(StrategyError) as caught:
        load_strategy(written(tmp_path, "us_lagre"))
    (problem,) = caught.value.problems
    assert problem.key == "estimate.mean.views.korea.of.us_lagre"
    assert problem.line == 12
    assert "us_large" in problem.remedy
