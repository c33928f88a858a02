"""``jeoul compare-accounts``: payments through several accounts, after every tax."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jeoul.cli.amounts import AmountType
from jeoul.cli.comparison_funds import RateOf
from jeoul.cli.options import (
    PROFILES,
    data_option,
    file_for,
    json_option,
    language_option,
    renamed_option,
)
from jeoul.cli.research import trials_option
from jeoul.cli.schemas import OutputForm
from jeoul.errors import UsageError
from jeoul.messages import say
from jeoul.model.session import parse_session

if TYPE_CHECKING:
    from jeoul.advice.compare import RouteResult
    from jeoul.advice.routes import Route
    from jeoul.advice.saver import Lots, Saver
    from jeoul.korea.rulebook import Rulebook
    from jeoul.market import Market


@click.command("compare-accounts")
@data_option
@click.option(
    "--fund",
    "funds",
    multiple=True,
    metavar="TICKER[:ACCOUNT]",
    help="A fund of the market folder, or a CSV file of date and won price. ACCOUNT: general, isa "
    "or pension_savings, with + between them in the order in which they are filled. Default: "
    "QQQ, 133690 and 069500.",
)
@click.option(
    "--yield",
    "yields",
    type=RateOf(),
    multiple=True,
    help="Distributions of a fund a year, as a share of its price.",
)
@click.option("--strategy", help="Also compare a strategy, after the tax on its sales.")
@click.option(
    "--profile", type=click.Choice(PROFILES), default="balanced", help="Profile of the strategy."
)
@trials_option
@click.option(
    "--monthly",
    type=AmountType(currency="KRW"),
    default=100_000,
    show_default=True,
    help="Won a month; 0 for none.",
)
@click.option(
    "--lump",
    type=AmountType(currency="KRW"),
    default=0,
    help="Also compare this much won paid once, on the first day.",
)
@click.option(
    "--years",
    type=click.IntRange(1, 40),
    default=10,
    show_default=True,
    help="Years from the first payment to the sale.",
)
@click.option("--to", metavar="DATE", help="Last day; default: the newest in the data.")
@renamed_option("--until", "--to")
@click.option(
    "--age",
    type=click.IntRange(0, 120),
    default=45,
    show_default=True,
    help="Age at the first payment.",
)
@click.option(
    "--wages",
    type=AmountType(currency="KRW"),
    default=60_000_000,
    show_default=True,
    help="Gross wages a year (총급여): the pension credit, the kind of ISA, other taxes.",
)
@click.option(
    "--taxable-income",
    type=AmountType(currency="KRW"),
    help="Taxable income of a year after deductions, without interest and dividends; default: what "
    "the wages give.",
)
@click.option(
    "--financial-income",
    type=AmountType(currency="KRW"),
    default=0,
    help="Interest and dividends a year that you have already.",
)
@click.option(
    "--health",
    type=click.Choice(["employee", "self_employed", "dependant"]),
    help="Your status in health insurance; without it premiums are not counted.",
)
@click.option(
    "--lots",
    type=click.Choice(["average", "fifo"]),
    default="average",
    show_default=True,
    help="How your broker counts the cost of foreign shares.",
)
@click.option(
    "--fx-cost",
    type=click.FloatRange(0.0, 1.0, max_open=True),
    default=0.001,
    show_default=True,
    help="Currency-conversion cost per conversion, as a fraction.",
)
@click.option("--out", type=click.Path(path_type=Path), help="Write a page with the chart here.")
@language_option
@json_option
def compare_accounts(
    folder: Path | None,
    funds: tuple[str, ...],
    yields: tuple[tuple[str, Decimal], ...],
    strategy: str | None,
    profile: str,
    trials: Path | None,
    monthly: int,
    lump: int,
    years: int,
    to: str | None,
    age: int,
    wages: int,
    taxable_income: int | None,
    financial_income: int,
    health: str | None,
    lots: Lots,
    fx_cost: float,
    out: Path | None,
    lang: str,
    as_json: OutputForm | None,
) -> None:
    """Compare funds and strategies in an ordinary account, an ISA and pension savings, after tax.

    Money above what an account takes goes to the next one. Without --fund: a US-listed Nasdaq fund,
    the same index listed in Korea in three accounts, and KODEX 200.
    """
    from jeoul import assets
    from jeoul.advice.explain import notice
    from jeoul.advice.saver import Saver, with_incomes
    from jeoul.market import open_market
    from jeoul.reporting.account_comparison import render, title_of
    from jeoul.workspace.configs import files_of
    from jeoul.workspace.places import trials_file

    prices = (Path(each.rpartition(":")[0] or each) for each in funds)
    file_for(out, *files_of(strategy or ""), *prices, trials_file(trials))
    market = open_market(folder if folder is not None else assets.data("sample"))
    book = _newest_rules()
    saver = Saver(
        monthly=monthly,
        age=age,
        wages=wages,
        financial_income=financial_income,
        health=health,
        lots=lots,
    )
    saver = with_incomes(book, saver, taxable_income)
    savers = [saver] if monthly or not lump else []
    savers += [replace(saver, monthly=0, lump=lump)] if lump else []
    last = None if to is None else parse_session(to)
    results, remarks = _funds(
        book, market, savers, funds, dict(yields), years, last, fx_cost=fx_cost, language=lang
    )
    if strategy is not None:
        results += _strategies(
            book, savers, strategy, profile, folder, years, last, trials=trials, language=lang
        )
        remarks.append(say(lang, "compare.strategy_note"))
    remarks = [*_remarks(lang, book, market, saver), *remarks, notice(lang, book)]
    if out is not None:
        simulated = market.simulated
        page = render(lang, results, remarks, health=health is not None, simulated=simulated)
        out.write_text(page, "utf-8")
    if as_json is not None:
        as_json.write(_data(lang, results, market, book, saver))
    else:
        click.echo(title_of(lang, results))
        _print(lang, results, health=health is not None)
    for remark in remarks:
        click.echo(remark, err=as_json is not None)


def _newest_rules() -> Rulebook:
    from jeoul.korea.tables import whole_rules

    return whole_rules()


def _funds(
    book: Rulebook,
    market: Market,
    savers: Sequence[Saver],
    funds: Sequence[str],
    given: dict[str, Decimal],
    years: int,
    last: date | None,
    *,
    fx_cost: float,
    language: str,
) -> tuple[list[RouteResult], list[str]]:
    """Return the results of the funds, and what was assumed about them."""
    from jeoul.advice.compare import run_route
    from jeoul.advice.routes import standard_routes
    from jeoul.advice.saver import isa_bars
    from jeoul.cli.comparison_funds import asked_routes, line_of, quotes_of
    from jeoul.korea.tables import load_yields

    yields = {**load_yields(), **given}
    remarks = []
    no_isa = bool(isa_bars(book, savers[0]))
    if funds:
        asked = asked_routes(
            book, market, funds, yields, fx_cost=fx_cost, language=language, no_isa=no_isa
        )
        routes, lines = asked.routes, dict(asked.lines)
        if asked.no_yield:
            named = {"tickers": ", ".join(asked.no_yield)}
            remarks.append(say(language, "compare.unknown_yield", named))
        if asked.unlisted:
            named = {"tickers": ", ".join(asked.unlisted)}
            remarks.append(say(language, "compare.unknown_kind", named))
    else:
        routes = standard_routes(book, yields, fx_cost=fx_cost)
        routes = tuple(route for route in routes if not (no_isa and route.account == "isa"))
        lines = {route.ticker: line_of(market, route.ticker) for route in routes}
    _refuse_none(routes)
    shown = {route.ticker: Decimal(str(route.distribution)) for route in routes}
    told = ", ".join(f"{ticker} {rate:z.1%}" for ticker, rate in shown.items())
    remarks.insert(0, say(language, "compare.assumptions", {"yields": told, "fx": fx_cost}))
    quotes = {ticker: quotes_of(line, years, last) for ticker, line in lines.items()}
    results = [
        run_route(book, saver, route, quotes[route.ticker]) for saver in savers for route in routes
    ]
    return results, remarks


def _refuse_none(routes: tuple[Route, ...]) -> None:
    if not routes:
        raise UsageError(
            "this person may not open an ISA, and every --fund names only an ISA; "
            "name another account, such as --fund TICKER:general"
        )


def _strategies(
    book: Rulebook,
    savers: Sequence[Saver],
    strategy: str,
    profile: str,
    folder: Path | None,
    years: int,
    last: date | None,
    *,
    trials: Path | None,
    language: str,
) -> list[RouteResult]:
    from jeoul.advice.compare import run_route
    from jeoul.advice.saver import isa_bars
    from jeoul.cli.comparison_strategy import strategy_runs

    word = say(language, f"recommend.profile_{profile}")
    title = f"{Path(strategy).stem} ({word})"
    runs = [
        run
        for run in strategy_runs(
            book, strategy, profile, folder, years, last, trials, title, language
        )
        if run.route.account != "isa" or not isa_bars(book, savers[0])
    ]
    return [
        run_route(book, saver, run.route, run.quotes, run.hold) for saver in savers for run in runs
    ]


def _remarks(language: str, book: Rulebook, market: Market, saver: Saver) -> Iterator[str]:
    from jeoul.advice.explain import explain, word
    from jeoul.advice.saver import isa_bars
    from jeoul.korea.rulebook import step

    if market.simulated:
        yield say(language, "compare.simulated")
    if bars := isa_bars(book, saver):
        years = book.won("isa.taxpayer_years")
        why = ", ".join(explain(language, step(name, years=years)) for name in bars)
        yield say(language, "compare.no_isa", {"why": why})
    yield say(language, "compare.law", {"year": book.year})
    if saver.health is None:
        yield say(language, "compare.unasked_health")
    else:
        yield say(language, "compare.asked_health", {"status": word(language, saver.health)})


def _print(language: str, results: Sequence[RouteResult], *, health: bool) -> None:
    from jeoul.advice.explain import explain
    from jeoul.cli.tables import Grid, show
    from jeoul.reporting.account_comparison import cells, columns, label

    heads = [say(language, f"compare.column_{name}") for name in columns(health=health)]
    rows = [(label(language, found), *cells(found, health=health)) for found in results]
    show(Grid(heads, rows))
    click.echo()
    for found in results:
        click.echo(label(language, found))
        for step in found.steps:
            click.echo(say(language, "rules.step", {"text": explain(language, step)}))


def _data(
    language: str, results: Sequence[RouteResult], market: Market, book: Rulebook, saver: Saver
) -> dict[str, object]:
    from jeoul.advice.compare import yearly_return
    from jeoul.advice.explain import told
    from jeoul.reporting.account_comparison import label

    return {
        "simulated": market.simulated,
        "source": market.source,
        "year": book.year,
        "health": saver.health,
        "routes": [
            {
                "name": found.route.name,
                "title": label(language, found),
                "ticker": found.route.ticker,
                "kind": found.route.account,
                "payment": "once" if found.lump else "monthly",
                "first": found.line[0].day.isoformat(),
                "last": found.line[-1].day.isoformat(),
                "paid": found.paid,
                "value": found.value,
                "tax": found.tax,
                "health": found.health,
                "credits": found.credits,
                "after_tax": found.after_tax,
                "yearly_return": yearly_return(found),
                "average_cost": found.average_cost,
                "accounts": [part._asdict() for part in found.parts],
                "steps": told(language, found.steps),
            }
            for found in results
        ],
    }
