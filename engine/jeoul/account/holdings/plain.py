"""The plain file of holdings, which is read back as it was written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from jeoul.account.holdings.amounts import shown_number
from jeoul.account.holdings.labels import money_label
from jeoul.account.holdings.record import Holdings, Vouched
from jeoul.account.holdings.units import currency_named
from jeoul.model.money import shown
from jeoul.model.portfolio import CASH

COLUMNS = ("ticker", "shares", "cost", "tax_base")
OF_LOTS = ("bought", "fx")
OF_VOUCHED = Vouched("name", "currency")


def plain_file(holdings: Holdings) -> str:
    r"""Return the holdings as CSV: ``ticker,shares,cost,tax_base``, ``CASH`` and ``CASH@DATE``.

    Money is in the main unit; cash that nobody has said has no row. Securities that no list knows
    are known by their ``name`` or ``currency``, which have columns then.

    >>> print(plain_file(Holdings("mine.csv", {"069500": 30}, 3_000_000, "KRW")))
    ticker,shares,cost,tax_base
    069500,30,,
    CASH,3000000,,
    <BLANKLINE>
    """
    vouched = {} if holdings.found is None else holdings.found.vouched
    columns = (*COLUMNS, *(OF_LOTS if holdings.lots else ()))
    kinds = [place for place in range(2) if any(each[place] for each in vouched.values())]
    rows = [
        (*cells, *[""] * (len(columns) - len(cells)), *_picked(vouched.get(cells[0]), kinds))
        for cells in _rows(holdings)
    ]
    head = (*columns, *_picked(OF_VOUCHED, kinds))
    return "".join(",".join(map(_quoted, cells)) + "\n" for cells in (head, *rows))


def _picked(vouched: Vouched | None, kinds: Sequence[int]) -> Iterator[str]:
    return ((vouched or Vouched())[kind] for kind in kinds)


def _quoted(cell: str) -> str:
    return cell if not {",", '"'} & set(cell) else '"' + cell.replace('"', '""') + '"'


def _named(holdings: Holdings, code: str, count: int | str) -> str:
    """Return what a row is called: ``CASH(NOK)`` for money whose code alone could be a share."""
    vouched = {} if holdings.found is None else holdings.found.vouched
    is_money = isinstance(count, str) and currency_named(code) == code and code not in vouched
    alone = money_label(code, holdings.currency) is not None
    return f"{CASH}({code})" if is_money and not alone else code


def _rows(holdings: Holdings) -> Iterator[tuple[str, ...]]:
    for code, count in (*holdings.shares.items(), *holdings.outside.items()):
        lots = holdings.lots.get(code, ())
        for lot in lots:
            figures = map(_figure, (lot.cost, lot.tax_base))
            yield (code, str(lot.shares), *figures, lot.bought.isoformat(), _figure(lot.fx))
        if not lots:
            figures = map(_figure, (holdings.cost.get(code), holdings.tax_base.get(code)))
            yield (_named(holdings, code, count), str(count), *figures)
    if holdings.cash is not None:
        yield CASH, str(shown(holdings.cash, holdings.currency))
    for day, amount in sorted(holdings.incoming.items()):
        yield f"{CASH}@{day}", str(shown(amount, holdings.currency))


def _figure(value: Decimal | None) -> str:
    return "" if value is None else shown_number(value)
