"""``jeoul firm``: the day of a firm with many clients, from the register to their letters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jeoul.cli.events import log_event
from jeoul.cli.options import (
    as_of_option,
    file_for,
    json_option,
    language_option,
    own_data_option,
)
from jeoul.cli.schemas import OutputForm
from jeoul.errors import UsageError
from jeoul.messages import say

if TYPE_CHECKING:
    from jeoul.operations.firm.approving import FirmAnswer
    from jeoul.workspace.firm import FirmFile
    from jeoul.workspace.firm_letters import ClientLetter

_firm_argument = click.argument("file", metavar="FIRM")
_by_option = click.option(
    "--by", "who", required=True, metavar="WHO", help="Identifier of the person who answers."
)
_account_option = click.option(
    "--account", "accounts", multiple=True, metavar="ACCOUNT", help="Only this account; repeatable."
)
_why_option = click.option("--why", default="", metavar="TEXT", help="A note for the record.")
_lang_option = click.option(
    "--lang", type=click.Choice(["ko", "en"]), help="Default: the language of the firm's file."
)


@click.group("firm")
def firm() -> None:
    """Plan, approve and settle a day of all clients of a firm."""


@firm.command("init")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--clients",
    default=12,
    show_default=True,
    type=click.IntRange(1, 100_000),
    help="How many simulated clients.",
)
@language_option
@json_option
def init(folder: Path, clients: int, lang: str, as_json: OutputForm | None) -> None:
    """Write FOLDER with the files of a firm and simulated clients, to be replaced by yours."""
    from jeoul.workspace.firm_new import write_firm

    written = write_firm(folder, clients, lang)
    if as_json is not None:
        as_json.write({"folder": str(folder), "files": written, "clients": clients})
        return
    click.echo(say(lang, "firm.made", {"folder": folder, "clients": clients}))


@firm.command("plan")
@_firm_argument
@own_data_option
@as_of_option
@_lang_option
@json_option
def plan(
    file: str, folder: Path | None, as_of: str | None, lang: str | None, as_json: OutputForm | None
) -> None:
    """Plan all clients of FIRM, record the plan, and show the morning overview.

    Each combination of strategy, profile, kind of account and investor type has one proposal, which
    its clients share. The same inputs give the same plan. Nothing is sent.
    """
    from jeoul.cli.firm_text import overview_document, show_overview
    from jeoul.workspace.firm import firm_at, has_closed, plan_firm

    found = firm_at(file)
    made = plan_firm(found, folder, as_of)
    states = Counter(client["state"] for client in made.clients.values())
    log_event("firm.plan", plan=made.digest, session=made.document["session"], clients=dict(states))
    language = lang or found.keys.lang
    if as_json is not None:
        document = overview_document(made, language, closed=has_closed(found, made))
        as_json.write(document, indent=None)
    else:
        show_overview(made, file, language, closed=has_closed(found, made))


@firm.command("show")
@_firm_argument
@click.argument("digest", required=False, metavar="[PLAN]")
@_account_option
@_lang_option
@json_option
def show(
    file: str,
    digest: str | None,
    accounts: tuple[str, ...],
    lang: str | None,
    as_json: OutputForm | None,
) -> None:
    """Show the newest plan of FIRM, or PLAN, with the answers so far.

    With --account it shows the orders, reasons and suitability evidence of one client.
    """
    from jeoul.cli.firm_text import overview_document, show_client, show_overview
    from jeoul.operations.firm.plans import named_plan
    from jeoul.workspace.firm import firm_at, has_closed

    found = firm_at(file)
    language = lang or found.keys.lang
    with found.books() as books:
        made = named_plan(books, digest)
    unknown = [account for account in accounts if account not in made.clients]
    if unknown:
        raise UsageError(f"the plan has no account {', '.join(unknown)}; check the name")
    if as_json is not None:
        closed = has_closed(found, made)
        document = overview_document(made, language, closed=closed, accounts=accounts)
        as_json.write(document, indent=None)
    elif accounts:
        for account in accounts:
            show_client(made, account, language)
    else:
        show_overview(made, file, language, closed=has_closed(found, made))


@firm.command("approve")
@_firm_argument
@click.argument("digest", metavar="PLAN")
@_by_option
@click.option("--all", "everyone", is_flag=True, help="Every client that is ready.")
@_account_option
@_why_option
@_lang_option
@json_option
def approve(
    file: str,
    digest: str,
    who: str,
    everyone: bool,
    accounts: tuple[str, ...],
    why: str,
    lang: str | None,
    as_json: OutputForm | None,
) -> None:
    """Approve PLAN for all clients that are ready, or for some by name.

    The record has who, when and the digest of the plan. Approving again changes nothing. Clients
    that need a person are approved only with --account.
    """
    if everyone == bool(accounts):
        raise UsageError("give either --all or --account, repeated for each account")
    _answer(file, digest, "approved", accounts, who, why, lang, as_json)


@firm.command("reject")
@_firm_argument
@click.argument("digest", metavar="PLAN")
@_by_option
@_account_option
@_why_option
@_lang_option
@json_option
def reject(
    file: str,
    digest: str,
    who: str,
    accounts: tuple[str, ...],
    why: str,
    lang: str | None,
    as_json: OutputForm | None,
) -> None:
    """Reject PLAN for some clients; their orders are not part of any block."""
    if not accounts:
        raise UsageError("name what is rejected with --account, repeated for each account")
    _answer(file, digest, "rejected", accounts, who, why, lang, as_json)


def _answer(
    file: str,
    digest: str,
    answer: FirmAnswer,
    accounts: tuple[str, ...],
    who: str,
    why: str,
    lang: str | None,
    as_json: OutputForm | None,
) -> None:
    from jeoul.cli.firm_text import warn_of_closed
    from jeoul.operations.firm.approving import answer_plan
    from jeoul.operations.firm.plans import named_plan
    from jeoul.operations.setup.clock import SystemClock
    from jeoul.workspace.firm import firm_at, has_closed

    found = firm_at(file)
    with found.books() as books:
        made = named_plan(books, digest)
        at = int(SystemClock().now())
        given = answer_plan(books, made, answer, accounts, who=who, why=why, at=at)
    counts = {"recorded": len(given.recorded), "before": len(given.before)}
    log_event(f"firm.{answer}", plan=made.digest, **counts)
    closed = has_closed(found, made)
    document = {
        "plan": made.digest,
        "session_closed": closed,
        "answer": answer,
        "by": who,
        "recorded": list(given.recorded),
        "before": list(given.before),
    }
    if as_json is not None:
        as_json.write(document)
        return
    language = lang or found.keys.lang
    if answer == "approved" and closed:
        warn_of_closed(made, language)
    said = say(language, f"firm.{answer}")
    click.echo(say(language, "firm.answered", {"answer": said, **counts}))


@firm.command("blocks")
@_firm_argument
@click.argument("digest", required=False, metavar="[PLAN]")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write them as CSV.")
@_lang_option
@json_option
def blocks(
    file: str, digest: str | None, out: Path | None, lang: str | None, as_json: OutputForm | None
) -> None:
    """Show the approved orders as one block for each fund and side."""
    from jeoul.cli.firm_blocks import block_rows, show_blocks, written_blocks
    from jeoul.operations.firm.plans import named_plan
    from jeoul.workspace.firm import blocks_in, firm_at

    found = firm_at(file)
    file_for(out, *found.files)
    with found.books() as books:
        made = named_plan(books, digest)
    its = blocks_in(made)
    language = lang or found.keys.lang
    document = {"plan": made.digest, "blocks": block_rows(its)}
    _give(out, written_blocks(its), as_json, document, language, partial(show_blocks, its, made))


@firm.command("allocate")
@_firm_argument
@click.argument("fills", metavar="FILLS")
@click.option("--plan", "digest", metavar="PLAN", help="The plan; default: the newest.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write it as CSV.")
@_lang_option
@json_option
def allocate(
    file: str,
    fills: str,
    digest: str | None,
    out: Path | None,
    lang: str | None,
    as_json: OutputForm | None,
) -> None:
    """Share the fills of the blocks among the clients and record it.

    FILLS has the columns side,ticker,shares,price and, where known, fee. Every client gets the same
    average price. Shares are in proportion to the orders; who gets the shares that do not divide is
    drawn from the digest of the plan and the fills.
    """
    from jeoul.cli.firm_blocks import allotment_rows, show_allotments, written_allotments
    from jeoul.workspace.firm import allot, firm_at

    found = firm_at(file)
    file_for(out, *found.files, Path(fills))
    made, shares = allot(found, digest, fills)
    filled = sum(each.shares for its in shares.values() for each in its)
    log_event("firm.allotment", plan=made.digest, blocks=len(shares), shares=filled)
    language = lang or found.keys.lang
    document = {"plan": made.digest, "allotments": allotment_rows(made, shares)}
    shown = partial(show_allotments, made, shares)
    _give(out, written_allotments(made, shares), as_json, document, language, shown)


@firm.command("fees")
@_firm_argument
@click.option("--month", required=True, metavar="YYYY-MM", help="The month, such as 2026-06.")
@own_data_option
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write it as CSV.")
@_lang_option
@json_option
def fees(
    file: str,
    month: str,
    folder: Path | None,
    out: Path | None,
    lang: str | None,
    as_json: OutputForm | None,
) -> None:
    """Compute the advisory fee of every client for a month, at the rate of the register."""
    from jeoul.cli.firm_fees import fee_document, show_fees, written_fees
    from jeoul.workspace.firm import firm_at
    from jeoul.workspace.firm_accounts import fees_of, parse_month

    found = firm_at(file)
    first = parse_month(month)
    file_for(out, *found.files)
    its = fees_of(found, first, folder)
    language, document = lang or found.keys.lang, fee_document(found, month, its)
    _give(out, written_fees(its), as_json, document, language, partial(show_fees, its, month))


def _give(
    out: Path | None,
    written: str,
    as_json: OutputForm | None,
    document: Mapping[str, object],
    language: str,
    show: Callable[[str], None],
) -> None:
    """Give a result: as CSV where a file is named, and as JSON or in a terminal."""
    if out is not None:
        out.write_text(written, "utf-8", newline="")
    if as_json is not None:
        as_json.write(document)
        return
    show(language)
    if out is not None:
        click.echo(say(language, "firm.wrote", {"path": out}))


@firm.command("letters")
@_firm_argument
@click.option("--quarter", "named", required=True, metavar="YYYYQN", help="Such as 2024Q2.")
@own_data_option
@_lang_option
@json_option
def letters(
    file: str, named: str, folder: Path | None, lang: str | None, as_json: OutputForm | None
) -> int:
    """File the quarterly report of every client in the firm's state folder.

    A report is filed like that of `jeoul letter`: what was filed is never replaced. The exit code
    is 3 where a client has no report, and the others are filed.
    """
    from jeoul.model.quarter import parse_quarter
    from jeoul.workspace.firm import firm_at
    from jeoul.workspace.firm_letters import file_letters

    found = firm_at(file)
    language = lang or found.keys.lang
    done = file_letters(found, parse_quarter(named), folder, language)
    refused = {each.account: each.refused for each in done if each.refused is not None}
    log_event("firm.letters", quarter=named, filed=len(done) - len(refused), refused=len(refused))
    if as_json is not None:
        filed = [
            {"account": each.account, "file": str(each.path), "sha256": each.sha256}
            for each in done
            if each.path is not None
        ]
        as_json.write({"quarter": named, "letters": filed, "refused": refused})
        return 3 if refused else 0
    _show_letters(found, done, language)
    return 3 if refused else 0


def _show_letters(found: FirmFile, letters: Sequence[ClientLetter], language: str) -> None:
    for each in letters:
        if each.refused is not None:
            said = {"account": each.account, "why": each.refused}
            click.echo(say(language, "firm.letter_refused", said))
    filed = sum(each.path is not None for each in letters)
    counts = {"count": filed, "refused": len(letters) - filed}
    click.echo(say(language, "firm.letters_sum", counts))
    click.echo(say(language, "firm.wrote", {"path": found.state}))
