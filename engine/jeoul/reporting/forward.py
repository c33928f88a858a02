"""What rules did before they were chosen and since then, as the lines of a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jeoul.reporting.formats import Formats

_YEAR = 12  # months


def forward_text(document: Mapping[str, Any], language: str) -> Iterator[str]:
    """Yield what is said of a strategy's record or of an account's lines."""
    formats = Formats(language, "Asia/Seoul")
    if document["account"] is not None:
        yield from _account(document, formats)
        return
    about: dict[str, object] = {"strategy": document["strategy"], "since": document["rules_since"]}
    yield formats.say("forward.head", about)
    if document["simulated"]:
        yield formats.say("forward.simulated")
    before, after = document["before"], document["after"]
    if before is None:
        yield formats.say("forward.none_before")
    else:
        yield formats.say("forward.before", {"first": before["from"], "last": before["to"]})
        yield from _figures(before["profiles"], formats)
    if not after["months"]:
        yield formats.say("forward.none_after")
        return
    yield formats.say("forward.after", {"count": len(after["months"])})
    for profile, found in after["profiles"].items():
        detail: dict[str, object] = {
            "profile": formats.say(f"profile.{profile}"),
            "growth": formats.percent(found["total_return"]),
            "fall": formats.percent(found["max_drawdown"]),
        }
        yield formats.say("forward.months", detail)
    if len(after["months"]) < _YEAR:
        yield formats.say("forward.few")


def _figures(profiles: Mapping[str, Any], formats: Formats) -> Iterator[str]:
    for profile, found in profiles.items():
        detail: dict[str, object] = {
            "profile": formats.say(f"profile.{profile}"),
            "cagr": formats.percent(found["cagr"]),
            "volatility": formats.percent(found["volatility"]),
            "fall": formats.percent(found["max_drawdown"]),
        }
        yield formats.say("forward.figures", detail)


def _account(document: Mapping[str, Any], formats: Formats) -> Iterator[str]:
    about: dict[str, object] = {
        "account": document["account"],
        "strategy": document["strategy"],
        "since": document["rules_since"],
    }
    if document["rules_since"] is None:
        yield formats.say("forward.account_none", about)
        return
    yield formats.say("forward.account", about)
    for month in document["after"]["months"]:
        detail: dict[str, object] = {
            "first": month["from"],
            "last": month["to"],
            "growth": formats.percent(month["return"]),
        }
        yield formats.say("forward.line", detail)
