"""What a ledger says of the rules that were put forward for an account, and whether it is true."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from jeoul.operations.ledger.store import Ledger
from jeoul.pipeline.content import Content

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
        try:
            kept = json.loads(row["detail"])
            if row["kind"] == EVIDENCE:
                said = list(_wrong_file(kept))
                files.add(kept["sha256"])
            else:
                said = [*_wrong(ledger, row["seq"], kept), *_missing(kept, files)]
        except (KeyError, TypeError, ValueError, AttributeError):
            said = ["is not one that jeoul writes"]
        faults += [f"row {row['seq']} ({row['kind']}): {each}" for each in said]
    return faults


def _wrong_file(kept: Mapping[str, Any]) -> Iterator[str]:
    content = base64.b64decode(kept["base64"], validate=True)
    if hashlib.sha256(content).hexdigest() != kept["sha256"]:
        yield f"{kept['name']} has another content than it says"


def _missing(kept: Mapping[str, Any], files: Collection[str]) -> Iterator[str]:
    for each in kept["evidence"]:
        if each["sha256"] not in files:
            yield f"its evidence {each['name']} is not in the ledger"


def _wrong(ledger: Ledger, seq: int, kept: Mapping[str, Any]) -> Iterator[str]:
    after = kept["after"]
    if Content(**after["content"]).digest != after["digest"]:
        yield "its rules have another digest than it says"
    run, digest = kept["before"]["run"], kept["before"]["digest"]
    if run is None:
        return
    rows = ledger.rows(
        "SELECT json_extract(plan, '$.rules.digest') AS digest FROM runs "
        "WHERE run_id = ? AND seq < ?",
        run,
        seq,
    )
    if not rows:
        yield f"there is no run {run} before it"
    elif rows[0]["digest"] != digest:
        yield f"run {run} followed other rules than it says"
