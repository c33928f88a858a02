"""Files of one thing over time, told apart by a date in their names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path

_DATED = re.compile(r"(.*?)[-_. ]?(\d{4})[-_.]?(\d{2})[-_.]?(\d{2})", re.DOTALL)


def name_and_day(path: Path) -> tuple[str, date | None]:
    """Return a file's name without its ending and date, and that date, None where it has none.

    >>> name_and_day(Path("isa-2026-03-31.csv")), name_and_day(Path("isa_20260331.xlsx"))
    (('isa', datetime.date(2026, 3, 31)), ('isa', datetime.date(2026, 3, 31)))
    >>> name_and_day(Path("isa.csv")), name_and_day(Path("isa-2026-02-30.csv"))
    (('isa', None), ('isa-2026-02-30', None))
    """
    found = _DATED.fullmatch(path.stem)
    if found is None:
        return path.stem, None
    try:
        return found[1], date(int(found[2]), int(found[3]), int(found[4]))
    except ValueError:
        return path.stem, None


def series_of(path: Path, beside: Iterable[Path]) -> dict[date, Path]:
    """Return the files among those beside one that have its name, ending and a date, by date.

    >>> files = [Path("isa-2026-03-31.csv"), Path("isa-2026-03.csv"), Path("irp-2026-03-31.csv")]
    >>> [(str(day), each.name) for day, each in series_of(Path("isa.csv"), files).items()]
    [('2026-03-31', 'isa-2026-03-31.csv')]
    """
    name, _ = name_and_day(path)
    found = {}
    for each in sorted(beside):
        own, day = name_and_day(each)
        if day is not None and own == name and each.suffix.lower() == path.suffix.lower():
            found[day] = each
    return found
