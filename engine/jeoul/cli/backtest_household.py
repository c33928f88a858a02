"""``jeoul backtest --household``: the accounts of a household along history, after every tax."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jeoul.cli.in_hand import household_document, in_hand_lines
from jeoul.cli.schemas import VERSIONS, Form
from jeoul.errors import UsageError
from jeoul.messages import say

if TYPE_CHECKING:
    from jeoul.household.history.planned import Plan
    from jeoul.household.history.records import HouseholdRun
    from jeoul.household.written.file import HouseholdFile
    from jeoul.market import Market

YEARS = 10
"""How long a household's history is unless ``--from`` says it."""

_NAME = "backtest-household"


def backtest_household(
    file: Path,
    folder: Path | None,
    start: str | None,
    end: str | None,
    lang: str,
    as_json: Form | None,
) -> None:
    """Print what the accounts of a household came to with its plan, and with no plan at all."""
    from jeoul import api
    from jeoul.household.explaining.at_once import moves_at_once
    from jeoul.household.history.planned import do_nothing
    from jeoul.household.written.file import read_household
    from jeoul.workspace.kept import user_cache

    household = read_household(file)
    place = folder if folder is not None else household.runs.data
    market = api.open_market(place, cache=user_cache())
    runs = {
        "plan": _run(household, market, start, end, moves_at_once),
        "nothing": _run(household, market, start, end, do_nothing),
    }
    found = {name: _document(run, lang) for name, run in runs.items()}
    document = {"simulated": market.simulated, "household": household.name, **found}
    if as_json is not None:
        Form(_NAME, VERSIONS[_NAME]).write(document, indent=None)
        return
    if market.simulated:
        click.echo(say(lang, "research.simulated"))
    for name, one in found.items():
        _print(name, one, lang)


def _run(
    file: HouseholdFile, market: Market, start: str | None, end: str | None, plan: Plan
) -> HouseholdRun:
    from jeoul.household.history.file_history import file_history, quarterly
    from jeoul.korea.tables import whole_rules
    from jeoul.model.session import parse_session

    last = market.last_session() if end is None else parse_session(end)
    first = last.replace(year=last.year - YEARS, day=1) if start is None else parse_session(start)
    if first >= last:
        raise UsageError(f"--from {first} is not before --to {last}; swap them")
    overseas = any(each.kind == "overseas" for each in file.accounts.values())
    span = quarterly(market, first, last, overseas=overseas)
    return file_history(file, span, plan, market=market, book=whole_rules())


def _document(run: HouseholdRun, lang: str) -> dict[str, Any]:
    accounts = [
        {
            "id": each.id,
            "kind": each.kind,
            "paid_in": each.paid_in,
            "paid_out": each.paid_out,
            "worth": each.worth,
            "withheld": each.withheld,
            "exit_tax": each.exit_tax,
            "tax": each.withheld + each.exit_tax,
            "in_hand": each.in_hand,
        }
        for each in run.end.accounts
    ]
    return {
        **household_document(run, lang),
        "waiting": run.end.money,
        "unpaid": run.end.unpaid,
        "orders": sum(len(each.fills) for day in run.days for each in day.accounts.values()),
        "accounts": accounts,
        "booked": [
            {
                "session": each.session.isoformat(),
                "person": each.person,
                "due": each.payment.day.isoformat(),
                "what": each.payment.what,
                "amount": each.payment.amount,
            }
            for day in run.days
            for each in day.booked
        ],
        "equity": [[day.session.isoformat(), day.worth] for day in run.days],
    }


def _print(name: str, found: Mapping[str, Any], lang: str) -> None:
    click.echo(say(lang, f"in_hand.with_{name}", {"orders": found["orders"]}))
    lines = list(in_hand_lines(found, lang))
    head = lines.index(say(lang, "in_hand.assumed"))
    for line in lines[:head]:
        click.echo(line)
    for each in found["accounts"]:
        kind = say(lang, f"in_hand.kind_{each['kind']}")
        click.echo(say(lang, "in_hand.account", {**each, "kind": kind}))
    if found["waiting"]:
        click.echo(say(lang, "in_hand.waiting", {"won": found["waiting"]}))
    if name == "nothing":  # both runs assume the same
        for line in lines[head:]:
            click.echo(line)
        click.echo(say(lang, "in_hand.line", {"text": say(lang, "tax_assumed.moved")}))
