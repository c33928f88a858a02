"""The packages import one another in one direction."""

from __future__ import annotations

import pytest
from importlinter.cli import lint_imports

from jeoul import assets


def test_import_contracts_hold(capsys: pytest.CaptureFixture[str]) -> None:
    code = lint_imports(config_filename=str(assets.root() / "pyproject.toml"), cache_dir=None)
    assert code == 0, capsys.readouterr().out
