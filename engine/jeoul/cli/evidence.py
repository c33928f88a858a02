"""``jeoul evidence``: what the rules did on a history, against simply holding less risk."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from jeoul.cli.completion import strategies as strategy_names
from jeoul.cli.evidence_accounts import accounts_document, evidence_accounts
from jeoul.cli.evidence_allocators import evidence_keeps, keep_document
from jeoul.cli.evidence_korea import korea_document, korea_evidence, korea_titled
from jeoul.cli.evidence_proxies import evidence_proxies, proxies_document
from jeoul.cli.evidence_receipt import (
    DIFFERS,
    check_alone,
    days_of,
    differing,
    made_receipt,
    read_receipt,
    rerun_text,
    write_receipt,
)
from jeoul.cli.evidence_tables import print_insurances, print_table, print_ways
from jeoul.cli.newest import show_findings
from jeoul.cli.options import PROFILES, data_option, json_option, language_option, refuse_read
from jeoul.cli.progress import progress
from jeoul.cli.research import found_document, trials_option
from jeoul.cli.schemas import OutputForm
from jeoul.cli.spans import AskedSpan as Asked
from jeoul.cli.spans import read_span

if TYPE_CHECKING:
    from datetime import date

    from jeoul.cli.evidence_accounts import Accounts
    from jeoul.cli.evidence_allocators import Keeps
    from jeoul.cli.evidence_korea import Korea
    from jeoul.cli.evidence_proxies import Proxies
    from jeoul.files.cache import Cache
    from jeoul.market import Market
    from jeoul.pipeline.touching import SortedFindings
    from jeoul.research.evidence import Evidence, Gap, ProfileEvidence, Way

SEED = 20240628  # of the bootstrap; any other gives other digits and the same story
SERIES = "kospi"


@click.command("evidence")
@click.argument("strategies", nargs=-1, shell_complete=strategy_names)
@data_option
@click.option("--from", "start", metavar="DATE", help="First session to report.")
@click.option("--to", "end", metavar="DATE", help="Last session to report.")
@trials_option
@click.option(
    "--write-receipt",
    "written",
    type=click.Path(path_type=Path),
    help="Write the JSON with its receipt: digests of data, rules, trial ledger and results.",
)
@click.option(
    "--receipt",
    "rerun",
    type=click.Path(path_type=Path),
    help="Run a receipt again and report what differs; exit code 5 if the result does.",
)
@language_option
@json_option
def evidence(
    strategies: tuple[str, ...],
    folder: Path | None,
    start: str | None,
    end: str | None,
    trials: Path | None,
    written: Path | None,
    rerun: Path | None,
    lang: str,
    as_json: OutputForm | None,
) -> int:
    """Compare STRATEGIES (default: managed, managed-us) with their parts and with less risk."""
    from jeoul import api
    from jeoul.research.ledger import TrialLedger
    from jeoul.research.receipt import receipt_document
    from jeoul.workspace.configs import files_of
    from jeoul.workspace.kept import user_cache
    from jeoul.workspace.places import trials_file

    if written is not None:
        strategy_files = chain.from_iterable(map(files_of, strategies))
        refuse_read(
            written, *strategy_files, trials_file(trials), *([] if rerun is None else [rerun])
        )
    known, before = (None, {}) if rerun is None else read_receipt(rerun)
    if known is not None:
        check_alone((strategies, start, end))
        strategies, start, end = known.strategies, known.start, known.end
    names = strategies or ("managed", "managed-us")
    spans = _spans(names, read_span(start, end), lang)
    market = api.open_market(folder, cache=user_cache())
    days = days_of(known, market, sorted({*spans, "XKRX"}))
    ledger = TrialLedger(trials_file(trials))
    head = ledger.head(None if known is None else known.ledger.trials)
    # A receipt says what came out of this very run, and a rerun proves one: neither reads results.
    cache = user_cache() if known is None and written is None else None
    asked = _Asked(market, days, spans, cache)
    made = _made(names, asked, head.trials if known is None else known.ledger.trials)
    findings = found_document(made.findings, lang)
    document = _document(made, market)
    receipt = made_receipt(document, names, (start, end), market, days, head)
    document |= {"receipt": receipt_document(receipt), **findings}
    if written is not None:
        write_receipt(written, document, lang)
    same, differ = True, []
    if known is not None:
        same = known.result == receipt.result
        differ = differing(known, before, receipt, document)
        document["rerun"] = {"same": same, "differences": [each._asdict() for each in differ]}
    if as_json is not None:
        as_json.write(document, indent=1)
    elif known is not None:
        for line in rerun_text(known, receipt, differ, ledger.head().trials, lang):
            click.echo(line)
    else:
        named = _funds(names, lang)
        show_findings(findings["findings"], findings["other_findings"], folder, lang, named)
        _print(made, market, lang)
    return 0 if same else DIFFERS


class _Study(NamedTuple):
    """The table of a strategy and what is shown beside it."""

    table: Evidence
    accounts: Accounts
    keeps: Keeps
    proxies: Proxies


class _Made(NamedTuple):
    """What the command shows: a study of each strategy, its tests, and the checks on Korea."""

    studies: list[_Study]
    lucks: list[dict[str, Any]]
    korea: Korea
    findings: SortedFindings

    @property
    def tables(self) -> list[Evidence]:
        """Return the table of each strategy."""
        return [study.table for study in self.studies]


class _Asked(NamedTuple):
    """The market and, by calendar, the newest session and the span; and where results are kept."""

    market: Market
    days: Mapping[str, date]
    spans: Mapping[str, Asked]
    cache: Cache | None


def _made(names: Sequence[str], asked: _Asked, trials: int) -> _Made:
    from jeoul.pipeline.touching import together
    from jeoul.research.luck import evidence_luck

    studies, found = [], []
    with progress(sum(map(_models, names)) + 1) as step:
        for name in names:
            study, touching = _compared(name, asked, step)
            studies.append(study)
            found += touching
        korea = korea_evidence(asked.market, asked.days["XKRX"], SEED, asked.cache)
        step(SERIES)
    lucks = [evidence_luck(study.table, trials) for study in studies]
    return _Made(studies, lucks, korea, together(found))


def _spans(names: Sequence[str], asked: Asked, lang: str) -> dict[str, Asked]:
    """Return the span on the calendar of each strategy."""
    from jeoul import api
    from jeoul.strategy.load import load_strategy

    calendars = api.calendars()
    return {
        calendar: asked.on(calendars[calendar], lang)
        for calendar in sorted({load_strategy(name).calendar for name in names})
    }


def _funds(names: Sequence[str], lang: str) -> dict[str, str]:
    """Return the names of the funds that strategies may hold, by code."""
    from jeoul import api
    from jeoul.reporting.fund_names import fund_names
    from jeoul.strategy.load import load_strategy

    universes = (api.universe_of(load_strategy(name).universe) for name in names)
    return {code: name for each in universes for code, name in fund_names(each, lang).items()}


def _print(made: _Made, market: Market, lang: str) -> None:
    if market.simulated:
        click.echo(_say(lang, "simulated"))
    for study, luck in zip(made.studies, made.lucks, strict=True):
        print_table(*study, luck, lang)
    print_insurances(made.tables, lang)
    for title, ways in korea_titled(made.korea, lang):
        click.echo()
        click.echo(title)
        print_ways(ways, lang)
    click.echo()
    click.echo(_notes(lang))


def _models(name: str) -> int:
    """Return how many models the comparison of a strategy makes."""
    from jeoul.research.evidence_strategies import LIGHT, LITERAL, ways_of
    from jeoul.strategy.load import load_strategy

    loaded = load_strategy(name)
    ways = ways_of(loaded, load_strategy(LITERAL), load_strategy(LIGHT))
    return len(ways) * sum(profile in loaded.profiles for profile in PROFILES)


def _compared(
    name: str, asked: _Asked, step: Callable[[str], None]
) -> tuple[_Study, list[SortedFindings]]:
    """Return a strategy's evidence with what is shown beside it, and the findings that touch it.

    Raises :class:`~jeoul.errors.BadMarketData` where serious ones do.
    """
    from jeoul import api
    from jeoul.api.kept_studies import KeptStudies
    from jeoul.pipeline.run import SharedAllocations
    from jeoul.pipeline.touching import findings_along
    from jeoul.research.evidence import Evidence, Span
    from jeoul.research.evidence import evidence as compared
    from jeoul.research.evidence_strategies import LIGHT, LITERAL
    from jeoul.strategy.load import load_strategy

    loaded, literal, light = (load_strategy(each) for each in (name, LITERAL, LIGHT))
    snapshot = asked.market.as_of(asked.days[loaded.calendar], loaded.calendar)
    mandates = [api.mandate(loaded, p) for p in PROFILES if p in loaded.profiles]
    history = api.history(loaded, snapshot)
    ends = asked.spans[loaded.calendar]
    span = Span(ends.start, ends.end)
    found = [findings_along(each, history, snapshot, span.start) for each in mandates]
    rules = (SEED, span, literal.model_dump_json(), light.model_dump_json())
    kept = KeptStudies(asked.cache, history, digest=snapshot.digest, mandates=mandates, asked=rules)
    shared = SharedAllocations(history)

    def noted(done: str) -> None:
        step(f"{name} {done}")

    def table() -> Evidence:
        return compared(
            loaded,
            literal,
            mandates,
            history,
            seed=SEED,
            span=span,
            light=light,
            step=noted,
            shared=shared,
        )

    study = _Study(
        kept.found("ways", Evidence, table),
        evidence_accounts(mandates, shared, snapshot, ends, kept),
        evidence_keeps(mandates, shared, span, SEED, noted, kept),
        evidence_proxies(mandates, shared, snapshot, span, kept),
    )
    return study, found


def _document(made: _Made, market: Market) -> dict[str, Any]:
    from jeoul.research.falls import DRAWS
    from jeoul.research.insurance import insurances
    from jeoul.research.monthly_gap import MEAN_BLOCK

    return {
        "simulated": market.simulated,
        "bootstrap": {"draws": DRAWS, "mean_block_months": MEAN_BLOCK, "seed": SEED},
        "tables": [
            {
                "strategy": study.table.strategy,
                "currency": study.table.currency,
                "proxies": proxies_document(study.proxies),
                "profiles": [
                    _profile_document(p)
                    | {
                        "accounts": accounts_document(study.accounts[p.profile]),
                        "allocators": keep_document(study.keeps[p.profile], _gap_document),
                    }
                    for p in study.table.profiles
                ],
                "luck": luck,
            }
            for study, luck in zip(made.studies, made.lucks, strict=True)
        ],
        "insurances": [asdict(row) for row in insurances(made.tables)],
        **korea_document(made.korea, _way_document),
    }


def _profile_document(found: ProfileEvidence) -> dict[str, Any]:
    return {
        "profile": found.profile,
        "ways": [_way_document(way) for way in found.ways],
        "optimiser": _gap_document(found.optimiser),
        "step_down": _finite(found.step_down),
    }


def _way_document(way: Way) -> dict[str, Any]:
    from jeoul.reporting.document import summary_document

    return {
        "way": way.name,
        **summary_document(way.figures),
        "exposure": way.exposure,
        "episodes": way.episodes,
        "whipsaws": way.whipsaws,
        "less_risk": _gap_document(way.less_risk),
        "static": _gap_document(way.static),
        "price": _finite(way.price),
        "free": way.price is not None and math.isinf(way.price),
        "saved_interval": None if way.saved is None else [way.saved.low, way.saved.high],
        "recoveries": dict(way.recoveries),
        "crises": {
            name: {"return": gained, "max_drawdown": fall}
            for name, (gained, fall) in way.crises.items()
        },
    }


def _gap_document(found: Gap | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "cagr": found.cagr,
        "cagr_interval": [found.cagr_interval.low, found.cagr_interval.high],
        "volatility": found.volatility,
        "max_drawdown": found.drawdown,
        "sharpe": found.sharpe,
        "sharpe_interval": [found.sharpe_interval.low, found.sharpe_interval.high],
        "smaller_fall": found.smaller_fall,
        "t": found.t,
        "verdict": found.verdict,
    }


def _finite(value: float | None) -> float | None:
    return None if value is None or math.isinf(value) else value


def _notes(lang: str) -> str:
    from jeoul.research.falls import DRAWS
    from jeoul.research.monthly_gap import MEAN_BLOCK

    return _say(lang, "notes", draws=DRAWS, block=f"{MEAN_BLOCK:g}", seed=SEED)


def _say(lang: str, message: str, **detail: object) -> str:
    from jeoul.messages import say

    return say(lang, f"evidence.{message}", detail)
