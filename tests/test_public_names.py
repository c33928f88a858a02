"""What ``import jeoul`` offers, and that it costs nothing until it is used."""

from __future__ import annotations

import subprocess
import sys

import pytest

import jeoul


@pytest.mark.parametrize("name", jeoul.__all__)
def test_a_public_name_is_listed_and_has_documentation(name: str) -> None:
    assert name in dir(jeoul)
    assert getattr(jeoul, name).__doc__


def test_the_verb_survives_the_package_of_the_same_name() -> None:
    import jeoul.backtesting

    assert callable(jeoul.backtest)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="allocte"):
        jeoul.allocte  # noqa: B018 - the look-up is the test


def test_importing_the_package_loads_no_library() -> None:
    code = "import sys, jeoul; print(sorted({'pandas', 'cvxpy', 'numpy'} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
