"""A market folder written from the raw store: prices as traded, events, series, findings.

The same store, plan and last fetch give the same bytes, so the hash of the folder names it, and a
snapshot of that name can be written again at any time.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from tempfile import mkdtemp

import numpy as np

from jeoul.errors import DataError, Problem
from jeoul.market.cache.corrections import Correction, Traded, as_traded
from jeoul.market.cache.store import Key, Raw, RawStore, Snapshot
from jeoul.market.cache.swap import put
from jeoul.market.findings_file import HEADER as FINDINGS_HEADER
from jeoul.market.gates.agreement import disagreements
from jeoul.market.gates.series import Gated, finished, gate
from jeoul.market.manifest import NAME
from jeoul.market.market import open_market
from jeoul.market.publication import Known, known_instants, month_ends, on_session
from jeoul.market.sources.plan import Check, Plan, PricePlan, SeriesPlan, When
from jeoul.market.sources.port import TOTAL_RETURN
from jeoul.model.calendar import Calendar, Days, Instants, Reals
from jeoul.model.finding import Finding, Severity

STAMP = "snapshot.json"

_BARE_KEY = re.compile("[0-9A-Za-z_-]+")


@dataclass(frozen=True, slots=True)
class Published:
    """A market folder in memory: its files, what the gates found, and what had no rows."""

    files: Mapping[str, bytes]
    findings: tuple[Finding, ...]
    missing: tuple[str, ...]
    simulated: bool = False

    @property
    def digest(self) -> str:
        """Return the SHA-256 of all files by name, as hexadecimal text."""
        found = hashlib.sha256()
        for name in sorted(self.files):
            found.update(f"{name}\0{hashlib.sha256(self.files[name]).hexdigest()}\n".encode())
        return found.hexdigest()


class _Clock:
    """When rows become known; most series of a file share their days, which are asked once."""

    def __init__(self, calendars: Mapping[str, Calendar]) -> None:
        self._calendars = calendars
        self._found: dict[tuple[Known, bool, bytes], Instants] = {}

    def known(self, rule: Known, days: Days, *, monthly: bool) -> Instants:
        """Return the instants of days, or of the ends of their months."""
        key = (rule, monthly, days.tobytes())
        if key not in self._found:
            labels = month_ends(days) if monthly else days
            self._found[key], _ = known_instants(rule, labels, self._calendars)
        return self._found[key]


@dataclass(slots=True)
class _Folder:
    """What a folder is made of while it is being laid out."""

    files: dict[str, bytes] = field(default_factory=dict)
    manifest: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    simulated: bool = False
    last: date = date.min


@dataclass(frozen=True, slots=True)
class _Column:
    """One series at hand: its newest version as traded, and as it was first fetched."""

    name: str
    raw: Raw
    known_at: Instants
    traded: Traded
    before: Traded | None


def lay_out(
    store: RawStore, plan: Plan, calendars: Mapping[str, Calendar], upto: int | None = None
) -> Published:
    """Return the market folder of a plan as the store stood after fetch ``upto``, now by default.

    Rows that were fetched before their close was final are left out, with a finding. Raises
    :class:`DataError` if nothing of the plan is in the store, or bases are mixed in a file.
    """
    folder = _Folder()
    clock = _Clock(calendars)
    for sheet in plan.prices:
        _lay_prices(folder, store, plan, sheet, calendars[sheet.exchange], clock, upto)
    for file in plan.series:
        _lay_series(folder, store, plan, file, clock, upto)
    if not folder.manifest:
        remedy = "fetch first, or correct the plan"
        raise DataError([Problem(str(store.path), f"has no row of {plan.name}", remedy=remedy)])
    folder.files[NAME] = _manifest(plan, folder).encode()
    found = sorted(folder.findings)
    return Published(folder.files, tuple(found), tuple(folder.missing), folder.simulated)


def publish(
    store: RawStore, plan: Plan, target: Path, at: int, calendars: Mapping[str, Calendar]
) -> tuple[Published, Snapshot]:
    """Write the folder of a plan, keep it as a snapshot of the store, and return both.

    The folder is opened before it takes the place of the one at ``target``: what is there can be
    opened, whole, before and after (see :func:`put` for the moment between). Raises
    :class:`DataError` if the new folder cannot be opened, and the old one stays, or if something
    else than a written folder is there.
    """
    published = lay_out(store, plan, calendars)
    text = json.dumps(plan.model_dump(mode="json", by_alias=True), sort_keys=True)
    snapshot = Snapshot(published.digest, plan.name, at, store.last_fetch(), text)
    with _written(published, snapshot, target, calendars) as fresh:
        store.name_snapshot(snapshot)
        put(fresh, target)
    return published, snapshot


def restore(
    store: RawStore, digest: str, target: Path, calendars: Mapping[str, Calendar]
) -> Published:
    """Write the folder of a snapshot again; ``digest`` may be the first characters of it.

    Raises :class:`DataError` if no snapshot or more than one begins so, and if the folder no
    longer comes out the same, as after another version has changed how it is written.
    """
    found = [s for s in store.snapshots() if s.digest.startswith(digest)]
    if len(found) != 1:
        reason = f"{len(found)} snapshots begin with {digest!r}"
        remedy = "give the whole digest of one of them"
        raise DataError([Problem(str(store.path), reason, remedy=remedy)])
    (snapshot,) = found
    plan = Plan.model_validate_json(snapshot.plan)
    published = lay_out(store, plan, calendars, snapshot.fetch)
    if published.digest != snapshot.digest:
        reason = f"snapshot {snapshot.digest[:12]} comes out as {published.digest[:12]}"
        remedy = "restore it with the version of jeoul that wrote it"
        raise DataError([Problem(str(store.path), reason, remedy=remedy)])
    with _written(published, snapshot, target, calendars) as fresh:
        put(fresh, target)
    return published


def _lay_prices(
    folder: _Folder,
    store: RawStore,
    plan: Plan,
    sheet: PricePlan,
    calendar: Calendar,
    clock: _Clock,
    upto: int | None,
) -> None:
    columns = []
    for ticker in sheet.tickers:
        fixes = plan.corrections(ticker)
        key = sheet.key(ticker)
        column = _column(store, ticker, key, sheet.known, clock, upto=upto, fixes=fixes)
        if column is None:
            folder.missing.append(ticker)
            continue
        columns.append(column)
        overseas = ticker in sheet.overseas
        traded = _in_sessions(column.traded, calendar)
        gated = _gated(column, sheet.currency, priced=True, overseas=overseas)
        folder.findings += gate(replace(gated, traded=traded))
        folder.findings += _fixed(ticker, fixes)
        second = sheet.second(ticker)
        if sheet.check is not None and second is not None:
            other = _column(store, ticker, second, sheet.known, clock, upto=upto)
            folder.findings += _compared(column, other, sheet.check)
    if not columns:
        return
    adjusted = _basis(sheet, columns)
    folder.files[sheet.path] = _table("date", columns, calendar.sessions[0])
    folder.manifest.append(
        _entry(
            path=sheet.path,
            what=sheet.what,
            index="date",
            currency=sheet.currency,
            exchange=sheet.exchange,
            adjusted=adjusted,
        )
        + f"known = {_rule(sheet.known)}\n"
    )
    if adjusted == "raw":
        _lay_events(folder, sheet, columns, calendar)
    _finish(folder, sheet.path, columns)


def _lay_series(
    folder: _Folder,
    store: RawStore,
    plan: Plan,
    file: SeriesPlan,
    clock: _Clock,
    upto: int | None,
) -> None:
    columns = []
    rules = []
    monthly = file.index == "month"
    for name, series in file.columns.items():
        column = _column(
            store,
            name,
            series.key(),
            series.known,
            clock,
            upto=upto,
            fixes=plan.corrections(name),
            monthly=monthly,
        )
        if column is None:
            folder.missing.append(name)
            continue
        columns.append(column)
        rule = f"{{ unit = {_quoted(series.unit)}, known = {_rule(series.known)} }}"
        rules.append(f"{_key(name)} = {rule}")
        folder.findings += gate(_gated(column, "", priced=False))
        folder.findings += _fixed(name, plan.corrections(name))
        second = series.second()
        if series.check is not None and second is not None:
            other = _column(store, name, second, series.known, clock, upto=upto, monthly=monthly)
            folder.findings += _compared(column, other, series.check)
    if not columns:
        return
    folder.files[file.path] = _table(file.index, columns, np.datetime64("0001-01-01"))
    entry = _entry(path=file.path, what=file.what, index=file.index)
    folder.manifest.append("\n".join([entry, "[file.columns]", *rules]) + "\n")
    _finish(folder, file.path, columns, days=not monthly)


def _column(
    store: RawStore,
    name: str,
    key: Key,
    when: When,
    clock: _Clock,
    *,
    upto: int | None,
    fixes: Sequence[Correction] = (),
    monthly: bool = False,
) -> _Column | None:
    """Return a series of the store, None if nothing of it is finished."""
    raw = store.read(key, upto)
    if raw is None:
        return None
    rule = when.rule()
    known_at = clock.known(rule, raw.days, monthly=monthly)
    traded = as_traded(raw, finished(raw, known_at), fixes)
    if not len(traded.days):
        return None
    before = None
    if len(raw.stamps) > 1:
        first = store.read(key, raw.stamps[0].fetch)
        assert first is not None
        instants = clock.known(rule, first.days, monthly=monthly)
        before = as_traded(first, finished(first, instants), fixes)
    return _Column(name, raw, known_at, traded, before)


def _gated(column: _Column, currency: str, *, priced: bool, overseas: bool = False) -> Gated:
    return Gated(
        column.name,
        column.raw,
        column.known_at,
        column.traded,
        column.before,
        currency,
        priced,
        overseas,
    )


def _in_sessions(traded: Traded, calendar: Calendar) -> Traded:
    """Return only rows of sessions: a vendor that repeats a close over a holiday is no trading."""
    seen = on_session(calendar, traded.days)
    return Traded(traded.days[seen], traded.close[seen], traded.payments)


def _fixed(name: str, fixes: Sequence[Correction]) -> Iterator[Finding]:
    for fix in fixes:
        detail = (("reason", fix.reason),)
        yield Finding(fix.day, name, "gate.corrected", Severity.NOTICE, detail)


def _compared(column: _Column, other: _Column | None, check: Check) -> Iterator[Finding]:
    if other is not None:
        yield from disagreements(
            column.name, column.traded, other.traded, check.tolerance, check.source
        )


def _basis(sheet: PricePlan, columns: Sequence[_Column]) -> str:
    """Return what a manifest calls the basis of a file's prices."""
    bases = {column.raw.stamp.basis == TOTAL_RETURN for column in columns}
    if len(bases) > 1:
        reason = "mixes prices that contain dividends with prices that do not"
        raise DataError([Problem(sheet.path, reason, remedy="fetch them into two files")])
    return "total-return" if bases.pop() else "raw"


def _lay_events(
    folder: _Folder, sheet: PricePlan, columns: Sequence[_Column], calendar: Calendar
) -> None:
    """Write dividends and splits; one on a day without trading has no price to belong to."""
    rows = []
    for column in columns:
        payments = column.traded.payments
        days = np.array([payment.day for payment in payments], dtype="datetime64[D]")
        sessions = on_session(calendar, days).tolist()
        for payment, session in zip(payments, sessions, strict=True):
            if session:
                rows.append(
                    f"{payment.day},{column.name},{payment.dividend:.10g},{payment.split:.10g}"
                )
                continue
            detail = (("dividend", f"{payment.dividend:,.8g}"), ("split", f"{payment.split:,.8g}"))
            folder.findings.append(
                Finding(payment.day, column.name, "gate.payment_day", Severity.SERIOUS, detail)
            )
    path = f"events-{sheet.path}"
    folder.files[path] = "\n".join(["date,ticker,dividend,split", *sorted(rows), ""]).encode()
    what = f"distributions ({sheet.currency} per share, on the ex-date) and splits"
    folder.manifest.append(_entry(path=path, what=what, events_of=sheet.path))


def _finish(folder: _Folder, path: str, columns: Sequence[_Column], *, days: bool = True) -> None:
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
        folder.manifest.append(_entry(path=target, what=what, findings_of=path))
    folder.simulated |= any(column.raw.stamp.simulated for column in columns)
    if days:
        newest = max(column.traded.days[-1] for column in columns).astype(object)
        folder.last = max(folder.last, newest)


def _table(index: str, columns: Sequence[_Column], first: np.datetime64) -> bytes:
    """Return a CSV of one column per series, with a row for every day that any of them has."""
    kept = [(c, c.traded.days >= first) for c in columns]
    days = np.unique(np.concatenate([c.traded.days[seen] for c, seen in kept]))
    cells = [_cells(days, c.traded.days[seen], c.traded.close[seen]) for c, seen in kept]
    labels = days.astype("datetime64[M]") if index == "month" else days
    rows = zip(labels.astype(str).tolist(), *cells, strict=True)
    head = ",".join([index, *(c.name for c in columns)])
    return "\n".join([head, *map(",".join, rows), ""]).encode()


def _cells(days: Days, own: Days, close: Reals) -> list[str]:
    found = [""] * len(days)
    places = np.searchsorted(days, own).tolist()
    for place, value in zip(places, close.tolist(), strict=True):
        found[place] = f"{value:.10g}"
    return found


def _manifest(plan: Plan, folder: _Folder) -> str:
    head = [
        "# Written by `jeoul fetch` from its raw store. Change the fetch plan, not this folder.",
        "schema = 1",
        f"last = {folder.last}",
        f"what = {_quoted(plan.what)}",
        *(["simulated = true"] if folder.simulated else []),
        "",
    ]
    released = [
        f"[[release]]\nticker = {_quoted(r.ticker)}\ndate = {r.date}\nkind = {_quoted(r.kind)}\n"
        f"reason = {_quoted(r.reason)}\n"
        for r in plan.release
    ]
    return "\n".join([*head, *released, *folder.manifest])


def _entry(**keys: str) -> str:
    lines = [f"{key} = {_quoted(value)}" for key, value in keys.items()]
    return "\n".join(["[[file]]", *lines, ""])


def _rule(when: When) -> str:
    return f"{{ at = {_quoted(when.at)}, lag = {when.lag} }}"


def _key(name: str) -> str:
    """Return a name as TOML writes it before an equals sign."""
    return name if _BARE_KEY.fullmatch(name) else _quoted(name)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


@contextmanager
def _written(
    published: Published, snapshot: Snapshot, target: Path, calendars: Mapping[str, Calendar]
) -> Iterator[Path]:
    """Write a folder beside its target and give it once it has been opened; clear up behind it."""
    target = target.resolve()
    taken = target.exists() and not (target / STAMP).is_file()
    if taken and (not target.is_dir() or any(target.iterdir())):
        reason = "is not a folder that was written by a fetch"
        raise DataError([Problem(str(target), reason, remedy="name another folder")])
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    stamp = {"digest": snapshot.digest, "name": snapshot.name, "fetch": snapshot.fetch}
    try:
        for name, content in {**published.files, STAMP: json.dumps(stamp).encode()}.items():
            (fresh / name).write_bytes(content)  # no fsync: the store can write it again
        fresh.chmod(0o755)
        _check_opens(fresh, target, calendars)
        yield fresh
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _check_opens(fresh: Path, target: Path, calendars: Mapping[str, Calendar]) -> None:
    try:
        open_market(fresh, calendars=calendars)
    except DataError as error:
        reason = "what was fetched makes no folder that can be opened; nothing was replaced"
        remedy = "correct the plan or the file that the next lines name, and fetch again"
        raise DataError([Problem(str(target), reason, remedy=remedy), *error.problems]) from error
