"""A proposal under the terms of one account: funds it never buys, and its cap on risk assets."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from jeoul.account.restriction import Restriction, weights_capped, weights_within
from jeoul.batch.records import BatchTerms
from jeoul.model.decision import Proposal

P = TypeVar("P", bound=Proposal)


def restricted(proposal: P, terms: BatchTerms) -> P:
    """Return a proposal as it is for an account under its terms; the same one without any.

    The weight of an excluded fund goes to the other funds of its asset class in proportion to
    their weights, and to cash where the class has no other. What the account holds of it has a
    target of 0: it is sold when the account trades. Risk assets above the cap come down to it in
    proportion; what they give up goes to all else in proportion. A cap never raises that of the
    account's kind.
    """
    barred = Restriction(terms.excluded)
    weights, _ = weights_within(proposal.weights, proposal.classes, barred)
    cap = terms.risk_cap
    if cap is None or (proposal.risk_cap is not None and proposal.risk_cap <= cap):
        cap = proposal.risk_cap
    else:
        weights = weights_capped(weights, proposal.risk, cap)
    if weights is proposal.weights and cap == proposal.risk_cap:
        return proposal
    return replace(proposal, weights=weights, risk_cap=cap)
