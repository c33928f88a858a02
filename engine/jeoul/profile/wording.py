"""What a profile says to a person, in Korean or in English."""

from __future__ import annotations

from jeoul.messages import say
from jeoul.profile.diagnosis import Diagnosis
from jeoul.profile.form import PROFILES, questionnaire
from jeoul.profile.stability import AGAIN, Stability, stability_of
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


def diagnosis_notes(language: str, profile: str, diagnosis: Diagnosis | None) -> list[str]:
    """Return what a decision says of whose answers give its profile, as sentences.

    >>> diagnosis_notes("en", "balanced", None)
    ['Research mode: the profile "balanced" is not based on a suitability questionnaire.']
    """
    name = say(language, f"profile.{profile}")
    if diagnosis is None:
        return [say(language, "diagnosis.none", {"profile": name})]
    found, expires = diagnosis.profile, diagnosis.profile.expires
    detail = {
        "profile": name,
        "type": type_name(language, found.type),
        "score": f"{round(found.score, 1):g}",
        "form": diagnosis.form,
        "version": diagnosis.version,
        "answered": diagnosis.answers.answered,
        "expires": expires,
    }
    # That nothing is bought on expired answers is a reason of the decision, which says it.
    given = say(language, "diagnosis.undated" if expires is None else "diagnosis.given", detail)
    return [given, stability_text(language, stability_of(diagnosis.answers))]


def stability_text(language: str, found: Stability) -> str:
    """Return how firmly answers give their profile, as a sentence.

    >>> stability_text("en", Stability(24, {"conservative": 6, AGAIN: 1}))[:57]
    '7 of 24 single-answer changes would change the profile: 6'
    """
    if not found.moving:
        return say(language, "diagnosis.firm")
    names = {name: f"profile.{name}" for name in found.moved} | {AGAIN: "diagnosis.again"}
    moved = ", ".join(
        say(language, "diagnosis.moved_to", {"count": count, "profile": say(language, names[name])})
        for name, count in found.moved.items()
    )
    detail = {"moving": found.moving, "changes": found.changes, "moved": moved}
    return say(language, "diagnosis.moves", detail)


def waiting_note(language: str, before: str, after: str, fall: float) -> str | None:
    """Return that a changed profile should wait, None where it did not change or nothing fell.

    ``fall`` is how far the former profile's portfolio is below its peak, a fraction.

    >>> waiting_note("en", "balanced", "growth", 0.12)[:70]
    'The profile rose from "balanced" to "growth" after a 12.0% fall. Wait '
    >>> waiting_note("en", "balanced", "growth", 0.09) is None
    True
    """
    rule = questionnaire().after_a_fall
    if before == after or fall < rule.fall:
        return None
    kind = "raised" if PROFILES.index(after) > PROFILES.index(before) else "lowered"
    names = {"before": f"profile.{before}", "after": f"profile.{after}"}
    said = {place: say(language, name) for place, name in names.items()}
    return say(language, f"diagnosis.{kind}", {**said, "fall": f"{fall:z.1%}", "days": rule.days})


def _spoken(language: str, place: str, value: str) -> str:
    if place == "type":
        return type_name(language, value)
    if place in _PROFILE_PLACES or place == "part":
        return say(language, f"profile.{value}")
    if place == "horizon":
        choices = questionnaire().question("horizon").choices
        return next(choice.text[language] for choice in choices if choice.code == value)
    return value
