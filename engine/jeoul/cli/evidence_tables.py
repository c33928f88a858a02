"""The tables of ``jeoul evidence`` as a terminal shows them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from jeoul.cli.evidence_accounts import accounts_lines
from jeoul.cli.evidence_allocators import show_keep
from jeoul.cli.evidence_proxies import show_proxies

if TYPE_CHECKING:
    from jeoul.cli.evidence_accounts import Accounts
    from jeoul.cli.evidence_allocators import Keeps
    from jeoul.cli.evidence_proxies import Proxies
    from jeoul.research.evidence import Evidence, Gap, Way


COLUMNS = (
    "way", "return", "volatility", "fall", "sharpe", "turnover", "exposure", "whipsaw",
    "less_return", "interval", "less_fall", "smaller", "verdict", "price",
)  # fmt: skip
MANY = 100.0  # drawdown saved per point of return: beyond this the price is as good as nothing


def print_table(
    table: Evidence,
    accounts: Accounts,
    kept: Keeps,
    proxies: Proxies,
    luck: Mapping[str, Any],
    lang: str,
) -> None:
    """Print the tables of every profile of a strategy, then whether they are luck."""
    from jeoul.messages import say
    from jeoul.research.luck import luck_text

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
        print_ways(profile.ways, lang)
        for line in accounts_lines(accounts[profile.profile], table.currency, lang):
            click.echo(line)
        if profile.step_down is not None:
            click.echo(_say(lang, "step_down", price=_price(profile.step_down, lang)))
        if profile.optimiser is not None:
            click.echo(_optimiser(profile.optimiser, lang))
        show_keep(kept[profile.profile], table.currency, lang)
        show_proxies(proxies, profile.profile, lang)
    click.echo()
    for line in luck_text(luck, "same_exposure", lang):
        click.echo(line)


def print_insurances(tables: Sequence[Evidence], lang: str) -> None:
    """Print what each insurance gave up and saved, averaged over the profiles of all tables."""
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


def print_ways(ways: Sequence[Way], lang: str) -> None:
    """Print the ways of one profile, and what each did in the crises."""
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


def _say(lang: str, message: str, **detail: object) -> str:
    from jeoul.messages import say

    return say(lang, f"evidence.{message}", detail)
