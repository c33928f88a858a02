"""Two sources of one series: where they differ by more than they may."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from jeoul.market.raw.corrections import TradedCloses
from jeoul.model.finding import Finding, Severity


def disagreements(
    name: str, first: TradedCloses, second: TradedCloses, tolerance: float, source: str
) -> Iterator[Finding]:
    """Yield a finding for every day on which the closes of two sources differ too much.

    ``tolerance`` is relative to the mean of the two. Only the newest day that both have is
    serious: what is to be traded now hangs on it.
    """
    days, here, there = np.intersect1d(
        first.days, second.days, assume_unique=True, return_indices=True
    )
    if not len(days):
        return
    ours, theirs = first.close[here], second.close[there]
    scale = (np.abs(ours) + np.abs(theirs)) / 2
    apart = np.abs(ours - theirs) > tolerance * scale
    for row in np.flatnonzero(apart):
        serious = row == len(days) - 1
        detail = (
            ("ours", f"{ours[row]:.6g}"),
            ("theirs", f"{theirs[row]:.6g}"),
            ("source", source),
            ("tolerance", f"{tolerance:z.1%}"),
        )
        severity = Severity.SERIOUS if serious else Severity.NOTICE
        yield Finding(
            day=days[row].astype(object),
            subject=name,
            kind="gate.disagree",
            severity=severity,
            detail=detail,
        )
