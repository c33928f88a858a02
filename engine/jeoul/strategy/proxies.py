"""Proxies of a universe file: what is taken off each, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from jeoul.errors import Problem
from jeoul.files.document import Document
from jeoul.files.faults import did_you_mean, likely
from jeoul.model.charges import Charges, ProxyCorrection
from jeoul.model.instrument import Proxy
from jeoul.strategy.tables.universe import (
    CorrectionTable,
    DividendTable,
    ProxyTable,
    UniverseTable,
)


def proxy_of(proxy: ProxyTable, dividends: Mapping[str, DividendTable]) -> Proxy:
    """Return a proxy with its charges; a file that gives none takes nothing off."""
    return Proxy(
        kind=proxy.kind,
        column=proxy.column,
        maturity=proxy.maturity,
        charges=_charges(proxy, dividends),
    )


def _charges(proxy: ProxyTable, dividends: Mapping[str, DividendTable]) -> Charges | None:
    if proxy.withholding is None and proxy.fee is None and proxy.correction is None:
        return None
    correction = None if proxy.correction is None else _correction(proxy.correction)
    fee = proxy.fee or 0.0
    if proxy.withholding is None:
        return Charges(fee=fee, correction=correction)
    paid = dividends[proxy.column]
    return Charges(
        withholding=proxy.withholding,
        taxed=paid.taxed,
        yields=tuple(sorted((int(year), each) for year, each in paid.yields.items())),
        fee=fee,
        correction=correction,
    )


def _correction(table: CorrectionTable) -> ProxyCorrection:
    return ProxyCorrection(yearly=table.yearly, error=table.error, start=table.start, end=table.end)


def charge_problems(document: Document, table: UniverseTable) -> Iterator[Problem]:
    """Yield each tax without dividends to be taken from, and dividends that nothing is taken from.

    A source that a table of dividends names and the file lacks is a problem too.
    """
    taxed = set()
    for key, member in table.members.items():
        for proxy in member.proxies:
            if proxy.withholding is None:
                continue
            taxed.add(proxy.column)
            if proxy.column not in table.dividends:
                yield document.problem(
                    ("members", key, "proxies"),
                    f"withholds tax on {proxy.column}, whose dividends this file does not have",
                    f"add [dividends.{proxy.column}] with the yield of each year",
                )
    for column, paid in table.dividends.items():
        if column not in taxed:
            yield document.problem(
                ("dividends", column),
                "no proxy withholds tax on them",
                "give a proxy of this column withholding, or drop the table",
            )
        for source in paid.sources:
            if source not in table.sources:
                yield unknown_source(document, ("dividends", column, "sources"), source, table)


def unknown_source(
    document: Document, key: tuple[str, ...], source: str, table: UniverseTable
) -> Problem:
    """Return the problem of a source that a key names and ``[sources]`` does not have."""
    near = likely(source, table.sources) is not None
    remedy = did_you_mean(source, list(table.sources)) if near else f"add [sources.{source}]"
    return document.problem(key, f"{source} is not a source of this file", remedy)
