"""What if: every setting of a strategy as a control, and what a change does.

A setting is tried on the whole history whenever it changes. It counts as a trial, in the same
ledger as those of the command line, once it has been left alone for two seconds, or is saved.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from jeoul.backtesting.periods import crises
from jeoul.errors import ConfigError, JeoulError, UsageError
from jeoul.files.document import parse
from jeoul.files.kinds import kind_of
from jeoul.files.text import read_text
from jeoul.messages import say
from jeoul.reporting.beside import BesideView, beside_view
from jeoul.reporting.charts.axes import day_axis, percent_axis
from jeoul.reporting.charts.figure import Figure
from jeoul.reporting.charts.lines import Line, line_chart
from jeoul.reporting.formats import Formats
from jeoul.reporting.templating import speaker
from jeoul.research.judgement import judge
from jeoul.research.ledger import TrialLedger
from jeoul.research.wording import judgement_text, percent
from jeoul.strategy.load import find_strategy, load_strategy, shipped
from jeoul.translation import in_language
from jeoul.web.shared import Page, Serving, changes, language_of, page, serving_of
from jeoul.web.strategy_keys import KeyGroup, groups_of
from jeoul.web.strategy_text import Value, changed_text, difference
from jeoul.web.strategy_words import key_title, member_title, table_title
from jeoul.web.trying import Bench, TriedSetting, bench_of
from jeoul.workspace.new_place import NAME
from jeoul.workspace.places import trials_file

router = APIRouter(prefix="/what-if")
PAGE = Page("what_if", "/what-if", router)

PROFILES = ("conservative", "balanced", "growth")
WAIT = 0.2
ZONE = "Asia/Seoul"
_FIGURES = ("cagr", "volatility", "max_drawdown", "sharpe", "turnover", "cost")
_TABLES = {"w": "web_what_if", "page": "page", "beside": "beside"}
_FOLDED = "overlay.watch."
_ORDER = ("profiles", "overlay", "rebalance", "allocate", "estimate")
"""Tables in the order in which a person asks about them."""


@router.get("")
def what_if(request: Request, strategy: str = "", profile: str = "") -> Response:
    """Show the settings of a strategy, each with its control."""
    serving = serving_of(request)
    if not serving.place.begun:
        return RedirectResponse("/begin", status_code=303)
    asked = _asked(serving, strategy, profile)
    context: dict[str, Any] = {
        **_words(request),
        "strategies": {name: _title(name, language_of(request)) for name in _strategies(serving)},
        "profiles": PROFILES,
        "strategy": asked[0],
        "profile": asked[1],
    }
    bench = _bench(serving, *asked)
    if bench is None:
        return page(request, "what_if.html.j2", {**context, "making": True})
    groups = sorted(groups_of(bench.strategy, asked[1]), key=_rank)
    language, universe = language_of(request), bench.mandate.universe
    shown = {
        "table_title": lambda name: table_title(name, bench.strategy, language),
        "key_title": lambda table, name: key_title(table, name, universe, language),
        "making": False,
        "open": [each for each in groups if not each.table.startswith(_FOLDED)],
        "folded": [each for each in groups if each.table.startswith(_FOLDED)],
        **_result(request, bench, None),
    }
    return page(request, "what_if.html.j2", {**context, **shown})


@router.post("/try", dependencies=[Depends(changes)])
async def try_it(request: Request) -> Response:
    """Return what the settings of the form come to; nothing is kept of it."""
    form = await request.form()
    return _tried(request, form, counted=False)


@router.post("/stood", dependencies=[Depends(changes)])
async def stood(request: Request) -> Response:
    """Count the settings of the form as a trial, and say what their Sharpe ratio is worth."""
    form = await request.form()
    return _tried(request, form, counted=True)


@router.post("/save", dependencies=[Depends(changes)])
async def save(request: Request) -> Response:
    """Write the settings as a strategy file of their own, and count them as a trial."""
    form, serving, language = await request.form(), serving_of(request), language_of(request)
    bench = _ready(serving, form)
    name = str(form.get("name", "")).strip()
    try:
        values, tried = _try(bench, form)
        lines = _saved(serving, bench, tried, values, name)
    except JeoulError as error:
        fault = {"fault": in_language(str(error), language), "lines": []}
        return page(request, "what_if_saved.html.j2", {**_words(request), **fault}, 422)
    judge(tried.run, bench.digest, TrialLedger(trials_file(None)))
    context = {"fault": None, "lines": lines, "file": f"{name}.toml"}
    return page(request, "what_if_saved.html.j2", {**_words(request), **context})


def _rank(group: KeyGroup) -> int:
    first = group.table.partition(".")[0]
    return _ORDER.index(first) if first in _ORDER else len(_ORDER)


def _tried(request: Request, form: FormData, *, counted: bool) -> Response:
    serving, language = serving_of(request), language_of(request)
    bench = _ready(serving, form)
    try:
        values, tried = _try(bench, form)
    except JeoulError as error:
        fault = {"fault": in_language(str(error), language), "result": None}
        return page(request, "what_if_result.html.j2", {**_words(request), **fault})
    said: list[str] = []
    if counted and values:
        found = judge(tried.run, bench.digest, TrialLedger(trials_file(None)))
        said = judgement_text(found, language)
    context = _result(request, bench, tried if values else None, said=said, counted=counted)
    return page(request, "what_if_result.html.j2", {**_words(request), **context})


def _try(bench: Bench, form: FormData) -> tuple[Mapping[str, Value], TriedSetting]:
    """Return the values that differ from the strategy's, and what they come to."""
    values: dict[str, Value] = {}
    for path, key in bench.keys.items():
        field = form.get(path)
        try:
            value = key.read(field if isinstance(field, str) else None)
        except ValueError:
            raise UsageError(f"{path}: {field!r} is not a number; enter a number") from None
        if value != key.value:
            values[path] = value
    return values, bench.try_with(values)


def _saved(
    serving: Serving, bench: Bench, tried: TriedSetting, values: Mapping[str, Value], name: str
) -> list[str]:
    """Write a strategy beside the household; return how its file differs from that it comes from.

    Raises :class:`~jeoul.errors.UsageError` for a name that is none, or that is there already.
    """
    if not NAME.fullmatch(name):
        raise UsageError(f"{name!r} cannot name a strategy; use small letters, digits, - and _")
    place = _folder(serving) / f"{name}.toml"
    source = find_strategy(bench.name)
    before = read_text(source)
    whole = bench.strategy.model_dump(mode="json", by_alias=True)
    after = changed_text(before, {"name": name, **values}, whole)
    try:
        with place.open("x", encoding="utf-8") as file:
            file.write(after)
    except FileExistsError:
        raise UsageError(
            f"{place.name} exists and is not overwritten; choose another name"
        ) from None
    written = load_strategy(str(place))
    if written.model_copy(update={"name": tried.strategy.name}) != tried.strategy:
        place.unlink()
        raise UsageError(f"{source.name} cannot be changed like this; copy it and edit the copy")
    return difference(before, after, (source.name, place.name))


def _folder(serving: Serving) -> Path:
    file = serving.place.household or serving.place.configs[0]
    return file.parent


def _strategies(serving: Serving) -> list[str]:
    """Return the strategies that can be tried: the household's, those beside it, the shipped."""
    home = serving.place.read()
    own = [] if home is None else [home.strategy]
    beside = []
    for path in sorted(_folder(serving).glob("*.toml")):
        try:
            if kind_of(parse(path, ConfigError).data) == "strategy":
                beside.append(str(path))
        except JeoulError:  # a file of a person that is not finished
            continue
    return list(dict.fromkeys([*own, *beside, *shipped()]))


def _title(name: str, language: str) -> str:
    """Return what a strategy is called: its title and its name."""
    file, title = Path(name), load_strategy(name).title
    return f"{title.ko if language == 'ko' else title.en} ({file.stem if file.suffix else name})"


def _asked(serving: Serving, strategy: str, profile: str) -> tuple[str, str]:
    known = _strategies(serving)
    return (
        strategy if strategy in known else known[0],
        profile if profile in PROFILES else "balanced",
    )


def _bench(serving: Serving, strategy: str, profile: str) -> Bench | None:
    """Return the bench of a strategy and a profile, None while it is still being made."""
    home = serving.place.read()
    folder = serving.place.data or (None if home is None else home.runs.data)
    asked = serving.kept.ask(
        f"bench {strategy} {profile}",
        serving.place.state(),
        lambda: bench_of(strategy, profile, folder),
        wait=WAIT,
    )
    return asked.result() if asked.done() else None


def _ready(serving: Serving, form: FormData) -> Bench:
    asked = _asked(serving, str(form.get("strategy", "")), str(form.get("profile", "")))
    while (bench := _bench(serving, *asked)) is None:
        continue
    return bench


def _words(request: Request) -> dict[str, Any]:
    language = language_of(request)
    return {name: speaker(language, table) for name, table in _TABLES.items()}


def _result(
    request: Request,
    bench: Bench,
    tried: TriedSetting | None,
    *,
    said: list[str] | None = None,
    counted: bool = False,
) -> dict[str, Any]:
    """Return what the part of the page with the result shows; without a try, what is written."""
    language = language_of(request)
    found = bench.try_with({}).comparison if tried is None else tried.comparison
    bounds = {"low": f"{found.sharpe.low:+.2f}", "high": f"{found.sharpe.high:+.2f}"}
    formats = Formats(language, ZONE)
    titles = {crisis.name: crisis.title[language] for crisis in crises()}
    universe = bench.mandate.universe
    return {
        "fault": None,
        "result": found,
        "simulated": bench.market.simulated,
        "figures": [
            (say(language, f"figure.{name}"), _text(name, found.first), _text(name, found.second))
            for name in _FIGURES
        ],
        "weights": [
            (member_title(universe, name, language), percent(pair[0]), percent(pair[1]))
            for name, pair in found.weights.items()
            if max(pair) >= 0.0005
        ],
        "crises": []
        if bench.market.simulated
        else [(titles[a.name], percent(a.growth), percent(b.growth)) for a, b in found.crises],
        "chart": _falls(formats, bench, tried),
        "accounts": _accounts(bench, tried if counted else None, language),
        "interval": say(
            language, "research.interval", {**bounds, "level": f"{found.sharpe.level:z.0%}"}
        ),
        "verdict": say(language, f"research.verdict_{found.verdict}"),
        "span": say(language, "research.span", {"start": found.start, "end": found.end}),
        "changed": tried is not None,
        "said": said or [],
        "counted": counted,
    }


def _accounts(
    bench: Bench, tried: TriedSetting | None, language: str
) -> list[tuple[str, BesideView]]:
    """Return the account beside the strategy as written, and beside a setting that is counted.

    A setting that only passes by has none: its account takes longer than the page may.
    """
    formats = Formats(language, ZONE, bench.history.currency)
    found = [("written", bench.beside)]
    if tried is not None:
        found.append(("tried", bench.account_of(tried)))
    views = [
        (say(language, f"web_what_if.{name}"), beside_view(each, formats)) for name, each in found
    ]
    return [(name, view) for name, view in views if view is not None]


def _text(name: str, figures: Any) -> str:
    value = getattr(figures, name)
    if np.isnan(value):
        return "–"
    return f"{value:.2f}" if name == "sharpe" else percent(value)


def _falls(formats: Formats, bench: Bench, tried: TriedSetting | None) -> Figure | None:
    """Return how far below its peak the model was, as it is written and as it is tried."""
    runs = [("written", bench.run)]
    if tried is not None:
        runs.insert(0, ("tried", tried.run))
    return line_chart(
        formats.say("report.chart_drawdown"),
        day_axis(formats.say("report.log_session")),
        percent_axis(formats, formats.say("report.axis_drawdown"), 0.0, -0.005),
        [
            Line(
                formats.say(f"web_what_if.{name}"),
                run.sessions,
                run.nav / np.maximum.accumulate(run.nav) - 1.0,
            )
            for name, run in runs
        ],
        size="short",
    )
