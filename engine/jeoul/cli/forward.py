"""``jeoul forward``: results of rules since the day they were chosen, apart from earlier ones."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jeoul.cli.completion import strategies, what_to_score
from jeoul.cli.options import as_of_option, data_option, json_option, language_option
from jeoul.cli.passphrase import passphrase_option
from jeoul.cli.progress import progress
from jeoul.cli.schemas import OutputForm
from jeoul.errors import Problem, UsageError
from jeoul.messages import say

if TYPE_CHECKING:
    from jeoul.backtesting import Backtest
    from jeoul.model.snapshot import Snapshot
    from jeoul.pipeline import Mandate
    from jeoul.research.forward import ForwardRecord
    from jeoul.strategy.schema import Strategy
    from jeoul.workspace.accounts import AccountAsked

_records_option = click.option(
    "--records",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder of forward records; default: the shipped one.",
)
_written_option = click.option(
    "--records",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="The folder of forward records to write to.",
)


@click.group("forward")
def forward() -> None:
    """Record and show the monthly results of rules since the day they were chosen."""


@forward.command("begin")
@click.argument("strategy", shell_complete=strategies)
@_written_option
@language_option
@json_option
def begin(strategy: str, records: Path, lang: str, as_json: OutputForm | None) -> None:
    """Begin the record of STRATEGY today, or record its current rules.

    The first month of the record is the next one. Earlier months are a backtest.
    """
    import jeoul
    from jeoul.research.forward import append_line, begun, record_in, rules_of
    from jeoul.strategy.load import load_strategy
    from jeoul.workspace.today import today

    loaded = load_strategy(strategy)
    record = record_in(records, loaded.name)
    line = begun(
        record, loaded.name, rules_of(_mandates(loaded)), on=today(), version=jeoul.__version__
    )
    found, file = append_line(records, loaded.name, line)
    _write(found, [], as_json)
    if as_json is None:
        click.echo(say(lang, "forward.begun", {"file": file, "head": found.head}))


@forward.command("add")
@click.argument("strategy", shell_complete=strategies)
@_written_option
@click.option(
    "--data",
    "folder",
    type=click.Path(path_type=Path),
    required=True,
    help="A market folder with a manifest.toml.",
)
@language_option
@json_option
def add(strategy: str, records: Path, folder: Path, lang: str, as_json: OutputForm | None) -> None:
    """Record every month of STRATEGY that has ended and is not in its record yet.

    A line has the return, volatility, worst drawdown, turnover and cost of each profile. It is
    never rewritten, even if the data are corrected later.
    """
    from jeoul import api
    from jeoul.research.forward import (
        added,
        append_line,
        figures_of,
        open_months,
        record_in,
        rules_of,
    )
    from jeoul.workspace.inputs import open_inputs
    from jeoul.workspace.today import today

    opened = open_inputs(strategy, folder, None)
    name = opened.strategy.name
    record = _existing(record_in(records, name), name)
    calendar = api.calendars()[opened.strategy.calendar]
    months = open_months(record, calendar.sessions, opened.snapshot.as_of)
    mandates = _mandates(opened.strategy)
    runs = _runs(mandates, opened.strategy, opened.snapshot) if months else {}
    for month in months:
        line = added(
            record,
            month,
            {profile: figures_of(run, month) for profile, run in runs.items()},
            rules_of(mandates),
            on=today(),
            data=opened.snapshot.digest,
            simulated=opened.market.simulated,
        )
        record, _ = append_line(records, name, line)
    _write(record, months, as_json)
    if as_json is None:
        detail = {"months": ", ".join(months), "head": record.head}
        click.echo(say(lang, "forward.added" if months else "forward.nothing", detail))


@forward.command("check")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--head", metavar="LINES:HASH", help="The head of one record from an earlier check.")
@json_option
def check(files: tuple[Path, ...], head: str | None, as_json: OutputForm | None) -> None:
    """Prove that no line of forward records was changed; default: the shipped records.

    If a line was changed, the command lists every fault and exits with code 3. The --head of an
    earlier check also detects a record whose hashes were all recomputed.
    """
    from jeoul.errors import DataError
    from jeoul.files.text import read_text
    from jeoul.research.forward import SUFFIX, read_record
    from jeoul.workspace.forward import records_folder

    if head is not None and len(files) != 1:
        raise UsageError("a head belongs to one record; give a single file")
    named = files or tuple(sorted(records_folder(None).glob(f"*{SUFFIX}")))
    problems: list[Problem] = []
    sound = []
    for file in named:
        try:
            record = read_record(read_text(file, DataError), str(file), head=head)
        except DataError as error:
            problems += error.problems
            continue
        sound.append({"file": str(file), "lines": len(record.lines), "head": record.head})
    if problems:
        raise DataError(problems)
    if as_json is not None:
        as_json.write({"records": sound})
        return
    for each in sound:
        click.echo(f"{each['file']}: {each['head']}")


@forward.command("show")
@click.argument("what", default="managed", metavar="STRATEGY|CONFIG", shell_complete=what_to_score)
@_records_option
@data_option
@as_of_option
@language_option
@json_option
@passphrase_option
def show(
    what: str,
    records: Path | None,
    folder: Path | None,
    as_of: str | None,
    lang: str,
    as_json: OutputForm | None,
) -> None:
    """Show figures of STRATEGY before its rules were chosen and since then, separately.

    For a CONFIG, a household or FILE:ACCOUNT, it shows the model's results since the account first
    followed its rules, from the lines of its ledger. Accounts that
    have not run are left out.
    """
    from jeoul.reporting.forward import forward_text
    from jeoul.research.forward import check_same_rules, record_in, rules_of
    from jeoul.research.forward.document import strategy_forward
    from jeoul.workspace.accounts import accounts_asked, with_ledgers
    from jeoul.workspace.forward import records_folder
    from jeoul.workspace.inputs import open_inputs

    accounts = accounts_asked(what)
    if accounts is not None:
        documents = [_of_account(each) for each in with_ledgers(accounts)]
    else:
        opened = open_inputs(what, folder, as_of)
        name = opened.strategy.name
        record = _existing(record_in(records_folder(records), name), name)
        mandates = _mandates(opened.strategy)
        check_same_rules(record, rules_of(mandates))
        runs = _runs(mandates, opened.strategy, opened.snapshot)
        documents = [strategy_forward(record, runs, simulated=opened.market.simulated)]
    if as_json is not None:
        as_json.write({"records": documents})
        return
    for document in documents:
        for line in forward_text(document, lang):
            click.echo(line)


def _of_account(asked: AccountAsked) -> dict[str, Any]:
    from contextlib import closing

    from jeoul.operations.told.forward_notes import account_forward, months_in
    from jeoul.workspace.live import read_ledger

    with closing(read_ledger(asked.config)) as ledger:
        months = months_in(ledger, asked.name)
    return account_forward(asked.name, asked.mandate.strategy.name, months)


def _mandates(strategy: Strategy) -> dict[str, Mandate]:
    from jeoul import api

    return {profile: api.mandate(strategy, profile) for profile in strategy.profiles}


def _runs(
    mandates: Mapping[str, Mandate], strategy: Strategy, snapshot: Snapshot
) -> dict[str, Backtest]:
    from jeoul import api
    from jeoul.backtesting import prepare, simulated
    from jeoul.pipeline.touching import findings_along

    history, found = api.history(strategy, snapshot), {}
    with progress(len(mandates)) as step:
        for profile, each in mandates.items():
            findings_along(each, history, snapshot, None)  # refuses what is seriously wrong
            found[profile] = simulated(prepare(each, history))
            step(profile)
    return found


def _existing(record: ForwardRecord | None, strategy: str) -> ForwardRecord:
    if record is None:
        raise UsageError(
            f"that folder has no forward record of {strategy}; start one with `jeoul forward begin`"
        )
    return record


def _write(record: ForwardRecord, months: list[str], as_json: OutputForm | None) -> None:
    if as_json is not None:
        as_json.write(
            {
                "strategy": record.rules.strategy,
                "rules_since": record.rules.on.isoformat(),
                "added": months,
                "head": record.head,
            }
        )
