"""The trial ledger: how many backtests have been looked at is counted, never asked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from jeoul.database import Connection
from jeoul.pipeline.content import universe_digest
from jeoul.pipeline.mandate import Mandate
from jeoul.research.database import transaction

_SCHEMA = """
create table if not exists trials (
  number   integer primary key,
  trial    text not null unique,
  strategy text not null,
  profile  text not null,
  account  text not null,
  start    text not null,
  "end"    text not null,
  sessions integer not null,
  sharpe   real
) strict;
create trigger if not exists trials_are_kept before delete on trials
begin select raise(abort, 'the trial ledger only grows'); end;
create trigger if not exists trials_stand before update on trials
begin select raise(abort, 'the trial ledger only grows'); end;
"""
_TOLD: dict[str, Any] = {  # of a strategy file: what people read, and no weight follows from
    "name": True,
    "title": True,
    "allocate": {"engine": True},  # which solver finds the same optimum
    "overlay": {"watch": {"__all__": {"title", "topic", "evidence"}}},
}
_COLUMNS = '(trial, strategy, profile, account, start, "end", sessions, sharpe)'


@dataclass(frozen=True, slots=True)
class Trial:
    """One backtest that was looked at; ``sharpe`` is per session, None where undefined.

    ``key`` identifies strategy, profile, account, universe, data and span (:func:`trial_key`).
    """

    key: str
    strategy: str
    profile: str
    account: str
    start: date
    end: date
    sessions: int
    sharpe: float | None


@dataclass(frozen=True, slots=True)
class TrialCount:
    """What the ledger knows: how many trials there were and the variance of their ratios.

    ``variance`` is per session and 0 with fewer than two ratios.
    """

    trials: int
    variance: float


def trial_key(mandate: Mandate, digest: str, start: date, end: date) -> str:
    """Return the SHA-256 of a backtest's inputs: the parsed strategy, not its file, and the span.

    A comment, a name, a title, or what is told beside a watched latch does not make a new trial.
    ``digest`` is the snapshot's.
    """
    strategy = mandate.strategy.model_dump(mode="json", by_alias=True, exclude=_TOLD)
    if mandate.strategy.own_universe:  # a file may be changed, and its name stay
        strategy["universe"] = universe_digest(mandate.universe)
    own = strategy["profiles"][mandate.profile]
    if mandate.strategy.glide is not None:  # mixes them, up to the mandate's own
        own = {"up_to": mandate.profile, "mixed": strategy["profiles"]}
    document = strategy | {"profiles": own, "account": str(mandate.account), "data": digest}
    if mandate.limit is not None:
        document["suitability"] = asdict(mandate.limit)
    span = {"from": start.isoformat(), "to": end.isoformat()}
    text = json.dumps(document | span, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class TrialHead:
    """How many trials a ledger has, and the hash that the last of them ends the chain with.

    Every hash covers a trial and the hash before it: the head names all trials up to it and their
    order.
    """

    trials: int
    digest: str


class TrialLedger:
    """Trials in one file that only grows; the same trial again keeps its number.

    Raises :class:`DataError` if the file is no such ledger or cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._open() as connection:
            connection.execute("pragma journal_mode = wal")
            connection.executescript(_SCHEMA)

    @contextmanager
    def _open(self) -> Iterator[Connection]:
        with transaction(self.path, "as a trial ledger", "--trials") as connection:
            connection.execute("pragma synchronous = full")
            yield connection

    def record(self, trials: Iterable[Trial]) -> list[int]:
        """Write trials down and return their numbers, the first ever being 1."""
        rows = [
            (
                t.key,
                t.strategy,
                t.profile,
                t.account,
                t.start.isoformat(),
                t.end.isoformat(),
                t.sessions,
                t.sharpe,
            )
            for t in trials
        ]
        with self._open() as connection:
            connection.executemany(
                f"insert into trials {_COLUMNS} values (?, ?, ?, ?, ?, ?, ?, ?) "
                "on conflict (trial) do nothing",
                rows,
            )
            return [
                int(
                    connection.execute(
                        "select number from trials where trial = ?", row[:1]
                    ).fetchone()[0]
                )
                for row in rows
            ]

    def trial(self, number: int) -> Trial | None:
        """Return the trial of a number, None where the ledger has no such row."""
        with self._open() as connection:
            row = connection.execute(
                f"select {_COLUMNS[1:-1]} from trials where number = ?", (number,)
            ).fetchone()
        if row is None:
            return None
        key, strategy, profile, account, start, end, sessions, sharpe = row
        return Trial(
            key=key,
            strategy=strategy,
            profile=profile,
            account=account,
            start=date.fromisoformat(start),
            end=date.fromisoformat(end),
            sessions=sessions,
            sharpe=sharpe,
        )

    def tried(self) -> TrialCount:
        """Return what has been tried so far, over all strategies: luck does not ask for a name."""
        with self._open() as connection:
            count = int(connection.execute("select count(*) from trials").fetchone()[0])
            found = connection.execute("select sharpe from trials where sharpe is not null")
            ratios = np.array([row[0] for row in found], dtype=np.float64)
        return TrialCount(count, float(ratios.var(ddof=1)) if len(ratios) > 1 else 0.0)

    def head(self, trials: int | None = None) -> TrialHead:
        """Return the head, or what it was when there were only so many trials."""
        with self._open() as connection:
            rows = connection.execute(
                f"select {_COLUMNS[1:-1]} from trials order by number limit ?",
                (-1 if trials is None else trials,),
            ).fetchall()
        digest = ""
        for row in rows:
            text = json.dumps([digest, *row], ensure_ascii=False, separators=(",", ":"))
            digest = hashlib.sha256(text.encode()).hexdigest()
        return TrialHead(len(rows), digest)
