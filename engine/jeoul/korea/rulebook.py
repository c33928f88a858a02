"""The rules of one year as a record: facts with their sources, and nothing computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from jeoul.errors import RuleError
from jeoul.model.calendar import Calendar


class Step(NamedTuple):
    """One step of a calculation: a message id of the catalogues and the values that fill it in."""

    message: str
    values: Mapping[str, object]


def step(message: str, **values: object) -> Step:
    """Return a step of the rulebook's own message table.

    >>> step("net", net=1_500_000)
    Step(message='rule.net', values={'net': 1500000})
    """
    return Step(f"rule.{message}", values)


@dataclass(frozen=True, slots=True)
class Fact:
    """One number, list or table of the law, with where it stands and since when.

    ``carried`` is the year whose table it was carried over from, None in its own year.
    """

    key: str
    value: object
    source: str
    url: str
    confidence: str
    effective: date | None = None
    until: date | None = None
    note: str | None = None
    carried: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Rulebook:
    """The rules of one year.

    ``as_of`` is the day the table was last checked; ``reforms`` the pending reforms switched on,
    normally none; ``calendars`` those of the exchanges whose settlement is asked for; ``ended`` the
    facts of an earlier year that have run out; ``rules_of`` the year of the table where ``year``
    has none of its own. The readers raise :class:`RuleError` for a fact that has ended, and
    ``KeyError`` or ``TypeError`` for a key or type that the program should not have asked for.
    """

    year: int
    as_of: date
    facts: Mapping[str, Fact]
    reforms: tuple[str, ...] = ()
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    ended: Mapping[str, Fact] = field(default_factory=dict)
    rules_of: int | None = None

    def fact(self, key: str) -> Fact:
        """Return a fact, or refuse one that ended before the year began."""
        if key in self.ended:
            fact = self.ended[key]
            what = f"it ended on {fact.until}, and there is no such rule in {self.year}"
            raise RuleError(what, rule=key, source=fact.source)
        return self.facts[key]

    def won(self, key: str) -> int:
        """Return an amount, a count of years or an age."""
        value = self.fact(key).value
        if not isinstance(value, int):
            raise TypeError(f"{key} is {value!r}, no integer")
        return value

    def rate(self, key: str) -> Decimal:
        """Return a rate as a decimal fraction."""
        return decimal(self.fact(key).value)

    def flag(self, key: str) -> bool:
        """Return a switch."""
        return self.fact(key).value is True

    def text(self, key: str) -> str:
        """Return a name or a day."""
        value = self.fact(key).value
        if not isinstance(value, str):
            raise TypeError(f"{key} is {value!r}, no text")
        return value

    def words(self, key: str) -> tuple[str, ...]:
        """Return a list of names."""
        return names(self.fact(key).value)

    def table(self, key: str) -> Mapping[str, object]:
        """Return a small table by name."""
        value = self.fact(key).value
        if not isinstance(value, Mapping):
            raise TypeError(f"{key} is {value!r}, no table")
        return value

    def bands(self, key: str, part: str | None = None) -> tuple[tuple[int | None, Decimal], ...]:
        """Return bands of a schedule: the upper bound, None where there is none, and the rate."""
        rows = self.fact(key).value if part is None else self.table(key)[part]
        if not isinstance(rows, list | tuple):
            raise TypeError(f"{key} is {rows!r}, no schedule")
        return tuple((int(bound) or None, decimal(rate)) for bound, rate in rows)

    def source(self, key: str) -> str:
        """Return where a fact stands, in one line."""
        return (self.ended.get(key) or self.facts[key]).source

    def refuse(self, rule: str, key: str, message: str) -> RuleError:
        """Return the error that names the rule, what is wrong, and the fact's source."""
        return RuleError(message, rule=rule, source=self.source(key))


def decimal(value: object) -> Decimal:
    """Return a number of a table as an exact decimal.

    >>> decimal(0)
    Decimal('0')
    """
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise TypeError(f"{value!r} is not a rate")
    return Decimal(value)


def names(value: object) -> tuple[str, ...]:
    """Return a list of a table as a tuple of names.

    >>> names(["isa", "irp"])
    ('isa', 'irp')
    """
    if not isinstance(value, list | tuple):
        raise TypeError(f"{value!r} is not a list of names")
    return tuple(str(name) for name in value)
