"""The wall clock, in the one place that reads it; tests put another in its stead."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Something that knows the time and can wait."""

    def now(self) -> float:
        """Return seconds since 1970-01-01T00:00:00Z."""
        ...

    def wait(self, seconds: float) -> None:
        """Return after a time that does not depend on the wall clock being right."""
        ...


class SystemClock:
    """The machine's own clock.

    >>> SystemClock().now() > 1_700_000_000
    True
    """

    def now(self) -> float:
        """Return seconds since 1970-01-01T00:00:00Z, as the machine believes."""
        return time.time()  # noqa: TID251

    def wait(self, seconds: float) -> None:
        """Return after a time measured on the monotonic clock."""
        time.sleep(seconds)
