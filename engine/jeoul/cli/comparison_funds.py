"""The funds of an account comparison: their facts, their routes, and the prices of the days."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jeoul.errors import DataError, Problem, UsageError
from jeoul.model.instrument import kind_word

if TYPE_CHECKING:
    from jeoul.advice.holding import FundQuote
    from jeoul.advice.routes import Route, RouteFund
    from jeoul.korea.rulebook import Rulebook
    from jeoul.market import Market
    from jeoul.model.calendar import Reals
    from jeoul.model.instrument import Instrument

_ACCOUNTS = ("general", "isa", "pension_savings")


class RateOf(click.ParamType[tuple[str, Decimal]]):
    """A rate of a ticker, as ``133690=0.006``."""

    name = "ticker=rate"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, Decimal]:
        """Return the ticker and its rate, or fail with what is wrong."""
        ticker, _, rate = str(value).partition("=")
        try:
            found = Decimal(rate)
        except ArithmeticError:
            found = Decimal(-1)
        if not ticker or not 0 <= found < 1:
            what = f"{value}: write TICKER=RATE with a share of 1, such as 133690=0.006"
            self.fail(what, param, ctx)
        return ticker, found


@dataclass(frozen=True, slots=True)
class FundPrices:
    """Prices of one fund: days, closes, and won per unit of their currency."""

    days: Sequence[date]
    close: Reals
    fx: Reals
    source: str
    name: str


@dataclass(frozen=True, slots=True)
class RoutesRequest:
    """The routes of the funds that were asked for, and what is assumed about them."""

    routes: tuple[Route, ...]
    lines: Mapping[str, FundPrices]
    no_yield: tuple[str, ...]
    unlisted: tuple[str, ...]


def asked_routes(
    book: Rulebook,
    market: Market,
    specs: Sequence[str],
    yields: Mapping[str, Decimal],
    *,
    fx_cost: float,
    language: str,
    no_isa: bool = False,
) -> RoutesRequest:
    """Return the routes of ``TICKER[:ACCOUNT[+ACCOUNT]]``; a price file may be the ticker.

    Without an account a fund goes through every kind that may hold it. A fund listed abroad comes
    twice, with and without the yearly use of the deduction. Where a person may have ``no_isa``,
    what was asked for behind one takes its money, and a fund that was asked for in an ISA alone
    has no route.
    """
    from jeoul.advice.routes import OVERFLOW, holds, route_of

    routes: list[Route] = []
    lines: dict[str, FundPrices] = {}
    unlisted: set[str] = set()
    for spec in specs:
        ticker, accounts = _read(spec)
        line = lines.setdefault(ticker, _line(market, ticker))
        instrument = _instrument(ticker)
        if instrument is None:
            unlisted.add(line.name)
        fund = _fund(book, line, instrument, yields, ticker, language)
        abroad = fund.kind == "us_etf"
        allowed = [each for each in _open_to(no_isa, _ACCOUNTS) if holds(book, fund, each)]
        chains = [_open_to(no_isa, accounts)] if accounts else [(each,) for each in allowed]
        for chain in filter(None, chains):
            overflow = chain[1:] or tuple(each for each in OVERFLOW[chain[0]] if each in allowed)
            for yearly in (False, True) if abroad else (False,):
                name = f"{line.name}:{'+'.join(chain)}{':yearly' if yearly else ''}"
                if any(route.name == name for route in routes):
                    continue  # without the ISA two are one
                routes.append(
                    route_of(
                        book,
                        fund,
                        chain[0],
                        name=name,
                        fx_cost=fx_cost,
                        overflow=overflow,
                        yearly=yearly,
                    )
                )
    no_yield = [line.name for ticker, line in lines.items() if ticker not in yields]
    return RoutesRequest(tuple(routes), lines, tuple(no_yield), tuple(sorted(unlisted)))


def _open_to(no_isa: bool, accounts: Sequence[str]) -> tuple[str, ...]:
    return tuple(each for each in accounts if not (no_isa and each == "isa"))


def _read(spec: str) -> tuple[str, tuple[str, ...]]:
    ticker, _, rest = spec.partition(":")
    accounts = tuple(map(kind_word, rest.split("+"))) if rest else ()
    for account in accounts:
        if account not in _ACCOUNTS:
            raise UsageError(
                f"--fund {spec}: {account!r} is not an account; use {', '.join(_ACCOUNTS)}, with + "
                "between them in the order in which they are filled"
            )
    if "general" in accounts[:-1]:
        raise UsageError(f"--fund {spec}: general takes every payment; name it last")
    return ticker, accounts


def _fund(
    book: Rulebook,
    line: FundPrices,
    instrument: Instrument | None,
    yields: Mapping[str, Decimal],
    ticker: str,
    language: str,
) -> RouteFund:
    from jeoul.account.tax_rules import rate_abroad
    from jeoul.advice.routes import RouteFund

    title, kind, abroad = line.name, "krx_other_etf", 0.0
    if instrument is not None:
        title = instrument.name_ko if language == "ko" else instrument.name_en
        kind = instrument.tax_kind
        abroad = float(rate_abroad(book, instrument))
    elif (line.fx != 1.0).any():
        kind = "us_etf"
    return RouteFund(
        ticker=ticker,
        kind=kind,
        distribution=float(yields.get(ticker, 0)),
        foreign_rate=abroad,
        title=title,
        features=_features(ticker, instrument),
    )


def _features(ticker: str, instrument: Instrument | None) -> frozenset[str]:
    """Return the features of a fund, from the catalogue of listed funds if no universe has it."""
    from jeoul.korea.catalogue_files import load_catalogue

    if instrument is not None:
        return instrument.features
    listed = load_catalogue().funds.get(ticker)
    return frozenset() if listed is None else frozenset(listed.names("features"))


def _instrument(ticker: str) -> Instrument | None:
    from jeoul import api
    from jeoul.strategy.universe import shipped_universes

    for name in shipped_universes():
        found = api.universe_of(name).instruments.get(ticker)
        if found is not None:
            return found
    return None


def _line(market: Market, ticker: str) -> FundPrices:
    import numpy as np

    if ticker.endswith(".csv"):
        return _file(Path(ticker))
    table = next((t for t in market.prices if ticker in t.tickers), None)
    if table is None:
        remedy = "name a folder that has it with --data, or a price file as --fund FILE.csv"
        raise DataError([Problem(market.source, f"has no prices of {ticker}", remedy=remedy)])
    close = table.close[:, table.tickers.index(ticker)]
    fx = np.ones(len(close))
    if table.currency != "KRW":
        if "usdkrw" not in market.series:
            raise DataError([Problem(market.source, "has no usdkrw to change currency with")])
        fx = market.series["usdkrw"].at(table.known_at)
    return FundPrices(
        days=table.sessions.astype(object).tolist(),
        close=close,
        fx=fx,
        source=market.source,
        name=ticker,
    )


def _file(path: Path) -> FundPrices:
    import numpy as np

    from jeoul.market.sheet import read_sheet

    if not path.is_file():
        raise DataError([Problem(str(path), "there is no such file", remedy="check the name")])
    sheet = read_sheet(path.parent, path.name, "date")
    if len(sheet.columns) != 1:
        what = f"has {len(sheet.columns)} columns of prices"
        remedy = "leave the dates and one column of won prices with distributions reinvested"
        raise DataError([Problem(str(path), what, remedy=remedy)])
    days: list[date] = sheet.days.astype(object).tolist()
    return FundPrices(
        days=days,
        close=sheet.values[:, 0],
        fx=np.ones(len(days)),
        source=str(path),
        name=sheet.columns[0],
    )


def line_of(market: Market, ticker: str) -> FundPrices:
    """Return the prices of a ticker in a market folder."""
    return _line(market, ticker)


def quotes_of(line: FundPrices, years: int, last: date | None) -> list[FundQuote]:
    """Return the first day with a price of every month, and the last day with one."""
    from jeoul.advice.holding import FundQuote

    rows = list(_priced(line, last))
    first: dict[tuple[int, int], int] = {}
    for row in rows:
        first.setdefault((line.days[row].year, line.days[row].month), row)
    months = sorted(first)[-12 * years - 1 :]
    if not rows or len(months) <= 12 * years:
        what = f"has {max(0, len(months) - 1)} whole months of {line.name}"
        remedy = f"{12 * years} are needed; give fewer --years"
        raise DataError([Problem(line.source, what, remedy=remedy)])
    chosen = [first[month] for month in months[:-1]] + [rows[-1]]
    return [
        FundQuote(line.days[row], float(line.close[row]), float(line.fx[row])) for row in chosen
    ]


def _priced(line: FundPrices, last: date | None) -> Iterator[int]:
    for row, day in enumerate(line.days):
        if line.close[row] > 0 and line.fx[row] > 0 and (last is None or day <= last):
            yield row
