"""What needs a POSIX system says so with a marker, so that Windows skips it by name."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pytest

TESTS = Path(__file__).parent
POSIX = {
    *("fork", "killpg", "WIFSIGNALED", "WTERMSIG", "waitstatus_to_exitcode", "openpty"),
    *("SIGKILL", "SIGXFSZ", "SIGPROF", "SIGALRM", "setitimer"),
    *("chmod", "umask", "st_mode", "getuid", "geteuid", "setrlimit"),
    *("mkfifo", "symlink", "symlink_to", "fcntl", "resource"),
}
"""Names of what forks or kills a process, sets timers and file modes, or makes pipes and links."""
DEVICES = ("/dev/", "/proc/")
ELSEWHERE = {"/dev/shm"}
"""Used where it is there, and done without where it is not."""

Definition = ast.FunctionDef | ast.Assign | ast.AnnAssign


def names_in(node: ast.AST) -> set[str]:
    """Return the names, attributes and arguments (fixtures) that a piece of code mentions."""
    walked = list(ast.walk(node))
    return (
        {each.id for each in walked if isinstance(each, ast.Name)}
        | {each.attr for each in walked if isinstance(each, ast.Attribute)}
        | {each.arg for each in walked if isinstance(each, ast.arg)}
    )


def is_posix(node: ast.AST, known: frozenset[str]) -> bool:
    values = (each.value for each in ast.walk(node) if isinstance(each, ast.Constant))
    texts = [value for value in values if isinstance(value, str) and value not in ELSEWHERE]
    return bool(names_in(node) & (POSIX | known)) or any(
        text.startswith(DEVICES) or "SIGKILL)" in text for text in texts
    )


def definitions(tree: ast.Module) -> dict[str, Definition]:
    """Return the functions and constants of a module by name."""
    found: dict[str, Definition] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            found[node.name] = node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {target.id: node for target in targets if isinstance(target, ast.Name)}
    return found


def needing(tree: ast.Module, beside: frozenset[tuple[str, str]]) -> frozenset[str]:
    """Return the names of a module that need POSIX themselves or use one that does.

    ``beside`` are the modules and names of helpers that do.
    """
    known = frozenset(
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and not (node.module or "").startswith("jeoul")
        for alias in node.names
        if ((node.module or "").rpartition(".")[2], alias.name) in beside
    )
    while True:
        more = known | {n for n, node in definitions(tree).items() if is_posix(node, known)}
        if more == known:
            return known
        known = more


@cache
def helpers() -> frozenset[tuple[str, str]]:
    """Return module and name of what needs POSIX in the modules beside the tests."""
    paths = [p for p in sorted(TESTS.rglob("*.py")) if not p.name.startswith("test_")]
    trees = {path.stem: ast.parse(path.read_text("utf-8")) for path in paths}
    return frozenset(
        (stem, name) for stem, tree in trees.items() for name in needing(tree, frozenset())
    )


def marked(node: ast.AST) -> bool:
    """Return whether a decorator, or a check in the body, skips where POSIX is missing."""
    assert isinstance(node, ast.FunctionDef)
    decorators = {name for each in node.decorator_list for name in names_in(each)}
    own_checks = names_in(node) & {"importorskip", "skip"}
    return bool(decorators & {"posix", "PROC", "FULL"} or own_checks)


def unmarked(tree: ast.Module, beside: frozenset[tuple[str, str]]) -> Iterator[str]:
    """Yield the tests that need POSIX and have no marker."""
    names = definitions(tree)
    if "pytestmark" in names and "posix" in names_in(names["pytestmark"]):
        return
    for name in sorted(needing(tree, beside)):
        if name.startswith("test_") and name in names and not marked(names[name]):
            yield name


def test_windows_skips_what_is_marked(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugins = request.config.pluginmanager.get_plugins()
    (conftest,) = (p for p in plugins if getattr(p, "__file__", "") == str(TESTS / "conftest.py"))
    item = request.node
    monkeypatch.setattr(conftest, "os", SimpleNamespace(name="nt"))
    conftest.pytest_collection_modifyitems([item])
    assert item.get_closest_marker("skip") is None
    item.add_marker("posix")
    conftest.pytest_collection_modifyitems([item])
    assert item.get_closest_marker("skip").kwargs == {"reason": f"{item.name} needs a POSIX system"}


def test_what_needs_posix_is_marked() -> None:
    found = {
        f"{path.relative_to(TESTS).as_posix()}::{name}"
        for path in sorted(TESTS.rglob("test_*.py"))
        if path != Path(__file__)
        for name in unmarked(ast.parse(path.read_text("utf-8")), helpers())
    }
    assert found == set(), "mark these with @pytest.mark.posix"


def test_nothing_is_marked_without_need() -> None:
    found = set()
    for path in sorted(TESTS.rglob("test_*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        needed = needing(tree, helpers())
        found |= {
            f"{path.relative_to(TESTS).as_posix()}::{name}"
            for name, node in definitions(tree).items()
            if isinstance(node, ast.FunctionDef) and name not in needed
            if any("posix" in names_in(each) for each in node.decorator_list)
        }
    assert found == set(), "Windows can run these"


def test_no_test_module_needs_posix_to_be_imported() -> None:
    found = {
        path.relative_to(TESTS).as_posix()
        for path in sorted(TESTS.rglob("*.py"))
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.Import)
        and {alias.name for alias in node.names} & {"fcntl", "resource", "pwd", "termios"}
    }
    assert found == set(), "import it in the test that needs it"


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("def test_a():\n    os.kill(1, signal.SIGKILL)", ["test_a"]),
        ("def helper():\n    os.fork()\ndef test_a():\n    helper()", ["test_a"]),
        ("@pytest.mark.posix\ndef test_a(tmp_path):\n    tmp_path.chmod(0o500)", []),
        ("from beside import dying\ndef test_a():\n    dying()", ["test_a"]),
        ("def test_a():\n    open('/dev/null')", ["test_a"]),
        ("pytestmark = pytest.mark.posix\ndef test_a():\n    os.fork()", []),
        ("def test_a():\n    assert 1", []),
    ],
)
def test_what_is_found(code: str, names: list[str]) -> None:
    assert list(unmarked(ast.parse(code), frozenset({("beside", "dying")}))) == names
