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
            not_compiled(plain.__name__, error)
    return plain


class CellFunction:
    """A function over cells: the compiled one that can be kept, else one that is not, else plain.

    numba compiles for the types of a call, so each call is tried before it runs: what a run has
    begun to write is never begun again.
    """

    def __init__(self, plain: Any, parts: tuple[Any, ...]) -> None:
        self._plain, self._parts = plain, parts
        self._kept = [True, False]
        self._run: Any = None

    def __call__(self, *given: Any) -> Any:
        """Return what the function returns."""
        run = self._ready(given)
        with np.errstate(over="ignore"):  # hashes wrap around, which plain numpy warns of
            return run(*given)

    @property
    def is_plain(self) -> bool:
        """Return whether neither way of compiling it could be used."""
        return self._run is self._plain

    def _ready(self, given: tuple[Any, ...]) -> Any:
        """Return what runs on these arguments: compiled for them, or the plain function."""
        while self._kept and self._run is not self._plain:
            try:
                if self._run is None:
                    part, whole = jits(kept=self._kept[0])
                    self._run = twin_of(self._plain, self._parts, part, whole)
                self._run.compile(tuple(map(self._run.typeof_pyval, given)))
                return self._run
            except Exception as error:
                not_compiled(self._plain.__name__, error)
                self._kept, self._run = self._kept[1:], None
        self._run = self._plain
        return self._plain


class CellFunctions(NamedTuple):
    """The functions over cells, by the names that they have in their modules."""

    count_lines: CellFunction
    split_rows: CellFunction
    runs_of: CellFunction
    first_rows: CellFunction
    codes_of: CellFunction
    numbers_of: CellFunction
    hashes_in: CellFunction
    gather: CellFunction
    length_of: CellFunction
    write_lines: CellFunction


@cache
def cell_functions() -> CellFunctions:
    """Return the functions that read and write tables, each compiled when it is first called."""
    parts = (*cells.PARTS, *gathering.PARTS, *lines.PARTS)
    entries = (
        cells.count_lines,
        cells.split_rows,
        cells.runs_of,
        gathering.first_rows,
        gathering.codes_of,
        gathering.numbers_of,
        gathering.hashes_in,
        gathering.gather,
        lines.length_of,
        lines.write_lines,
    )
    return CellFunctions(**{entry.__name__: CellFunction(entry, parts) for entry in entries})


def plain_names() -> tuple[str, ...]:
    """Return the functions that this process has run as plain Python: they could not be compiled.

    They give the same orders, hundreds of times slower.
    """
    found = [name for name, each in cell_functions()._asdict().items() if each.is_plain]
    return (*found, "decide_all") if decide_all() is kernel.decide_all else tuple(found)
