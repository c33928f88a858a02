"""What an evidence rests on and what came out, as digests that anyone can compute again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from jeoul.errors import UsageError
from jeoul.research.ledger import TrialHead

SCHEMA = "jeoul.receipt/1"


class ReceiptDifference(NamedTuple):
    """One value that a rerun has otherwise; None where a side does not have it."""

    what: str
    was: Any
    now: Any


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was asked, what it rests on, and the digests of what came out.

    ``days`` and ``data`` have the newest session and the snapshot's digest by calendar, ``rules``
    the digest of the rules by strategy and profile, ``results`` the digest of each part of the
    document and ``result`` that of all of them.
    """

    strategies: tuple[str, ...]
    start: str | None
    end: str | None
    days: Mapping[str, str]
    data: Mapping[str, str]
    rules: Mapping[str, str]
    engine: Mapping[str, str]
    ledger: TrialHead
    results: Mapping[str, str]
    result: str


def digest(value: Any) -> str:
    """Return the SHA-256 of a JSON value, whatever the order of its keys.

    >>> digest({"a": 1, "b": 0.1}) == digest({"b": 0.1, "a": 1})
    True
    """
    return hashlib.sha256(_text(value).encode()).hexdigest()


def results_of(document: Mapping[str, Any]) -> dict[str, str]:
    """Return the digest of each part of an evidence document, by name."""
    found = {}
    for table in document["tables"]:
        for profile in table["profiles"]:
            found[f"{table['strategy']} {profile['profile']}"] = digest(profile)
        found[f"{table['strategy']} luck"] = digest(table["luck"])
    return found | {name: digest(document[name]) for name in ("bootstrap", "insurances", "korea")}


def receipt_document(receipt: Receipt) -> dict[str, Any]:
    """Return a receipt as JSON values."""
    return {"schema": SCHEMA, **asdict(receipt), "strategies": list(receipt.strategies)}


def receipt_of(document: Any, name: str) -> Receipt:
    """Return the receipt in an evidence document, or that it is; ``name`` names the file.

    Raises :class:`UsageError` where there is none.
    """
    own = document.get("receipt", document) if isinstance(document, dict) else None
    if not isinstance(own, dict) or own.get("schema") != SCHEMA:
        raise UsageError(
            f"{name} has no receipt; write one with jeoul evidence --write-receipt {name}"
        )
    try:
        values = {key: own[key] for key in Receipt.__dataclass_fields__}
        head = TrialHead(int(own["ledger"]["trials"]), str(own["ledger"]["digest"]))
    except (KeyError, TypeError, ValueError) as fault:
        raise UsageError(f"the receipt in {name} lacks {fault}; write it again") from None
    return Receipt(**values | {"ledger": head, "strategies": tuple(own["strategies"])})


def differences(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[ReceiptDifference]:
    """Yield every value in which two JSON documents differ, by its path.

    >>> list(differences({"a": [1, 2]}, {"a": [1, 3], "b": 0}))
    [ReceiptDifference(what='a.1', was=2, now=3), ReceiptDifference(what='b', was=None, now=0)]
    """
    yield from _walk("", was, now)


def _walk(path: str, was: Any, now: Any) -> Iterator[ReceiptDifference]:
    if isinstance(was, Mapping) and isinstance(now, Mapping):
        for key in dict.fromkeys([*was, *now]):
            yield from _walk(f"{path}.{key}".lstrip("."), was.get(key), now.get(key))
    elif isinstance(was, list | tuple) and isinstance(now, list | tuple) and len(was) == len(now):
        for number, (before, after) in enumerate(zip(was, now, strict=True)):
            yield from _walk(f"{path}.{number}".lstrip("."), before, after)
    elif _text(was) != _text(now):
        yield ReceiptDifference(path, was, now)


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
