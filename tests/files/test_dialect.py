"""One misspelt key in any file that a person writes gives one and the same sentence."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from jeoul import assets
from jeoul.account.file import load_account_file
from jeoul.cli.plan import load_person
from jeoul.cli.rules import load_cases
from jeoul.errors import DataError, InputError
from jeoul.korea.tables import read_rules
from jeoul.market.fetching.plan import read_plan
from jeoul.market.manifest import read_manifest
from jeoul.operations.setup.config import load_config
from jeoul.profile import load_answers
from jeoul.strategy.load import load_strategy
from jeoul.strategy.universe import load_universe

ROOT = assets.root()
CASE = """\
schema = 1
year = 2026
[[case]]
id = "a"
rule = "etf.distribution"
given = { kind = "krx_other_etf", amount = 10 }
expect = { tax = 0 }
"""
MANIFEST = """\
schema = 1
last = 2020-04-30
[[file]]
path = "vix.csv"
index = "date"
"""


def _manifest(path: Path) -> object:
    shutil.copy(path, path.parent / "manifest.toml")
    return read_manifest(path.parent)


Reader = Callable[[Path], object]
READERS: dict[str, Reader] = {
    "strategy": lambda path: load_strategy(str(path)),
    "universe": load_universe,
    "answers": load_answers,
    "person": load_person,
    "cases": load_cases,
    "rules": read_rules,
    "account": load_account_file,
    "config": load_config,
    "fetch plan": read_plan,
    "manifest": _manifest,
}
SLIPS = {
    "strategy": (ROOT / "strategies/managed.toml", "band ", "bnad ", "in [overlay.trend]", "band"),
    "universe": (ROOT / "data/universes/krx-core.toml", "currency", "curency", "", "currency"),
    "answers": (ROOT / "configs/answers-example.toml", "loss ", "los ", "", "loss"),
    "person": (ROOT / "configs/person-example.toml", "budget ", "bugdet ", "", "budget"),
    "cases": (CASE, "expect", "expct", "in [[case]]", "expect"),
    "rules": (ROOT / "data/rules/2026.toml", "note =", "noet =", "in [tax.truncate_to]", "note"),
    "account": (ROOT / "configs/account-example.toml", "cash ", "csah ", "", "cash"),
    "config": (ROOT / "configs/paper.toml", "[broker]", "[brokr]", "", "broker"),
    "fetch plan": (ROOT / "configs/fetch.toml", "folder", "foldr", "", "folder"),
    "manifest": (MANIFEST, "index", "indx", "in [[file]]", "index"),
}


@pytest.mark.parametrize("kind", READERS)
def test_a_misspelt_key_gives_the_same_sentence_everywhere(tmp_path: Path, kind: str) -> None:
    source, right, wrong, table, meant = SLIPS[kind]
    text = source if isinstance(source, str) else source.read_text("utf-8")  # type: ignore[attr-defined]
    lines = text.splitlines()
    at = next(n for n, line in enumerate(lines) if line.strip().startswith(right))
    lines[at] = lines[at].replace(right, wrong, 1)
    file = tmp_path / "manifest.toml" if kind == "manifest" else tmp_path / "a.toml"
    file.write_text("\n".join(lines), "utf-8")
    with pytest.raises((InputError, DataError)) as refusal:
        read_manifest(tmp_path) if kind == "manifest" else READERS[kind](file)
    key = wrong.strip(" =[]")
    said = f":{at + 1}: unknown key {key!r} {table or 'at the top level'}; did you mean {meant!r}?"
    assert [s for s in map(str, refusal.value.problems) if s.endswith(said)], refusal.value


ODD = {
    "digits": "year = " + "9" * 5_000,
    "digits of a megabyte": "year = " + "9" * 1_000_000,
    "words of a megabyte": "a" * 1_000_000,
    "hexadecimal": "year = 0x" + "f" * 5_000,
    "deep list": "year = " + "[" * 5_000 + "]" * 5_000,
    "deep but closed": "year = " + "[" * 200 + "]" * 200,
    "dotted": ".".join("a" * 20_000) + " = 1",
    "many": "\n".join(f"k{n} = 1" for n in range(200_000)),
    "many in a table": "\n".join(f"k{n} = 1" for n in range(20_000)),
    "many values": f"year = [{'1,' * 3_000_000}]",
    "many tables": "[[a]]\n" * 1_000_000,
    "escape": '"\\u001b[31m" = 1',
}


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("kind", READERS)
def test_odd_toml_is_refused_briefly_and_soon(tmp_path: Path, kind: str, odd: str) -> None:
    file = tmp_path / "odd.toml"
    file.write_text(ODD[odd], "utf-8")
    before = time.process_time()
    with pytest.raises((InputError, DataError)) as refusal:
        READERS[kind](file)
    assert time.process_time() - before < 5
    assert len(refusal.value.problems) <= 45
    assert len(str(refusal.value)) < 20_000
    assert str(refusal.value).replace("\n", "").isprintable()


@pytest.mark.posix
@pytest.mark.parametrize("kind", [kind for kind in READERS if kind != "manifest"])
def test_what_is_not_a_regular_file_is_refused_without_waiting(tmp_path: Path, kind: str) -> None:
    import os

    pipe, loop = tmp_path / "pipe.toml", tmp_path / "loop.toml"
    os.mkfifo(pipe)
    loop.symlink_to(loop)
    for path in (pipe, loop, tmp_path, Path("/dev/zero")):
        with pytest.raises(InputError):
            READERS[kind](path)
