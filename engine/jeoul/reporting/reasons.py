"""Reasons as sentences: the engine's own names of its rules become words."""

from __future__ import annotations

from jeoul.messages import known_text, say
from jeoul.model.portfolio import Reason


def reason_text(reason: Reason, language: str) -> str:
    """Return a reason as a sentence in a language.

    A detail with the language at the end of its name, ``title_en``, is that of this language.

    >>> reason_text(Reason.of("overlay.wait_stale", latch="trend", sessions=3), "en")
    'No step up: trend has had no reading for 3 sessions'
    >>> reason_text(Reason.of("overlay.wait_stale", latch="trend", sessions=3), "ko")
    '늘리지 않음: 추세 값이 3거래일째 들어오지 않았습니다'
    """
    detail: dict[str, object] = dict(reason.detail)
    ending = f"_{language}"
    detail |= {key.removesuffix(ending): v for key, v in reason.detail if key.endswith(ending)}
    if "latch" in detail:
        detail["latch"] = rule_name(str(detail["latch"]), language)
    return say(language, reason.kind, detail)


def rule_name(name: str, language: str) -> str:
    """Return a rule's name inside a sentence; a rule without one keeps the engine's own."""
    shown = known_text(language, f"facts.latch_{name}") or name
    return " ".join(word if word.isupper() else word.lower() for word in shown.split(" "))
