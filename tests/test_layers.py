"""The packages import one another in one direction."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import tomllib

import pytest
from importlinter.cli import lint_imports

import jeoul
from jeoul import assets


def test_import_contracts_hold(capsys: pytest.CaptureFixture[str]) -> None:
    code = lint_imports(config_filename=str(assets.root() / "pyproject.toml"), cache_dir=None)
    assert code == 0, capsys.readouterr().out


#: The only modules below the command line, the pages, operations and research that touch files.
READERS = {
    "api/showing/files.py",
    "backtesting/periods.py",
    "codes.py",
    "database.py",
    "files/text.py",
    "korea/catalogue_files.py",
    "korea/tables.py",
    "market/publishing/publish.py",
    "market/cache/lock.py",
    "market/calendars.py",
    "market/last_row.py",
    "messages.py",
    "profile/form.py",
    "profile/insurances.py",
}
OWN_FILES = {
    "backtesting/periods.py",
    "codes.py",
    "korea/catalogue_files.py",
    "korea/tables.py",
    "messages.py",
    "profile/form.py",
    "profile/insurances.py",
    "web/strategy_keys.py",
    "workspace/starter.py",
}
"""Modules that read a file of ``data/``, which comes with the package."""
EDGES = {"batch", "cli", "web", "workspace", "operations", "research"}
TOUCHES = {"open", "read_text", "read_bytes", "write_text", "write_bytes"}


def _touches_files(tree: ast.AST) -> bool:
    calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return any(
        (isinstance(f, ast.Attribute) and f.attr in TOUCHES)
        or (isinstance(f, ast.Name) and f.id == "open")
        for f in calls
    )


def test_only_the_edges_touch_files() -> None:
    engine = assets.root() / "engine" / "jeoul"
    found = {
        path.relative_to(engine).as_posix()
        for path in engine.rglob("*.py")
        if path.relative_to(engine).parts[0] not in EDGES
        and _touches_files(ast.parse(path.read_text("utf-8")))
    }
    assert found == READERS


DRIVERS = {"sqlite3", "sqlcipher3"}


def _imported(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Import):
        return {name.name.partition(".")[0] for name in node.names}
    if isinstance(node, ast.ImportFrom):
        return {(node.module or "").partition(".")[0]}
    return set()


def test_one_module_knows_the_drivers_of_databases() -> None:
    engine = assets.root() / "engine" / "jeoul"
    found = {
        path.relative_to(engine).as_posix()
        for path in engine.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if _imported(node) & DRIVERS
        or (isinstance(node, ast.Name | ast.Attribute) and ast.unparse(node) in DRIVERS)
    }
    assert found == {"database.py"}


def packages() -> list[str]:
    found = pkgutil.walk_packages(jeoul.__path__, "jeoul.")
    return ["jeoul", *(each.name for each in found if each.ispkg)]


@pytest.mark.parametrize("name", packages())
def test_no_name_is_both_a_module_and_what_its_package_exports(name: str) -> None:
    """``import package.name as n`` and ``from package import name`` give the same thing."""
    package = importlib.import_module(name)
    modules = {each.name for each in pkgutil.iter_modules(package.__path__)}
    assert modules & set(getattr(package, "__all__", ())) == set()


def test_nobody_reads_a_file_past_the_one_reader() -> None:
    """What people, vendors or a crash leave behind is read with bounds, by ``jeoul.files.text``."""
    engine = assets.root() / "engine" / "jeoul"
    found = {
        path.relative_to(engine).as_posix()
        for path in engine.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("read_text", "read_bytes")
    }
    assert found == OWN_FILES


def test_the_design_names_the_layers_of_operations_in_the_order_of_the_contract() -> None:
    project = tomllib.loads((assets.root() / "pyproject.toml").read_text("utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    (held,) = [c["layers"] for c in contracts if c.get("containers") == ["jeoul.operations"]]
    design = (assets.root() / "docs" / "design.md").read_text("utf-8")
    told = design.partition("`operations` has layers of its own: ")[2].partition(".")[0]
    assert re.findall("`([^`]+)`", told) == held
