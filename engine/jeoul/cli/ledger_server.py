"""``jeoul ledger prepare`` and ``move``: a database for ledgers, and a ledger on its way there."""

from __future__ import annotations

import click

from jeoul.cli.completion import configs
from jeoul.cli.options import json_option
from jeoul.cli.passphrase import passphrase_option
from jeoul.cli.schemas import OutputForm
from jeoul.errors import UsageError


@click.command("prepare")
@click.argument("url", metavar="URL")
@click.option("--role", required=True, metavar="NAME", help="The role that runs will connect as.")
@json_option
def prepare(url: str, role: str, as_json: OutputForm | None) -> None:
    """Make the tables of ledgers in the PostgreSQL database of URL, as its owner.

    URL is postgresql://OWNER@HOST/DATABASE, or the variable that holds it; the password comes from
    PGPASSWORD or PostgreSQL's password file. The role may read and add rows afterwards, and change
    none. Repeating the command for another role gives it the same rights.
    """
    from jeoul.messages import say, used_language
    from jeoul.operations.ledger import prepare as make
    from jeoul.operations.setup.ledger_url import resolved, without_secret

    try:
        url = resolved(without_secret(url), "URL")
    except ValueError as error:
        raise UsageError(str(error)) from None
    new = make(url, role)
    if as_json is not None:
        as_json.write({"role": role, "new": new})
    else:
        click.echo(say(used_language(), "operations.prepared", {"role": role}))


@click.command("move")
@click.argument("config", metavar="CONFIG", shell_complete=configs)
@json_option
@passphrase_option
def move(config: str, as_json: OutputForm | None) -> None:
    """Move the ledger from its file to the server that CONFIG names with `ledger`.

    Both are proved, and the file keeps its rows under another name. A move that was interrupted
    goes on.
    """
    from jeoul.messages import say
    from jeoul.operations.ledger import in_words, move_ledger
    from jeoul.workspace.configs import config_at

    loaded = config_at(config)
    with in_words(loaded):
        proof, kept = move_ledger(loaded)
    detail = {"rows": proof.rows, "head": f"{proof.head.seq}:{proof.head.hash}"}
    if as_json is not None:
        document = {"account": loaded.settings.name, **detail, "kept": str(kept)}
        as_json.write(document)
    else:
        detail = {"rows": proof.rows, "kept": str(kept)}
        click.echo(say(loaded.settings.lang, "operations.moved", detail))
