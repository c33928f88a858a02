"""Say a step of a calculation in a language."""

from __future__ import annotations

from jeoul.korea.rulebook import Rulebook, Step
from jeoul.messages import catalogue, say


def word(language: str, name: str) -> str:
    """Return how a language says a kind of asset, account or investor; the name itself if unknown.

    >>> word("en", "kr_stock"), word("en", "kiwoom")
    ('Korean listed shares', 'kiwoom')
    """
    return catalogue(language).get(f"kind.{name}", name)


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


def notice(language: str, book: Rulebook) -> str:
    """Return the statement that belongs under every result of the rulebook.

    >>> from jeoul.korea.tables import load_rules
    >>> notice("en", load_rules(2026)).startswith("This is information, not tax advice.")
    True
    """
    lines = [say(language, "rules.notice", {"as_of": book.as_of})]
    if book.reforms:
        lines.append(say(language, "rules.reform", {"names": ", ".join(book.reforms)}))
    return "\n".join(lines)
