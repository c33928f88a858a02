"""The newest net asset values that a decision saw, so that it can be replayed exactly.

Exchanges publish the values of a session hours after its close. A folder that is updated later has
values that an earlier decision did not have; a replay has to leave them out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from jeoul.model.finding import Finding
from jeoul.model.series import PriceTable

_LATE = 10  # sessions to try for old decisions, which did not record their newest value
OF_VALUES = frozenset({"gate.premium", "gate.nav_unit", "gate.tracking"})
"""Findings of the gates that only net asset values can show; tests hold the gates to it."""


@dataclass(frozen=True, slots=True)
class Valued:
    """The newest session with a net asset value.

    ``newest`` is that of most funds, None where no fund has a value; ``others`` has the funds that
    differ from it, by code.
    """

    newest: date | None = None
    others: Mapping[str, date | None] = field(default_factory=dict)

    @staticmethod
    def of(tables: Iterable[PriceTable]) -> Valued:
        """Return the newest session with a value of each fund in the tables."""
        found = {code: day for table in tables for code, day in _newest(table)}
        counted = Counter(day for day in found.values() if day is not None)
        usual = counted.most_common(1)[0][0] if counted else None
        return Valued(usual, {code: day for code, day in found.items() if day != usual})

    @staticmethod
    def earlier(tables: Iterable[PriceTable]) -> Iterator[Valued]:
        """Yield the earlier states that a decision may have seen: newest first, no values last."""
        days = {day for table in tables for day in _valued_days(table)[-_LATE:]}
        yield from (Valued(day) for day in sorted(days, reverse=True)[1 : _LATE + 1])
        yield Valued()

    @staticmethod
    def from_document(stored: Mapping[str, str]) -> Valued:
        """Return what :meth:`document` wrote."""
        days = {code: date.fromisoformat(day) if day else None for code, day in stored.items()}
        return Valued(days.pop("", None), days)

    def document(self) -> dict[str, str]:
        """Return this as JSON values: ISO days by code, that of most funds under the empty name.

        >>> Valued(date(2026, 6, 29), {"069500": None}).document()
        {'': '2026-06-29', '069500': ''}
        """
        days = {"": self.newest, **dict(sorted(self.others.items()))}
        return {code: "" if day is None else day.isoformat() for code, day in days.items()}

    def cut(self, table: PriceTable) -> PriceTable:
        """Return a table without the values of sessions after the newest one."""
        if table.nav is None:
            return table
        ends = [self._end(code) for code in table.tickers]
        later = table.sessions[:, None] > np.array(ends, dtype="datetime64[D]")[None, :]
        nav = np.where(later, np.nan, table.nav)
        return replace(table, nav=None if np.isnan(nav).all() else nav)

    def keeps(self, finding: Finding) -> bool:
        """Return whether a decision had this finding: it is not about a later value."""
        return finding.kind not in OF_VALUES or finding.day <= self._end(finding.subject)

    def _end(self, code: str) -> date:
        day = self.others.get(code, self.newest)
        return date.min if day is None else day


def _newest(table: PriceTable) -> Iterator[tuple[str, date | None]]:
    if table.nav is None:
        return
    for column, code in enumerate(table.tickers):
        rows = np.flatnonzero(np.isfinite(table.nav[:, column]))
        yield code, table.sessions[rows[-1]].astype(object) if len(rows) else None


def _valued_days(table: PriceTable) -> list[date]:
    if table.nav is None:
        return []
    days: list[date] = table.sessions[np.isfinite(table.nav).any(axis=1)].tolist()
    return days
