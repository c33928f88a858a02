"""``jeoul report``: the main job, from a strategy and a market to a report of each profile."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jeoul.cli.options import (
    PROFILES,
    account_option,
    as_of_option,
    data_option,
    json_option,
    language_option,
    open_inputs,
)
from jeoul.cli.progress import progress

if TYPE_CHECKING:
    from jeoul.backtest import Backtest
    from jeoul.cli.options import Opened
    from jeoul.model.history import History
    from jeoul.pipeline import Model
    from jeoul.report.gather import Profiled

BENCHMARKS = {"krx-core": {"sixty_forty": "sixty-forty", "k_all_weather": "k-all-weather"}}


@click.command("report")
@click.argument("strategy", default="managed")
@click.option("--profile", type=click.Choice(["all", *PROFILES]), default="all", show_default=True)
@data_option
@as_of_option
@account_option
@click.option(
    "--amount",
    type=click.IntRange(min=1),
    default=100_000_000,
    show_default=True,
    help="Money to invest in each profile, in the strategy's currency.",
)
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the HTML page.")
@language_option
@json_option
def report(
    strategy: str,
    profile: str,
    folder: Path | None,
    as_of: str | None,
    account: str,
    amount: int,
    out: Path | None,
    lang: str,
    as_json: bool,
) -> None:
    """Report what STRATEGY would do today for each profile, why, and what it did so far.

    STRATEGY is a path or a shipped name. One self-contained HTML page goes to --out (default: the
    folder "report", unless only --json is asked for); --json prints the same numbers.
    """
    from jeoul.pipeline.inputs import combined_id

    names = PROFILES if profile == "all" else (profile,)
    with progress(len(names) + 1) as step:
        opened = open_inputs(strategy, folder, as_of)
        step("data")
        runs = []
        for run in _runs(opened, names, account, amount):
            runs.append(run)
            step(run.decision.proposal.profile)
    inputs = combined_id([run.decision.inputs_id for run in runs])
    if as_json:
        click.echo(_document(runs, inputs, lang))
    if out is not None or not as_json:
        path = _write_page(runs, opened, amount, inputs, lang, out or Path("report"))
        click.echo(str(path), err=as_json)


def _runs(opened: Opened, names: tuple[str, ...], account: str, amount: int):  # type: ignore[no-untyped-def]
    """Yield each profile's model, decision and backtests."""
    from jeoul import api
    from jeoul.backtest import of_model
    from jeoul.model.portfolio import Portfolio
    from jeoul.pipeline import place, present, run_model
    from jeoul.report.gather import Profiled

    history = api.history(opened.strategy, opened.snapshot)
    calendar = api.calendars()[opened.strategy.calendar]
    benchmarks = _benchmarks(opened, history)
    units = 1 if history.currency == "KRW" else 100
    for name in names:
        mandate = api.mandate(opened.strategy, name, account)
        model = run_model(mandate, history)
        proposal = present(model, opened.snapshot, calendar)
        decision = place(proposal, Portfolio({}, amount * units, history.currency))
        own = of_model(model)
        held = run_model(
            api.mandate(opened.strategy.without_overlay(), name, account), history, like=model
        )
        others = {"static": held, **benchmarks}
        yield Profiled(
            model=model,
            decision=decision,
            strategy=own,
            others={key: _over(other, own) for key, other in others.items()},
        )


def _benchmarks(opened: Opened, history: History) -> Mapping[str, Model]:
    """Return the published yardsticks of the strategy's universe, in an ordinary account."""
    from jeoul import api
    from jeoul.pipeline import run_model
    from jeoul.strategy.load import load_strategy

    return {
        key: run_model(api.mandate(load_strategy(name), "balanced", "general"), history)
        for key, name in BENCHMARKS.get(opened.strategy.universe, {}).items()
        if name != opened.strategy.name
    }


def _over(model: Model, span: Backtest) -> Backtest:
    """Return a model's backtest over the span of another."""
    from jeoul.backtest import of_model

    return of_model(model, start=span.start, end=span.end)


def _document(runs: list[Profiled], inputs: str, lang: str) -> str:
    from jeoul.backtest import summarise
    from jeoul.report.document import report_document

    document = report_document(
        [run.decision for run in runs], [summarise(run.strategy) for run in runs], inputs, lang
    )
    return json.dumps(document, ensure_ascii=False, indent=2)


def _write_page(
    runs: list[Profiled], opened: Opened, amount: int, inputs: str, lang: str, out: Path
) -> Path:
    from jeoul import api
    from jeoul.pipeline import ONLINE_FEE
    from jeoul.report import render_html
    from jeoul.report.gather import gather

    facts = gather(
        runs,
        opened.snapshot,
        api.calendars()[opened.strategy.calendar],
        amount=amount,
        fee=ONLINE_FEE,
        inputs_id=inputs,
    )
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"{opened.strategy.name}-{facts.as_of}-{lang}.html"
    path.write_text(render_html(facts, lang), "utf-8")
    return path
