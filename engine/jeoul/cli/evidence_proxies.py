"""What ``jeoul evidence`` says of the proxies that stand in for funds: taken off, and left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, NamedTuple

import click

if TYPE_CHECKING:
    from jeoul.api.kept_studies import KeptStudies
    from jeoul.model.snapshot import Snapshot
    from jeoul.pipeline import Mandate
    from jeoul.pipeline.run import SharedAllocations
    from jeoul.research.evidence import Span
    from jeoul.research.proxy_gap import Flattered, ProxyGap


class Proxies(NamedTuple):
    """How much more proxies earned than funds, by member, and what is taken and left by profile."""

    gaps: Sequence[ProxyGap]
    added: Mapping[str, Flattered]


def evidence_proxies(
    mandates: Sequence[Mandate],
    shared: SharedAllocations,
    snapshot: Snapshot,
    span: Span,
    kept: KeptStudies,
) -> Proxies:
    """Return what is taken off the proxies of a strategy's universe, and what they still add."""
    from jeoul import api
    from jeoul.market import assemble
    from jeoul.research.proxy_gap import Flattered, ProxyGap, flattered, proxy_gaps, uncharged

    if not mandates:
        return Proxies((), {})

    def made() -> Proxies:
        universe, calendars, along = mandates[0].universe, api.calendars(), shared.history
        gaps = proxy_gaps(snapshot, universe, calendars)
        bare = assemble(snapshot, uncharged(universe), calendars)
        added = {m.profile: flattered(m, along, bare, gaps, span, shared) for m in mandates}
        return Proxies(gaps, added)

    record = tuple[tuple[ProxyGap, ...], Mapping[str, Flattered]]
    return Proxies(*kept.found("proxies", record, made))


def proxies_document(found: Proxies) -> dict[str, Any]:
    """Return what the proxies add as JSON values."""
    return {
        "members": [
            asdict(gap) | {"start": gap.start.isoformat(), "taken": gap.taken} for gap in found.gaps
        ],
        "profiles": {
            name: asdict(added) | {"weights": dict(added.weights)}
            for name, added in found.added.items()
        },
    }


def show_proxies(found: Proxies, profile: str, lang: str) -> None:
    """Print what the proxies add to the model of one profile."""
    from jeoul.messages import say

    added = found.added[profile]
    if added.weights:
        detail = {
            "taken": f"{added.taken:.2%}",
            "more": f"{added.more:+.2%}",
            "error": f"{added.error:.2%}",
            "unknown": f"{added.unknown:.1%}",
        }
        click.echo(say(lang, "evidence.proxies", detail))
