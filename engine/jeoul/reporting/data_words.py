"""What the table and the page of ``jeoul data`` both say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from jeoul.messages import say

if TYPE_CHECKING:
    from jeoul.market.coverage import Coverage
    from jeoul.model.finding import Finding


def caption(rows: Sequence[Coverage], lang: str) -> str:
    """Return the sentence under the title."""
    last = max((row.last for row in rows if row.last is not None), default="-")
    serious, notices = sum(row.serious for row in rows), sum(row.notices for row in rows)
    detail = {"count": len(rows), "last": last, "serious": serious, "notices": notices}
    return say(lang, "data.caption", detail)


_NAMED = ("series", "tax_base", "nav")


def group_text(row: Coverage, lang: str) -> str:
    """Return the exchange of a price, or what kind of other column it is."""
    return say(lang, f"data.{row.group}") if row.group in _NAMED else row.group


def ordered(found: Sequence[Finding]) -> list[Finding]:
    """Return findings with the serious ones first, then the newest first."""
    from jeoul.model.finding import Severity

    newest_first = sorted(found, key=lambda f: (f.day, f.subject), reverse=True)
    return sorted(newest_first, key=lambda f: f.severity is not Severity.SERIOUS)


def finding_text(finding: Finding, lang: str) -> str:
    """Return a finding as text, with the reason for which it was let pass."""
    return f"{finding.subject}, {finding.day}: {sentence(finding, lang)}"


def coded_text(finding: Finding, lang: str) -> str:
    """Return a finding as text that ends with its code, which `jeoul explain` knows."""
    return f"{finding_text(finding, lang)} [{finding.kind}]"


def sentence(finding: Finding, lang: str) -> str:
    """Return what was found, without its subject and day, with the reason that let it pass."""
    detail = dict(finding.detail)
    text = say(lang, finding.kind, detail)
    reason = detail.get("released")
    return text if reason is None else f"{text} ({say(lang, 'data.released', {'reason': reason})})"
