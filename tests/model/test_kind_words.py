"""A kind of account is read in every form in which people write it, wherever one is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pydantic import TypeAdapter

from jeoul.account.file import load_account_file
from jeoul.cli.main import cli
from jeoul.errors import UsageError
from jeoul.household.written.keys import KINDS, Kind
from jeoul.model.instrument import AccountKind, account_kind, kind_word
from jeoul.workspace.preferences import preferences

FORMS = ["pension-savings", "Pension_Savings", "PENSION SAVINGS", " pension-savings "]


@pytest.mark.parametrize("written", FORMS)
def test_one_kind_has_many_forms(written: str) -> None:
    assert kind_word(written) == "pension_savings"
    assert account_kind(written) is AccountKind.PENSION_SAVINGS


@pytest.mark.parametrize("kind", [*AccountKind, *KINDS])
def test_every_kind_is_its_own_word(kind: str) -> None:
    assert kind_word(kind) == kind
    assert kind_word(kind.upper().replace("_", "-")) == kind


def test_another_word_is_refused() -> None:
    with pytest.raises(UsageError, match="is not a kind of account"):
        account_kind("pension")


@pytest.mark.parametrize("written", FORMS)
def test_an_option_and_an_environment_variable_take_every_form(written: str) -> None:
    ran = CliRunner().invoke(cli, ["products", "--account", written, "--json"])
    assert ran.exit_code == 0, ran.output
    assert preferences({"JEOUL_ACCOUNT": written})["account"].value == "pension_savings"


@pytest.mark.parametrize("written", FORMS[:3])
def test_files_take_every_form(tmp_path: Path, written: str) -> None:
    account = tmp_path / "account.toml"
    account.write_text(f'schema = 1\nname = "a"\ncash = 1\nkind = "{written}"\n', "utf-8")
    assert load_account_file(account).kind is AccountKind.PENSION_SAVINGS
    assert household_kind(tmp_path, written) == "pension_savings"


def household_kind(folder: Path, written: str) -> Any:

    return TypeAdapter(Kind).validate_python(written)
