"""``jeoul decide``: one account's whole-share orders."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jeoul.cli.completion import strategies
from jeoul.cli.investor import investor_of, investor_options
from jeoul.cli.newest import newest_price, show_findings, warn_of_age
from jeoul.cli.options import (
    as_of_option,
    data_option,
    goal_option,
    json_option,
    language_option,
    prove_option,
)
from jeoul.cli.progress import long_progress
from jeoul.cli.schemas import OutputForm
from jeoul.cli.todays_account import AccountWords, account_options
from jeoul.workspace.inputs import open_inputs

if TYPE_CHECKING:
    from jeoul.account.todays_account import TodaysAccount
    from jeoul.model.calendar import Calendar
    from jeoul.model.decision import Decision, Proposal


@click.command("decide")
@click.argument("strategy", default="managed", shell_complete=strategies)
@investor_options
@goal_option
@data_option
@as_of_option
@account_options
@click.option("--why", is_flag=True, help="Say of every fund why it has its weight.")
@prove_option
@language_option
@json_option
def decide(
    strategy: str,
    profile: str | None,
    answers: Path | None,
    matrix: str | None,
    suitability: str | None,
    goal: str | None,
    folder: Path | None,
    as_of: str | None,
    words: AccountWords,
    why: bool,
    prove: bool,
    lang: str,
    as_json: OutputForm | None,
) -> int:
    """Show today's orders for one account: STRATEGY is a path or a shipped name.

    The orders are those that `jeoul run` makes for the same account, day and holdings. A person's
    money takes --answers; once those have expired nothing is bought. With
    --prove the exit code is 4 where cvxpy finds another optimum; HiGHS then also says how much
    nearer to the target other whole shares could come.
    """
    from jeoul import api
    from jeoul.account.todays_account import decide_today
    from jeoul.cli.holdings import notes_of
    from jeoul.reporting.document import decision_document
    from jeoul.reporting.fund_names import fund_names
    from jeoul.reporting.proof import exit_code, proof_document
    from jeoul.workspace.remembering import propose_remembering

    words.refuse_nothing()
    investor = investor_of(profile, answers, matrix, suitability)
    inputs = open_inputs(strategy, folder, as_of, goal)
    investor.refuse_other(inputs.strategy.name)
    room = words.notes(inputs, lang, words.deposit)
    account = words.account_on(inputs, investor.stops)
    with long_progress() as step:
        proposal = propose_remembering(
            inputs, investor.profile, words.account, limit=investor.limit, step=step
        )
    universe = api.universe_of(inputs.strategy.universe)
    decision = decide_today(proposal, account, universe.instruments)
    calendar = api.calendars()[inputs.strategy.calendar]
    document = decision_document(decision, lang) | {
        "newest_price": newest_price(inputs.market, calendar),
        "outside": dict(account.holdings.outside),
        "notes": [*notes_of(account.holdings, lang), *investor.notes(lang), *room],
        **investor.document(),
    }
    if prove:
        document["proof"] = proof_document(api.prove(inputs.strategy, proposal, inputs.snapshot))
        document["whole_shares"] = _whole_shares(proposal, account)
    if as_json is not None:
        as_json.write(document)
    else:
        names = fund_names(api.universe_of(inputs.strategy.universe), lang)
        _show(decision, document, calendar, lang, why=why, names=names)
        if as_of is None:
            warn_of_age(document["newest_price"], folder, lang)
        show_findings(document["findings"], document["other_findings"], folder, lang, names)
    return exit_code([document])


def _whole_shares(proposal: Proposal, account: TodaysAccount) -> dict[str, Any] | None:
    """Return how far the search behind the same orders is from the best whole shares."""
    from jeoul.account.orders import account_orders
    from jeoul.rebalance import certified
    from jeoul.reporting.proof import shares_document

    plan = account_orders(
        proposal,
        account.portfolio,
        account.fresh,
        account.rules(proposal),
        owed=account.withdrawal,
        proceeds=account.proceeds,
        situation=account.situation(proposal),
    ).plan
    if plan is None:
        return None
    return shares_document(certified(plan.searched.problem, plan.searched.trades))


def _show(
    decision: Decision,
    document: dict[str, Any],
    calendar: Calendar,
    lang: str,
    *,
    why: bool,
    names: Mapping[str, str],
) -> None:
    """Write a decision for people: times are those of the exchange."""
    from jeoul.cli.order_table import order_table
    from jeoul.cli.tables import show
    from jeoul.messages import say
    from jeoul.model.calendar import moment
    from jeoul.rebalance import settlement_days
    from jeoul.reporting.formats import Formats
    from jeoul.reporting.proof import proof_text, shares_text

    proposal = decision.proposal
    filled = Formats(lang, calendar.timezone).instant(moment(proposal.executed_at))
    if proposal.simulated:
        click.echo(say(lang, "decide.simulated"))
    named = {
        "profile": say(lang, f"profile.{proposal.profile}"),
        "kind": say(lang, f"report.account_{proposal.account}"),
        "executed_at": filled,
    }
    click.echo(say(lang, "decide.head", {**document, **named}))
    for note in document["notes"]:
        click.echo(f"  {note}")
    for reason in document["reasons"]:
        click.echo(f"  {reason}")
    if document["orders"]:
        show(order_table(document["orders"], names, document["as_of"], lang))
    click.echo(say(lang, "decide.foot", document))
    days = settlement_days(calendar.name, proposal.executed)
    click.echo(say(lang, f"decide.proceeds_{decision.proceeds}", {"days": days}))
    if "proof" in document:
        click.echo(proof_text(document["proof"], lang))
        click.echo(shares_text(document["whole_shares"], lang))
    if why:
        _explain(decision, lang)


def _explain(decision: Decision, lang: str) -> None:
    from jeoul.reporting.why import why_lines

    for line in why_lines(decision.proposal.why, decision.proposal.weights, lang):
        click.echo(line)
