"""Figures as a reader sees them: one place where a value turns into text.

None is printed as unknown and NaN as undefined, never as 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from jeoul.messages import say
from jeoul.model.money import UNITS, money_text
from jeoul.reporting.facts import Range
from jeoul.reporting.text import Text

MINUS = "−"
SCALES = {
    "ko": ((1e12, "조"), (1e8, "억"), (1e4, "만")),
    "en": ((1e9, "B"), (1e6, "M"), (1e3, "K")),
}
"""Powers by which a language counts large amounts, and their signs."""


@dataclass(frozen=True, slots=True)
class Formats:
    """The formats of one language, currency and time zone."""

    language: str
    timezone: str
    currency: str = "KRW"

    def percent(self, value: float | None, digits: int = 1, *, sign: bool = False) -> str:
        """Return a decimal fraction as a percentage.

        >>> Formats("en", "Asia/Seoul").percent(-0.0361)
        '−3.6%'
        >>> Formats("ko", "Asia/Seoul").percent(None), Formats("en", "Asia/Seoul").percent(math.nan)
        ('미확인', 'undefined')
        """
        return self._missing(value) or _number((value or 0.0) * 100, digits, sign=sign) + "%"

    def yearly(self, value: float | None, total: float | None = None, digits: int = 1) -> str:
        """Return a figure a year as a percentage; of a span shorter than a year that of the span.

        Without a ``total`` of the span it only says that the span is too short.

        >>> formats = Formats("en", "Asia/Seoul")
        >>> formats.yearly(0.05), formats.yearly(math.nan, 0.012), formats.yearly(math.nan)
        ('5.0%', '1.2% over the span', 'less than a year')
        """
        if value is None or not math.isnan(value):
            return self.percent(value, digits)
        if total is None or math.isnan(total):
            return self.say("report.short")
        return self.say("report.of_span", {"value": self.percent(total, digits)})

    def points(self, value: float | None, *, sign: bool = True) -> str:
        """Return a difference of two decimal fractions in percentage points."""
        unit = self.say("report.percentage_points")
        return self._missing(value) or _number((value or 0.0) * 100, 1, sign=sign) + unit

    def decimal(self, value: float | None, digits: int = 2) -> str:
        """Return a plain figure, a Sharpe ratio or a VIX reading."""
        return self._missing(value) or _number(value or 0.0, digits)

    def count(self, value: int | None) -> str:
        """Return a count with thousands separators.

        >>> Formats("ko", "Asia/Seoul").count(1283)
        '1,283'
        """
        return self._missing(value) or f"{value:,}"

    def money(self, units: int | None) -> str:
        """Return an amount of smallest units with its currency: won, or dollars and cents.

        >>> Formats("ko", "Asia/Seoul").money(98_013_857)
        '98,013,857원'
        >>> Formats("en", "Asia/Seoul").money(98_013_857)
        '₩98,013,857'
        >>> Formats("ko", "Asia/Seoul").money(-58_903), Formats("en", "Asia/Seoul").money(-58_903)
        ('-58,903원', '−₩58,903')
        """
        if units is None:
            return self.say("report.unknown")
        if units < 0 and self.language == "en":  # the sign is before the currency
            return MINUS + self.money(-units)
        if self.currency == "KRW":
            return self.say("report.won", {"amount": money_text(units, self.currency)})
        return self.say("report.dollars", {"amount": money_text(units, self.currency)})

    def short_money(self, units: float) -> str:
        """Return an amount at an axis or in a narrow cell: three figures and a power, no currency.

        >>> Formats("ko", "Asia/Seoul").short_money(98_013_857)
        '9,801만'
        >>> Formats("en", "Asia/Seoul").short_money(-2e9)
        '−2B'
        """
        value = units / UNITS[self.currency]
        for power, unit in SCALES[self.language]:
            if abs(value) >= power:
                digits = max(0, 2 - math.floor(math.log10(abs(value) / power)))
                text = f"{_number(value / power, digits)}"
                return (text.rstrip("0").rstrip(".") if "." in text else text) + unit
        return _number(value, 0)

    def interval(self, value: Range | None, digits: int = 1) -> str:
        """Return both ends of an interval in percent.

        >>> Formats("en", "Asia/Seoul").interval(Range(-0.02, 0.143))
        '−2.0 to 14.3%'
        """
        if value is None:
            return self.say("report.unknown")
        if all(map(math.isnan, value)):  # of returns a year, where there is no whole year
            return self.say("report.short")
        low, high = (self._missing(end) or _number(end * 100, digits) for end in value)
        return self.say("report.interval", {"low": low, "high": high})

    def day(self, value: date | None) -> str:
        """Return a date as ISO text, which reads the same in both languages."""
        return self.say("report.unknown") if value is None else value.isoformat()

    def instant(self, value: datetime) -> str:
        """Return an instant in the market's time zone, to the minute, with the zone's name.

        >>> from datetime import UTC
        >>> close = datetime(2024, 7, 1, 6, 30, tzinfo=UTC)
        >>> Formats("en", "Asia/Seoul").instant(close)
        '2024-07-01 15:30 KST'
        """
        return value.astimezone(ZoneInfo(self.timezone)).strftime("%Y-%m-%d %H:%M %Z")

    def reading(self, value: float | None, unit: str) -> str:
        """Return a reading of the overlay in its own unit."""
        if unit == "percent":
            return self.percent(value)
        return self.decimal(value, 2 if unit == "figure" else 1)

    def title(self, text: Text) -> str:
        """Return a name in the page's language, begun with a capital letter.

        >>> Formats("en", "Asia/Seoul").title(Text("균형 포트폴리오", "balanced"))
        'Balanced'
        """
        name = text.into(self.language)
        return name[:1].upper() + name[1:]

    def say(self, message: str, detail: dict[str, object] | None = None) -> str:
        """Return a message of the catalogues in this language."""
        return say(self.language, message, detail)

    def _missing(self, value: float | None) -> str:
        if value is None:
            return self.say("report.unknown")
        return self.say("report.undefined") if math.isnan(value) else ""


def _number(value: float, digits: int, *, sign: bool = False) -> str:
    """Return a rounded number with a true minus sign, and never a negative zero."""
    text = f"{abs(value):,.{digits}f}"
    if not any(character in "123456789" for character in text):
        return text
    return (MINUS if value < 0 else "+" if sign else "") + text
