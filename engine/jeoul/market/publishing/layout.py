"""A market folder laid out in memory: prices as traded, events, series and findings.

The same store, plan and last fetch give the same bytes, so that the hash of the files names them.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from jeoul.errors import DataError, Problem
from jeoul.market.cache.store import RawStore
from jeoul.market.fetching.plan import Check, FetchPlan, PricePlan, SeriesPlan
from jeoul.market.findings_file import HEADER as FINDINGS_HEADER
from jeoul.market.gates.agreement import disagreements
from jeoul.market.gates.gated import Gated
from jeoul.market.gates.series import gate
from jeoul.market.manifest import NAME
from jeoul.market.publication import on_session
from jeoul.market.publishing.columns import FolderColumn, KnownTimes, read_column
from jeoul.market.publishing.issued import (
    Issued,
    base_prices,
    distributions_of,
    merged,
    read_issued,
)
from jeoul.market.publishing.payments import paid_on_sessions
from jeoul.market.publishing.standing_in import carried_on, with_nav
from jeoul.market.publishing.texts import (
    csv_table,
    figure_table,
    file_entry,
    key_text,
    manifest_text,
    quoted,
    rule_text,
)
from jeoul.market.raw.answer import TOTAL_RETURN
from jeoul.market.raw.corrections import Correction, TradedCloses
from jeoul.market.raw.series import Raw
from jeoul.model.calendar import Calendar, Days, Reals
from jeoul.model.finding import Finding, Severity
from jeoul.model.ratio import ratio_text


@dataclass(frozen=True, slots=True)
class Published:
    """A market folder in memory: files, what the gates found, columns and what had no rows."""

    files: Mapping[str, bytes]
    findings: tuple[Finding, ...]
    missing: tuple[str, ...]
    columns: frozenset[str]
    simulated: bool = False

    @property
    def digest(self) -> str:
        """Return the SHA-256 of all files by name, as hexadecimal text."""
        found = hashlib.sha256()
        for name in sorted(self.files):
            found.update(f"{name}\0{hashlib.sha256(self.files[name]).hexdigest()}\n".encode())
        return found.hexdigest()


@dataclass(slots=True)
class _Folder:
    """What a folder is made of while it is being laid out."""

    files: dict[str, bytes] = field(default_factory=dict)
    manifest: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    simulated: bool = False
    last: date = date.min


def lay_out(
    store: RawStore, plan: FetchPlan, calendars: Mapping[str, Calendar], upto: int | None = None
) -> Published:
    """Return the market folder of a plan as the store stood after fetch ``upto``, now by default.

    Rows that were fetched before their close was final are left out, with a finding. Raises
    :class:`DataError` if nothing of the plan is in the store, or bases are mixed in a file.
    """
    folder = _Folder()
    times = KnownTimes(calendars)
    for sheet in plan.prices:
        _lay_prices(folder, store, plan, sheet, calendars[sheet.exchange], times, upto)
    for file in plan.series:
        _lay_series(folder, store, plan, file, times, upto)
    if not folder.manifest:
        remedy = "fetch first, or correct the plan"
        raise DataError([Problem(str(store.path), f"has no row of {plan.name}", remedy=remedy)])
    folder.files[NAME] = manifest_text(
        plan, folder.manifest, folder.last, simulated=folder.simulated
    ).encode()
    found = sorted(folder.findings)
    missing = tuple(folder.missing)
    columns = frozenset(plan.wanted().values()) - set(missing)
    return Published(
        files=folder.files,
        findings=tuple(found),
        missing=missing,
        columns=columns,
        simulated=folder.simulated,
    )


def _lay_prices(
    folder: _Folder,
    store: RawStore,
    plan: FetchPlan,
    sheet: PricePlan,
    calendar: Calendar,
    times: KnownTimes,
    upto: int | None,
) -> None:
    columns = []
    values: dict[str, tuple[Days, Reals]] = {}
    told: dict[str, Issued] = {}
    for ticker in sheet.tickers:
        fixes = plan.corrections(ticker)
        key = sheet.key(ticker)
        first = read_column(store, ticker, key, sheet.known, times, upto=upto, fixes=fixes)
        others = [
            read_column(store, ticker, other, sheet.known, times, upto=upto, fixes=fixes)
            for other, _ in sheet.nexts(ticker)
        ]
        allowed = [second.tolerance for _, second in sheet.nexts(ticker)]
        column, notes = carried_on(first, zip(others, allowed, strict=True))
        folder.findings += notes
        if column is None:
            folder.missing.append(ticker)
            continue
        columns.append(column)
        traded = _in_sessions(column.traded, calendar)
        gated = _gated(column, sheet.currency, priced=True)
        valued, notes = with_nav([first, *others], sheet.currency)
        folder.findings += notes
        told[ticker] = issued = read_issued(store, plan, sheet, ticker, times, upto=upto)
        if (worth := valued or with_nav([issued.base], sheet.currency)[0]) is not None:
            values[ticker] = _values(worth, calendar)
        folder.findings += gate(
            replace(gated, traded=traded, valued=valued, premium=plan.farthest(ticker))
        )
        folder.findings += _fixed(ticker, fixes)
        compared = sheet.compared(ticker)
        if sheet.check is not None and compared is not None:
            other = read_column(store, ticker, compared, sheet.known, times, upto=upto)
            folder.findings += _compared(column, other, sheet.check)
    if not columns:
        return
    adjusted = _basis(sheet, columns)
    folder.files[sheet.path] = csv_table("date", columns, calendar.sessions[0])
    folder.manifest.append(
        file_entry(
            path=sheet.path,
            what=sheet.what,
            index="date",
            currency=sheet.currency,
            exchange=sheet.exchange,
            adjusted=adjusted,
        )
        + f"known = {rule_text(sheet.known)}\n"
    )
    if adjusted == "raw":
        fixed = {name: {fix.day for fix in plan.corrections(name)} for name in told}
        _lay_events(folder, sheet, columns, calendar, told, fixed)
        _lay_values(folder, sheet, values, calendar)
        _lay_bases(folder, sheet, told, calendar)
    _finish(folder, sheet.path, columns)


def _lay_series(
    folder: _Folder,
    store: RawStore,
    plan: FetchPlan,
    file: SeriesPlan,
    times: KnownTimes,
    upto: int | None,
) -> None:
    columns = []
    rules = []
    monthly = file.index == "month"
    for name, series in file.columns.items():
        fixes = plan.corrections(name)
        keys = [series.key(), *(key for key, _ in series.nexts())]
        first, *others = (
            read_column(
                store, name, key, series.known, times, upto=upto, fixes=fixes, monthly=monthly
            )
            for key in keys
        )
        allowed = [second.tolerance for _, second in series.nexts()]
        column, notes = carried_on(first, zip(others, allowed, strict=True))
        folder.findings += notes
        if column is None:
            folder.missing.append(name)
            continue
        columns.append(column)
        rule = f"{{ unit = {quoted(series.unit)}, known = {rule_text(series.known)} }}"
        rules.append(f"{key_text(name)} = {rule}")
        folder.findings += gate(_gated(column, "", priced=False))
        folder.findings += _fixed(name, fixes)
        compared = series.compared()
        if series.check is not None and compared is not None:
            other = read_column(
                store, name, compared, series.known, times, upto=upto, monthly=monthly
            )
            folder.findings += _compared(column, other, series.check)
    if not columns:
        return
    folder.files[file.path] = csv_table(file.index, columns, np.datetime64("0001-01-01"))
    entry = file_entry(path=file.path, what=file.what, index=file.index)
    folder.manifest.append("\n".join([entry, "[file.columns]", *rules]) + "\n")
    _finish(folder, file.path, columns, days=not monthly)


def _gated(column: FolderColumn, currency: str, *, priced: bool) -> Gated:
    return Gated(
        name=column.name,
        raw=column.raw,
        known_at=column.known_at,
        traded=column.traded,
        before=column.before,
        currency=currency,
        priced=priced,
    )


def _in_sessions(traded: TradedCloses, calendar: Calendar) -> TradedCloses:
    """Return only rows of sessions: a vendor that repeats a close over a holiday is no trading."""
    seen = on_session(calendar, traded.days)
    return TradedCloses(traded.days[seen], traded.close[seen], traded.payments)


def _fixed(name: str, fixes: Sequence[Correction]) -> Iterator[Finding]:
    for fix in fixes:
        detail = (("reason", fix.reason),)
        yield Finding(
            day=fix.day,
            subject=name,
            kind="gate.corrected",
            severity=Severity.NOTICE,
            detail=detail,
        )


def _compared(column: FolderColumn, other: FolderColumn | None, check: Check) -> Iterator[Finding]:
    if other is not None:
        yield from disagreements(
            column.name, column.traded, other.traded, check.tolerance, check.source
        )


def _basis(sheet: PricePlan, columns: Sequence[FolderColumn]) -> str:
    """Return what a manifest calls the basis of a file's prices."""
    bases = {column.raw.stamp.basis == TOTAL_RETURN for column in columns}
    if len(bases) > 1:
        reason = "mixes prices that contain dividends with prices that do not"
        raise DataError([Problem(sheet.path, reason, remedy="fetch them into two files")])
    return "total-return" if bases.pop() else "raw"


def _lay_events(
    folder: _Folder,
    sheet: PricePlan,
    columns: Sequence[FolderColumn],
    calendar: Calendar,
    told: Mapping[str, Issued],
    fixed: Mapping[str, Collection[date]],
) -> None:
    """Write dividends and splits, each on the session to which it belongs."""
    rows: list[tuple[date, str, str]] = []
    taxed: dict[tuple[date, str], float] = {}
    for column in columns:
        kept, findings = paid_on_sessions(column, calendar)
        folder.findings += findings
        newest = column.traded.days[-1].astype(object)
        first = column.traded.days[0].astype(object)
        told_here = [
            each
            for each in distributions_of(told[column.name], calendar)
            if first < each.session <= newest
        ]
        found = merged(column.name, kept, told_here, calendar, fixed[column.name])
        folder.findings += found.findings
        taxed |= {(day, column.name): part for day, part in found.taxable.items()}
        rows += [
            (day, column.name, f"{p.dividend:.10g},{ratio_text(p.split)}")
            for day, p in found.payments.items()
        ]
    head, lines = "date,ticker,dividend,split", []
    for day, name, event in sorted(rows):
        part = taxed.get((day, name))
        end = "" if not taxed else "," if part is None else f",{part:.10g}"
        lines.append(f"{day},{name},{event}{end}")
    path = f"events-{sheet.path}"
    head += ",taxable" if taxed else ""
    folder.files[path] = "\n".join([head, *lines, ""]).encode()
    what = f"distributions ({sheet.currency} per share, on the ex-date) and splits"
    folder.manifest.append(file_entry(path=path, what=what, events_of=sheet.path))


def _values(valued: Raw, calendar: Calendar) -> tuple[Days, Reals]:
    """Return the sessions of a source with their net asset values."""
    seen = np.isfinite(valued.nav) & (valued.nav > 0) & on_session(calendar, valued.days)
    return valued.days[seen], valued.nav[seen]


def _lay_values(
    folder: _Folder,
    sheet: PricePlan,
    values: Mapping[str, tuple[Days, Reals]],
    calendar: Calendar,
) -> None:
    """Write the net asset values that sources showed beside the closes of a file."""
    known = {ticker: found for ticker, found in values.items() if len(found[0])}
    if known:
        path = f"nav-{sheet.path}"
        folder.files[path] = figure_table("date", known, calendar.sessions[0])
        what = f"net asset values, {sheet.currency} per share"
        folder.manifest.append(file_entry(path=path, what=what, nav_of=sheet.path))


def _lay_bases(
    folder: _Folder, sheet: PricePlan, told: Mapping[str, Issued], calendar: Calendar
) -> None:
    """Write the taxable base prices that files of issuers have."""
    found = {name: base_prices(issued, calendar) for name, issued in told.items()}
    known = {name: base for name, base in found.items() if base is not None}
    if known:
        path = f"tax-base-{sheet.path}"
        folder.files[path] = figure_table("date", known, calendar.sessions[0])
        what = f"taxable base prices (과표기준가), {sheet.currency} per share"
        folder.manifest.append(file_entry(path=path, what=what, tax_base_of=sheet.path))


def _finish(
    folder: _Folder, path: str, columns: Sequence[FolderColumn], *, days: bool = True
) -> None:
    """Write the findings about a file and note what holds for the whole folder."""
    names = {column.name for column in columns}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(FINDINGS_HEADER)
    found = sorted(f for f in folder.findings if f.subject in names)
    for f in found:
        detail = json.dumps(dict(f.detail), ensure_ascii=False)
        writer.writerow([f.day, f.subject, f.kind, f.severity.value, detail])
    if found:
        target = f"findings-{path}"
        folder.files[target] = text.getvalue().encode()
        what = f"what was found when {path} was fetched"
        folder.manifest.append(file_entry(path=target, what=what, findings_of=path))
    folder.simulated |= any(column.raw.stamp.simulated for column in columns)
    if days:
        newest = max(column.traded.days[-1] for column in columns).astype(object)
        folder.last = max(folder.last, newest)
