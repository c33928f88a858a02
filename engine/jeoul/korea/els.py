"""The payoff of a step-down equity-linked security (ELS) along a path of its worst underlying."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar, NamedTuple

from jeoul.errors import UsageError
from jeoul.korea.levy import Won, floor, withheld
from jeoul.korea.rulebook import Rulebook, Step, step

_ROUNDING = 1e-12  # of a share of the first level: what two divisions may be apart


class Level(NamedTuple):
    """The index on one day."""

    day: date
    value: Decimal


@dataclass(frozen=True, slots=True)
class ElsTerms:
    """What a step-down ELS promises.

    ``coupon`` a year, simple; ``barriers`` as shares of the first level, one for each observation,
    the last at maturity; ``months`` between observations; ``knock_in`` the level that takes the
    protection away once a close lies below it (None: no knock-in, the last barrier alone decides).
    With ``monthly_barrier`` the coupon is paid out by the month, for each month that ends at or
    above it, and not at the end.
    """

    coupon: Decimal
    barriers: tuple[Decimal, ...]
    months: Won
    knock_in: Decimal | None = None
    monthly_barrier: Decimal | None = None
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    @property
    def term(self) -> int:
        """Return the months to maturity."""
        return self.months * len(self.barriers)


class ElsEnding(NamedTuple):
    """How a path ended: ``how`` is ``early``, ``maturity``, ``untouched`` or ``loss``.

    ``at`` and ``touched`` are places in the path, the second of the first close below the knock-in
    (None: never until the end). ``coupons`` counts the months for which a coupon was paid out.
    """

    how: str
    at: int
    months: int
    touched: int | None
    coupons: int


class ElsPayment(NamedTuple):
    """What an ELS paid in all, the coupons included: ``profit`` and ``tax`` on what was earned."""

    paid: int
    profit: int
    tax: int


@dataclass(frozen=True, slots=True)
class ElsOutcome:
    """What one path gave, from its :class:`ElsEnding` and :class:`ElsPayment`, step by step."""

    how: str
    day: date
    months: int
    knocked_in: date | None
    paid: int
    profit: int
    tax: int
    steps: tuple[Step, ...]


def ending(terms: ElsTerms, worst: Sequence[float], ends: Sequence[int]) -> ElsEnding:
    """Return how a path ends.

    ``worst`` is, for each close from the issue on, the lowest of the underlyings as a share of its
    own first level; ``ends`` the place in it of the end of every month to maturity. At each
    observation: at or above the barrier the security is redeemed. At maturity below the last
    barrier: if no close was below the knock-in the principal is safe, else the fall is the loss.

    >>> terms = ElsTerms(Decimal("0.06"), (Decimal("0.9"), Decimal("0.8")), 1, Decimal("0.5"))
    >>> ending(terms, [1.0, 0.7, 0.85], [1, 2])
    ElsEnding(how='maturity', at=2, months=2, touched=None, coupons=0)
    """
    for number, barrier in enumerate(terms.barriers, 1):
        month = number * terms.months
        if worst[ends[month - 1]] >= float(barrier) - _ROUNDING:
            how = "early" if month < terms.term else "maturity"
            return _ended(terms, worst, ends, month, how)
    last = _ended(terms, worst, ends, terms.term, "untouched")
    if terms.knock_in is None or last.touched is not None:
        return last._replace(how="loss")
    return last


def _ended(
    terms: ElsTerms, worst: Sequence[float], ends: Sequence[int], month: int, how: str
) -> ElsEnding:
    at, touched, coupons = ends[month - 1], None, 0
    if terms.knock_in is not None:
        limit = float(terms.knock_in) - _ROUNDING
        touched = next((n for n in range(at + 1) if worst[n] < limit), None)
    if terms.monthly_barrier is not None:
        limit = float(terms.monthly_barrier) - _ROUNDING
        coupons = sum(worst[end] >= limit for end in ends[:month])
    return ElsEnding(how=how, at=at, months=month, touched=touched, coupons=coupons)


def payment(
    book: Rulebook, terms: ElsTerms, ended: ElsEnding, *, share: Decimal, principal: int
) -> ElsPayment:
    """Return what an ending pays; ``share`` is the worst underlying's share of its first level.

    Redeemed: principal and coupon x time, or the monthly coupons. A loss: principal x share, and
    the monthly coupons. What is earned is dividend income, taxed at 15.4 % when it is paid; a loss
    of principal reduces nothing. Source: 소득세법 시행령 §26의3①.
    """
    rate = book.rate("tax.withholding")
    back = floor(principal * min(share, Decimal(1))) if ended.how == "loss" else principal
    if terms.monthly_barrier is not None:
        coupon = floor(principal * terms.coupon / 12)
        earned = coupon * ended.coupons
        tax = withheld(book, coupon, rate).total * ended.coupons
    else:
        earned = 0 if ended.how == "loss" else floor(principal * terms.coupon * ended.months / 12)
        tax = withheld(book, earned, rate).total
    return ElsPayment(back + earned, back + earned - principal, tax)


def simulate_els(
    book: Rulebook, *, terms: ElsTerms, levels: Sequence[Level], principal: int
) -> ElsOutcome:
    """Return the outcome of an ELS issued on the first of the month-end levels of one index.

    The knock-in is watched on the given levels only; real contracts watch every close, so a real
    path may knock in where this one does not (:func:`replay_els` takes every close).

    Raises :class:`UsageError` for terms or levels that do not fit together.

    >>> from jeoul.korea.tables import load_els_example, load_rules
    >>> terms, levels, _ = load_els_example()
    >>> found = simulate_els(load_rules(2026), terms=terms, levels=levels, principal=10_000_000)
    >>> found.how, found.paid
    ('loss', 5048256)
    """
    if principal <= 0 or not terms.barriers or terms.months < 1:
        raise UsageError("an ELS needs a principal, an observation, and months between them")
    if len(levels) <= terms.term or any(level.value <= 0 for level in levels):
        raise UsageError(
            f"the path needs {terms.term + 1} positive month-end levels, the issue included"
        )
    shares = [level.value / levels[0].value for level in levels]
    days, ends = [level.day for level in levels], range(1, terms.term + 1)
    issued = step("els_issued", day=levels[0].day, level=levels[0].value)
    found = replay_els(book, terms, days=days, worst=shares, ends=ends, principal=principal)
    return ElsOutcome(
        how=found.how,
        day=found.day,
        months=found.months,
        knocked_in=found.knocked_in,
        paid=found.paid,
        profit=found.profit,
        tax=found.tax,
        steps=(issued, *found.steps),
    )


def replay_els(
    book: Rulebook,
    terms: ElsTerms,
    *,
    days: Sequence[date],
    worst: Sequence[Decimal],
    ends: Sequence[int],
    principal: int,
) -> ElsOutcome:
    """Return what an ELS paid along a path of closes, with every observation as a step."""
    ended = ending(terms, [float(share) for share in worst], ends)
    money = payment(book, terms, ended, share=worst[ended.at], principal=principal)
    steps = []
    for number in range(1, ended.months // terms.months + 1):
        at = ends[number * terms.months - 1]
        steps.append(
            step("els_observed", day=days[at], share=worst[at], barrier=terms.barriers[number - 1])
        )
    knocked_in = None if ended.touched is None else days[ended.touched]
    if knocked_in is not None:
        steps.append(step("els_knocked_in", day=knocked_in))
    if terms.monthly_barrier is not None:
        steps.append(step("els_coupons", times=ended.coupons, months=ended.months))
    if money.profit < 0:
        steps.append(step("els_loss", paid=money.paid, lost=-money.profit))
    else:
        steps.append(step("els_paid", profit=money.profit, tax=money.tax))
    return ElsOutcome(
        how=ended.how,
        day=days[ended.at],
        months=ended.months,
        knocked_in=knocked_in,
        paid=money.paid,
        profit=money.profit,
        tax=money.tax,
        steps=tuple(steps),
    )
