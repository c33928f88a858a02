"""The risk sleeve: one index of the risk classes, the same for every profile and account."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from jeoul.model.calendar import Reals
from jeoul.model.history import History


def sleeve_level(history: History, weights: Mapping[str, float]) -> Reals:
    """Return the total-return index of a fixed mix of members, one value per row.

    Each session earns the weighted mean of the members' returns seen that session, so a member
    enters when its history begins. NaN before the first return and on sessions without any.
    ``weights`` are by member name and need not sum to 1.
    """
    columns = [history.members.index(name) for name in weights]
    mix = np.array(list(weights.values()), dtype=np.float64)
    returns = history.returns[:, columns]
    seen = np.isfinite(returns)
    present = seen @ mix
    with np.errstate(invalid="ignore", divide="ignore"):
        earned = (np.nan_to_num(returns) @ mix) / present
    level: Reals = np.cumprod(1.0 + np.nan_to_num(earned), dtype=np.float64)
    level[present == 0.0] = np.nan
    return level
