"""How the paper account behaves, on good days and on bad ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from jeoul.model.portfolio import SETTLED, Proceeds
from jeoul.operations.broker.port import Ids
from jeoul.rebalance import Tariff


@dataclass(frozen=True, slots=True)
class PaperRules:
    """How the paper account behaves; the later ones are for trying the engine against bad days.

    ``fees`` are what every order pays, spread included. ``deposits`` come in at the open of the
    first session on or after their date. ``proceeds`` says when buys spend what sales bring.
    ``delay`` is the time in seconds until an accepted order shows in the list, ``name_lasts`` that
    for which a name is taken once where ``ids`` is ``KEY``, ``refuses`` are tickers that it
    refuses, ``fills_at_most`` the shares of a ticker that find a counterparty.
    """

    fees: Tariff = field(default_factory=Tariff)
    deposits: Mapping[date, int] = field(default_factory=dict)
    proceeds: Proceeds = SETTLED
    ids: Ids = Ids.UNIQUE
    visibility: float = 0.0
    delay: float = 0.0
    name_lasts: float = 600.0
    refuses: frozenset[str] = frozenset()
    fills_at_most: Mapping[str, int] = field(default_factory=dict)
