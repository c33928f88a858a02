"""What a profile says to a person, in Korean or in English."""

from __future__ import annotations

from jeoul.messages import say
from jeoul.profile.form import questionnaire
from jeoul.profile.suitability import Note

_PROFILE_PLACES = ("profile", "before", "after", "limit")


def type_name(language: str, code: str) -> str:
    """Return the name of an investor type.

    >>> type_name("ko", "neutral")
    '위험중립형'
    """
    return next(kind.name[language] for kind in questionnaire().types if kind.code == code)


def say_note(language: str, note: Note) -> str:
    """Return a note as a sentence; codes of types, profiles and answers become their names.

    >>> say_note("en", Note("profile.reason_no_portfolio", (("type", "stable"),)))
    'Only products of the lowest risk grade suit the type stable, so no mixed portfolio is proposed'
    """
    detail = {place: _spoken(language, place, value) for place, value in note.detail}
    return say(language, note.message, detail)


def named_note(language: str, note: Note) -> str:
    """Return a note as its name and its sentence, for people and programs alike.

    >>> named_note("en", Note("profile.any_loss_without_income"))
    'any_loss_without_income: You have no steady income and would accept any loss'
    """
    return f"{note.message.removeprefix('profile.')}: {say_note(language, note)}"


def _spoken(language: str, place: str, value: str) -> str:
    if place == "type":
        return type_name(language, value)
    if place in _PROFILE_PLACES or place == "part":
        return say(language, f"profile.{value}")
    if place == "horizon":
        choices = questionnaire().question("horizon").choices
        return next(choice.text[language] for choice in choices if choice.code == value)
    return value
