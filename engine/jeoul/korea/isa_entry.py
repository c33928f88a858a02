"""Who may open an ISA, from which year on, and when its three years are full."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from jeoul.korea.dates import Opened, opening_day, years_after
from jeoul.korea.isa import FIRST_YEAR
from jeoul.korea.levy import Flag, Won
from jeoul.korea.rulebook import Rulebook, Step, step


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Whether a person may open or extend an ISA, and what stands against it.

    ``opens`` is the first year in which a bar by financial income no longer holds, None without
    such a bar or where the year that caused it is not known.
    """

    eligible: bool
    reasons: tuple[str, ...]
    opens: int | None
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class IsaTerm:
    """How long an ISA has been held: full years, and months beyond them.

    ``first_day`` is the first day on which it may be closed with its benefit.
    """

    years: int
    months: int
    full: bool
    first_day: date
    steps: tuple[Step, ...]


def isa_eligible(
    book: Rulebook,
    *,
    age: Won,
    earned_income_last_year: Flag = False,
    financial_income_taxpayer_last_3y: Flag = False,
    resident: Flag = True,
    has_account: Flag = False,
    crossed: Won | None = None,
    year: Won | None = None,
) -> Eligibility:
    """Return whether a person may join or extend, with every reason against.

    Residents of 19 and older, or of 15 and older with wages in the year before, one account each,
    whose interest and dividends did not pass 20 M in any of the three tax years before. ``crossed``
    is the last year in which they did; ``year`` the year of joining, that of the table if left out.
    Source: 조세특례제한법 §§91의18①③1, 129의2①.

    >>> from jeoul.korea.tables import load_rules
    >>> isa_eligible(load_rules(2026), age=17).reasons
    ('isa_age',)
    >>> isa_eligible(load_rules(2026), age=40, crossed=2024).opens
    2028
    """
    if age < 0:
        raise book.refuse(
            "isa.eligible", "isa.min_age", f"age is {age}, below zero; give 0 or more"
        )
    needed = book.won("isa.min_age_with_wages" if earned_income_last_year else "isa.min_age")
    years = book.won("isa.taxpayer_years")
    joins = book.year if year is None else year
    barred = crossed is not None and joins - years <= crossed < joins
    reasons = [
        name
        for name, against in (
            ("isa_age", age < needed),
            ("isa_resident", not resident),
            ("isa_taxpayer", barred or financial_income_taxpayer_last_3y),
            ("isa_second", has_account),
        )
        if against
    ]
    steps = [step("isa_age_needed", age=age, needed=needed)]
    steps.extend(step(name, years=years) for name in reasons if name != "isa_age")
    opens = None
    if crossed is not None and barred:
        opens = crossed + years + 1
        steps.append(step("isa_opens_again", crossed=crossed, opens=opens))
    return Eligibility(not reasons, tuple(reasons), opens, tuple(steps))


def isa_matures(book: Rulebook, *, opened: Opened, on: date) -> IsaTerm:
    """Return how long an ISA has been held on a day, and from which day on its term is full.

    The three years run from the day of the contract: before the day on which they are full, closing
    it is an early end. A year alone is read as its 31 December. Source: 조세특례제한법
    §91의18③4·⑦.

    >>> from jeoul.korea.tables import load_rules
    >>> term = isa_matures(load_rules(2026), opened=date(2023, 12, 15), on=date(2026, 11, 28))
    >>> term.full, term.years, term.months, term.first_day.isoformat()
    (False, 2, 11, '2026-12-15')
    """
    rule, key = "isa.matures", "isa.min_years"
    day = opening_day(opened)
    if day.year < FIRST_YEAR:
        raise book.refuse(rule, key, f"opened in {day.year}; there is an ISA since {FIRST_YEAR}")
    if on < day:
        raise book.refuse(rule, key, f"opened on {day}, after {on}; correct one of the two")
    years = on.year - day.year - (on < years_after(day, on.year - day.year))
    since = years_after(day, years)
    months = (on.year - since.year) * 12 + on.month - since.month - (on.day < since.day)
    first = years_after(day, book.won(key))
    steps = [step("isa_term", opened=day, years=years, months=months, first=first)]
    if not isinstance(opened, date):
        steps.insert(0, step("isa_opened_assumed", year=day.year, day=day))
    return IsaTerm(
        years=years, months=months, full=on >= first, first_day=first, steps=tuple(steps)
    )
