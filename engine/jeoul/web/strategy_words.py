"""What a page calls the tables and keys of a strategy file."""

from __future__ import annotations

from jeoul.messages import catalogue, say
from jeoul.model.instrument import Universe
from jeoul.strategy.schema import Strategy
from jeoul.strategy.tables.profile import PROFILES

_FREE = ("watch", "canaries")
"""Tables whose parts a strategy names itself."""

_CLASSES = ("classes", "refuge", "core")
"""Tables whose keys are asset classes or members of the universe."""


def table_title(table: str, strategy: Strategy, language: str) -> str:
    """Return the name of a table, ``overlay.vix`` for instance."""
    kept, named = [], ""
    parts = table.split(".")
    for before, part in zip(("", *parts), parts, strict=False):
        if before in _FREE:
            named = _own_name(before, part, strategy, language)
        elif part not in PROFILES:
            kept.append(part)
    return say(language, f"strategy_keys.table_{'_'.join(kept)}", {"name": named})


def key_title(table: str, name: str, universe: Universe, language: str) -> str:
    """Return the name of a key of a table."""
    if table.rpartition(".")[2] in _CLASSES:
        return catalogue(language).get(f"universe.{name}") or member_title(universe, name, language)
    return say(language, f"strategy_keys.{name}")


def member_title(universe: Universe, name: str, language: str) -> str:
    """Return the name of a member's fund or of a class; its own where a person has no other."""
    if name == "CASH":
        return say(language, "facts.class_cash")
    place = 0 if language == "ko" else 1
    if name in universe.class_names:
        return universe.class_names[name][place]
    member = next((each for each in universe.members if each.name == name), None)
    if member is None:
        return name
    fund = universe.instruments[member.codes[0]]
    return (fund.name_ko, fund.name_en)[place]


def _own_name(table: str, part: str, strategy: Strategy, language: str) -> str:
    """Return the title that a strategy gives a part of its own, its key where it gives none."""
    overlay = strategy.overlay
    if table == "watch" and overlay is not None and part in overlay.watch:
        title = overlay.watch[part].title
        return title.ko if language == "ko" else title.en
    return part
