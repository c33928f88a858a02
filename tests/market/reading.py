"""What the shipped strategies read of a market folder."""

from __future__ import annotations

from jeoul import api
from jeoul.market.history import POLICY_RATE
from jeoul.market.levels import EXCHANGE_RATE
from jeoul.model.instrument import ProxyKind
from jeoul.pipeline.clock import series_followed, series_of
from jeoul.strategy.load import load_strategy


def read_by(name: str) -> set[str]:
    """Return every price and series that a shipped strategy reads, its rates included."""
    strategy = load_strategy(name)
    universe = api.universe_of(strategy.universe)
    read = {POLICY_RATE[universe.currency]}
    read |= {code for member in universe.members for code in member.codes}
    read |= {proxy.column for member in universe.members for proxy in member.proxies}
    if any(p.kind is ProxyKind.CONVERTED for m in universe.members for p in m.proxies):
        read.add(EXCHANGE_RATE["USD", universe.currency])
    for profile in strategy.profiles:
        mandate = api.mandate(strategy, profile)
        latches = () if strategy.overlay is None else ("vix", "curve", *strategy.overlay.watch)
        read |= {series for name in latches for series in series_of(mandate, name)}
        read |= series_followed(mandate)
    return read
