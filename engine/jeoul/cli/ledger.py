"""``jeoul ledger``: proving, copying, putting back and encrypting the ledger of an account."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jeoul.cli import ledger_server
from jeoul.cli.completion import configs
from jeoul.cli.options import json_option
from jeoul.cli.passphrase import passphrase_option
from jeoul.cli.schemas import OutputForm, newest
from jeoul.errors import UsageError

if TYPE_CHECKING:
    from jeoul.operations.ledger import Head
    from jeoul.operations.setup.config import Config


_HEAD = re.compile(r"(0|[1-9][0-9]{0,17}):([0-9a-f]{64})")


@click.group("ledger")
def ledger() -> None:
    """Prove, back up, restore, encrypt and move an account's ledger."""


ledger.add_command(ledger_server.prepare)
ledger.add_command(ledger_server.move)


@ledger.command("check")
@click.argument("config", metavar="CONFIG", shell_complete=configs)
@click.option(
    "--head", metavar="ROW:HASH", help="A head kept elsewhere, as `ledger head` prints it."
)
@click.option(
    "--since",
    metavar="ROW:HASH",
    help="Prove only the rows after the checkpoint before this head of an earlier check.",
)
@json_option
@passphrase_option
def check(config: str, head: str | None, since: str | None, as_json: OutputForm | None) -> None:
    """Prove that the chain is whole and the books balance. Exit code 5 and every fault if not.

    A run keeps a checkpoint every 250 rows. With --since a check of a ledger of many years is
    quick: rows that the earlier check proved are not proved again. With --head too, both are
    compared, and the proof starts at the checkpoint before the older one.
    """
    from contextlib import closing

    from jeoul.messages import say
    from jeoul.operations.ledger import proven
    from jeoul.workspace.configs import config_at
    from jeoul.workspace.live import read_ledger

    loaded = config_at(config)
    with closing(read_ledger(loaded)) as found:
        known, earlier = _head(head), _head(since)
        proof = proven(found, known, since=earlier)
    detail = {"rows": proof.rows, "head": f"{proof.head.seq}:{proof.head.hash}"}
    kept = any(each is not None and each.seq for each in (known, earlier))  # row 0 is before all
    lang = loaded.settings.lang
    if as_json is not None:
        document = {**detail, "compared": kept, "since": proof.since}
        as_json.write({"account": loaded.settings.name, **document})
        return
    click.echo(say(lang, "operations.check_ok", detail))
    if proof.since:
        click.echo(say(lang, "operations.check_since", {"row": proof.since}))
    click.echo(say(lang, "operations.check_means_head" if kept else "operations.check_means"))


@ledger.command("head")
@click.argument("config", metavar="CONFIG", shell_complete=configs)
@json_option
@passphrase_option
def head(config: str, as_json: OutputForm | None) -> None:
    """Print the newest row and its hash; kept elsewhere, it proves that nothing was cut off."""
    from contextlib import closing

    from jeoul.workspace.configs import config_at
    from jeoul.workspace.live import read_ledger

    loaded = config_at(config)
    with closing(read_ledger(loaded)) as found:
        last = found.head()
    text = f"{last.seq}:{last.hash}"
    if as_json is None:
        click.echo(text)
    else:
        as_json.write({"account": loaded.settings.name, "rows": last.seq, "head": text})


@ledger.command("backup")
@click.argument("config", metavar="CONFIG", shell_complete=configs)
@click.argument("target", type=click.Path(path_type=Path))
@json_option
@passphrase_option
def backup(config: str, target: Path, as_json: OutputForm | None) -> None:
    """Copy the ledger to TARGET, also while a run is at work."""
    from contextlib import closing

    from jeoul.operations.ledger import backup as copy
    from jeoul.workspace.configs import config_at
    from jeoul.workspace.live import read_ledger

    loaded = config_at(config)
    with closing(read_ledger(loaded)) as found:
        copy(found, target)
    if as_json is None:
        click.echo(str(target))
    else:
        as_json.write({"account": loaded.settings.name, "file": str(target)})


@ledger.command("restore")
@click.argument("config", metavar="CONFIG", shell_complete=configs)
@click.argument("source", type=click.Path(path_type=Path))
@json_option
@passphrase_option
def restore(config: str, source: Path, as_json: OutputForm | None) -> None:
    """Put the copy SOURCE in the ledger's place, if it passes its check; the old one is kept."""
    from jeoul.operations.ledger import NAME, in_words
    from jeoul.operations.ledger import restore as put_back
    from jeoul.operations.setup.lock import locked
    from jeoul.operations.setup.passphrase import key_of
    from jeoul.workspace.configs import config_at

    loaded = config_at(config)
    if loaded.settings.ledger is not None:
        raise UsageError(
            f"the ledger of {loaded.settings.name} is on a server; restore the database with "
            "pg_restore, or take `ledger` out of the config"
        )
    with in_words(loaded), locked(loaded.state):
        place = loaded.state / NAME
        proof, kept = put_back(source, place, loaded.settings.name, key_of(loaded))
    document = {
        "account": loaded.settings.name,
        "rows": proof.rows,
        "head": proof.head.hash,
        "kept": None if kept is None else str(kept),
    }
    (as_json or newest("ledger-restore")).write(document)


@ledger.command("encrypt")
@click.argument("config", metavar="CONFIG", shell_complete=configs)
@json_option
@passphrase_option
def encrypt(config: str, as_json: OutputForm | None) -> None:
    """Encrypt the files of the state folder, as `encrypt` in CONFIG asks for."""
    from jeoul.operations.encryption import encrypt as convert

    _converted(config, "encrypted", convert, as_json=as_json)


@ledger.command("decrypt")
@click.argument("config", metavar="CONFIG", shell_complete=configs)
@json_option
@passphrase_option
def decrypt(config: str, as_json: OutputForm | None) -> None:
    """Make the files of the state folder plain again."""
    from jeoul.operations.encryption import decrypt as convert

    _converted(config, "decrypted", convert, as_json=as_json)


@ledger.command("passphrase")
@click.argument("config", metavar="CONFIG", shell_complete=configs)
@click.option(
    "--new-passphrase-fd",
    type=click.IntRange(min=0),
    metavar="N",
    help="Read the new passphrase from this file descriptor; default: JEOUL_NEW_PASSPHRASE.",
)
@json_option
@passphrase_option
def passphrase(config: str, new_passphrase_fd: int | None, as_json: OutputForm | None) -> None:
    """Give the files of the state folder a new passphrase."""
    from jeoul.operations.encryption import change_passphrase
    from jeoul.operations.setup.passphrase import new_passphrase

    def change(loaded: Config) -> int:
        return change_passphrase(loaded, new_passphrase(new_passphrase_fd))

    _converted(config, "changed", change, as_json=as_json)


def _converted(
    name: str, done: str, work: Callable[[Config], int], *, as_json: OutputForm | None
) -> None:
    from jeoul.messages import say
    from jeoul.operations.ledger import in_words
    from jeoul.workspace.configs import config_at

    loaded = config_at(name)
    with in_words(loaded):
        files = work(loaded)
    if as_json is not None:
        as_json.write({"account": loaded.settings.name, "files": files, "done": done})
    else:
        detail = {"files": files, "config": str(loaded.path)}
        click.echo(say(loaded.settings.lang, f"encryption.{done}", detail))


def _head(text: str | None) -> Head | None:
    from jeoul.operations.ledger import Head

    if text is None:
        return None
    found = _HEAD.fullmatch(text)
    if found is None:
        raise UsageError(f"{text!r} is not a head; give what `jeoul ledger head` printed")
    return Head(int(found[1]), 0, found[2])
