"""Write data/calendars/XKRX.csv and XNYS.csv: one row per closure and per day of special hours.

    python data/generators/calendars.py [FOLDER]

Two maintained libraries are asked, ``holidays`` and ``exchange_calendars``. Where both close, the
row says so. Where they disagree, or where both are silent about a day on which the exchange is
known to have been closed, the day must stand in one of the hand-kept tables below with its source;
a disagreement without an entry ends the run, and so does an entry that no longer corrects anything.
The same libraries write the same bytes.

Left out on purpose: New York openings held up by a minute's silence or two, and halts after which
trading went on the same day.
"""

from __future__ import annotations

import csv
import sys
import tomllib
import warnings
from datetime import date, time, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import exchange_calendars
import holidays
from holidays.constants import HALF_DAY

FOLDER = Path(__file__).resolve().parents[1] / "calendars"
MADE_WITH = {"holidays": "0.109", "exchange_calendars": "4.13.2"}
ASKED_UNTIL = "2028-01-31"  # beyond the tables: see `asked_hours`

HOLIDAYS, XCALS = "holidays", "exchange_calendars"
BOTH = f"{HOLIDAYS}; {XCALS}"
LAST_ANNOUNCED = {"XKRX": date(2026, 12, 31), "XNYS": date(2028, 12, 31)}

ELECTIONS_1990S = "holidays; no value of the KOSPI 200 index on that day"
YEAR_END = "https://donga.com/news/Economy/article/all/20061222/8387999/1"
Y2K = "https://www.hankyung.com/finance/article/1999092101081"
PUBLIC_HOLIDAYS_ACT = "holidays; law.go.kr lsiSeq=283311; github.com/vacanza/holidays/pull/3700"
LABOR_DAY = f"{XCALS}; https://www.hankyung.com/article/2009042242786 (the practice)"
PMC = "github.com/rsheftel/pandas_market_calendars"


class Row(NamedTuple):
    """One fact; the fields are the columns of the table."""

    date: date
    kind: str
    open: time | None
    close: time | None
    name: str
    source: str
    confidence: str


# Closed on days about which the libraries disagree or are silent: name, source, confidence.
# Weekdays: `exchange_calendars` alone closes on Labor Day before 2000, at year ends before 2001 and
# for the year 2000; it is open on the three elections of 1995 to 1998 and on the four days of 2026
# and 2027. Saturdays (1995 to 1998) are unknown to it.
CLOSED: dict[str, dict[str, tuple[str, str, str]]] = {
    "XKRX": {
        "1995-05-01": ("Labor Day", LABOR_DAY, "single"),
        "1995-06-27": ("Local Election Day", ELECTIONS_1990S, "agreed"),
        "1995-12-28": (
            "End of Year Holiday",
            f"https://hankyung.com/article/1995122800021; {YEAR_END}",
            "agreed",
        ),
        "1995-12-29": ("End of Year Holiday", f"{XCALS}; {YEAR_END}", "agreed"),
        "1995-12-30": ("End of Year Holiday", YEAR_END, "single"),
        "1996-04-11": ("National Assembly Election Day", ELECTIONS_1990S, "agreed"),
        "1996-05-01": ("Labor Day", LABOR_DAY, "single"),
        "1996-12-28": ("End of Year Holiday", YEAR_END, "single"),
        "1996-12-30": ("End of Year Holiday", f"{XCALS}; {YEAR_END}", "agreed"),
        "1996-12-31": ("End of Year Holiday", f"{XCALS}; {YEAR_END}", "agreed"),
        "1997-05-01": ("Labor Day", LABOR_DAY, "single"),
        "1997-12-29": ("End of Year Holiday", f"{XCALS}; {YEAR_END}", "agreed"),
        "1997-12-30": ("End of Year Holiday", f"{XCALS}; {YEAR_END}", "agreed"),
        "1997-12-31": ("End of Year Holiday", f"{XCALS}; {YEAR_END}", "agreed"),
        "1998-05-01": ("Labor Day", LABOR_DAY, "single"),
        "1998-06-04": ("Local Election Day", ELECTIONS_1990S, "agreed"),
        "1998-12-29": ("End of Year Holiday", f"{XCALS}; {YEAR_END}", "agreed"),
        "1998-12-30": ("End of Year Holiday", f"{XCALS}; {YEAR_END}", "agreed"),
        "1998-12-31": ("End of Year Holiday", f"{XCALS}; {YEAR_END}", "agreed"),
        "1999-12-29": ("End of Year Holiday", f"{XCALS}; {Y2K}", "agreed"),
        "1999-12-30": ("End of Year Holiday", f"{XCALS}; {Y2K}", "agreed"),
        "1999-12-31": ("End of Year Holiday", f"{XCALS}; {Y2K}", "agreed"),
        "2000-01-03": ("Closed for the year 2000 problem", f"{XCALS}; {Y2K}", "agreed"),
        "2000-12-27": (
            "End of Year Holiday",
            f"{XCALS}; https://m.kyeonggi.com/article/200012190084086",
            "agreed",
        ),
        "2000-12-28": (
            "End of Year Holiday",
            f"{XCALS}; https://m.kyeonggi.com/article/200012190084086",
            "agreed",
        ),
        "2026-06-03": (
            "Local Election Day",
            "holidays; github.com/gerrymanoim/exchange_calendars/pull/574; "
            "github.com/lballabio/QuantLib/pull/2685",
            "agreed",
        ),
        "2026-07-17": (
            "Constitution Day",
            "holidays; github.com/gerrymanoim/exchange_calendars/pull/583; "
            "github.com/lballabio/QuantLib/pull/2685",
            "agreed",
        ),
        "2027-05-03": ("Alternative holiday for Labor Day", PUBLIC_HOLIDAYS_ACT, "derived"),
        "2027-07-19": ("Alternative holiday for Constitution Day", PUBLIC_HOLIDAYS_ACT, "derived"),
    },
    "XNYS": {},
}

# Special hours that the asked library lacks or has wrong: opening, close, name, source, confidence.
FIRST = "First session of the year"
FIRST_1990S = (
    "https://www.hankyung.com/article/1993010400391 and https://www.joongang.co.kr/article/2847923 "
    "(the practice)"
)
CSAT = "College Scholastic Ability Test"
HOURS: dict[str, dict[str, tuple[str, str, str, str, str]]] = {
    "XKRX": {
        # exchange_calendars opens the first session an hour late in every year; until 2000 it was a
        # single short one. The hours of 1995, 1996 and 1998 follow those of 1991, 1993, 1994, 1997.
        "1995-01-03": ("11:00", "13:00", FIRST, FIRST_1990S, "derived"),
        "1996-01-03": ("11:00", "13:00", FIRST, FIRST_1990S, "derived"),
        "1997-01-03": (
            "11:00",
            "13:00",
            FIRST,
            "https://m.seoul.co.kr/news/1997/01/04/19970104008006",
            "single",
        ),
        "1998-01-03": (
            "11:00",
            "13:00",
            FIRST,
            f"https://hankyung.com/article/1998010500071; {FIRST_1990S}",
            "derived",
        ),
        "1999-01-04": (
            "10:00",
            "13:00",
            FIRST,
            "https://m.sedaily.com/NewsView/1HRO6P9MN4; https://m.sedaily.com/NewsView/1HSW7DID5X",
            "single",
        ),
        "2000-01-04": (
            "10:00",
            "13:00",
            FIRST,
            "https://www.hankyung.com/article/1999122801051; "
            "https://www.joongang.co.kr/article/3859128",
            "agreed",
        ),
        # exchange_calendars notes half an hour beside this date, and computes an hour
        "1998-11-18": (
            "10:00",
            "15:30",
            CSAT,
            "https://www.mk.co.kr/news/home/view/1998/11/75869/ (cited by exchange_calendars)",
            "single",
        ),
        "2021-11-18": (
            "10:00",
            "16:30",
            CSAT,
            "https://www.donga.com/news/amp/all/20211104/110076830/1",
            "announced",
        ),
        "2022-11-17": (
            "10:00",
            "16:30",
            CSAT,
            "https://biz.newdaily.co.kr/site/data/html/2022/11/03/2022110300074.html",
            "announced",
        ),
        "2023-11-16": (
            "10:00",
            "16:30",
            CSAT,
            "https://m.etoday.co.kr/view.php?idxno=2298674",
            "announced",
        ),
        "2024-11-14": (
            "10:00",
            "16:30",
            CSAT,
            "https://m.khan.co.kr/article/202410311029001; https://v.daum.net/v/20241031162408024",
            "announced",
        ),
        "2025-11-13": (
            "10:00",
            "16:30",
            CSAT,
            "http://m.mediapen.com/news/view/1053536",
            "announced",
        ),
        # the ministry's dates; the hours have been shifted on every test since 1993
        "2026-11-19": (
            "10:00",
            "16:30",
            CSAT,
            "https://sisamirae.com/news/article.html?no=254371 (date of the test)",
            "derived",
        ),
        "2027-11-18": (
            "10:00",
            "16:30",
            CSAT,
            "https://rankmore.kr/news/1150645 (date of the test)",
            "derived",
        ),
    },
    "XNYS": {
        "1994-02-11": ("09:30", "14:30", "Snowstorm", f"{HOLIDAYS}; {PMC}", "agreed"),
        "1995-12-18": ("10:30", "16:00", "Computer failure", PMC, "single"),
        "1996-01-08": ("11:00", "14:00", "Snowstorm", PMC, "single"),
        "1997-10-27": ("09:30", "15:30", "Circuit breaker", PMC, "single"),
        "2002-09-11": ("12:00", "16:00", "Anniversary of 2001-09-11", PMC, "single"),
        "2005-06-01": ("09:30", "15:56", "Communication failure", PMC, "single"),
    },
}


class Era(NamedTuple):
    """The regular session of some days of the week over a span of dates."""

    first: date
    last: date
    days: frozenset[int]
    open: time
    close: time


def eras(name: str) -> list[Era]:
    """Return the regular hours of an exchange from exchanges.toml."""
    names = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    with (FOLDER / "exchanges.toml").open("rb") as file:
        rows = tomllib.load(file)[name]["hours"]
    return [
        Era(
            row["first"],
            row["last"],
            frozenset(map(names.index, row["days"])),
            row["open"],
            row["close"],
        )
        for row in rows
    ]


def trading_days(name: str) -> dict[date, tuple[time, time]]:
    """Return the regular hours of every day that would be a session without its closures."""
    found = {}
    for era in eras(name):
        for step in range((era.last - era.first).days + 1):
            day = era.first + timedelta(step)
            if day.weekday() in era.days:
                found[day] = (era.open, era.close)
    return found


def asked_holidays(name: str) -> dict[date, str]:
    """Return the closures that ``holidays`` knows; before 2000 those of the country for Seoul."""
    if name == "XNYS":
        return dict(holidays.financial_holidays(name, years=range(1990, 2028)))
    country = holidays.country_holidays("KR", years=range(1995, 2000), language="en_US")
    exchange = holidays.financial_holidays(name, years=range(2000, 2028), language="en_US")
    return dict(country) | dict(exchange)


def asked_hours(name: str, start: str) -> dict[date, tuple[time, time]]:
    """Return the local hours of every session of ``exchange_calendars``.

    It gives the hours of a special day that is no session to the last session asked for; asking
    beyond the end of the table leaves that fault outside.
    """
    calendar = exchange_calendars.get_calendar(name, start=start, end=ASKED_UNTIL, side="left")
    opens = calendar.opens.dt.tz_convert(calendar.tz)
    closes = calendar.closes.dt.tz_convert(calendar.tz)
    return {
        session.date(): (opened.time(), closed.time())
        for session, opened, closed in zip(calendar.sessions, opens, closes, strict=True)
    }


def closures(
    name: str,
    days: dict[date, tuple[time, time]],
    named: dict[date, str],
    sessions: dict[date, tuple[time, time]],
) -> list[Row]:
    """Return the closures, or end the run with every disagreement that has no entry in CLOSED."""
    kept = {date.fromisoformat(day): entry for day, entry in CLOSED[name].items()}
    rows, unexplained, idle = [], [], []
    for day in days:
        saturday = day.weekday() == 5  # exchange_calendars has no Saturdays at all
        ours, theirs = day in named, day not in sessions and not saturday
        if day in kept:
            if ours and theirs:
                idle.append(day)
            rows.append(Row(day, "closure", None, None, *kept[day]))
        elif ours and (theirs or saturday):
            confidence = "single" if saturday else "agreed"
            if day > LAST_ANNOUNCED[name]:
                confidence = "derived"
            source = HOLIDAYS if saturday else BOTH
            rows.append(Row(day, "closure", None, None, named[day], source, confidence))
        elif ours or theirs:
            unexplained.append(f"{day}: closed only in {HOLIDAYS if ours else XCALS}")
    refuse(name, unexplained, [*idle, *(day for day in kept if day not in days)])
    return rows


def special_hours(
    name: str,
    days: dict[date, tuple[time, time]],
    closed: set[date],
    sessions: dict[date, tuple[time, time]],
) -> list[Row]:
    """Return the days of special hours: those of ``exchange_calendars`` with HOURS over them."""
    kept = {date.fromisoformat(day): entry for day, entry in HOURS[name].items()}
    half_days = holidays.financial_holidays("XNYS", years=range(1990, 2028), categories=(HALF_DAY,))
    rows, unexplained, idle = [], [], []
    for day, regular in days.items():
        asked = sessions.get(day, regular)
        if day in closed:
            continue
        if day in kept:
            opened, shut, title, source, confidence = kept[day]
            hours = (time.fromisoformat(opened), time.fromisoformat(shut))
            if hours == asked:
                idle.append(day)
        elif asked != regular:
            hours, source, confidence = asked, XCALS, "single"
            title = CSAT if day.month > 10 else FIRST
            if day > LAST_ANNOUNCED[name]:
                confidence = "derived"
            if name == "XNYS":
                if day not in half_days:
                    unexplained.append(f"{day}: special hours only in {XCALS}")
                    continue
                title, source, confidence = half_days[day].split(" (")[0], BOTH, "agreed"
        else:
            if name == "XNYS" and day in half_days:
                unexplained.append(f"{day}: special hours only in {HOLIDAYS}")
            continue
        rows.append(Row(day, kind(hours, regular), *hours, title, source, confidence))
    refuse(name, unexplained, [*idle, *(day for day in kept if day not in days)])
    return rows


def kind(hours: tuple[time, time], regular: tuple[time, time]) -> str:
    """Return what differs from the regular hours."""
    if hours[0] == regular[0]:
        return "early_close"
    return "late_open" if hours[1] == regular[1] else "shifted"


def refuse(name: str, unexplained: list[str], idle: list[date]) -> None:
    """End the run if the hand-kept tables do not fit what the libraries say."""
    if unexplained:
        sys.exit(f"{name}: add these to CLOSED or HOURS, with a source:\n" + "\n".join(unexplained))
    if idle:
        sys.exit(f"{name}: these entries correct nothing, remove them: {', '.join(map(str, idle))}")


def table(name: str) -> list[Row]:
    """Return all facts of an exchange, in order."""
    days = trading_days(name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pandas' remarks on how exchange_calendars is written
        sessions = asked_hours(name, min(days).isoformat())
    shut = closures(name, days, asked_holidays(name), sessions)
    special = special_hours(name, days, {row.date for row in shut}, sessions)
    return sorted([*shut, *special])


def write(name: str, folder: Path) -> Path:
    """Return the path of the table just written."""
    path = folder / f"{name}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(Row._fields)
        for row in table(name):
            hours = ["" if clock is None else f"{clock:%H:%M}" for clock in (row.open, row.close)]
            writer.writerow([row.date, row.kind, *hours, *row[4:]])
    return path


def main() -> None:
    """Write both tables into the folder given, else beside exchanges.toml."""
    found = {library: version(library) for library in MADE_WITH}
    if found != MADE_WITH:
        print(f"made with {MADE_WITH} before, now with {found}: read the diff", file=sys.stderr)
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    for name in CLOSED:
        print(write(name, folder))


if __name__ == "__main__":
    main()
