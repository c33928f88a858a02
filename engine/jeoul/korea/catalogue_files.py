"""Read the catalogue of funds and the glossary of ``data/``: two files that ship with jeoul."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from jeoul import assets
from jeoul.korea.fund import FundFact, ListedFund, ListRow, SourcePage
from jeoul.korea.fund_facts import ListReading, Theme, facts_of
from jeoul.korea.glossary import Term


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The funds by code, with the names of their classes and themes, and what they rest on.

    ``words`` are how people ask for the values of a field, by field and value; ``noise`` are words
    that ask for nothing.
    """

    as_of: date
    funds: Mapping[str, ListedFund]
    classes: Mapping[str, Mapping[str, str]]
    themes: Mapping[str, Theme]
    pages: Mapping[str, SourcePage]
    words: Mapping[str, Mapping[str, tuple[str, ...]]]
    noise: tuple[str, ...]


@cache
def load_catalogue() -> Catalogue:
    """Return the catalogue of funds that ships with jeoul.

    >>> load_catalogue().funds["148070"].text("name")
    'KIWOOM 국고채10년'
    >>> load_catalogue().funds["148070"].aliases
    ('KOSEF', '히어로즈')
    """
    raw = tomllib.loads(assets.data("catalogue", "krx-funds.toml").read_text("utf-8"))
    pages = {
        key: SourcePage(page["title"], page["url"], page.get("dated"), page["retrieved"])
        for key, page in raw["sources"].items()
    }
    reading = _reading(raw, pages)
    rows = [ListRow(**fields) for fields in _rows()]
    notes = _notes(raw, pages)
    funds = {row.code: _fund(row, reading, notes, raw) for row in rows}
    themes = {theme.id: theme for theme in reading.themes}
    asked = raw["words"]
    return Catalogue(
        as_of=raw["as_of"],
        funds=funds,
        classes=raw["classes"],
        themes=themes,
        pages=pages,
        words={field: values for field, values in asked.items() if field != "noise"},
        noise=tuple(asked["noise"]),
    )


@cache
def listed_codes() -> frozenset[str]:
    """Return the codes of the catalogue, without reading anything else of it.

    >>> "148070" in listed_codes(), listed_codes() == load_catalogue().funds.keys()
    (True, True)
    """
    return frozenset(fields["code"] for fields in _rows())


@cache
def exchange_codes() -> frozenset[str]:
    """Return the codes of ``data/catalogue/krx-listed.toml``, each list as of its day.

    >>> [code in exchange_codes() for code in ("005930", "0043Y0", "123450")]
    [True, True, False]
    """
    lists = tomllib.loads(assets.data("catalogue", "krx-listed.toml").read_text("utf-8"))
    return frozenset(code for each in ("shares", "funds") for code in lists[each]["codes"].split())


def _rows() -> Iterator[dict[str, str]]:
    lines = assets.data("catalogue", "krx-funds.csv").read_text("utf-8").splitlines()
    yield from csv.DictReader(lines)


def _reading(raw: Mapping[str, Any], pages: Mapping[str, SourcePage]) -> ListReading:
    return ListReading(
        page=pages["krx_list"],
        places={place["id"]: tuple(place["words"]) for place in raw["places"]},
        themes=[Theme(t["id"], t["name"], tuple(t["words"])) for t in raw["themes"]],
        smart_beta=tuple(raw["smart_beta"]["words"]),
        rules={
            name: FundFact(rule["value"], pages[rule["source"]], rule["words"])
            for name, rule in raw["rules"].items()
        },
    )


def _notes(
    raw: Mapping[str, Any], pages: Mapping[str, SourcePage]
) -> dict[str, dict[str, FundFact]]:
    """Return what pages beside the list say, by code and field; of two the first counts."""
    notes: dict[str, dict[str, FundFact]] = {}

    def note(code: str, field: str, value: object, entry: Mapping[str, Any], words: str) -> None:
        notes.setdefault(code, {}).setdefault(field, FundFact(value, pages[entry["source"]], words))

    for code, entry in raw["renamed"].items():
        note(code, "name", entry["name"], entry, entry["words"])
        note(code, "brand", entry["name"].split()[0], entry, entry["words"])
    for code, entry in raw["distribution"].items():
        note(code, "distribution", entry["value"], entry, entry["words"])
    for table in raw["fees"]:
        for code, percent in table["percent"].items():
            note(code, "fee", Decimal(percent) / 100, table, percent)
    for table in raw["pension"]:
        for value, words in table["words"].items():
            for code in table[value]:
                note(code, "irp", value, table, words)
    return notes


def _fund(
    row: ListRow,
    reading: ListReading,
    notes: Mapping[str, Mapping[str, FundFact]],
    raw: Mapping[str, Any],
) -> ListedFund:
    facts = {**facts_of(row, reading), **notes.get(row.code, {})}
    earlier = [entry for entry in raw["former"] if entry["code"] == row.code]
    former = [entry["name"] for entry in earlier]
    if facts["name"].value != row.name:
        former.insert(0, row.name)
    if former:
        words = " · ".join([*(entry["words"] for entry in earlier), row.name])
        facts["former"] = FundFact(tuple(former), reading.page, words)
    brand = facts["brand"].value
    aliases = tuple(entry["former"] for entry in raw["brands"] if entry["brand"] == brand)
    return ListedFund(row.code, facts, aliases)


@cache
def load_glossary() -> tuple[Term, ...]:
    """Return the terms of the glossary, in the order of the file.

    >>> [term.id for term in load_glossary()][:2]
    ['etf', 'etn']
    """
    raw = tomllib.loads(assets.data("glossary.toml").read_text("utf-8"), parse_float=Decimal)
    return tuple(
        Term(
            id=key,
            name=entry["name"],
            also=tuple(entry.get("also", ())),
            text=entry["text"],
            corrects=entry.get("corrects"),
            sources=tuple(raw["sources"][source]["url"] for source in entry.get("sources", ())),
        )
        for key, entry in raw["term"].items()
    )
