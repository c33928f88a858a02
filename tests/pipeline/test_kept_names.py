"""What is kept has the name of everything that it rests on: code, data, libraries and rules."""

from __future__ import annotations

import builtins
import importlib.util
import io
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import grimp
import numpy as np
import pytest

import jeoul
from jeoul import api, assets
from jeoul.api import parts
from jeoul.api.accounts import Accounts
from jeoul.api.kept_paths import KeptPaths
from jeoul.files import source_stamp
from jeoul.files.cache import Cache
from jeoul.market import Market, calendars, kept_folder
from jeoul.market.calendars import load_calendar
from jeoul.market.manifest import read_manifest
from jeoul.pipeline import Mandate, kept_names
from jeoul.pipeline.kept_names import kept_name

STAMPS = ("source_stamp", "data_stamp", "library_stamp")
RESTS_ON = {
    "a model, its path and its account": (
        kept_names,
        ("jeoul.api.accounts", "jeoul.api.kept_paths", "jeoul.pipeline.memory"),
    ),
    "a market folder": (kept_folder, ("jeoul.market.kept_folder", "jeoul.market.folder")),
}
"""What lies in caches: who names it, and the modules from which it comes."""
WITHOUT_NUMBERS = frozenset(sys.stdlib_module_names) | {"lxml", "openpyxl"}
"""Modules of Python, and what only reads a person's spreadsheets."""


@cache
def imports() -> grimp.ImportGraph:
    """Return which module imports which at run time, within functions too."""
    return grimp.build_graph(
        "jeoul", include_external_packages=True, exclude_type_checking_imports=True, cache_dir=None
    )


def reached(modules: tuple[str, ...]) -> set[str]:
    """Return the modules and all that they import, however far away."""
    return {*modules}.union(*(imports().find_upstream_modules(each) for each in modules))


@pytest.fixture(autouse=True)
def stamped_anew() -> Iterator[None]:
    for name in STAMPS:
        getattr(source_stamp, name).cache_clear()
    yield
    for name in STAMPS:
        getattr(source_stamp, name).cache_clear()


@pytest.fixture(scope="module")
def mandate() -> Mandate:
    return api.mandate(jeoul.load_strategy("static"), "balanced")


def names(mandate: Mandate) -> tuple[str | None, str | None]:
    """Return the names of a result of a mandate and of the sample's folder, as of now."""
    stamped = ("source_stamp", "data_stamp", "library_stamp")
    for name in stamped:
        getattr(source_stamp, name).cache_clear()
    manifest = read_manifest(assets.data("sample"))
    own = {name: load_calendar(name) for name in manifest.exchanges}
    return kept_name("path", mandate, "digest"), kept_folder._name(manifest, own)


def touched(path: Path) -> None:
    """Give a file another time, as writing it does."""
    known = path.stat()
    os.utime(path, ns=(known.st_atime_ns, known.st_mtime_ns + 1_000_000_000))


@pytest.mark.parametrize("kept", RESTS_ON)
def test_every_module_that_a_kept_result_comes_from_is_in_its_name(
    kept: str, mandate: Mandate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = shutil.copytree(
        source_stamp._PACKAGE, tmp_path / "jeoul", ignore=shutil.ignore_patterns("_assets")
    )
    monkeypatch.setattr(source_stamp, "_PACKAGE", package)
    named_by, begins = RESTS_ON[kept]
    own = [*RESTS_ON].index(kept)
    missed = []
    for module in sorted(each for each in reached(begins) if each.startswith("jeoul")):
        place = package.joinpath(*module.split(".")[1:])
        file = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
        before = source_stamp.source_stamp.__wrapped__(*named_by.SOURCES)
        touched(file)
        if source_stamp.source_stamp.__wrapped__(*named_by.SOURCES) == before:
            missed.append(module)
    assert missed == []
    before_all = names(mandate)
    touched(package / "model" / "calendar.py")
    assert names(mandate)[own] != before_all[own]


@pytest.mark.parametrize("kept", RESTS_ON)
def test_every_library_that_a_kept_result_comes_from_is_in_its_name(kept: str) -> None:
    named_by, begins = RESTS_ON[kept]
    libraries = {each for each in reached(begins) if not each.startswith("jeoul")}
    assert libraries - WITHOUT_NUMBERS <= {*named_by.LIBRARIES}
    assert source_stamp.library_stamp(*named_by.LIBRARIES) is not None
    for library in named_by.LIBRARIES:
        others = [each for each in named_by.LIBRARIES if each != library]
        assert source_stamp.library_stamp(*others) != source_stamp.library_stamp(
            *named_by.LIBRARIES
        )


def test_every_shipped_file_that_a_kept_result_reads_is_in_its_name(
    sample: Market, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All files that are opened from the shipped data, with nothing remembered from before."""
    opened: set[Path] = set()

    def watch(found: Callable[..., object]) -> Callable[..., object]:
        def watching(path: object, *rest: object, **named: object) -> object:
            place = Path(str(path)).resolve()
            if place.is_relative_to(assets.data()):
                opened.add(place.relative_to(assets.data()))
            return found(path, *rest, **named)

        return watching

    for owner, name in ((builtins, "open"), (io, "open"), (os, "open"), (Path, "open")):
        monkeypatch.setattr(owner, name, watch(getattr(owner, name)))
    known = (parts.calendars, parts._universe, parts._irp_risk_cap, calendars.load_calendar)
    for forget in (*known, calendars.load_facts):
        forget.cache_clear()
    account_beside(sample, Cache(tmp_path))
    assert {path.parts[0] for path in opened} >= {"calendars", "rules", "universes"}
    ours = {path for path in opened if path.parts[0] not in ("sample", "messages")}
    assert {path for path in ours if path.parts[0] not in kept_names.DATA} == set()


def account_beside(sample: Market, cache: Cache) -> None:
    snapshot = sample.as_of("2012-06-28", "XKRX")
    strategy = jeoul.load_strategy("static")
    panel = api.history(strategy, snapshot)
    mandate = api.mandate(strategy, "balanced", "irp")
    run = KeptPaths(panel, snapshot.digest, cache).backtest(mandate, None, None)
    accounts = Accounts(snapshot.prices, snapshot.digest, 1_000_000, cache)
    accounts.beside(run, [])


def test_a_path_that_differs_in_its_last_bit_has_an_account_of_its_own(
    sample: Market, tmp_path: Path
) -> None:
    """A replay and a compiled simulation agree to 1e-9 and not to the bit."""
    snapshot = sample.as_of("2012-06-28", "XKRX")
    strategy = jeoul.load_strategy("static")
    panel = api.history(strategy, snapshot)
    run = KeptPaths(panel, snapshot.digest).backtest(api.mandate(strategy, "balanced"), None, None)
    accounts = Accounts(snapshot.prices, snapshot.digest, 1_000_000, Cache(tmp_path))
    for nav in (run.nav, np.nextafter(run.nav, np.inf)):
        accounts.beside(replace(run, nav=nav), [])
    assert len([*tmp_path.glob("account-*.kept")]) == 2


@pytest.mark.parametrize("missing", STAMPS)
def test_without_a_stamp_nothing_is_kept(
    missing: str, mandate: Mandate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_names, missing, lambda *names: None)
    assert kept_name("path", mandate, "digest") is None


def test_a_name_is_that_of_one_kind_one_snapshot_and_one_mandate(mandate: Mandate) -> None:
    other = api.mandate(jeoul.load_strategy("static"), "growth")
    found = {
        kept_name("path", mandate, "digest"),
        kept_name("account", mandate, "digest"),
        kept_name("path", mandate, "other"),
        kept_name("path", other, "digest"),
        kept_name("path", mandate, "digest", 1),
    }
    assert len(found) == 5
    assert kept_name("path", mandate, "digest") in found


@pytest.mark.parametrize("folder", kept_names.DATA)
def test_shipped_data_that_change_give_another_name(
    folder: str, mandate: Mandate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = tmp_path / "data"
    for each in kept_names.DATA:
        place = assets.data(each)
        copy = shutil.copytree if place.is_dir() else shutil.copy
        whole.mkdir(exist_ok=True)
        copy(place, whole / each)
    monkeypatch.setattr(assets, "data", whole.joinpath)
    before = source_stamp.data_stamp(*kept_names.DATA)
    place = whole / folder
    touched(next(each for each in place.rglob("*") if each.is_file()) if place.is_dir() else place)
    source_stamp.data_stamp.cache_clear()
    assert source_stamp.data_stamp(*kept_names.DATA) != before


def test_whatever_asks_a_cache_has_a_name_of_this_kind() -> None:
    """A module that keeps results makes their names in one of the places that say everything."""
    for module in sorted(reached(("jeoul.cli.main",))):
        if not module.startswith("jeoul") or module == "jeoul.files.cache":
            continue
        spec = importlib.util.find_spec(module)
        assert spec is not None
        assert spec.origin is not None
        text = Path(spec.origin).read_text("utf-8")
        if ".keep(name" in text:
            assert "kept_name(" in text or module == "jeoul.market.kept_folder", module
