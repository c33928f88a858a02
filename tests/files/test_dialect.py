"""One misspelt key in any file that a person writes gives one and the same sentence."""

from __future__ import annotations

import re
import shutil
import time
import tomllib
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from jeoul import assets
from jeoul.account.file import load_account_file
from jeoul.account.statements.reading import read_statement
from jeoul.advice.els_terms import read_els
from jeoul.advice.means import read_means
from jeoul.advice.rates import read_rates
from jeoul.cli.plan import load_person
from jeoul.cli.rules import load_cases
from jeoul.errors import ConfigError, DataError, InputError
from jeoul.files.document import parse
from jeoul.files.faults import Location
from jeoul.files.text import read_text
from jeoul.household.written.file import read_household
from jeoul.korea.tables import read_rules
from jeoul.market.fetching.plan import read_plan
from jeoul.market.manifest import read_manifest
from jeoul.operations.setup.config import load_config
from jeoul.profile import load_answers
from jeoul.strategy.load import load_strategy
from jeoul.strategy.universe import load_universe
from jeoul.translation import in_language
from jeoul.workspace.firm import firm_at
from jeoul.workspace.preferences import preferences

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
RATES = """\
[[rates]]
kind = "cma"
name = "A"
rate = 0.033
as_of = 2026-11-02
source = "the app"
"""
ELS = "coupon = 0.08\nbarriers = [0.9, 0.85]\nknock_in = 0.5\nmonths = 6\n"
STATEMENT = "year = 2026\nwages = 50_000_000\ndetermined = 0\ndetermined_local = 0\n"
PREFERENCES = 'data = "m"\nlang = "ko"\naccount = "isa"\nprofile = "balanced"\n'
MEANS = "spending = 2_000_000\nfinancial_income = 3\ntaxable_income = 0\n"
TODAY = date(2026, 11, 28)


def _manifest(path: Path) -> object:
    if path.name != "manifest.toml":
        shutil.copy(path, path.parent / "manifest.toml")
    return read_manifest(path.parent)


def _preferences(path: Path) -> object:
    place = path.parent / "jeoul" / "config.toml"
    place.parent.mkdir(exist_ok=True)
    shutil.copy(path, place)
    return preferences({"XDG_CONFIG_HOME": str(path.parent)})


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
    "household": read_household,
    "firm": lambda path: firm_at(str(path)),
    "rates": lambda path: read_rates(read_text(path, ConfigError), str(path), TODAY),
    "means": lambda path: read_means(read_text(path, ConfigError), str(path), TODAY),
    "els": lambda path: read_els(read_text(path, ConfigError), str(path)),
    "statement": read_statement,
    "preferences": _preferences,
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
    "household": (
        ROOT / "configs/household-example.toml",
        "born",
        "bron",
        "in [people.minsu]",
        "born",
    ),
    "firm": (
        ROOT / "configs/firm-example/firm.toml",
        "accrual",
        "acrual",
        "in [advisory]",
        "accrual",
    ),
    "rates": (RATES, "as_of", "asof", "in [[rates]]", "as_of"),
    "means": (MEANS, "spending", "spendings", "", "spending"),
    "els": (ELS, "coupon", "cuopon", "", "coupon"),
    "statement": (STATEMENT, "determined_local", "determined_lcoal", "", "determined_local"),
    "preferences": (PREFERENCES, "profile", "pofile", "", "profile"),
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


# Tables whose keys are names that the person gives or that name what another table or file has.
NAMED = {
    "strategy": {"profiles", "profiles.*.classes", "overlay.refuge", "overlay.watch"},
    "universe": {
        "members",
        "instruments",
        "fallback",
        "dividends",
        "sources",
        "class_names",
        "premium",
        "dividends.*.yields",
        "dividends.*.yield",
    },
    "fetch plan": {"sources", "sources.*", "series.columns", "prices.tickers"},
    "household": {"people", "accounts", "goals"},
    "manifest": {"file.columns"},
    "rules": {"sources"},
}
HEAD = ("schema", "year", "as_of", "sources")  # of a table of rules


def _keys(kind: str, path: Path) -> Iterator[tuple[Location, int]]:
    """Yield the first of each key that a file's tables have, with its line."""
    seen: set[tuple[str, str]] = set()
    for key, line in parse(path).lines.items():
        *above, name = [part for part in key if isinstance(part, str)]
        table, named = "", NAMED.get(kind, set())
        for part in above:
            table = f"{table}.{'*' if table in named else part}".lstrip(".")
        if kind == "rules" and table != "tax.truncate_to" and key[0] not in HEAD:
            continue  # any fact of the law may be a key there
        if len(name) > 2 and table not in named and (table, name) not in seen:
            seen.add((table, name))
            yield key, line


KINDS_OF_TABLE = {
    "score": ('score     = { kind = "return"', "kind", "knid", "in [allocate.score]"),
    "months": (
        "months = 12 }\nagainst",
        "months",
        "monhts",
        "in [allocate.canaries.us_shares.score]",
    ),
    "canary": ('kind    = "member"', "kind", "knid", "in [allocate.canaries.us_shares]"),
    "allocate": ('kind      = "momentum"', "kind", "knid", "in [allocate]"),
}


@pytest.mark.parametrize("slip", KINDS_OF_TABLE)
def test_a_key_of_a_table_of_several_kinds_is_compared_with_those_of_its_kind(
    tmp_path: Path, slip: str
) -> None:
    found, right, wrong, place = KINDS_OF_TABLE[slip]
    text = (ROOT / "strategies/dual-momentum.toml").read_text("utf-8")
    assert found in text
    file = tmp_path / "a.toml"
    file.write_text(text.replace(found, found.replace(right, wrong, 1), 1), "utf-8")
    with pytest.raises(InputError) as refusal:
        load_strategy(str(file))
    said = f"unknown key {wrong!r} {place}; did you mean {right!r}?"
    assert any(str(problem).endswith(said) for problem in refusal.value.problems), refusal.value


@pytest.mark.parametrize("kind", READERS)
def test_any_key_misspelt_is_named_at_its_line(tmp_path: Path, kind: str) -> None:
    source = SLIPS[kind][0]
    file = tmp_path / ("manifest.toml" if kind == "manifest" else "a.toml")
    text = source if isinstance(source, str) else source.read_text("utf-8")  # type: ignore[attr-defined]
    file.write_text(text, "utf-8")
    lines, tried = text.splitlines(), 0
    for key, number in _keys(kind, file):
        name = str(key[-1])
        slip = f"{name[:-2]}{name[-1]}{name[-2]}" if name[-1] != name[-2] else name[:-1]
        line = re.sub(rf"(?<![\w-]){name}(?![\w-])", slip, lines[number - 1], count=1)
        changed = "\n".join([*lines[: number - 1], line, *lines[number:]])
        try:
            tomllib.loads(changed)
        except tomllib.TOMLDecodeError:
            continue  # one [[series]] of several, before a table of it
        file.write_text(changed, "utf-8")
        with pytest.raises((InputError, DataError)) as refusal:
            READERS[kind](file)
        said = [str(problem) for problem in refusal.value.problems]
        place = r"(in \[.+\]|at the top level)"
        expected = rf":{number}: unknown key '{slip}' {place}; did you mean '{name}'\?"
        assert [one for one in said if re.search(expected, one)], (key, said)
        korean = in_language("\n".join(said), "ko")
        assert "unknown key" not in korean
        assert slip in korean
        tried += 1
    assert tried >= 3


ODD = {
    "digits": "year = " + "9" * 5_000,
    "digits of a megabyte": "year = " + "9" * 1_000_000,
    "words of a megabyte": "a" * 1_000_000,
    "hexadecimal": "year = 0x" + "f" * 5_000,
    "deep list": "year = " + "[" * 5_000 + "]" * 5_000,
    "deep but closed": "year = " + "[" * 200 + "]" * 200,
    "dotted": ".".join("a" * 20_000) + " = 1",
    "many": "\n".join(f"k{n} = 1" for n in range(50_000)),
    "many in a table": "\n".join(f"k{n} = 1" for n in range(20_000)),
    "many values": f"year = [{'1,' * 3_000_000}]",
    "many tables": "[[a]]\n" * 1_000_000,
    "escape": '"\\u001b[31m" = 1',
}


VERY_MANY = "\n".join(f"k{n} = 1" for n in range(200_000))


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("kind", READERS)
def test_odd_toml_is_refused_briefly_and_soon(tmp_path: Path, kind: str, odd: str) -> None:
    refuse_soon(tmp_path, kind, ODD[odd])


def test_two_hundred_thousand_keys_are_refused_soon(tmp_path: Path) -> None:
    """By one reader of each way of reading: a file of a person, and a text with its name."""
    for kind in ("strategy", "rates"):
        refuse_soon(tmp_path, kind, VERY_MANY)


def refuse_soon(tmp_path: Path, kind: str, text: str) -> None:
    file = tmp_path / "odd.toml"
    file.write_text(text, "utf-8")
    before = time.process_time()
    with pytest.raises((InputError, DataError)) as refusal:
        READERS[kind](file)
    assert time.process_time() - before < 5
    assert len(refusal.value.problems) <= 45
    assert len(str(refusal.value)) < 20_000
    assert str(refusal.value).replace("\n", "").isprintable()


@pytest.mark.posix
@pytest.mark.parametrize(
    "kind", [kind for kind in READERS if kind not in ("manifest", "preferences")]
)
def test_what_is_not_a_regular_file_is_refused_without_waiting(tmp_path: Path, kind: str) -> None:
    import os

    pipe, loop = tmp_path / "pipe.toml", tmp_path / "loop.toml"
    os.mkfifo(pipe)
    loop.symlink_to(loop)
    for path in (pipe, loop, tmp_path, Path("/dev/zero")):
        with pytest.raises(InputError):
            READERS[kind](path)
