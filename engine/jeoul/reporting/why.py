"""Why the weights are what they are: as JSON values, as lines, and as blocks of the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from jeoul.messages import say
from jeoul.model.explanation import (
    Explanation,
    MarginalGain,
    WeightReason,
)
from jeoul.reporting.proof import ENGINES, within
from jeoul.reporting.reasons import reason_text

_SHOWN = 0.005  # basis points: a smaller part is printed as nothing
_SAME = 5e-4  # of weight: less is not seen in a weight with one decimal


@dataclass(frozen=True, slots=True)
class FundView:
    """One fund's weight and why, in words; ``parts`` are pairs of a name and basis points.

    ``head`` is its line on a terminal, ``detail`` what the page says below its name.
    """

    code: str
    name: str
    weight: str
    head: str
    detail: str
    reasons: tuple[str, ...]
    parts: tuple[tuple[str, str], ...]
    gain: str


@dataclass(frozen=True, slots=True)
class WhyView:
    """An explanation in words: each fund, the limits on the whole, and what solved it."""

    funds: tuple[FundView, ...]
    limits: tuple[str, ...]
    certificate: str


def why_view(why: Explanation, weights: Mapping[str, float], language: str) -> WhyView:
    """Return an explanation in words; ``weights`` are those after the risk control.

    The funds with the largest weight come first.
    """
    order = sorted(why.funds, key=lambda code: (-why.funds[code].weight, code))
    return WhyView(
        funds=tuple(
            _fund(code, why.funds[code], weights.get(code, 0.0), language) for code in order
        ),
        limits=tuple(reason_text(reason, language) for reason in why.limits),
        certificate=_certificate(why, language),
    )


def why_lines(why: Explanation, weights: Mapping[str, float], language: str) -> Iterator[str]:
    """Yield the lines that explain an allocation to a reader of a terminal."""
    view = why_view(why, weights, language)
    yield say(language, "why.title")
    for text in view.limits:
        yield f"  {text}"
    for fund in view.funds:
        yield f"  {fund.head}"
        for text in fund.reasons:
            yield f"    {text}"
        if fund.parts:
            parts = ", ".join(f"{name} {value}" for name, value in fund.parts)
            yield "    " + say(language, "why.asked", {"parts": parts, "gain": fund.gain})
    yield f"  {view.certificate}"


def why_document(why: Explanation, weights: Mapping[str, float], language: str) -> dict[str, Any]:
    """Return an explanation as JSON values; the parts of ``asked`` are basis points a year."""
    return {
        "funds": [
            {
                "ticker": code,
                "weight": fund.weight,
                "strategic": fund.strategic,
                "target": weights.get(code, 0.0),
                "reasons": [reason_text(reason, language) for reason in fund.reasons],
                "rules": [key for reason in fund.reasons if (key := _key(reason.detail))],
                "asked": None
                if fund.asked is None
                else {**fund.asked._asdict(), "gain": fund.asked.gain},
            }
            for code, fund in why.funds.items()
        ],
        "limits": [reason_text(reason, language) for reason in why.limits],
        "certificate": None if why.certificate is None else asdict(why.certificate),
    }


def _key(detail: tuple[tuple[str, str], ...]) -> str:
    return dict(detail).get("key", "")


def _fund(code: str, fund: WeightReason, target: float, language: str) -> FundView:
    name = dict(fund.reasons[0].detail)[f"label_{language}"]
    head = {
        "name": name,
        "code": code,
        "weight": f"{fund.weight:z.1%}",
        "strategic": f"{fund.strategic:z.1%}",
        "target": f"{target:z.1%}",
    }
    moved = abs(target - fund.weight) >= _SAME
    return FundView(
        code=code,
        name=name,
        weight=head["weight"],
        head=say(language, "why.fund_after" if moved else "why.fund", head),
        detail=say(language, "why.detail_after" if moved else "why.detail", head),
        reasons=tuple(reason_text(reason, language) for reason in fund.reasons),
        parts=() if fund.asked is None else tuple(_parts(fund.asked, language)),
        gain="" if fund.asked is None else _points(fund.asked.gain),
    )


def _parts(asked: MarginalGain, language: str) -> Iterator[tuple[str, str]]:
    """Yield the parts that are not nothing, each under its name."""
    for part, value in asked._asdict().items():
        if abs(value) >= _SHOWN:
            yield say(language, f"why.part_{part}"), _points(value)


def _points(value: float) -> str:
    """Return basis points with their sign, and no sign on what is printed as 0.

    >>> _points(-1.234), _points(0.5), _points(-0.0001)
    ('−1.23', '+0.50', '0.00')
    """
    return "0.00" if abs(value) < _SHOWN else f"{value:+.2f}".replace("-", "−")


def _certificate(why: Explanation, language: str) -> str:
    found = why.certificate
    if found is None:
        return say(language, "why.rule_based")
    detail = {"solver": ENGINES[found.solver], "violation": within(found.violation)}
    if found.gap is None:
        cause = say(language, "why.certificate_shared")
        return say(language, "why.certificate_local", {**detail, "why": cause})
    return say(language, "why.certificate", {**detail, "gap": within(found.gap)})
