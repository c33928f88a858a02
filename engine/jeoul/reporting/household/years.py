"""The years ahead of a household in words: payments, credits, ISA maturities, gains abroad."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jeoul.household.years.isa import IsaEvent
from jeoul.household.years.years import YearPlan
from jeoul.messages import LANGUAGES, say
from jeoul.reporting.formats import Formats
from jeoul.reporting.household.names import HouseholdNames
from jeoul.reporting.text import Text


def years_in_words(
    plans: Sequence[YearPlan], names: HouseholdNames, *, growth: float
) -> tuple[Text, ...]:
    """Return a plan of years, one sentence for each thing to do, and what it does not see."""
    lines = [tuple(_lines(plans, names, Formats(each, "Asia/Seoul"), growth)) for each in LANGUAGES]
    return tuple(Text(*both) for both in zip(*lines, strict=True))


def _lines(
    plans: Sequence[YearPlan], names: HouseholdNames, won: Formats, growth: float
) -> Iterator[str]:
    for plan in plans:
        person = names.people[plan.person].into(won.language)
        about = {"year": plan.year, "person": person}
        if plan.money:
            places = "; ".join(_places(plan, names, won))
            yield _say(won, "saves", **about, money=won.money(plan.money), places=places)
        if plan.credit or plan.forgone:
            yield _say(
                won,
                "credit_forgone" if plan.forgone else "credit",
                **about,
                credit=won.money(plan.credit),
                forgone=won.money(plan.forgone),
            )
        for event in plan.events:
            yield from _event(event, names, won)
        if plan.realise:
            gain, saves = won.money(plan.realise), won.money(plan.saves)
            yield _say(won, "realise", **about, gain=gain, saves=saves)
    yield _say(won, "unseen", growth=won.percent(growth))


def _places(plan: YearPlan, names: HouseholdNames, won: Formats) -> Iterator[str]:
    for account, amount in plan.deposits.items():
        title = names.accounts[account].into(won.language)
        yield _say(won, "place", account=title, amount=won.money(amount))
    if plan.stays:
        yield _say(won, "stays", amount=won.money(plan.stays))


def _event(event: IsaEvent, names: HouseholdNames, won: Formats) -> Iterator[str]:
    yield _say(
        won,
        event.what,
        day=event.day,
        account=names.accounts[event.account].into(won.language),
        tax=won.money(event.tax),
        moved=won.money(event.moved),
        saves=won.money(event.saves),
    )
    if event.transferred and event.until is not None:
        amount, credit = won.money(event.transferred), won.money(event.credit)
        yield _say(won, "transfer", amount=amount, until=event.until, credit=credit)
    if event.outside:
        yield _say(won, "outside", amount=won.money(event.outside))


def _say(won: Formats, message: str, /, **detail: object) -> str:
    return say(won.language, f"household_years.{message}", detail)
