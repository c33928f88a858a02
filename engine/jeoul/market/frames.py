"""A market from a DataFrame of closing prices, such as ``yfinance.download`` returns.

What each column was taken as is written down in :attr:`~jeoul.market.market.Market.notes`; a column
that has two meanings is refused. Prices then pass the same checks as those of a market folder.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, NoReturn

import numpy as np
from numpy.typing import NDArray

from jeoul.errors import DataError, Problem
from jeoul.market.events import PriceEvent
from jeoul.market.folder import (
    KRX_CODE,
    Dropped,
    Folder,
    PriceSheet,
    SeriesColumn,
    price_sheet,
    with_events,
)
from jeoul.market.manifest import CURRENCY, Manifest, ManifestColumn, PriceFile
from jeoul.market.market import Market
from jeoul.market.publication import known_instants, on_session, parse_known
from jeoul.market.raw.answer import Payment
from jeoul.market.raw.corrections import later_splits
from jeoul.market.sheet import NumberSheet, SheetFaults
from jeoul.model.calendar import Calendar, Days, Reals
from jeoul.model.days import count_before
from jeoul.model.portfolio import Reason
from jeoul.model.ratio import WHOLE, vendor_ratio
from jeoul.model.series import Series

if TYPE_CHECKING:
    import pandas as pd

NAME = "DataFrame"
CLOSE, ADJUSTED, DIVIDENDS, SPLITS = "Close", "Adj Close", "Dividends", "Stock Splits"
FIELDS = frozenset(
    {CLOSE, ADJUSTED, DIVIDENDS, SPLITS, "Open", "High", "Low", "Volume", "Capital Gains"}
    | {"Repaired?", "Price"}
)
"""The columns of yfinance; the first four are read."""

SERIES: Mapping[str, ManifestColumn] = MappingProxyType(
    {
        symbol: ManifestColumn(name, unit, parse_known(at))
        for symbol, name, unit, at in (
            ("^VIX", "vix", "index points", "XNYS close"),
            ("^VIX3M", "vix3m", "index points", "XNYS close"),
            ("^TNX", "us10y", "percent a year", "XNYS close"),
            ("^TYX", "us30y", "percent a year", "XNYS close"),
            ("^KS200", "kospi200", "index, no dividends", "XKRX close"),
            ("^KS11", "kospi", "index, no dividends", "XKRX close"),
            ("CL=F", "wti", "USD per barrel", "XNYS close"),
            ("KRW=X", "usdkrw", "KRW per USD", "23:59 Europe/London"),
        )
    }
)
"""Symbols of Yahoo that are series of jeoul, as ``configs/fetch.toml`` names them."""

_KOREAN = re.compile(r"\.(KS|KQ)$")
_AMERICAN = re.compile(r"[A-Z][A-Z0-9]{0,5}(-[A-Z]{1,2})?")  # BRK-B; a point is another exchange
_NAMED = {column.name: column for column in SERIES.values()}
_MOST_NAMES = 8  # tickers written out in a note


class _Fund(NamedTuple):
    symbol: str
    exchange: str
    code: str


@dataclass(frozen=True, slots=True, eq=False)
class _Read:
    """The fields of a frame by name, each with one column a symbol, over the same stamps.

    ``of_yahoo`` says that the frame has its fields by name, as yfinance returns it.
    """

    stamps: pd.DatetimeIndex
    fields: Mapping[str, pd.DataFrame]
    of_yahoo: bool

    def values(self, field: str, symbols: Sequence[str]) -> Reals:
        """Return the numbers of a field, NaN where a symbol has none.

        Raises :class:`DataError` for one without end.
        """
        named = self.fields[field].reindex(columns=list(symbols))
        found = np.array(named.to_numpy(dtype=float, na_value=np.nan), order="C")  # a copy
        self.forbid(np.isinf(found), field, symbols, "leave the cell empty, or give its number")
        return found

    def forbid(
        self, wrong: NDArray[np.bool_], field: str, symbols: Sequence[str], remedy: str
    ) -> None:
        """Raise :class:`DataError` that names the first cell of a field marked as wrong."""
        for row, column in np.argwhere(wrong)[:1]:
            symbol, day = symbols[column], self.stamps[row].date()
            value = self.fields[field][symbol].iloc[row]
            _refuse(f"{field} of {symbol} is {value:g} on {day}", remedy)

    def days(self, zone: str) -> Days:
        """Return the stamps as dates where the exchange is."""
        stamps = self.stamps
        if stamps.tz is not None:  # midnight in Seoul is the day before in UTC
            stamps = stamps.tz_convert(zone).tz_localize(None)
        return np.asarray(stamps.to_numpy().astype("datetime64[D]"))


def open_frame(
    frame: pd.DataFrame, *, calendars: Mapping[str, Calendar], multiples: Mapping[str, float]
) -> Market:
    """Return the market of a DataFrame with one row a day and one column, or group, a ticker.

    Raises :class:`DataError` with every problem: an index that is not of days in order, columns of
    one ticker that nobody names, tickers of other exchanges, and what a price file is refused for.
    """
    read = _fields(frame)
    symbols = list(dict.fromkeys(str(s) for s in read.fields[CLOSE].columns))
    funds, series, unused = _sorted(symbols)
    sheets: list[PriceSheet] = []
    problems: list[Problem] = []
    for exchange in sorted({fund.exchange for fund in funds}):
        own = [fund for fund in funds if fund.exchange == exchange]
        try:
            sheets.append(_sheet(read, own, calendars))
        except DataError as error:
            problems += error.problems
    if problems:
        raise DataError(problems)
    columns = tuple(_column(read, symbol, column, calendars) for symbol, column in series.items())
    manifest = Manifest(
        folder=Path(NAME),
        last=max(_last(sheet) for sheet in sheets),
        simulated=False,
        what=NAME,
        prices=(),
        events=(),
        series=(),
        cross_checks=(),
    )
    notes = (*_prices_notes(read, sheets), *_other_notes(series, unused))
    return Market(manifest, Folder(tuple(sheets), columns), calendars, multiples, notes)


def _fields(frame: pd.DataFrame) -> _Read:
    """Return what a frame has by field and symbol, in either order of its two levels."""
    import pandas as pd

    index = frame.index
    if not isinstance(index, pd.DatetimeIndex) or not len(index) or not frame.shape[1]:
        _refuse("has no rows by day", "give one row a day, with a DatetimeIndex")
    if index.hasnans or not index.is_monotonic_increasing or not index.is_unique:
        _refuse("its days do not ascend", "sort it with sort_index() and keep each day once")
    columns = frame.columns
    if columns.nlevels == 1:
        if set(map(str, columns)) <= FIELDS:
            remedy = 'name the ticker: pd.concat({"069500.KS": frame}, axis=1)'
            _refuse("its columns are those of one ticker, which it does not name", remedy)
        return _Read(index, {CLOSE: _renamed(frame)}, of_yahoo=False)
    levels = [k for k in range(columns.nlevels) if CLOSE in columns.get_level_values(k)]
    if columns.nlevels != 2 or len(levels) != 1:
        remedy = "give a frame as yfinance.download returns it, or one column of closes a ticker"
        _refuse("its columns have no level with Close", remedy)
    names = {str(name) for name in columns.get_level_values(levels[0])}
    found = {
        name: _renamed(frame.xs(name, axis=1, level=levels[0]))  # type: ignore[arg-type]
        for name in sorted(names & {CLOSE, ADJUSTED, DIVIDENDS, SPLITS})
    }
    return _Read(index, found, of_yahoo=True)


def _renamed(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose columns are text, each once."""
    names = [str(name) for name in frame.columns]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        _refuse(f"has {', '.join(twice)} more than once", "keep one of the columns")
    return frame.set_axis(names, axis=1)


def _sorted(symbols: Iterable[str]) -> tuple[list[_Fund], dict[str, ManifestColumn], list[str]]:
    """Return the funds, the series by symbol, and the indices that nothing reads."""
    faults = SheetFaults(NAME)
    funds: dict[str, _Fund] = {}
    series: dict[str, ManifestColumn] = {}
    unused: list[str] = []
    for symbol in symbols:
        column = SERIES.get(symbol) or _NAMED.get(symbol)
        fund = _fund(symbol)
        if column is not None and column in series.values():
            faults.add(f"has {column.name} more than once", "keep one of the columns", key=symbol)
        elif column is not None:
            series[symbol] = column
        elif fund is not None and fund.code in funds:
            other = funds[fund.code].symbol
            faults.add(f"is the same fund as {other}", "keep one of the columns", key=symbol)
        elif fund is not None:
            funds[fund.code] = fund
        elif symbol.startswith("^") or "=" in symbol:
            unused.append(symbol)
        else:
            remedy = "use a ticker of KRX, such as 069500.KS, or of New York, such as SPY"
            faults.add("is not a ticker of KRX or New York", remedy, key=symbol)
    faults.refuse()
    if not funds:
        _refuse("has no fund", "add a ticker of KRX, such as 069500.KS, or of New York")
    return list(funds.values()), series, unused


def _fund(symbol: str) -> _Fund | None:
    code = _KOREAN.sub("", symbol)
    if KRX_CODE.fullmatch(code):
        return _Fund(symbol, "XKRX", code)
    return _Fund(symbol, "XNYS", symbol) if _AMERICAN.fullmatch(symbol) else None


def _sheet(read: _Read, funds: Sequence[_Fund], calendars: Mapping[str, Calendar]) -> PriceSheet:
    """Return the closes of an exchange's funds, with what they paid if the frame says so."""
    exchange = funds[0].exchange
    calendar = calendars[exchange]
    symbols = [fund.symbol for fund in funds]
    codes = tuple(fund.code for fund in funds)
    days = read.days(calendar.timezone)
    if len(np.unique(days)) < len(days):
        _refuse("has several rows a day", "give one row a day, with its closing prices")
    field = _price_field(read)
    close = read.values(field, symbols)
    close[close == 0.0] = np.nan  # how the vendor shows a close that it does not have
    read.forbid(close < 0.0, field, symbols, "give figures above 0")
    raw = _is_raw(read)
    paid = {
        code: _payments(read, symbol, days) for symbol, code in zip(symbols, codes, strict=True)
    }
    if raw:
        for column, code in enumerate(codes):
            close[:, column] *= later_splits(days, paid[code])
    kept = ~np.isnan(close).all(axis=1)
    if not kept.any():
        _refuse(f"has no price of {', '.join(symbols)}", "leave the tickers out, or fetch them")
    sheet = NumberSheet(NAME, days[kept], codes, close[kept])
    adjusted = "raw" if raw else "total-return"
    file = PriceFile(
        path=NAME,
        exchange=exchange,
        currency=CURRENCY[exchange],
        adjusted=adjusted,
        known=parse_known(f"{exchange} close"),
    )
    found = price_sheet(file, sheet, calendars)
    if not raw:
        return found
    events = [event for code in codes for event in _events(code, paid[code], days)]
    _check_events(events, calendar)
    return with_events(found, sorted(events, key=lambda event: (event.day, event.ticker)))


def _price_field(read: _Read) -> str:
    return ADJUSTED if ADJUSTED in read.fields and not _is_raw(read) else CLOSE


def _is_raw(read: _Read) -> bool:
    """Return whether closes are without dividends, and the dividends are there.

    yfinance leaves Adj Close out where it has put the dividends into Close already.
    """
    return ADJUSTED in read.fields and DIVIDENDS in read.fields


def _payments(read: _Read, symbol: str, days: Days) -> list[Payment]:
    if not _is_raw(read):
        return []
    dividends = np.nan_to_num(read.values(DIVIDENDS, [symbol])[:, 0])
    splits = np.zeros(len(days))
    if SPLITS in read.fields:
        splits = np.nan_to_num(read.values(SPLITS, [symbol])[:, 0])
    found = []
    for row in np.flatnonzero((dividends != 0.0) | ((splits != 0.0) & (splits != 1.0))):
        day, dividend, split = days[row].astype(object), float(dividends[row]), float(splits[row])
        if dividend < 0.0 or split < 0.0:
            wrong = f"{symbol} has a dividend of {dividend:g} and a split of {split:g} on {day}"
            _refuse(wrong, "give figures above 0")
        try:
            ratio = vendor_ratio(split) if split else WHOLE
        except ValueError:
            wrong = f"the split of {symbol} on {day}, {split:g}, is not a ratio of whole numbers"
            _refuse(wrong, "give 2 for two shares from one, 0.5 for one from two")
        found.append(Payment(day, dividend, ratio))
    return found


def _events(code: str, payments: Sequence[Payment], days: Days) -> Iterator[PriceEvent]:
    """Yield payments as they were made: yfinance restates dividends for later splits."""
    own = np.array([payment.day for payment in payments], dtype="datetime64[D]")
    for payment, factor in zip(payments, later_splits(own, payments).tolist(), strict=True):
        row = count_before(days, payment.day)
        yield PriceEvent(
            day=payment.day,
            ticker=code,
            dividend=payment.dividend * factor,
            split=payment.split,
            line=NumberSheet.line(row),
        )


def _check_events(events: Sequence[PriceEvent], calendar: Calendar) -> None:
    faults = SheetFaults(NAME)
    held = np.array([event.day for event in events], dtype="datetime64[D]")
    for event, session in zip(events, on_session(calendar, held), strict=True):
        if not session:
            reason = f"{event.day} is not a session of {calendar.name}"
            faults.add(reason, "give the ex-date, which is a session", key=event.ticker)
    faults.refuse()


def _column(
    read: _Read, symbol: str, column: ManifestColumn, calendars: Mapping[str, Calendar]
) -> SeriesColumn:
    """Return a series; days of its exchange without trading have no value."""
    exchange = column.known.exchange
    zone = column.known.zone if exchange is None else calendars[exchange].timezone
    assert zone is not None
    days, values = read.days(zone), read.values(CLOSE, [symbol])[:, 0]
    instants, session = known_instants(column.known, days, calendars)
    kept = ~np.isnan(values) & session
    lost = ~np.isnan(values) & ~session
    return SeriesColumn(
        Series(
            name=column.name,
            unit=column.unit,
            dates=days[kept],
            values=values[kept],
            known_at=instants[kept],
        ),
        False,
        Dropped(column.name, exchange or "", days[lost], instants[lost]),
    )


def _last(sheet: PriceSheet) -> date:
    found: date = sheet.table.sessions[-1].astype(object)
    return found


def _prices_notes(read: _Read, sheets: Sequence[PriceSheet]) -> Iterator[Reason]:
    for sheet in sheets:
        table = sheet.table
        yield Reason.of(
            "frame.funds",
            exchange=table.exchange,
            currency=table.currency,
            count=len(table.tickers),
            tickers=_names(table.tickers),
            first=table.sessions[0],
            last=table.sessions[-1],
        )
    if _is_raw(read):
        yield Reason.of("frame.raw")
    elif ADJUSTED in read.fields:
        yield Reason.of("frame.adj_close")
    else:
        yield Reason.of("frame.auto_adjusted" if read.of_yahoo else "frame.close")
    yield Reason.of("frame.last_row", last=max(_last(sheet) for sheet in sheets))


def _other_notes(series: Mapping[str, ManifestColumn], unused: Sequence[str]) -> Iterator[Reason]:
    for symbol, column in series.items():
        yield Reason.of("frame.series", symbol=symbol, name=column.name, unit=column.unit)
    if unused:
        yield Reason.of("frame.unused", symbols=_names(unused))


def _names(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f", +{more}" if more > 0 else "")


def _refuse(wrong: str, remedy: str) -> NoReturn:
    raise DataError([Problem(NAME, wrong, remedy=remedy)])
