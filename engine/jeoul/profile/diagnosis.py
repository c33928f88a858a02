"""The diagnosis behind an account: answers, score, form, expiry, as every decision keeps them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from jeoul.errors import ConfigError, Problem
from jeoul.model.portfolio import Reason
from jeoul.profile.answers import Answers
from jeoul.profile.form import questionnaire
from jeoul.profile.insurances import STRATEGIES
from jeoul.profile.suitability import Profile, classify


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """A profile with the answers that give it, looked at on a day.

    ``form`` and ``version`` name the questionnaire that scored them.
    """

    answers: Answers
    profile: Profile
    form: str
    version: int
    day: date

    @property
    def expired(self) -> bool:
        """Return whether the answers no longer hold; undated answers always do."""
        return self.profile.expires is not None and self.day > self.profile.expires

    def document(self) -> dict[str, Any]:
        """Return what is kept with a decision, as JSON values.

        >>> from jeoul.profile import Answers, diagnose
        >>> given = Answers(age=45, horizon="2y", experience="mixed", knowledge="low", share="30",
        ...                 income="falling", loss="10", answered=date(2026, 5, 4))
        >>> kept = diagnose(given, day=date(2027, 5, 5)).document()
        >>> kept["type"], kept["profile"], kept["expires"], kept["expired"]
        ('neutral', 'balanced', '2027-05-04', True)
        """
        given = asdict(self.answers) | {"overlay": None, "answered": None}
        del given["origin"]
        found = self.profile
        return {
            "form": self.form,
            "version": self.version,
            "answers": {key: value for key, value in given.items() if value is not None},
            "raw": found.raw,
            "score": found.score,
            "type": found.type,
            "profile": found.name,
            "answered": _text(self.answers.answered),
            "expires": _text(found.expires),
            "expired": self.expired,
        }


def diagnose(answers: Answers, *, day: date) -> Diagnosis:
    """Return the diagnosis of answers on a day, also where they have expired by then.

    Raises :class:`~jeoul.errors.ConfigError` for answers of a later day, for answers that cannot
    all be true, and for answers that lead to no portfolio: nothing can be decided for them.
    """
    if answers.answered is not None and answers.answered > day:
        classify(answers, as_of=day)  # refuses the date
    profile, form = classify(answers), questionnaire()
    if profile.name == "none":
        problem = Problem(
            answers.origin,
            f"the answers give the type {profile.type}, which no portfolio suits",
            remedy="keep the money in products of the lowest risk grade: jeoul recommend",
        )
        raise ConfigError([problem])
    return Diagnosis(
        answers=answers, profile=profile, form=form.name, version=form.version, day=day
    )


def other_insurance(answers: Answers, strategy: str) -> tuple[str, str] | None:
    """Return that a strategy is not the insurance that answers chose, and what to do about it.

    None where they chose none, chose this one, or the strategy is nobody's insurance.
    """
    chosen = answers.overlay
    named = [choice for choice, names in STRATEGIES.items() if strategy in names]
    if chosen is None or not named or chosen.choice in named:
        return None
    names = " or ".join(f'"{name}"' for name in STRATEGIES[chosen.choice])
    fault = (
        f'"{strategy}" is not what was chosen on {chosen.chosen} ({chosen.choice} insurance, '
        f"{answers.origin})"
    )
    return fault, f"name {names}, or choose again with `jeoul profile --ask`"


def kept(found: Diagnosis | None) -> dict[str, Any] | None:
    """Return what is kept of a diagnosis, None where nobody's answers are behind an account."""
    return None if found is None else found.document()


def expired_reason(found: Diagnosis | None) -> Reason | None:
    """Return why nothing is bought on answers that have expired, None on others or without any."""
    if found is None or not found.expired:
        return None
    return Reason.of("diagnosis.expired", expires=found.profile.expires)


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
