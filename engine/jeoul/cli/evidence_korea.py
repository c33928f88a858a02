"""The checks on Korean data in ``jeoul evidence``: the KOSPI alone, and Korea's own fears."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from datetime import date

    from jeoul.files.cache import Cache
    from jeoul.market import Market
    from jeoul.model.history import History
    from jeoul.pipeline import Mandate
    from jeoul.research.evidence import Way
    from jeoul.research.korea_fears import Levels
    from jeoul.strategy.schema import Strategy

SERIES, YIELD = "kospi", "kr10y"
ALONE_PROFILE = "growth"


class Korea(NamedTuple):
    """What the rules did on Korean series; None where the folder has not what it takes.

    ``alone`` is of the KOSPI, the other two of KOSPI and bonds: the crisis of 1997, and the years
    since the levels of the latch on Korean volatility were known.
    """

    alone: Sequence[Way] | None
    crisis: Sequence[Way] | None
    since: Sequence[Way] | None
    levels: Levels | None


def korea_evidence(market: Market, day: date, seed: int, cache: Cache | None) -> Korea:
    """Return the checks on Korean series of a market folder, as they were known on a day."""
    from jeoul import api
    from jeoul.api.kept_studies import KeptStudies
    from jeoul.market import assemble
    from jeoul.research.evidence import Way
    from jeoul.research.evidence_strategies import LITERAL
    from jeoul.research.korea_fears import PROFILE, Levels
    from jeoul.research.single_index import alone, bonds_from_cash, with_bonds
    from jeoul.strategy.load import load_strategy

    managed, literal = load_strategy("managed"), load_strategy(LITERAL)
    snapshot = market.as_of(day, "XKRX")
    _, index = alone(SERIES, managed, ALONE_PROFILE)
    _, bonds = with_bonds(SERIES, YIELD, managed, PROFILE)
    along = assemble(snapshot, index.universe, api.calendars())
    rules = (seed, literal.model_dump_json())
    kept = KeptStudies(cache, along, digest=snapshot.digest, mandates=(index, bonds), asked=rules)

    def made() -> Korea:
        both = bonds_from_cash(assemble(snapshot, bonds.universe, api.calendars()))
        return _made((index, along), (bonds, both), literal, seed)

    ways = tuple[Way, ...] | None
    return Korea(*kept.found("korea", tuple[ways, ways, ways, Levels | None], made))


def _made(
    index: tuple[Mandate, History],
    bonds: tuple[Mandate, History],
    literal: Strategy,
    seed: int,
) -> Korea:
    """Return the checks on the index alone, and on the index and bonds."""
    from jeoul.errors import ShortHistory
    from jeoul.research.evidence import Span, compare
    from jeoul.research.evidence_strategies import models_of
    from jeoul.research.korea_fears import CRISIS, SINCE, WAYS, fears, levels_of
    from jeoul.research.single_index import KOREA

    def ways(models: Any, span: Span) -> Sequence[Way] | None:
        try:
            return compare(models, seed=seed, span=span)
        except ShortHistory:
            return None

    mandate, history = index
    own = ways(models_of(mandate.strategy, literal, mandate, history), Span(*KOREA))
    mandate, history = bonds
    levels = levels_of(history, literal)
    models = fears(mandate, literal, history, levels)
    crisis = ways({name: models[name] for name in WAYS}, CRISIS)
    return Korea(own, crisis, None if levels is None else ways(models, SINCE), levels)


def korea_document(korea: Korea, way: Callable[[Way], Any]) -> dict[str, Any]:
    """Return the checks as JSON values; ``way`` makes those of one way."""

    def ways(found: Sequence[Way] | None) -> list[Any] | None:
        return None if found is None else [way(each) for each in found]

    levels = korea.levels
    return {
        "korea": ways(korea.alone),
        "korea_bonds": ways(korea.crisis),
        "korea_volatility": {
            "enter": None if levels is None else levels.enter,
            "exit": None if levels is None else levels.exit,
            "ways": ways(korea.since),
        },
    }


def korea_titled(korea: Korea, lang: str) -> Iterator[tuple[str, Sequence[Way]]]:
    """Yield the title of each check that could be made, and its ways."""
    from jeoul.messages import say

    levels = korea.levels
    detail = {} if levels is None else {"enter": f"{levels.enter:g}", "exit": f"{levels.exit:g}"}
    for title, ways in (
        ("title_korea", korea.alone),
        ("title_korea_bonds", korea.crisis),
        ("title_korea_volatility", korea.since),
    ):
        if ways is not None:
            figures = ways[0].figures
            told = {"series": SERIES.upper(), "start": figures.start, "end": figures.end}
            yield say(lang, f"evidence.{title}", {**told, **detail}), ways
