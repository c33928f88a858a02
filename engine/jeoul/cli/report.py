"""``jeoul report``: the main job, from a strategy and a market to a report of each profile."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jeoul.cli.amounts import AmountType
from jeoul.cli.completion import strategies
from jeoul.cli.investor import (
    Investor,
    answers_option,
    investor_of,
    matrix_option,
    suitability_option,
)
from jeoul.cli.newest import newest_price, warn_of_age
from jeoul.cli.options import (
    PROFILES,
    account_option,
    as_of_option,
    cash_option,
    data_option,
    folder_for,
    goal_option,
    holdings_option,
    json_option,
    language_option,
    preferred,
    profile_of,
    prove_option,
)
from jeoul.cli.progress import progress
from jeoul.cli.rooms import read_facts, room_notes
from jeoul.cli.schemas import Form
from jeoul.errors import UsageError
from jeoul.workspace.inputs import open_inputs

if TYPE_CHECKING:
    from jeoul.allocate import Proof
    from jeoul.model.amount import Amount
    from jeoul.reporting.facts import Text
    from jeoul.reporting.gather import Profiled
    from jeoul.workspace.inputs import Opened

AMOUNT = 100_000_000
"""The new money in each profile where no amount is given."""


@click.command("report")
@click.argument("strategy", default="managed", shell_complete=strategies)
@click.option(
    "--profile",
    type=click.Choice(["all", *PROFILES]),
    default=preferred("profile", "all"),
    show_default="all",
    callback=profile_of,
    help="안정형, 균형형, 성장형, or all three side by side.",
)
@answers_option
@matrix_option
@suitability_option
@goal_option
@data_option
@as_of_option
@account_option
@click.option(
    "--amount",
    type=AmountType(least=1),
    show_default=f"{AMOUNT:,}",
    help="New money to invest in each profile, in the strategy's currency.",
)
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the HTML page.")
@holdings_option
@cash_option
@prove_option
@language_option
@json_option
def report(
    strategy: str,
    profile: str,
    answers: Path | None,
    matrix: str | None,
    suitability: str | None,
    goal: str | None,
    folder: Path | None,
    as_of: str | None,
    account: str,
    amount: int | None,
    out: Path | None,
    holdings: Path | None,
    cash: Amount | None,
    prove: bool,
    lang: str,
    as_json: Form | None,
) -> int:
    """Report what STRATEGY would do today for each profile, why, and what it did so far.

    STRATEGY is a path or a shipped name. A person's money takes --answers; without, the page is for
    research and says so. The orders are for new money, or with --holdings those of an account, as
    `jeoul decide` makes them. One self-contained HTML page goes to --out (default: the folder
    "report", unless only --json is asked for); --json prints the same numbers. With --prove the
    exit code is 4 where cvxpy finds another optimum.
    """
    from jeoul import api
    from jeoul.cli.holdings import held_by
    from jeoul.model.amount import refuse_foreign
    from jeoul.reporting.proof import exit_code, proof_document, proof_text

    target = Path("report") if out is None and as_json is None else out
    folder_for(target)
    investor = _investor(profile, answers, matrix, suitability)
    names = PROFILES if investor is None else (investor.profile,)
    has_account = holdings is not None or cash is not None
    if has_account:
        _refuse_beside(names, amount)
    new = AMOUNT if amount is None else amount
    with progress(len(names) + 1) as step:
        opened = open_inputs(strategy, folder, as_of, goal)
        if investor is not None:
            investor.refuse_other(opened.strategy.name)
        refuse_foreign(api.universe_of(opened.strategy.universe).currency, amount=new)
        held = held_by(opened, holdings, cash) if has_account else None
        if amount is not None:  # the amount of a page for research is nobody's money
            session = api.calendars()[opened.strategy.calendar].after(opened.snapshot.as_of)
            room_notes(account, session.year, amount, read_facts(None, ()), lang)
        step("data")
        runs = []
        for run in api.report_runs(
            opened.strategy,
            opened.snapshot,
            names,
            account=account,
            amount=new,
            holdings=held,
            limit=None if investor is None else investor.limit,
            stops=None if investor is None else investor.stops,
        ):
            runs.append(run)
            step(run.decision.proposal.profile)
    notes = _notes(investor)
    made = api.report_of(runs, opened.strategy, opened.snapshot, amount=new, notes=notes)
    found = [_proof(run, opened) for run in runs] if prove else []
    made = made.proved(found) if prove else made
    proofs = [proof_document(proof) for proof in found]
    newest = newest_price(opened.market, api.calendars()[opened.strategy.calendar])
    if as_of is None and not as_json:
        warn_of_age(newest, folder, lang)
    if target is not None:
        target.mkdir(parents=True, exist_ok=True)
        path = target / f"{opened.strategy.name}-{made.facts.as_of}-{lang}.html"
        path.write_text(made.html(lang), "utf-8")
        click.echo(str(path), err=as_json is not None)
    for run, proof in zip(runs, proofs, strict=False):
        text = proof_text(proof, lang)
        click.echo(f"{run.decision.proposal.profile}: {text}", err=as_json is not None)
    if as_json is not None:
        document = made.document(lang) | {"newest_price": newest, **_about(investor)}
        document["notes"] = [note.into(lang) for note in notes]
        for told, proof in zip(document["profiles"], proofs, strict=False):
            told["proof"] = proof
        as_json.write(document)
    return exit_code({"proof": proof} for proof in proofs)


def _investor(
    profile: str, answers: Path | None, matrix: str | None, suitability: str | None
) -> Investor | None:
    """Return whose report it is, None for all profiles side by side."""
    if answers is None and profile == "all":
        if matrix is not None or suitability is not None:
            raise UsageError("a limit belongs to one person; name --answers or --profile")
        return None
    return investor_of(None if profile == "all" else profile, answers, matrix, suitability)


def _notes(investor: Investor | None) -> tuple[Text, ...]:
    """Return what the page says of whose answers are behind it, in both languages."""
    from jeoul.reporting.facts import Text

    if investor is None:
        return (Text.of("diagnosis.nobody"),)
    return tuple(map(Text, investor.notes("ko"), investor.notes("en")))


def _about(investor: Investor | None) -> dict[str, Any]:
    if investor is None:
        return {"diagnosis": None, "suitability": None}
    return investor.document()


def _refuse_beside(names: Sequence[str], amount: int | None) -> None:
    """Refuse what goes with new money only, where the orders are those of an account."""
    if len(names) > 1:
        raise UsageError("an account has one profile; name it with --profile")
    if amount is not None:
        raise UsageError("use --amount for new money, or --holdings and --cash for an account")


def _proof(run: Profiled, opened: Opened) -> Proof | None:
    from jeoul import api

    return api.prove(opened.strategy, run.decision.proposal, opened.snapshot)
