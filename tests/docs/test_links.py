"""Links lead somewhere, commands in the text exist, and nothing names one machine."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click
import pytest

from jeoul.cli.main import COMMANDS, cli

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
CALL = re.compile(r"(?<!from )\bjeoul ([a-z][a-z-]+)\b((?:[^`\n|]|\\\|)*)")


def headings(text: Any) -> Any:
    """Return the anchors that a page offers, as they are made from its headings."""
    lines = re.findall(r"^#+ (.+)$", FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", line.lower()).strip().replace(" ", "-") for line in lines}


def links(text: Any) -> Any:
    return [
        target
        for target in LINK.findall(FENCE.sub("", text))
        if not target.startswith(("http://", "https://", "mailto:"))
    ]


def test_every_internal_link_resolves(page: Path) -> None:
    text = page.read_text("utf-8")
    broken = []
    for target in links(text):
        name, _, anchor = target.partition("#")
        place = (page.parent / name).resolve() if name else page
        if not place.exists() or (anchor and anchor not in headings(place.read_text("utf-8"))):
            broken.append(target)
    assert not broken


def test_every_page_is_reached_from_the_index(root: Path) -> None:
    index = root / "docs" / "README.md"
    reached = {
        (index.parent / name.partition("#")[0]).resolve()
        for name in links(index.read_text("utf-8"))
    }
    assert {path for path in (root / "docs").glob("*.md") if path != index} <= reached


def test_every_benchmark_is_explained(root: Path) -> None:
    told = links((root / "docs" / "benchmarks.md").read_text("utf-8"))
    assert {f"../benchmarks/{path.name}" for path in (root / "benchmarks").glob("*.py")} <= {*told}


def test_the_design_names_every_package(root: Path) -> None:
    told = code((root / "docs" / "design.md").read_text("utf-8"))
    packages = {path.parent.name for path in (root / "engine" / "jeoul").glob("*/__init__.py")}
    assert {name for name in packages if not re.search(rf"\b{name}\b", told)} == set()


def test_a_broken_link_would_be_seen() -> None:
    assert links("see [a](b.md#c), ![d](e.png) and [web](https://x.example)") == ["b.md#c", "e.png"]
    assert headings("# A `b` c, d\n```\n# no\n```") == {"a-b-c-d"}


def code(text: Any) -> Any:
    """Return what a page shows as code: fenced blocks and spans, without fences' first lines."""
    blocks = ["\n".join(block.split("\n")[1:-1]) for block in FENCE.findall(text)]
    return "\n".join([*blocks, *re.findall(r"`([^`\n]+)`", FENCE.sub("", text))])


def known_options(name: Any) -> Any:
    found = cli.get_command(click.Context(cli), name)
    inner = found.commands.values() if isinstance(found, click.Group) else ()
    return {"--help"} | {
        word for each in (found, *inner) for param in each.params for word in param.opts
    }


def test_every_command_named_exists_with_its_options(page: Path) -> None:
    wrong = []
    for line in code(page.read_text("utf-8")).splitlines():
        for name, rest in CALL.findall(line):
            if name not in COMMANDS:
                wrong.append(f"jeoul {name}")
                continue
            wrong += [
                f"jeoul {name} {option}"
                for option in re.findall(r"(?<![\w-])--[a-z][a-z-]*", rest)
                if option not in known_options(name)
            ]
    assert not wrong


@pytest.mark.parametrize(
    "pattern",
    [r"(?<![\w.])/(home|root|tmp|work|mnt|Users)/", r"[A-Z]:\\", r"pypi\.|pythonhosted|index-url"],
    ids=["unix paths", "windows paths", "package registries"],
)
def test_no_page_names_a_machine_or_a_registry(page: Path, pattern: str) -> None:
    assert not re.findall(pattern, page.read_text("utf-8"))
