"""A glide path: how much of a long-term portfolio is in shares, from age and target year."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from jeoul.errors import UsageError
from jeoul.korea.rulebook import Rulebook, decimal

_OLDEST = 120


class GlideYear(NamedTuple):
    """One year of the path."""

    year: int
    age: int
    equity: Decimal


def equity_share(book: Rulebook, years_left: int) -> Decimal:
    """Return the share in shares when so many years are left to the target (negative: after it).

    Linear between the table's points, level outside, and never above the caps of qualified
    target-date funds: 80 % before the target, 40 % from it on.

    >>> from jeoul.korea.tables import load_rules
    >>> [str(equity_share(load_rules(2026), left)) for left in (40, 10, 0, -5)]
    ['0.80', '0.56', '0.40', '0.35']
    """
    share = _between(path_points(book), years_left)
    caps = book.table("tdf.caps")
    cap = decimal(caps["before" if years_left > 0 else "after"])
    return min(share, cap).quantize(Decimal("0.01"))


def path_points(book: Rulebook) -> list[tuple[int, Decimal]]:
    """Return the path's points, years left and share in shares, from the farthest to the nearest.

    >>> from jeoul.korea.tables import load_rules
    >>> [(left, str(share)) for left, share in path_points(load_rules(2026))]
    [(25, '0.80'), (0, '0.40'), (-10, '0.30')]
    """
    rows = book.facts["tdf.glide"].value
    if not isinstance(rows, list):
        raise TypeError("tdf.glide is not a list of points")
    return [(int(left), decimal(share)) for left, share in rows]


def _between(points: list[tuple[int, Decimal]], left: int) -> Decimal:
    if left >= points[0][0]:
        return points[0][1]
    for (far, high), (near, low) in pairwise(points):
        if left >= near:
            return low + (high - low) * (left - near) / (far - near)
    return points[-1][1]


def glide_path(
    book: Rulebook, *, age: int, target_year: int, until_age: int = 85
) -> tuple[GlideYear, ...]:
    """Return the path from the rulebook's year to an age, one row a year.

    Raises :class:`UsageError` for an age that is none or a target outside the person's life.

    >>> from jeoul.korea.tables import load_rules
    >>> path = glide_path(load_rules(2026), age=40, target_year=2046, until_age=60)
    >>> str(path[0].equity), str(path[-1].equity)
    ('0.72', '0.40')
    """
    born = book.year - age
    if not 0 <= age <= _OLDEST:
        raise UsageError(f"{age} is not an age; give years from 0 to {_OLDEST}")
    if not born <= target_year <= born + _OLDEST:
        raise UsageError(
            f"the target year {target_year} lies outside the life of someone of {age}; "
            f"give a year up to {born + _OLDEST}"
        )
    if until_age < age:
        raise UsageError(f"the path ends at {until_age}, below the age of {age}; give a later end")
    return tuple(
        GlideYear(year, year - born, equity_share(book, target_year - year))
        for year in range(book.year, born + until_age + 1)
    )
