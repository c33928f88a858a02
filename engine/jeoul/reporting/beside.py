"""The model beside the account that could be had, as tables and sentences of either language."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jeoul.account.file import USUAL_SPREAD
from jeoul.backtesting.beside import Beside, Came
from jeoul.rebalance import ONLINE
from jeoul.reporting.charts.figure import FigureTable
from jeoul.reporting.formats import Formats


@dataclass(frozen=True, slots=True)
class BesideView:
    """A comparison as a page shows it.

    ``parts`` is None where the two hardly differ, and ``why`` says the same in a line, "" then.
    """

    lead: str
    paths: FigureTable
    apart: str
    parts: FigureTable | None
    why: str
    note: str


def beside_view(found: Beside | None, formats: Formats) -> BesideView | None:
    """Return the comparison for a page, None without an account."""
    if found is None:
        return None
    say = formats.say
    kind = "return" if found.yearly else "span_return"
    heads = ("path", kind, "fall", "proxies")
    rows = [
        (
            say(f"beside.{name}"),
            formats.percent(_return(came, found)),
            formats.percent(came.max_drawdown),
            formats.percent(share, 0),
        )
        for name, came, share in _both(found)
    ]
    return BesideView(
        lead=_lead(found, formats),
        paths=FigureTable(tuple(say(f"beside.{head}") for head in heads), tuple(rows)),
        apart=_apart(found, formats),
        parts=_parts(found, formats) if found.telling else None,
        why="; ".join(_part_lines(found, formats, least=0.0005)) + "." if found.telling else "",
        note=say(
            "beside.note",
            {
                "fee": formats.percent(float(ONLINE.rate), 3),
                "spread": formats.percent(float(USUAL_SPREAD), 2),
            },
        ),
    )


def beside_lines(found: Beside | None, formats: Formats) -> Iterator[str]:
    """Yield the comparison as lines for a terminal: both figures, and why they differ."""
    say = formats.say
    if found is None:
        yield say("beside.none")
        return
    yield f"{say('beside.title')}: {_lead(found, formats)}"
    for name, came, share in _both(found):
        detail: dict[str, object] = {
            "name": say(f"beside.{name}"),
            "return": formats.percent(_return(came, found)),
            "fall": formats.percent(came.max_drawdown),
            "proxies": formats.percent(share, 0),
        }
        yield f"  {say('beside.line', detail)}"
    yield f"  {_apart(found, formats)}"
    if not found.telling:
        return
    yield f"  {say('beside.why')}:"
    yield from (f"    {line}" for line in _part_lines(found, formats))


def _part_lines(found: Beside, formats: Formats, least: float = 0.0) -> Iterator[str]:
    """Yield what each part did to return and drawdown, the largest first, ``least`` or more."""
    for part in found.parts:
        if max(abs(_return(part.came, found)), abs(part.came.max_drawdown)) < least:
            continue
        detail: dict[str, object] = {
            "name": formats.say(f"beside.part_{part.name}"),
            "return": formats.points(_return(part.came, found)),
            "fall": formats.points(part.came.max_drawdown),
        }
        yield formats.say("beside.part_line", detail)


def _both(found: Beside) -> tuple[tuple[str, Came, float], ...]:
    return (("model", found.model, found.proxies), ("account", found.account, 0.0))


def _return(came: Came, found: Beside) -> float:
    return came.cagr if found.yearly else came.total_return


def _lead(found: Beside, formats: Formats) -> str:
    return formats.say(
        "beside.lead",
        {
            "amount": formats.money(found.amount),
            "worth": formats.money(found.worth),
            "start": found.start,
            "end": found.end,
        },
    )


def _apart(found: Beside, formats: Formats) -> str:
    """Return how far the two are apart, in points as they are printed."""
    if not found.telling:
        return formats.say("beside.close")
    gap = _return(found.account, found) - _return(found.model, found)
    return formats.say(
        "beside.apart",
        {
            "gap": _moved(gap, ("beside.less", "beside.same", "beside.more"), formats),
            "fall": _moved(
                found.fall, ("beside.deeper", "beside.fall_same", "beside.shallower"), formats
            ),
        },
    )


def _moved(gap: float, messages: tuple[str, str, str], formats: Formats) -> str:
    """Return a difference in words: below, the same to the digit shown, above."""
    points = formats.points(abs(gap), sign=False)
    if points == formats.points(0.0, sign=False):
        return formats.say(messages[1])
    return formats.say(messages[0] if gap < 0.0 else messages[2], {"points": points})


def _parts(found: Beside, formats: Formats) -> FigureTable:
    say = formats.say
    return FigureTable(
        (say("beside.part"), say("beside.on_return"), say("beside.on_fall")),
        tuple(
            (
                say(f"beside.part_{part.name}"),
                formats.points(_return(part.came, found)),
                formats.points(part.came.max_drawdown),
            )
            for part in found.parts
        ),
    )
