"""Holdings as JSON values, in the shape that other programs read."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from jeoul.model.money import shown
from jeoul.reporting.reasons import reason_text

if TYPE_CHECKING:
    from jeoul.account.holdings import Holdings


def holdings_document(holdings: Holdings, language: str) -> dict[str, Any]:
    """Return the reading of a holdings file as JSON values; money and prices in the main unit.

    ``cash`` is null where nobody has said it. Foreign money in ``outside`` is text, so that no
    cent of it is rounded.
    """
    currency, found = holdings.currency, holdings.found
    return {
        "currency": currency,
        "shares": dict(holdings.shares),
        "cash": None if holdings.cash is None else shown(holdings.cash, currency),
        "outside": dict(holdings.outside),
        "incoming": {
            day.isoformat(): shown(amount, currency)
            for day, amount in sorted(holdings.incoming.items())
        },
        "cost": {code: _figure(price) for code, price in holdings.cost.items()},
        "tax_base": {code: _figure(price) for code, price in holdings.tax_base.items()},
        "as_of": None if holdings.as_of is None else holdings.as_of.isoformat(),
        "columns": {} if found is None else dict(found.columns),
        "file": None
        if found is None
        else {
            "kind": found.kind,
            "encoding": found.encoding,
            "separator": found.separator,
            "sheet": found.sheet,
            "header": found.line,
        },
        "notes": [reason_text(note, language) for note in holdings.notes],
    }


def _figure(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)
