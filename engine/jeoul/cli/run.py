"""``jeoul run``: one scheduled run of one account."""

from __future__ import annotations

from dataclasses import replace
from getpass import getuser
from pathlib import Path

import click

from jeoul.cli.completion import configs
from jeoul.cli.events import log_event
from jeoul.cli.options import json_option
from jeoul.cli.passphrase import passphrase_option
from jeoul.cli.schemas import OutputForm, newest
from jeoul.errors import UsageError


@click.command("run")
@click.argument("config", metavar="CONFIG", shell_complete=configs)
@click.option(
    "--as-of", metavar="DATE", help="The session decided on; default: the newest in the data."
)
@click.option("--execute", is_flag=True, help="Place the orders; without it nothing is sent.")
@click.option("--hold", is_flag=True, help="With --execute: freeze the plan and wait for approval.")
@click.option("--approve", metavar="RUN_ID", help="Release a plan that waits for approval.")
@click.option("--reject", metavar="RUN_ID", help="Refuse a plan; its orders are never sent.")
@click.option(
    "--fills", type=click.Path(path_type=Path), help="Completed order ticket (fills added)."
)
@click.option("--adopt", is_flag=True, help="Accept positions that the ledger cannot explain.")
@click.option(
    "--accept-strategy",
    metavar="DIGEST",
    help="Accept changed rules by their digest.",
)
@click.option(
    "--deposit",
    multiple=True,
    metavar="[PERSON=]AMOUNT",
    help="A household's new money. The run says which account takes how much, and waits for it.",
)
@click.option(
    "--withdrawal",
    multiple=True,
    metavar="[PERSON=]AMOUNT",
    help="Money that a household takes out. The run raises it, and says from which account.",
)
@json_option
@passphrase_option
def run(
    config: str,
    as_of: str | None,
    execute: bool,
    hold: bool,
    approve: str | None,
    reject: str | None,
    fills: Path | None,
    adopt: bool,
    accept_strategy: str | None,
    deposit: tuple[str, ...],
    withdrawal: tuple[str, ...],
    as_json: OutputForm | None,
) -> int:
    """Decide for the account in CONFIG and, with --execute, place each order exactly once.

    CONFIG may be a household.toml: then all its accounts are planned together and carried out one
    after the other. One approval releases the whole plan.

    One JSON object on stdout, also without --json. Exit codes: 0 done, planned or nothing to do,
    3 stopped by data, 4 stopped by a rule, 5 a person is needed, 75 another run is at work.
    """
    from jeoul.cli.household_run import run_file, run_money
    from jeoul.model.session import parse_session
    from jeoul.operations.run import RunRequest
    from jeoul.operations.setup.clock import SystemClock
    from jeoul.operations.setup.config import load_config, secrets_of
    from jeoul.operations.setup.secrets import shown, without_secrets
    from jeoul.operations.told.notify import notify_once
    from jeoul.translation import in_language
    from jeoul.workspace.configs import household_in
    from jeoul.workspace.live import run_once

    if (deposit or withdrawal) and (approve or reject):
        raise UsageError("an answer to a plan changes no money; give --deposit in a run of its own")
    request = RunRequest(
        as_of=None if as_of is None else parse_session(as_of),
        execute=execute,
        hold=hold,
        approve=approve,
        reject=reject,
        fills=fills,
        adopt=adopt,
        accept=accept_strategy,
        by=getuser(),
    )
    household = household_in(config)
    if household is not None:
        money = run_money(household, deposit, withdrawal)
        return run_file(household, replace(request, money=money), as_json or newest("run"))
    if deposit or withdrawal:
        raise UsageError(
            "--deposit and --withdrawal belong to a household, which decides between accounts; "
            "leave them out: a run buys with what has arrived"
        )
    loaded = load_config(config)
    clock = SystemClock()
    report = run_once(loaded, request, clock)
    document = report.as_json()
    if execute or approve:
        told = notify_once(loaded, report, clock)
        document |= {"notified": told.sent}
        if told.warning:
            click.echo(told.warning, err=True)
    log_event(
        "run",
        account=loaded.settings.name,
        outcome=report.outcome,
        session=document.get("as_of"),
        orders=len(document.get("orders") or ()),
    )
    secrets = secrets_of(loaded)
    retired = (str(in_language(each, loaded.settings.lang)) for each in loaded.retired)
    notices = document.get("notices", []) if execute else [*retired]
    for notice in notices:
        click.echo(without_secrets(notice, secrets), err=True)
    (as_json or newest("run")).write(shown(document, secrets))
    return report.exit_code
