"""A plan at a broker that takes sales first: how a test makes one, carries it out, looks at it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from scripted import FUND, OTHER, RICH, Desk, Scripted, planned

from jeoul.model.portfolio import Side
from jeoul.operations.broker.port import Ids
from jeoul.operations.desk.buy_terms import last_try
from jeoul.operations.desk.intents import Run, intents_of
from jeoul.operations.desk.sales_first import place_orders

SMALL = planned(Side.BUY, OTHER, 1, 5_000, 5_000)
"""A buy of 5,000; BUY is one of two shares at 10,050 at most."""


def desk_of_sales_first(folder: Path) -> Iterator[Desk]:
    broker = Scripted(Ids.UNIQUE)
    broker.sales_first, broker.fill_wait = True, 10.0
    found = Desk(folder, broker, proceeds="reuse")
    yield found
    found.ledger.close()


def place(at: Desk, run: Run, *stops: bool) -> None:
    left = [*stops]
    place_orders(at.desk, run, lambda: left.pop(0) if left else False)


def plan(at: Desk, *orders: object, reserve: int = 0, books: int = 0, orderable: int = 0) -> Any:
    """A plan of orders, with money in the books and so much that can be ordered."""
    at.booked("opening", books, {FUND: 2})
    at.broker.held = replace(RICH, cash=0, orderable=orderable)
    return at.freeze(*orders, proceeds="reuse", reserve=reserve)


def states(at: Desk, run: Run) -> list[str]:
    return [intent.state for intent in intents_of(at.ledger, run.run_id)]


def whys(at: Desk, run: Run) -> list[str | None]:
    found = [last_try(at.ledger, intent.name) for intent in intents_of(at.ledger, run.run_id)]
    return [None if each is None else each["did"] for each in found]
