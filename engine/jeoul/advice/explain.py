"""Say a step of a calculation in a language, or hand it over as JSON takes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal

from jeoul.korea.rulebook import Rulebook, Step
from jeoul.messages import known_text, say


def word(language: str, name: str) -> str:
    """Return how a language says a kind of asset, account or investor; the name itself if unknown.

    >>> word("en", "kr_stock"), word("en", "kiwoom")
    ('Korean listed shares', 'kiwoom')
    """
    return known_text(language, f"kind.{name}") or name


def explain(language: str, step: Step) -> str:
    """Return a step as a sentence.

    >>> explain("en", Step("rule.isa_netted", {"net": 1_500_000}))
    'gains and losses netted: 1,500,000 won'
    """
    values = {
        name: word(language, value) if isinstance(value, str) else value
        for name, value in step.values.items()
    }
    return say(language, step.message, values)


def told(language: str, steps: Iterable[Step]) -> list[dict[str, object]]:
    """Return steps as JSON takes them: which, with what, and as sentences.

    >>> told("en", [Step("rule.isa_netted", {"net": 1_500_000})])[0]["values"]
    {'net': 1500000}
    """
    return [
        {"id": step.message, "values": plain(step.values), "text": explain(language, step)}
        for step in steps
    ]


def plain(value: object) -> object:
    """Return a result as JSON takes it.

    >>> plain((Decimal("0.132"), 5))
    [0.132, 5]
    """
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, date):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    return value


def notice(language: str, book: Rulebook) -> str:
    """Return the statement that belongs under every result of the rulebook.

    >>> from jeoul.korea.tables import load_rules
    >>> notice("en", load_rules(2026)).startswith("This is information, not tax advice.")
    True
    """
    lines = [say(language, "rules.notice", {"as_of": book.as_of})]
    lines.extend(_of_another_year(language, book))
    if book.reforms:
        lines.append(say(language, "rules.reform", {"names": ", ".join(book.reforms)}))
    return "\n".join(lines)


def _of_another_year(language: str, book: Rulebook) -> list[str]:
    """Return what was carried over from another year's table, and what has ended since."""
    carried = [fact.carried for fact in book.facts.values() if fact.carried is not None]
    lines = []
    if book.rules_of is not None:
        detail: dict[str, object] = {"year": book.year, "of": book.rules_of}
        lines.append(say(language, "rules.of_year", detail))
    elif carried:
        detail = {"count": len(carried), "total": len(book.facts), "of": max(carried)}
        lines.append(say(language, "rules.carried", {**detail, "year": book.year}))
    if book.ended:
        lines.append(say(language, "rules.ended", {"names": ", ".join(sorted(book.ended))}))
    return lines
