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
from typing import Any

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


def test_the_design_gives_the_reason_for_every_wide_record() -> None:
    design = (assets.root() / "docs" / "design.md").read_text("utf-8")
    (_, reasons) = design.split("## Wide records")
    assert [name for name in WIDE if f"`{name.rpartition('.')[2]}`" not in reasons] == []


def test_a_public_class_has_a_name_of_its_own() -> None:
    places: dict[str, list[str]] = {}
    for path in sources():
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places.setdefault(node.name, []).append(str(path.relative_to(ENGINE)))
    assert {name: each for name, each in places.items() if len(each) > 1} == {}


def positional(node: ast.Call, module: Any) -> str:
    """Return the record that a call builds from more than four values by position, or ''."""
    try:
        called = operator.attrgetter(ast.unparse(node.func))(module)
    except AttributeError:  # a local name, or an expression
        return ""
    known = inspect.isclass(called) and fields(called)
    return called.__qualname__ if known and len(node.args) > BY_POSITION else ""


def test_a_record_of_more_than_four_values_is_built_by_name() -> None:
    found = set()
    for path in sources():
        name = ".".join(("jeoul", *path.relative_to(ENGINE).with_suffix("").parts))
        if name.endswith("__main__"):
            continue
        module = importlib.import_module(name.removesuffix(".__init__"))
        calls = (n for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.Call))
        found |= {
            f"{name}:{n.lineno} {positional(n, module)}" for n in calls if positional(n, module)
        }
    assert found == set()
