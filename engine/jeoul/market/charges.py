"""The level of a proxy after what a fund in its place would have paid."""

from __future__ import annotations

import numpy as np

from jeoul.model.calendar import Days, Reals
from jeoul.model.charges import Charges


def charged(
    level: Reals, sessions: Days, days: Reals, charges: Charges, *, withheld: bool = False
) -> Reals:
    """Return a level after charges, which accrue by calendar days over 365.

    ``days`` is the number of calendar days since the session before. ``withheld`` says that the tax
    on distributions has been taken from each of them already. What a session pays depends on its
    own year and on earlier ones, so a shorter history is a prefix of a longer one.

    >>> sessions = np.array(["2023-01-02", "2024-01-02"], dtype="datetime64[D]")
    >>> charges = Charges(fee=0.01)
    >>> charged(np.array([1.0, 1.0]), sessions, np.array([0.0, 365.0]), charges).round(5).tolist()
    [1.0, 0.99005]
    """
    years = sessions.astype("datetime64[Y]").astype(int) + 1970
    first = int(years[0]) if len(years) else 0
    yearly = np.array(
        [
            charges.steady + (0.0 if withheld else charges.withheld(year))
            for year in range(first, int(years[-1]) + 1 if len(years) else 0)
        ]
    )
    paid: Reals = np.cumsum(yearly[years - first] * days / 365.0)
    after: Reals = level * np.exp(-paid)
    return after
