"""``jeoul compare-accounts``: ten years of monthly payments through five routes, after tax."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jeoul.cli.amounts import AmountType
from jeoul.cli.options import data_option, file_for, json_option, language_option
from jeoul.cli.schemas import Form
from jeoul.errors import DataError, Problem
from jeoul.messages import say
from jeoul.model.session import parse_session

if TYPE_CHECKING:
    from jeoul.advice.compare import Quote, RouteResult
    from jeoul.advice.routes import Route
    from jeoul.korea.rulebook import Rulebook
    from jeoul.market import Market


@click.command("compare-accounts")
@data_option
@click.option(
    "--monthly",
    type=AmountType(least=1, currency="KRW"),
    default=100_000,
    show_default=True,
    help="Won a month.",
)
@click.option(
    "--years",
    type=click.IntRange(1, 40),
    default=10,
    show_default=True,
    help="Of monthly payments.",
)
@click.option("--until", metavar="DATE", help="Last day; default: the newest of the data.")
@click.option(
    "--age",
    type=click.IntRange(0, 120),
    default=45,
    show_default=True,
    help="At the first payment.",
)
@click.option(
    "--wages",
    type=AmountType(currency="KRW"),
    default=60_000_000,
    show_default=True,
    help="Gross a year (총급여), for the pension credit.",
)
@click.option(
    "--taxable-income",
    type=AmountType(currency="KRW"),
    default=40_000_000,
    show_default=True,
    help="Other taxable income, for the comprehensive tax above 20 M.",
)
@click.option(
    "--fx-cost",
    type=click.FloatRange(0.0, 1.0, max_open=True),
    default=0.001,
    show_default=True,
    help="Each way.",
)
@click.option("--out", type=click.Path(path_type=Path), help="Write a page with the chart here.")
@language_option
@json_option
def compare_accounts(
    folder: Path | None,
    monthly: int,
    years: int,
    until: str | None,
    age: int,
    wages: int,
    taxable_income: int,
    fx_cost: float,
    out: Path | None,
    lang: str,
    as_json: Form | None,
) -> None:
    """Compare a US-listed Nasdaq fund, a KRX-listed one in three accounts, and KODEX 200."""
    from jeoul import assets
    from jeoul.advice.compare import Saver, run_route
    from jeoul.advice.explain import notice
    from jeoul.advice.routes import standard_routes
    from jeoul.korea.tables import load_yields
    from jeoul.market import open_market
    from jeoul.reporting.account_comparison import render

    file_for(out)
    market = open_market(folder if folder is not None else assets.data("sample"))
    book = _newest_rules()
    yields = load_yields()
    saver = Saver(monthly=monthly, age=age, wages=wages, other_income=taxable_income)
    last = None if until is None else parse_session(until)
    results = [
        run_route(book, saver, route, _quotes(market, route, years, last))
        for route in standard_routes(book, yields, fx_cost=fx_cost)
    ]
    told = ", ".join(f"{ticker} {rate:.1%}" for ticker, rate in yields.items())
    remarks = [say(lang, "compare.assumptions", {"yields": told, "fx": fx_cost})]
    if market.simulated:
        remarks.insert(0, say(lang, "compare.simulated"))
    remarks.append(notice(lang, book))
    if out is not None:
        out.write_text(render(lang, results, remarks), "utf-8")
    if as_json is not None:
        as_json.write(_data(lang, results, market))
    else:
        _print(lang, results)
    for remark in remarks:
        click.echo(remark, err=as_json is not None)


def _newest_rules() -> Rulebook:
    from jeoul.korea.tables import load_rules, whole_years

    return load_rules(whole_years()[-1])


def _quotes(market: Market, route: Route, years: int, last: date | None) -> list[Quote]:
    """Return the first session with a price of every month, and the last day with one."""
    import numpy as np

    from jeoul.advice.compare import Quote

    table = next((t for t in market.prices if route.ticker in t.tickers), None)
    if table is None:
        remedy = "name a folder that has it with --data"
        raise DataError([Problem(market.source, f"has no {route.ticker}", remedy=remedy)])
    close = table.close[:, table.tickers.index(route.ticker)]
    fx = np.ones(len(close))
    if table.currency != "KRW":
        if "usdkrw" not in market.series:
            raise DataError([Problem(market.source, "has no usdkrw to change currency with")])
        fx = market.series["usdkrw"].at(table.known_at)
    days: list[date] = table.sessions.astype(object).tolist()
    rows = [
        row
        for row in range(len(days))
        if close[row] > 0 and fx[row] > 0 and (last is None or days[row] <= last)
    ]
    end = days[rows[-1]] if rows else None
    first: dict[tuple[int, int], int] = {}
    for row in rows:
        first.setdefault((days[row].year, days[row].month), row)
    months = sorted(first)[-12 * years - 1 :]
    if end is None or len(months) <= 12 * years:
        what = f"has {max(0, len(months) - 1)} whole months of {route.ticker}"
        remedy = f"{12 * years} are needed; give fewer --years"
        raise DataError([Problem(market.source, what, remedy=remedy)])
    chosen = [first[month] for month in months[:-1]] + [rows[-1]]
    return [Quote(days[row], float(close[row]), float(fx[row])) for row in chosen]


def _print(language: str, results: Sequence[RouteResult]) -> None:
    from rich.console import Console
    from rich.table import Table

    from jeoul.advice.compare import yearly_return
    from jeoul.advice.explain import explain

    click.echo(_title(language, results[0]))
    table = Table()
    table.add_column(say(language, "compare.column_route"))
    for name in ("paid", "value", "tax", "credits", "after", "rate"):
        table.add_column(say(language, f"compare.column_{name}"), justify="right")
    for found in results:
        numbers = (found.paid, found.value, found.tax, found.credits, found.after_tax)
        table.add_row(
            say(language, f"compare.route_{found.route.name}"),
            *(f"{number:,}" for number in numbers),
            f"{yearly_return(found):.2%}",
        )
    Console(file=sys.stdout, width=110).print(table)
    for found in results:
        click.echo(say(language, f"compare.route_{found.route.name}"))
        for step in found.steps:
            click.echo(say(language, "rules.step", {"text": explain(language, step)}))


def _title(language: str, found: RouteResult) -> str:
    detail = {
        "monthly": found.paid // (len(found.line) - 1),
        "first": found.line[0].day,
        "last": found.line[-1].day,
        "months": len(found.line) - 1,
    }
    return say(language, "compare.title", detail)


def _data(language: str, results: Sequence[RouteResult], market: Market) -> dict[str, object]:
    from jeoul.advice.compare import yearly_return
    from jeoul.advice.explain import told

    return {
        "simulated": market.simulated,
        "source": market.source,
        "routes": [
            {
                "name": found.route.name,
                "ticker": found.route.ticker,
                "kind": found.route.account,
                "first": found.line[0].day.isoformat(),
                "last": found.line[-1].day.isoformat(),
                "paid": found.paid,
                "value": found.value,
                "tax": found.tax,
                "credits": found.credits,
                "after_tax": found.after_tax,
                "yearly_return": yearly_return(found),
                "steps": told(language, found.steps),
            }
            for found in results
        ],
    }
