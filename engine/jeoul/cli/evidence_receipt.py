"""The receipt of ``jeoul evidence``: written beside the tables, read again for a rerun."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jeoul.errors import UsageError

if TYPE_CHECKING:
    from datetime import date

    from jeoul.market import Market
    from jeoul.research.ledger import TrialHead
    from jeoul.research.receipt import Receipt, ReceiptDifference

DIFFERS = 5  # the exit code of a comparison that came out otherwise, as in `jeoul replay`
_SHOWN = 20  # differences that a terminal lists


def read_receipt(file: Path) -> tuple[Receipt, dict[str, Any]]:
    """Return the receipt of a file and the whole document in it.

    Raises :class:`~jeoul.errors.ConfigError` for a file that cannot be read, and
    :class:`UsageError` for one without a receipt.
    """
    from jeoul.files.text import read_text
    from jeoul.research.receipt import receipt_of

    try:
        document = json.loads(read_text(file))
    except ValueError as fault:
        raise UsageError(f"{file} cannot be read as a receipt: {fault}") from None
    return receipt_of(document, str(file)), document


def days_of(known: Receipt | None, market: Market, calendars: Sequence[str]) -> dict[str, date]:
    """Return the newest session to use on each calendar: the receipt's, or the market's."""
    from datetime import date

    if known is None:
        return {calendar: market.last_session(calendar) for calendar in calendars}
    return {calendar: date.fromisoformat(known.days[calendar]) for calendar in calendars}


def made_receipt(
    document: Mapping[str, Any],
    names: Sequence[str],
    span: tuple[str | None, str | None],
    market: Market,
    days: Mapping[str, date],
    head: TrialHead,
) -> Receipt:
    """Return the receipt of a document that ``names`` over ``span`` came to."""
    from jeoul import __version__, api
    from jeoul.cli.options import PROFILES
    from jeoul.pipeline.content import MODEL, content_of
    from jeoul.research.evidence_strategies import LIGHT, LITERAL
    from jeoul.research.receipt import Receipt, digest, results_of
    from jeoul.strategy.load import load_strategy

    loaded = [load_strategy(name) for name in dict.fromkeys([*names, LITERAL, LIGHT])]
    results = results_of(document)
    return Receipt(
        strategies=tuple(names),
        start=span[0],
        end=span[1],
        days={calendar: day.isoformat() for calendar, day in days.items()},
        data={calendar: market.as_of(day, calendar).digest for calendar, day in days.items()},
        rules={
            f"{strategy.name} {profile}": content_of(api.mandate(strategy, profile)).digest
            for strategy in loaded
            for profile in PROFILES
            if profile in strategy.profiles
        },
        engine={"version": __version__, "model": str(MODEL)},
        ledger=head,
        results=results,
        result=digest(results),
    )


def differing(
    was: Receipt, document: Mapping[str, Any], now: Receipt, found: Mapping[str, Any]
) -> list[ReceiptDifference]:
    """Return what a rerun has otherwise: first what it rests on, then the values themselves."""
    from jeoul.research.receipt import ReceiptDifference, differences, receipt_document

    before, after = receipt_document(was), receipt_document(now)
    parts = [
        ReceiptDifference(f"{key}.{each.what}".rstrip("."), each.was, each.now)
        for key in ("engine", "data", "rules", "ledger", "results")
        for each in differences(before[key], after[key])
    ]
    if "tables" not in document:  # a receipt alone: there are no values to hold against
        return parts
    values = [
        each
        for key in ("tables", "bootstrap", "insurances", "korea")
        for each in differences(
            {key: document[key]}, {key: json.loads(json.dumps(found[key], default=str))}
        )
    ]
    return parts + values


def rerun_text(
    was: Receipt, now: Receipt, found: Sequence[ReceiptDifference], grown: int, lang: str
) -> list[str]:
    """Return in sentences whether a rerun is the same, and what differs."""
    from jeoul.messages import say

    lines = []
    if was.result == now.result:
        lines.append(say(lang, "luck.receipt_same", {"digest": now.result}))
    if found:
        lines.append(say(lang, "luck.receipt_differs"))
    nothing = say(lang, "luck.nothing")
    for each in found[:_SHOWN]:
        sides = {
            side: nothing if value is None else value
            for side, value in (("was", each.was), ("now", each.now))
        }
        lines.append(say(lang, "luck.receipt_line", {"what": each.what, **sides}))
    if len(found) > _SHOWN:
        lines.append(say(lang, "luck.receipt_more", {"count": len(found) - _SHOWN}))
    if grown > was.ledger.trials and was.ledger == now.ledger:
        lines.append(say(lang, "luck.receipt_grown", {"was": was.ledger.trials, "now": grown}))
    return lines


def check_alone(given: Sequence[object]) -> None:
    """Refuse strategies and dates beside a receipt, which has its own.

    Raises :class:`UsageError`.
    """
    if any(given):
        raise UsageError("a receipt names its strategies and its span; leave yours out")


def write_receipt(file: Path, document: Mapping[str, Any], lang: str) -> None:
    """Write a document with its receipt to a file and say so on stderr.

    Raises :class:`UsageError` if the file cannot be written.
    """
    from jeoul.messages import say

    text = json.dumps(document, ensure_ascii=False, indent=1, default=str) + "\n"
    try:
        file.write_text(text, "utf-8", newline="\n")
    except OSError as fault:
        raise UsageError(f"{file} cannot be written: {fault}") from None
    click.echo(say(lang, "luck.receipt_written", {"file": file}), err=True)


def _plain(value: Any) -> Any:
    """Return a value as it would be read from a file."""
    return json.loads(json.dumps(value, default=str))
