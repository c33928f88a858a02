"""What a contributor meets first is true: answers, templates, workflow, tools and floors."""

from __future__ import annotations

import ast
import os
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from jeoul.files.kinds import schema_file

QUESTIONS = (
    *("VIX rule", "whole shares", "broker import", "have this weight", "add an ETF", "add a latch"),
    *(
        "add a kind of allocation",
        "add a broker",
        "add a data source",
        "rule for 2027",
        "backtest fill",
        "exactly once",
    ),
)
ANSWER = re.compile(r"`([\w./-]+\.(?:py|toml)):([\w.]+)`")
TEMPLATES = ("bug.yml", "fact.yml", "proposal.yml")


def loaded(path: Path) -> Any:
    return yaml.safe_load(path.read_text("utf-8"))


def in_python(text: str, symbol: str) -> bool:
    """Return whether a module defines a name at its top level, or a class a member of it."""
    body: list[ast.stmt] = ast.parse(text).body
    for part in symbol.split("."):
        found: dict[str, list[ast.stmt]] = {}
        for node in body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef):
                found[node.name] = node.body
            elif isinstance(node, ast.Assign):
                found |= {name.id: [] for name in node.targets if isinstance(name, ast.Name)}
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                found[node.target.id] = []
        if part not in found:
            return False
        body = found[part]
    return True


def in_toml(text: str, symbol: str) -> bool:
    value: Any = tomllib.loads(text)
    for part in symbol.split("."):
        if not isinstance(value, dict) or part not in value:
            return False
        value = value[part]
    return True


def resolves(root: Path, file: str, symbol: str) -> bool:
    path = root / file
    if not path.is_file():
        return False
    text = path.read_text("utf-8")
    return in_python(text, symbol) if path.suffix == ".py" else in_toml(text, symbol)


def answers(text: str) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield the questions of the page, each with the places of its answer."""
    (_, part) = text.split("## Where is …?")
    for line in part.split("\n## ")[0].splitlines():
        if line.startswith("| ") and not line.startswith("| question"):
            question, answer = line.strip("| ").split(" | ", 1)
            yield question, ANSWER.findall(answer)


@pytest.fixture(scope="module")
def contributing(root: Path) -> str:
    return (root / "CONTRIBUTING.md").read_text("utf-8")


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_question_has_an_answer_that_resolves(
    root: Path, contributing: str, question: str
) -> None:
    (places,) = (found for asked, found in answers(contributing) if question in asked)
    assert places
    assert [place for place in places if not resolves(root, *place)] == []


def test_every_place_that_the_page_names_resolves(root: Path, contributing: str) -> None:
    places = ANSWER.findall(contributing)
    assert len(places) > 20
    assert [place for place in places if not resolves(root, *place)] == []


def test_every_file_that_the_page_names_exists(root: Path, contributing: str) -> None:
    named = re.findall(r"`(?:python )?((?:engine|tests|docs|data|\.ci)/[\w./-]+)", contributing)
    named = [
        name for name in named if name == name.lower()
    ]  # KIND.py and NAME.py are to be written
    assert [name for name in named if not (root / name).exists()] == []


@pytest.mark.parametrize(
    ("file", "symbol", "right"),
    [
        ("engine/jeoul/overlay/machine.py", "step", True),
        ("engine/jeoul/overlay/machine.py", "stepp", False),
        ("engine/jeoul/overlay/machine.py", "Callable", False),  # imported, not defined
        ("engine/jeoul/model/portfolio.py", "Portfolio.money", True),
        ("engine/jeoul/overlay/gone.py", "step", False),
        ("strategies/managed.toml", "overlay.vix", True),
        ("strategies/managed.toml", "overlay.fix", False),
    ],
)
def test_what_resolves(root: Path, file: str, symbol: str, right: bool) -> None:
    assert resolves(root, file, symbol) is right


def test_the_picture_has_the_packages_of_the_contract_in_its_order(
    root: Path, contributing: str
) -> None:
    contracts = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    layers = contracts["contracts"][0]["layers"]
    wanted = [re.findall(r"\w+", layer) for layer in layers]
    (picture,) = re.findall(r"one picture\n\n```\n(.*?)```", contributing, re.DOTALL)
    drawn = [re.findall(r"\w+", re.split(r"  +", line)[0]) for line in picture.splitlines()[:-1]]
    assert [sorted(names) for names in drawn] == [sorted(names) for names in wanted[: len(drawn)]]
    assert wanted[len(drawn)] == ["files"]


def test_it_is_set_up_in_two_commands(root: Path, contributing: str) -> None:
    (block,) = re.findall(r"## Set up\n.*?```sh\n(.*?)```", contributing, re.DOTALL)
    assert " && ".join(block.splitlines()) in (root / "README.md").read_text("utf-8")


@pytest.fixture(scope="module")
def workflow(root: Path) -> Any:
    return loaded(root / ".github" / "workflows" / "ci.yml")


def test_linux_runs_what_is_run_before_a_change_lands(root: Path, workflow: Any) -> None:
    steps = [step["run"] for step in workflow["jobs"]["linux"]["steps"] if "run" in step]
    assert steps == [".ci/run"]
    assert os.name != "posix" or os.access(root / ".ci" / "run", os.X_OK)


def test_the_systems_that_nobody_tried_say_so_and_stop_nothing(workflow: Any) -> None:
    job = workflow["jobs"]["elsewhere"]
    names = [each["os"].partition("-")[0] for each in job["strategy"]["matrix"]["include"]]
    assert names == ["macos", "windows"]
    assert "not tried here" in job["name"]
    assert job["continue-on-error"] is True


def test_the_workflow_may_only_read_and_every_job_ends(workflow: Any) -> None:
    assert workflow["permissions"] == {"contents": "read"}
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"] <= 90
        (checkout,) = (s for s in job["steps"] if s.get("uses", "").startswith("actions/checkout@"))
        assert checkout["with"] == {"persist-credentials": False}


def test_the_versions_of_python_are_those_of_the_package(root: Path, workflow: Any) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    (least,) = re.findall(r">=([\d.]+)", project["requires-python"])
    named = {c.rpartition(" ")[2] for c in project["classifiers"] if ":: Python :: 3." in c}
    tried = workflow["jobs"]["linux"]["strategy"]["matrix"]["python"]
    assert {least, max(named)} == set(tried)
    setups = [
        step["with"]["python-version"]
        for name, job in workflow["jobs"].items()
        for step in job["steps"]
        if "setup-python" in step.get("uses", "") and name != "linux"
    ]
    assert set(setups) == {least}


def test_the_hooks_run_the_tools_of_the_environment(root: Path) -> None:
    """A version of their own could differ from the one that .ci/run uses."""
    (repository,) = loaded(root / ".pre-commit-config.yaml")["repos"]
    assert repository["repo"] == "local"
    assert [hook["id"] for hook in repository["hooks"]] == ["ruff", "ruff-format", "mypy"]
    extra = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"][
        "optional-dependencies"
    ]["test"]
    for hook in repository["hooks"]:
        assert hook["language"] == "system"
        tool = hook["entry"].split()[2]
        assert any(requirement.startswith(f"{tool}>=") for requirement in extra)


@pytest.mark.parametrize("name", TEMPLATES)
def test_an_issue_form_is_whole(root: Path, name: str) -> None:
    form = loaded(root / ".github" / "ISSUE_TEMPLATE" / name)
    assert {"name", "description", "body"} <= set(form)
    asked = [field for field in form["body"] if field["type"] != "markdown"]
    assert {field["type"] for field in asked} <= {"input", "textarea", "dropdown"}
    ids = [field["id"] for field in asked]
    assert len(set(ids)) == len(ids) > 0
    assert all(field["attributes"]["label"].strip() for field in asked)
    assert any(field["validations"]["required"] for field in asked)


def test_no_template_is_left_out_and_blank_issues_stay_possible(root: Path) -> None:
    folder = root / ".github" / "ISSUE_TEMPLATE"
    assert {path.name for path in folder.iterdir()} == {*TEMPLATES, "config.yml"}
    assert loaded(folder / "config.yml") == {"blank_issues_enabled": True}
    template = (root / ".github" / "PULL_REQUEST_TEMPLATE.md").read_text("utf-8")
    for made in re.findall(r"`(docs/[\w.]+)`", template):
        assert (root / made).is_file()


def test_a_report_is_private_and_names_no_address(root: Path) -> None:
    text = (root / "SECURITY.md").read_text("utf-8")
    assert "Report a\nvulnerability" in text
    assert re.findall(r"[\w.]+@[\w.]+|https?://", text) == []


def test_coverage_has_a_floor_for_every_package_that_touches_money(root: Path) -> None:
    (line,) = re.findall(r'^floors="(.*)"$', (root / ".ci" / "coverage").read_text("utf-8"), re.M)
    floors = dict(pair.split("=") for pair in line.split())
    assert set(floors) == {"overlay", "rebalance", "account", "allocate", "korea", "operations"}
    for package, floor in floors.items():
        assert (root / "engine" / "jeoul" / package).is_dir()
        assert (root / "tests" / package).is_dir()
        assert 80 <= int(floor) < 100


def test_the_schemas_for_editors_are_made_by_their_script(root: Path) -> None:
    names: dict[str, Any] = {"__name__": "make_schema", "__file__": str(root / "docs" / "x.py")}
    exec((root / "docs" / "make_schema.py").read_text("utf-8"), names)
    made = {schema_file(kind): names["text"](schema) for kind, schema in names["schemas"]().items()}
    there = {path.name: path.read_text("utf-8") for path in (root / "data").glob("*.schema.json")}
    assert made == there, "run python docs/make_schema.py"
    for path, kind in names["shipped"]():
        assert path.read_text("utf-8") == names["named"](path, kind), (
            "run python docs/make_schema.py"
        )


def test_mypy_knows_every_helper_beside_the_tests_by_name(root: Path) -> None:
    """It finds none of them by itself; one that is not listed fails the whole check of types."""
    paths = sorted(root.glob("tests/**/*.py"))
    named = {
        node.module.partition(".")[0]
        for path in paths
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module and not node.level
    }
    helpers = named & {path.stem for path in paths} - sys.stdlib_module_names
    overrides = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["tool"]["mypy"]
    listed = {
        module
        for override in overrides["overrides"]
        if override.get("ignore_missing_imports")
        for module in override["module"]
    }
    assert helpers - listed == set()
