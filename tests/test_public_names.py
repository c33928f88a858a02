"""What ``import jeoul`` offers, and that it costs nothing until it is used."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

import jeoul

VERBS = [name for name in jeoul.__all__ if inspect.isfunction(getattr(jeoul, name))]


@pytest.mark.parametrize("name", jeoul.__all__)
def test_a_public_name_is_listed_and_has_documentation(name: str) -> None:
    assert name in dir(jeoul)
    assert getattr(jeoul, name).__doc__


@pytest.mark.parametrize("name", VERBS)
def test_a_verb_shows_how_it_is_called(name: str) -> None:
    assert ">>> " in (getattr(jeoul, name).__doc__ or "")


@pytest.mark.parametrize("name", VERBS)
def test_every_type_in_the_signature_of_a_verb_is_said(name: str) -> None:
    signature = inspect.signature(getattr(jeoul, name))
    assert signature.return_annotation is not inspect.Signature.empty
    assert all(p.annotation is not p.empty for p in signature.parameters.values())


def test_the_verb_survives_the_package_of_the_same_name() -> None:
    import jeoul.backtesting

    assert callable(jeoul.backtest)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="allocte"):
        getattr(jeoul, "allocte")  # noqa: B009 - the look-up is the test


def test_importing_the_package_loads_no_library() -> None:
    code = "import sys, jeoul; print(sorted({'pandas', 'cvxpy', 'numpy'} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
