"""The simulated sample market as a source: ``symbol`` is a ticker or the name of a series."""

from __future__ import annotations

from jeoul import assets
from jeoul.market.sources.folder import MarketFolders
from jeoul.market.sources.port import Source, SourcePlace

NETWORK = False
KEYS = ()
NAME = "sample"


def connect(place: SourcePlace) -> Source:  # noqa: ARG001  the sample needs no place
    """Return the sample market; what is fetched from it is marked as simulated."""
    return MarketFolders(assets.data("sample"), NAME)
