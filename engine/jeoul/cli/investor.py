"""Whose money a command decides on: a person with answers, or a profile named for research."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jeoul.cli.options import PROFILES, preferred, profile_of
from jeoul.errors import UsageError
from jeoul.workspace.today import today

if TYPE_CHECKING:
    from jeoul.model.grade_limit import GradeLimit, Mode, OnBreach
    from jeoul.model.portfolio import Reason
    from jeoul.profile import Diagnosis

answers_option = click.option(
    "--answers",
    type=click.Path(path_type=Path),
    metavar="ANSWERS.toml",
    help="Whose money it is: the answers that `jeoul profile --ask` saves give the profile.",
)
research_profile_option = click.option(
    "--profile",
    type=click.Choice(PROFILES),
    default=preferred("profile"),
    callback=profile_of,
    help="Portfolio for research, chosen without a questionnaire.",
)
matrix_option = click.option(
    "--matrix", help="The firm whose risk grades apply; with --answers: kiwoom."
)
suitability_option = click.option(
    "--suitability",
    type=click.Choice(["portfolio", "product", "report"]),
    help="Judge the mean grade or every fund, or only report; with --answers: portfolio.",
)


def investor_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Return a command with the options that say whose money it decides on."""
    for option in (suitability_option, matrix_option, answers_option, research_profile_option):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True)
class Investor:
    """A profile, the diagnosis behind it, and what its type may hold.

    Without answers there is no diagnosis, and a limit only where one was asked for.
    """

    profile: str
    diagnosis: Diagnosis | None
    limit: GradeLimit | None

    @property
    def stops(self) -> Reason | None:
        """Return why nothing is bought, None where buying is allowed."""
        from jeoul.profile import expired_reason

        return expired_reason(self.diagnosis)

    def refuse_other(self, strategy: str) -> None:
        """Refuse a strategy with another insurance than the one that the answers chose."""
        from jeoul.profile import other_insurance

        if self.diagnosis is None:
            return
        if other := other_insurance(self.diagnosis.answers, strategy):
            raise UsageError("; ".join(other))

    def notes(self, lang: str) -> list[str]:
        """Return what is said of whose answers give the profile, and what protects the person."""
        from jeoul.profile import diagnosis_notes

        said = diagnosis_notes(lang, self.profile, self.diagnosis)
        if self.diagnosis is not None:
            said += protected(self.diagnosis.answers.age, lang)
        return said

    def document(self) -> dict[str, Any]:
        """Return the diagnosis and the limit as JSON values, null without them."""
        from jeoul.profile import kept

        return {
            "diagnosis": kept(self.diagnosis),
            "suitability": None if self.limit is None else asdict(self.limit),
        }


def investor_of(
    profile: str | None, answers: Path | None, matrix: str | None, suitability: str | None
) -> Investor:
    """Return the investor that options name: by answers or by a profile, exactly one of the two.

    Raises :class:`~jeoul.errors.ConfigError` for answers that cannot be used.
    """
    from jeoul.profile import diagnose, load_answers

    if answers is None and profile is None:
        remedy = "give --answers FILE for a person's money, or --profile for research"
        raise UsageError(f"the profile is missing; {remedy}")
    if answers is not None and profile is not None:
        remedy = "use one of the two: the answers give the profile"
        raise UsageError(f"--answers and --profile were both given; {remedy}")
    if answers is None:
        assert profile is not None
        asked = matrix is not None or suitability is not None
        return Investor(profile, None, _limit(profile, matrix, suitability) if asked else None)
    found = diagnose(load_answers(answers), day=today())
    limit = _limit(found.profile.type, matrix, suitability)
    return Investor(found.profile.name, found, limit)


def _limit(investor: str, matrix: str | None, suitability: str | None) -> GradeLimit:
    from jeoul import api

    modes: dict[str, Mode] = {"portfolio": "portfolio", "product": "product"}
    on_breach: OnBreach = "report" if suitability == "report" else "constrain"
    mode = None if suitability is None else modes.get(suitability)
    return api.suitable(investor, matrix=matrix or "kiwoom", mode=mode, on_breach=on_breach)


def protected(age: int, lang: str) -> list[str]:
    """Return what protects older people, in words; nobody in the form's earlier bands is one."""
    from jeoul.profile import questionnaire

    *_, (younger, _), _ = questionnaire().question("age").bands
    if age <= younger:
        return []  # without the tables of the law, which bring pydantic
    from jeoul.advice.explain import explain
    from jeoul.korea.protection import protection
    from jeoul.korea.tables import rules_for

    found = protection(rules_for(today().year), age=age, exceeds=True)
    return [explain(lang, step) for step in found.steps]
