"""A year has one length in the whole engine."""

import ast
from datetime import date
from pathlib import Path

from jeoul.model.years import DAYS_A_YEAR

ENGINE = Path(__file__).parents[2] / "engine" / "jeoul"


def test_a_year_is_the_mean_of_the_calendars_four_hundred() -> None:
    assert (date(2400, 1, 1) - date(2000, 1, 1)).days / 400 == DAYS_A_YEAR


def test_no_module_has_a_year_of_its_own() -> None:
    own = {
        str(file.relative_to(ENGINE))
        for file in ENGINE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Constant)
        and (node.value in ("365.25", "365.2425") or isinstance(node.value, float))
        and 365.0 < float(node.value) < 366.0
    }
    assert own == {"model/years.py"}
