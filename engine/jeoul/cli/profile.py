"""``jeoul profile``: from seven answers to an investor profile."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jeoul.cli.options import data_option, file_for, json_option, language_option
from jeoul.cli.schemas import OutputForm
from jeoul.errors import UsageError
from jeoul.workspace.today import day_of

if TYPE_CHECKING:
    from jeoul.profile import Answers, InsuranceChoice, Profile


@click.command("profile")
@click.argument("answers", required=False, type=click.Path(path_type=Path), metavar="ANSWERS.toml")
@click.option("--ask", is_flag=True, help="Ask the questions in the terminal.")
@click.option(
    "--firm",
    is_flag=True,
    help="Also what a firm has to ask that manages the money: purpose, wealth, income.",
)
@click.option(
    "--before",
    type=click.Path(path_type=Path),
    metavar="OLD.toml",
    help="Earlier answers: whether a profile that changed should wait, after a fall.",
)
@data_option
@click.option("--out", type=click.Path(path_type=Path), help="Save what was answered to --ask.")
@click.option(
    "--as-of",
    metavar="DATE",
    help="Date on which the expiry of the answers is checked; default: today.",
)
@language_option
@json_option
def profile(
    answers: Path | None,
    ask: bool,
    firm: bool,
    before: Path | None,
    folder: Path | None,
    out: Path | None,
    as_of: str | None,
    lang: str,
    as_json: OutputForm | None,
) -> None:
    """Score the seven answers of ANSWERS.toml and say which profile suits them.

    With --ask, the command compares two insurances against falls with holding without rules. Your
    choice is saved with the answers, the day and the figures shown.

    The form's total gives score and type. The profile may come out lower than the type's, never
    higher; the reasons say why, and how many single answers would move it. Answers that cannot all
    be true are refused, or asked again with --ask.
    """
    from jeoul.cli.asking import ask as ask_person
    from jeoul.cli.asking import choose
    from jeoul.profile import answers_text, classify, load_answers
    from jeoul.workspace.starter import with_schema

    _refuse_together(answers, ask, out)
    today = day_of(as_of)
    if answers is None:
        given = replace(ask_person(lang, firm=firm), answered=today)
    else:
        given = load_answers(answers, firm=firm)
    found = classify(given, as_of=today)
    if ask and found.name != "none":
        given = replace(given, overlay=choose(found.name, today, lang))
    if out is not None:
        from jeoul.messages import say

        out.write_text(with_schema("answers", answers_text(given)), "utf-8")
        click.echo(say(lang, "profile.saved", {"file": out}), err=True)
    waits = None if before is None else _waits(before, found.name, folder, lang)
    if as_json is not None:
        as_json.write({**_document(found, given, lang), "waits": waits})
        return
    click.echo(_as_text(found, lang))
    if waits is not None:
        click.echo(f"\n{waits}")
    for line in _firmness(given, lang):
        click.echo(line)
    if given.overlay is not None:
        click.echo(f"\n{_chosen(given.overlay, lang)}")


def _refuse_together(answers: Path | None, ask: bool, out: Path | None) -> None:
    """Refuse options that do not go together, and a file for output that is there already."""
    if ask == (answers is not None):
        raise UsageError("give either a file of answers or --ask")
    if out is not None and not ask:
        raise UsageError("--out saves what was asked; use it together with --ask")
    if out is not None and out.exists():
        raise UsageError(f"{out} exists and is not overwritten; choose another name")
    file_for(out)


def _waits(before: Path, after: str, folder: Path | None, lang: str) -> str | None:
    """Return that a profile which changed since earlier answers should wait, None otherwise.

    The fall is that of the former profile's portfolio, simply held, on the newest session.
    """
    from jeoul.profile import classify, load_answers, waiting_note

    former = classify(load_answers(before)).name
    if "none" in (former, after) or former == after:
        return None
    from jeoul import api

    market = api.open_market(folder)
    year = api.backtest(api.load_strategy("static"), former, market).nav[-252:]
    return waiting_note(lang, former, after, 1.0 - float(year[-1] / year.max()))


def _firmness(given: Answers, lang: str) -> list[str]:
    """Return how firmly the answers give their profile, and what protects the person."""
    from jeoul.cli.investor import protected
    from jeoul.profile import stability_of, stability_text

    return ["", stability_text(lang, stability_of(given)), *protected(given.age, lang)]


def _chosen(overlay: InsuranceChoice, lang: str) -> str:
    from jeoul.messages import say
    from jeoul.profile import STRATEGIES

    detail = {
        "choice": say(lang, f"insurance.choice_{overlay.choice}"),
        "day": overlay.chosen,
        "strategies": ", ".join(STRATEGIES[overlay.choice]),
    }
    return say(lang, "insurance.shown", detail)


def _document(found: Profile, given: Answers, lang: str) -> dict[str, Any]:
    from jeoul.cli.investor import protected
    from jeoul.profile import STRATEGIES, named_note, questionnaire, stability_of

    overlay, form, firmness = given.overlay, questionnaire(), stability_of(given)
    return {
        "form": form.name,
        "version": form.version,
        "raw": found.raw,
        "score": found.score,
        "type": found.type,
        "profile": found.name,
        "reasons": [named_note(lang, note) for note in found.reasons],
        "warnings": [named_note(lang, note) for note in found.warnings],
        "expires": None if found.expires is None else found.expires.isoformat(),
        "stability": {"changes": firmness.changes, "moved": dict(firmness.moved)},
        "protection": protected(given.age, lang),
        "overlay": None
        if overlay is None
        else {
            "choice": overlay.choice,
            "chosen": overlay.chosen.isoformat(),
            "strategies": STRATEGIES[overlay.choice],
        },
    }


def _as_text(found: Profile, lang: str) -> str:
    from jeoul.messages import say
    from jeoul.profile import say_note, type_name

    score = f"{round(found.score, 1):g}"
    kind = {"type": type_name(lang, found.type), "raw": found.raw, "score": score}
    profile_name = say(lang, f"profile.{found.name}")
    lines = [
        say(lang, "profile.shown_type", kind),
        say(lang, "profile.shown_profile", {"profile": profile_name}),
        "",
        say(lang, "profile.shown_reasons"),
        *(f"- {say_note(lang, note)}" for note in found.reasons),
    ]
    if found.warnings:
        lines += ["", say(lang, "profile.shown_warnings")]
        lines += [f"- {say_note(lang, note)}" for note in found.warnings]
    return "\n".join(lines)
