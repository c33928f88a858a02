"""``jeoul resolve``: say what became of an order that the broker no longer explains."""

from __future__ import annotations

import click

from jeoul.cli.completion import configs
from jeoul.cli.options import json_option
from jeoul.cli.passphrase import passphrase_option
from jeoul.cli.schemas import OutputForm
from jeoul.errors import UsageError


@click.command("resolve")
@click.argument("config", metavar="CONFIG", shell_complete=configs)
@click.option("--order", metavar="NAME", help="The order, as `jeoul history --json` names it.")
@click.option("--cancelled", is_flag=True, help="Nothing more of it was filled than is booked.")
@click.option("--filled", type=click.IntRange(min=0), help="Shares filled in all.")
@click.option("--at", "price", metavar="PRICE", help="Average price of a share, with --filled.")
@click.option("--fee", metavar="AMOUNT", help="All fees of the order; default: an estimate.")
@click.option("--forget-clock", is_flag=True, help="The clock was once ahead; go on from now.")
@json_option
@passphrase_option
def resolve(
    config: str,
    order: str | None,
    cancelled: bool,
    filled: int | None,
    price: str | None,
    fee: str | None,
    forget_clock: bool,
    as_json: OutputForm | None,
) -> None:
    """Write what you saw on the broker's own screen into the ledger of CONFIG's account.

    Use it where a run asks for it: an order that the broker took and never lists, a fill that was
    corrected, an order that was changed by hand. The books are brought to what you say.
    """
    from getpass import getuser

    from jeoul.messages import say
    from jeoul.operations.resolve import PersonStatement, forget, settle_order
    from jeoul.operations.setup.clock import SystemClock
    from jeoul.workspace.configs import config_at
    from jeoul.workspace.live import mandate_at

    if forget_clock == (order is not None):
        raise UsageError("give either --order NAME or --forget-clock")
    if order is not None and cancelled == (filled is not None):
        raise UsageError("say what became of the order: --cancelled, or --filled N --at PRICE")
    loaded = config_at(config)
    mandate, clock, lang = mandate_at(config), SystemClock(), loaded.settings.lang
    if order is None:
        detail = {"was": forget(loaded, mandate, clock, getuser())}
        text = say(lang, "operations.clock_forgotten", detail)
    else:
        statement = PersonStatement(
            order=order,
            filled=filled,
            price=price,
            fee=fee,
            by=getuser(),
        )
        detail = settle_order(loaded, mandate, clock, statement)
        text = say(lang, "operations.resolved", detail)
    if as_json is None:
        click.echo(text)
    else:
        as_json.write(detail)
