"""What a household does before the year ends, in words: sales, payments, lines that are near."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from jeoul.household.year_end.contributions import Contribution
from jeoul.household.year_end.rebuys import Harvest
from jeoul.household.year_end.thresholds import YearThreshold
from jeoul.household.year_end.year_end import YearEnd
from jeoul.messages import LANGUAGES, say
from jeoul.reporting.formats import Formats
from jeoul.reporting.household.names import HouseholdNames
from jeoul.reporting.text import Text


def year_end_in_words(found: YearEnd, names: HouseholdNames) -> tuple[Text, ...]:
    """Return what is left to do in a year, one sentence each; () where there is nothing."""
    lines = [tuple(_lines(found, names, Formats(each, "Asia/Seoul"))) for each in LANGUAGES]
    return tuple(Text(*both) for both in zip(*lines, strict=True))


def _lines(found: YearEnd, names: HouseholdNames, won: Formats) -> Iterator[str]:
    for harvest in found.harvests:
        yield _harvest(found, harvest, names, won)
    for each in found.contributions:
        yield _contribution(each, names, won)
    for line in found.thresholds:
        yield _threshold(line, names, won)


def _harvest(found: YearEnd, harvest: Harvest, names: HouseholdNames, won: Formats) -> str:
    rebuys = ", ".join(
        _say(
            won,
            "rebuy",
            account=names.accounts[each.account].into(won.language),
            name=names.funds[each.fund].into(won.language),
            shares=_say(won, "count_shares", count=won.count(each.shares)),
        )
        for each in harvest.rebuys
    )
    return _say(
        won,
        "year_end_harvest" if harvest.gain >= 0.0 else "year_end_loss",
        rebuys=rebuys,
        gain=won.money(round(abs(harvest.gain))),
        saves=won.money(round(harvest.saves)),
        by=won.day(found.sell_by),
    )


def _contribution(each: Contribution, names: HouseholdNames, won: Formats) -> str:
    return _say(
        won,
        f"year_end_{each.kind}",
        account=names.accounts[each.account].into(won.language),
        amount=won.money(round(each.amount)),
        value=won.money(round(each.value)),
        by=each.by,
    )


def _threshold(line: YearThreshold, names: HouseholdNames, won: Formats) -> str:
    amounts: Mapping[str, float] = {
        "used": line.used,
        "expected": line.expected,
        "limit": line.limit,
        "left": line.left,
        "cost": line.cost,
    }
    return _say(
        won,
        f"line_{line.kind}" if line.left > 0.0 else f"beyond_{line.kind}",
        person=names.people[line.member].into(won.language),
        **{name: won.money(round(amount)) for name, amount in amounts.items()},
    )


def _say(won: Formats, message: str, /, **detail: object) -> str:
    return say(won.language, f"household_page.{message}", detail)
