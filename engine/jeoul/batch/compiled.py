"""Functions over arrays, compiled once and kept on disk; plain where they cannot be compiled."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from hashlib import sha256
from typing import Any, NamedTuple

import numpy as np

from jeoul.batch import arrays, cells, gathering, kernel, lines
from jeoul.compiling import jits, not_compiled
from jeoul.model.compiled import digest_of, rebound
from jeoul.rebalance.local_search import compile_search


@cache
def decide_all() -> Callable[..., None]:
    """Return :func:`~jeoul.batch.kernel.decide_all` with the compiled search inside."""

    def compiled(part: Any, whole: Any) -> Any:
        search = compile_search(part)
        digest = search.py_func.__qualname__  # type: ignore[attr-defined]
        return twin_of(kernel.decide_all, kernel.PARTS, part, whole, search=search, of=digest)

    found: Callable[..., None] = first_of(compiled, kernel.decide_all, _try)
    return found


def _try(run: Callable[..., None]) -> None:
    """Run it on no account, which compiles it or reads it, and keeps it."""
    whole, real = np.zeros((1, 1), dtype=np.int64), np.zeros((1, 1))
    flag = np.zeros((1, 1), dtype=np.bool_)
    row, fund = whole[0], whole[:0]
    aims = arrays.Aims(
        weight=real,
        listed=flag,
        risk=flag,
        price=whole,
        buy=whole,
        sell=whole,
        cash_weight=real[0],
        rule=real,
        plain=flag[0],
        dear=flag,
        cash_place=0,
    )
    charges = arrays.Tariffs(
        rate=row, rate_of=row, spread=row, spread_of=row, least=row, fixed=row, known=real[0]
    )
    none = row[:0]
    many = arrays.AccountArrays(
        aim=none,
        charge=none,
        held=fund,
        cash=none,
        deposit=none,
        withdrawal=none,
        part=row,
        coming=none,
    )
    found = arrays.FoundOrders(
        status=none,
        orders=none,
        fund=fund,
        shares=fund,
        reason=fund,
        cost=none,
        turnover=none,
        held_back=none,
    )
    run(aims, charges, many, np.zeros(2, dtype=np.bool_), found)


def twin_of(
    entry: Any, parts: Iterable[Any], part: Any, whole: Any, *, of: str = "", **given: Any
) -> Any:
    """Return a function compiled from its source and that of its parts, which call one another.

    ``given`` takes the place of what they call by these names; ``of`` names its version. The name
    of the twin has a digest of all of it, so that a kept one is never that of another source.
    """
    parts = tuple(parts)
    space: dict[str, Any] = {}
    for each in (*parts, entry):
        space |= each.__globals__
    space |= given
    for each in parts:
        space[each.__name__] = part(rebound(each, space))
    twin = rebound(entry, space)
    digest = sha256((of + digest_of((entry, *parts), space)).encode()).hexdigest()
    twin.__qualname__ += f"_{digest[:12]}"
    return whole(twin)


def first_of(make: Callable[[Any, Any], Any], plain: Any, attempt: Callable[[Any], None]) -> Any:
    """Return the compiled function that can be kept, else one that is not, else the plain one."""
    for kept in (True, False):
        try:
            found = make(*jits(kept=kept))
            attempt(found)
            return found
        except Exception as error:
            # numba raises nearly anything: a full disk, a processor that it does not know.
            not_compiled(getattr(plain, "__name__", type(plain).__name__), error)
    return plain


class CellFunctions(NamedTuple):
    """The compiled functions over cells, by the names that they have in their modules."""

    count_lines: Callable[..., Any]
    split_rows: Callable[..., Any]
    runs_of: Callable[..., Any]
    first_rows: Callable[..., Any]
    codes_of: Callable[..., Any]
    numbers_of: Callable[..., Any]
    hashes_in: Callable[..., Any]
    gather: Callable[..., Any]
    length_of: Callable[..., Any]
    write_lines: Callable[..., Any]


@cache
def cell_functions() -> CellFunctions:
    """Return the functions that read and write tables, compiled."""
    parts = (*cells.PARTS, *gathering.PARTS, *lines.PARTS)
    entries: dict[str, Any] = {
        "count_lines": cells.count_lines,
        "split_rows": cells.split_rows,
        "runs_of": cells.runs_of,
        "first_rows": gathering.first_rows,
        "codes_of": gathering.codes_of,
        "numbers_of": gathering.numbers_of,
        "hashes_in": gathering.hashes_in,
        "gather": gathering.gather,
        "length_of": lines.length_of,
        "write_lines": lines.write_lines,
    }

    def compiled(part: Any, whole: Any) -> CellFunctions:
        return CellFunctions(
            **{name: twin_of(entry, parts, part, whole) for name, entry in entries.items()}
        )

    found: CellFunctions = first_of(
        compiled, CellFunctions(**entries), lambda found: found.count_lines(_NO_BYTES)
    )
    return found


_NO_BYTES = np.zeros(0, dtype=np.uint8)
