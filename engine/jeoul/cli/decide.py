"""``jeoul decide``: one account's whole-share orders."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import click

from jeoul.cli.options import (
    account_option,
    as_of_option,
    data_option,
    json_option,
    language_option,
    open_inputs,
    profile_option,
    prove_option,
)
from jeoul.errors import UsageError


@click.command("decide")
@click.argument("strategy", default="managed")
@profile_option
@click.option(
    "--holdings",
    type=click.Path(path_type=Path),
    help="CSV with the header ticker,shares and a row CASH; without it nothing is held.",
)
@data_option
@as_of_option
@account_option
@click.option("--deposit", type=click.IntRange(min=0), default=0, help="New money: buys only.")
@click.option(
    "--withdrawal", type=click.IntRange(min=0), default=0, help="Money to pay out: sells for it."
)
@click.option("--fee", metavar="RATE", help="Order fee as a fraction of the value traded.")
@prove_option
@language_option
@json_option
def decide(
    strategy: str,
    profile: str,
    holdings: Path | None,
    folder: Path | None,
    as_of: str | None,
    account: str,
    deposit: int,
    withdrawal: int,
    fee: str | None,
    prove: bool,
    lang: str,
    as_json: bool,
) -> int:
    """Decide what one account does: STRATEGY is a path or a shipped name.

    With --prove the exit code is 4 where cvxpy finds another optimum.
    """
    from jeoul import api
    from jeoul.account import read_portfolio
    from jeoul.model.money import UNITS
    from jeoul.model.portfolio import Portfolio
    from jeoul.pipeline import default_rules, place
    from jeoul.rebalance import ONLINE, Tariff
    from jeoul.reporting.document import decision_document
    from jeoul.reporting.proof import exit_code, proof_document, proof_text

    if holdings is None and not deposit:
        raise UsageError("there is nothing to decide on; give --holdings, --deposit or both")
    opened = open_inputs(strategy, folder, as_of)
    universe = api.universe_of(opened.strategy.universe)
    if holdings is None:
        portfolio = Portfolio({}, 0, universe.currency)
    else:
        portfolio = read_portfolio(holdings, known=universe.instruments, currency=universe.currency)
    proposal = api.propose(opened.strategy, profile, account, opened.snapshot)
    rules = default_rules(proposal, ONLINE if fee is None else Tariff(_fee(fee)))
    unit = UNITS[universe.currency]
    decision = place(
        proposal, portfolio, deposit=deposit * unit, withdrawal=withdrawal * unit, rules=rules
    )
    document = decision_document(decision, lang)
    if prove:
        document["proof"] = proof_document(api.prove(opened.strategy, proposal, opened.snapshot))
    if as_json:
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
        return exit_code([document])
    from jeoul.messages import say

    if document["simulated"]:
        click.echo(say(lang, "decide.simulated"))
    click.echo(say(lang, "decide.head", document))
    for reason in document["reasons"]:
        click.echo(f"  {reason}")
    for order in document["orders"]:
        click.echo("{side:4} {ticker:8} {shares:>8,} x {price:>12,}  {reason}".format(**order))
    click.echo(say(lang, "decide.foot", document))
    if prove:
        click.echo(proof_text(document["proof"], lang))
    for finding in document["findings"]:
        click.echo("  ! {date} {subject}: {message}".format(**finding), err=True)
    return exit_code([document])


def _fee(text: str) -> Decimal:
    from jeoul.model.money import rate

    try:
        return rate(text, below="0.1")
    except ValueError as fault:
        raise UsageError(f"--fee: {fault}") from None
