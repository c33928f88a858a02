"""``jeoul replay``: decide a past run again and compare."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from jeoul.cli.options import json_option
from jeoul.cli.passphrase import passphrase_option
from jeoul.cli.schemas import OutputForm
from jeoul.errors import ConfigError, UsageError


@click.command("replay")
@click.argument("run_id", metavar="RUN_ID")
@click.option(
    "--config",
    metavar="CONFIG",
    envvar="JEOUL_CONFIG",
    help="The config whose ledger has the run; default: found here or in configs/.",
)
@json_option
@passphrase_option
def replay(run_id: str, config: str | None, as_json: OutputForm | None) -> int:
    """Rebuild the decision of RUN_ID from its stored inputs; exit code 5 if it differs.

    RUN_ID may be the plan of a household, which is made again for all its accounts, or the part of
    one account.
    """
    from jeoul.messages import say
    from jeoul.workspace.configs import config_at, household_in, split_address
    from jeoul.workspace.replaying import replayed, replayed_household

    named = config or str(_config_of(run_id))
    household = None if split_address(named)[1] else household_in(named)
    if household is not None:
        found, language = replayed_household(household, run_id), household.runs.lang
    else:
        loaded = config_at(named)
        found, language = replayed(loaded, run_id), loaded.settings.lang
    if as_json is not None:
        document = {
            "run_id": run_id,
            "same": found.same,
            "source": found.source,
            "differences": list(found.differences),
        }
        as_json.write(document)
    else:
        kind = "replay_same" if found.same else "replay_differs"
        detail = {"run": run_id, "what": "; ".join(found.differences)}
        click.echo(say(language, f"operations.{kind}", detail))
    return 0 if found.same else 5


def _config_of(run_id: str) -> Path:
    """Return the file here or in configs/ that names the account or the household of a run."""
    from jeoul.files.document import parse

    account = run_id.partition(".")[0]
    for path in (*sorted(Path().glob("*.toml")), *sorted(Path("configs").glob("*.toml"))):
        try:
            data = parse(path, ConfigError).data
        except ConfigError:
            continue
        if account in _names(data):
            return path
    raise UsageError(
        f"no config here or in configs/ has the account {account!r}; name it with --config"
    )


def _names(data: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names under which the runs of a file are: of a household, its accounts' too."""
    yield str(data.get("name"))
    accounts = data.get("accounts")
    if isinstance(accounts, Mapping):
        yield from (f"{data.get('name')}-{account}" for account in accounts)
