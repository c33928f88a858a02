"""How firmly answers give their profile: what one other answer would make of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from jeoul.errors import ConfigError
from jeoul.profile.answers import Answers
from jeoul.profile.form import Question, questionnaire
from jeoul.profile.suitability import classify

AGAIN = "again"
"""What stands for a profile where the changed answers cannot all be true."""


@dataclass(frozen=True, slots=True)
class Stability:
    """What every change of a single answer leads to.

    ``changes`` counts them; ``moved`` maps each other profile, or :data:`AGAIN`, to how many of
    them lead there.
    """

    changes: int
    moved: Mapping[str, int]

    @property
    def moving(self) -> int:
        """Return how many changes move the profile."""
        return sum(self.moved.values())


def stability_of(answers: Answers) -> Stability:
    """Return how many changes of a single answer move the profile, and where to.

    Every other answer to each question counts once; for an age, every other band.

    >>> given = Answers(age=45, horizon="2y", experience="mixed", knowledge="low", share="30",
    ...                 income="falling", loss="10")
    >>> found = stability_of(given)
    >>> found.changes, dict(found.moved)
    (24, {'conservative': 6})
    """
    own, found = classify(answers).name, list(_others(answers))
    moved = Counter(name for name in map(_profile, found) if name != own)
    return Stability(len(found), dict(sorted(moved.items())))


def _others(answers: Answers) -> Iterator[Answers]:
    for question in questionnaire().questions:
        given = getattr(answers, question.key)
        for other in _possible(question, given):
            changed: dict[str, Any] = {question.key: other}
            yield replace(answers, **changed)


def _possible(question: Question, given: int | str) -> list[int | str]:
    """Return one answer for every choice, or band, that was not given."""
    if not question.bands:
        return [choice.code for choice in question.choices if choice.code != given]
    ends = [upto for upto, _ in question.bands]
    own = next(upto for upto in ends if int(given) <= upto)
    # The last band begins above the one before it; its own end, 120, is nobody's age.
    ages: list[int | str] = [upto if upto != ends[-1] else ends[-2] + 1 for upto in ends]
    return [age for age, upto in zip(ages, ends, strict=True) if upto != own]


def _profile(answers: Answers) -> str:
    try:
        return classify(answers).name
    except ConfigError:
        return AGAIN
