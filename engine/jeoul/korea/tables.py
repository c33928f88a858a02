"""Read the rule tables of data/rules: the only module of this package that opens files."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from jeoul import assets
from jeoul.errors import ConfigError, RuleError
from jeoul.files.document import parse
from jeoul.files.faults import UNKNOWN, Fault, did_you_mean, likely
from jeoul.korea.carried import carried_over, ended, in_year
from jeoul.korea.els import ElsTerms, Level
from jeoul.korea.products import Product
from jeoul.korea.rulebook import Fact, Rulebook, decimal

_TOP = {"schema", "year", "as_of", "based_on", "sources", "pending"}
_FACT = {"value", "cite", "at", "from", "until", "confidence", "note"}
_SOURCE = {"title", "url", "version"}
_CONFIDENCE = {"H", "M", "L"}


def years() -> tuple[int, ...]:
    """Return the years that have a rule table.

    >>> 2026 in years()
    True
    """
    return _years_in(assets.data("rules"))


# What is shipped does not change while a process runs.
@cache
def _years_in(folder: Path) -> tuple[int, ...]:
    return tuple(sorted(int(path.stem) for path in folder.glob("[0-9]*.toml")))


def whole_years() -> tuple[int, ...]:
    """Return the years whose table was written in full, and is not based on another year's.

    >>> whole_years()
    (2026,)
    """
    return tuple(year for year in years() if "based_on" not in _head(year))


def _head(year: int) -> dict[str, Any]:
    return tomllib.loads(assets.data("rules", f"{year}.toml").read_text("utf-8"))


def no_table(year: int, rules_of: int | None = None) -> Fault | None:
    """Return the fault of a file that is written for a year without a rule table.

    >>> print(no_table(2031))
    year: there is no rule table for 2031; use 2026, 2027 or give --rules-of 2027
    """
    if year in years() or rules_of is not None:
        return None
    known, last = ", ".join(map(str, years())), years()[-1]
    remedy = f"use {known} or give --rules-of {last}"
    return Fault(("year",), f"there is no rule table for {year}", remedy)


def load_rules(year: int, *, reforms: Iterable[str] = (), rules_of: int | None = None) -> Rulebook:
    """Return the rules of one year, with the named pending reforms switched on.

    ``rules_of`` names the year whose rules are used for a year that has none, and the rules then
    say so. Raises :class:`RuleError` for a year without a table otherwise: the law of one year says
    nothing certain about another. Raises it as well for a reform that the table does not know, and
    for ``rules_of`` where the year has a table.

    >>> load_rules(2026).won("isa.annual_unit")
    20000000
    >>> load_rules(2031)
    Traceback (most recent call last):
    jeoul.errors.RuleError: rules.year: there is no rule table for 2031, only for 2026, 2027; ...
    >>> load_rules(2031, rules_of=2027).rules_of
    2027
    """
    if rules_of is not None and rules_of != year:
        if year in years():
            what = f"there is a rule table for {year}; leave out --rules-of {rules_of}"
            raise RuleError(what, rule="rules.year", source="data/rules")
        return _shipped(_path_of(rules_of), tuple(reforms), year)
    return _shipped(_path_of(year), tuple(reforms), year)


def _path_of(year: int) -> Path:
    if year not in years():
        known, last = ", ".join(map(str, years())), years()[-1]
        raise RuleError(
            f"there is no rule table for {year}, only for {known}; "
            f"rules of another year are used only with --rules-of {last}",
            rule="rules.year",
            source="data/rules",
        )
    return assets.data("rules", f"{year}.toml")


# The shipped tables do not change while a process runs, and a run asks for the same rules several
# times. Parsing them takes a tenth of a second.
@cache
def _shipped(path: Path, reforms: tuple[str, ...], year: int) -> Rulebook:
    book = _with_reforms(*_table(path), reforms)
    return book if book.year == year else in_year(book, year)


@cache
def _table(path: Path) -> tuple[Rulebook, list[dict[str, Any]]]:
    return read_rules(path)


def rules_for(year: int) -> Rulebook:
    """Return the rules of a year, those of the nearest year with a table where it has none.

    For questions that must be answered in every year, such as what an account takes; a notice says
    which rules they are.

    >>> rules_for(2026).year, rules_for(2019).rules_of, rules_for(2040).rules_of
    (2026, 2026, 2027)
    """
    known = years()
    nearest = min(max(year, known[0]), known[-1])
    return load_rules(year, rules_of=None if nearest == year else nearest)


def whole_rules() -> Rulebook:
    """Return the newest rules that are whole: those of a coming year still rest on the last.

    For what knows no day of its own.

    >>> whole_rules().year
    2026
    """
    return load_rules(whole_years()[-1])


def read_rules(path: Path) -> tuple[Rulebook, list[dict[str, Any]]]:
    """Return the rules in a file as they stand, and its pending reforms.

    A table that is ``based_on`` an earlier year has that year's facts and reforms where it gives
    none itself; each of them says that it is carried over. Raises :class:`ConfigError` with
    everything wrong in the file.
    """
    document = parse(path, ConfigError, kind="rules", parse_float=Decimal)
    raw = document.data
    faults = list(_head_faults(raw))
    sources = raw["sources"] if isinstance(raw.get("sources"), dict) else {}
    if base := raw.get("based_on"):
        faults.extend(_base_faults(raw))
    facts: dict[str, Fact] = {}
    for key, entry in _entries(raw):
        wrong = list(_fact_faults(tuple(key.split(".")), entry, sources))
        faults.extend(wrong)
        if not wrong:
            facts[key] = _fact(key, entry, sources[entry["cite"]])
    if faults:
        raise ConfigError(document.problems(faults))
    book, pending = Rulebook(raw["year"], raw["as_of"], facts), raw.get("pending", [])
    if not base:
        return book, pending
    older, reforms = _table(assets.data("rules", f"{base}.toml"))
    whole = replace(
        book,
        facts=carried_over(older, facts, book.year),
        ended=ended(older, facts, book.year),
    )
    return whole, [*reforms, *pending]


def _fact_faults(
    key: tuple[str, ...], entry: object, sources: Mapping[str, object]
) -> Iterator[Fault]:
    if not isinstance(entry, dict):
        # at the top it may be a key of the file, misspelt
        whole = Fault(key, "is not a table", "write it as [group.name]")
        yield whole if key[1:] else Fault(key, UNKNOWN, did_you_mean(key[0], sorted(_TOP)))
        return
    for name in sorted(entry.keys() - _FACT):
        yield Fault((*key, name), UNKNOWN, did_you_mean(name, sorted(_FACT)))
    cited = entry.get("cite")
    if sources and isinstance(cited, str) and cited not in sources:
        wrong = f"{cited} is not a source of this file"
        yield Fault((*key, "cite"), wrong, did_you_mean(cited, list(sources)))
        return
    source = sources.get(cited) if isinstance(cited, str) else None
    if not _is_source(source) or not {"value", "at"} <= set(entry) or not _is_sure(entry):
        wrong = "has no value, cite (of [sources]), at or confidence (H, M or L)"
        yield Fault(key, wrong, "give all four")


def _base_faults(raw: Mapping[str, Any]) -> Iterator[Fault]:
    base = raw["based_on"]
    if base not in years() or base >= raw.get("year", base):
        wrong = f"{base!r} is not an earlier year with a table"
        yield Fault(("based_on",), wrong, "name one, or leave it out")


def _head_faults(raw: Mapping[str, Any]) -> Iterator[Fault]:
    if raw.get("schema") != 1:
        yield Fault(("schema",), "schema is not 1", "write schema = 1")
    for key, kind, sample in (("year", int, "2026"), ("as_of", date, "2026-11-22")):
        if type(raw.get(key)) is not kind:
            yield Fault((key,), f"{key} is missing", f"write {key} = {sample}")
    sources = raw.get("sources")
    if not isinstance(sources, dict):
        yield Fault(("sources",), "is missing", "add the table [sources]")
        if sources is None and (slip := likely("sources", raw)) is not None:
            yield Fault((slip,), UNKNOWN, did_you_mean(slip, ["sources"]))
        return
    for name, source in sources.items():
        if not _is_source(source):
            wrong = "has no title, url or version"
            yield Fault(("sources", name), wrong, "give all three")
        for key in source.keys() - _SOURCE if isinstance(source, dict) else ():
            yield Fault(("sources", name, key), UNKNOWN, did_you_mean(key, sorted(_SOURCE)))


def _is_source(source: object) -> bool:
    return isinstance(source, dict) and set(source) >= _SOURCE


def _is_sure(entry: Mapping[str, Any]) -> bool:
    return entry.get("confidence") in _CONFIDENCE


def _fact(key: str, entry: Mapping[str, Any], source: Mapping[str, str]) -> Fact:
    where = f"{source['title']} {entry['at']}, {source['version']}"
    return Fact(
        key=key,
        value=entry["value"],
        source=where,
        url=source["url"],
        confidence=entry["confidence"],
        effective=entry.get("from"),
        until=entry.get("until"),
        note=entry.get("note"),
    )


def _entries(raw: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield every fact by group and name; what stands outside of a group, by its key."""
    for group, entries in raw.items():
        if group in _TOP or ("sources" not in raw and group == likely("sources", raw)):
            continue
        if not isinstance(entries, dict):
            yield group, entries
            continue
        for name, entry in entries.items():
            yield f"{group}.{name}", entry


def load_products() -> tuple[Product, ...]:
    """Return the table of products.

    >>> [product.id for product in load_products() if product.protected == "insured"]
    ['deposit', 'parking', 'cma_merchant']
    """
    raw = _products()
    return tuple(
        Product(
            id=entry["id"],
            kind=entry["kind"],
            name=entry["name"],
            grades=(entry["grade"][0], entry["grade"][1]),
            protected=entry["protected"],
            growth=entry["growth"],
            tax=entry["tax"],
            cash_days=entry.get("cash_days"),
            term=entry.get("term"),
            minimum=entry.get("minimum", 0),
            cost=None if "cost" not in entry else decimal(entry["cost"]),
            leveraged=entry.get("leveraged", False),
            inverse=entry.get("inverse", False),
            warnings=tuple(entry["warnings"]),
            sources=tuple(raw["sources"][key]["url"] for key in entry["sources"]),
        )
        for entry in raw["product"]
    )


def load_els_example() -> tuple[ElsTerms, tuple[Level, ...], Mapping[str, str]]:
    """Return the ELS of the example: its terms, the month-end levels, and its name by language.

    >>> load_els_example()[1][0].day.isoformat()
    '2021-02-26'
    """
    example = _products()["els_example"]
    terms = example["terms"]
    return (
        ElsTerms(terms["coupon"], tuple(terms["barriers"]), terms["months"], terms.get("knock_in")),
        tuple(Level(day, value) for day, value in example["levels"]),
        example["name"],
    )


def load_yields() -> Mapping[str, Decimal]:
    """Return the assumed yearly distribution yields of ``compare-accounts`` by ticker.

    >>> sorted(load_yields())
    ['069500', '133690', 'QQQ']
    """
    found: Mapping[str, Decimal] = _products()["compare"]["yields"]
    return found


def load_assumed() -> Mapping[str, Any]:
    """Return what a household's plan assumes of funds: ``realised``, ``deferral`` and two tables.

    ``classes`` has the assumptions by asset class, ``funds`` what differs by ticker.

    >>> load_assumed()["classes"]["equity_kr"]["taxed"]
    0
    """
    found: Mapping[str, Any] = _products()["assumed"]
    return found


@cache
def _products() -> dict[str, Any]:
    return tomllib.loads(assets.data("products.toml").read_text("utf-8"), parse_float=Decimal)


def _with_reforms(
    book: Rulebook, pending: list[dict[str, Any]], wanted: tuple[str, ...]
) -> Rulebook:
    facts = dict(book.facts)
    known = {reform["id"]: reform for reform in pending}
    for name in wanted:
        if name not in known:
            raise RuleError(
                f"{name!r} is not a pending reform of {book.year}; known: {', '.join(known)}",
                rule="rules.reform",
                source="data/rules",
            )
        if not known[name]["changes"]:
            raise RuleError(
                f"{name!r} is announced, but no rule here computes it: {known[name]['title']}",
                rule="rules.reform",
                source=known[name]["source"],
            )
        for key, value in known[name]["changes"].items():
            facts[key] = replace(
                facts[key], value=value, source=f"{known[name]['source']}: not law", confidence="L"
            )
    return replace(book, facts=facts, reforms=wanted)
