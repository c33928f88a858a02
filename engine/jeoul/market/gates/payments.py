"""Gates on payments: dividends and splits that the vendor takes back or changes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction

import numpy as np

from jeoul.market.gates.gated import Gated, about
from jeoul.market.raw.answer import SPLIT_ADJUSTED
from jeoul.market.raw.series import Raw
from jeoul.model.finding import Finding, Severity
from jeoul.model.ratio import WHOLE


def payment_findings(series: Gated) -> Iterator[Finding]:
    """Yield the payments that the vendor showed before and now shows otherwise, or no more.

    Amounts count as they were shown: a split restates the dividends before it, and that is no
    change of the vendor's mind.
    """
    for day, versions in series.raw.versions.items():
        now = versions[-1]
        for past in versions[:-1]:
            factor = _splits_between(series.raw, day, past.fetch, now.fetch)
            old = past.payment._replace(dividend=past.payment.dividend / factor)
            gone = (old.dividend and not now.payment.dividend) or (
                old.split != 1 and now.payment.split == 1
            )
            if not old.dividend and old.split == 1:
                continue  # it was taken back once, and has returned
            same = np.isclose(old.dividend, now.payment.dividend, rtol=1e-3, atol=0.0)
            if not gone and same and old.split == now.payment.split:
                continue
            yield about(
                series,
                day,
                "withdrawn" if gone else "restated",
                Severity.SERIOUS if gone else Severity.NOTICE,
                before=_said(old.dividend, old.split),
                now=_said(now.payment.dividend, now.payment.split),
            )
            break


def _splits_between(raw: Raw, day: date, past: int, now: int) -> float:
    """Return the splits after a day that became known after one fetch and up to another."""
    factor = WHOLE
    if raw.stamp.basis != SPLIT_ADJUSTED:
        return 1.0
    for later, versions in raw.versions.items():
        if later > day:
            known = {v.fetch: v.payment.split for v in versions}
            old = [s for fetch, s in known.items() if fetch <= past]
            new = [s for fetch, s in known.items() if fetch <= now]
            factor *= (new[-1] if new else WHOLE) / (old[-1] if old else WHOLE)
    return float(factor)


def _said(dividend: float, split: Fraction) -> str:
    parts = [f"{dividend:,.8g}"] if dividend or split == 1 else []
    return " + ".join([*parts, *([f"{split.numerator}:{split.denominator}"] if split != 1 else [])])
