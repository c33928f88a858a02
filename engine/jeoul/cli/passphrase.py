"""The option that hands a command the passphrase of an encrypted account."""

from __future__ import annotations

import click


def _given(ctx: click.Context, _: click.Parameter, number: int | None) -> None:
    from jeoul.operations.setup.passphrase import GIVEN, Descriptor

    if number is not None:
        before = GIVEN.set(Descriptor(number))
        ctx.call_on_close(lambda: GIVEN.reset(before))


passphrase_option = click.option(
    "--passphrase-fd",
    type=click.IntRange(min=0),
    metavar="N",
    expose_value=False,
    callback=_given,
    help="Read the passphrase of an encrypted account from this file descriptor.",
)
