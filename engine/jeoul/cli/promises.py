"""``jeoul promises``: the promised ranges of a strategy or an account, and how often they held."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jeoul.cli.completion import what_to_score
from jeoul.cli.newest import show_findings
from jeoul.cli.options import (
    PROFILES,
    account_option,
    as_given,
    as_of_option,
    data_option,
    file_for,
    json_option,
    language_option,
    preferred,
)
from jeoul.cli.passphrase import passphrase_option
from jeoul.cli.progress import progress
from jeoul.cli.research import found_document
from jeoul.cli.schemas import OutputForm

if TYPE_CHECKING:
    from jeoul.pipeline.touching import SortedFindings
    from jeoul.reporting.promises.document import ShownPromises
    from jeoul.workspace.accounts import AccountAsked


@click.command("promises")
@click.argument("what", default="managed", metavar="STRATEGY|CONFIG", shell_complete=what_to_score)
@click.option(
    "--profile",
    type=click.Choice(["all", *PROFILES]),
    default=preferred("profile", "all"),
    show_default="all",
    help="The conservative, balanced or growth portfolio, or all three; a config names its own.",
)
@data_option
@as_of_option
@account_option
@click.option("--html", type=click.Path(path_type=Path), help="Write the page here.")
@language_option
@json_option
@passphrase_option
def promises(
    what: str,
    profile: str,
    folder: Path | None,
    as_of: str | None,
    account: str,
    html: Path | None,
    lang: str,
    as_json: OutputForm | None,
) -> None:
    """Show the promised ranges of STRATEGY or of CONFIG's account, and how often they held.

    Every decision promises a range for the return of a month and of a year, for the worst drawdown
    and for the volatility. Each range should hold 90% of the time. For a STRATEGY, a path or a
    shipped name, the command recomputes the ranges for every session from the data known then, and
    compares them with the model's own path. For a CONFIG, a household or FILE:ACCOUNT, it reads the
    ranges that the ledger stored with each decision, and compares them with the account's value.
    Accounts that have not run are left out.
    """
    from jeoul.messages import say
    from jeoul.reporting.promises.document import kept_document
    from jeoul.reporting.promises.text import kept_text
    from jeoul.workspace.accounts import accounts_asked, with_ledgers
    from jeoul.workspace.configs import files_of

    file_for(html, *files_of(what))
    accounts = accounts_asked(what)
    findings: dict[str, Any] = {}
    if accounts is None:
        names = PROFILES if profile == "all" else (profile,)
        found, touching = _of_strategy(what, names, folder, as_of, account)
        findings = found_document(touching, lang)
    else:
        found = _of_accounts(with_ledgers(accounts), as_given("folder"))
    if html is not None:
        from jeoul.reporting.promises.page import render_promises

        html.write_text(render_promises(found, lang), "utf-8")
        click.echo(say(lang, "promises.written", {"path": html}), err=as_json is not None)
    if as_json is not None:
        simulated = any(kept.simulated for kept in found)
        scored = [kept_document(kept) for kept in found]
        as_json.write({"simulated": simulated, "scored": scored, **findings})
        return
    if findings:
        show_findings(findings["findings"], findings["other_findings"], folder, lang, {})
    for number, kept in enumerate(found):
        if number:
            click.echo()
        for line in kept_text(kept, lang):
            click.echo(line)


def _of_strategy(
    strategy: str, profiles: Sequence[str], folder: Path | None, as_of: str | None, account: str
) -> tuple[list[ShownPromises], SortedFindings]:
    """Return the promises of each profile, and the findings about the market that touch them."""
    from jeoul import api
    from jeoul.backtesting import prepare
    from jeoul.pipeline.touching import findings_along, together
    from jeoul.reporting.promises.document import ShownPromises
    from jeoul.research.promise_history import scored_history
    from jeoul.workspace.forward import chosen_on
    from jeoul.workspace.inputs import open_inputs

    found, findings = [], []
    with progress(len(profiles) + 1) as step:
        opened = open_inputs(strategy, folder, as_of)
        history = api.history(opened.strategy, opened.snapshot)
        step("data")
        for name in profiles:
            mandate = api.mandate(opened.strategy, name, account)
            findings.append(findings_along(mandate, history, opened.snapshot, None))
            chosen = chosen_on(opened.strategy)
            halves, newest = scored_history(
                prepare(mandate, history), is_simulated=opened.market.simulated, chosen=chosen
            )
            kept = ShownPromises(
                strategy=opened.strategy.name,
                profile=name,
                account=None,
                simulated=opened.market.simulated,
                chosen=chosen,
                halves=halves,
                newest=newest,
            )
            found.append(kept)
            step(name)
    return found, together(findings)


def _of_accounts(accounts: Sequence[AccountAsked], folder: Path | None) -> list[ShownPromises]:
    from contextlib import closing

    from jeoul import api
    from jeoul.operations.course import course_of
    from jeoul.operations.promises import account_scored
    from jeoul.operations.told.forward_notes import chosen_in, months_in
    from jeoul.operations.told.promise_notes import promises_in
    from jeoul.promises.scoring import Halves
    from jeoul.reporting.promises.document import ShownPromises
    from jeoul.workspace.kept import user_cache
    from jeoul.workspace.live import read_ledger

    found = []
    for asked in accounts:
        place = asked.config.folder if folder is None else folder
        market = api.open_market(place, cache=user_cache())
        calendar = api.calendars()[asked.mandate.strategy.calendar]
        with closing(read_ledger(asked.config)) as ledger:
            course = course_of(ledger, account=asked.name, market=market, calendar=calendar)
            made = promises_in(ledger, asked.name)
            scored = account_scored(ledger, course)
            chosen = chosen_in(months_in(ledger, asked.name))
        kept = ShownPromises(
            strategy=asked.mandate.strategy.name,
            profile=asked.mandate.profile,
            account=asked.name,
            simulated=market.simulated,
            chosen=chosen,
            halves=Halves(None, scored),
            newest=made[-1] if made else None,
        )
        found.append(kept)
    return found
