"""The plain file of holdings, which is read back as it was written."""

from __future__ import annotations

from collections.abc import Iterator

from jeoul.account.holdings.amounts import shown_number
from jeoul.account.holdings.record import Holdings
from jeoul.model.money import shown
from jeoul.model.portfolio import CASH

COLUMNS = ("ticker", "shares", "cost", "tax_base")


def plain_file(holdings: Holdings) -> str:
    r"""Return the holdings as CSV: ``ticker,shares,cost,tax_base``, ``CASH`` and ``CASH@DATE``.

    Money is in the main unit; cash that nobody has said has no row.

    >>> print(plain_file(Holdings("mine.csv", {"069500": 30}, 3_000_000, "KRW")))
    ticker,shares,cost,tax_base
    069500,30,,
    CASH,3000000,,
    <BLANKLINE>
    """
    return "".join(",".join(cells) + "\n" for cells in (COLUMNS, *_rows(holdings)))


def _rows(holdings: Holdings) -> Iterator[tuple[str, ...]]:
    for code, count in (*holdings.shares.items(), *holdings.outside.items()):
        figures = (holdings.cost.get(code), holdings.tax_base.get(code))
        yield (code, str(count), *("" if f is None else shown_number(f) for f in figures))
    if holdings.cash is not None:
        yield CASH, str(shown(holdings.cash, holdings.currency)), "", ""
    for day, amount in sorted(holdings.incoming.items()):
        yield f"{CASH}@{day}", str(shown(amount, holdings.currency)), "", ""
