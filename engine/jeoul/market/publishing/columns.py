"""One series on its way into a market folder: as traded, by its newest version and its first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jeoul.market.cache.store import RawStore
from jeoul.market.fetching.plan import When
from jeoul.market.gates.gated import finished
from jeoul.market.publication import Known, known_instants, month_ends
from jeoul.market.raw.corrections import Correction, TradedCloses, as_traded
from jeoul.market.raw.series import Raw, SeriesKey
from jeoul.model.calendar import Calendar, Days, Instants


class KnownTimes:
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


@dataclass(frozen=True, slots=True)
class FolderColumn:
    """One series at hand: its newest version as traded, and as it was first fetched."""

    name: str
    raw: Raw
    known_at: Instants
    traded: TradedCloses
    before: TradedCloses | None


def read_column(
    store: RawStore,
    name: str,
    key: SeriesKey,
    when: When,
    times: KnownTimes,
    *,
    upto: int | None,
    fixes: Sequence[Correction] = (),
    monthly: bool = False,
) -> FolderColumn | None:
    """Return a series of the store, None if nothing of it is finished."""
    raw = store.read(key, upto)
    if raw is None:
        return None
    rule = when.rule()
    known_at = times.known(rule, raw.days, monthly=monthly)
    traded = as_traded(raw, finished(raw, known_at), fixes)
    if not len(traded.days):
        return None
    before = None
    if len(raw.stamps) > 1:
        first = store.read(key, raw.stamps[0].fetch)
        assert first is not None
        instants = times.known(rule, first.days, monthly=monthly)
        before = as_traded(first, finished(first, instants), fixes)
    return FolderColumn(name=name, raw=raw, known_at=known_at, traded=traded, before=before)
