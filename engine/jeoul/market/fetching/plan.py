"""The fetch plan: which symbols from where, and the market folder that they make. TOML, strict."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from jeoul.errors import ConfigError, Problem
from jeoul.files.document import Document, parse
from jeoul.files.faults import did_you_mean, shown
from jeoul.files.toml import check
from jeoul.market.fetching.pool import Manners
from jeoul.market.fetching.ratios import Ratio
from jeoul.market.folder import KRX_CODE
from jeoul.market.publication import LONGEST_LAG, Known, parse_known
from jeoul.market.raw.corrections import Correction
from jeoul.market.raw.series import SeriesKey
from jeoul.market.sources.issuers import KINDS
from jeoul.market.sources.issuers import NAME as ISSUERS
from jeoul.market.sources.port import source_names

_TICKER = r"^[0-9A-Za-z][0-9A-Za-z._^=-]{0,19}$"
_FILE = r"^[0-9A-Za-z][0-9A-Za-z_-]*\.csv$"

Ticker = Annotated[str, Field(pattern=_TICKER)]
Positive = Annotated[float, Field(gt=0)]


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Politeness(_Part):
    """How one source is asked; see :class:`jeoul.market.fetching.pool.Manners`."""

    at_once: Annotated[int, Field(ge=1, le=8)] = 2
    interval: Annotated[float, Field(ge=0)] = 0.5
    deadline: Positive = 30.0
    timeout: Positive = 10.0
    attempts: Annotated[int, Field(ge=1, le=10)] = 4
    backoff: Annotated[float, Field(ge=0)] = 2.0

    def manners(self) -> Manners:
        """Return it as a pool takes it."""
        return Manners(
            at_once=self.at_once,
            interval=self.interval,
            deadline=self.deadline,
            attempts=self.attempts,
            backoff=self.backoff,
        )


class When(_Part):
    """When a row becomes known, as a manifest writes it."""

    at: str
    lag: Annotated[int, Field(ge=0, le=LONGEST_LAG)] = 0

    def rule(self) -> Known:
        """Return the rule; raise ``ValueError`` for an instant that is none."""
        return parse_known(self.at, self.lag)


class Check(_Part):
    """A second source for the same figures, and how far apart the two may lie."""

    source: str
    symbol: str = ""
    suffix: str = ""
    tolerance: Positive = 0.005


class Second(_Part):
    """A source that carries a series on while the ones before it are behind or silent.

    It has to show the same figures: ``tolerance`` is how far apart the two may lie in the middle of
    the newest days that both have. ``days`` bounds how far back it is asked, for a source that
    answers one day at a time.
    """

    source: str
    symbol: str = ""
    suffix: str = ""
    tolerance: Positive = 0.005
    days: Annotated[int, Field(ge=20)] | None = None


class Premium(_Part):
    """How far the closes of a fund may lie from its net asset value, as a fraction of it.

    The exchange makes issuers announce more than 1 % for funds of Korean assets and more than 2 %
    for funds of foreign assets, whose market may be closed while the fund trades: these are the
    defaults. A newest close that is further away stops a decision unless the source of the value
    shows the same close; what is bought then is limited by the universe.
    """

    domestic: Positive = 0.01
    overseas: Positive = 0.02


class PricePlan(_Part):
    """A file of closing prices: one column per ticker, from one source.

    The symbol of a ticker is the ticker with ``suffix`` behind it, unless ``symbols`` names one.
    ``overseas`` are the funds that hold foreign assets, whose price may lie further from its NAV.
    """

    path: Annotated[str, Field(pattern=_FILE)]
    what: str
    exchange: Literal["XKRX", "XNYS"]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    source: str
    tickers: Annotated[list[Ticker], Field(min_length=1)]
    prefix: str = ""
    suffix: str = ""
    symbols: dict[str, str] = {}
    overseas: list[Ticker] = []
    check: Check | None = None
    second: list[Second] = []

    @property
    def known(self) -> When:
        """Return when the closes become known: at the close of their session."""
        return When(at=f"{self.exchange} close")

    def key(self, ticker: str) -> SeriesKey:
        """Return where a ticker is fetched from."""
        return SeriesKey(
            self.source, self.symbols.get(ticker, f"{self.prefix}{ticker}{self.suffix}")
        )

    def compared(self, ticker: str) -> SeriesKey | None:
        """Return where a ticker is fetched from to compare, None where it is not."""
        if self.check is None:
            return None
        return SeriesKey(self.check.source, self.check.symbol or f"{ticker}{self.check.suffix}")

    def nexts(self, ticker: str) -> list[tuple[SeriesKey, Second]]:
        """Return where a ticker is fetched from while its first source is behind, in order."""
        return [(SeriesKey(s.source, s.symbol or f"{ticker}{s.suffix}"), s) for s in self.second]


class ColumnPlan(_Part):
    """One series: where it comes from, its unit, and when its rows become known."""

    source: str
    symbol: Annotated[str, Field(min_length=1)]
    unit: str
    known: When
    check: Check | None = None
    second: list[Second] = []

    def key(self) -> SeriesKey:
        """Return where the series is fetched from."""
        return SeriesKey(self.source, self.symbol)

    def compared(self) -> SeriesKey | None:
        """Return where it is fetched from to compare, None where it is not."""
        return None if self.check is None else SeriesKey(self.check.source, self.check.symbol)

    def nexts(self) -> list[tuple[SeriesKey, Second]]:
        """Return where it is fetched from while its first source is behind, in order."""
        return [(SeriesKey(s.source, s.symbol), s) for s in self.second]


class SeriesPlan(_Part):
    """A file of series, by date or by reference month."""

    path: Annotated[str, Field(pattern=_FILE)]
    what: str
    index: Literal["date", "month"]
    columns: Annotated[dict[Ticker, ColumnPlan], Field(min_length=1)]


class Correct(_Part):
    """A figure that replaces the vendor's; one of the last four keys says which."""

    ticker: Ticker
    date: date
    reason: Annotated[str, Field(min_length=5)]
    close: Positive | None = None
    dividend: Annotated[float, Field(ge=0)] | None = None
    split: Ratio | None = None
    drop: bool = False

    def correction(self) -> Correction:
        """Return it as the cache takes it."""
        return Correction(
            ticker=self.ticker,
            day=self.date,
            reason=self.reason,
            close=self.close,
            dividend=self.dividend,
            split=self.split,
            drop=self.drop,
        )


class Release(_Part):
    """A serious finding that a person has looked at and lets pass."""

    ticker: Ticker
    date: date
    kind: Annotated[str, Field(pattern=r"^[a-z_]+$")]
    reason: Annotated[str, Field(min_length=5)]


class FetchPlan(_Part):
    """What to fetch and what to write."""

    schema_: Annotated[Literal[1], Field(alias="schema")]
    name: Annotated[str, Field(pattern=r"^[0-9a-z][0-9a-z-]{0,39}$")]
    what: str
    start: date
    store: str
    folder: str
    sources: dict[str, Politeness] = {}
    premium: Premium = Premium()
    prices: list[PricePlan] = []
    series: list[SeriesPlan] = []
    correct: list[Correct] = []
    release: list[Release] = []

    def wanted(self) -> dict[SeriesKey, str]:
        """Return every series to fetch, with the name that people know it by, in file order."""
        found: dict[SeriesKey, str] = {}
        for key, name in self._keys():
            found.setdefault(key, name)
        return found

    def source_names(self) -> tuple[str, ...]:
        """Return the sources that the plan asks."""
        return tuple(sorted({key.source for key in self.wanted()}))

    def issued(self, ticker: str) -> list[SeriesKey]:
        """Return where files of issuers have a ticker: base prices, distributions, taxed parts.

        Nowhere unless the plan has ``[sources.issuers]``; the files lie in ``issuers`` beside it.
        """
        if ISSUERS not in self.sources:
            return []
        return [SeriesKey(ISSUERS, f"{ISSUERS}/{kind}/{ticker}") for kind in KINDS]

    def _keys(self) -> Iterator[tuple[SeriesKey, str]]:
        for name, keys, _ in self._named():
            yield from ((key, name) for key in keys)

    def _named(self) -> Iterator[tuple[str, list[SeriesKey], tuple[When, bool]]]:
        """Yield every name with its keys, the first source's first, and when its rows are known."""
        for file in self.prices:
            for ticker in file.tickers:
                others = [file.compared(ticker), *(key for key, _ in file.nexts(ticker))]
                keys = [file.key(ticker), *(key for key in others if key is not None)]
                keys += self.issued(ticker)
                yield ticker, keys, (file.known, False)
        for sheet in self.series:
            for name, column in sheet.columns.items():
                others = [column.compared(), *(key for key, _ in column.nexts())]
                keys = [column.key(), *(key for key in others if key is not None)]
                yield name, keys, (column.known, sheet.index == "month")

    def known(self, key: SeriesKey) -> tuple[When, bool]:
        """Return when the rows of a series become known, and whether they are monthly."""
        for _, keys, known in self._named():
            if key in keys:
                return known
        raise KeyError(key)

    def seconds(self) -> dict[SeriesKey, Second]:
        """Return the sources that carry a series on, by where they are fetched from."""
        found: dict[SeriesKey, Second] = {}
        for file in self.prices:
            for ticker in file.tickers:
                found |= dict(file.nexts(ticker))
                found |= {key: Second(source=ISSUERS) for key in self.issued(ticker)}
        for sheet in self.series:
            for column in sheet.columns.values():
                found |= dict(column.nexts())
        return found

    def farthest(self, ticker: str) -> float:
        """Return how far the closes of a ticker may lie from its net asset value."""
        abroad = any(ticker in file.overseas for file in self.prices)
        return self.premium.overseas if abroad else self.premium.domestic

    def politeness(self, source: str) -> Politeness:
        """Return how a source is asked."""
        return self.sources.get(source, Politeness())

    def corrections(self, ticker: str) -> tuple[Correction, ...]:
        """Return the corrections of a ticker."""
        return tuple(c.correction() for c in self.correct if c.ticker == ticker)


def read_plan(path: Path) -> FetchPlan:
    """Return the plan in a file.

    Raises :class:`ConfigError` with every problem in it: not TOML, a key that is unknown or
    missing, a source that is none, a ticker that is no code or appears twice, a rule that cannot be
    read.
    """
    document = parse(path, ConfigError, kind="fetch plan")
    plan = check(document, FetchPlan, ConfigError)
    if problems := list(_wrong(document, plan)):
        raise ConfigError(problems)
    return plan


def _wrong(document: Document, plan: FetchPlan) -> Iterator[Problem]:
    """Yield what the types of a plan cannot tell."""
    for at, reason, remedy in [*_wrong_names(plan), *_wrong_codes(plan), *_wrong_notes(plan)]:
        yield document.problem(at, reason, remedy)


Place = list[str | int]
Wrong = tuple[Place, str, str]


def _wrong_names(plan: FetchPlan) -> Iterator[Wrong]:
    names = source_names()
    for source, at in _named_sources(plan):
        if source not in names:
            yield at, f"{shown(source)} is not a source", did_you_mean(source, names)
    owners: dict[str, str] = {}
    for at, name, file_path in _named_columns(plan):
        if name in owners:
            yield at, f"{name} is also in {owners[name]}", "keep one of the two"
        owners[name] = file_path
    paths = [*(file.path for file in plan.prices), *(file.path for file in plan.series)]
    for file_path in sorted({p for p in paths if paths.count(p) > 1}):
        yield ["path"], f"{file_path} is written twice", "join the two tables"
    for place, sheet in enumerate(plan.series):
        for name, column in sheet.columns.items():
            try:
                column.known.rule()
            except ValueError as error:
                remedy = 'write "XKRX close" or "12:00 Asia/Seoul"'
                yield ["series", place, "columns", name], str(error), remedy


def _wrong_codes(plan: FetchPlan) -> Iterator[Wrong]:
    for place, file in enumerate(plan.prices):
        for ticker in file.tickers:
            if file.exchange == "XKRX" and not KRX_CODE.fullmatch(ticker):
                remedy = "write the code as text of six characters, 069500, not 69500"
                yield ["prices", place, "tickers"], f"{ticker} is not a KRX code", remedy


def _wrong_notes(plan: FetchPlan) -> Iterator[Wrong]:
    fetched = {name for _, name, _ in _named_columns(plan)}
    marked = [("correct", place, c.ticker) for place, c in enumerate(plan.correct)]
    marked += [("release", place, r.ticker) for place, r in enumerate(plan.release)]
    for kind, place, ticker in marked:
        if ticker not in fetched:
            yield [kind, place, "ticker"], f"{ticker} is not fetched", "correct the code"
    for place, note in enumerate(plan.correct):
        if not _says_something(note):
            remedy = "give close, dividend, split or drop = true"
            yield ["correct", place], "corrects nothing", remedy


def _says_something(note: Correct) -> bool:
    return note.drop or any(v is not None for v in (note.close, note.dividend, note.split))


def _named_columns(plan: FetchPlan) -> Iterator[Wrong]:
    for place, file in enumerate(plan.prices):
        for ticker in file.tickers:
            yield ["prices", place, "tickers"], ticker, file.path
    for place, sheet in enumerate(plan.series):
        for name in sheet.columns:
            yield ["series", place, "columns", name], name, sheet.path


def _named_sources(plan: FetchPlan) -> Iterator[tuple[str, Place]]:
    for name in plan.sources:
        yield name, ["sources", name]
    for place, file in enumerate(plan.prices):
        yield file.source, ["prices", place, "source"]
        if file.check is not None:
            yield file.check.source, ["prices", place, "check"]
        for other in file.second:
            yield other.source, ["prices", place, "second"]
    for place, sheet in enumerate(plan.series):
        for name, column in sheet.columns.items():
            yield column.source, ["series", place, "columns", name]
            if column.check is not None:
                yield column.check.source, ["series", place, "columns", name]
            for other in column.second:
                yield other.source, ["series", place, "columns", name]
