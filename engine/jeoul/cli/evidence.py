"""``jeoul evidence``: what the rules did on a history, against simply holding less risk."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jeoul.cli.completion import strategies as strategy_names
from jeoul.cli.evidence_accounts import accounts_document, accounts_lines, evidence_accounts
from jeoul.cli.newest import show_findings
from jeoul.cli.options import PROFILES, data_option, json_option, language_option
from jeoul.cli.progress import progress
from jeoul.cli.research import found_document
from jeoul.cli.schemas import Form
from jeoul.cli.spans import Span as Asked
from jeoul.cli.spans import read_span

if TYPE_CHECKING:
    from jeoul.cli.evidence_accounts import Accounts
    from jeoul.market import Market
    from jeoul.pipeline.touching import Sorted
    from jeoul.research.evidence import Evidence, Gap, ProfileEvidence, Way

SEED = 20240628  # of the bootstrap; any other gives other digits and the same story
SERIES = "kospi"
ALONE_PROFILE = "growth"
COLUMNS = (
    "way", "return", "volatility", "fall", "sharpe", "turnover", "exposure", "whipsaw",
    "less_return", "interval", "less_fall", "smaller", "verdict", "price",
)  # fmt: skip
MANY = 100.0  # drawdown saved per point of return: beyond this the price is as good as nothing


@click.command("evidence")
@click.argument("strategies", nargs=-1, shell_complete=strategy_names)
@data_option
@click.option("--from", "start", metavar="DATE", help="First session to report.")
@click.option("--to", "end", metavar="DATE", help="Last session to report.")
@language_option
@json_option
def evidence(
    strategies: tuple[str, ...],
    folder: Path | None,
    start: str | None,
    end: str | None,
    lang: str,
    as_json: Form | None,
) -> None:
    """Compare STRATEGIES (default: managed, managed-us) with their parts and with less risk."""
    from jeoul import api
    from jeoul.pipeline.touching import together
    from jeoul.strategy.load import load_strategy

    asked, calendars = read_span(start, end), api.calendars()
    names = strategies or ("managed", "managed-us")
    spans: dict[str, Asked] = {
        calendar: asked.on(calendars[calendar], lang)
        for calendar in sorted({load_strategy(name).calendar for name in names})
    }
    market = api.open_market(folder)
    tables, found, accounts = [], [], []
    with progress(sum(map(_models, names)) + 1) as step:
        for name in names:
            table, touching, had = _compared(name, market, spans, step)
            tables.append(table)
            found += touching
            accounts.append(had)
        korea = _alone(market)
        step(SERIES)
    findings = found_document(together(found), lang)
    if as_json is not None:
        as_json.write(_document(tables, accounts, korea, market) | findings, indent=1)
        return
    show_findings(findings["findings"], findings["other_findings"], folder, lang)
    if market.simulated:
        click.echo(_say(lang, "simulated"))
    for table, had in zip(tables, accounts, strict=True):
        _print(table, had, lang)
    _print_insurances(tables, lang)
    if korea is not None:
        click.echo()
        figures = korea[0].figures
        click.echo(_say(lang, "title_korea", series="KOSPI", start=figures.start, end=figures.end))
        _print_ways(korea, lang)
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
    name: str, market: Market, spans: Mapping[str, Asked], step: Callable[[str], None]
) -> tuple[Evidence, list[Sorted], Accounts]:
    """Return a strategy's evidence, the findings that touch it, and the accounts beside it.

    Raises :class:`~jeoul.errors.BadMarketData` where serious ones do.
    """
    from jeoul import api
    from jeoul.pipeline.touching import findings_along
    from jeoul.research.evidence import Span
    from jeoul.research.evidence import evidence as compared
    from jeoul.research.evidence_strategies import LIGHT, LITERAL
    from jeoul.strategy.load import load_strategy

    loaded = load_strategy(name)
    snapshot = market.as_of(market.last_session(loaded.calendar), loaded.calendar)
    mandates = [api.mandate(loaded, p) for p in PROFILES if p in loaded.profiles]
    history = api.history(loaded, snapshot)
    span = Span(spans[loaded.calendar].start, spans[loaded.calendar].end)
    found = [findings_along(each, history, snapshot, span.start) for each in mandates]
    table = compared(
        loaded,
        load_strategy(LITERAL),
        mandates,
        history,
        seed=SEED,
        span=span,
        light=load_strategy(LIGHT),
        step=lambda done: step(f"{name} {done}"),
    )
    return table, found, evidence_accounts(mandates, history, snapshot, spans[loaded.calendar])


def _alone(market: Market) -> tuple[Way, ...] | None:
    """Return the ways on the Korean index alone, None if its history is not in the folder."""
    from jeoul import api
    from jeoul.errors import ShortHistory
    from jeoul.market import assemble
    from jeoul.research.evidence import Span, compare
    from jeoul.research.evidence_strategies import LITERAL, models_of
    from jeoul.research.single_index import KOREA, alone
    from jeoul.strategy.load import load_strategy

    strategy, mandate = alone(SERIES, load_strategy("managed"), ALONE_PROFILE)
    snapshot = market.as_of(market.last_session("XKRX"), "XKRX")
    history = assemble(snapshot, mandate.universe, api.calendars())
    models = models_of(strategy, load_strategy(LITERAL), mandate, history)
    try:
        return compare(models, seed=SEED, span=Span(*KOREA))
    except ShortHistory:
        return None


def _document(
    tables: Sequence[Evidence],
    accounts: Sequence[Accounts],
    korea: Sequence[Way] | None,
    market: Market,
) -> dict[str, Any]:
    from jeoul.research.evidence import MEAN_BLOCK
    from jeoul.research.falls import DRAWS
    from jeoul.research.insurance import insurances

    return {
        "simulated": market.simulated,
        "bootstrap": {"draws": DRAWS, "mean_block_months": MEAN_BLOCK, "seed": SEED},
        "tables": [
            {
                "strategy": table.strategy,
                "currency": table.currency,
                "profiles": [
                    _profile_document(p) | {"accounts": accounts_document(had[p.profile])}
                    for p in table.profiles
                ],
            }
            for table, had in zip(tables, accounts, strict=True)
        ],
        "insurances": [asdict(row) for row in insurances(tables)],
        "korea": None if korea is None else [_way_document(way) for way in korea],
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


def _print(table: Evidence, accounts: Accounts, lang: str) -> None:
    from jeoul.messages import say

    for profile in table.profiles:
        own = profile.ways[0].figures
        click.echo()
        head = _say(
            lang,
            "title",
            strategy=table.strategy,
            currency=table.currency,
            start=own.start,
            end=own.end,
        )
        click.echo(f"{head}: {say(lang, f'profile.{profile.profile}')}")
        _print_ways(profile.ways, lang)
        for line in accounts_lines(accounts[profile.profile], table.currency, lang):
            click.echo(line)
        if profile.step_down is not None:
            click.echo(_say(lang, "step_down", price=_price(profile.step_down, lang)))
        if profile.optimiser is not None:
            click.echo(_optimiser(profile.optimiser, lang))


def _print_insurances(tables: Sequence[Evidence], lang: str) -> None:
    from jeoul.research.insurance import FALLS, insurances

    rows = insurances(tables)
    if not rows:
        return
    click.echo()
    click.echo(_say(lang, "title_insurances"))
    head = ["way", "given_up", "given_share", *(f"kept_{fall}" for fall in FALLS), "recoveries"]
    lines = [
        [
            _say(lang, f"way_{row.way.split()[0]}"),
            f"{row.given_up:z.2%}",
            f"{row.share:z.0%}",
            *(f"{row.kept[fall]:z.0%}" for fall in FALLS),
            f"{row.recoveries:+z.2%}",
        ]
        for row in rows
    ]
    _table([[_say(lang, name) for name in head], *lines])


def _print_ways(ways: Sequence[Way], lang: str) -> None:
    rows = [[_say(lang, column) for column in COLUMNS]]
    rows += [_cells(way, lang) for way in ways]
    _table(rows)
    names = list(ways[0].crises)
    if names:
        click.echo(_say(lang, "crises"))
        lines = [[_way_name(w, lang), *(_window(w, name) for name in names)] for w in ways]
        _table([[_say(lang, "way"), *names], *lines])


def _cells(way: Way, lang: str) -> list[str]:
    own, less, nothing = way.figures, way.less_risk, _say(lang, "none")
    cells = [
        _way_name(way, lang),
        f"{own.cagr:z.1%}",
        f"{own.volatility:z.1%}",
        f"{own.max_drawdown:z.1%}",
        f"{own.sharpe:.2f}",
        f"{own.turnover:.2f}",
        f"{way.exposure:z.0%}",
    ]
    if less is None:
        return [*cells, *([nothing] * 7)]
    return [
        *cells,
        f"{way.whipsaws}/{way.episodes}",
        f"{less.cagr:+z.1%}",
        f"{less.cagr_interval.low:+z.1%} {less.cagr_interval.high:+z.1%}",
        f"{less.drawdown:+z.1%}",
        f"{less.smaller_fall:.2f}",
        f"{_verdict(less, lang)} ({less.t:+.1f})",
        _price(way.price, lang),
    ]


def _window(way: Way, name: str) -> str:
    gained, fall = way.crises[name]
    return f"{gained:+z.1%} {fall:z.1%}"


def _optimiser(found: Gap, lang: str) -> str:
    return _say(
        lang,
        "optimiser",
        cagr=f"{found.cagr:+z.2%}",
        low=f"{found.cagr_interval.low:+z.2%}",
        high=f"{found.cagr_interval.high:+z.2%}",
        volatility=f"{found.volatility:+z.1%}",
        drawdown=f"{found.drawdown:+z.1%}",
        verdict=_verdict(found, lang),
        t=f"{found.t:+.1f}",
    )


def _way_name(way: Way, lang: str) -> str:
    return _say(lang, f"way_{way.name.split()[0].lower()}")


def _verdict(found: Gap, lang: str) -> str:
    return _say(lang, f"verdict_{found.verdict.replace(' ', '_')}")


def _price(value: float | None, lang: str) -> str:
    if value is None:
        return _say(lang, "none")
    return _say(lang, "free") if value > MANY else f"{value:.1f}"


def _table(rows: Iterable[Sequence[str]]) -> None:
    from jeoul.cli.tables import Grid, show

    heads, *lines = rows
    show(Grid(heads, lines))


def _notes(lang: str) -> str:
    from jeoul.research.evidence import MEAN_BLOCK
    from jeoul.research.falls import DRAWS

    return _say(lang, "notes", draws=DRAWS, block=f"{MEAN_BLOCK:g}", seed=SEED)


def _say(lang: str, message: str, **detail: object) -> str:
    from jeoul.messages import say

    return say(lang, f"evidence.{message}", detail)
