"""Why the weights of a run were chosen, read back from what was kept with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jeoul.model.explanation import (
    AllocationCertificate,
    Explanation,
    MarginalGain,
    WeightReason,
)
from jeoul.model.portfolio import Reason
from jeoul.reporting.why import why_document


def told_why(stored: Mapping[str, Any], language: str) -> dict[str, Any] | None:
    """Return why the weights of a stored run were chosen, None of a run that did not keep it."""
    if "why" not in stored:
        return None
    return why_document(kept_why(stored["why"]), stored["weights"], language)


def kept_why(stored: Mapping[str, Any]) -> Explanation:
    """Return an explanation as it was before it was stored.

    >>> from dataclasses import asdict
    >>> why = Explanation(limits=(Reason.of("allocate.ceiling", used="4"),))
    >>> kept_why(asdict(why)) == why
    True
    """
    certificate = stored["certificate"]
    return Explanation(
        funds={code: _fund(fund) for code, fund in stored["funds"].items()},
        limits=tuple(map(_reason, stored["limits"])),
        certificate=None if certificate is None else AllocationCertificate(**certificate),
    )


def _fund(stored: Mapping[str, Any]) -> WeightReason:
    asked = stored["asked"]
    return WeightReason(
        weight=stored["weight"],
        strategic=stored["strategic"],
        reasons=tuple(map(_reason, stored["reasons"])),
        asked=None if asked is None else MarginalGain(*asked),
    )


def _reason(stored: Mapping[str, Any]) -> Reason:
    return Reason(stored["kind"], tuple((key, text) for key, text in stored["detail"]))
