"""The search that answers soonest: plain for few accounts, compiled for many."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from jeoul.compiling import Jits, is_kept, jits, not_compiled
from jeoul.rebalance.local_search import WIDE, Search, compile_search, search
from jeoul.rebalance.problem import Counts, SharesProblem

# Work is counted in units that take the plain search about 0.25 microseconds. Of many funds it is
# that of an account that holds nothing yet; one that is near its target takes a tenth of it.
# numba and the kept function are there after as long as 3 million of them take, which is 400
# accounts of 15 funds or one of 1,100; compiling takes as long as 25 million. Who pays for
# something once as much was spent without it pays at most twice what was best.
READ, COMPILE = 3_000_000, 25_000_000


def work_of(funds: int, orders: int | None = None) -> int:
    """Return about how much work the plain search has with an account of so many funds.

    Of many funds few pairs are looked at, and it grows with the square of their number: the more
    where ``orders``, the most that may be made, are fewer than the funds.

    >>> work_of(15), work_of(500), work_of(500, 30)
    (8000, 1000000, 5500000)
    """
    if funds <= WIDE:
        return (funds + 5) ** 3
    limited = orders is not None and orders < funds
    return 1_500_000 + 16 * funds**2 if limited else 500_000 + 2 * funds**2


class Searcher:
    """:func:`search` that becomes its compiled twin once the accounts so far make it worth it.

    Both give the same trades to the share. An account is never slower for what later ones need: a
    process that decides for one account neither imports numba nor compiles.
    """

    def __init__(self, jits: Callable[..., Jits] = jits) -> None:
        self._jits = jits
        self._run: Search = search
        self._work = 0
        self._next: float = READ

    def __call__(self, problem: SharesProblem) -> Counts:
        """Return the shares to trade per instrument, as :func:`search` does."""
        self._work += work_of(len(problem.target), problem.max_trades)
        if self._work >= self._next:
            self._next = COMPILE if self._work < COMPILE else np.inf
            found = self._faster(may_compile=self._next == np.inf)
            if found is not None:
                self._run, self._next = found, np.inf
        return self._run(problem)

    def _faster(self, *, may_compile: bool) -> Search | None:
        """Return the compiled search, None where it is neither kept nor worth compiling now."""
        for kept in (True, False):
            try:
                part, whole = self._jits(kept=kept)
                found = compile_search(part, whole)
                if may_compile or is_kept(found):
                    found(_SMALL)  # compiles it or reads it, and keeps it
                    return found
            except Exception as error:
                # A full disk, a processor that numba does not know: numba raises nearly anything,
                # and no account needs it.
                not_compiled("the search for whole shares", error)
        return None


_ONE = np.ones(1)
_SMALL = SharesProblem(
    target=_ONE,
    price=_ONE,
    buy=_ONE,
    sell=_ONE,
    held=np.zeros(1, dtype=np.int64),
    cash=1.0,
    incoming=0.0,
    cash_target=0.0,
    floor=0.0,
    buy_fee=0.0,
    sell_fee=0.0,
    lot=1,
    min_trade=0.0,
    max_trades=1,
    may_sell=True,
    spend_proceeds=True,
    idle_weight=1.0,
)

quickest = Searcher()
"""The search of this process: what it has learned about its accounts is only how many there are."""
