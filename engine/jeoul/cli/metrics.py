"""``jeoul metrics``: the health of accounts and firms for a monitor."""

from __future__ import annotations

import os
from itertools import chain
from pathlib import Path

import click

from jeoul.cli.completion import configs
from jeoul.cli.options import file_for, json_option
from jeoul.cli.passphrase import passphrase_option
from jeoul.cli.schemas import OutputForm


@click.command("metrics")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", shell_complete=configs)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write to this file, whole or not at all; default: stdout.",
)
@json_option
@passphrase_option
def metrics(files: tuple[str, ...], out: Path | None, as_json: OutputForm | None) -> int:
    """Write metrics of FILES in the Prometheus text form.

    FILES are configs, households, FILE:ACCOUNT, or firms. Accounts and firms are labelled with the
    file that they are in, and with its folders where two files have the same name. Name an --out
    file that ends in .prom in the folder of the node exporter's textfile collector. Nothing in it
    is secret. A file or an account that cannot be read does not keep the others from being written:
    jeoul_readable is 0 for it, stderr has the reason, and the exit code is that of the worst.
    """
    from jeoul.postgres_url import without_url_secrets
    from jeoul.reporting.exposition import exposed, exposition_document
    from jeoul.workspace.configs import files_of
    from jeoul.workspace.measuring import metrics_at

    def complain(said: str) -> None:
        click.echo(f"jeoul: {without_url_secrets(said, files)}", err=True)

    file_for(out, *chain.from_iterable(map(files_of, files)))
    found = metrics_at(files, complain)
    if as_json is not None:
        as_json.write({"metrics": exposition_document(found.metrics)})
        return found.exit_code
    text = exposed(found.metrics)
    if out is None:
        click.echo(text, nl=False)
        return found.exit_code
    partial = out.with_name(f".{out.name}.partial")
    partial.write_text(text, "utf-8", newline="\n")
    os.replace(partial, out)
    return found.exit_code
