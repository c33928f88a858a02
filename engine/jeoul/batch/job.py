"""What a worker is asked about a part of a batch, and what it answers: small and picklable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from jeoul.batch.records import Proposals
from jeoul.model.money import UNITS
from jeoul.model.portfolio import SETTLED, Proceeds
from jeoul.rebalance import ONLINE, Tariff


class Input(NamedTuple):
    """A file that workers read, and the digest of what the batch was started with."""

    path: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowedSecurities:
    """What accounts may hold: ``funds`` of the strategy, sorted, and others that exist."""

    strategy: str
    currency: str
    funds: tuple[str, ...]
    outside: frozenset[str]

    @property
    def places(self) -> int:
        """Return the decimal places of money."""
        return {1: 0, 100: 2}[UNITS[self.currency]]


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchJob:
    """A batch as its workers know it.

    ``key`` names it by the digest of all that its answers depend on. ``profiles`` are those of the
    strategy; ``refused`` says of pairs of kind and profile why they have no proposal. ``form`` is
    the ending of the file of orders. With ``checks`` a worker compares its files with those of the
    machine that started the batch.
    """

    key: str
    accounts: Input
    terms: Input | None
    securities: AllowedSecurities
    proposals: Proposals
    refused: Mapping[tuple[str, str], str]
    profiles: tuple[str, ...]
    form: str
    language: str = "en"
    tariff: Tariff = ONLINE
    proceeds: Proceeds = SETTLED
    checks: bool = False


class RefusedRow(NamedTuple):
    """A row, or the first row of an account, that could not be planned; ``code`` says why."""

    account: str
    line: int
    code: str
    reason: str


class Tally(NamedTuple):
    """What some accounts came to; money in the currency's smallest unit.

    ``held_back`` is that of purchases whose funds are too dear, in ``held_accounts`` accounts.
    ``uncompiled`` accounts went through functions that could not be compiled.
    """

    accounts: int = 0
    planned: int = 0
    orders: int = 0
    turnover: int = 0
    cost: int = 0
    outside: int = 0
    held_back: int = 0
    held_accounts: int = 0
    uncompiled: int = 0

    def plus(self, other: Tally) -> Tally:
        """Return both together.

        >>> Tally(1, 1, 2).plus(Tally(3)).accounts
        4
        """
        return Tally(*(a + b for a, b in zip(self, other, strict=True)))


class PartOrders(NamedTuple):
    """What a worker found for a part: orders in the form asked for, and what was refused."""

    orders: bytes
    refused: tuple[RefusedRow, ...]
    tally: Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchFiles:
    """The files of a batch; ``refused`` and ``terms`` may be missing."""

    accounts: Path
    out: Path
    refused: Path
    terms: Path | None = None
