"""Import paths and names of 0.1.0 answer with what they became, and say where it is now."""

from __future__ import annotations

import importlib
import operator
import subprocess
import sys
import warnings

import pytest

import jeoul
from jeoul import assets, moved

OLD = sorted({*moved.PACKAGES, *moved.MODULES})


@pytest.fixture
def unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that has not imported an old path yet."""
    for name in list(sys.modules):
        if moved.new_path(name) is not None:
            monkeypatch.delitem(sys.modules, name)


def run(code: str) -> str:
    """Return what a new process prints that shows every warning of an old path as an error line."""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return ran.stdout.strip()


@pytest.mark.parametrize("old", OLD)
@pytest.mark.usefixtures("unseen")
def test_an_old_path_gives_the_same_module_and_names_the_new_one(old: str) -> None:
    new = moved.new_path(old)
    assert new is not None
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        found = importlib.import_module(old)
    assert found is importlib.import_module(new)
    assert found.__name__ == new
    assert found.__spec__ is not None
    assert found.__spec__.name == new
    (said,) = [w for w in warned if str(w.message).startswith(f"{old} ")]
    assert said.category is DeprecationWarning
    assert str(said.message).startswith(f"{old} is now {new};")


@pytest.mark.usefixtures("unseen")
def test_a_second_import_of_an_old_path_is_silent() -> None:
    with pytest.warns(DeprecationWarning, match="person"):
        importlib.import_module("jeoul.korea.person")
    importlib.import_module("jeoul.korea.person")  # a warning is an error in these tests


@pytest.mark.parametrize("old", OLD)
def test_no_module_of_today_lies_at_an_old_path(old: str) -> None:
    file = assets.root().joinpath("engine", *old.split("."))
    assert not file.with_suffix(".py").exists()
    assert not (file / "__init__.py").exists()


@pytest.mark.parametrize(
    "statement",
    [
        "import jeoul.backtest",
        "import jeoul.backtest.metrics",
        "from jeoul.backtest import summarise, Backtest",
        "from jeoul.backtest import metrics",
        "from jeoul.backtest.run import backtest",
        "from jeoul.backtest.account_file import load_account_file",
        "import jeoul.report",
        "from jeoul.report import render_html",
        "import jeoul.report.charts",
    ],
)
def test_the_verbs_stay_verbs_after_an_old_import(statement: str) -> None:
    code = f"{statement}; import jeoul; print(jeoul.backtest.__name__, jeoul.report.__name__)"
    assert run(code) == "backtest report"


def test_a_function_of_a_package_is_not_replaced_by_an_old_module_of_its_name() -> None:
    code = (
        "import jeoul.pipeline.place, jeoul.allocate.solve, jeoul.rebalance.drift; import jeoul;"
        "print(*map(callable, (jeoul.pipeline.place, jeoul.allocate.solve, jeoul.rebalance.drift)))"
    )
    assert run(code) == "True True True"


def test_a_module_keeps_one_copy_of_its_classes() -> None:
    code = (
        "from jeoul.backtest.run import Backtest as old;"
        "from jeoul.backtesting.run import Backtest; print(old is Backtest)"
    )
    assert run(code) == "True"


def test_a_path_that_never_was_is_not_found() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"jeoul\.korea\.nobody"):
        importlib.import_module("jeoul.korea.nobody")
    assert moved.new_path("jeoul.korea.pension") is None


def test_looking_for_an_old_path_neither_imports_nor_warns() -> None:
    code = (
        "import importlib.util, sys, warnings; warnings.simplefilter('error'); import jeoul;"
        "print(importlib.util.find_spec('jeoul.strategy').name, 'jeoul.reporting' in sys.modules);"
        "assert importlib.util.find_spec('jeoul.report') is not None;"
        "print('jeoul.reporting' in sys.modules)"
    )
    assert run(code).splitlines() == ["jeoul.strategy False", "False"]


def test_installing_twice_adds_one_finder() -> None:
    moved.install()
    assert sum(isinstance(finder, moved.OldPaths) for finder in sys.meta_path) == 1
    assert jeoul.backtest.__module__ == "jeoul.api"


@pytest.mark.parametrize("old", moved.NAMES)
def test_an_old_name_gives_what_the_new_one_gives_and_warns_once(
    old: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    module, _, name = old.partition(":")
    home, _, path = moved.NAMES[old].partition(":")
    found = importlib.import_module(module)
    monkeypatch.delitem(vars(found), name, raising=False)  # as in a process that never asked
    with pytest.warns(DeprecationWarning, match="is now") as warned:
        given = getattr(found, name)
    assert given == operator.attrgetter(path)(importlib.import_module(home))
    assert [str(w.message) for w in warned] == [
        f"{module}.{name} is now {home}.{path}; the old name goes with jeoul 0.3.0"
    ]
    assert getattr(found, name) is given  # a warning is an error in these tests
    assert name not in getattr(found, "__all__", ())


def test_the_old_names_of_the_orders_and_of_the_fee_are_those_of_today() -> None:
    code = (
        "from jeoul.rebalance import Plan, OrderPlan; from jeoul.pipeline import ONLINE_FEE;"
        "print(Plan is OrderPlan, ONLINE_FEE)"
    )
    assert run(code) == "True 0.000140527"


def test_the_warning_of_an_old_name_points_at_the_line_that_asks_for_it() -> None:
    code = "import jeoul\nfrom jeoul.overlay import Event"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stderr.count("DeprecationWarning") == 1
    assert ran.stderr.startswith("<string>:2: DeprecationWarning: jeoul.overlay.Event is now ")


def test_a_name_that_a_package_never_had_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match=r"module 'jeoul\.rebalance' has no attribute 'Plans'"):
        importlib.import_module("jeoul.rebalance").Plans  # noqa: B018 - the look-up is the test
    with pytest.raises(ImportError, match="Plan"):
        exec("from jeoul.overlay import Plan")
