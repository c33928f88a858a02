"""``jeoul backtest``: one profile of a strategy over a span."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from jeoul.cli.backtest_household import HistoryRequest, backtest_household
from jeoul.cli.completion import strategies
from jeoul.cli.executors import executor_of
from jeoul.cli.glide import glide_document, glide_lines
from jeoul.cli.in_hand import in_hand, in_hand_lines, person_option, plain_account
from jeoul.cli.investor import investor_of, investor_options
from jeoul.cli.newest import show_findings
from jeoul.cli.options import (
    account_option,
    as_given,
    data_option,
    executor_option,
    goal_option,
    is_preferred,
    json_option,
    language_option,
)
from jeoul.cli.research import (
    Study,
    beside_text,
    end_option,
    open_study,
    seed_option,
    start_option,
    trials_option,
)
from jeoul.cli.schemas import OutputForm
from jeoul.errors import UsageError

if TYPE_CHECKING:
    from jeoul.account.file import AccountFile
    from jeoul.account.terms import AccountPlan
    from jeoul.backtesting import Backtest, Prepared
    from jeoul.research.judgement import Judgement
    from jeoul.research.placebo import Placebo

_YEARLY = {
    "cagr": "total_return",
    "turnover": "total_turnover",
    "cost": "total_cost",
    "time_weighted": "total_return",
}
"""What is shown in the place of a yearly figure where the span is shorter than a year."""
_SHOWN = (
    *("cagr", "volatility", "max_drawdown", "sharpe", "sortino", "calmar", "cvar", "hit_rate"),
    *("beta", "tracking_error", "information_ratio", "turnover", "cost", "proxy_share"),
)
_OWNERS = ("paid_in", "paid_out", "worth", "gain")
_MONEY = (*_OWNERS, "fees", "spread", "exchanged", "interest", "dividends")
_RATES = ("time_weighted", "money_weighted", "volatility", "max_drawdown", "turnover", "cash")
_RATIOS = ("sharpe", "sortino", "calmar", "beta", "information_ratio")


@click.command("backtest")
@click.argument("strategy", default="managed", shell_complete=strategies)
@investor_options
@goal_option
@data_option
@start_option
@end_option
@account_option
@trials_option
@click.option(
    "--account-file",
    type=click.Path(path_type=Path),
    help="Also run an account in whole shares: see configs/account-example.toml.",
)
@person_option
@click.option(
    "--household",
    "households",
    type=click.Path(path_type=Path),
    multiple=True,
    help="Instead of STRATEGY: a household's file, planned each quarter; repeatable.",
)
@executor_option
@click.option(
    "--placebos", is_flag=True, help="Also run placebo tests and fail on look-ahead bias."
)
@seed_option
@language_option
@json_option
@click.pass_context
def backtest(
    context: click.Context,
    strategy: str,
    profile: str | None,
    answers: Path | None,
    matrix: str | None,
    suitability: str | None,
    goal: str | None,
    folder: Path | None,
    start: str | None,
    end: str | None,
    account: str,
    trials: Path | None,
    account_file: Path | None,
    person: Path | None,
    households: tuple[Path, ...],
    executor: str,
    placebos: bool,
    seed: int,
    lang: str,
    as_json: OutputForm | None,
) -> None:
    """Backtest STRATEGY for one profile: next-session fills, costs, interest on cash.

    Every backtest is counted in the trial ledger, and its Sharpe ratio deflated by the count.
    """
    _refuse_mixed(context)
    if households:
        homes = HistoryRequest(households, as_given("folder"), start, end)
        backtest_household(homes, executor_of(executor), lang, as_json)
        return
    from jeoul.account.file import kind_of, load_account_file
    from jeoul.backtesting import summarise
    from jeoul.backtesting.beside import beside_document
    from jeoul.backtesting.figures import breakdown, figures, plain
    from jeoul.reporting.document import summary_document
    from jeoul.reporting.fund_names import fund_names
    from jeoul.research.judgement import judge
    from jeoul.research.ledger import TrialLedger
    from jeoul.workspace.places import trials_file

    settings = None if account_file is None else load_account_file(account_file)
    asked = as_given("account") is not None or is_preferred("account")
    if settings is not None:
        account = kind_of(settings, as_given("account"))
    investor = investor_of(profile, answers, matrix, suitability)
    study = open_study(
        strategy, investor.profile, folder, account, start, end, lang, investor.limit, goal
    )
    prepared = study.prepare()
    run = study.run(prepared)
    against = None
    if study.mandate.overlay is not None:
        against = study.run(study.prepare(study.strategy.without_overlay(), like=prepared))
    verdict = judge(run, study.digest, TrialLedger(trials_file(trials)))
    metrics: dict[str, Any] = summary_document(summarise(run)) | plain(figures(run, against))
    document = {
        "simulated": study.simulated,
        "account": None if settings is None else settings.name,
        "kind": str(study.mandate.account),
        "metrics": metrics | breakdown(prepared, run, crises=not study.simulated),
        **_path(run, verdict),
    }
    account_beside = study.account(prepared, run)
    document["attainable"] = beside_document(account_beside)
    if study.strategy.glide is not None:
        document["glide"] = glide_document(study)
    if settings is not None:
        document["account_run"] = _account(study, settings, person, lang)
    elif asked or person is not None:
        usual = plain_account(str(study.mandate.account), study.history.currency)
        document["in_hand"] = in_hand(study, usual, _plan(study, usual), person, lang)
    taken = _placebos(prepared, run, seed) if placebos else ()
    if placebos:
        document["placebos"] = _placebos_document(taken)
    document |= {"notes": investor.notes(lang), **investor.document(), **study.found(lang)}
    if as_json is not None:
        as_json.write(document, indent=None)
        return
    names = fund_names(study.mandate.universe, lang)
    show_findings(document["findings"], document["other_findings"], folder, lang, names)
    _print(document, verdict, lang, beside_text(account_beside, study, lang))
    from jeoul.research.wording import placebo_text

    for line in placebo_text(taken, lang, names):
        click.echo(line)


def _path(run: Backtest, verdict: Judgement) -> dict[str, Any]:
    """Return the path of the model and how its trial is judged, as JSON values."""
    from jeoul.backtesting.figures import plain

    unit = run.nav / run.nav[0]
    return {
        "equity": [[str(day), float(value)] for day, value in zip(run.sessions, unit, strict=True)],
        "trades": int((run.turnover[1:] > 0).sum()),
        "trial": verdict.trial,
        "trials": verdict.trials,
        **plain(
            {
                "deflated_sharpe": verdict.deflated_sharpe,
                "haircut_sharpe": verdict.haircut_sharpe,
                "probabilistic_sharpe": verdict.probabilistic_sharpe,
                "minimum_track_years": verdict.track_years,
                "minimum_backtest_years": verdict.backtest_years,
            }
        ),
    }


def _refuse_mixed(context: click.Context) -> None:
    """Refuse options of a strategy beside households, and those of households without any."""
    households = context.params["households"]
    if not households and as_given("executor"):
        raise UsageError("--executor is for --household; one strategy runs in this process")
    beside = ("households", "folder", "start", "end", "executor", "lang", "as_json")
    for name in context.params if households else ():
        given = context.get_parameter_source(name)
        if name not in beside and given not in (None, ParameterSource.DEFAULT):
            option = "STRATEGY" if name == "strategy" else f"--{name.replace('_', '-')}"
            raise UsageError(
                f"--household has its strategy, people and accounts in its file; leave {option} out"
            )


def _placebos(prepared: Prepared, run: Backtest, seed: int) -> tuple[Placebo, ...]:
    """Return what should not work, once it is certain that nothing looked ahead."""
    from jeoul.research.placebo import placebos, refuse_look_ahead

    taken = placebos(prepared, run, seed=seed)
    refuse_look_ahead(run, taken)
    return taken


def _placebos_document(taken: Sequence[Placebo]) -> list[dict[str, Any]]:
    from jeoul.backtesting.figures import plain

    return [
        {"kind": one.kind, "subject": one.subject, **plain({"sharpe": one.sharpe})}
        | plain({"better": one.better})
        for one in taken
    ]


def _print(document: dict[str, Any], verdict: Judgement, lang: str, beside: Iterable[str]) -> None:
    from jeoul.messages import say
    from jeoul.research.wording import judgement_text, percent

    metrics = document["metrics"]
    if document["simulated"]:
        click.echo(say(lang, "research.simulated"))
    for note in document["notes"]:
        click.echo(note)
    click.echo(f"{metrics['from']} – {metrics['to']}")
    _print_figures(metrics, lang)
    for line in beside:
        click.echo(line)
    for state, share in metrics["time_in_states"].items():
        named = {"state": say(lang, f"facts.state_{state.lower()}")}
        click.echo(f"{say(lang, 'figure.time_in_state', named)}: {percent(share)}")
    _print_crises(metrics["by_crisis"], lang)
    click.echo("".join(f"{line}\n" for line in glide_lines(document.get("glide"), lang)), nl=False)
    if "account_run" in document:
        _print_account(document["account_run"], lang)
    elif "in_hand" in document:
        _print_in_hand(document["in_hand"], lang)
    for line in judgement_text(verdict, lang):
        click.echo(line)


def written(name: str, value: float) -> str:
    """Return a figure as a person reads it; costs are small and have two decimals."""
    from jeoul.research.wording import cost_percent, percent

    if name in _RATIOS:
        return f"{value:.2f}"
    return cost_percent(value) if name in ("cost", "total_cost") else percent(value)


def _print_figures(metrics: Mapping[str, Any], lang: str) -> None:
    from jeoul.messages import say

    if metrics["cagr"] is None:
        click.echo(say(lang, "figure.short"))
    for name in map(partial(_stated, metrics), _SHOWN):
        value = metrics.get(name)
        if value is not None:
            click.echo(f"{say(lang, f'figure.{name}')}: {written(name, value)}")


def _print_crises(periods: Sequence[Mapping[str, Any]], lang: str) -> None:
    from jeoul.backtesting.periods import crises
    from jeoul.research.wording import percent

    titles = {crisis.name: crisis.title[lang] for crisis in crises()}
    for period in periods:
        click.echo(
            f"{titles[period['name']]} ({period['from']} – {period['to']}): "
            f"{percent(period['return'])}"
        )


def _stated(figures: Mapping[str, Any], name: str) -> str:
    """Return the figure that is shown: the one of the span where there is none of a year."""
    return name if figures.get(name) is not None else _YEARLY.get(name, name)


def _plan(
    study: Study, settings: AccountFile, watch: Callable[[str], None] = lambda _: None
) -> AccountPlan:
    """Return what the run of an account over a study's span rests on."""
    from jeoul import api
    from jeoul.account.terms import plan_account

    return plan_account(
        settings,
        study.mandate,
        study.history,
        study.market,
        api.calendars()[study.strategy.calendar],
        start=study.start,
        end=study.end,
        watch=watch,
    )


def _account(study: Study, settings: AccountFile, person: Path | None, lang: str) -> dict[str, Any]:
    """Return what the account of a file came to over a study's span, before and after tax."""
    from jeoul.account.figures import account_document
    from jeoul.account.hindsight.of_run import hindsight_of_run
    from jeoul.account.terms import run_plan
    from jeoul.cli.progress import progress
    from jeoul.cli.rooms import room_assumptions
    from jeoul.reporting.hindsight.document import summaries_document

    with progress(2 * len(study.history)) as watch:
        plan = _plan(study, settings, watch)
        run = run_plan(plan, watch)
    assumed = room_assumptions(settings, study.mandate.account, run, lang)
    found = account_document(run, sessions_per_year=study.history.sessions_per_year)
    after = in_hand(study, settings, plan, person, lang)
    looked = hindsight_of_run(run, plan, name=settings.name, simulated=study.simulated)
    return {
        "name": settings.name,
        "assumed": assumed,
        **found,
        "in_hand": after,
        "decisions": summaries_document(looked, lang),
    }


def _print_account(account: dict[str, Any], lang: str) -> None:
    from jeoul.messages import say
    from jeoul.model.money import UNITS
    from jeoul.reporting.formats import Formats
    from jeoul.research.wording import percent

    click.echo(say(lang, "account.head", account))
    for line in account["assumed"]:
        click.echo(line)
    for name in _MONEY:
        currency = account["owner" if name in _OWNERS else "currency"]
        if account[name] or name in _OWNERS:
            worth = Formats(lang, "UTC", currency).money(round(account[name] * UNITS[currency]))
            click.echo(f"{say(lang, f'account.{name}')}: {worth}")
    for name in map(partial(_stated, account), _RATES):
        if account[name] is not None:
            click.echo(f"{say(lang, f'account.{name}')}: {percent(account[name])}")
    click.echo(say(lang, "account.counts", account))
    for name in ("unpaid", "held_back"):
        if account[name]:
            click.echo(say(lang, f"account.told_{name}", account))
    if account["prices"] == "approximate":
        click.echo(say(lang, "account.approximate"))
    _print_in_hand(account["in_hand"], lang)
    _print_decisions(account["decisions"], lang)


def _print_decisions(summaries: Sequence[Mapping[str, Any]], lang: str) -> None:
    """Print how decisions by cause compare with the account without them."""
    from jeoul.messages import say

    if summaries:
        click.echo(f"{say(lang, 'hindsight.title')}:")
    for each in summaries:
        click.echo(f"  {each['text']}")
    if summaries:
        click.echo(f"  {say(lang, 'hindsight.proves_nothing')}")


def _print_in_hand(found: Mapping[str, Any] | None, lang: str) -> None:
    from jeoul.messages import say

    for line in [say(lang, "in_hand.no_won")] if found is None else in_hand_lines(found, lang):
        click.echo(line)
