"""``jeoul replay``: decide a past run again and compare."""

from __future__ import annotations

from pathlib import Path

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
    """Rebuild the decision of RUN_ID from its stored inputs; exit code 5 if it differs."""
    from jeoul.messages import say
    from jeoul.workspace.configs import config_at
    from jeoul.workspace.replaying import replayed

    loaded = config_at(config or str(_config_of(run_id)))
    found = replayed(loaded, run_id)
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
        click.echo(say(loaded.settings.lang, f"operations.{kind}", detail))
    return 0 if found.same else 5


def _config_of(run_id: str) -> Path:
    """Return the config file here or in configs/ that names the account of a run."""
    from jeoul.files.document import parse

    account = run_id.partition(".")[0]
    for path in (*sorted(Path().glob("*.toml")), *sorted(Path("configs").glob("*.toml"))):
        try:
            named = parse(path, ConfigError).data.get("name")
        except ConfigError:
            continue
        if named == account:
            return path
    raise UsageError(
        f"no config here or in configs/ has the account {account!r}; name it with --config"
    )
