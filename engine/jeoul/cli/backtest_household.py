"""``jeoul backtest --household``: the accounts of a household along history, after every tax."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from jeoul.cli.in_hand import household_document, in_hand_lines
from jeoul.cli.progress import progress
from jeoul.cli.schemas import OutputForm, newest
from jeoul.errors import UsageError
from jeoul.executing import Crew, carry_out
from jeoul.messages import say

if TYPE_CHECKING:
    from jeoul.household.history.planned import PlanningSettings
    from jeoul.household.history.records import HouseholdHistory
    from jeoul.household.written.file import HouseholdFile
    from jeoul.market import Market

YEARS = 10
"""How long a household's history is unless ``--from`` says it."""

PLANS = ("plan", "nothing")
"""What a household's accounts do along history: its plan, or nothing at all."""

_NAME = "backtest-household"


class HistoryRequest(NamedTuple):
    """The files of households and the span of their history, as the command line has them."""

    files: tuple[Path, ...]
    folder: Path | None
    start: str | None
    end: str | None


class HistoryTask(NamedTuple):
    """One household along history with its plan or with nothing done; picklable and small."""

    file: str
    folder: str | None
    start: str | None
    end: str | None
    plan: str
    language: str


class Ran(NamedTuple):
    """What one household came to: its name, and the document of its run."""

    name: str
    simulated: bool
    document: dict[str, Any]


def backtest_household(
    asked: HistoryRequest, executor: Callable[[], Executor], lang: str, as_json: OutputForm | None
) -> None:
    """Print what the accounts of households came to with their plans, and with no plan at all."""
    tasks = [
        HistoryTask(
            file=str(file.resolve()),
            folder=None if asked.folder is None else str(asked.folder.resolve()),
            start=asked.start,
            end=asked.end,
            plan=plan,
            language=lang,
        )
        for file in asked.files
        for plan in PLANS
    ]
    found: dict[HistoryTask, Ran] = {}
    with progress(len(tasks)) as step:

        def keep(task: HistoryTask, ran: Ran) -> None:
            found[task] = ran
            step(f"{ran.name} {task.plan}")

        carry_out(tasks, run_task, Crew(executor), keep)
    documents = [
        {
            "simulated": found[first].simulated,
            "household": found[first].name,
            **{task.plan: found[task].document for task in (first, second)},
        }
        for first, second in zip(tasks[::2], tasks[1::2], strict=True)
    ]
    if as_json is not None:
        one = documents[0] if len(documents) == 1 else {"households": documents}
        newest(_NAME).write(one, indent=None)
        return
    for document in documents:
        _show(document, lang, named=len(documents) > 1)


def run_task(task: HistoryTask) -> Ran:
    """Return what one household came to, in whichever process this runs."""
    from jeoul import api
    from jeoul.household.explaining.at_once import moves_at_once
    from jeoul.household.history.planned import do_nothing
    from jeoul.household.written.file import read_household
    from jeoul.workspace.kept import user_cache

    household = read_household(Path(task.file))
    place = household.runs.data if task.folder is None else Path(task.folder)
    market = api.open_market(place, cache=user_cache())
    plan = moves_at_once if task.plan == "plan" else do_nothing
    run = _run(household, market, task.start, task.end, plan)
    return Ran(household.name, market.simulated, _document(run, task.language))


def _show(document: Mapping[str, Any], lang: str, *, named: bool) -> None:
    if document["simulated"]:
        click.echo(say(lang, "research.simulated"))
    if named:
        click.echo(document["household"])
    for plan in PLANS:
        _print(plan, document[plan], lang)


def _run(
    file: HouseholdFile, market: Market, start: str | None, end: str | None, plan: PlanningSettings
) -> HouseholdHistory:
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


def _document(run: HouseholdHistory, lang: str) -> dict[str, Any]:
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
