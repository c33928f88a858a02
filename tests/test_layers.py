"""The packages import one another in one direction."""

from importlinter.cli import lint_imports

from jeoul import assets


def test_import_contracts_hold(capsys):
    code = lint_imports(config_filename=str(assets.root() / "pyproject.toml"), cache_dir=None)
    assert code == 0, capsys.readouterr().out
