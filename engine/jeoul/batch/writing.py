"""Orders of a part as CSV, or as an Arrow stream that the whole file is put together from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from jeoul.batch.arrays import Aims, FoundOrders
from jeoul.batch.arrow_table import arrow
from jeoul.batch.cells import Cells
from jeoul.batch.compiled import cell_functions
from jeoul.batch.deciding import REASONS
from jeoul.batch.lines import ByteWords, Lines
from jeoul.batch.whole_file import arrow_schema, orders_schema
from jeoul.rebalance.problem import Counts

SIDES = ("SELL", "BUY")


def orders_csv(
    cells: Cells,
    rows: Counts,
    aim: Counts,
    aims: Aims,
    found: FoundOrders,
    funds: Sequence[str],
    places: int,
) -> bytes:
    """Return orders as lines of CSV, without a header."""
    functions = cell_functions()
    lines = Lines(
        row=rows, aim=aim, ticker=_words(funds), reason=_words(REASONS), side=_words(SIDES)
    )
    out = np.zeros(functions.length_of(lines, cells, found), dtype=np.uint8)
    return out[: functions.write_lines(out, lines, cells, aims, found, places)].tobytes()


def orders_table(
    cells: Cells,
    rows: Counts,
    aim: Counts,
    aims: Aims,
    found: FoundOrders,
    funds: Sequence[str],
    places: int,
) -> bytes:
    """Return orders as an Arrow stream of one batch."""
    pa = arrow()
    account, order = _flat(found.orders)
    fund, shares = found.fund[account, order], found.shares[account, order]
    bought = (shares > 0).astype(np.int64)
    each = aim[account]
    price = np.where(shares > 0, aims.buy[each, fund], aims.sell[each, fund])
    names = _names(pa, cells, rows)
    columns = [
        names.take(pa.array(account)),
        _spelled(pa, bought, SIDES),
        _spelled(pa, fund, funds),
        pa.array(np.abs(shares)),
        pa.array(price if not places else price / 10**places),
        _spelled(pa, found.reason[account, order], REASONS),
    ]
    batch = pa.record_batch(columns, schema=arrow_schema(orders_schema(places)))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as stream:
        stream.write_batch(batch)
    return bytes(sink.getvalue())


def _flat(count: Counts) -> tuple[Counts, Counts]:
    """Return the account and the place of each order."""
    account = np.repeat(np.arange(len(count)), count)
    first = np.repeat(np.cumsum(count) - count, count)
    return account, np.arange(len(account)) - first


def _names(pa: Any, cells: Cells, rows: Counts) -> Any:
    names = [
        cells.data[cells.start[row, 0] : cells.end[row, 0]].tobytes().decode()
        for row in rows.tolist()
    ]
    return pa.array(names, type=pa.string())


def _spelled(pa: Any, codes: Counts, words: Sequence[str]) -> Any:
    whole = pa.DictionaryArray.from_arrays(pa.array(codes, type=pa.int64()), pa.array(list(words)))
    return whole.cast(pa.string())


def _words(words: Iterable[str]) -> ByteWords:
    content = [word.encode() for word in words]
    at = np.cumsum([0, *map(len, content)])
    return ByteWords(np.frombuffer(b"".join(content), dtype=np.uint8), at)
