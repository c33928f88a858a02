"""Which facts of the table a rule reads: the law behind a figure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from jeoul.korea.rulebook import Fact, Rulebook


class _Noted(Mapping[str, Fact]):
    """Facts that note which of them were looked up, in the order of the first time."""

    def __init__(self, facts: Mapping[str, Fact]) -> None:
        self._facts = facts
        self.read: dict[str, Fact] = {}

    def __getitem__(self, key: str) -> Fact:
        return self.read.setdefault(key, self._facts[key])

    def __iter__(self) -> Iterator[str]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)


def noting(book: Rulebook) -> tuple[Rulebook, Mapping[str, Fact]]:
    """Return the rules, and the facts that have been read from them so far: it fills as they are.

    >>> from jeoul.korea.tables import load_rules
    >>> from jeoul.korea.wages import wage_income
    >>> book, read = noting(load_rules(2026))
    >>> wage_income(book, 30_000_000), list(read)
    (20250000, ['wages.deduction'])
    """
    noted = _Noted(book.facts)
    return replace(book, facts=noted), noted.read
