"""Values that nobody means and somebody writes: numbers, texts, dates, nesting."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from random import Random
from typing import Any

TEXTS = (
    "", " ", "0", "-1", "1e999", "NaN", "inf", "true", "null", "69500", "069500", "A069500", "CASH",
    "KR7069500007", "managed", "krx-core", "balanced", "../../etc/passwd", "/dev/zero", "~nobody/x",
    "$HOME", "a" * 300, "가" * 200, "\u0000", "\u001b[31mred\u001b[0m", "\u202eevil", "\ufeff",
    "e\u0301", "\U0001f4b8", "\u2028", "1,000,000", "100만", "2026-02-30", "2026-05-04", "１２３",
    "line\nline", "tab\tcell", '"', "'", "\\", ";", "=1+1", "{x}", "%s", "[[", "0069500.KS",
)  # fmt: skip
NUMBERS = (
    0, 1, -1, 2, 7, 100, 2026, 2**31, 2**53 + 1, 2**63 - 1, 2**63, -(2**63), 10**30, 10**4000,
    0.0, -0.0, 0.05, 0.5, 1.0, 1.5, -0.3, 1e-320, 1e308, 1e-9, float("inf"), float("-inf"),
    float("nan"),
)  # fmt: skip
DAYS = (
    date(1, 1, 1),
    date(9999, 12, 31),
    date(2026, 2, 28),
    datetime(2026, 5, 4, 9, 0),  # noqa: DTZ001  TOML has dates and times without a zone
    datetime(2026, 5, 4, 9, 0, tzinfo=UTC),
    time(8, 40),
)


def scalar(draw: Random) -> Any:
    """Return one odd value without parts."""
    return draw.choice((draw.choice(TEXTS), draw.choice(NUMBERS), draw.choice(DAYS), True, False))


def value(draw: Random) -> Any:
    """Return one odd value, sometimes a list or a table of them, seldom a deep one."""
    kind = draw.randrange(12)
    if kind < 8:
        return scalar(draw)
    if kind == 8:
        return [scalar(draw) for _ in range(draw.randrange(4))]
    if kind == 9:
        return {draw.choice(TEXTS[6:15]) or "x": scalar(draw) for _ in range(draw.randrange(4))}
    if kind == 10:
        return [] if draw.random() < 0.5 else {}
    return nested(draw.choice((3, 20, 63, 65)), table=draw.random() < 0.5)


def like(draw: Random, given: Any) -> Any:
    """Return another value of the same kind, as people would write it."""
    if isinstance(given, bool):
        return not given
    if isinstance(given, int):
        return draw.choice((given + 1, given - 1, given * 2, given // 2, 0, 1))
    if isinstance(given, float):
        return given * draw.choice((0.5, 0.9, 1.1, 2.0))
    if isinstance(given, str):
        return draw.choice((given.upper(), given[:-1], f" {given}", given + given[-1:], "0"))
    return given


def nested(depth: int, *, table: bool) -> Any:
    """Return lists or tables within one another."""
    found: Any = 1
    for _ in range(depth):
        found = {"a": found} if table else [found]
    return found
