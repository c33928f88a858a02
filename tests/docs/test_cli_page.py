"""The page of commands says what the commands say, and they say something about every option."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import click
import pytest

from jeoul.cli.main import COMMANDS, cli
from jeoul.cli.talk import talk_options

COMMAND_NAMES = list(COMMANDS)


@pytest.fixture(scope="module")
def generator(root: Path) -> Any:
    spec = importlib.util.spec_from_file_location("make_cli", root / "docs" / "make_cli.py")
    module = importlib.util.module_from_spec(spec)  # type: ignore[arg-type]
    spec.loader.exec_module(module)
    return module


def command(name: Any) -> Any:
    return cli.get_command(click.Context(cli), name)


def every(found: Any, path: Any = ()) -> Any:
    """Return a command and, for a group, its subcommands."""
    inner = found.commands.items() if isinstance(found, click.Group) else ()
    return [(path, found), *(pair for name, sub in inner for pair in every(sub, (*path, name)))]


def test_the_page_is_up_to_date(generator: Any) -> None:
    assert generator.PAGE.read_text("utf-8") == generator.page(), "run python docs/make_cli.py"


def _shown(param: click.Parameter) -> bool:
    """Return whether a parameter is an option, and none that stands for a renamed one."""
    return isinstance(param, click.Option) and not param.hidden


@pytest.mark.parametrize("name", COMMAND_NAMES)
def test_every_command_and_option_is_on_the_page(generator: Any, name: str) -> None:
    text = generator.PAGE.read_text("utf-8")
    shared = {word for option in talk_options() for word in option.opts}
    assert all(f"`{word}" in text.partition("## Commands")[0] for word in shared)  # said once
    for path, found in every(command(name), (name,)):
        heading = f"\n## jeoul {' '.join(path)}\n"
        assert heading in text
        part = text.split(heading)[1].split("\n## ")[0]
        for param in found.params:
            for word in set(param.opts) - shared if _shown(param) else ():
                assert f"`{word}`" in part


@pytest.mark.parametrize("name", COMMAND_NAMES)
def test_every_command_says_what_it_does(name: str) -> None:
    for _, found in every(command(name), (name,)):
        assert found.help
        assert found.help.split("\n")[0].rstrip().endswith(".")


@pytest.mark.parametrize("name", COMMAND_NAMES)
def test_every_option_has_a_help_text(name: str) -> None:
    silent = {
        param.opts[0]
        for _, found in every(command(name), (name,))
        for param in found.params
        if _shown(param) and not param.help
    }
    assert not silent


def test_a_change_of_an_option_shows_on_the_page(generator: Any) -> None:
    @click.command(help="Weigh.")
    @click.option("--pan", type=click.IntRange(min=1), default=2, help="Which pan.")
    @click.option("--side", type=click.Choice(["left", "right"]), required=True, help="Where.")
    def weigh(pan: Any, side: Any) -> None:
        pass

    text = generator.section("jeoul weigh", weigh)
    assert "jeoul weigh --side left|right [OPTIONS]" in text
    assert "| `--pan` | INTEGER, at least 1 | `2` | Which pan. |" in text
