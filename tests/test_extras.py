"""The base install has no extra: everything but the pages can be imported without one."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import openpyxl
import pytest

ROOT = Path(__file__).parents[1]
MODULES = {"python-multipart": "multipart"}
"""Modules by the name of their package, where it is another."""

IMPORTING = """
import importlib, importlib.abc, pkgutil, sys

class Refused(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {blocked!r}:
            raise ModuleNotFoundError(f"{{name}} is in an extra")

sys.meta_path.insert(0, Refused())
import jeoul
for module in pkgutil.walk_packages(jeoul.__path__, "jeoul."):
    if not module.name.startswith("jeoul.web") and not module.name.endswith("__main__"):
        importlib.import_module(module.name)
import click
from jeoul.cli.main import main
sys.argv = ["jeoul", "serve", "--lang", "en"]
main()
"""


def names_of(requirements: list[str]) -> set[str]:
    """Return the modules that requirements bring.

    >>> sorted(names_of(["fastapi>=0.115", "python-multipart>=0.0.20"]))
    ['fastapi', 'multipart']
    """
    names = {re.split(r"[<>=;\\[ ]", each)[0] for each in requirements}
    return {MODULES.get(name, name.replace("-", "_")) for name in names}


def test_the_base_install_imports_no_extra_and_says_which_one_the_pages_need() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    extras = project["optional-dependencies"]
    used = {name: names_of(each) for name, each in extras.items() if name not in ("test", "docs")}
    blocked = set().union(*used.values()) - names_of(project["dependencies"])
    assert {"fastapi", "uvicorn", "distributed", "apprise", "openpyxl", "lxml"} <= blocked
    done = subprocess.run(
        [sys.executable, "-c", IMPORTING.format(blocked=blocked)],
        capture_output=True, text=True, timeout=120, check=False,
        env={"PYTHONPATH": str(ROOT / "engine"), "PATH": ""},
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert "pip install 'jeoul[web]'" in done.stderr


READING = """
import sys
for name in ("lxml", "openpyxl"):
    sys.modules[name] = None
from jeoul.cli.main import main
sys.argv = ["jeoul", "import", sys.argv[1], "--lang", sys.argv[2]]
main()
"""


@pytest.mark.parametrize(
    ("name", "lang", "wrong"),
    [
        ("book.xlsx", "en", "is a spreadsheet file (.xlsx), which needs openpyxl"),
        ("book.xlsx", "ko", "엑셀 파일(.xlsx)입니다. 읽으려면 openpyxl이 필요합니다"),
        ("page.xls", "en", "is an HTML page, which needs lxml"),
        ("page.xls", "ko", "HTML 파일입니다. 읽으려면 lxml이 필요합니다"),
    ],
)
def test_a_file_of_a_spreadsheet_names_the_extra_that_reads_it(
    tmp_path: Path, name: str, lang: str, wrong: str
) -> None:
    file = tmp_path / name
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["ticker", "shares"])
    book.save(file)
    if name == "page.xls":
        file.write_text("<table><tr><td>ticker<td>shares<tr><td>069500<td>1</table>", "utf-8")
    done = subprocess.run(
        [sys.executable, "-c", READING, str(file), lang],
        capture_output=True, text=True, timeout=120, check=False,
        env={"PYTHONPATH": str(ROOT / "engine"), "PATH": "", "PYTHONUTF8": "1"},
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert wrong in done.stderr
    assert "pip install 'jeoul[files]'" in done.stderr


def test_every_extra_is_in_both_readmes() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        extras = set(tomllib.load(file)["project"]["optional-dependencies"]) - {"test", "docs"}
    for name in ("README.md", "README.ko.md"):
        told = set(re.findall(r"^\| `([a-z]+)` \|", (ROOT / name).read_text("utf-8"), re.MULTILINE))
        assert extras <= told, name
