"""The forward record of a strategy: lines of JSON, each bound to all before it by a hash.

A line of kind ``rules`` says from which day on which rules hold, by the digest of their content for
each profile. A line of kind ``month`` says what they did in one month that began after that day.
What rules did before they were fixed is a backtest, and no line of this record.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

from jeoul.errors import DataError, Problem
from jeoul.pipeline import Mandate
from jeoul.pipeline.content import content_of

GENESIS = "0" * 64
REMEDY = "restore the file from version control; lines are never changed once written"

Figures: TypeAlias = Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesLine:
    """The rules of a strategy from the day ``on``: the digest of their content by profile."""

    on: date
    strategy: str
    version: str
    digests: Mapping[str, str]
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthLine:
    """What rules did in a month (``2026-12``), by profile; written on the day ``on``.

    ``figures`` has ``return``, ``volatility`` (a year), ``max_drawdown``, ``turnover`` and ``cost``
    of the month; ``rules`` is the hash of their line and ``data`` the digest of the prices.
    """

    month: str
    on: date
    rules: str
    data: str
    simulated: bool
    figures: Mapping[str, Figures]
    hash: str


Line: TypeAlias = RulesLine | MonthLine


@dataclass(frozen=True, slots=True)
class ForwardRecord:
    """The lines of a strategy's record, oldest first; the first is one of rules."""

    lines: tuple[Line, ...]

    @property
    def rules(self) -> RulesLine:
        """Return the line of the rules in force."""
        return [line for line in self.lines if isinstance(line, RulesLine)][-1]

    @property
    def months(self) -> tuple[MonthLine, ...]:
        """Return the months of the rules in force; those of earlier rules are not among them."""
        found = (line for line in self.lines if isinstance(line, MonthLine))
        return tuple(line for line in found if line.rules == self.rules.hash)

    @property
    def head(self) -> str:
        """Return how many lines there are and the hash of the last, to be kept elsewhere."""
        return f"{len(self.lines)}:{self.lines[-1].hash}"

    @property
    def simulated(self) -> bool | None:
        """Return whether the months are of a simulated market, None without any."""
        months = [line for line in self.lines if isinstance(line, MonthLine)]
        return months[-1].simulated if months else None


def rules_of(mandates: Mapping[str, Mandate]) -> dict[str, str]:
    """Return the digest of the content of each profile's rules, as a record keeps them."""
    return {profile: content_of(mandate).digest for profile, mandate in mandates.items()}


def written(prev: str, body: Mapping[str, Any]) -> str:
    """Return a line as it is written: its body with the hash that binds it to the line before.

    >>> json.loads(written(GENESIS, {"kind": "rules"}))["hash"][:8]
    'd081c014'
    """
    return _compact({**body, "hash": _hash(prev, body)})


def read_record(text: str, file: str, *, head: str | None = None) -> ForwardRecord:
    """Return the record in a text; ``file`` is its name in messages.

    ``head`` is what :attr:`ForwardRecord.head` once was, kept elsewhere: with it a record whose
    hashes were all made again, or whose last lines were cut off, is found out too.

    Raises :class:`DataError` with every line that was changed, moved or cannot be read.
    """
    lines: list[Line] = []
    problems: list[Problem] = []
    prev = GENESIS
    for number, row in enumerate(text.splitlines(), 1):
        try:
            body = json.loads(row)
            stored = body.pop("hash")
            line = _KINDS[body["kind"]](body, stored)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            problems.append(
                Problem(file, "is not a line of a forward record", number, remedy=REMEDY)
            )
            continue
        if stored != _hash(prev, body):
            fault = "was changed, or is not the line that was written here"
            problems.append(Problem(file, fault, number, remedy=REMEDY))
        problems += [Problem(file, fault, number, remedy=REMEDY) for fault in _wrong(lines, line)]
        lines.append(line)
        prev = stored
    problems += _missing(lines, file, head)
    if problems:
        raise DataError(problems)
    return ForwardRecord(tuple(lines))


def _wrong(before: list[Line], line: Line) -> Iterator[str]:
    """Yield why a line cannot follow those before it."""
    rules = [each for each in before if isinstance(each, RulesLine)]
    months = [each for each in before if isinstance(each, MonthLine)]
    if isinstance(line, RulesLine):
        if rules and (line.strategy != rules[0].strategy or line.on < rules[-1].on):
            yield "has rules of another strategy, or an earlier date than the lines before it"
        return
    if not rules or line.rules != rules[-1].hash:
        yield "is a month of other rules than those before it"
    elif date.fromisoformat(f"{line.month}-01") <= rules[-1].on:
        yield "is a month that began before its rules were chosen"
    if months and line.month <= months[-1].month:
        yield "is not later than the month before it"
    if months and line.simulated != months[-1].simulated:
        yield "mixes a simulated market with a real one"


def _missing(lines: list[Line], file: str, head: str | None) -> Iterator[Problem]:
    if not lines:
        yield Problem(
            file, "has no lines", remedy="write the first line with `jeoul forward begin`"
        )
    if head is not None:
        count, _, wanted = head.partition(":")
        place = int(count) - 1 if count.isdecimal() else -1
        if not 0 <= place < len(lines) or lines[place].hash != wanted:
            yield Problem(file, f"does not match the head {head}", remedy=REMEDY)


def _rules_line(body: Mapping[str, Any], stored: str) -> Line:
    return RulesLine(
        on=date.fromisoformat(body["on"]),
        strategy=body["strategy"],
        version=body["version"],
        digests=dict(body["digests"]),
        hash=stored,
    )


def _month_line(body: Mapping[str, Any], stored: str) -> Line:
    date.fromisoformat(f"{body['month']}-01")
    return MonthLine(
        month=body["month"],
        on=date.fromisoformat(body["on"]),
        rules=body["rules"],
        data=body["data"],
        simulated=bool(body["simulated"]),
        figures={
            profile: {name: float(value) for name, value in figures.items()}
            for profile, figures in body["figures"].items()
        },
        hash=stored,
    )


_KINDS: Mapping[str, Callable[[Mapping[str, Any], str], Line]] = {
    "rules": _rules_line,
    "month": _month_line,
}


def _hash(prev: str, body: Mapping[str, Any]) -> str:
    return hashlib.sha256(_compact([prev, body]).encode()).hexdigest()


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
