"""Which faults are drawn, and that the tests of the engine notice them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from declared import declared, named_faults
from draw import PACKAGES, drawn, key_of, modules
from mutation_sites import mutants
from near_tests import near_tests

DRAW = Path(__file__).parent / "draw.py"


def changes(source: str) -> set[str]:
    return {mutant.applied(source).strip() for mutant in mutants("m", source)}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = a < b", {"x = a <= b"}),
        ("x = a is None", {"x = a is not None"}),
        ("x = a + b", {"x = (a - b)", "x = a", "x = b"}),
        ("x = a - b", {"x = (a + b)", "x = a"}),
        ("x += y", {"x -= y"}),
        ("x = -y", {"x = y"}),
        ("x = 7", {"x = 8", "x = 6"}),
        ("x = a and b", {"x = (a)", "x = (b)"}),
        ("x = max(a, b)", {"x = a", "x = b"}),
        ("x = round(y)", {"x = y"}),
        ("f(x)", {"pass"}),
    ],
)
def test_the_operators_are_these(source: Any, expected: Any) -> None:
    assert changes(source) == expected


@pytest.mark.parametrize(
    "source",
    [
        'def f(x: "int" = None) -> Literal[1]:\n    """Return 1 + 1."""',
        "if TYPE_CHECKING:\n    f(1)",
        "raise ValueError(f'{x + 1} is too long')",
        "assert x > 1, 'too short'",
        "__all__ = ['a'] + ['b']",
        "logger.info('done')",
        "x = 'a' + b",
        "x = True",
    ],
)
def test_what_no_test_should_depend_on_is_left_alone(source: Any) -> None:
    assert changes(source) == set()


def test_every_mutant_of_the_engine_is_python_and_differs() -> None:
    for path, source in modules(["account", "rebalance"]).items():
        for mutant in mutants(path, source):
            text = mutant.applied(source)
            assert text != source
            compile(text, path, "exec")


def test_a_seed_draws_the_same_faults_and_another_one_others() -> None:
    sources = modules(PACKAGES)
    first, again, other = (drawn(sources, seed, 300) for seed in (1, 1, 2))
    assert first == again
    assert len(set(first)) == 300
    assert len(set(first) & set(other)) < 60
    assert {mutant.module.split("/")[2] for mutant in first} == set(PACKAGES)


def test_a_changed_module_leaves_the_draw_of_the_others_as_it_was() -> None:
    sources = modules(["account", "rebalance"])
    path = next(iter(sources))
    other = {
        **sources,
        path: sources[path] + "\n\ndef added(a: int, b: int) -> int:\n    return a + b\n",
    }
    before, after = (
        {(m.module, m.start, m.new) for m in drawn(each, 5, 100) if m.module != path}
        for each in (sources, other)
    )
    assert len(before ^ after) <= 3  # as many as the new places push out of the hundred


def test_what_is_known_of_a_fault_outlives_a_comment_and_no_change_of_its_module() -> None:
    sources = modules(["account", "rebalance"])
    for mutant in drawn(sources, 3, 20):
        text = sources[mutant.module]
        said, more = f"# said first\n{text}", f"{text}\nadded = 1\n"
        (moved,) = [m for m in mutants(mutant.module, said) if m.place == mutant.place]
        known = key_of(mutant, sources)
        assert key_of(moved, {mutant.module: said}) == known
        assert key_of(mutant, {mutant.module: more}) != known


def test_a_test_is_near_a_module_that_it_imports_also_through_its_package(tmp_path: Path) -> None:
    texts = {
        "engine/jeoul/account/__init__.py": "from jeoul.account.day import account_day\n",
        "engine/jeoul/account/day.py": "def account_day(): ...\n",
        "engine/jeoul/account/exits.py": "",
        "tests/account/test_a.py": "from jeoul.account import account_day\n",
        "tests/account/test_b.py": "def f():\n    from jeoul.account import exits\n",
        "tests/cli/test_c.py": "import jeoul.account.day\n",
        "tests/cli/test_d.py": "import numpy\n",
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    files = [name for name in texts if name.startswith("tests/")]
    a, b, c, _ = files
    for module, near in {"day": [a, c], "exits": [b], "rooms": [a, b]}.items():
        assert near_tests(tmp_path, files, f"engine/jeoul/account/{module}.py") == near


def test_each_fault_that_once_went_unnoticed_has_its_place() -> None:
    assert len(named_faults(modules(PACKAGES))) >= 21


@pytest.mark.parametrize("each", declared(), ids=lambda each: f"{each.function}: {each.new}")
def test_a_fault_declared_to_change_nothing_has_a_reason_that_runs(each: Any) -> None:
    sources = modules(PACKAGES)
    path = f"engine/jeoul/{each.module}"
    assert any(each.covers(mutant) for mutant in mutants(path, sources[path])), "no such place"
    assert each.because
    assert bool(each.again) or not each.needs_second_reading
    exec(each.check, {})


def run(work: Path, *options: str) -> str:
    command = [sys.executable, str(DRAW), "--work", str(work), *options]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode in (0, 1), ended.stderr
    return ended.stdout


@pytest.fixture(scope="session")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mutations")


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="the runner forks")
def test_every_fault_that_once_went_unnoticed_is_noticed(work: Any) -> None:
    said = run(work, "--table")
    assert said.count("killed ") >= 21
    assert "survived " not in said


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="the runner forks")
def test_of_twenty_faults_by_chance_at_most_four_go_unnoticed_by_near_tests(work: Any) -> None:
    """The whole draw asks more tests of each fault: its result stands in docs/mutations.md."""
    said = run(work, "--seed", "7", "--count", "20", "--near")
    survivors = [line for line in said.splitlines() if "survived " in line]
    assert said.count("killed ") + said.count("timeout ") + len(survivors) == 20
    assert len(survivors) <= 4, "\n".join(survivors)
