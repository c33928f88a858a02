"""``jeoul replay``: decide a past run again and compare."""

from __future__ import annotations

import json

import click

from jeoul.errors import UsageError


@click.command("replay")
@click.argument("run_id", metavar="RUN_ID")
@click.option("--config", required=True, metavar="CONFIG", help="The config whose ledger has the run.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON on stdout.")
def replay(run_id: str, config: str, as_json: bool) -> int:
    """Rebuild the decision of RUN_ID from its stored inputs. Exit code 5 if it comes out differently."""
    from contextlib import closing

    from jeoul import api
    from jeoul.cli.live import read_ledger
    from jeoul.messages import say
    from jeoul.operations.config import load_config
    from jeoul.operations.intents import intents_of, named_run
    from jeoul.operations.replay import replay as decide_again
    from jeoul.operations.replay import stored_strategy

    loaded = load_config(config)
    with closing(read_ledger(loaded)) as ledger:
        run = named_run(ledger, run_id)
        if run is None:
            raise UsageError(f"there is no run {run_id!r}; `jeoul history {config}` lists them")
        intents = intents_of(ledger, run_id)
    mandate = api.mandate(stored_strategy(run), run.document["profile"], run.document["kind"])
    found = decide_again(
        loaded, mandate, run, intents, api.open_market(loaded.folder), api.calendars()
    )
    if as_json:
        document = {
            "run_id": run_id,
            "same": found.same,
            "source": found.source,
            "differences": list(found.differences),
        }
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        kind = "replay_same" if found.same else "replay_differs"
        detail = {"run": run_id, "what": "; ".join(found.differences)}
        click.echo(say(loaded.settings.lang, f"operations.{kind}", detail))
    return 0 if found.same else 5
