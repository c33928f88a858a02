"""Promises and what came of them as the lines of a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from jeoul.promises.law import SHARE
from jeoul.promises.promise import Promise
from jeoul.promises.scoring import FEWEST, RangeScore, RateScore, Scored
from jeoul.reporting.formats import Formats
from jeoul.reporting.promises.document import ShownPromises


def kept_text(kept: ShownPromises, language: str) -> Iterator[str]:
    """Yield what is said of one profile of a strategy, or of one account."""
    formats = Formats(language, "Asia/Seoul")
    say = formats.say
    about: dict[str, object] = {
        "strategy": kept.strategy,
        "profile": say(f"profile.{kept.profile}"),
        "account": kept.account,
        "chosen": kept.chosen,
    }
    yield say("promises.head" if kept.account is None else "promises.head_account", about)
    if kept.simulated:
        yield say("promises.simulated")
    if kept.halves.before is None and kept.halves.after is None:
        yield say("promises.none")
        return
    yield say("promises.table", {"promised": formats.percent(SHARE, 0)})
    if kept.halves.before is not None:
        name = "promises.before" if kept.chosen is not None else "promises.before_open"
        yield say(name, about | _span(kept.halves.before))
        yield from _scores(kept.halves.before, formats)
    if kept.halves.after is not None:
        name = "promises.after" if kept.account is None else "promises.after_account"
        yield say(name, about | _span(kept.halves.after))
        yield from _scores(kept.halves.after, formats)
    elif kept.chosen is not None:
        yield say("promises.none_after", about)
    if kept.newest is not None:
        yield from _newest(kept.newest, formats)


def _span(found: Scored) -> dict[str, object]:
    return {"first": found.first, "last": found.last, "made": f"{found.made:,}"}


def _scores(found: Scored, formats: Formats) -> Iterator[str]:
    for each in found.ranges:
        yield from _range(each, formats)
    for rate in found.rates:
        yield _rate(rate, formats)
    known = [each for each in found.calibration if each.at_most.windows >= FEWEST]
    if known:
        parts = ", ".join(
            formats.say(
                "promises.part",
                {
                    "level": formats.percent(each.level, 0),
                    "share": formats.percent(each.at_most.share, 0),
                },
            )
            for each in known
        )
        yield formats.say("promises.calibration", {"parts": parts})


def _range(found: RangeScore, formats: Formats) -> Iterator[str]:
    hits, figure = found.hits, formats.say(f"promises.{found.figure}")
    if not hits.windows:
        yield formats.say("promises.line_none", {"figure": figure})
        return
    yield formats.say(
        "promises.line",
        {
            "figure": figure,
            "hits": formats.count(hits.hits),
            "windows": formats.count(hits.windows),
            "share": formats.percent(hits.share, 0),
            "low": formats.percent(hits.low, 0),
            "high": formats.percent(hits.high, 0),
            "verdict": formats.say(f"promises.{found.verdict}", {"fewest": FEWEST}),
        },
    )
    yield formats.say(
        "promises.missed_drawdown" if found.figure == "drawdown" else "promises.missed",
        {
            "below": found.below,
            "above": found.above,
            "all_windows": formats.count(found.all_windows),
            "all_share": formats.percent(found.all_share, 0),
        },
    )
    if found.ratio is not None:
        yield formats.say("promises.ratio", {"ratio": formats.percent(found.ratio, 0)})


def _rate(found: RateScore, formats: Formats) -> str:
    figure = formats.say(f"promises.{found.figure}")
    if not found.at_most.windows:
        return formats.say("promises.line_none", {"figure": figure})
    return formats.say(
        "promises.rate",
        {
            "figure": figure,
            "promised": formats.percent(found.promised, 2),
            "came": formats.percent(found.came, 2),
            "hits": found.at_most.hits,
            "windows": found.at_most.windows,
        },
    )


def _newest(found: Promise, formats: Formats) -> Iterator[str]:
    yield formats.say("promises.next", {"session": found.session})
    ranges = {"month": found.month, "year": found.year, "drawdown": found.drawdown}
    for name, (low, high) in ranges.items():
        figure = formats.say(f"promises.{name}")
        detail: dict[str, object] = {
            "figure": figure,
            "low": formats.percent(low),
            "high": formats.percent(high),
        }
        yield formats.say("promises.next_range", detail)
    yield formats.say(
        "promises.next_rates",
        {
            "turnover": formats.percent(found.turnover, 0),
            "cost": formats.percent(found.cost, 2),
            "volatility": formats.percent(found.volatility),
        },
    )
