"""Every deliberate error of jeoul, as one tree.

::

    JeoulError                      .exit_code
    + InputError            (2)     .problems: everything wrong with a file, at once
    |   + StrategyError             a strategy file
    |   + ConfigError               a config, answers or cases file
    + UsageError            (2)     a value given on the command line or to a public function
    |   + BadValue                  a number, label or table given to a public record or function
    + RuleError             (2)     .rule .source: a Korean rule refuses its arguments
    + DataError             (3)     .problems
    |   + HoldingsError     (2)     a holdings file
    |   + NotASession               .value .calendar
    |   + BeyondData                .value .last
    |   + BadMarketData             serious findings stop this decision
    |   + ShortHistory              too little history to estimate from
    |   + ForeignMemory             a stored memory is not of these rules and this history
    |   + SourceError               a data source gave no usable answer (market.sources.errors)
    + AllocationError       (4)
    |   + Infeasible                .conflicts: the rules that cannot hold together
    |   |   + Conflict              .diagnosis: and the least that cures it (allocate.doctor)
    |   + SolverFailed              .solver .status
    |   + BadEstimate               means or covariance that no program can use
    |   + TooLarge                  more funds than a rule or an estimate can take
    + BrokerError           (5)
    |   + LedgerError               the books cannot be used or do not balance (operations.errors)
    |   + Ambiguous                 what happened to an order needs a person (operations.errors)
    |   + Unreachable               the broker does not answer (operations.errors)
    + AlreadyRunning        (75)

A message says what was wrong with the value, where, and what to do about it. Programmer mistakes
are ``TypeError`` and ``ValueError`` and are never caught.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in one place, and its remedy.

    >>> print(Problem("answers.toml", "300 is above 120", line=4, key="age", remedy="give years"))
    answers.toml:4: age: 300 is above 120; give years
    """

    file: str
    message: str
    line: int | None = None
    key: str | None = None
    remedy: str | None = None

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        parts = [place] if self.key is None else [place, _cut(self.key, 120)]
        text = ": ".join([*parts, _cut(self.message, 400)])
        return visible(text if self.remedy is None else f"{text}; {_cut(self.remedy, 800)}")


def _cut(text: str, most: int) -> str:
    """Return a text in at most so many characters: a cell of a file can hold millions."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def visible(text: str) -> str:
    r"""Return a text with every character that would steer a terminal escaped.

    >>> visible("key \x1b[31m, 한글")
    'key \\x1b[31m, 한글'
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


FILES = 74
"""What a command leaves with where the system refuses a file or folder: EX_IOERR of sysexits.h."""


class JeoulError(Exception):
    """Any deliberate refusal; ``exit_code`` is what the command line leaves with."""

    exit_code = 1


_MOST_LINES = 50  # of an error's text; ``problems`` has all of them


class _Problems(JeoulError):
    def __init__(self, problems: Sequence[Problem] | str) -> None:
        self.problems: tuple[Problem, ...] = () if isinstance(problems, str) else tuple(problems)
        lines = [str(problem) for problem in self.problems[:_MOST_LINES]]
        if more := len(self.problems) - len(lines):
            lines.append(f"… and {more:,} more problems")
        super().__init__(problems if isinstance(problems, str) else "\n".join(lines))


class InputError(_Problems):
    """A file written by a person cannot be used; ``problems`` lists all of it."""

    exit_code = 2


class StrategyError(InputError):
    """A strategy file cannot be used."""


class ConfigError(InputError):
    """A config, answers or cases file cannot be used."""


class UsageError(JeoulError):
    """A value given on the command line or to a public function cannot be used."""

    exit_code = 2


class BadValue(UsageError, ValueError):
    """A number, label or table given to a public record or function cannot be used.

    It is a ``ValueError`` too, which is what such values raised in 0.1.
    """


class RuleError(JeoulError):
    """A rule of the Korean rulebook refuses its arguments; names the rule and its source."""

    exit_code = 2

    def __init__(self, message: str, *, rule: str, source: str) -> None:
        self.message = message
        self.rule = rule
        self.source = source
        super().__init__(f"{rule}: {message} [{source}]")


class DataError(_Problems):
    """Market data or another data file cannot be used."""

    exit_code = 3


class HoldingsError(DataError):
    """A holdings file cannot be used: a person corrects it, like every input."""

    exit_code = 2


class NotASession(DataError):
    """A date is not a trading session of the calendar."""

    def __init__(self, value: str, calendar: str, remedy: str) -> None:
        self.value = value
        self.calendar = calendar
        super().__init__(f"{value} is not a session of {calendar}; {remedy}")


class BeyondData(DataError):
    """A date lies outside what the data or the calendar covers."""

    def __init__(self, value: str, last: str, remedy: str) -> None:
        self.value = value
        self.last = last
        super().__init__(f"{value} lies outside the data, which ends on {last}; {remedy}")


class BadMarketData(DataError):
    """Serious findings touch instruments that this decision would trade."""


class ShortHistory(DataError):
    """There is too little history to estimate from."""


class ForeignMemory(DataError):
    """A stored memory is not of these rules and this history; a replay needs none."""


class AllocationError(JeoulError):
    """No portfolio could be computed."""

    exit_code = 4


class Infeasible(AllocationError):
    """No weights satisfy every rule; ``conflicts`` names the rules that cannot hold together."""

    def __init__(self, message: str, conflicts: Sequence[str] = ()) -> None:
        self.conflicts = tuple(conflicts)
        super().__init__(message)


class SolverFailed(AllocationError):
    """The solver stopped without an answer that it vouches for."""

    def __init__(self, solver: str, status: str) -> None:
        self.solver = solver
        self.status = status
        super().__init__(
            f"{solver} stopped with status {status!r} and no answer that it vouches for; "
            "check the estimate for extreme values or choose another solver"
        )


class BadEstimate(AllocationError):
    """Means or covariance that no program can use: missing, infinite, asymmetric or indefinite."""


class TooLarge(AllocationError):
    """More funds than a rule or an estimate can take in reasonable time and memory."""


class BrokerError(JeoulError):
    """A broker or the reconciliation with it needs a person."""

    exit_code = 5


class AlreadyRunning(JeoulError):
    """Another run holds the lock of this account."""

    exit_code = 75
