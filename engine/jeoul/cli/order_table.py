"""Orders as a table of the terminal, with the name of each fund."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jeoul.cli.tables import Grid
from jeoul.messages import say


def order_table(
    orders: Sequence[Mapping[str, Any]], names: Mapping[str, str], as_of: str, language: str
) -> Grid:
    """Return the orders of a decision's document; ``names`` are those of the funds by code.

    Limits have a column where an order has one, and so have the days of prices that are older
    than the decision.
    """
    heads = ["side", "code", "name", "shares", "price"]
    heads += ["limit"] if any(order["limit"] is not None for order in orders) else []
    heads += ["close"] if any(order["priced"] != as_of for order in orders) else []
    heads.append("reason")
    rows = [_row(order, names, heads, language) for order in orders]
    texts = frozenset(heads.index(name) for name in ("side", "code", "name", "reason"))
    return Grid([say(language, f"orders.{name}") for name in heads], rows, texts, note=True)


def _row(
    order: Mapping[str, Any], names: Mapping[str, str], heads: Sequence[str], language: str
) -> tuple[str, ...]:
    limit = order["limit"]
    cells = {
        "side": say(language, f"decide.{order['side'].lower()}").strip(),
        "code": order["ticker"],
        "name": names.get(order["ticker"], ""),
        "shares": f"{order['shares']:,}",
        "price": f"{order['price']:,}",
        "limit": "" if limit is None else f"{limit:,}",
        "close": order["priced"],
        "reason": order["reason"],
    }
    return tuple(cells[name] for name in heads)
