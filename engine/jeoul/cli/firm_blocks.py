"""Blocks and allotments of a firm: as tables, as JSON, and as CSV for brokers and custodians."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from jeoul.cli.firm_text import SHORT
from jeoul.cli.tables import Grid, show
from jeoul.messages import say

if TYPE_CHECKING:
    from jeoul.firm.blocks import Block
    from jeoul.firm.fairness import Allotment
    from jeoul.operations.firm.plans import FirmPlan

Shares = Mapping[str, Sequence["Allotment"]]


def block_rows(blocks: Iterable[Block]) -> list[dict[str, Any]]:
    """Return blocks as JSON values."""
    return [
        {
            "side": str(block.key.side),
            "ticker": block.key.ticker,
            "shares": block.shares,
            "price": block.price,
            "limit": block.limit,
            "accounts": len(block.orders),
        }
        for block in blocks
    ]


def show_blocks(blocks: Sequence[Block], plan: FirmPlan, language: str) -> None:
    """Write blocks as a table."""
    if not blocks:
        detail = {"digest": plan.digest[:SHORT]}
        click.echo(say(language, "firm.nothing_approved", detail))
        return
    names = ("firm.block_side", "orders.code", "orders.shares", "orders.price", "orders.limit")
    rows = [
        (
            say(language, f"decide.{each['side'].lower()}").strip(),
            each["ticker"],
            *(f"{each[key]:,}" for key in ("shares", "price")),
            "" if each["limit"] is None else f"{each['limit']:,}",
            f"{each['accounts']:,}",
        )
        for each in block_rows(blocks)
    ]
    heads = [say(language, name) for name in (*names, "firm.accounts")]
    show(Grid(heads, rows, frozenset({0, 1})))


def written_blocks(blocks: Iterable[Block]) -> str:
    """Return blocks as CSV."""
    return written(block_rows(blocks), ("side", "ticker", "shares", "price", "limit", "accounts"))


def allotment_rows(plan: FirmPlan, shares: Shares) -> list[dict[str, Any]]:
    """Return every client's part of every block, with the evidence that the order suits them."""
    found = []
    for key, its in shares.items():
        side, ticker = key.split(" ")
        for each in its:
            suits = plan.clients[each.account]["suitability"]
            row = {
                "account": each.account,
                "side": side,
                "ticker": ticker,
                "ordered": each.ordered,
                "shares": each.shares,
                "amount": each.amount,
                "fee": each.fee,
            }
            keys = ("answers_id", "type", "profile", "form", "version", "rules")
            found.append({**row, **{key: suits[key] for key in keys}})
    return sorted(found, key=lambda row: (row["account"], row["side"] == "BUY", row["ticker"]))


def show_allotments(plan: FirmPlan, shares: Shares, language: str) -> None:
    """Write what was filled of each block and among how many clients it was shared."""
    rows = []
    for key, its in shares.items():
        side, ticker = key.split(" ")
        figures = (
            sum(each.ordered for each in its),
            sum(each.shares for each in its),
            sum(each.amount for each in its),
            len(its),
        )
        said = say(language, f"decide.{side.lower()}").strip()
        rows.append((said, ticker, *(f"{each:,}" for each in figures)))
    names = ("firm.block_side", "orders.code", "firm.ordered", "firm.filled", "firm.amount")
    heads = [say(language, name) for name in (*names, "firm.accounts")]
    show(Grid(heads, rows, frozenset({0, 1})))
    accounts = {each.account for its in shares.values() for each in its}
    detail = {"digest": plan.digest[:SHORT], "accounts": len(accounts)}
    click.echo(say(language, "firm.allotted", detail))


def written_allotments(plan: FirmPlan, shares: Shares) -> str:
    """Return every client's part as CSV."""
    keys = ("account", "side", "ticker", "ordered", "shares", "amount", "fee")
    evidence = ("answers_id", "type", "profile", "form", "version", "rules")
    return written(allotment_rows(plan, shares), (*keys, *evidence))


def written(rows: Iterable[Mapping[str, Any]], keys: Sequence[str]) -> str:
    """Return rows as CSV with a header; what is unknown is empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(keys)
    for row in rows:
        writer.writerow(["" if row[key] is None else row[key] for key in keys])
    return text.getvalue()
