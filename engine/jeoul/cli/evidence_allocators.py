"""What ``jeoul evidence`` says of the optimiser: other ways to weigh the same funds, and chance."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from math import isnan
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from jeoul.api.kept_studies import KeptStudies
    from jeoul.pipeline import Mandate
    from jeoul.pipeline.run import SharedAllocations
    from jeoul.research.allocators import Allocator, Keep, Tracker
    from jeoul.research.evidence import Gap, Span

Keeps = Mapping[str, "Keep | None"]
"""By profile: what its optimiser is worth, None without one."""

MONEY = {"KRW": 100_000_000, "USD": 10_000_000}
"""The account whose yearly costs are shown, in the smallest unit of its currency."""


def evidence_keeps(
    mandates: Sequence[Mandate],
    shared: SharedAllocations,
    span: Span,
    seed: int,
    step: Callable[[str], None],
    kept: KeptStudies,
) -> Keeps:
    """Return what the optimiser of each mandate is worth; ``step`` hears each that may have one."""
    from jeoul.research.allocators import Keep, allocators_of, keep

    def made() -> Keeps:
        found: dict[str, Keep | None] = {}
        for mandate in mandates:
            found[mandate.profile] = keep(
                mandate, shared.history, seed=seed, span=span, shared=shared
            )
            if allocators_of(mandate.strategy):
                step(f"{mandate.profile}: allocators")
        return found

    return kept.found("keeps", Mapping[str, Keep | None], made)


def keep_document(found: Keep | None, gap: Callable[[Gap | None], Any]) -> dict[str, Any] | None:
    """Return what an optimiser is worth as JSON values; ``gap`` makes those of a difference."""
    from jeoul.reporting.document import summary_document

    if found is None:
        return None
    random = found.random
    return {
        "ways": [
            {
                "kind": each.kind,
                **summary_document(each.figures),
                "trades": each.trades,
                "against_strategic": gap(each.against),
            }
            for each in found.allocators
        ],
        "tracking": {
            "optimiser": asdict(found.optimiser),
            "strategic": None if found.plain is None else asdict(found.plain),
        },
        "random_weights": {
            "sharpe": random.sharpe,
            "better": None if isnan(random.better) else random.better,
        },
    }


def show_keep(found: Keep | None, currency: str, lang: str) -> None:
    """Print what the optimiser of one profile is worth."""
    from jeoul.cli.tables import Grid, show
    from jeoul.reporting.formats import Formats

    if found is None:
        return
    heads = ("allocator", "return", "volatility", "fall", "sharpe", "turnover", "trades")
    more = ("return_more", "interval", "sharpe_more", "interval", "verdict")
    click.echo(_say(lang, "title_allocators"))
    lines = [_cells(each, lang) for each in found.allocators]
    show(Grid([_say(lang, f"{head}") for head in (*heads, *more)], lines))
    formats, money = Formats(lang, "UTC", currency), MONEY[currency]

    def told(tracker: Tracker) -> dict[str, str]:
        return {
            "tracking": f"{tracker.tracking:.2%}",
            "trades": f"{tracker.trades:.1f}",
            "cost": formats.money(round(money * tracker.cost)),
        }

    own = told(found.optimiser)
    click.echo(_say(lang, "tracks_optimiser", money=formats.money(money), **own))
    if found.plain is not None:
        click.echo(_say(lang, "tracks_plain", **told(found.plain)))
    if not isnan(found.random.better):
        click.echo(_say(lang, "random_weights", better=f"{found.random.better:.0%}"))


def _cells(each: Allocator, lang: str) -> list[str]:
    own, against, nothing = each.figures, each.against, _say(lang, "none")
    cells = [
        _say(lang, f"allocator_{each.kind.replace('-', '_')}"),
        f"{own.cagr:.1%}",
        f"{own.volatility:.1%}",
        f"{own.max_drawdown:.1%}",
        f"{own.sharpe:.2f}",
        f"{own.turnover:.2f}",
        f"{each.trades:.1f}",
    ]
    if against is None:
        return [*cells, *([nothing] * 5)]
    verdict = _say(lang, f"verdict_{against.verdict.replace(' ', '_')}")
    return [
        *cells,
        f"{against.cagr:+.2%}",
        f"{against.cagr_interval.low:+.2%} {against.cagr_interval.high:+.2%}",
        f"{against.sharpe:+.2f}",
        f"{against.sharpe_interval.low:+.2f} {against.sharpe_interval.high:+.2f}",
        f"{verdict} ({against.t:+.1f})",
    ]


def _say(lang: str, message: str, **detail: object) -> str:
    from jeoul.messages import say

    return say(lang, f"evidence.{message}", detail)
