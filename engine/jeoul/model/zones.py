"""By how much the clocks of a zone are ahead of UTC, for many days at once."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from jeoul.model.calendar import Days

_STRIDE = 28  # days between two looks at a zone's offset: its clocks move at most once within


def utc_offsets(days: Days, zone: ZoneInfo) -> NDArray[np.int64]:
    """Return the seconds by which local noon of each day is ahead of UTC.

    Clocks move at night, so noon has the offset of the whole session. The zone is asked every four
    weeks, and where two answers differ the day of the change is found by halving.
    """
    first = days[0].astype(object)
    span = int((days[-1] - days[0]).astype(np.int64)) + 1

    def ask(day: int) -> int:
        ahead = datetime.combine(first + timedelta(day), time(12), zone).utcoffset()
        return 0 if ahead is None else ahead // timedelta(seconds=1)

    starts, offsets = [0], [ask(0)]
    for look in [*range(_STRIDE, span, _STRIDE), span - 1]:
        after = ask(look)
        if after == offsets[-1]:
            continue
        left, right = max(look - _STRIDE, 0), look
        while right - left > 1:
            middle = (left + right) // 2
            left, right = (middle, right) if ask(middle) == offsets[-1] else (left, middle)
        starts.append(right)
        offsets.append(after)
    day_numbers = (days - days[0]).astype(np.int64)
    return np.repeat(offsets, np.diff([*np.searchsorted(day_numbers, starts), len(days)]))
