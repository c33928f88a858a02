"""``jeoul batch``: whole-share orders for every account of a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jeoul.cli.completion import strategies
from jeoul.cli.executors import executor_of, is_elsewhere
from jeoul.cli.newest import newest_price, warn_of_age
from jeoul.cli.options import (
    as_of_option,
    data_option,
    goal_option,
    json_option,
    language_option,
    proceeds_option,
)
from jeoul.cli.progress import progress
from jeoul.cli.schemas import OutputForm
from jeoul.errors import UsageError
from jeoul.workspace.inputs import Opened, open_inputs

if TYPE_CHECKING:
    from jeoul.batch import BatchFiles, BatchSummary
    from jeoul.batch.job import BatchJob
    from jeoul.batch.records import Proposals
    from jeoul.batch.terms import Strangers
    from jeoul.model.portfolio import Proceeds
    from jeoul.rebalance import Tariff

_FILE = click.Path(path_type=Path)


@click.command("batch")
@click.argument("accounts", type=_FILE)
@click.argument("strategy", default="managed", shell_complete=strategies)
@click.option(
    "--out", type=_FILE, required=True, help="The file of orders: .csv, .parquet or .arrow."
)
@click.option(
    "--refused",
    type=_FILE,
    help="The file of rows that could not be planned; default: OUT with .refused in its name.",
)
@click.option("--terms", type=_FILE, help="Fees, caps and excluded funds by account.")
@goal_option
@data_option
@as_of_option
@proceeds_option
@click.option("--fee", metavar="RATE", help="Order fee of accounts whose terms have none.")
@click.option(
    "--executor",
    default="processes",
    show_default=True,
    help="here, processes, processes:N, or tcp://HOST:PORT of a Dask scheduler.",
)
@language_option
@json_option
def batch(
    accounts: Path,
    strategy: str,
    out: Path,
    refused: Path | None,
    terms: Path | None,
    goal: str | None,
    folder: Path | None,
    as_of: str | None,
    proceeds: Proceeds,
    fee: str | None,
    executor: str,
    lang: str,
    as_json: OutputForm | None,
) -> None:
    """Write the orders of every account in ACCOUNTS, as STRATEGY has them on one day.

    ACCOUNTS has a row for each holding with the columns account, kind, profile, ticker and shares;
    the ticker CASH is the cash, CASH@2024-07-02 money that arrives on that day. The row of the
    cash may have a deposit or a withdrawal, and the currency. The rows of an account are together.
    Each account gets the orders that `jeoul.place` gives it alone, to the share. An account that
    cannot be planned stops no other: it is named in the file of refused rows. A batch that was
    stopped goes on where it was.
    """
    from jeoul import api
    from jeoul.batch import BatchFiles
    from jeoul.batch.checking import check_files
    from jeoul.batch.running import run_batch
    from jeoul.executing import Crew
    from jeoul.workspace.batch import Ways, set_up

    make = executor_of(executor)
    files = BatchFiles(accounts=accounts, out=out, refused=refused or _beside(out), terms=terms)
    check_files(files)
    opened = open_inputs(strategy, folder, as_of, goal)
    ways = Ways(_tariff(fee), proceeds, lang)
    job, layout, unknown = set_up(opened, files, ways, checks=is_elsewhere(executor))
    with progress(len(layout.parts)) as step:
        summary = run_batch(job, files, layout, Crew(make), step=step)
    newest = newest_price(opened.market, api.calendars()[opened.strategy.calendar])
    document = {**_document(opened, job, files, summary, unknown), "newest_price": newest}
    if as_json is not None:
        as_json.write(document)
    else:
        warn_of_age(newest, folder, lang)
        _show(document, lang)


def _beside(out: Path) -> Path:
    return out.with_name(f"{out.stem}.refused{out.suffix}")


def _tariff(fee: str | None) -> Tariff:
    from jeoul.model.money import rate
    from jeoul.rebalance import ONLINE, Tariff

    if fee is None:
        return ONLINE
    try:
        return Tariff(rate(fee, below="0.1"))
    except ValueError as fault:
        raise UsageError(f"--fee: {fault}") from None


def _document(
    opened: Opened, job: BatchJob, files: BatchFiles, summary: BatchSummary, unknown: Strangers
) -> dict[str, Any]:
    from jeoul.model.money import shown

    tally, currency = summary.tally, job.securities.currency
    return {
        "simulated": opened.snapshot.simulated,
        "strategy": opened.strategy.name,
        "as_of": opened.snapshot.as_of.isoformat(),
        "currency": currency,
        "accounts": tally.accounts,
        "planned": tally.planned,
        "refused": summary.refused,
        "refused_rows": summary.rows,
        "outside_rows": tally.outside,
        "unknown_terms": unknown.total,
        "unknown_terms_accounts": list(unknown.names),
        "orders": tally.orders,
        "turnover": shown(tally.turnover, currency),
        "cost": shown(tally.cost, currency),
        "held_back": shown(tally.held_back, currency),
        "held_back_accounts": tally.held_accounts,
        "too_dear": _too_dear(job.proposals),
        "uncompiled_accounts": tally.uncompiled,
        "out": str(files.out),
        "refused_out": str(files.refused),
    }


def _too_dear(proposals: Proposals) -> list[dict[str, Any]]:
    """Return the funds that no account buys today, with premium and limit as fractions."""
    found = {
        code: {"ticker": code, "premium": quote.premium, "limit": quote.nav.limit}
        for each in proposals.values()
        for code, quote in each.quotes.items()
        if quote.too_dear and quote.nav is not None
    }
    return [found[code] for code in sorted(found)]


def _show(document: dict[str, Any], lang: str) -> None:
    from jeoul.files.faults import shown
    from jeoul.messages import say

    if document["simulated"]:
        click.echo(say(lang, "decide.simulated"))
    for key in ("accounts", "orders", *(["refused"] if document["refused"] else [])):
        click.echo(say(lang, f"batch.{key}", document))
    if document["outside_rows"]:
        click.echo(say(lang, "batch.outside", document))
    if document["unknown_terms"]:
        named = ", ".join(map(shown, document["unknown_terms_accounts"]))
        more = document["unknown_terms"] > len(document["unknown_terms_accounts"])
        said = {**document, "named": named + (" …" if more else "")}
        click.echo(say(lang, "batch.unknown_terms", said))
    if document["uncompiled_accounts"]:
        click.echo(say(lang, "batch.uncompiled", document))
    if document["held_back_accounts"]:
        funds = [say(lang, "batch.too_dear", each) for each in document["too_dear"]]
        click.echo(say(lang, "batch.held_back", {**document, "funds": ", ".join(funds)}))
