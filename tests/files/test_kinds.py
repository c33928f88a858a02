"""A file of another kind is refused in one sentence, in the language asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jeoul import assets
from jeoul.account.file import load_account_file
from jeoul.cli.plan import load_person
from jeoul.cli.rules import load_cases
from jeoul.errors import InputError
from jeoul.files.document import parse
from jeoul.files.kinds import KINDS, another_kind, kind_of
from jeoul.market.fetching.plan import read_plan
from jeoul.operations.setup.config import load_config
from jeoul.profile import load_answers
from jeoul.strategy.load import load_strategy
from jeoul.strategy.universe import load_universe
from jeoul.translation import in_language

CONFIGS = assets.root() / "configs"
READERS: dict[str, Callable[[Path], Any]] = {
    "person": load_person,
    "answers": load_answers,
    "account": load_account_file,
    "config": load_config,
    "fetch plan": read_plan,
    "cases": load_cases,
    "universe": load_universe,
    "strategy": lambda path: load_strategy(str(path)),
}
FILES = {
    "person": CONFIGS / "person-example.toml",
    "answers": CONFIGS / "answers-example.toml",
    "account": CONFIGS / "account-example.toml",
    "config": CONFIGS / "ticket.toml",
    "fetch plan": CONFIGS / "fetch.toml",
    "cases": assets.root() / "tests" / "korea" / "cases" / "isa.toml",
    "rates": assets.data("starters", "en", "rates.toml"),
    "household": CONFIGS / "household-example.toml",
    "firm": CONFIGS / "firm-example" / "firm.toml",
    "rules": assets.data("rules", "2026.toml"),
    "universe": assets.data("universes", "krx-core.toml"),
    "strategy": assets.root() / "strategies" / "managed.toml",
}


@pytest.mark.parametrize("given", FILES)
def test_every_shipped_file_is_of_its_kind(given: str) -> None:
    keys = parse(FILES[given]).data
    assert kind_of(keys) == given
    assert another_kind(keys, given) is None


@pytest.mark.parametrize("wanted", READERS)
@pytest.mark.parametrize("given", FILES)
def test_another_kind_is_one_sentence(wanted: str, given: str) -> None:
    if wanted == given:
        return
    with pytest.raises(InputError) as caught:
        READERS[wanted](FILES[given])
    (problem,) = caught.value.problems
    assert KINDS[given].called in problem.message
    assert KINDS[wanted].called in problem.message
    korean = in_language(problem, "ko")
    assert "필요한 파일" in korean.message
    assert KINDS[given].called not in korean.message
    assert korean.remedy != problem.remedy


@pytest.mark.parametrize("ending", ["csv", "json", "html"])
def test_a_table_is_not_read_as_toml(tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"prices.{ending}"
    file.write_text("date,069500\n2024-06-28,1\n", "utf-8")
    with pytest.raises(InputError) as caught:
        load_person(file)
    (problem,) = caught.value.problems
    assert problem.message == "is not a TOML file"
    assert in_language(problem, "ko").message == "TOML 파일이 아닙니다"
