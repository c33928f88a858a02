"""Starter files: a universe, a strategy over it and a config for it, commented and ready to use."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from string import Template

from jeoul import assets
from jeoul.files.kinds import schema_file
from jeoul.model.instrument import Universe

RISK_SHARE = {"conservative": 0.3, "balanced": 0.6, "growth": 0.85}
"""The share of risk classes in each profile of a starter strategy."""

_PLACES = 4  # decimals of a class weight

_CURRENCY = {
    "KRW": {"min_trade": "50_000", "cash": "100_000_000"},
    "USD": {"min_trade": "50", "cash": "100_000"},
}
_EXCHANGE = {
    "XKRX": {"at": "09:10", "timezone": "Asia/Seoul"},
    "XNYS": {"at": "10:00", "timezone": "America/New_York"},
}


def universe_text(name: str, language: str) -> str:
    """Return a universe file of four classes."""
    return with_schema("universe", _filled("universe", language, {"name": name}))


def strategy_text(name: str, written: str, universe: Universe, language: str) -> str:
    """Return a strategy file over a universe, which the file writes as ``written``.

    A class is at risk if the preferred fund of its first member counts so in an IRP.
    """
    risk = [item for item in universe.classes if _is_risk(universe, item)]
    safe = [item for item in universe.classes if item not in risk]
    refuge = {safe[-1]: 1.0} if safe else {}
    overlay = {"risk": json.dumps(risk, ensure_ascii=False), "refuge": _table(refuge)}
    values = {
        "name": name,
        "universe": written,
        "calendar": universe.calendar,
        "overlay": _filled("overlay", language, overlay) if risk and safe else "",
        **{
            profile: _table(_weights(universe, risk, share))
            for profile, share in RISK_SHARE.items()
        },
        **_CURRENCY[universe.currency],
    }
    return with_schema("strategy", _filled("strategy", language, values))


def rates_text(language: str) -> str:
    """Return a file of rates: what an article claimed, and a form for today's."""
    return with_schema("rates", _filled("rates", language, {}))


def config_text(
    name: str, written: str, universe: Universe, language: str, *, goal: date | None = None
) -> str:
    """Return the config of a paper account for a strategy, which the file writes as ``written``.

    ``goal`` is the day that a strategy with a glide path leads to.
    """
    line = "" if goal is None else f"goal     = {goal}         # {_GOAL[language]}\n"
    own = {"name": name, "strategy": written, "goal": line}
    terms = _CURRENCY[universe.currency] | _EXCHANGE[universe.calendar]
    return with_schema("config", _filled("config", language, own | terms))


_GOAL = {
    "ko": "자금이 필요한 날: 본인의 목표일로 바꾸십시오",
    "en": "the day on which you need the money: write your own",
}

_KIND_KEYS = {
    "isa": ("# opened = 2024-03-02", "# paid   = { 2024 = 20_000_000 }"),
    "pension_savings": ("# opened = 2021-01-15", "# paid   = { 2026 = 3_000_000 }"),
    "irp": ("# opened = 2021-01-15", "# paid   = { 2026 = 3_000_000 }"),
}


def household_text(values: Mapping[str, str], accounts: Mapping[str, str], language: str) -> str:
    """Return a household file: values of its places, and the kind of each account by name.

    Each account reads its holdings from ``holdings/NAME.csv``.
    """
    tables = []
    for name, kind in accounts.items():
        tables += [
            f"[accounts.{name}]",
            f'owner    = "{values["person"]}"',
            f'kind     = "{kind}"',
            *_KIND_KEYS.get(kind, ()),
            f'holdings = "holdings/{name}.csv"',
            f'broker   = {{ kind = "{values["broker"]}", fee_rate = "0.000140527" }}',
            "",
        ]
    filled = _filled("household", language, {**values, "accounts": "\n".join(tables)})
    return with_schema("household", filled)


def with_schema(kind: str, text: str) -> str:
    r"""Return the text of a file under the line by which editors find the schema of its kind.

    >>> with_schema("rates", "schema = 1\n").split("/")[-1]
    'rates.schema.json\nschema = 1\n'
    """
    return f"#:schema {assets.data(schema_file(kind)).as_posix()}\n{text}"


def _filled(kind: str, language: str, places: Mapping[str, str]) -> str:
    text = assets.data("starters", language, f"{kind}.toml").read_text("utf-8")
    return Template(text).substitute(places)


def _is_risk(universe: Universe, name: str) -> bool:
    first = next(member for member in universe.members if member.asset_class == name)
    return universe.instruments[first.codes[0]].irp == "risk"


def _weights(universe: Universe, risk: list[str], share: float) -> dict[str, float]:
    """Return class weights that sum to 1: the reference's, with a share in the risk classes."""
    held = dict.fromkeys(universe.classes, 0.0)
    for member in universe.members:
        held[member.asset_class] += member.reference
    at_risk = sum(held[name] for name in risk)
    if 0.0 < at_risk < 1.0 - 1e-9:
        for name, weight in held.items():
            part = share / at_risk if name in risk else (1.0 - share) / (1.0 - at_risk)
            held[name] = weight * part
    found = {name: round(weight, _PLACES) for name, weight in held.items()}
    largest = max(found, key=lambda name: found[name])
    rest = 1.0 - sum(weight for name, weight in found.items() if name != largest)
    return {**found, largest: round(rest, _PLACES)}


def _table(values: Mapping[str, float]) -> str:
    """Return an inline table of TOML."""
    cells = (f"{_key(name)} = {value:.10g}" for name, value in values.items())
    return "{ " + ", ".join(cells) + " }"


def _key(name: str) -> str:
    return name if name.isascii() else json.dumps(name, ensure_ascii=False)
