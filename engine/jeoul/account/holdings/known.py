"""The securities that a holdings file may name: those of a universe, and others that exist."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from jeoul import assets
from jeoul.account.holdings.securities import Securities
from jeoul.korea.catalogue_files import exchange_codes
from jeoul.model.instrument import Instrument, Universe
from jeoul.strategy.universe import load_universe


def securities_of(universe: Universe, priced: Iterable[str] = ()) -> Securities:
    """Return the securities of a universe.

    Others that exist are the funds of other shipped universes, what the Korea Exchange lists, and
    ``priced`` codes.

    >>> from jeoul.strategy.universe import load_universe
    >>> securities_of(load_universe("krx-core")).named("SPY")
    Named(code='SPY', inside=False, written=None, vouched=None)
    """
    others = (item for item in _shipped() if item.code not in universe.instruments)
    abroad = universe.currency != "KRW"
    return Securities.of(
        universe.instruments, others=others, priced=priced, listed=exchange_codes(), abroad=abroad
    )


@cache
def _shipped() -> tuple[Instrument, ...]:
    names = sorted(path.stem for path in assets.data("universes").glob("*.toml"))
    return tuple(item for name in names for item in load_universe(name).instruments.values())
