"""``jeoul plan``: this year's contributions for one person, worth and deadlines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jeoul.cli.options import json_option, language_option, reform_option, rules_of_option
from jeoul.cli.schemas import OutputForm
from jeoul.messages import say
from jeoul.workspace.today import day_of

if TYPE_CHECKING:
    from jeoul.advice.person import Person
    from jeoul.advice.plan import PersonPlan
    from jeoul.korea.rulebook import Step


@click.command()
@click.argument("person", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--as-of", metavar="DATE", help="The day of the plan; default: today.")
@reform_option
@rules_of_option
@language_option
@json_option
def plan(
    person: Path,
    as_of: str | None,
    reforms: tuple[str, ...],
    rules_of: int | None,
    lang: str,
    as_json: OutputForm | None,
) -> None:
    """Plan this year's contributions of PERSON: the order that is worth most, and every limit."""
    from jeoul.advice.explain import notice
    from jeoul.advice.plan import make_plan
    from jeoul.korea.tables import load_rules

    day = day_of(as_of)
    given = load_person(person, reforms, rules_of)
    book = load_rules(given.year, reforms=reforms, rules_of=rules_of)
    found = make_plan(book, given, day)
    if as_json is not None:
        as_json.write(_data(found, lang))
    else:
        click.echo("\n".join(_lines(found, given, lang)))
    click.echo(notice(lang, book), err=as_json is not None)


def load_person(path: Path, reforms: tuple[str, ...] = (), rules_of: int | None = None) -> Person:
    """Return the person in a file, or raise ``ConfigError`` with all of its problems and lines."""
    from jeoul.advice.person_file import read_person
    from jeoul.files.text import read_text

    return read_person(read_text(path), str(path), reforms, rules_of)


def _lines(found: PersonPlan, person: Person, language: str) -> list[str]:
    title = {
        "year": person.year,
        "budget": person.budget,
        "growth": person.growth,
        "years": person.horizon_years,
        "on": found.on,
    }
    lines = [say(language, "plan.title", title)]
    if found.first:
        lines.extend(_section(language, "plan.first", found.first))
        lines.append(say(language, "plan.invested", {"invested": found.invested}))
    for number, pour in enumerate(found.pours, 1):
        credit = say(language, "plan.credit", {"credit": pour.credit}) if pour.credit else ""
        deadline = (
            ""
            if pour.deadline is None
            else say(language, "plan.deadline", {"deadline": pour.deadline})
        )
        detail = {
            "number": number,
            "account": say(language, f"plan.step_{pour.account}"),
            "amount": pour.amount,
            "value": pour.value,
            "credit": credit,
            "deadline": deadline,
        }
        lines.append(say(language, "plan.pour", detail))
    lines.append(say(language, "plan.total", {"value": found.value}))
    better = found.value - found.textbook_value
    told = {"value": found.textbook_value, "better": better}
    lines.append(say(language, "plan.textbook" if better > 0 else "plan.same", told))
    lines.append(say(language, "plan.assumption", {"end": found.end}))
    lines.append(f"\n{say(language, 'plan.meters')}")
    for meter in found.meters:
        detail = {
            "name": say(language, f"meter.{meter.name}"),
            "used": meter.used,
            "limit": meter.limit,
            "left": meter.left,
        }
        lines.append("  " + say(language, "meter.left", detail))
    for name in ("isa", "financial", "health", "overseas", "assumptions"):
        lines.extend(_section(language, f"plan.{name}", getattr(found.reviews, name)))
    return lines


def _section(language: str, heading: str, steps: Sequence[Step]) -> list[str]:
    from jeoul.advice.explain import explain

    if not steps:
        return []
    return [f"\n{say(language, heading)}", *(f"  {explain(language, step)}" for step in steps)]


def _data(found: PersonPlan, language: str) -> dict[str, object]:
    from jeoul.advice.explain import told
    from jeoul.advice.plan import kind_of_step

    return {
        "as_of": found.on.isoformat(),
        "first": told(language, found.first),
        "invested": found.invested,
        "pours": [
            {
                "step": pour.account,
                "kind": kind_of_step(pour.account),
                "amount": pour.amount,
                "value": pour.value,
                "credit": pour.credit,
                "deadline": pour.deadline,
            }
            for pour in found.pours
        ],
        "value": found.value,
        "textbook_value": found.textbook_value,
        "meters": [
            {"name": m.name, "used": m.used, "limit": m.limit, "left": m.left} for m in found.meters
        ],
        "assumptions": told(language, found.reviews.assumptions),
        "isa": told(language, found.reviews.isa),
        "financial": told(language, found.reviews.financial),
        "health": told(language, found.reviews.health),
        "overseas": told(language, found.reviews.overseas),
    }
