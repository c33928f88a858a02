"""What people call funds, classes, profiles and accounts, in a language."""

from __future__ import annotations

from functools import cache

from jeoul.api.parts import universe_of
from jeoul.messages import catalogue, say
from jeoul.model.instrument import Instrument
from jeoul.model.portfolio import CASH
from jeoul.pipeline.wording import class_name
from jeoul.strategy.universe import shipped_universes


@cache
def _funds() -> dict[str, Instrument]:
    return {
        code: item
        for name in shipped_universes()
        for code, item in universe_of(name).instruments.items()
    }


def fund_name(code: str, language: str) -> str:
    """Return the name of a fund of the shipped universes or of cash, otherwise the code.

    >>> fund_name("CASH", "en"), fund_name("XYZ", "en")
    ('Cash', 'XYZ')
    """
    if code == CASH:
        return say(language, "facts.class_cash")
    item = _funds().get(code)
    return code if item is None else item.name_ko if language == "ko" else item.name_en


def asset_class(name: str, language: str) -> str:
    """Return what people call a class of the shipped universes, otherwise its own key."""
    return class_name(universe_of(shipped_universes()[0]), name, language) if name else ""


def who(profile: str, account: object, language: str) -> str:
    """Return a profile and an account kind, as a title says them.

    >>> who("balanced", "isa", "en")
    'balanced, ISA'
    """
    messages = catalogue(language)
    name = messages.get(f"profile.{profile}", profile)
    return f"{name}, {messages.get(f'report.account_{account}', str(account))}"
