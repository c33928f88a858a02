"""A proposal under the terms of one account: funds it never buys, and its cap on risk assets."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from jeoul.batch.records import AccountTerms
from jeoul.model.decision import Proposal
from jeoul.model.portfolio import CASH, Weights

P = TypeVar("P", bound=Proposal)


def restricted(proposal: P, terms: AccountTerms) -> P:
    """Return a proposal as it is for an account under its terms; the same one without any.

    The weight of an excluded fund goes to the other funds of its asset class in proportion to
    their weights, and to cash where the class has no other. What the account holds of it has a
    target of 0: it is sold when the account trades. Risk assets above the cap come down to it in
    proportion; what they give up goes to all else in proportion. A cap never raises that of the
    account's kind.
    """
    weights = proposal.weights
    if any(weights.get(code, 0.0) > 0.0 for code in terms.excluded):
        weights = _without(weights, terms.excluded, proposal)
    cap = terms.risk_cap
    if cap is None or (proposal.risk_cap is not None and proposal.risk_cap <= cap):
        cap = proposal.risk_cap
    else:
        weights = _capped(weights, proposal.risk, cap)
    if weights is proposal.weights and cap == proposal.risk_cap:
        return proposal
    return replace(proposal, weights=weights, risk_cap=cap)


def _without(weights: Weights, excluded: frozenset[str], proposal: Proposal) -> Weights:
    found = {code: 0.0 if code in excluded else weight for code, weight in weights.items()}
    of = proposal.classes
    for code in sorted(weights.keys() & excluded):
        heirs = {
            other: weight
            for other, weight in weights.items()
            if other not in excluded and other != CASH and of[other] == of[code] and weight > 0.0
        }
        whole = sum(heirs.values())
        for other, weight in heirs.items():
            found[other] += weights[code] * weight / whole
        if not heirs:
            found[CASH] = found.get(CASH, 0.0) + weights[code]
    return found


def _capped(weights: Weights, risk: frozenset[str], cap: float) -> Weights:
    risky = sum(weight for code, weight in weights.items() if code in risk)
    if risky <= cap:
        return weights
    rest = sum(weight for code, weight in weights.items() if code not in risk)
    if rest <= 0.0:
        found = {code: weight * cap / risky for code, weight in weights.items()}
        found[CASH] = found.get(CASH, 0.0) + 1.0 - cap
        return found
    down, up = cap / risky, (1.0 - cap) / rest
    return {code: weight * (down if code in risk else up) for code, weight in weights.items()}
