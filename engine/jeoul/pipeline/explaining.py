"""Why the allocation of a proposal is what it is, in names that a person knows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from jeoul.allocate import Explained, Group, Program, RiskShare, Solution, explain
from jeoul.messages import LANGUAGES, say
from jeoul.model.explanation import (
    AllocationCertificate,
    Explanation,
    WeightReason,
)
from jeoul.model.portfolio import Reason
from jeoul.pipeline.allocation import RowAllocation, Solved
from jeoul.pipeline.mandate import Mandate
from jeoul.pipeline.momentum_reasons import fund_reason
from jeoul.pipeline.turnover_limit import binds
from jeoul.pipeline.wording import class_name
from jeoul.strategy.tables.momentum import Momentum

_SAME = 1e-9  # of two risk aversions
_FULL = 1e-6  # of weight or risk: so near to a limit an allocation is at it


def explanation_of(
    mandate: Mandate, allocation: RowAllocation, tickers: Mapping[int, str]
) -> Explanation:
    """Return why an allocation is what it is; ``tickers`` name the funds of its members.

    Reasons carry the names of funds, classes and limits in both languages, and under ``key`` the
    key of the strategy file that a person can edit.
    """
    solved = allocation.solved
    found = _found(mandate, allocation)
    strategic = mandate.split(allocation.members) * _budget(mandate, allocation)
    funds = {}
    for place, each, split in zip(allocation.members.tolist(), found, strategic, strict=True):
        if place not in tickers:
            continue
        code = tickers[place]
        funds[code] = WeightReason(
            weight=float(allocation.weights[place]),
            strategic=float(split),
            reasons=tuple(_worded(mandate, solved, reason, code) for reason in each.reasons),
            asked=each.asked,
        )
    return Explanation(
        funds=funds,
        limits=_limits(mandate, allocation, tickers),
        certificate=_certificate(allocation),
    )


def _budget(mandate: Mandate, allocation: RowAllocation) -> float:
    """Return the share of the account that the funds of an allocation hold between them."""
    put = allocation.solved or allocation.tail
    return 1.0 - mandate.strategy.rebalance.cash if put is None else put.program.budget


def _found(mandate: Mandate, allocation: RowAllocation) -> tuple[Explained, ...]:
    """Return what holds each member, from the program or from the rule that weighed them."""
    solved = allocation.solved
    if solved is not None:
        program = solved.program
        if solved.previous is not None:
            program = replace(program, previous=solved.previous)
        return explain(program, solved.estimate, solved.solution)
    return tuple(
        Explained((_by_rule(mandate, allocation, place),), None)
        for place in allocation.members.tolist()
    )


def _by_rule(mandate: Mandate, allocation: RowAllocation, place: int) -> Reason:
    settings, weight = mandate.strategy.allocate, float(allocation.weights[place])
    key = f"profiles.{mandate.profile}.classes.{mandate.classes[place]}"
    if isinstance(settings, Momentum) and allocation.choice is not None:
        return fund_reason(settings, allocation.choice, mandate.places[place], weight, key)
    kind = settings.kind.replace("-", "_")
    return Reason.of(f"allocate.{kind}", weight=f"{weight:z.1%}", rule=key)


def _worded(mandate: Mandate, solved: Solved | None, reason: Reason, code: str) -> Reason:
    """Return a reason with the names of its fund and its rule in both languages."""
    detail = dict(reason.detail)
    item = mandate.universe.instruments[code]
    names = {"label_ko": item.name_ko, "label_en": item.name_en}
    detail.pop("label", None)
    key = detail.pop("rule", "")
    detail |= {"key": key, **_rule_words(mandate, solved, key)}
    return Reason.of(reason.kind, **detail, **names)


def _rule_words(mandate: Mandate, solved: Solved | None, keys: str) -> dict[str, str]:
    """Return what each of some rules says, in both languages."""
    return {
        f"rule_{language}": ", ".join(
            _rule(mandate, solved, key, language) for key in keys.split(", ") if key
        )
        for language in LANGUAGES
    }


def _rule(mandate: Mandate, solved: Solved | None, key: str, language: str) -> str:
    settings = mandate.strategy.allocate
    ending = key.rpartition(".")[2]
    if key.startswith("account."):
        return say(language, "why.rule_risk_assets", {"cap": f"{mandate.risk_cap or 0.0:z.0%}"})
    if key.startswith("allocate.risk_shares."):
        name = class_name(mandate.universe, ending, language)
        cap = _cap(solved, key)
        return say(language, "why.rule_risk_share", {"name": name, "cap": f"{cap:z.0%}"})
    if key.startswith("allocate."):
        value = getattr(settings, ending, None)
        shown = f"{value:z.1%}" if isinstance(value, float) else str(value)
        return say(language, f"why.rule_{ending}", {"value": shown})
    if ending == "max":
        limit = mandate.rules.volatility
        return say(language, "why.rule_volatility", {"most": f"{limit.max if limit else 0.0:z.1%}"})
    name = class_name(mandate.universe, ending, language)
    group = _group(solved, key)
    if group is None:
        return name
    detail = {"name": name, "lower": f"{group.lower:z.1%}", "upper": f"{group.upper:z.1%}"}
    return say(language, "why.rule_class", detail)


def _group(solved: Solved | None, key: str) -> Group | None:
    groups = () if solved is None else solved.program.groups
    return next((group for group in groups if group.name == key), None)


def _cap(solved: Solved | None, key: str) -> float:
    caps: tuple[RiskShare, ...] = () if solved is None else solved.program.risk_shares
    return next((cap.upper for cap in caps if cap.name == key), math.nan)


def _limits(
    mandate: Mandate, allocation: RowAllocation, tickers: Mapping[int, str]
) -> tuple[Reason, ...]:
    """Return the rules about the whole that bind or had to yield, and what was mended."""
    solved = allocation.solved
    found = []
    if solved is not None:
        program, solution = solved.program, solved.solution
        if program.risk_aversion * (1.0 + _SAME) < solution.risk_aversion:
            key = program.key("volatility")
            detail = {
                "declared": f"{program.risk_aversion:.3g}",
                "used": f"{solution.risk_aversion:.3g}",
            }
            found.append(_whole(mandate, solved, "ceiling", key, **detail))
        if binds(program, solution.weights, solved.previous):
            found.append(_whole(mandate, solved, "turnover_full", program.key("turnover")))
        found += [
            _whole(mandate, solved, "risk_share_full", cap.name)
            for cap in program.risk_shares
            if _share(solved, cap.members) >= cap.upper - _FULL
        ]
        found += solution.repairs
    elif mandate.risk_cap is not None:
        risky = [place for place, code in tickers.items() if code in mandate.risk]
        if float(allocation.weights[risky].sum()) >= mandate.risk_cap - _FULL:
            key = f"account.{mandate.account}.risk"
            found.append(_whole(mandate, solved, "risk_assets_full", key))
    for each in allocation.relaxed:
        detail = {"declared": f"{each.declared:z.1%}", "used": f"{each.used:z.1%}"}
        found.append(_whole(mandate, solved, "yielded", each.rule, **detail))
    return tuple(found)


def _whole(mandate: Mandate, solved: Solved | None, kind: str, key: str, **detail: str) -> Reason:
    words = _rule_words(mandate, solved, key)
    return Reason.of(f"allocate.{kind}", key=key, **detail, **words)


def _share(solved: Solved, members: NDArray[np.bool_]) -> float:
    weights = solved.solution.weights
    pushed = solved.estimate.covariance @ weights
    return float((weights * pushed)[members].sum() / (weights @ pushed))


def _certificate(allocation: RowAllocation) -> AllocationCertificate | None:
    if allocation.tail is not None:
        found = allocation.tail.found
        return AllocationCertificate(
            solver=found.solver,
            path="reference",
            gap=found.gap,
            violation=found.violation,
            objective=-found.cvar,
        )
    if allocation.solved is None:
        return None
    program: Program = allocation.solved.program
    solution: Solution = allocation.solved.solution
    acting = solution.risk_aversion
    return AllocationCertificate(
        solver=solution.solver,
        path=solution.path,
        gap=None if math.isnan(solution.gap) else solution.gap,
        violation=solution.violation,
        objective=solution.objective,
        risk_aversion=program.risk_aversion,
        acting=acting if math.isfinite(acting) else None,
    )
