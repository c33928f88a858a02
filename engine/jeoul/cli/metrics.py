"""``jeoul metrics``: the health of accounts and firms for a monitor."""

from __future__ import annotations

import os
from pathlib import Path

import click

from jeoul.cli.completion import configs
from jeoul.cli.passphrase import passphrase_option


@click.command("metrics")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", shell_complete=configs)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write to this file, whole or not at all; default: stdout.",
)
@passphrase_option
def metrics(files: tuple[str, ...], out: Path | None) -> None:
    """Write metrics of FILES in the Prometheus text form.

    FILES are configs, households, FILE:ACCOUNT, or firms. Name an --out file that ends in .prom in
    the folder of the node exporter's textfile collector. Nothing in it is secret.
    """
    from jeoul.reporting.exposition import exposed
    from jeoul.workspace.measuring import metrics_at

    text = exposed(metrics_at(files, lambda said: click.echo(f"jeoul: {said}", err=True)))
    if out is None:
        click.echo(text, nl=False)
        return
    partial = out.with_name(f".{out.name}.partial")
    partial.write_text(text, "utf-8", newline="\n")
    os.replace(partial, out)
