"""Files, functions and records stay small enough to be read at once."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
import operator
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
from pydantic import BaseModel

import jeoul
from jeoul import assets

ENGINE = Path(jeoul.__file__).parent
LINES, BODY, FIELDS, BY_POSITION = 400, 60, 12, 4

# Wider records, each with its reason in docs/design.md. A record that is grouped leaves the list.
WIDE = {
    "jeoul.firm.keys.FirmKeys",
    "jeoul.strategy.tables.universe.UniverseTable",
    "jeoul.operations.course.record.AccountCourse",
    "jeoul.reporting.statement.facts.AccountFacts",
    "jeoul.reporting.statement.facts.SpanFigures",
    "jeoul.reporting.statement.facts.StatementFacts",
    "jeoul.household.explaining.answer.AnsweredHousehold",
    "jeoul.household.program.program.HouseholdProgram",
    "jeoul.household.program.arrays.Arrays",
    "jeoul.household.program.parts.Parts",
    "jeoul.household.problem.records.Account",
    "jeoul.reporting.household.facts.HouseholdAccountFacts",
    "jeoul.reporting.household.facts.HouseholdFacts",
    "jeoul.advice.person_file.PersonKeys",
    "jeoul.advice.person_keys.FactKeys",
    "jeoul.account.file.AccountFile",
    "jeoul.allocate.program.Program",
    "jeoul.allocate.solution.Solution",
    "jeoul.backtesting.kernel.FlatRules",
    "jeoul.household.written.keys.AccountTable",
    "jeoul.household.written.keys.HouseholdKeys",
    "jeoul.household.written.keys.PersonTable",
    "jeoul.household.written.keys.PolicyTable",
    "jeoul.korea.products.Product",
    "jeoul.model.decision.Memory",
    "jeoul.model.decision.Proposal",
    "jeoul.model.history.History",
    "jeoul.research.compare.Comparison",
    "jeoul.model.instrument.Instrument",
    "jeoul.operations.broker.kis.settings.KisSettings",
    "jeoul.operations.broker.kiwoom.settings.KiwoomSettings",
    "jeoul.operations.broker.toss.settings.TossSettings",
    "jeoul.operations.broker.port.BrokerOrder",
    "jeoul.operations.household.configs.AccountSettings",
    "jeoul.operations.run.Runner",
    "jeoul.operations.setup.config.Settings",
    "jeoul.operations.told.health.Health",
    "jeoul.overlay.records.OverlayParams",
    "jeoul.profile.answers.Answers",
    "jeoul.promises.promise.Promise",
    "jeoul.rebalance.problem.SharesProblem",
    "jeoul.reporting.facts.Latch",
    "jeoul.reporting.facts.ProfileFacts",
    "jeoul.reporting.facts.ReportFacts",
    "jeoul.reporting.facts.Track",
    "jeoul.strategy.tables.universe.InstrumentTable",
}

# The state of a walk or of a program in work, each with its reason there too.
WIDE_CLASSES = {"_Model", "_Walk", "Live", "LinearRelaxation"}


def sources() -> Any:
    return sorted(ENGINE.rglob("*.py"))


def functions() -> Iterator[Any]:
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield path, node


def body_lines(node: Any) -> Any:
    """Return the lines of a body from its first statement on; the docstring does not count."""
    first = node.body[1] if ast.get_docstring(node) and len(node.body) > 1 else node.body[0]
    return node.end_lineno - first.lineno + 1


def records() -> Iterator[Any]:
    for module in pkgutil.walk_packages(jeoul.__path__, "jeoul."):
        if module.name == "jeoul.__main__":  # it runs the command line
            continue
        members = vars(importlib.import_module(module.name)).values()
        yield from (c for c in members if inspect.isclass(c) and c.__module__ == module.name)


def fields(record: Any) -> Any:
    """Return how many fields a record has, those of its bases too; 0 if it is not a record."""
    if dataclasses.is_dataclass(record):
        return len(dataclasses.fields(record))
    if issubclass(record, BaseModel):
        return len(record.model_fields)
    return len(getattr(record, "_fields", ())) if issubclass(record, tuple) else 0


def test_no_file_is_longer_than_a_reader_takes_in_at_once() -> None:
    lines = {path: len(path.read_text("utf-8").splitlines()) for path in sources()}
    assert {str(path): count for path, count in lines.items() if count > LINES} == {}


def test_no_function_body_is_longer_than_a_screen() -> None:
    long = {f"{path}:{node.name}" for path, node in functions() if body_lines(node) > BODY}
    assert long == set()


def test_no_record_has_more_fields_than_the_design_excuses() -> None:
    wide = {f"{c.__module__}.{c.__qualname__}" for c in records() if fields(c) > FIELDS}
    assert wide - WIDE == set(), f"group the fields of these: more than {FIELDS}"
    assert WIDE - wide == set(), "these are grouped now or gone: take them off the list"


def attributes(node: ast.ClassDef) -> set[str]:
    """Return the attributes that the methods of a class give to itself."""
    found = (each for each in ast.walk(node) if isinstance(each, ast.Attribute))
    return {
        each.attr
        for each in found
        if isinstance(each.ctx, ast.Store)
        and isinstance(each.value, ast.Name)
        and each.value.id == "self"
    }


def test_no_class_has_more_attributes_than_the_design_excuses() -> None:
    wide = {
        node.name
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef) and len(attributes(node)) > FIELDS
    }
    assert wide == WIDE_CLASSES


def test_the_design_gives_the_reason_for_every_wide_record() -> None:
    design = (assets.root() / "docs" / "design.md").read_text("utf-8")
    (_, reasons) = design.split("## Wide records")
    names = {name.rpartition(".")[2] for name in WIDE} | WIDE_CLASSES
    assert [name for name in sorted(names) if f"`{name}`" not in reasons] == []


def test_a_public_class_has_a_name_of_its_own() -> None:
    places: dict[str, list[str]] = {}
    for path in sources():
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places.setdefault(node.name, []).append(str(path.relative_to(ENGINE)))
    assert {name: each for name, each in places.items() if len(each) > 1} == {}


class Five(NamedTuple):
    """A record that a call must build by name."""

    a: int
    b: int
    c: int
    d: int
    e: int


def local_imports(function: ast.AST) -> dict[str, Any]:
    """Return what a function imports from jeoul itself, by the name that it has there."""
    found = {}
    for node in ast.walk(function):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "jeoul":
            home = importlib.import_module(str(node.module))
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                given = getattr(home, alias.name, None) or importlib.import_module(whole)
                found[alias.asname or alias.name] = given
    return found


def calls(node: ast.AST, names: dict[str, Any]) -> Iterator[tuple[ast.Call, dict[str, Any]]]:
    """Yield the calls below a node, each with the names that are known where it stands."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        names = names | local_imports(node)
    if isinstance(node, ast.Call):
        yield node, names
    for child in ast.iter_child_nodes(node):
        yield from calls(child, names)


def positional(node: ast.Call, names: dict[str, Any]) -> str:
    """Return the record that a call builds from more than four values by position, or ''.

    A starred value beside others stands for every value that the record needs and that has no name
    in the call. Alone it is a row in the record's own order, as ``Record(*row)``.
    """
    try:
        called = operator.attrgetter(ast.unparse(node.func))(SimpleNamespace(**names))
    except AttributeError:  # a local name, or an expression
        return ""
    if not (inspect.isclass(called) and fields(called)):
        return ""
    values = len(node.args)
    if values > 1 and any(isinstance(value, ast.Starred) for value in node.args):
        needed = inspect.signature(called).parameters.values()
        values = max(values, sum(p.default is p.empty for p in needed) - len(node.keywords))
    return called.__qualname__ if values > BY_POSITION else ""


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("Five(1, 2, 3, 4, 5)", "Five"),
        ("Five(1, 2, 3, 4, e=5)", ""),
        ("Five(*given)", ""),
        ("Five(1, *given)", "Five"),
        ("Five(1, *given, e=5)", ""),
        ("module.Five(1, 2, 3, 4, 5)", "Five"),
        ("print(1, 2, 3, 4, 5)", ""),
        (
            "def f():\n    from jeoul.advice.recommend import Wishes as W\n    W(1, 2, 3, 4, 5)",
            "Wishes",
        ),
        (
            "def f():\n    from jeoul.advice import recommend\n    recommend.Wishes(1, 2, 3, 4, 5)",
            "Wishes",
        ),
    ],
)
def test_the_check_sees_local_imports_and_starred_values(code: str, found: str) -> None:
    names = {"Five": Five, "module": SimpleNamespace(Five=Five), "print": print}
    ((call, known),) = calls(ast.parse(code), names)
    assert positional(call, known) == found


def test_a_record_of_more_than_four_values_is_built_by_name() -> None:
    found = set()
    for path in sources():
        name = ".".join(("jeoul", *path.relative_to(ENGINE).with_suffix("").parts))
        if name.endswith("__main__"):
            continue
        names = vars(importlib.import_module(name.removesuffix(".__init__")))
        found |= {
            f"{name}:{call.lineno} {positional(call, known)}"
            for call, known in calls(ast.parse(path.read_text("utf-8")), dict(names))
            if positional(call, known)
        }
    assert found == set()
