"""Reading a universe file: the instruments, who stands in for whom, and the reference portfolio."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from math import fsum
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from jeoul import assets
from jeoul.errors import Problem, StrategyError
from jeoul.files.document import Document, parse
from jeoul.files.toml import check
from jeoul.model.instrument import (
    AccountKind,
    Instrument,
    Member,
    Proxy,
    ProxyKind,
    Source,
    Universe,
)

#: A fund with one of these features never enters an allocation; the first that it has is the
#: reason given. Leverage and inverse multiply the return of a single day, so that over longer
#: holding they follow no asset that a covariance could describe; a covered call gives the upside
#: away, and a symmetric measure of risk cannot see that.
EXCLUDED_FEATURES = ("leveraged", "inverse", "covered_call")

Text = Annotated[str, Field(strict=True, min_length=1)]
Code = Annotated[str, Field(strict=True, pattern=r"^[0-9A-Z]{1,6}$")]
Feature = Literal["leveraged", "inverse", "covered_call", "futures", "synthetic", "tdf"]
Confidence = Literal["high", "medium", "low"]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=False)


class _Names(_Table):
    ko: Text
    en: Text


class _Source(_Table):
    title: Text
    url: Text
    retrieved: date


class _Proxy(_Table):
    kind: ProxyKind
    column: Text
    maturity: float | None = Field(default=None, gt=0, le=50)

    @model_validator(mode="after")
    def _maturity_belongs_to_par_bonds(self) -> Self:
        if (self.kind is ProxyKind.PAR_BOND) != (self.maturity is not None):
            raise ValueError(
                f"maturity belongs to par-bond proxies and this one is {self.kind}; "
                "give it to every par bond and to nothing else"
            )
        return self


class _Member(_Table):
    asset_class: Text = Field(alias="class")
    codes: tuple[Code, ...] = Field(min_length=1)
    reference: float = Field(gt=0, le=1)
    proxies: tuple[_Proxy, ...] = ()


class _Instrument(_Table):
    name: _Names
    asset_class: Text = Field(alias="class")
    exposure: Text
    hedged: bool
    expense_ratio: float | None = Field(default=None, ge=0, lt=0.1)
    risk_grade: int | None = Field(default=None, ge=1, le=6)
    listed: date | None = None
    tax: Literal["kr_equity_etf", "krx_other_etf", "us_etf"]
    irp: Literal["risk", "safe", "barred"]
    accounts: tuple[AccountKind, ...]
    features: tuple[Feature, ...] = ()
    multiple: float = 1.0
    former_names: tuple[Text, ...] = ()
    confidence: dict[Text, Confidence] = {}
    sources: tuple[Text, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.irp == "barred") == (AccountKind.IRP in self.accounts):
            raise ValueError(
                f"irp is {self.irp!r} and accounts are {', '.join(self.accounts)}; "
                "a barred fund has no irp among its accounts, any other fund has"
            )
        if AccountKind.DC in self.accounts:
            raise ValueError("accounts name dc, which is held to the rules of irp; leave it out")
        if ("leveraged" in self.features) != (abs(self.multiple) > 1):
            raise ValueError(f"multiple is {self.multiple}; name the feature leveraged beyond 1")
        if ("inverse" in self.features) != (self.multiple < 0):
            raise ValueError(f"multiple is {self.multiple}; name the feature inverse below 0")
        strangers = sorted(set(self.confidence) - set(type(self).model_fields) - {"class", "other"})
        if strangers:
            raise ValueError(f"confidence in {', '.join(strangers)}; name facts of this table")
        return self


class _Universe(_Table):
    schema_version: Literal[1] = Field(alias="schema")
    name: Text
    calendar: Literal["XKRX", "XNYS"]
    currency: Literal["KRW", "USD"]
    classes: tuple[Text, ...] = Field(min_length=1)
    fallback: dict[Text, Text] = {}
    reference_source: _Source
    sources: dict[Text, _Source]
    members: dict[Text, _Member]
    instruments: dict[Code, _Instrument]


def load_universe(name: str | Path) -> Universe:
    """Return a shipped universe by its name, or the one in a file.

    A name without a suffix and without a folder is looked up in ``data/universes``; anything else
    is a path. The reference weights are positive and sum to 1 within 1e-9.

    Raises :class:`jeoul.errors.StrategyError` with every problem of the file: its line, its key
    and what to do about it.

    >>> universe = load_universe("krx-core")
    >>> universe.calendar, universe.currency, len(universe.members)
    ('XKRX', 'KRW', 13)
    >>> universe.excluded["122630"]
    'universe.excluded_leveraged'
    """
    document = parse(_file_of(name))
    table = check(document, _Universe)
    if problems := list(_crossed(document, table)):
        raise StrategyError(sorted(problems, key=lambda problem: problem.line or 0))
    return _build(table)


def _file_of(name: str | Path) -> Path:
    path = Path(name)
    if path.suffix or len(path.parts) > 1:
        return path
    shipped = assets.data("universes", f"{path}.toml")
    if not shipped.is_file():
        known = sorted(file.stem for file in shipped.parent.glob("*.toml"))
        remedy = f"use one of {', '.join(known)}, or the path of a file ending in .toml"
        raise StrategyError([Problem(str(name), "is not a shipped universe", remedy=remedy)])
    return shipped


def _crossed(document: Document, table: _Universe) -> Iterator[Problem]:
    """Yield what is wrong between the tables of one file."""
    yield from _class_problems(document, table)
    yield from _code_problems(document, table)
    for code, instrument in table.instruments.items():
        for source in instrument.sources:
            if source not in table.sources:
                yield document.problem(
                    ("instruments", code, "sources"),
                    f"{source} is not a source of this file",
                    f"add [sources.{source}]",
                )
    total = fsum(member.reference for member in table.members.values())
    if abs(total - 1.0) > 1e-9:
        yield document.problem(
            ("members",), f"the reference weights sum to {total:.10g}", "make them sum to 1"
        )


def _class_problems(document: Document, table: _Universe) -> Iterator[Problem]:
    used: list[tuple[tuple[str, ...], str]] = [
        *((("members", key, "class"), m.asset_class) for key, m in table.members.items()),
        *((("instruments", key, "class"), i.asset_class) for key, i in table.instruments.items()),
        *((("fallback", key), key) for key in table.fallback),
        *((("fallback", key), other) for key, other in table.fallback.items()),
    ]
    for place, name in used:
        if name not in table.classes:
            remedy = f"use one of {', '.join(table.classes)}"
            yield document.problem(place, f"{name} is not a class of this file", remedy)
    held = {member.asset_class for member in table.members.values()}
    for name in table.classes:
        if name not in held:
            yield document.problem(("classes",), f"{name} has no member", "add one or drop it")
    for name, other in table.fallback.items():
        if name == other:
            yield document.problem(("fallback", name), "falls back on itself", "name another class")


def _code_problems(document: Document, table: _Universe) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for key, member in table.members.items():
        place = ("members", key, "codes")
        for code in member.codes:
            if code in seen:
                remedy = "a fund fills one place only"
                yield document.problem(place, f"{code} also stands in {seen[code]}", remedy)
            seen[code] = key
            instrument = table.instruments.get(code)
            if instrument is None:
                remedy = f'add [instruments."{code}"]'
                yield document.problem(place, f"there are no facts about {code}", remedy)
            elif reason := _exclusion(instrument):
                remedy = "leave it among the instruments, but in no member"
                yield document.problem(place, f"{code} is excluded: {reason}", remedy)
            elif instrument.asset_class != member.asset_class:
                message = f"{code} belongs to {instrument.asset_class}, not {member.asset_class}"
                yield document.problem(place, message, "a substitute shares the member's class")


def _exclusion(instrument: _Instrument) -> str | None:
    return next((name for name in EXCLUDED_FEATURES if name in instrument.features), None)


def _build(table: _Universe) -> Universe:
    sources = {key: _source(source) for key, source in table.sources.items()}
    return Universe(
        name=table.name,
        calendar=table.calendar,
        currency=table.currency,
        members=tuple(_member(key, member) for key, member in table.members.items()),
        instruments={
            code: _instrument(code, facts, table, sources)
            for code, facts in table.instruments.items()
        },
        classes=table.classes,
        fallback=dict(table.fallback),
        excluded={
            code: f"universe.excluded_{feature}"
            for code, facts in table.instruments.items()
            if (feature := _exclusion(facts))
        },
        reference_source=_source(table.reference_source),
    )


def _source(source: _Source) -> Source:
    return Source(source.title, source.url, source.retrieved)


def _member(key: str, member: _Member) -> Member:
    return Member(
        name=key,
        asset_class=member.asset_class,
        codes=member.codes,
        reference=member.reference,
        proxies=tuple(
            Proxy(kind=proxy.kind, column=proxy.column, maturity=proxy.maturity)
            for proxy in member.proxies
        ),
    )


def _instrument(
    code: str, facts: _Instrument, table: _Universe, sources: dict[str, Source]
) -> Instrument:
    return Instrument(
        code=code,
        name_ko=facts.name.ko,
        name_en=facts.name.en,
        listing=table.calendar,
        currency=table.currency,
        asset_class=facts.asset_class,
        exposure_currency=facts.exposure,
        hedged=facts.hedged,
        expense_ratio=facts.expense_ratio,
        risk_grade=facts.risk_grade,
        listed=facts.listed,
        tax_kind=facts.tax,
        irp=facts.irp,
        accounts=frozenset(facts.accounts),
        features=frozenset(facts.features),
        multiple=facts.multiple,
        former_names=facts.former_names,
        confidence=dict(facts.confidence),
        sources=tuple(sources[key] for key in facts.sources),
    )
