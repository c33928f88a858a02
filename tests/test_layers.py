"""The packages import one another in one direction."""

import ast

from importlinter.cli import lint_imports

from jeoul import assets


def test_import_contracts_hold(capsys):
    code = lint_imports(config_filename=str(assets.root() / "pyproject.toml"), cache_dir=None)
    assert code == 0, capsys.readouterr().out


#: The only modules below the command line, operations and research that touch files.
READERS = {
    "account/holdings.py",
    "backtesting/periods.py",
    "files/text.py",
    "korea/tables.py",
    "market/cache/publish.py",
    "market/calendars.py",
    "market/sheet.py",
    "market/sources/csv.py",
    "messages.py",
    "profile/form.py",
}
TOUCHES = {"open", "read_text", "read_bytes", "write_text", "write_bytes"}


def _touches_files(tree: ast.AST) -> bool:
    calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return any(
        (isinstance(f, ast.Attribute) and f.attr in TOUCHES)
        or (isinstance(f, ast.Name) and f.id == "open")
        for f in calls
    )


def test_only_the_edges_touch_files():
    engine = assets.root() / "engine" / "jeoul"
    found = {
        str(path.relative_to(engine))
        for path in engine.rglob("*.py")
        if path.relative_to(engine).parts[0] not in ("cli", "operations", "research")
        and _touches_files(ast.parse(path.read_text("utf-8")))
    }
    assert found == READERS
