"""Which shipped strategies read series that a market folder does not have."""

from __future__ import annotations

from collections.abc import Collection


def unread(columns: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Return the shipped strategies that follow series without a column, with those series.

    ``columns`` are the prices and series of a market folder. Only strategies count whose universe
    has a fund among them: a folder of Korean funds says nothing about a strategy of American ones.

    >>> unread({"069500", "vix", "us10y", "usdkrw", "wti", "us_hy_oas", "kospi"})["managed-light"]
    ('cpi_kr_2020eq100', 'kr10y', 'vix3m')
    """
    from jeoul import api
    from jeoul.pipeline.clock import series_followed
    from jeoul.strategy.load import load_strategy, shipped

    found = {}
    for name in shipped():
        strategy = load_strategy(name)
        members = api.universe_of(strategy.universe).members
        if not any(code in columns for member in members for code in member.codes):
            continue
        mandate = api.mandate(strategy, next(iter(strategy.profiles)))
        if lacking := sorted(series_followed(mandate) - set(columns)):
            found[name] = tuple(lacking)
    return found
