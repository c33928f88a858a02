"""``jeoul report``: the main job, from a strategy and a market to a report of each profile."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jeoul.cli.amounts import AmountType
from jeoul.cli.completion import strategies
from jeoul.cli.investor import answers_option, matrix_option, suitability_option
from jeoul.cli.newest import newest_price, warn_of_age
from jeoul.cli.options import (
    PROFILES,
    as_of_option,
    data_option,
    folder_for,
    goal_option,
    json_option,
    language_option,
    preferred,
    profile_of,
    prove_option,
)
from jeoul.cli.progress import progress
from jeoul.cli.report_subject import (
    AMOUNT,
    Subject,
    account_subject,
    household_subject,
    investor_named,
    refuse_beside_household,
)
from jeoul.cli.schemas import OutputForm
from jeoul.cli.todays_account import AccountWords, account_options
from jeoul.workspace.inputs import open_inputs
from jeoul.workspace.kept import user_cache

if TYPE_CHECKING:
    from jeoul.allocate import Proof
    from jeoul.reporting.gather import Profiled
    from jeoul.reporting.report import Report


@click.command("report")
@click.argument("strategy", required=False, shell_complete=strategies)
@click.option(
    "--profile",
    type=click.Choice(["all", *PROFILES]),
    default=preferred("profile", "all"),
    show_default="all",
    callback=profile_of,
    help="The conservative, balanced or growth portfolio, or all three side by side.",
)
@answers_option
@matrix_option
@suitability_option
@goal_option
@data_option
@as_of_option
@account_options
@click.option(
    "--household",
    type=click.Path(path_type=Path),
    metavar="HOME.toml",
    help="A household's file: its plan for every account comes first.",
)
@click.option(
    "--amount",
    type=AmountType(least=1),
    show_default=f"{AMOUNT:,}",
    help="New money to invest in each profile, in the strategy's currency.",
)
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the HTML page.")
@prove_option
@language_option
@json_option
def report(
    strategy: str | None,
    profile: str,
    answers: Path | None,
    matrix: str | None,
    suitability: str | None,
    goal: str | None,
    folder: Path | None,
    as_of: str | None,
    words: AccountWords,
    household: Path | None,
    amount: int | None,
    out: Path | None,
    prove: bool,
    lang: str,
    as_json: OutputForm | None,
) -> int:
    """Report what to do today, why, and what the strategy did so far.

    STRATEGY is a path or a shipped name; default: managed. With --holdings, --cash or --deposit the
    orders are those that `jeoul decide` makes for the same account, with --answers for the profile
    of a person, else for each profile. With --household they are those of `jeoul household`.
    Without any of these the page is for research, with new money in each profile, and says so. One
    self-contained HTML page goes to --out (default: the folder "report", unless only --json is
    asked for); --json prints the same numbers. With --prove the exit code is 4 where cvxpy finds
    another optimum.
    """
    from jeoul import api
    from jeoul.reporting.proof import exit_code, proof_document, proof_text

    target = Path("report") if out is None and as_json is None else out
    folder_for(target)
    if household is not None:
        refuse_beside_household(click.get_current_context())
    investor = investor_named(profile, answers, matrix, suitability)
    with progress(1 + (len(PROFILES) if investor is None else 1)) as step:
        if household is None:
            opened = open_inputs(strategy or "managed", folder, as_of, goal)
            subject = account_subject(opened, investor, words, amount, lang)
        else:
            subject = household_subject(household, folder, as_of, words)
        step("data")
        runs = _runs(subject, step)
    made = api.report_of(
        runs,
        subject.opened.strategy,
        subject.opened.snapshot,
        amount=subject.amount,
        notes=subject.notes,
        paid=words.facts,
        household=subject.household,
        terms=subject.terms,
    )
    found = [_proof(run, subject) for run in runs] if prove else []
    made = made.proved(found) if prove else made
    proofs = [proof_document(proof) for proof in found]
    newest = newest_price(subject.opened.market, api.calendars()[subject.opened.strategy.calendar])
    if as_of is None and not as_json:
        warn_of_age(newest, folder, lang)
    if target is not None:
        target.mkdir(parents=True, exist_ok=True)
        path = target / f"{made.facts.strategy}-{made.facts.as_of}-{lang}.html"
        path.write_text(made.html(lang), "utf-8")
        click.echo(str(path), err=as_json is not None)
    for run, proof in zip(runs, proofs, strict=False):
        text = proof_text(proof, lang)
        click.echo(f"{run.decision.proposal.profile}: {text}", err=as_json is not None)
    if as_json is not None:
        document = _document(made, subject, newest, lang)
        for told, proof in zip(document["profiles"], proofs, strict=False):
            told["proof"] = proof
        as_json.write(document)
    return exit_code({"proof": proof} for proof in proofs)


def _runs(subject: Subject, step: Callable[[str], None]) -> list[Profiled]:
    """Return what is decided and measured for each profile."""
    from jeoul import api
    from jeoul.api.reports import Restraint

    investor, runs = subject.investor, []
    for run in api.report_runs(
        subject.opened.strategy,
        subject.opened.snapshot,
        subject.profiles,
        account=subject.kind,
        amount=subject.amount,
        today=subject.today,
        restraint=None if investor is None else Restraint(investor.limit, investor.stops),
        cache=user_cache(),
    ):
        runs.append(run)
        step(run.decision.proposal.profile)
    return runs


def _document(made: Report, subject: Subject, newest: Any, lang: str) -> dict[str, Any]:
    """Return the JSON: each profile is the decision of its account and what is measured of it."""
    document = made.document(lang) | {"newest_price": newest, "diagnosis": None}
    document |= {"suitability": None} if subject.investor is None else subject.investor.document()
    document["notes"] = [note.into(lang) for note in subject.notes]
    document["profiles"] = [
        told | {"newest_price": newest} | subject.about(told["profile"], lang)
        for told in document["profiles"]
    ]
    return document


def _proof(run: Profiled, subject: Subject) -> Proof | None:
    from jeoul import api

    return api.prove(subject.opened.strategy, run.decision.proposal, subject.opened.snapshot)
