"""Product grades: target weights within what an investor type may hold, and what that changes.

The limit comes last, after the overlay: it belongs to a person, where the allocation belongs to a
profile, so that the allocation stays the one of everybody.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from jeoul.model.calendar import Reals
from jeoul.model.portfolio import CASH, Weights
from jeoul.pipeline.mandate import Mandate
from jeoul.strategy.tables.allocate import Programmed

_ROUNDING = 1e-12
_KINDS = {
    ("portfolio", True): "finding.grade_portfolio",
    ("portfolio", False): "finding.grade_portfolio_breach",
    ("product", True): "finding.grade_product",
    ("product", False): "finding.grade_product_breach",
}
Detail = tuple[tuple[str, str], ...]


def within_grades(mandate: Mandate, weights: Reals) -> Reals:
    """Return target weights that an investor's limit allows, CASH last.

    Funds riskier than the limit give up weight in proportion, all of it by product, by portfolio
    as much as brings the mean grade to the limit. The others take it in proportion, each up to the
    strategy's largest weight; the rest is cash. Without a limit that binds the weights are as they
    were.
    """
    limit = mandate.limit
    if limit is None or not limit.binds:
        return weights
    funds, above = weights[:-1], mandate.grades - limit.riskiest
    risky = above < 0
    if limit.mode == "product":
        return weights if not funds[risky].any() else _moved(mandate, weights, risky, 0.0)
    missing, surplus = -float(funds[risky] @ above[risky]), float(funds[~risky] @ above[~risky])
    if missing <= surplus + _ROUNDING:
        return weights
    return _moved(mandate, weights, risky, surplus / missing, above)


def _moved(
    mandate: Mandate,
    weights: Reals,
    risky: NDArray[np.bool_],
    ratio: float,
    above: Reals | None = None,
) -> Reals:
    """Return weights whose risky part shrinks in favour of the rest.

    The safe part grows by t and the risky one is scaled by t x ``ratio``, which leaves the mean
    grade at the limit. Where a cap stops the growth, the risky part shrinks by what is missing.
    """
    funds = weights[:-1]
    at_risk, safe = float(funds[risky].sum()), float(funds[~risky].sum())
    found = np.zeros_like(weights)
    if safe > 0.0:
        grown = (at_risk + safe) / (safe + at_risk * ratio)
        most = np.maximum(funds, _most(mandate))
        found[:-1] = np.where(risky, 0.0, np.minimum(funds * grown, most))
        if above is not None and ratio > 0.0:
            missing = -float(funds[risky] @ above[risky])
            scale = min(1.0, float(found[:-1] @ np.where(risky, 0.0, above)) / missing)
            found[:-1] += np.where(risky, funds * scale, 0.0)
    found[-1] = 1.0 - found[:-1].sum()
    return found


def _most(mandate: Mandate) -> float:
    settings = mandate.strategy.allocate
    return settings.max_weight if isinstance(settings, Programmed) else 1.0


def grade_remark(
    mandate: Mandate, wanted: Weights, found: Weights
) -> tuple[str, str, Detail] | None:
    """Return what a reader should know of the limit: subject, kind and detail of a finding.

    ``wanted`` are the weights of the strategy by ticker, ``found`` those within the limit. None
    where the strategy suits the investor as it is.
    """
    graded = mandate.graded
    if graded is None:
        return None
    limit, before = graded.limit, _funds(wanted)
    if graded.holds(before):
        return None
    risky = sorted(code for code in before if graded.too_risky(code))
    kind = _KINDS[limit.mode, limit.binds]
    mean = graded.mean(before)
    detail = (
        ("matrix", limit.matrix),
        ("riskiest", str(limit.riskiest)),
        ("mean", f"{mean:.2f}"),
        ("funds", ", ".join(f"{code} ({graded.grade(code)})" for code in risky)),
        ("before", f"{sum(before[code] for code in risky):z.1%}"),
        ("after", f"{sum(found.get(code, 0.0) for code in risky):z.1%}"),
    )
    return f"suitability.{limit.type}", kind, detail


def _funds(weights: Mapping[str, float]) -> dict[str, float]:
    return {code: weight for code, weight in weights.items() if code != CASH and weight > 0.0}
