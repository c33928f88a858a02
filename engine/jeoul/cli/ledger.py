"""``jeoul ledger``: proving, copying and putting back the ledger of an account."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from jeoul.cli.options import json_option
from jeoul.cli.schemas import Form, newest
from jeoul.errors import UsageError

if TYPE_CHECKING:
    from jeoul.operations.ledger import Head


@click.group("ledger")
def ledger() -> None:
    """Prove, back up and restore an account's ledger."""


@ledger.command("check")
@click.argument("config", metavar="CONFIG")
@click.option(
    "--head", metavar="ROW:HASH", help="A head kept elsewhere, as `ledger head` prints it."
)
@json_option
def check(config: str, head: str | None, as_json: Form | None) -> None:
    """Prove that the chain is whole and the books balance. Exit code 5 and every fault if not."""
    from contextlib import closing

    from jeoul.cli.live import read_ledger
    from jeoul.messages import say
    from jeoul.operations.ledger import proven
    from jeoul.operations.setup.config import load_config

    loaded = load_config(config)
    with closing(read_ledger(loaded)) as found:
        proof = proven(found, _head(head))
    detail = {"rows": proof.rows, "head": f"{proof.head.seq}:{proof.head.hash}"}
    lang = loaded.settings.lang
    if as_json is not None:
        as_json.write({"account": loaded.settings.name, **detail, "compared": head is not None})
        return
    click.echo(say(lang, "operations.check_ok", detail))
    click.echo(
        say(lang, "operations.check_means" if head is None else "operations.check_means_head")
    )


@ledger.command("head")
@click.argument("config", metavar="CONFIG")
@json_option
def head(config: str, as_json: Form | None) -> None:
    """Print the newest row and its hash; kept elsewhere, it proves that nothing was cut off."""
    from contextlib import closing

    from jeoul.cli.live import read_ledger
    from jeoul.operations.setup.config import load_config

    loaded = load_config(config)
    with closing(read_ledger(loaded)) as found:
        last = found.head()
    text = f"{last.seq}:{last.hash}"
    if as_json is None:
        click.echo(text)
    else:
        as_json.write({"account": loaded.settings.name, "rows": last.seq, "head": text})


@ledger.command("backup")
@click.argument("config", metavar="CONFIG")
@click.argument("target", type=click.Path(path_type=Path))
@json_option
def backup(config: str, target: Path, as_json: Form | None) -> None:
    """Copy the ledger to TARGET, also while a run is at work."""
    from contextlib import closing

    from jeoul.cli.live import read_ledger
    from jeoul.operations.ledger import backup as copy
    from jeoul.operations.setup.config import load_config

    loaded = load_config(config)
    with closing(read_ledger(loaded)) as found:
        copy(found, target)
    if as_json is None:
        click.echo(str(target))
    else:
        as_json.write({"account": loaded.settings.name, "file": str(target)})


@ledger.command("restore")
@click.argument("config", metavar="CONFIG")
@click.argument("source", type=click.Path(path_type=Path))
@json_option
def restore(config: str, source: Path, as_json: Form | None) -> None:
    """Put the copy SOURCE in the ledger's place, if it passes its check; the old one is kept."""
    from jeoul.operations.ledger import NAME
    from jeoul.operations.ledger import restore as put_back
    from jeoul.operations.setup.config import load_config
    from jeoul.operations.setup.lock import locked

    loaded = load_config(config)
    with locked(loaded.state):
        proof, kept = put_back(source, loaded.state / NAME, loaded.settings.name)
    document = {
        "account": loaded.settings.name,
        "rows": proof.rows,
        "head": proof.head.hash,
        "kept": None if kept is None else str(kept),
    }
    (as_json or newest("ledger-restore")).write(document)


def _head(text: str | None) -> Head | None:
    from jeoul.operations.ledger import Head

    if text is None:
        return None
    seq, _, digest = text.partition(":")
    if not seq.isdecimal() or len(digest) != 64:
        raise UsageError(f"{text!r} is not a head; give what `jeoul ledger head` printed")
    return Head(int(seq), 0, digest)
