"""Records as pictures with matplotlib, which is loaded here alone and only when one is drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache, singledispatch
from typing import TYPE_CHECKING, Any

import numpy as np

from jeoul import assets
from jeoul.account.records import AccountRun
from jeoul.allocate.frames import Allocation
from jeoul.api.showing.frames import frame_of
from jeoul.api.showing.names import fund_name
from jeoul.api.showing.views import title, view_of
from jeoul.backtesting import Backtest
from jeoul.errors import UsageError
from jeoul.model.decision import Decision, Proposal
from jeoul.model.money import UNITS
from jeoul.model.portfolio import signed_amount
from jeoul.pipeline.frontier import Frontier
from jeoul.reporting.font import FAMILY
from jeoul.reporting.formats import Formats
from jeoul.research.compare import Comparison

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

_NAMES = 28  # characters of a fund's name beside a bar


def picture(record: Any, ax: Axes | None, f: Formats) -> Axes:
    """Return axes with a picture of a record, in the axes that are given or in new ones."""
    try:
        from matplotlib import pyplot
    except ImportError:
        raise UsageError(
            "a picture needs matplotlib, which is not installed; pip install 'jeoul[plot]'"
        ) from None
    with _letters(f.language):
        if ax is None:
            _, ax = pyplot.subplots(figsize=(8, 4.5), layout="constrained")
        _draw(record, ax, f)
    return ax


@contextmanager
def _letters(language: str) -> Iterator[None]:
    """Draw Korean with the font that jeoul brings: the one of matplotlib has no Hangul."""
    from matplotlib import rc_context

    if language != "ko":
        yield
        return
    _with_font()
    with rc_context({"font.family": [FAMILY, "sans-serif"], "axes.unicode_minus": False}):
        yield


@cache
def _with_font() -> None:
    from matplotlib.font_manager import fontManager

    for style in ("Regular", "Bold"):
        fontManager.addfont(assets.data("fonts", f"JeoulSans-{style}.ttf"))


@singledispatch
def _draw(record: Any, _ax: Axes, _f: Formats) -> None:
    """Draw a record into axes."""
    raise TypeError(f"{type(record).__name__} has no picture")


@_draw.register(Backtest)
def _backtest(record: Backtest, ax: Axes, f: Formats) -> None:
    mandate = record.mandate
    name = f"{mandate.strategy.name}, {f.say(f'profile.{mandate.profile}')}"
    ax.plot(record.sessions, record.nav / record.nav[0], label=name)
    _said(ax, title(f, "backtest"), y=f.say("notebook.growth"))
    ax.legend()


@_draw.register(AccountRun)
def _account(record: AccountRun, ax: Axes, f: Formats) -> None:
    found = frame_of(record, f.language)
    unit = UNITS[f.currency] * record.terms.parts
    paid = (record.begun + (found["paid_in"] - found["paid_out"]).cumsum()) / unit
    ax.plot(found.index, found["worth"] / unit, label=f.say("notebook.worth"))
    ax.plot(found.index, paid, drawstyle="steps-post", label=f.say("notebook.paid_net"))
    _with_commas(ax.yaxis)
    _said(ax, title(f, "account"), y=f.currency)
    ax.legend()


@_draw.register(Frontier)
def _frontier(record: Frontier, ax: Axes, f: Formats) -> None:
    points = record.points
    ax.plot(points.volatility * 100, points.mean * 100, label=f.say("notebook.title_frontier"))
    for place, name, mark in (
        (record.allocation, "allocation", "o"),
        (record.strategic, "strategic", "s"),
    ):
        ax.plot(
            place.volatility * 100,
            place.mean * 100,
            mark,
            label=f.say(f"report.frontier_{name}"),
        )
    x, y = (f"{f.say(f'notebook.{name}')} (%)" for name in ("volatility", "mean"))
    _said(ax, title(f, "frontier"), x=x, y=y)
    ax.legend()


@_draw.register(Proposal)
@_draw.register(Allocation)
def _weights(record: Proposal | Allocation, ax: Axes, f: Formats) -> None:
    view = view_of(record, f)
    columns = {column.name: column.cells for column in view.columns}
    labels = [str(label) for label in view.columns[0].cells]
    if isinstance(record, Proposal):
        labels = [_short(fund_name(label, f.language)) for label in labels]
    weights = np.array(columns["weight"], dtype=float) * 100
    _bars(ax, labels, weights)
    _said(ax, view.title, x=f"{f.say('notebook.weight')} (%)")


@_draw.register(Decision)
def _decision(record: Decision, ax: Axes, f: Formats) -> None:
    unit = UNITS[f.currency]
    labels = [_short(fund_name(order.ticker, f.language)) for order in record.orders]
    _bars(ax, labels, np.array([signed_amount(order) / unit for order in record.orders]))
    ax.axvline(0.0, color="black", linewidth=0.8)
    _with_commas(ax.xaxis)
    both = " / ".join(f.say(f"notebook.{side}") for side in ("sell", "buy"))
    _said(ax, view_of(record, f).title, x=f"{both} ({f.currency})")


@_draw.register(Comparison)
def _comparison(record: Comparison, ax: Axes, f: Formats) -> None:
    apart = [after - before for before, after in record.weights.values()]
    _bars(ax, list(record.weights), np.array(apart) * 100)
    ax.axvline(0.0, color="black", linewidth=0.8)
    x = f"{f.say('notebook.difference')} ({f.say('report.percentage_points').strip()})"
    _said(ax, title(f, "comparison"), x=x)


def _bars(ax: Axes, labels: Sequence[str], values: Any) -> None:
    """Draw horizontal bars, the first on top."""
    ax.barh(range(len(labels)), values)
    ax.set_yticks(range(len(labels)), labels)
    ax.invert_yaxis()


def _with_commas(axis: Axis) -> None:
    from matplotlib.ticker import StrMethodFormatter

    axis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))


def _short(name: str) -> str:
    return name if len(name) <= _NAMES else f"{name[: _NAMES - 1]}…"


def _said(ax: Axes, above: str, *, x: str = "", y: str = "") -> None:
    ax.set_title(above)
    ax.set_xlabel(x)
    ax.set_ylabel(y)
