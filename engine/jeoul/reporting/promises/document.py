"""Promises and what came of them as JSON values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from jeoul.promises.promise import Promise, promise_document
from jeoul.promises.scoring import Calibrated, Halves, Hits, RangeScore, RateScore, Scored


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPromises:
    """What is shown of one profile of a strategy, or of one account.

    ``newest`` is the last promise that was made, ``chosen`` the day on which its rules were.
    ``account`` is None for the model's own path.
    """

    strategy: str
    profile: str
    account: str | None
    simulated: bool
    chosen: date | None
    halves: Halves
    newest: Promise | None


def kept_document(kept: ShownPromises) -> dict[str, Any]:
    """Return one profile or account as JSON values; shares are decimal fractions."""
    return {
        "strategy": kept.strategy,
        "profile": kept.profile,
        "account": kept.account,
        "simulated": kept.simulated,
        "chosen": None if kept.chosen is None else kept.chosen.isoformat(),
        "promise": None if kept.newest is None else promise_document(kept.newest),
        "before": _scored(kept.halves.before),
        "after": _scored(kept.halves.after),
    }


def _scored(found: Scored | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "from": found.first.isoformat(),
        "to": found.last.isoformat(),
        "until": found.until.isoformat(),
        "promises": found.made,
        "ranges": [_range(each) for each in found.ranges],
        "rates": [_rate(each) for each in found.rates],
        "calibration": [_calibrated(each) for each in found.calibration],
    }


def _hits(found: Hits) -> dict[str, Any]:
    return {
        "windows": found.windows,
        "hits": found.hits,
        "share": found.share,
        "interval": [found.low, found.high],
    }


def _range(found: RangeScore) -> dict[str, Any]:
    return {
        "figure": found.figure,
        "promised": found.promised,
        **_hits(found.hits),
        "below": found.below,
        "above": found.above,
        "verdict": str(found.verdict),
        "all_windows": found.all_windows,
        "all_share": found.all_share,
        "ratio": found.ratio,
    }


def _rate(found: RateScore) -> dict[str, Any]:
    return {
        "figure": found.figure,
        "promised": found.promised,
        "came": found.came,
        **_hits(found.at_most),
        "all_windows": found.all_windows,
    }


def _calibrated(found: Calibrated) -> dict[str, Any]:
    return {"level": found.level, **_hits(found.at_most)}
