"""``jeoul promote``: record why an account's rules are changed, before they are accepted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jeoul.cli.completion import configs
from jeoul.cli.options import json_option
from jeoul.cli.passphrase import passphrase_option
from jeoul.cli.research import trials_option
from jeoul.cli.schemas import OutputForm
from jeoul.errors import DataError, UsageError

if TYPE_CHECKING:
    from jeoul.market import Market
    from jeoul.operations.desk.promotions import EvidenceFile, NamedTrial, Promotion
    from jeoul.pipeline import Mandate
    from jeoul.research.ledger import Trial, TrialLedger

_MOST = 2_000_000  # bytes of one file; what `jeoul backtest --json` prints is a tenth of it


@click.command("promote")
@click.argument("config", metavar="CONFIG", shell_complete=configs)
@click.option(
    "--trial",
    "number",
    type=click.IntRange(min=1),
    required=True,
    help="Number of the backtest in the trial ledger that tried these rules.",
)
@trials_option
@click.option(
    "--evidence",
    "files",
    type=click.Path(path_type=Path),
    multiple=True,
    required=True,
    help="A file that supports the change; the ledger stores it. May be given several times.",
)
@click.option("--why", required=True, metavar="TEXT", help="Why the rules are changed.")
@json_option
@passphrase_option
def promote(
    config: str,
    number: int,
    trials: Path | None,
    files: tuple[Path, ...],
    why: str,
    as_json: OutputForm | None,
) -> None:
    """Record in CONFIG's ledger why the account should follow the rules that CONFIG names now.

    The record has the rules before and after, the trial, the evidence, and its author. It does not
    accept the rules: `jeoul run CONFIG --accept-strategy DIGEST` does.
    """
    from getpass import getuser

    from jeoul import api
    from jeoul.operations.setup.clock import SystemClock
    from jeoul.operations.testbed.promoting import promote as put_forward
    from jeoul.research.ledger import TrialLedger
    from jeoul.workspace.configs import config_at
    from jeoul.workspace.kept import user_cache
    from jeoul.workspace.live import mandate_at
    from jeoul.workspace.places import trials_file

    if not why.strip():
        raise UsageError("--why has no text; say why the rules are changed")
    loaded = config_at(config)
    place = trials_file(trials)
    if not place.exists():
        raise UsageError(f"there is no trial ledger {place}; give its path with --trials")
    mandate, evidence = mandate_at(config), [_read(file) for file in files]
    market = api.open_market(loaded.folder, cache=user_cache())
    trial = _named(TrialLedger(place), number, mandate, market)
    said = getuser(), why
    found = put_forward(loaded, mandate, SystemClock(), trial, evidence, said)
    document = _document(loaded.settings.name, found)
    if as_json is not None:
        as_json.write(document)
        return
    for line in _lines(document, config, loaded.settings.lang):
        click.echo(line)


def _read(file: Path) -> EvidenceFile:
    from jeoul.files.text import read_content
    from jeoul.operations.desk.promotions import EvidenceFile

    return EvidenceFile(file.name, read_content(file, DataError, most=_MOST, wanted="a file"))


def _named(ledger: TrialLedger, number: int, mandate: Mandate, market: Market) -> NamedTrial:
    from jeoul.operations.desk.promotions import NamedTrial

    trial, trials = ledger.trial(number), ledger.tried().trials
    if trial is None:
        raise UsageError(
            f"trial {number} is not in {ledger.path}, which has {trials}; "
            "`jeoul backtest --json` prints the number of a backtest as `trial`"
        )
    if (trial.strategy, trial.profile) != (mandate.strategy.name, mandate.profile):
        raise UsageError(
            f"trial {number} tested {trial.strategy} for {trial.profile}, but this account follows "
            f"{mandate.strategy.name} for {mandate.profile}; give a trial of the same rules"
        )
    return NamedTrial(
        number=number,
        trials=trials,
        key=trial.key,
        start=trial.start,
        end=trial.end,
        sessions=trial.sessions,
        sharpe=trial.sharpe,
        same=_is_same(trial, mandate, market),
    )


def _is_same(trial: Trial, mandate: Mandate, market: Market) -> bool:
    """Return whether the rules and the data at hand give the key of a trial."""
    from dataclasses import replace

    from jeoul.model.instrument import AccountKind
    from jeoul.research.ledger import trial_key

    try:
        snapshot = market.as_of(trial.end, mandate.strategy.calendar)
    except DataError:  # the trial was of other data
        return False
    tried = replace(mandate, account=AccountKind(trial.account))
    return any(
        trial_key(replace(tried, limit=limit), snapshot.digest, trial.start, trial.end) == trial.key
        for limit in (mandate.limit, None)
    )


def _document(account: str, found: Promotion) -> dict[str, Any]:
    trial = found.trial
    return {
        "account": account,
        "by": found.by,
        "why": found.why,
        "run": found.run,
        "before": found.before,
        "after": found.after.digest,
        "changes": [
            {"key": each.key, "before": each.before, "now": each.now} for each in found.changes
        ],
        "trial": {
            "number": trial.number,
            "trials": trial.trials,
            "key": trial.key,
            "from": trial.start.isoformat(),
            "to": trial.end.isoformat(),
            "sharpe": trial.sharpe,
            "same": trial.same,
        },
        "evidence": [{"name": each.name, "sha256": each.sha256} for each in found.evidence],
    }


def _lines(document: dict[str, Any], config: str, lang: str) -> list[str]:
    from jeoul.messages import say
    from jeoul.workspace.configs import split_address

    trial = document["trial"]
    lines = [say(lang, "promotion.kept", document)]
    for each in document["changes"]:
        sides = {side: "–" if each[side] is None else each[side] for side in ("before", "now")}
        lines.append(say(lang, "operations.rules_key", {"key": each["key"], **sides}))
    lines.append(say(lang, "promotion.trial", trial))
    lines.append(say(lang, "promotion.same" if trial["same"] else "promotion.other"))
    lines += [say(lang, "promotion.evidence", each) for each in document["evidence"]]
    if document["before"] != document["after"]:
        file = split_address(config)[0]
        lines.append(say(lang, "promotion.ask", {"config": file, "digest": document["after"]}))
    return lines
