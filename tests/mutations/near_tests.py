"""Which test files import a module of the engine by name: a short list to ask of a small sample."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path

ENGINE = "engine"


def near_tests(tree: Path, files: Collection[str], module: str) -> list[str]:
    """Return the test files among ``files`` that import a module, or a name from it.

    A name that a package hands on counts for the module that it comes from. Files that reach a
    module through a command or through another module are not near, but where no file is, those of
    the package's own folder are.
    """
    own = f"tests/{module.split('/')[2]}/"
    near = {file for file in files if module in _imported(tree, tree / file)}
    return sorted(near or {file for file in files if file.startswith(own)})


@cache
def _imported(tree: Path, file: Path) -> set[str]:
    return {place for module, name in _imports(file) for place in _places(tree, module, name)}


def _places(tree: Path, module: str, name: str) -> Iterator[str]:
    """Yield the files, as paths in the tree, that an imported name may come from."""
    path = f"{ENGINE}/{module.replace('.', '/')}"
    if (tree / f"{path}.py").exists():
        yield f"{path}.py"
    elif (tree / path).is_dir():
        yield f"{path}/__init__.py"
        yield f"{path}/{name}.py"
        package = tree / path / "__init__.py"
        for source, known in _imports(package) if package.exists() else ():
            if known == name and source != module:
                yield from _places(tree, source, name)


@cache
def _imports(file: Path) -> tuple[tuple[str, str], ...]:
    """Return what a file imports from the engine, as pairs of a module and a name of it."""
    found = []
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("jeoul"):
            found += [(str(node.module), each.name) for each in node.names]
        elif isinstance(node, ast.Import):
            found += [(each.name, "") for each in node.names if each.name.startswith("jeoul")]
    return tuple(found)
