"""A proof as JSON values and as a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from math import ceil
from typing import Any

from jeoul.allocate import Proof
from jeoul.errors import AllocationError
from jeoul.messages import say
from jeoul.rebalance import SharesCertificate

ENGINES = {"clarabel": "cvxpy (Clarabel)", "daqp": "DAQP", "highs": "cvxpy (HiGHS)"}
"""What a reader calls each solver."""


def tiny(value: float, digits: int = 0) -> str:
    """Return a number that is nearly nothing, and nothing as 0.

    >>> tiny(3.2e-9), tiny(3.2e-9, 1), tiny(0.0)
    ('3e-09', '3.2e-09', '0')
    """
    return f"{value:.{digits}e}" if value else "0"


def within(value: float) -> str:
    """Return a bound that a small share does not exceed, in percent.

    >>> within(7e-18), within(2.34e-5)
    ('0.0001%', '0.0024%')
    """
    return f"{max(1, ceil(value * 1e6)) / 1e4:.4f}%"


def proof_document(proof: Proof | None) -> dict[str, Any] | None:
    """Return a proof as JSON values, None where there was nothing to prove."""
    if proof is None:
        return None
    return {
        "holds": proof.holds,
        "solver": proof.solver,
        "difference": proof.difference,
        "apart": proof.apart,
        "gap": proof.gap,
    }


def shares_document(found: SharesCertificate) -> dict[str, Any]:
    """Return how far whole shares can be from the best as JSON values."""
    return asdict(found)


def shares_text(document: Mapping[str, Any] | None, language: str) -> str:
    """Return the sentence for the certificate of a search for whole shares."""
    if document is None:
        return say(language, "proof.no_shares")
    figures = {name: f"{document[name]:z.4%}" for name in ("objective", "bound", "gap")}
    return say(language, "proof.shares", figures)


def exit_code(documents: Iterable[Mapping[str, Any]]) -> int:
    """Return the exit code of a command whose documents may carry a ``proof``: 4 where one fails.

    >>> exit_code([{"proof": None}, {"proof": {"holds": False}}])
    4
    """
    proofs = (document.get("proof") for document in documents)
    failed = any(proof is not None and not proof["holds"] for proof in proofs)
    return AllocationError.exit_code if failed else 0


def proof_text(document: Mapping[str, Any] | None, language: str) -> str:
    """Return the sentence for the document of a proof."""
    if document is None:
        return say(language, "proof.nothing")
    figures = {
        "solver": ENGINES[document["solver"]],
        "difference": tiny(document["difference"], 1),
        "apart": tiny(document["apart"], 1),
        "gap": "–" if document["gap"] is None else tiny(document["gap"], 1),
    }
    return say(language, "proof.same" if document["holds"] else "proof.differs", figures)
