"""``jeoul backtest``: one profile of a strategy over a span."""

from __future__ import annotations

import json
from pathlib import Path

import click

from jeoul.cli.options import (
    account_option,
    data_option,
    json_option,
    profile_option,
)


@click.command("backtest")
@click.argument("strategy", default="managed")
@profile_option
@data_option
@click.option("--from", "start", metavar="DATE", help="First session reported.")
@click.option("--to", "end", metavar="DATE", help="Last session; default: the newest in the data.")
@account_option
@json_option
def backtest(
    strategy: str,
    profile: str,
    folder: Path | None,
    start: str | None,
    end: str | None,
    account: str,
    as_json: bool,
) -> None:
    """Backtest STRATEGY for one profile: next-session fills, costs, interest on cash."""
    from jeoul import api
    from jeoul.backtest import summarise
    from jeoul.model.calendar import parse_session
    from jeoul.report.document import summary_document
    from jeoul.strategy.load import load_strategy

    loaded = load_strategy(strategy)
    market = api.open_market(folder)
    run = api.backtest(
        loaded,
        profile,
        market,
        account=account,
        start=None if start is None else parse_session(start),
        end=None if end is None else parse_session(end),
    )
    metrics = summary_document(summarise(run))
    if as_json:
        unit = run.nav / run.nav[0]
        document = {
            "simulated": market.simulated,
            "metrics": metrics,
            "equity": [
                [str(day), float(value)] for day, value in zip(run.sessions, unit, strict=True)
            ],
            "trades": int((run.turnover[1:] > 0).sum()),
        }
        click.echo(json.dumps(document, ensure_ascii=False))
        return
    for name, value in metrics.items():
        click.echo(f"{name:14} {value}")
