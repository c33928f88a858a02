"""The suitability questionnaire as a rule: points, score, type and profile."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from jeoul.errors import ConfigError
from jeoul.korea.levy import Won
from jeoul.korea.rulebook import Rulebook, Step, step
from jeoul.profile import check_answers, questionnaire


@dataclass(frozen=True, slots=True)
class Suitability:
    """The form's result: points, score of 100, investor type and the profile offered."""

    raw: int
    score: Decimal
    type: str
    profile: str
    steps: tuple[Step, ...]


def suitability_score(
    book: Rulebook,
    *,
    age: Won,
    horizon: str,
    experience: str,
    knowledge: str,
    share: str,
    income: str,
    loss: str,
) -> Suitability:
    """Return type and profile of the seven answers.

    score = points x 100 / 32; a score exactly on a threshold belongs to the lower type. The lowest
    type has no portfolio. Source: the questionnaire file and the sources it names.

    >>> from jeoul.korea.tables import load_rules
    >>> suitability_score(load_rules(2026), age=45, horizon="2y", experience="mixed",
    ...     knowledge="low", share="30", income="falling", loss="10").type
    'neutral'
    """
    given = {
        "age": age,
        "horizon": horizon,
        "experience": experience,
        "knowledge": knowledge,
        "share": share,
        "income": income,
        "loss": loss,
    }
    try:
        check_answers(given)
    except ConfigError as error:
        raise book.refuse("suitability.score", "suitability.matrices", str(error)) from error
    form = questionnaire()
    points = {
        question.key: question.points(_answer(given[question.key])) for question in form.questions
    }
    raw = sum(points.values())
    score = Decimal(raw) * 100 / Decimal(form.maximum)
    kind = form.type_of(float(score))
    steps = [
        step("score_points", question=key, answer=given[key], points=value)
        for key, value in points.items()
    ]
    steps.append(step("score_total", raw=raw, most=form.maximum, score=score, type=kind.code))
    return Suitability(
        raw=raw, score=score, type=kind.code, profile=kind.profile, steps=tuple(steps)
    )


def _answer(value: object) -> int | str:
    return value if isinstance(value, int) else str(value)
