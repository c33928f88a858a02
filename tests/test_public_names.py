"""What ``import jeoul`` offers, and that it costs nothing until it is used."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

import jeoul
import jeoul.allocate
import jeoul.estimate
from jeoul import assets
from jeoul.allocate import Program

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


@cache
def parsed() -> dict[Path, ast.Module]:
    """The modules of the engine, without those that only pass names on."""
    files = sorted(Path(jeoul.__file__).parent.rglob("*.py"))
    return {path: ast.parse(path.read_text("utf-8")) for path in files if path.stem != "__init__"}


def shown() -> set[str]:
    """The names in the Python that the page of notebooks runs."""
    page = (assets.root() / "docs" / "notebook.md").read_text("utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    return set(re.findall(r"\w+", "\n".join(blocks)))


@cache
def called() -> set[str]:
    """The names that a module of the engine uses and does not define itself."""
    found = set()
    for tree in parsed().values():
        own = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        found |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - own
    return found


@pytest.mark.parametrize("package", [jeoul.estimate, jeoul.allocate])
def test_a_step_that_the_engine_does_not_take_is_shown_to_researchers(package: ModuleType) -> None:
    steps = {name for name in package.__all__ if inspect.isroutine(getattr(package, name))}
    alone = steps - called()
    assert alone - shown() == set()
    assert alone  # it finds some


def rules_set() -> Iterator[str]:
    """The keywords with which the engine makes a program or changes one."""
    for tree in parsed().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"Program", "replace"}:
                yield from (each.arg for each in node.keywords if each.arg)


def test_a_rule_of_a_program_that_no_strategy_sets_is_shown_to_researchers() -> None:
    alone = {field.name for field in fields(Program)} - set(rules_set())
    assert alone == {"eligible", "frozen"}
    assert alone <= shown()
