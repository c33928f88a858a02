"""A strategy file whose values a page changes: everything else stays as a person wrote it."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from jeoul.research.grid import changed
from jeoul.strategy.load import find_strategy, load_strategy, shipped
from jeoul.web.strategy_keys import StrategyKey, groups_of, keys_of
from jeoul.web.strategy_text import changed_text, difference

ANOTHER: dict[str, Callable[[Any], Any]] = {
    "flag": lambda key: not key.value,
    "choice": lambda key: next(choice for choice in key.choices if choice != key.value),
    "integer": lambda key: key.value + 1,
    "number": lambda key: round(key.value * 0.9 + 0.01, 4),
}


def without(document: Any, path: list[str]) -> Any:
    """Return a document without the key at a path, and without tables that it leaves empty."""
    if not isinstance(document, Mapping) or path[0] not in document:
        return document
    rest = {name: value for name, value in document.items() if name != path[0]}
    if len(path) == 1:
        return rest
    inner = without(document[path[0]], path[1:])
    return rest | ({path[0]: inner} if inner and set(inner) != {"kind"} else {})


@pytest.mark.parametrize("name", shipped())
def test_every_key_of_every_shipped_strategy_can_be_changed_alone(name: str) -> None:
    strategy, text = load_strategy(name), find_strategy(name).read_text("utf-8")
    whole = strategy.model_dump(mode="json", by_alias=True)
    keys = [key for group in groups_of(strategy, "balanced") for key in group.keys]
    assert len(keys) > 10
    for key in keys:
        if key.kind == "choice" and set(key.choices) == {key.value}:
            continue
        after = changed_text(text, {key.path: ANOTHER[key.kind](key)}, whole)
        path = key.path.split(".")
        assert without(tomllib.loads(after), path) == without(tomllib.loads(text), path), key.path
        comments = [line.partition("#")[2] for line in text.splitlines() if "#" in line]
        assert [line.partition("#")[2] for line in after.splitlines() if "#" in line] == comments


def test_what_is_written_is_what_was_tried(tmp_path: Any) -> None:
    strategy, text = load_strategy("managed"), find_strategy("managed").read_text("utf-8")
    values = {"overlay.vix.scale": 0.6, "overlay.vix.enter.at": 28.0, "rebalance.band": 0.1}
    file = tmp_path / "mine.toml"
    whole = strategy.model_dump(mode="json", by_alias=True)
    file.write_text(changed_text(text, {"name": "mine", **values}, whole), "utf-8")
    wanted = changed(strategy, values).model_copy(update={"name": "mine"})
    assert load_strategy(str(file)) == wanted
    lines = difference(text, file.read_text("utf-8"), ("managed.toml", "mine.toml"))
    assert sum(line.startswith("+") and not line.startswith("+++") for line in lines) == 4


def test_a_control_has_the_kind_and_the_bounds_of_the_schema() -> None:
    keys = keys_of(load_strategy("managed"), "balanced")
    assert keys["overlay.vix.scale"] == StrategyKey("overlay.vix.scale", "number", 0.9, 0.0, 1.0)
    assert keys["estimate.lookback"].kind == "integer"
    assert keys["rebalance.calendar"].choices[:2] == ("weekly", "monthly")
    assert keys["overlay.watch.fx_surge.active"].kind == "flag"
    assert not any(path.startswith("profiles.growth") for path in keys)
    assert not {"name", "universe", "calendar", "title"} & {path.split(".")[0] for path in keys}


@pytest.mark.parametrize(("kind", "text"), [("integer", "1.5"), ("number", "x"), ("integer", "")])
def test_what_is_no_number_is_refused(kind: str, text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        StrategyKey("a.b", kind, 1).read(text)


def test_a_switch_that_is_off_is_not_sent() -> None:
    assert StrategyKey("a.b", "flag", True).read(None) is False
    assert StrategyKey("a.b", "flag", False).read("on") is True
    assert StrategyKey("a.b", "number", 0.5).read(None) == 0.5
