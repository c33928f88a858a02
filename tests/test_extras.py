"""The base install has no extra: everything but the pages can be imported without one."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

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
    assert {"fastapi", "uvicorn", "distributed", "apprise"} <= blocked
    done = subprocess.run(
        [sys.executable, "-c", IMPORTING.format(blocked=blocked)],
        capture_output=True, text=True, timeout=120, check=False,
        env={"PYTHONPATH": str(ROOT / "engine"), "PATH": ""},
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert "pip install 'jeoul[web]'" in done.stderr


def test_every_extra_is_in_both_readmes() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        extras = set(tomllib.load(file)["project"]["optional-dependencies"]) - {"test", "docs"}
    for name in ("README.md", "README.ko.md"):
        told = set(re.findall(r"^\| `([a-z]+)` \|", (ROOT / name).read_text("utf-8"), re.MULTILINE))
        assert extras <= told, name
