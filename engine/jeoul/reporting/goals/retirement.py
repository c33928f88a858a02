"""A goal that is lived on, for a person to read: how long the money lasts, and who pays first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from jeoul.goals.retiring import OrderResult, RetirementAnswer
from jeoul.reporting.formats import Formats

DIGITS = 4
_WHOLE = 0.995  # two shares nearer than half a percent print as the same percent


def retirement_document(found: RetirementAnswer) -> dict[str, Any]:
    """Return the years of a retirement as JSON values; amounts are won of today."""
    plan, chance = found.plan, found.chance
    return {
        "spending": round(plan.spending),
        "public_pension": round(plan.pension),
        "from_age": plan.first,
        "until_age": plan.last,
        "probability": chance.probability,
        "interval": [round(chance.low, DIGITS), round(chance.high, DIGITS)],
        "lognormal": found.lognormal,
        "gone_at": {"tenth": found.ages[0], "half": found.ages[1]},
        "steady_until": found.steady,
        "early_years": {"worst": found.early[0], "best": found.early[1]},
        "best": found.best,
        "orders": [each._asdict() for each in found.orders],
    }


def retirement_lines(
    found: RetirementAnswer, formats: Formats, percent: Callable[[float], str]
) -> Iterator[str]:
    """Yield every sentence about a retirement, what matters first."""

    def say(name: str, **detail: object) -> str:
        return formats.say(f"retirement.{name}", detail)

    plan, chance = found.plan, found.chance
    yield say(
        "lasts",
        spending=formats.money(round(plan.spending / 12.0)),
        first=plan.first,
        last=plan.last,
        probability=percent(chance.probability),
        low=percent(chance.low),
        high=percent(chance.high),
    )
    if plan.pension:
        paid = formats.money(round(plan.pension / 12.0))
        yield say("pension", paid=paid, age=plan.pension_from)
    yield from _ages(found, say)
    if found.early[1] - found.early[0] > 1.0 - _WHOLE:
        yield say("early", worst=percent(found.early[0]), best=percent(found.early[1]))
    if len(found.orders) > 1:
        yield say("orders", order=formats.say(f"retirement.{found.best}", {}))
        for each in found.orders:
            yield _order(each, formats, percent)
    yield say("assumed")


def _ages(found: RetirementAnswer, say: Callable[..., str]) -> Iterator[str]:
    tenth, half = found.ages
    if tenth is not None:
        yield say("gone", age=tenth)
    if half is not None:
        yield say("gone_half", age=half)
    if found.steady < found.plan.last:
        yield say("steady", age=found.steady)
    else:
        yield say("steady_enough", age=found.plan.last)


def _order(each: OrderResult, formats: Formats, percent: Callable[[float], str]) -> str:
    detail: dict[str, object] = {
        "order": formats.say(f"retirement.{each.name}", {}),
        "probability": percent(each.probability),
        "tax": formats.money(each.tax),
        "left": formats.money(each.left),
    }
    return formats.say("retirement.order", detail)
