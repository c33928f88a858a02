"""The law as a program takes it: levies as curves, and what a fund costs where it is held."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from jeoul.account.exits import RECEIPT_YEARS, draw_pension
from jeoul.household.gathering.assumed import Assumed, deferral, realised
from jeoul.household.problem.records import Curve
from jeoul.korea.levy import combined
from jeoul.korea.pension import pension_start
from jeoul.korea.pieces import Pieces
from jeoul.korea.pieces_gains import credited_share, distribution_rate, us_dividend_rate
from jeoul.korea.pieces_pension import receipt_pieces
from jeoul.korea.rulebook import Rulebook

PENSIONS = ("pension_savings", "irp")


def curve(pieces: Pieces) -> Curve:
    """Return a levy as a convex curve with its steps, never below it.

    A slope that falls, as that of health insurance does at the cap of a month, stays at the one
    before: from there on the curve is dearer than the law.

    >>> curve(Pieces((10, 20), (Decimal(0), Decimal("0.5"), Decimal(0)), ((10, Decimal(3)),)))
    Curve(bounds=(10.0,), slopes=(0.0, 0.5), steps=((10.0, 3.0),))
    """
    bounds: list[float] = []
    slopes = [float(pieces.slopes[0])]
    for bound, slope in zip(pieces.bounds, pieces.slopes[1:], strict=True):
        if slope > slopes[-1]:
            bounds.append(float(bound))
            slopes.append(float(slope))
    steps = tuple((float(bound), float(height)) for bound, height in pieces.steps)
    return Curve(tuple(bounds), tuple(slopes), steps)


@dataclass(frozen=True, slots=True)
class Carry:
    """What a fund costs where it is held, a year, as shares of its value.

    ``drag`` is lost to taxes and the fund itself, ``income`` counts as the owner's financial
    income, ``growth`` adds to the gain that the year or the account's end taxes.
    """

    drag: float
    income: float = 0.0
    growth: float = 0.0


def carry(book: Rulebook, kind: str, fund: Assumed, *, on: date, receipts: float = 0.0) -> Carry:
    """Return what a fund costs a year in an account of a kind.

    - general: the fee, what is withheld from a distribution after the credit of the tax inside the
      fund, and 15.4 % of the part of the growth that is realised and taxed;
    - overseas: the fee and 15 % of the dividends; the whole growth is a gain of the year;
    - isa: the fee. Distributions and taxed growth are gains of its end, less what the credit of
      the tax inside takes off the tax there, as a gain: credit / 9 %;
    - pensions: the fee and ``receipts``, the rate of a further won that is received
      (:func:`receipt_margin`), on all that the fund earns, times the deferral; less the credit of
      the tax inside, but never below the fee.

    Assumptions: :mod:`jeoul.household.gathering.assumed`. The law is that of ``on``: the credit
    inside pensions begins on 2026-07-01.

    >>> from jeoul.korea.tables import load_rules
    >>> dividends = Assumed(kind="krx_other_etf", distribution=0.04, abroad=0.15)
    >>> found = carry(load_rules(2026), "general", dividends, on=date(2026, 11, 30))
    >>> found.drag, found.income
    (0.0, 0.04)
    """
    if kind == "overseas":
        abroad = float(us_dividend_rate(book))
        return Carry(fund.fee + abroad * fund.distribution, fund.distribution, fund.growth)
    if kind == "isa":
        return Carry(fund.fee, growth=_isa_gain(book, fund, on))
    if kind in PENSIONS:
        return Carry(fund.fee + _receipts(book, kind, fund, on, receipts))
    sale = float(combined(book, book.rate("tax.withholding")))
    rate = distribution_rate(book, on=on, foreign_rate=Decimal(str(fund.abroad)))
    taxed = realised() * fund.taxed * fund.growth
    drag = fund.fee + float(rate) * fund.distribution + sale * taxed
    return Carry(drag, income=fund.distribution + taxed)


def _isa_gain(book: Rulebook, fund: Assumed, on: date) -> float:
    gain = fund.distribution + fund.taxed * fund.growth
    if not fund.abroad:
        return gain
    share = credited_share(book, "isa", on=on, foreign_rate=Decimal(str(fund.abroad)))
    return gain - fund.paid_abroad * float(share / book.rate("isa.rate"))


def receipt_margin(book: Rulebook, value: int, age: int) -> float:
    """Return the tax of a further won of pensions that are worth ``value``, drawn over ten years.

    It is that of a quarter more of them. Up to 15 M a year it is the rate of the age, or of 55;
    above, receipts are taxed by the way that is cheaper for the person, as
    :func:`~jeoul.account.exits.draw_pension` says, and a further won costs more.

    >>> from jeoul.korea.tables import load_rules
    >>> receipt_margin(load_rules(2026), 50_000_000, 40)
    0.055
    >>> receipt_margin(load_rules(2026), 300_000_000, 40) > 0.055
    True
    """
    drawn_at = max(age, pension_start(book)[0])
    least = float(receipt_pieces(book, drawn_at).slopes[0])
    more = value + value // 4
    if more <= RECEIPT_YEARS * book.won("pension.separate_limit"):
        return least
    now, then = (
        draw_pension(book, credited=each, earnings=0, age=drawn_at).tax for each in (value, more)
    )
    return max(least, (then - now) / (more - value))


def _receipts(book: Rulebook, kind: str, fund: Assumed, on: date, rate: float) -> float:
    owed = rate * (fund.distribution + fund.growth)
    if fund.abroad:
        share = credited_share(book, kind, on=on, foreign_rate=Decimal(str(fund.abroad)))
        owed -= float(combined(book, share)) * fund.paid_abroad
    return float(deferral()) * max(0.0, owed)
