"""The axes of charts: titles with units, and how they write their values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isnan

import numpy as np

from jeoul.reporting.formats import Formats


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis: its title with the unit, and how it writes its values.

    ``text`` writes a value in a table or a label, ``level`` one of the axis's round levels with
    the decimals that its step needs. ``ends`` are values that the axis reaches in any case;
    ``log`` spaces equal ratios equally; ``days`` reads values as days since 1970-01-01.
    """

    title: str
    text: Callable[[float], str]
    level: Callable[[float, int], str]
    ends: tuple[float, ...] = ()
    log: bool = False
    days: bool = False

    def cell(self, value: float) -> str:
        """Return a value as a table writes it, a dash where it is not known (NaN)."""
        return "–" if isnan(value) else self.text(value)


def percent_axis(formats: Formats, title: str, *ends: float, digits: int = 1) -> Axis:
    """Return an axis of decimal fractions that are written in percent.

    >>> axis = percent_axis(Formats("en", "Asia/Seoul"), "Return a year")
    >>> axis.text(0.0512), axis.level(0.05, 2), axis.level(0.005, 3)
    ('5.1%', '5%', '0.5%')
    """
    return Axis(
        title,
        lambda value: formats.percent(value, digits),
        lambda value, places: formats.percent(value, max(0, places - 2)),
        ends,
    )


def number_axis(formats: Formats, title: str, *ends: float, digits: int = 2) -> Axis:
    """Return an axis of plain figures, such as Sharpe ratios or readings of the VIX."""
    return Axis(
        title,
        lambda value: formats.decimal(value, digits),
        formats.decimal,
        ends,
    )


def money_axis(formats: Formats, title: str, *ends: float) -> Axis:
    """Return an axis of amounts in smallest units: exact in the table, short at the axis.

    >>> axis = money_axis(Formats("en", "Asia/Seoul"), "Value, won")
    >>> axis.text(12_500_000.0), axis.level(12_500_000.0, 0)
    ('₩12,500,000', '12.5M')
    """
    return Axis(
        title,
        lambda value: formats.money(round(value)),
        lambda value, _: formats.short_money(value),
        ends,
    )


def times_axis(formats: Formats, title: str) -> Axis:
    """Return a logarithmic axis of growth: how many times the beginning a value is.

    >>> times_axis(Formats("en", "Asia/Seoul"), "Growth").level(1.5, 1)
    '1.5×'
    """
    return Axis(
        title,
        lambda value: formats.say("page.times", {"times": formats.decimal(value)}),
        lambda value, _: formats.say("page.times", {"times": f"{value:g}"}),
        log=True,
    )


def day_axis(title: str = "") -> Axis:
    """Return an axis of days; a calendar needs no unit.

    >>> day_axis().text(19_905.0)
    '2024-07-01'
    """
    return Axis(title, day_text, lambda value, _: day_text(value), days=True)


def day_text(day: float) -> str:
    """Return a day counted from 1970-01-01 as ISO text.

    >>> day_text(0.0)
    '1970-01-01'
    """
    return str(np.datetime64(round(day), "D"))
