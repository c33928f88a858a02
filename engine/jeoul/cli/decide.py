"""``jeoul decide``: one account's whole-share orders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jeoul.cli.amounts import AmountType
from jeoul.cli.completion import strategies
from jeoul.cli.investor import investor_of, investor_options
from jeoul.cli.newest import newest_price, show_findings, warn_of_age
from jeoul.cli.options import (
    account_option,
    as_of_option,
    cash_option,
    data_option,
    goal_option,
    holdings_option,
    json_option,
    language_option,
    proceeds_option,
    prove_option,
)
from jeoul.cli.rooms import opened_option, paid_option, read_facts, room_notes
from jeoul.cli.schemas import Form
from jeoul.errors import UsageError
from jeoul.model.amount import Amount, refuse_foreign
from jeoul.model.money import UNITS
from jeoul.model.portfolio import Portfolio, Proceeds
from jeoul.workspace.inputs import open_inputs

if TYPE_CHECKING:
    from jeoul.account.holdings import Holdings
    from jeoul.model.calendar import Calendar
    from jeoul.model.decision import Decision, Proposal
    from jeoul.pipeline.situation import Situation
    from jeoul.rebalance import Fresh, TradeRules


@click.command("decide")
@click.argument("strategy", default="managed", shell_complete=strategies)
@investor_options
@holdings_option
@cash_option
@goal_option
@data_option
@as_of_option
@account_option
@click.option(
    "--deposit",
    type=AmountType(),
    default=0,
    help="New money beside the holdings: only buys, unless the account trades anyway.",
)
@click.option("--withdrawal", type=AmountType(), default=0, help="Money to pay out: sells for it.")
@opened_option
@paid_option
@proceeds_option
@click.option("--fee", metavar="RATE", help="Order fee as a fraction of the value traded.")
@click.option(
    "--collar",
    type=click.FloatRange(0.0, 0.3),
    default=0.02,
    show_default=True,
    metavar="FRACTION",
    help="How far limit prices are from the last close; 0: orders have no limit.",
)
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
    holdings: Path | None,
    cash: Amount | None,
    goal: str | None,
    folder: Path | None,
    as_of: str | None,
    account: str,
    deposit: int,
    withdrawal: int,
    opened: str | None,
    paid: tuple[str, ...],
    proceeds: Proceeds,
    fee: str | None,
    collar: float,
    why: bool,
    prove: bool,
    lang: str,
    as_json: Form | None,
) -> int:
    """Show today's orders for one account: STRATEGY is a path or a shipped name.

    The orders are those that `jeoul run` makes for the same account, day and holdings. A person's
    money takes --answers; once those have expired nothing is bought. With
    --prove the exit code is 4 where cvxpy finds another optimum; HiGHS then also says how much
    nearer to the target other whole shares could come.
    """
    from jeoul import api
    from jeoul.account.collar import Collar
    from jeoul.account.orders import account_decision
    from jeoul.cli.holdings import held_by, notes_of
    from jeoul.pipeline import default_rules
    from jeoul.pipeline.situation import Situation, never_invested
    from jeoul.rebalance import ONLINE, Fresh, Tariff
    from jeoul.reporting.document import decision_document
    from jeoul.reporting.proof import exit_code, proof_document
    from jeoul.workspace.remembering import propose_remembering

    if holdings is None and not (deposit or cash):
        raise UsageError("there is nothing to decide on; give --holdings, --cash or --deposit")
    investor = investor_of(profile, answers, matrix, suitability)
    if deposit and withdrawal:
        raise UsageError("use --deposit or --withdrawal, not both; enter the net amount")
    facts = read_facts(opened, paid)
    inputs = open_inputs(strategy, folder, as_of, goal)
    investor.refuse_other(inputs.strategy.name)
    currency = api.universe_of(inputs.strategy.universe).currency
    refuse_foreign(currency, deposit=deposit, withdrawal=withdrawal)
    calendar = api.calendars()[inputs.strategy.calendar]
    room = room_notes(account, calendar.after(inputs.snapshot.as_of).year, deposit, facts, lang)
    held = held_by(inputs, holdings, cash)
    funded = _funded(held, deposit)
    proposal = propose_remembering(inputs, investor.profile, account, limit=investor.limit)
    unit = UNITS[proposal.currency]
    fresh, owed = Fresh(deposited=deposit * unit), withdrawal * unit
    rules = default_rules(proposal, ONLINE if fee is None else Tariff(_fee(fee)))
    situation = Situation(first=never_invested(funded, proposal.classes), stops=investor.stops)
    decision = account_decision(
        proposal,
        funded,
        fresh,
        rules,
        owed=owed,
        proceeds=proceeds,
        collar=Collar.of(collar, api.universe_of(inputs.strategy.universe).instruments),
        situation=situation,
    )
    document = decision_document(decision, lang) | {
        "newest_price": newest_price(inputs.market, calendar),
        "outside": dict(held.outside),
        "notes": [*notes_of(held, lang), *investor.notes(lang), *room],
        **investor.document(),
    }
    if prove:
        document["proof"] = proof_document(api.prove(inputs.strategy, proposal, inputs.snapshot))
        document["whole_shares"] = _whole_shares(
            proposal, funded, fresh, rules, owed=owed, proceeds=proceeds, situation=situation
        )
    if as_json is not None:
        as_json.write(document)
    else:
        instruments = api.universe_of(inputs.strategy.universe).instruments
        names = {code: getattr(fund, f"name_{lang}") for code, fund in instruments.items()}
        _show(decision, document, calendar, lang, why=why, names=names)
        if as_of is None:
            warn_of_age(document["newest_price"], folder, lang)
        show_findings(document["findings"], document["other_findings"], folder, lang)
    return exit_code([document])


def _whole_shares(
    proposal: Proposal,
    portfolio: Portfolio,
    fresh: Fresh,
    rules: TradeRules,
    *,
    owed: int,
    proceeds: Proceeds,
    situation: Situation,
) -> dict[str, Any] | None:
    """Return how far the search behind the same orders is from the best whole shares."""
    from jeoul.account.orders import account_orders
    from jeoul.rebalance import certified
    from jeoul.reporting.proof import shares_document

    plan = account_orders(
        proposal, portfolio, fresh, rules, owed=owed, proceeds=proceeds, situation=situation
    ).plan
    if plan is None:
        return None
    return shares_document(certified(plan.searched.problem, plan.searched.trades))


def _funded(held: Holdings, deposit: int) -> Portfolio:
    from jeoul.account.holdings import refuse_empty

    portfolio = (held if deposit else refuse_empty(held)).portfolio()
    return replace(portfolio, cash=portfolio.cash + deposit * UNITS[held.currency])


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


def _fee(text: str) -> Decimal:
    from jeoul.model.money import rate

    try:
        return rate(text, below="0.1")
    except ValueError as fault:
        raise UsageError(f"--fee: {fault}") from None
