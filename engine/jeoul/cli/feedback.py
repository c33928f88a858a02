"""``jeoul feedback``: whether learning which rule set to follow would have helped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jeoul.cli.completion import strategies
from jeoul.cli.newest import show_findings
from jeoul.cli.options import PROFILES, data_option, file_for, json_option, language_option
from jeoul.cli.progress import progress
from jeoul.cli.research import (
    Study,
    end_option,
    open_study,
    seed_option,
    start_option,
    trials_option,
)
from jeoul.cli.schemas import OutputForm

if TYPE_CHECKING:
    from jeoul.research.evidence import Gap
    from jeoul.research.feedback_words import Judged


@click.command("feedback")
@click.argument("strategy", default="managed", shell_complete=strategies)
@click.option(
    "--profile",
    type=click.Choice(["all", *PROFILES]),
    default="all",
    show_default=True,
    help="The conservative, balanced or growth portfolio, or all three.",
)
@data_option
@start_option
@end_option
@trials_option
@seed_option
@click.option("--html", type=click.Path(path_type=Path), help="Write the page here.")
@language_option
@json_option
def feedback(
    strategy: str,
    profile: str,
    folder: Path | None,
    start: str | None,
    end: str | None,
    trials: Path | None,
    seed: int,
    html: Path | None,
    lang: str,
    as_json: OutputForm | None,
) -> None:
    """Measure whether weighing STRATEGY's rule sets by their results would have helped.

    The rule sets are the parts that `jeoul evidence` compares. Hedge weighs them by their losses up
    to the previous month. The command only measures: no strategy learns, and no order depends on
    it. Every rule set and the learned mix count as trials.
    """
    from jeoul.cli.research import found_document
    from jeoul.messages import say
    from jeoul.pipeline.touching import together
    from jeoul.reporting.fund_names import fund_names
    from jeoul.research.feedback_page import render_feedback
    from jeoul.research.feedback_words import FeedbackWords
    from jeoul.workspace.configs import files_of
    from jeoul.workspace.places import trials_file

    file_for(html, *files_of(strategy), trials_file(trials))
    studies, judged = _judged(strategy, profile, folder, (start, end, lang), trials, seed)
    findings = found_document(together([study.findings for study in studies]), lang)
    simulated = studies[0].simulated
    if html is not None:
        title = studies[0].strategy.title
        name = title.ko if lang == "ko" else title.en
        html.write_text(render_feedback(judged, name, lang, simulated=simulated), "utf-8")
        click.echo(str(html), err=True)
    if as_json is not None:
        document = {
            "simulated": simulated,
            "strategy": studies[0].strategy.name,
            "active": False,
            "rules": _rules(seed),
            "profiles": [_document(each) for each in judged],
        }
        as_json.write(document | findings, indent=1)
        return
    names = fund_names(studies[0].mandate.universe, lang)
    show_findings(findings["findings"], findings["other_findings"], folder, lang, names)
    if simulated:
        click.echo(say(lang, "research.simulated"))
    for each in judged:
        words = FeedbackWords(each, lang)
        click.echo(f"\n{words.title}")
        for line in (*words.rows(), *words.sentences()):
            click.echo(line)
    click.echo(f"\n{say(lang, 'feedback.off')}")


def _judged(
    strategy: str,
    profile: str,
    folder: Path | None,
    options: tuple[str | None, str | None, str],
    trials: Path | None,
    seed: int,
) -> tuple[list[Study], list[Judged]]:
    from jeoul.research.evidence import Span
    from jeoul.research.evidence_strategies import LIGHT, LITERAL
    from jeoul.research.feedback import as_trials, digest_of, experts_of, runs_of
    from jeoul.research.feedback import feedback as learned
    from jeoul.research.feedback_words import Judged
    from jeoul.research.judgement import judge
    from jeoul.research.ledger import TrialLedger
    from jeoul.strategy.load import load_strategy
    from jeoul.workspace.places import trials_file

    ledger = TrialLedger(trials_file(trials))
    literal, light = load_strategy(LITERAL), load_strategy(LIGHT)
    found = []
    names = PROFILES if profile == "all" else (profile,)
    experts = experts_of(load_strategy(strategy), literal, light)
    with progress(len(names) * len(experts)) as step:
        for name in names:
            study = open_study(strategy, name, folder, "general", *options)
            span, named = Span(study.start, study.end), partial(_of_profile, step, name)
            runs = runs_of(experts, study.mandate, study.history, span, named)
            made = learned(runs, digest_of(experts, study.mandate), seed=seed)
            own, *others = as_trials(made, runs, study.digest)
            ledger.record([own, *others])
            found.append((study, made, own))
    # Judged at the end, so that all profiles are held against the same number of trials.
    return [study for study, _, _ in found], [
        Judged(made, judge(made.run, study.digest, ledger, trial=own)) for study, made, own in found
    ]


def _of_profile(step: Callable[[str], None], profile: str, done: str) -> None:
    step(f"{profile}: {done}")


def _rules(seed: int) -> dict[str, Any]:
    from jeoul.research.falls import DRAWS
    from jeoul.research.feedback import SCALE
    from jeoul.research.hedge_rails import RAILS
    from jeoul.research.monthly_gap import MEAN_BLOCK

    bootstrap = {"draws": DRAWS, "mean_block_months": MEAN_BLOCK, "seed": seed}
    return {"scale": SCALE, **RAILS._asdict(), "bootstrap": bootstrap}


def _document(judged: Judged) -> dict[str, Any]:
    from jeoul.backtesting.figures import plain
    from jeoul.reporting.document import summary_document

    found, learning = judged.found, judged.found.learning
    rows = zip(learning.months, learning.weights.tolist(), strict=True)
    return {
        "profile": found.profile,
        "experts": list(learning.experts),
        "digest": found.digest,
        "verdict": found.verdict,
        "interval": [found.interval.low, found.interval.high],
        "regret": learning.regret,
        "bound": learning.bound,
        "railed_regret": learning.railed_regret,
        "stopped_months": learning.stopped,
        "losses": dict(learning.losses),
        "figures": {name: summary_document(each) for name, each in found.figures.items()},
        "gaps": {name: _gap(each) for name, each in found.gaps.items()},
        **plain({"overfitting": found.overfitting}),
        "trial": judged.verdict.trial,
        "trials": judged.verdict.trials,
        **plain({"deflated_sharpe": judged.verdict.deflated_sharpe}),
        "months": [
            {"decided": day.isoformat(), "weights": dict(zip(learning.experts, row, strict=True))}
            for day, row in rows
        ],
    }


def _gap(found: Gap) -> dict[str, Any]:
    intervals = {
        name: [interval.low, interval.high]
        for name, interval in (
            ("cagr_interval", found.cagr_interval),
            ("sharpe_interval", found.sharpe_interval),
        )
    }
    figures = asdict(found) | intervals
    del figures["ahead"]  # one figure for each month, for tests of many rules alone
    return figures
