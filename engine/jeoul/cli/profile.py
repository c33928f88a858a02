"""``jeoul profile``: from seven answers to an investor profile."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jeoul.cli.options import file_for, json_option, language_option
from jeoul.cli.schemas import Form
from jeoul.cli.today import day_of
from jeoul.errors import UsageError

if TYPE_CHECKING:
    from jeoul.profile import Answers, Choice, Profile


@click.command("profile")
@click.argument("answers", required=False, type=click.Path(path_type=Path), metavar="ANSWERS.toml")
@click.option("--ask", is_flag=True, help="Ask the questions in the terminal.")
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
    out: Path | None,
    as_of: str | None,
    lang: str,
    as_json: Form | None,
) -> None:
    """Score the seven answers of ANSWERS.toml and say which profile suits them.

    With --ask, what two insurances against falls gave up and saved is shown beside simply holding;
    which one is chosen goes into the answers, with the day and what was shown.

    The form's total gives score and type. The profile may come out lower than the type's, never
    higher; the reasons say why.
    """
    from jeoul.profile import classify, load_answers

    if ask == (answers is not None):
        raise UsageError("name a file of answers, or use --ask to be asked: one of the two")
    if out is not None and not ask:
        raise UsageError("--out saves what was asked; use it together with --ask")
    if out is not None and out.exists():
        raise UsageError(f"{out} exists and is not overwritten; choose another name")
    file_for(out)
    given = load_answers(answers) if answers is not None else _ask(lang)
    today = day_of(as_of)
    found = classify(given, as_of=today)
    if ask and found.name != "none":
        given = replace(given, overlay=_choose(found.name, today, lang))
    if out is not None:
        from jeoul.messages import say

        out.write_text(_as_toml(given, today), "utf-8")
        click.echo(say(lang, "profile.saved", {"file": out}), err=True)
    if as_json is not None:
        as_json.write(_document(found, given.overlay, lang))
        return
    click.echo(_as_text(found, lang))
    if given.overlay is not None:
        click.echo(f"\n{_chosen(given.overlay, lang)}")


def _ask(lang: str) -> Answers:
    from jeoul.messages import say
    from jeoul.profile import check_answers, questionnaire

    click.echo(say(lang, "profile.ask_intro"), err=True)
    given: dict[str, int | str] = {}
    for number, question in enumerate(questionnaire().questions, start=1):
        click.echo(f"\n{number}. {question.ask[lang]}", err=True)
        if question.bands:
            given[question.key] = _number(lang, "ask_age", question.least, question.most)
            continue
        for place, choice in enumerate(question.choices, start=1):
            click.echo(f"   {place}) {choice.text[lang]}", err=True)
        place = _number(lang, "ask_number", 1, len(question.choices))
        given[question.key] = question.choices[place - 1].code
    return check_answers(given, origin="--ask")


def _choose(profile: str, today: date, lang: str) -> Choice:
    """Show what each insurance gave up and saved, and return which one was chosen."""
    from jeoul.messages import say
    from jeoul.profile import Choice, choice_head, choice_texts

    texts = choice_texts(lang, "KRW", profile)
    lines = [choice_head(lang, "KRW", profile)]
    lines += [f"   {place}) {text}" for place, text in enumerate(texts.values(), start=1)]
    lines += [say(lang, "insurance.alone"), say(lang, "insurance.past")]
    shown = "\n".join(lines)
    click.echo(f"\n{say(lang, 'insurance.title')}\n{shown}\n{say(lang, 'insurance.ask')}", err=True)
    place = _number(lang, "ask_number", 1, len(texts))
    return Choice(list(texts)[place - 1], today, shown)


def _chosen(overlay: Choice, lang: str) -> str:
    from jeoul.messages import say
    from jeoul.profile import STRATEGIES

    detail = {
        "choice": say(lang, f"insurance.choice_{overlay.choice}"),
        "day": overlay.chosen,
        "strategies": ", ".join(STRATEGIES[overlay.choice]),
    }
    return say(lang, "insurance.shown", detail)


def _number(lang: str, prompt: str, least: int, most: int) -> int:
    from jeoul.messages import say

    while True:
        value = click.prompt(say(lang, f"profile.{prompt}"), err=True, type=str).strip()
        if value.isdecimal() and least <= int(value) <= most:
            return int(value)
        again = {"value": value, "least": least, "most": most}
        click.echo(say(lang, "profile.ask_again", again), err=True)


def _as_toml(given: Answers, today: date) -> str:
    from jeoul.profile import questionnaire

    lines = [
        f"{question.key} = {json.dumps(getattr(given, question.key), ensure_ascii=False)}"
        for question in questionnaire().questions
    ]
    lines.append(f"answered = {today.isoformat()}")
    if given.overlay is not None:
        lines += [
            "",
            "[overlay]",
            f"choice = {json.dumps(given.overlay.choice)}",
            f"chosen = {given.overlay.chosen.isoformat()}",
            f"shown = {json.dumps(given.overlay.shown, ensure_ascii=False)}",
        ]
    return "\n".join(lines) + "\n"


def _document(found: Profile, overlay: Choice | None, lang: str) -> dict[str, Any]:
    from jeoul.profile import STRATEGIES, named_note

    return {
        "raw": found.raw,
        "score": found.score,
        "type": found.type,
        "profile": found.name,
        "reasons": [named_note(lang, note) for note in found.reasons],
        "warnings": [named_note(lang, note) for note in found.warnings],
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

    kind = {"type": type_name(lang, found.type), "raw": found.raw, "score": f"{found.score:g}"}
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
