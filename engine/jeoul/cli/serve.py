"""``jeoul serve``: the pages of a household, on this machine."""

from __future__ import annotations

from pathlib import Path

import click

from jeoul.cli.options import language_option, own_data_option
from jeoul.cli.terminal import clear
from jeoul.errors import UsageError
from jeoul.messages import say


def _ready(address: str) -> None:
    """Print the address; from here on the command waits for a browser, and does not work."""
    clear()
    click.echo(address)


@click.command("serve")
@click.argument("files", nargs=-1, metavar="[HOUSEHOLD|CONFIG...]")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    show_default=True,
    help="Port on this machine; 0 picks a free one.",
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on. Any other address shows your accounts to a network.",
)
@click.option(
    "--name",
    "names",
    multiple=True,
    metavar="HOST",
    help="Another host name to accept in the address bar, such as that of a tunnel.",
)
@own_data_option
@language_option
def serve(
    files: tuple[str, ...],
    port: int,
    host: str,
    names: tuple[str, ...],
    folder: Path | None,
    lang: str,
) -> int:
    """Show the accounts of a household, or of configs, as pages in a browser.

    It prints one line with the address. The token in it opens the pages once, in one browser.
    Without a file the household is household.toml in this folder; if it does not exist, the first
    page writes it. Nothing is sent to a broker before you approve a plan. Press Ctrl+C to stop.
    """
    try:
        from jeoul.web.server import listen, serve_forever
    except ModuleNotFoundError as error:
        raise UsageError(
            f"{error.name} is not installed; pip install 'jeoul[web]' has what the pages need"
        ) from None
    from jeoul.operations.setup.clock import SystemClock
    from jeoul.web.place import served

    place = served(files, folder, SystemClock())
    with listen(host, port) as socket:
        serve_forever(
            place,
            socket,
            language=lang,
            names=names,
            ready=_ready,
            said=lambda key: click.echo(say(lang, f"web.{key}"), err=True),
        )
    return 0
