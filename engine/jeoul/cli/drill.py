"""``jeoul drill``: today's accounts of a household through the months of a crisis."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jeoul.cli.options import json_option, language_option, own_data_option
from jeoul.cli.schemas import OutputForm
from jeoul.messages import say

if TYPE_CHECKING:
    from jeoul.market import Market
    from jeoul.operations.drill import Drill


@click.command()
@click.argument("crisis")
@click.argument("file", type=click.Path(path_type=Path))
@own_data_option
@language_option
@json_option
def drill(
    crisis: str, file: Path, folder: Path | None, lang: str, as_json: OutputForm | None
) -> None:
    """Take the accounts of a household's FILE through a CRISIS: 2008, 2020 or 2022.

    The accounts hold what they hold today, by value. The model, its risk rules, the household's
    plan and every account's day are the real ones; the messages are those that would have come.
    The result of doing nothing is shown beside it.
    """
    from jeoul import api
    from jeoul.household.explaining.at_once import moves_at_once
    from jeoul.household.written.file import read_household
    from jeoul.korea.tables import whole_rules
    from jeoul.operations.drill import drill as run_drill
    from jeoul.workspace.kept import user_cache

    household = read_household(file)
    place = folder if folder is not None else household.runs.data
    market = api.open_market(place, cache=user_cache())
    found = run_drill(
        household, crisis, moves_at_once, market=market, book=whole_rules(), lang=lang
    )
    if as_json is not None:
        as_json.write(_document(found, market, household.name, lang), indent=None)
        return
    for line in _lines(found, market, lang):
        click.echo(line)


def _document(found: Drill, market: Market, name: str, lang: str) -> dict[str, Any]:
    return {
        "simulated": market.simulated,
        "household": name,
        "crisis": found.crisis.name,
        "title": found.crisis.title[lang],
        "high": found.crisis.start.isoformat(),
        "low": found.crisis.end.isoformat(),
        "start": found.days[0].session.isoformat(),
        "end": found.days[-1].session.isoformat(),
        "planned": [day.isoformat() for day in found.planned],
        "messages": [
            {"session": each.session.isoformat(), "text": each.text} for each in found.messages
        ],
        "orders": [
            {
                "session": fill.session.isoformat(),
                "account": account,
                "side": str(fill.side),
                "ticker": fill.ticker,
                "shares": fill.shares,
                "price": fill.price,
                "fee": fill.fee,
                "tax": fill.tax,
            }
            for account, fill in found.orders
        ],
        "equity": [
            [day.session.isoformat(), day.planned, day.untouched, *day.units] for day in found.days
        ],
        "fall": found.fall,
        "fall_untouched": found.untouched_fall,
        "worth": found.figures.worth,
        "worth_untouched": found.nothing.worth,
        "in_hand": found.figures.in_hand,
        "in_hand_untouched": found.nothing.in_hand,
        "lengthened": list(found.lengthened),
        "assumed": _assumed(found, lang),
    }


def _assumed(found: Drill, lang: str) -> list[str]:
    from jeoul.household.history.figures import assumptions

    said = [say(lang, each.kind, dict(each.detail)) for each in assumptions(found.run)]
    said.append(say(lang, "tax_assumed.moved"))
    if found.lengthened:
        said.append(say(lang, "drill.lengthened", {"funds": ", ".join(found.lengthened)}))
    return said


def _lines(found: Drill, market: Market, lang: str) -> Iterator[str]:
    from jeoul.research.wording import percent

    if market.simulated:
        yield say(lang, "drill.simulated")
    crisis, days = found.crisis, found.days
    span = {"title": crisis.title[lang], "start": days[0].session, "end": days[-1].session}
    yield say(lang, "drill.head", span)
    yield say(lang, "drill.dates", {"high": crisis.start, "low": crisis.end})
    yield from _by_date(found, lang)
    yield say(lang, "drill.months")
    for _, group in groupby(days, key=lambda day: (day.session.year, day.session.month)):
        last = list(group)[-1]
        values = {"day": last.session, "planned": last.planned, "untouched": last.untouched}
        yield say(lang, "drill.month", values)
    falls = {"planned": percent(found.fall), "untouched": percent(found.untouched_fall)}
    yield say(lang, "drill.falls", falls)
    for name in ("worth", "in_hand"):
        values = {
            "planned": getattr(found.figures, name),
            "untouched": getattr(found.nothing, name),
        }
        yield say(lang, f"drill.{name}", values)
    yield say(lang, "in_hand.assumed")
    for line in _assumed(found, lang):
        yield say(lang, "in_hand.line", {"text": line})


def _by_date(found: Drill, lang: str) -> Iterator[str]:
    """Yield messages and filled orders, day by day."""
    days = {each.session for each in found.messages} | {fill.session for _, fill in found.orders}
    for day in sorted(days):
        yield say(lang, "drill.day", {"day": day})
        for each in found.messages:
            if each.session == day:
                yield say(lang, "drill.message", {"text": each.text})
        for account, fill in found.orders:
            if fill.session == day:
                side = say(lang, f"drill.{fill.side.lower()}")
                values = {"account": account, "side": side, "ticker": fill.ticker}
                yield say(lang, "drill.order", {**values, "shares": fill.shares, "tax": fill.tax})
