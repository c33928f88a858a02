"""``manifest.toml``: what each file of a market folder holds and when its rows become known.

Top level: ``schema = 1``, optionally ``last`` (the last date the folder vouches for; the newest
date of its price files where it is left out), ``simulated = true``, ``what`` and ``[[release]]``:
serious findings that a person lets pass, each with ``ticker``, ``date``, ``kind`` and ``reason``;
then one ``[[file]]`` per file. What a file is follows from its keys:

=============  ==========================================================================
prices         ``exchange``: one column of closes per ticker; optionally ``currency adjusted
               known``, which are that of the exchange, ``raw`` and its close by default
events         ``events_of``: dividends and splits of a raw price file
tax base       ``tax_base_of``: taxable base prices (과표기준가) of funds of a raw price file
values         ``nav_of``: net asset values of funds of a raw price file, a share
findings       ``findings_of``: what was found wrong with a file's rows when they were fetched
series         ``[file.columns]``: one series per column, each with its ``unit`` and ``known``
cross-check    none of these: stands beside the data, is never read into a decision
=============  ==========================================================================
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from jeoul.errors import DataError, Problem
from jeoul.files.document import MOST_FAULTS, Document, parse
from jeoul.files.faults import UNKNOWN, Location, did_you_mean, shown
from jeoul.market.last_row import newest_label
from jeoul.market.publication import LONGEST_LAG, REGULAR_CLOSE, Known, parse_known

NAME = "manifest.toml"
ADJUSTED = ("total-return", "raw")
CURRENCY = {"XKRX": "KRW", "XNYS": "USD"}
"""The currency of an exchange's prices, where a manifest does not name one."""

_TOP = {"schema", "last", "simulated", "what", "file", "release"}
_RELEASE = {"ticker", "date", "kind", "reason"}
_FILE = {"path", "what", "index", "known"}
_PRICE = {"currency", "exchange", "adjusted"}


@dataclass(frozen=True, slots=True)
class PriceFile:
    """A file of closing prices of one exchange, in one currency."""

    path: str
    exchange: str
    currency: str
    adjusted: str
    known: Known


@dataclass(frozen=True, slots=True)
class EventsFile:
    """A file of dividends and splits that belongs to a raw price file."""

    path: str
    events_of: str


@dataclass(frozen=True, slots=True)
class TaxBaseFile:
    """A file of taxable base prices that belongs to a raw price file."""

    path: str
    tax_base_of: str


@dataclass(frozen=True, slots=True)
class NavFile:
    """A file of net asset values that belongs to a raw price file."""

    path: str
    nav_of: str


@dataclass(frozen=True, slots=True)
class FindingsFile:
    """A file of findings that belongs to a file of prices or series."""

    path: str
    findings_of: str


_OF_RAW = {"events_of": EventsFile, "tax_base_of": TaxBaseFile, "nav_of": NavFile}
_BESIDE = {**_OF_RAW, "findings_of": FindingsFile}


@dataclass(frozen=True, slots=True)
class Released:
    """A serious finding that a person has looked at; ``kind`` without its first part."""

    ticker: str
    day: date
    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class ManifestColumn:
    """One series of a file: its unit and when its rows become known."""

    name: str
    unit: str
    known: Known


@dataclass(frozen=True, slots=True)
class SeriesFile:
    """A file of series, by date or by reference month."""

    path: str
    index: str
    columns: tuple[ManifestColumn, ...]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a market folder holds."""

    folder: Path
    last: date
    simulated: bool
    what: str
    prices: tuple[PriceFile, ...]
    events: tuple[EventsFile, ...]
    series: tuple[SeriesFile, ...]
    cross_checks: tuple[str, ...]
    findings: tuple[FindingsFile, ...] = ()
    released: tuple[Released, ...] = ()
    tax_bases: tuple[TaxBaseFile, ...] = ()
    navs: tuple[NavFile, ...] = ()

    @property
    def exchanges(self) -> tuple[str, ...]:
        """Return the exchanges whose calendars are needed to read the folder, by name."""
        rules = [p.known for p in self.prices]
        rules += [c.known for f in self.series for c in f.columns]
        named = {p.exchange for p in self.prices} | {r.exchange for r in rules if r.exchange}
        return tuple(sorted(named))


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of a market folder.

    Raises :class:`DataError` with every problem in it at once: not there, not TOML, not UTF-8, a
    key that is unknown, missing or of the wrong type, an unusable ``known`` rule.
    """
    path = folder / NAME
    if not path.is_file():
        reason, remedy = "there is no such folder", "check the path"
        if folder.is_dir():
            reason = "there is no manifest.toml"
            remedy = "give a folder that holds one, as --data DIR"
        raise DataError([Problem(str(folder), reason, remedy=remedy)])
    return _Reading(folder, parse(path, DataError, name=NAME)).manifest()


def _text(entry: dict[str, Any], key: str) -> str:
    """Return a text of an entry, empty where there is none."""
    value = entry.get(key)
    return value if isinstance(value, str) else ""


def _is_release(entry: dict[str, Any]) -> bool:
    texts = (isinstance(entry.get(key), str) and entry[key] for key in _RELEASE - {"date"})
    return set(entry) == _RELEASE and type(entry["date"]) is date and all(texts)


class _Reading:
    """One pass over a manifest that collects every problem before it refuses."""

    def __init__(self, folder: Path, document: Document) -> None:
        self.folder = folder
        self.content = document.data
        self.document = document
        self.problems: list[Problem] = []
        self.prices: list[PriceFile] = []
        self.series: list[SeriesFile] = []
        self.cross_checks: list[str] = []
        self.released: list[Released] = []
        self.beside: dict[str, list[Any]] = {key: [] for key in _BESIDE}

    def manifest(self) -> Manifest:
        """Return the manifest, or raise with everything wrong with it."""
        top = self.content
        self.unknown(top, (), _TOP)
        if top.get("schema") != 1:
            self.wrong(-1, "schema", "schema is not 1", "write schema = 1")
        if "last" in top and type(top["last"]) is not date:
            self.wrong(-1, "last", f"{shown(top['last'])} is not a date", "write last = 2024-06-28")
        if not isinstance(top.get("simulated", False), bool):
            reason = f"{shown(top['simulated'])} is neither true nor false"
            self.wrong(-1, "simulated", reason, "write one of the two")
        if not isinstance(top.get("what", ""), str):
            self.wrong(-1, "what", f"{shown(top['what'])} is not text", "write it in quotes")
        files = top.get("file")
        if not isinstance(files, list) or not files:
            self.wrong(-1, "file", "names no file", "add a [[file]] for each CSV")
            files = []
        for place, entry in enumerate(files):
            if isinstance(entry, dict):
                self.file(place, entry)
            else:
                self.wrong(
                    -1, "file", f"{shown(entry)} is not a file", "write a [[file]] for each CSV"
                )
        self.across([entry if isinstance(entry, dict) else {} for entry in files])
        self.releases(top.get("release", []))
        if self.problems:
            more = len(self.problems) - MOST_FAULTS
            rest = [Problem(NAME, f"… and {more:,} more problems")] if more > 0 else []
            raise DataError([*self.problems[:MOST_FAULTS], *rest])
        return Manifest(
            folder=self.folder,
            last=top["last"] if "last" in top else self.newest(),
            simulated=top.get("simulated", False),
            what=top.get("what", self.folder.resolve().name),
            prices=tuple(self.prices),
            events=tuple(self.beside["events_of"]),
            series=tuple(self.series),
            cross_checks=tuple(self.cross_checks),
            findings=tuple(self.beside["findings_of"]),
            released=tuple(self.released),
            tax_bases=tuple(self.beside["tax_base_of"]),
            navs=tuple(self.beside["nav_of"]),
        )

    def newest(self) -> date:
        """Return the newest date of the price files: what the folder vouches for by default."""
        found = [newest_label(self.folder, file.path) for file in self.prices]
        days = [day for day in found if day is not None]
        if not days:
            remedy = "write last = 2024-06-28, the last date that the folder vouches for"
            raise DataError([Problem(NAME, "is missing", key="last", remedy=remedy)])
        return max(days)

    def releases(self, entries: object) -> None:
        """Read every ``[[release]]``."""
        for place, entry in enumerate(entries if isinstance(entries, list) else [entries]):
            self.unknown(entry, ("release", place), _RELEASE)
            if not isinstance(entry, dict) or not _is_release(entry):
                remedy = "give ticker, date, kind and reason, and nothing else"
                self.wrong(-1, "release", f"{shown(entry)} releases nothing", remedy)
                continue
            self.released.append(
                Released(entry["ticker"], entry["date"], entry["kind"], entry["reason"])
            )

    def file(self, place: int, entry: dict[str, Any]) -> None:
        """Read one ``[[file]]``; what it is follows from its keys."""
        at, path = ("file", place), self.text(place, entry, "path")
        if path and (Path(path).is_absolute() or ".." in Path(path).parts):
            self.wrong(place, "path", f"{shown(path)} leaves the folder", "name a file inside it")
        beside = next((key for key in _BESIDE if key in entry), None)
        if beside is not None:
            self.unknown(entry, at, {"path", "what", "index", beside})
            self.beside[beside].append(_BESIDE[beside](path, self.text(place, entry, beside)))
            return
        index = self.choice({"index": "date"} | entry, "index", ("date", "month"), place)
        if "columns" in entry:
            self.unknown(entry, at, {"path", "what", "index", "columns"})
            self.series.append(SeriesFile(path, index, self.columns(place, entry["columns"])))
        elif _PRICE & set(entry):
            self.unknown(entry, at, _FILE | _PRICE)
            self.price(place, entry, path)
        else:
            self.unknown(entry, at, _FILE, {"columns", *_BESIDE})
            self.cross_checks.append(path)

    def price(self, place: int, entry: dict[str, Any], path: str) -> None:
        """Read a file of prices."""
        if entry.get("index") == "month":
            self.wrong(place, "index", "is 'month' in a price file", "give daily closes by date")
        exchange = self.choice(entry, "exchange", tuple(REGULAR_CLOSE), place)
        entry = {"currency": CURRENCY[exchange], "adjusted": "raw", **entry}
        currency = self.text(place, entry, "currency")
        if currency and not re.fullmatch("[A-Z]{3}", currency):
            self.wrong(
                place, "currency", f"{shown(currency)} is not a currency code", "write KRW or USD"
            )
        adjusted = self.choice(entry, "adjusted", ADJUSTED, place)
        rule = entry.get("known", {"at": f"{exchange} close"})
        known = self.known(place, rule, "known", "")
        if known.in_advance and "known" in entry:
            self.wrong(
                place, "known", "prices are not known in advance", "write for example 'XKRX close'"
            )
        named = {"exchange": exchange, "currency": currency, "adjusted": adjusted}
        self.prices.append(PriceFile(path=path, known=known, **named))

    def columns(self, place: int, table: object) -> tuple[ManifestColumn, ...]:
        """Read ``[file.columns]``."""
        if not isinstance(table, dict) or not table:
            self.wrong(place, "columns", "names no column", "add one line per column")
            return ()
        found = []
        for name, entry in table.items():
            self.unknown(entry, ("file", place, "columns", name), {"unit", "known"})
            if not isinstance(entry, dict) or not isinstance(entry.get("unit"), str):
                remedy = 'write { unit = "…", known = { at = "…" } }'
                self.wrong(place, name, "has no unit", remedy, "columns")
                continue
            rule = self.known(place, entry.get("known"), name, "columns")
            found.append(ManifestColumn(name, entry["unit"], rule))
        return tuple(found)

    def known(self, place: int, rule: object, key: str, table: str) -> Known:
        """Read a rule ``{ at = "XNYS close", lag = 0 }``."""
        column = (table, key) if table else ()
        self.unknown(rule, ("file", place, *column, "known"), {"at", "lag"})
        remedy = 'write known = { at = "XKRX close", lag = 0 }, "12:00 Asia/Seoul" or "in advance"'
        if not isinstance(rule, dict) or not isinstance(rule.get("at"), str):
            self.wrong(place, key, "does not say when its rows become known", remedy, table)
            return Known()
        lag = rule.get("lag", 0)
        if type(lag) is not int or not 0 <= lag <= LONGEST_LAG:
            remedy = f"give whole days, 0 or more and at most {LONGEST_LAG}"
            self.wrong(place, key, f"has the lag {shown(lag)}", remedy, table)
            return Known()
        try:
            return parse_known(rule["at"], lag)
        except ValueError as error:
            self.wrong(place, key, str(error), remedy, table)
            return Known()

    def across(self, files: list[dict[str, Any]]) -> None:
        """Check what no single file can tell: paths, events and names that stand twice."""
        raw = {p.path for p in self.prices if p.adjusted == "raw"}
        described = {*(f.path for f in self.prices), *(f.path for f in self.series)}
        seen: set[str] = set()
        for place, entry in enumerate(files):
            path, about = _text(entry, "path"), _text(entry, "findings_of")
            if path and path in seen:
                self.wrong(place, "path", f"{shown(path)} appears twice", "keep one [[file]] of it")
            seen.add(path)
            for key in _OF_RAW:
                target = _text(entry, key)
                if target and target not in raw:
                    remedy = 'name a [[file]] with adjusted = "raw"'
                    self.wrong(place, key, f"{shown(target)} is not a raw price file", remedy)
            if about and about not in described:
                remedy = "name a [[file]] of prices or series"
                self.wrong(
                    place, "findings_of", f"{shown(about)} is not a file of this manifest", remedy
                )
        owner: dict[str, str] = {}
        for file in self.series:
            for column in file.columns:
                if column.name in owner:
                    reason = f"the series {column.name} is also in {owner[column.name]}"
                    place = next(i for i, e in enumerate(files) if _text(e, "path") == file.path)
                    self.wrong(place, column.name, reason, "name one otherwise", "columns")
                owner[column.name] = file.path

    def unknown(
        self, table: object, at: Location, allowed: set[str], others: Iterable[str] = ()
    ) -> None:
        """Note every key that the format does not have; ``others`` make another kind of table."""
        for key in sorted(set(table) - allowed) if isinstance(table, dict) else ():
            remedy = did_you_mean(key, sorted({*allowed, *others}))
            self.problems.append(self.document.problem((*at, key), UNKNOWN, remedy))

    def text(self, place: int, entry: dict[str, Any], key: str) -> str:
        """Return a text that has to be there."""
        value = entry.get(key)
        if isinstance(value, str) and value:
            return value
        reason = "is missing" if value is None else f"{shown(value)} is not text"
        self.wrong(place, key, reason, f'write {key} = "…"')
        return ""

    def choice(self, entry: dict[str, Any], key: str, allowed: tuple[str, ...], place: int) -> str:
        """Return a text that is one of a few."""
        value = entry.get(key)
        if isinstance(value, str) and value in allowed:
            return value
        reason = "is missing" if value is None else f"{shown(value)} is not a choice"
        self.wrong(place, key, reason, f"use one of {', '.join(allowed)}")
        return allowed[0]

    def wrong(self, place: int, key: str, reason: str, remedy: str, table: str = "") -> None:
        """Note a problem at a key, or where the key is missing."""
        line = self.document.line(self.at(place, key, table))
        self.problems.append(Problem(NAME, reason, line=line, key=key, remedy=remedy))

    @staticmethod
    def at(place: int, key: str, table: str = "") -> tuple[str | int, ...]:
        """Return a key's place in the document; ``place`` is the ``[[file]]``, -1 for the top."""
        above: tuple[str | int, ...] = () if place < 0 else ("file", place)
        return (*above, table, key) if table else (*above, key)
