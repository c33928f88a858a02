"""How old the newest price of a folder is today, and what a folder has beside a decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from jeoul.cli.talk import notice
from jeoul.messages import say

if TYPE_CHECKING:
    from pathlib import Path

    from jeoul.market import Market
    from jeoul.model.calendar import Calendar


def newest_price(market: Market, calendar: Calendar) -> dict[str, Any]:
    """Return the newest session with a price, and how many sessions have closed since."""
    from jeoul.operations.setup.clock import SystemClock
    from jeoul.operations.told import newest

    return newest.newest_price(market, calendar, int(SystemClock().now()))


def warn_of_age(newest: dict[str, Any], folder: Path | None, lang: str) -> None:
    """Say on stderr how old the newest price of a folder is, unless it is that of the last close.

    Nothing is said of the embedded sample: its prices belong to no day, and it says so itself.
    """
    if newest["sessions_old"] and folder is not None:
        notice("  ! " + say(lang, "data.newest_price", newest))


def show_findings(
    findings: Sequence[dict[str, Any]],
    others: int,
    folder: Path | None,
    lang: str,
    names: Mapping[str, str],
) -> None:
    """Write on stderr what touches a decision, each kind of a subject once, and where the rest is.

    ``findings`` are those of a document; the newest of a kind stands for those like it. ``names``
    are those of the funds, by code.
    """
    alike: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for finding in findings:
        alike.setdefault((finding["subject"], finding["kind"]), []).append(finding)
    for group in alike.values():
        newest = max(group, key=lambda finding: str(finding["date"]))
        subject = newest["subject"]
        name = f"{names[subject]} ({subject})" if subject in names else subject
        text = f"  ! {newest['date']} {name}: {newest['message']}"
        if len(group) > 1:
            text += " " + say(lang, "data.alike", {"count": len(group) - 1})
        notice(text)
    if others:
        command = "jeoul data" if folder is None else f"jeoul data {folder}"
        detail = {"count": others, "command": command}
        notice("  " + say(lang, "data.others", detail))
