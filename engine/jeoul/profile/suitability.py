"""From answers to a profile: the form's total gives the type, caution may only lower the rest."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from jeoul.errors import ConfigError, Problem
from jeoul.model.shown import Shown
from jeoul.profile.answers import Answers
from jeoul.profile.form import PARTS, PROFILES, Contradiction, Questionnaire, questionnaire


class Score(NamedTuple):
    """The total of the form: ``raw`` points, ``score`` of 100, the type, and its profile."""

    raw: int
    score: float
    type: str
    profile: str


class Note(NamedTuple):
    """Something to tell the person: a message id of the catalogue and what fills it in."""

    message: str
    detail: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class Profile(Shown):
    """What an investor may be offered, and why.

    ``name`` is ``none``, ``conservative``, ``balanced`` or ``growth``; ``raw``, ``score`` and
    ``type`` are the form's total alone. ``capacity`` and ``willingness`` are scores of 100 of the
    two parts. ``expires`` is the last day on which the answers hold, if their day is known.
    """

    name: str
    raw: int
    score: float
    type: str
    capacity: float
    willingness: float
    reasons: tuple[Note, ...]
    warnings: tuple[Note, ...]
    expires: date | None = field(default=None)


def score(answers: Answers) -> Score:
    """Return the form's total alone: points, score, type and the profile of that type.

    score = raw / 32 x 100; types end at 20, 40, 60, 80 and 100, bounds included below. Points and
    thresholds: ``data/questionnaires/kofia.toml`` with its sources.

    >>> score(Answers(age=45, horizon="2y", experience="mixed", knowledge="low", share="30",
    ...               income="falling", loss="10"))
    Score(raw=18, score=56.25, type='neutral', profile='balanced')
    """
    form = questionnaire()
    raw = _points(answers, form, PARTS)
    kind = form.type_of(raw / form.maximum * 100)
    return Score(raw, raw / form.maximum * 100, kind.code, kind.profile)


def classify(answers: Answers, *, as_of: date | None = None) -> Profile:
    """Return the profile of a person: the form's, or a lower one, never a higher one.

    In this order: the form's total gives the profile; if capacity (age, horizon, share of assets,
    income) or willingness (experience, knowledge, loss), scored alone on the same thresholds,
    leads to a lower one, the profile goes down by one step; a horizon caps it by the
    questionnaire's table; contradictory answers are warnings, and cap it by theirs.

    Raises :class:`jeoul.errors.ConfigError` for answers that cannot all be true, and if ``as_of``
    lies after the answers' validity or before the day they were given.

    >>> bold = Answers(age=30, horizon="6m", experience="derivative", knowledge="very_high",
    ...                share="10", income="stable", loss="any")
    >>> profile = classify(bold)
    >>> profile.type, profile.name
    ('aggressive', 'conservative')
    >>> [note.message for note in profile.warnings]
    ['profile.any_loss_with_short_horizon']
    """
    form = questionnaire()
    expires = answers.answered and months_later(answers.answered, form.validity_months)
    if as_of is not None:
        _refuse_out_of_time(answers, as_of, expires)
    total = score(answers)
    contradictory = tuple(contradictions_of(answers, total.type))
    if asked := [rule for rule in contradictory if rule.ask]:
        raise ConfigError([_asked_again(answers, rule) for rule in asked])
    reasons = [_form_note(total)]
    if total.profile == "none":
        reasons.append(Note("profile.reason_no_portfolio", (("type", total.type),)))
    cautious, note = _by_the_cautious_part(answers, form, total.profile)
    reasons.extend(note)
    final, note = _by_the_horizon(answers, form, cautious)
    reasons.extend(note)
    final, note = _by_contradictions(contradictory, final)
    reasons.extend(note)
    return Profile(
        name=final,
        raw=total.raw,
        score=total.score,
        type=total.type,
        capacity=_part_score(answers, form, "capacity"),
        willingness=_part_score(answers, form, "willingness"),
        reasons=tuple(reasons),
        warnings=tuple(Note(f"profile.{rule.name}") for rule in contradictory),
        expires=expires,
    )


def _points(answers: Answers, form: Questionnaire, parts: tuple[str, ...]) -> int:
    return sum(
        question.points(getattr(answers, question.key))
        for question in form.questions
        if question.part in parts
    )


def _part_score(answers: Answers, form: Questionnaire, part: str) -> float:
    best = sum(question.best for question in form.questions if question.part == part)
    return _points(answers, form, (part,)) / best * 100


def _form_note(total: Score) -> Note:
    return Note(
        "profile.reason_form",
        (
            ("raw", str(total.raw)),
            ("score", f"{round(total.score, 1):g}"),
            ("type", total.type),
            ("profile", total.profile),
        ),
    )


def _by_the_cautious_part(
    answers: Answers, form: Questionnaire, before: str
) -> tuple[str, list[Note]]:
    scores = {part: _part_score(answers, form, part) for part in PARTS}
    part = min(PARTS, key=lambda name: PROFILES.index(form.type_of(scores[name]).profile))
    kind = form.type_of(scores[part])
    if PROFILES.index(kind.profile) >= PROFILES.index(before):
        return before, []
    after = PROFILES[PROFILES.index(before) - 1]
    detail = (
        ("part", part),
        ("score", f"{round(scores[part], 1):g}"),
        ("type", kind.code),
        ("before", before),
        ("after", after),
    )
    return after, [Note("profile.reason_cautious", detail)]


def _by_the_horizon(answers: Answers, form: Questionnaire, before: str) -> tuple[str, list[Note]]:
    limit = form.horizon[answers.horizon]
    if PROFILES.index(limit) >= PROFILES.index(before):
        return before, []
    detail = (("horizon", answers.horizon), ("limit", limit), ("before", before), ("after", limit))
    return limit, [Note("profile.reason_horizon", detail)]


def _by_contradictions(
    contradictory: tuple[Contradiction, ...], before: str
) -> tuple[str, list[Note]]:
    caps = [rule.cap for rule in contradictory if rule.cap is not None]
    limit = min(caps, key=PROFILES.index, default=before)
    if PROFILES.index(limit) >= PROFILES.index(before):
        return before, []
    detail = (("limit", limit), ("before", before), ("after", limit))
    return limit, [Note("profile.reason_contradiction", detail)]


def contradictions_of(answers: Answers, kind: str) -> Iterator[Contradiction]:
    """Yield the rules of the form that answers break; ``kind`` is the type of their total.

    >>> odd = Answers(age=30, horizon="3y+", experience="derivative", knowledge="very_low",
    ...               share="10", income="stable", loss="20")
    >>> [(rule.name, rule.ask) for rule in contradictions_of(odd, "active")]
    [('derivatives_without_knowledge', True)]
    """
    for rule in questionnaire().contradictions:
        chosen = all(getattr(answers, key) in codes for key, codes in rule.when.items())
        if chosen and answers.age >= rule.age_from and (not rule.types or kind in rule.types):
            yield rule


def _asked_again(answers: Answers, rule: Contradiction) -> Problem:
    given = " and ".join(f'{key} = "{getattr(answers, key)}"' for key in rule.when)
    return Problem(
        answers.origin,
        f"{given} cannot both be true",
        key=next(iter(rule.when)),
        remedy="answer both questions again: jeoul profile --ask",
    )


def _refuse_out_of_time(answers: Answers, as_of: date, expires: date | None) -> None:
    if answers.answered is None or expires is None:
        return
    if answers.answered > as_of:
        message = f"{answers.answered} lies after {as_of}"
        remedy = "correct the date, or answer the questions now"
    elif as_of > expires:
        message = f"answers of {answers.answered} expired on {expires} and it is {as_of}"
        remedy = "answer the questions again: jeoul profile --ask"
    else:
        return
    raise ConfigError([Problem(answers.origin, message, key="answered", remedy=remedy)])


def months_later(day: date, months: int) -> date:
    """Return the same day some months later, or that month's last day if it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
