"""What a ledger says of the rules that were put forward for an account, and whether it is true."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from jeoul.operations.ledger.store import Ledger

NOTE = "promotion"
EVIDENCE = "evidence"
"""The kinds of note that keep a promotion, and a file that one rests on."""


def promotion_faults(ledger: Ledger) -> list[str]:
    """Return what is wrong with the promotions of a ledger and the files that they rest on.

    The rules that each puts forward have the digest that it names, those before have the digest of
    a run that was frozen earlier, and its files are kept with the content that it names.
    """
    files: set[str] = set()
    faults: list[str] = []
    query = "SELECT seq, kind, detail FROM notes WHERE kind IN (?, ?) ORDER BY seq"
    for row in ledger.rows(query, EVIDENCE, NOTE):
        seq, kind = row["seq"], row["kind"]
        try:
            kept = json.loads(row["detail"])
            if kind == EVIDENCE:
                faults += _wrong_file(seq, kept)
                files.add(kept["sha256"])
            else:
                faults += [*_wrong(ledger, seq, kept), *_missing(seq, kept, files)]
        except (KeyError, TypeError, ValueError, AttributeError):
            faults.append(f"row {seq} ({kind}): the row is not in a form that jeoul writes")
    return faults


def _wrong_file(seq: int, kept: Mapping[str, Any]) -> Iterator[str]:
    content, name = base64.b64decode(kept["base64"], validate=True), kept["name"]
    if hashlib.sha256(content).hexdigest() != kept["sha256"]:
        yield f"row {seq} (evidence): the content of {name} does not match its recorded digest"


def _missing(seq: int, kept: Mapping[str, Any], files: Collection[str]) -> Iterator[str]:
    for each in kept["evidence"]:
        name = each["name"]
        if each["sha256"] not in files:
            yield f"row {seq} (promotion): evidence {name} is missing from the ledger"


def _wrong(ledger: Ledger, seq: int, kept: Mapping[str, Any]) -> Iterator[str]:
    after = kept["after"]
    from jeoul.pipeline.content import Content  # loads what no other check of a ledger needs

    if Content(**after["content"]).digest != after["digest"]:
        yield f"row {seq} (promotion): the rules do not match their recorded digest"
    run, digest = kept["before"]["run"], kept["before"]["digest"]
    if run is None:
        return
    before = ledger.row(
        "SELECT json_extract(plan, '$.rules.digest') AS digest FROM runs "
        "WHERE run_id = ? AND seq < ?",
        run,
        seq,
    )
    if before is None:
        yield f"row {seq} (promotion): no run {run} comes before it"
    elif before["digest"] != digest:
        yield f"row {seq} (promotion): the rules of run {run} do not match the record"
