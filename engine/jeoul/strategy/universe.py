"""Reading a universe file: the instruments, who stands in for whom, and the reference portfolio."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from math import fsum
from pathlib import Path

from jeoul import assets
from jeoul.errors import Problem, StrategyError
from jeoul.files.document import Document, parse_text
from jeoul.files.faults import did_you_mean
from jeoul.files.text import read_text
from jeoul.files.toml import check
from jeoul.model.instrument import FactSource, Instrument, Member, Universe
from jeoul.strategy.proxies import charge_problems, proxy_of, unknown_source
from jeoul.strategy.tables.universe import (
    WORST_TAX,
    DividendTable,
    InstrumentTable,
    MemberTable,
    SourceTable,
    UniverseTable,
)

#: A fund with one of these features never enters an allocation; the first that it has is the
#: reason given. Leverage and inverse multiply the return of a single day, so that over longer
#: holding they follow no asset that a covariance could describe; a covered call gives the upside
#: away, and a symmetric measure of risk cannot see that.
EXCLUDED_FEATURES = ("leveraged", "inverse", "covered_call")

SUFFIX = ".toml"
"""What the path of a universe ends with; the name of a shipped one has no suffix."""

_CASH = "cash"  # the class of money in reports


def load_universe(name: str | Path) -> Universe:
    """Return a shipped universe by its name, or the one in a file.

    A name without a suffix and without a folder is looked up in ``data/universes``; anything else
    is a path. The reference weights are positive and sum to 1 within 1e-9. A fact that the file
    leaves out is unknown and has a cautious value; docs/strategy.md lists them.

    Raises :class:`jeoul.errors.StrategyError` with every problem of the file: its line, its key
    and what to do about it.

    >>> universe = load_universe("krx-core")
    >>> universe.calendar, universe.currency, len(universe.members)
    ('XKRX', 'KRW', 13)
    >>> universe.excluded["122630"]
    'universe.excluded_leveraged'
    """
    path = _file_of(name)
    return _of_text(read_text(path, StrategyError), str(path))


@lru_cache(maxsize=8)  # a command asks for its universe several times, and thousands of funds
def _of_text(text: str, file: str) -> Universe:  # take a tenth of a second each time
    document = parse_text(text, file, kind="universe")
    table = check(document, UniverseTable)
    if problems := list(_crossed(document, table)):
        raise StrategyError(sorted(problems, key=lambda problem: problem.line or 0))
    return _build(table)


def shipped_universes() -> tuple[str, ...]:
    """Return the names of the universes that come with jeoul.

    >>> shipped_universes()
    ('krx-core', 'us-core')
    """
    return tuple(sorted(file.stem for file in assets.data("universes").glob(f"*{SUFFIX}")))


def _file_of(name: str | Path) -> Path:
    path = Path(name)
    if path.suffix or len(path.parts) > 1:
        return path
    if str(path) not in shipped_universes():
        known = ", ".join(shipped_universes())
        remedy = f"use one of {known}, or the path of a file ending in {SUFFIX}"
        raise StrategyError([Problem(str(name), "is not a shipped universe", remedy=remedy)])
    return assets.data("universes", f"{path}{SUFFIX}")


def _crossed(document: Document, table: UniverseTable) -> Iterator[Problem]:
    """Yield what is wrong between the tables of one file."""
    yield from _class_problems(document, table)
    yield from _code_problems(document, table)
    yield from _unsourced_problems(document, table)
    yield from charge_problems(document, table)
    for code, instrument in table.instruments.items():
        for source in instrument.sources:
            if source not in table.sources:
                yield unknown_source(document, ("instruments", code, "sources"), source, table)
    given = [m.reference for m in table.members.values() if m.reference is not None]
    total, all_given = fsum(given), len(given) == len(table.members)
    if total > 1.0 + 1e-9 or (all_given and total < 1.0 - 1e-9):
        yield document.problem(
            ("members",), f"the reference weights sum to {total:.10g}", "make them sum to 1"
        )


def _unsourced_problems(document: Document, table: UniverseTable) -> Iterator[Problem]:
    """Yield what is stated without a source; the catalogue is read only where something is."""
    if table.calendar == "XKRX" and any(not facts.sources for facts in table.facts().values()):
        from jeoul.strategy.listed import unsourced_problems

        yield from unsourced_problems(document, table)


def _class_problems(document: Document, table: UniverseTable) -> Iterator[Problem]:
    used: list[tuple[tuple[str, ...], str]] = [
        *((("members", key, "class"), m.asset_class) for key, m in table.members.items()),
        *((("instruments", key, "class"), i.asset_class) for key, i in table.instruments.items()),
        *((("fallback", key), key) for key in table.fallback),
        *((("fallback", key), other) for key, other in table.fallback.items()),
        *((("class_names", key), key) for key in table.class_names),
        *((("premium", key), key) for key in table.premium),
    ]
    classes = table.order()
    for place, name in used:
        if name not in classes:
            remedy = did_you_mean(name, classes)
            yield document.problem(place, f"{name} is not a class of this file", remedy)
    held = {member.asset_class for member in table.members.values()}
    for name in classes:
        if name not in held:
            yield document.problem(("classes",), f"{name} has no member", "add one or drop it")
        if name == _CASH:
            reason, remedy = f"{name} is the money that is not invested", "name the class otherwise"
            yield document.problem(("classes",), reason, remedy)
    for name, other in table.fallback.items():
        if name == other:
            yield document.problem(("fallback", name), "falls back on itself", "name another class")


def _code_problems(document: Document, table: UniverseTable) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for key, member in table.members.items():
        place = ("members", key, "codes")
        for code in member.codes:
            if code in seen:
                remedy = "a fund fills one place only"
                yield document.problem(place, f"{code} is also in {seen[code]}", remedy)
            seen[code] = key
            instrument = table.instruments.get(code)
            if instrument is None:
                continue  # all that is known of it is the member's class
            if reason := _exclusion(instrument):
                remedy = "leave it among the instruments, but in no member"
                yield document.problem(place, f"{code} is excluded: {reason}", remedy)
            elif instrument.asset_class != member.asset_class:
                message = f"{code} belongs to {instrument.asset_class}, not {member.asset_class}"
                yield document.problem(place, message, "a substitute shares the member's class")


def _exclusion(instrument: InstrumentTable) -> str | None:
    return next((name for name in EXCLUDED_FEATURES if name in instrument.features), None)


def _build(table: UniverseTable) -> Universe:
    sources = {key: _source(source) for key, source in table.sources.items()}
    references, facts = table.references(), table.facts()
    return Universe(
        name=table.name,
        calendar=table.calendar,
        currency=table.currency,
        members=tuple(
            _member(key, member, references[key], table.dividends)
            for key, member in table.members.items()
        ),
        instruments={
            code: _instrument(code, known, table, sources) for code, known in facts.items()
        },
        classes=table.order(),
        class_names={key: (name.ko, name.en) for key, name in table.class_names.items()},
        fallback=dict(table.fallback),
        premium=dict(table.premium),
        excluded={
            code: f"universe.excluded_{feature}"
            for code, facts in table.instruments.items()
            if (feature := _exclusion(facts))
        },
        reference_source=None
        if table.reference_source is None
        else _source(table.reference_source),
    )


def _source(source: SourceTable) -> FactSource:
    return FactSource(source.title, source.url, source.retrieved)


def _member(
    key: str, member: MemberTable, reference: float, dividends: Mapping[str, DividendTable]
) -> Member:
    return Member(
        name=key,
        asset_class=member.asset_class,
        codes=member.codes,
        reference=reference,
        proxies=tuple(proxy_of(proxy, dividends) for proxy in member.proxies),
    )


def _instrument(
    code: str, facts: InstrumentTable, table: UniverseTable, sources: dict[str, FactSource]
) -> Instrument:
    return Instrument(
        code=code,
        name_ko=facts.name.ko if facts.name else code,
        name_en=facts.name.en if facts.name else code,
        listing=table.calendar,
        currency=table.currency,
        asset_class=facts.asset_class,
        exposure_currency=facts.exposure,
        hedged=facts.hedged,
        expense_ratio=facts.expense_ratio,
        risk_grade=facts.risk_grade,
        listed=facts.listed,
        tax_kind=facts.tax or WORST_TAX[table.calendar],
        irp=facts.irp or "risk",
        accounts=facts.may_hold(table.calendar),
        features=frozenset(facts.features),
        multiple=facts.multiple,
        former_names=facts.former_names,
        confidence=facts.sure(),
        sources=tuple(sources[key] for key in facts.sources),
    )
