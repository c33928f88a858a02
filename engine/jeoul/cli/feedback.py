"""``jeoul feedback``: what it would have come to, to learn which rule set to follow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from jeoul.cli.newest import show_findings
from jeoul.cli.options import PROFILES, data_option, json_option, language_option
from jeoul.cli.research import (
    Study,
    end_option,
    open_study,
    seed_option,
    start_option,
    trials_option,
)
from jeoul.cli.schemas import Form

if TYPE_CHECKING:
    from jeoul.research.evidence import Gap
    from jeoul.research.feedback import Feedback
    from jeoul.research.judgement import Judgement


class Judged(NamedTuple):
    """One profile's feedback, and its trial among all that were."""

    study: Study
    found: Feedback
    verdict: Judgement


@click.command("feedback")
@click.argument("strategy", default="managed")
@click.option(
    "--profile",
    type=click.Choice(["all", *PROFILES]),
    default="all",
    show_default=True,
    help="안정형, 균형형, 성장형, or all three.",
)
@data_option
@start_option
@end_option
@trials_option
@seed_option
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
    lang: str,
    as_json: Form | None,
) -> None:
    """Measure whether weighing STRATEGY's rule sets by their results would have helped.

    The rule sets are the parts that `jeoul evidence` compares. They are weighed by Hedge, from what
    each would have lost up to the month before. This measures only: no strategy learns, and no
    order depends on it. Every rule set and the learned mix count as trials.
    """
    judged = _judged(strategy, profile, folder, (start, end, lang), trials, seed)
    studies = [each.study for each in judged]
    from jeoul.cli.research import found_document
    from jeoul.pipeline.touching import together

    findings = found_document(together([study.findings for study in studies]), lang)
    simulated = studies[0].simulated
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
    show_findings(findings["findings"], findings["other_findings"], folder, lang)
    if simulated:
        click.echo(_say(lang, "research.simulated"))
    for each in judged:
        for line in _lines(each, lang):
            click.echo(line)
    click.echo()
    click.echo(_say(lang, "feedback.off"))


def _judged(
    strategy: str,
    profile: str,
    folder: Path | None,
    options: tuple[str | None, str | None, str],
    trials: Path | None,
    seed: int,
) -> list[Judged]:
    from jeoul.research.evidence import Span
    from jeoul.research.evidence_strategies import LIGHT, LITERAL
    from jeoul.research.feedback import as_trials, digest_of, experts_of, runs_of
    from jeoul.research.feedback import feedback as learned
    from jeoul.research.judgement import judge
    from jeoul.research.ledger import Ledger
    from jeoul.strategy.load import load_strategy
    from jeoul.workspace.places import trials_file

    ledger = Ledger(trials_file(trials))
    literal, light = load_strategy(LITERAL), load_strategy(LIGHT)
    found = []
    for name in PROFILES if profile == "all" else (profile,):
        study = open_study(strategy, name, folder, "general", *options)
        experts = experts_of(study.strategy, literal, light)
        runs = runs_of(experts, study.mandate, study.history, Span(study.start, study.end))
        made = learned(runs, digest_of(experts, study.mandate), seed=seed)
        own, *others = as_trials(made, runs, study.digest)
        ledger.record([own, *others])
        found.append((study, made, own))
    # Judged at the end, so that all profiles are held against the same number of trials.
    return [
        Judged(study, made, judge(made.run, study.digest, ledger, trial=own))
        for study, made, own in found
    ]


def _rules(seed: int) -> dict[str, Any]:
    from jeoul.research.evidence import MEAN_BLOCK
    from jeoul.research.falls import DRAWS
    from jeoul.research.feedback import SCALE
    from jeoul.research.hedge_rails import RAILS

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
    return asdict(found) | intervals


def _lines(judged: Judged, lang: str) -> Iterator[str]:
    found, learning, verdict = judged.found, judged.found.learning, judged.verdict
    figures = found.figures["learned"]
    head = {"start": figures.start, "end": figures.end, "months": len(learning.months) - 1}
    yield ""
    yield _say(lang, "feedback.head", profile=_say(lang, f"profile.{found.profile}"), **head)
    yield from _table(found, lang)
    yield _say(
        lang,
        "feedback.regret",
        regret=f"{learning.regret:.2f}",
        bound=f"{learning.bound:.2f}",
        railed=f"{learning.railed_regret:.2f}",
        stopped=learning.stopped,
    )
    gap = found.gaps["equal"]
    yield _say(
        lang,
        f"feedback.{found.verdict.replace(' ', '_')}",
        cagr=f"{gap.cagr:+.2%}",
        low=f"{gap.cagr_interval.low:+.2%}",
        high=f"{gap.cagr_interval.high:+.2%}",
        t=f"{gap.t:+.1f}",
    )
    for name in ("default", "static"):
        other = found.gaps[name]
        shown = {"cagr": f"{other.cagr:+.2%}", "fall": f"{other.drawdown:+.1%}"}
        yield _say(lang, f"feedback.beside_{name}", **shown)
    yield _say(
        lang,
        "feedback.trials",
        trials=verdict.trials,
        deflated=f"{verdict.deflated_sharpe:.1%}",
        overfitting=f"{found.overfitting:.0%}",
    )
    yield _say(lang, "feedback.digest", digest=found.digest[:12])


def _table(found: Feedback, lang: str) -> Iterator[str]:
    learning = found.learning
    newest = dict(zip(learning.experts, learning.weights[-1].tolist(), strict=True))
    for name, each in found.figures.items():
        key = "feedback.mix" if name not in newest else "feedback.expert"
        yield _say(
            lang,
            key,
            name=_name(name, lang),
            cagr=f"{each.cagr:.2%}",
            volatility=f"{each.volatility:.1%}",
            fall=f"{each.max_drawdown:.1%}",
            sharpe=f"{each.sharpe:.2f}",
            loss=f"{learning.losses.get(name, 0.0):.2f}",
            weight=f"{newest.get(name, 0.0):.1%}",
        )


def _name(name: str, lang: str) -> str:
    if name in ("learned", "equal"):
        return _say(lang, f"feedback.{name}")
    return _say(lang, f"evidence.way_{name.split(maxsplit=1)[0]}")


def _say(lang: str, message: str, **detail: object) -> str:
    from jeoul.messages import say

    return say(lang, message, detail)
