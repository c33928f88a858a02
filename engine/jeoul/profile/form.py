"""The questionnaire as data: questions with points, types, the horizon table, contradictions."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from jeoul import assets

#: The profiles from the most cautious to the boldest; ``none`` has no portfolio.
PROFILES = ("none", "conservative", "balanced", "growth")
PARTS = ("capacity", "willingness")

Text = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer that can be chosen: its code, its points and its wording by language."""

    code: str
    points: int
    text: Text


@dataclass(frozen=True, slots=True)
class Question:
    """One question, answered by a code of ``choices`` or by a number within ``bands``.

    ``bands`` are pairs of an upper bound, which belongs to the band, and its points.
    """

    key: str
    part: str
    ask: Text
    choices: tuple[Choice, ...] = ()
    bands: tuple[tuple[int, int], ...] = ()
    least: int = 0
    most: int = 0

    def points(self, answer: int | str) -> int:
        """Return the points of an answer; ``KeyError`` for one that the form does not have."""
        if self.bands:
            for upto, points in self.bands:
                if self.least <= int(answer) <= upto:
                    return points
            raise KeyError(answer)
        return {choice.code: choice.points for choice in self.choices}[str(answer)]

    @property
    def best(self) -> int:
        """Return the highest points that the question gives."""
        return max([c.points for c in self.choices] + [points for _, points in self.bands])


@dataclass(frozen=True, slots=True)
class InvestorType:
    """One of the types, up to and including the score ``upto``, and the profile it leads to."""

    code: str
    upto: float
    profile: str
    name: Text


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Answers that do not go together; all conditions have to hold.

    With ``ask`` they cannot all be true and have to be given again; ``cap`` is otherwise the
    boldest profile that they allow. ``types`` are those that the form's total has to give, any
    where it is empty.
    """

    name: str
    when: Mapping[str, tuple[str, ...]]
    age_from: int = 0
    types: tuple[str, ...] = ()
    cap: str | None = None
    ask: bool = False


@dataclass(frozen=True, slots=True)
class AfterFall:
    """How deep a fall makes a changed profile wait, and for how many days."""

    fall: float
    days: int


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """A whole form; ``horizon`` maps an answer to the highest profile that it allows.

    ``version`` is raised with every change of what decides. ``after_a_fall`` says when a changed
    profile should wait. ``firm`` are the questions without
    points that a firm asks which manages money for others.
    """

    name: str
    version: int
    maximum: int
    validity_months: int
    questions: tuple[Question, ...]
    types: tuple[InvestorType, ...]
    horizon: Mapping[str, str]
    contradictions: tuple[Contradiction, ...]
    after_a_fall: AfterFall
    firm: tuple[Question, ...] = ()

    def type_of(self, score: float) -> InvestorType:
        """Return the type of a score; one exactly on a threshold has the lower type."""
        return next((kind for kind in self.types if score <= kind.upto), self.types[-1])

    def question(self, key: str) -> Question:
        """Return the question with a key."""
        asked = (*self.questions, *self.firm)
        return next(question for question in asked if question.key == key)


@cache
def questionnaire(name: str = "kofia") -> Questionnaire:
    """Return a shipped questionnaire.

    >>> form = questionnaire()
    >>> [question.key for question in form.questions]
    ['age', 'horizon', 'experience', 'knowledge', 'share', 'income', 'loss']
    >>> sum(question.best for question in form.questions) == form.maximum
    True
    >>> form.type_of(60.0).code, form.type_of(60.1).code
    ('neutral', 'active')
    """
    table = tomllib.loads(assets.data("questionnaires", f"{name}.toml").read_text("utf-8"))
    return Questionnaire(
        name=table["name"],
        version=table["version"],
        maximum=table["maximum"],
        validity_months=table["validity_months"],
        questions=tuple(map(_question, table["questions"])),
        types=tuple(
            InvestorType(kind["code"], kind["upto"], kind["profile"], kind["name"])
            for kind in table["types"]
        ),
        horizon=table["horizon"],
        contradictions=tuple(
            Contradiction(
                name=key,
                when={question: tuple(codes) for question, codes in rule["when"].items()},
                age_from=rule.get("age_from", 0),
                types=tuple(rule.get("types", ())),
                cap=rule.get("cap"),
                ask=rule.get("ask", False),
            )
            for key, rule in table["inconsistencies"].items()
        ),
        after_a_fall=AfterFall(**table["after_a_fall"]),
        firm=tuple(map(_question, table["firm"])),
    )


def _question(table: Mapping[str, Any]) -> Question:
    return Question(
        key=table["key"],
        part=table.get("part", ""),
        ask=table["ask"],
        choices=tuple(
            Choice(answer["code"], answer.get("points", 0), answer["text"])
            for answer in table.get("answers", ())
        ),
        bands=tuple((band["upto"], band["points"]) for band in table.get("bands", ())),
        least=table.get("min", 0),
        most=table.get("max", 0),
    )
