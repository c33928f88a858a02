"""The content of a mandate's rules: the same content decides the same, however its file is written.

A decision may only follow rules that somebody accepted. So the content of the rules is kept with
every decision, and a run whose rules have another content asks before it trades. A comment, the
order of keys, a title, the text of a finding's evidence, a key written with its default and an
optional key that a newer jeoul knows change nothing here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from jeoul.model.instrument import Instrument, Proxy, Universe
from jeoul.pipeline.mandate import Mandate
from jeoul.strategy.schema import Strategy

MODEL = 3
"""The number of the engine's own rules, raised whenever a golden decision moves."""

_TEXTS = ("title", "evidence")
"""Keys of a strategy file that are only read by people."""


@dataclass(frozen=True)
class Content:
    """What decides: the strategy for one profile and account kind, the universe, the engine.

    ``strategy`` holds the keys that differ from their defaults, with the tables of other profiles
    left out. ``universe`` is the digest of the universe's rows; None where a ledger of an older
    version did not keep it, as ``model`` is. ``suitability`` is the limit of an investor's type
    with the digest of all grades, None where nobody's answers are behind the account.
    """

    strategy: Mapping[str, Any]
    profile: str
    account: str
    universe: str | None
    model: int | None
    suitability: Mapping[str, Any] | None = None

    @cached_property
    def digest(self) -> str:
        """Return the SHA-256 that names the content."""
        return _hash(
            {
                "strategy": self.strategy,
                "profile": self.profile,
                "account": self.account,
                "universe": self.universe,
                "model": self.model,
                **({} if self.suitability is None else {"suitability": self.suitability}),
            }
        )


class KeyChange(NamedTuple):
    """One key that differs between two contents; None where a side has it at its default."""

    key: str
    before: object
    now: object


def content_of(mandate: Mandate) -> Content:
    """Return the content of a mandate.

    >>> from jeoul import api
    >>> strategy = api.load_strategy("managed")
    >>> renamed = strategy.replace("title.en", "Another title")
    >>> contents = [content_of(api.mandate(s, "balanced")) for s in (strategy, renamed)]
    >>> contents[0].digest == contents[1].digest
    True
    """
    return _content(mandate, MODEL)


@lru_cache(maxsize=8)
def _content(mandate: Mandate, model: int) -> Content:
    """Return the content of a mandate, worked out once: neither of the two changes."""
    return Content(
        strategy=strategy_content(mandate.strategy, mandate.profile),
        profile=mandate.profile,
        account=str(mandate.account),
        universe=universe_digest(mandate.universe),
        model=model,
        suitability=suitability_content(mandate),
    )


def suitability_content(mandate: Mandate) -> dict[str, Any] | None:
    """Return the investor's limit as it is kept with a decision, None without one."""
    graded = mandate.graded
    if graded is None:
        return None
    return asdict(graded.limit) | {"grades": _hash(graded.grades)}


def strategy_content(strategy: Strategy, profile: str) -> dict[str, Any]:
    """Return the keys of a strategy that differ from their defaults and decide for a profile.

    A watched latch that only alerts, or is switched off, decides nothing and is left out. So is
    the file name of a universe of one's own, whose rows are compared beside the strategy.
    """
    dumped = strategy.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    if strategy.own_universe:
        del dumped["universe"]
    deciding_profiles = {profile}
    if strategy.glide is not None:
        deciding_profiles.update(strategy.glide.profiles_for(profile))
    dumped["profiles"] = {
        name: table for name, table in dumped["profiles"].items() if name in deciding_profiles
    }
    if strategy.overlay is not None:
        watched = dumped["overlay"].pop("watch", {})
        deciding = {name: table for name, table in watched.items() if _decides(strategy, name)}
        if deciding:
            dumped["overlay"]["watch"] = deciding
    return _without_texts(dumped)


def _decides(strategy: Strategy, name: str) -> bool:
    assert strategy.overlay is not None
    watch = strategy.overlay.watch[name]
    return watch.active and watch.effect.kind != "notify"


def universe_digest(universe: Universe) -> str:
    """Return the SHA-256 of everything in a universe that can change an order.

    Names, sources, fees and risk grades are for people; a correction of them changes no order.
    """
    return _hash(
        {
            "name": universe.name,
            "calendar": universe.calendar,
            "currency": universe.currency,
            "classes": universe.classes,
            "fallback": universe.fallback,
            "excluded": universe.excluded,
            "members": [
                {
                    "name": member.name,
                    "class": member.asset_class,
                    "codes": member.codes,
                    "reference": member.reference,
                    "proxies": [_proxy(proxy) for proxy in member.proxies],
                }
                for member in universe.members
            ],
            "instruments": {code: _row(item) for code, item in universe.instruments.items()},
            **({"premium": universe.premium} if universe.premium else {}),
        }
    )


def _proxy(proxy: Proxy) -> list[object]:
    """Return what decides of a proxy; of its charges what moves a return, without its error."""
    row: list[object] = [str(proxy.kind), proxy.column, proxy.maturity]
    if proxy.charges is not None:
        row.append([proxy.charges.kept, proxy.charges.steady, proxy.charges.yields])
    return row


def _row(item: Instrument) -> list[object]:
    return [
        item.listing,
        item.currency,
        item.asset_class,
        item.irp,
        item.multiple,
        sorted(map(str, item.accounts)),
        sorted(item.features),
    ]


def changes(before: Content, now: Content) -> tuple[KeyChange, ...]:
    """Return every key that differs between two contents, in the order of their names.

    What an older version did not keep (universe, engine) is not compared.
    """
    old, new = dict(_flat("", _keys(before))), dict(_flat("", _keys(now)))
    found = [
        KeyChange(key, old.get(key), new.get(key))
        for key in sorted({*old, *new})
        if old.get(key) != new.get(key)
    ]
    for name in ("profile", "account", "universe", "model"):
        then, today = getattr(before, name), getattr(now, name)
        if then is not None and then != today:
            # The universe has no key to name: its digests say that some row of it changed.
            found.append(KeyChange("universe rows" if name == "universe" else name, then, today))
    return tuple(found)


def _keys(content: Content) -> Mapping[str, Any]:
    limit = content.suitability
    return content.strategy if limit is None else {**content.strategy, "suitability": limit}


def _flat(prefix: str, value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _flat(f"{prefix}.{key}" if prefix else str(key), inner)
    else:
        yield prefix, value


def _without_texts(table: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: _without_texts(value) if isinstance(value, Mapping) else value
        for key, value in table.items()
        if key not in _TEXTS
    }


def _hash(document: Mapping[str, object]) -> str:
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
