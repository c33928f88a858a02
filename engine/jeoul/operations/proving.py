"""The proof of an allocation before anything is sent: kept in the ledger, and quoted from there."""

from __future__ import annotations

from collections.abc import Callable

from jeoul.allocate import Proof
from jeoul.errors import AllocationError
from jeoul.model.decision import Proposal
from jeoul.operations.setup.config import Config
from jeoul.operations.setup.outcome import RunReport
from jeoul.operations.told.run_report import blocked
from jeoul.operations.told.session_records import SessionRecords
from jeoul.pipeline.inputs import allocation_id
from jeoul.reporting.proof import proof_document, proof_text
from jeoul.translation import in_language


def unproved(
    config: Config,
    records: SessionRecords,
    proposal: Proposal,
    proof: Callable[[], Proof | None],
) -> RunReport | None:
    """Keep or quote the proof of a proposal's allocation; return why there is none.

    ``proof`` solves the allocation again; a strategy that solves no program has nothing to prove.
    """
    if not config.settings.safety.prove:
        return None
    allocation, allocated = allocation_id(proposal), str(proposal.memory.allocated)
    kept = records.kept_proof(allocation)
    if kept is not None:
        records.notes.add("proof", {**kept, "quoted": True})
        return None
    lang = config.settings.lang
    try:
        document = proof_document(proof())
    except AllocationError as error:
        detail = {"allocated": allocated, "reason": in_language(str(error), lang)}
        return blocked(config, "needs_person", "unproved", **detail)
    if document is None:
        return None
    if not document["holds"]:
        detail = {"allocated": allocated, "reason": proof_text(document, lang)}
        return blocked(config, "needs_person", "unproved", **detail)
    about = {"allocation": allocation, "allocated": allocated, "proved": str(records.session)}
    records.notes.add("proof", {**about, **document, "quoted": False})
    return None
