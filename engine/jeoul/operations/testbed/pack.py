"""An audit pack: the evidence of one quarter as files, and the SHA-256 of each."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import jeoul
from jeoul.errors import DataError, Problem, UsageError
from jeoul.messages import say
from jeoul.model.quarter import Quarter
from jeoul.operations.desk.promotions import rules_digest
from jeoul.operations.setup.private import FOLDER, write_private
from jeoul.operations.testbed import sheets
from jeoul.operations.testbed.account import AuditedAccount
from jeoul.operations.testbed.benchmark import market_fund
from jeoul.operations.testbed.changes import change_document, promotion_document
from jeoul.operations.testbed.measured import (
    Histories,
    SpanRow,
    backtest_paths,
    ledger_paths,
    measures_over,
    rows,
)
from jeoul.operations.testbed.promoting import holds_secret
from jeoul.pipeline.inputs import versions

SUMS = "SHA256SUMS"
"""The file that `sha256sum --check` reads."""


@dataclass(frozen=True, slots=True)
class Pack:
    """Files of a quarter's evidence by name, the list of their hashes among them.

    ``about`` is what ``pack.json`` says; ``figures`` are the rows of ``figures.csv``.
    """

    about: Mapping[str, Any]
    figures: tuple[SpanRow, ...]
    files: Mapping[str, bytes]


def make_pack(
    accounts: Sequence[AuditedAccount],
    histories: Histories,
    quarter: Quarter,
    source: tuple[str, bool],
    language: str,
) -> Pack:
    """Return the audit pack of some accounts: the same ledgers and market give the same bytes.

    ``source`` is what the market says of its data, and whether they are simulated. Only
    ``ledger.json`` and the list of hashes depend on what was written after the quarter.
    """
    accounts = sorted(accounts, key=lambda each: each.name)
    measures = measures_over(histories)
    live = ledger_paths(accounts, measures)
    before = backtest_paths(accounts, histories, measures)
    found = tuple(rows((*live, *before), quarter))
    about = _about(accounts, quarter, source)
    files = {
        "README.txt": _readme(about, language),
        "pack.json": _json(about),
        "daily.csv": sheets.daily(accounts, live),
        "figures.csv": sheets.figures(found),
        "backtests.csv": sheets.backtests(before),
        "runs.csv": sheets.runs(accounts, language),
        "sessions.csv": sheets.sessions(accounts),
        "rebalancing.csv": sheets.rebalancing(accounts, language),
        "order-events.csv": sheets.events(accounts),
        "changes.json": _json(_changes(accounts)),
        "ledger.json": _json(_heads(accounts)),
        **_evidence(accounts),
    }
    return Pack(about, found, files | {SUMS: sums(files)})


def sums(files: Mapping[str, bytes]) -> bytes:
    """Return the hashes of files in the form of ``sha256sum``, by name.

    >>> sums({"a": b""}).decode()[:10]
    'e3b0c44298'
    """
    lines = (f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))
    return "".join(lines).encode()


def write_pack(pack: Pack, folder: Path, secrets: Iterable[str]) -> None:
    """Write a pack into a folder that is new or empty, whole or not at all, for its owner alone.

    Raises :class:`UsageError` for a folder with something in it and :class:`DataError` for a pack
    that would hold a secret; then nothing is written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"--out {folder} is not empty; choose a new folder")
    hidden = tuple(secrets)
    leaking = [name for name, content in pack.files.items() if holds_secret(content, hidden)]
    if leaking:
        remedy = "nothing was written; remove the secret from what was entered into the ledger"
        raise DataError(
            [Problem(name, "would contain a secret", remedy=remedy) for name in leaking]
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for name, content in pack.files.items():
            place = partial / name
            place.parent.mkdir(mode=FOLDER, exist_ok=True)
            write_private(place, content)
        if folder.exists():
            folder.rmdir()
        partial.rename(folder)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise


def _about(
    accounts: Sequence[AuditedAccount], quarter: Quarter, source: tuple[str, bool]
) -> dict[str, Any]:
    what, simulated = source
    return {
        "schema": "jeoul.audit/1",
        "quarter": str(quarter),
        "from": quarter.first.isoformat(),
        "to": quarter.last.isoformat(),
        "simulated": simulated,
        "data": what,
        "jeoul": jeoul.__version__,
        "versions": versions(),
        "accounts": [_account(each) for each in accounts],
    }


def _account(each: AuditedAccount) -> dict[str, Any]:
    mandate, orders = each.mandate, each.orders
    return {
        "account": each.name,
        "firm": None if each.config.settings.firm is None else each.config.settings.firm.name,
        "profile": mandate.profile,
        "kind": str(mandate.account),
        "strategy": mandate.strategy.name,
        "universe": mandate.universe.name,
        "rules": rules_digest(each.runs[-1]) if each.runs else None,
        "market": market_fund(mandate),
        "currency": each.course.currency,
        "broker": each.config.settings.broker.kind,
        "first": each.course.first.isoformat(),
        "last": each.course.last.isoformat(),
        "runs": len(each.runs),
        "orders": len(orders),
        "deviating": sum(order.cause != "filled" for order in orders),
        "missed": sum(day.status in ("missing", "skipped") for day in each.attended),
        "changes": len(each.changes),
        "unpromoted": sum(change.promoted is None for change in each.changes),
    }


def _changes(accounts: Sequence[AuditedAccount]) -> list[dict[str, Any]]:
    return [
        {
            "account": each.name,
            "changes": [change_document(change) for change in each.changes],
            "promotions": [promotion_document(kept) for kept in each.promoted],
        }
        for each in accounts
    ]


def _heads(accounts: Sequence[AuditedAccount]) -> list[dict[str, Any]]:
    return [
        {"account": each.name, "rows": each.head.seq, "head": f"{each.head.seq}:{each.head.hash}"}
        for each in accounts
    ]


def _evidence(accounts: Sequence[AuditedAccount]) -> dict[str, bytes]:
    found = {}
    for each in accounts:
        for file in each.evidence:
            name = re.sub(r"[^A-Za-z0-9._-]", "_", file.name)[-80:]
            found[f"evidence/{file.sha256[:16]}-{name}"] = file.content
    return found


def _readme(about: Mapping[str, Any], language: str) -> bytes:
    names = ("head", "simulated", "check", "files", "figures", "causes", "privacy")
    return (
        "\n\n".join(
            say(language, f"testbed.readme_{name}", about)
            for name in names
            if name != "simulated" or about["simulated"]
        ).encode()
        + b"\n"
    )


def _json(document: object) -> bytes:
    text = json.dumps(document, ensure_ascii=False, indent=2, sort_keys=False)
    return (text + "\n").encode()
