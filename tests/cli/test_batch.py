"""``jeoul batch`` on the command line: its files are checked first, and its summary names them."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

HEAD = "account,kind,profile,ticker,shares"
REST = "general,growth,CASH,5000000"


def test_terms_without_an_account_are_named_in_the_summary(jeoul: Any, tmp_path: Path) -> None:
    accounts, terms = tmp_path / "accounts.csv", tmp_path / "terms.csv"
    accounts.write_text(f"{HEAD}\na,{REST}\nb,{REST}\n", "utf-8")
    lines = "".join(f"gone{number},0.001\n" for number in range(7))
    terms.write_text(f"account,fee\nb,0.001\n{lines}gone0,0.001\n", "utf-8")
    words = ("batch", accounts, "static", "--terms", terms, "--executor", "here", "--lang", "en")
    done = jeoul(*words, "--out", tmp_path / "orders.csv", "--json")
    found = json.loads(done.out)
    assert found["unknown_terms"] == 7
    assert found["unknown_terms_accounts"] == [f"gone{number}" for number in range(5)]
    said = jeoul(*words, "--out", tmp_path / "orders.csv").out
    assert "7 accounts of the terms are not in the accounts file: 'gone0', " in said


def outputs(folder: Path) -> dict[str, tuple[dict[str, Path], str]]:
    """Return options of output that a batch refuses, and what it says."""
    out = folder / "orders.csv"
    return {
        "one file": ({"--out": out, "--refused": folder / "." / "orders.csv"}, "are the same"),
        "the input": ({"--out": folder / "accounts.csv"}, "are the same"),
        "the terms": ({"--out": out, "--refused": folder / "terms.csv"}, "are the same"),
        "a link to the input": ({"--out": folder / "link.csv"}, "are the same"),
        "a folder": ({"--out": folder / "folder.csv"}, "is a folder; name a file"),
        "a folder for the rest": ({"--out": out, "--refused": folder / "folder.csv"}, "a folder;"),
        "no folder": ({"--out": folder / "none" / "orders.csv"}, "make it first"),
        "an ending": ({"--out": folder / "orders.xlsx"}, "does not name a format"),
        "an ending for the rest": ({"--out": out, "--refused": folder / "rest"}, "a format"),
        "a name too long": ({"--out": folder / ("x" * 251 + ".csv")}, "too long"),
        "a place of the system": ({"--out": Path("/proc/orders.csv")}, "/proc/orders.csv"),
    }


@pytest.mark.posix
@pytest.mark.parametrize("why", list(outputs(Path())))
def test_a_file_that_cannot_be_written_is_refused_before_any_work(
    jeoul: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    monkeypatch.setattr("jeoul.cli.batch.open_inputs", lambda *_: pytest.fail("it worked first"))
    accounts = tmp_path / "accounts.csv"
    accounts.write_text(f"{HEAD}\na,{REST}\n", "utf-8")
    (tmp_path / "terms.csv").write_text("account,fee\na,0.001\n", "utf-8")
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "link.csv").symlink_to(accounts)
    before = {path.name: path.is_dir() or path.read_bytes() for path in tmp_path.iterdir()}
    options, said = outputs(tmp_path)[why]
    words = [str(word) for pair in options.items() for word in pair]
    done = jeoul("batch", accounts, "static", "--terms", tmp_path / "terms.csv", *words,
                 "--lang", "en")  # fmt: skip
    assert done.code in (2, 74)
    assert said in done.err
    after = {path.name: path.is_dir() or path.read_bytes() for path in tmp_path.iterdir()}
    assert after == before


def test_a_file_that_is_there_keeps_its_content_until_the_new_one_is_whole(
    jeoul: Any, tmp_path: Path
) -> None:
    accounts, out = tmp_path / "accounts.csv", tmp_path / "orders.csv"
    out.write_text("earlier", "utf-8")
    written = os.stat(out).st_mtime_ns
    time.sleep(0.01)
    accounts.write_text(f"{HEAD},deposite\na,{REST},5\n", "utf-8")
    assert jeoul("batch", accounts, "static", "--out", out).code == 2
    assert (out.read_text("utf-8"), os.stat(out).st_mtime_ns) == ("earlier", written)
