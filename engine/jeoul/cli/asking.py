"""The questionnaire in a terminal: every question, and again where two answers contradict."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import click

from jeoul.cli.prompts import asked
from jeoul.messages import say

if TYPE_CHECKING:
    from jeoul.profile import Answers, InsuranceChoice
    from jeoul.profile.form import Question

Given = dict[str, int | str]


def ask(lang: str, *, firm: bool, known: Given | None = None) -> Answers:
    """Return what a person answers; what a firm has to ask comes last.

    What is ``known`` is not asked. Two answers that cannot both be true are asked again until they
    can.
    """
    from jeoul.profile import check_answers, contradictions_of, questionnaire, score

    form = questionnaire()
    given: Given = dict(known or {})
    open_ones = [question for question in form.questions if question.key not in given]
    numbers = {question.key: number for number, question in enumerate(open_ones, start=1)}
    click.echo(say(lang, "profile.ask_intro", {"count": len(open_ones)}), err=True)
    for question in open_ones:
        given[question.key] = _answer(lang, question, numbers[question.key])
    answers = check_answers(given, origin="--ask")
    while again := [r for r in contradictions_of(answers, score(answers).type) if r.ask]:
        click.echo(f"\n{say(lang, 'diagnosis.contradict_ask')}", err=True)
        for key in again[0].when:
            given[key] = _answer(lang, form.question(key), numbers.get(key, 1))
        answers = check_answers(given, origin="--ask")
    if not firm:
        return answers
    click.echo(f"\n{say(lang, 'diagnosis.firm_intro')}", err=True)
    for number, question in enumerate(form.firm, start=len(open_ones) + 1):
        given[question.key] = _answer(lang, question, number)
    given["purpose"] = asked(say(lang, "diagnosis.firm_purpose"))
    return check_answers(given, origin="--ask")


def choose(profile: str, today: date, lang: str) -> InsuranceChoice:
    """Show what each insurance gave up and saved, and return which one was chosen."""
    from jeoul.profile import InsuranceChoice, choice_head, choice_texts

    texts = choice_texts(lang, "KRW", profile)
    lines = [choice_head(lang, "KRW", profile)]
    lines += [f"   {place}) {text}" for place, text in enumerate(texts.values(), start=1)]
    lines += [say(lang, "insurance.alone"), say(lang, "insurance.past")]
    shown = "\n".join(lines)
    click.echo(f"\n{say(lang, 'insurance.title')}\n{shown}\n{say(lang, 'insurance.ask')}", err=True)
    place = _number(lang, "ask_number", 1, len(texts))
    return InsuranceChoice(list(texts)[place - 1], today, shown)


def _answer(lang: str, question: Question, number: int) -> int | str:
    click.echo(f"\n{number}. {question.ask[lang]}", err=True)
    if question.bands:
        return _number(lang, "ask_age", question.least, question.most)
    for place, choice in enumerate(question.choices, start=1):
        click.echo(f"   {place}) {choice.text[lang]}", err=True)
    place = _number(lang, "ask_number", 1, len(question.choices))
    return question.choices[place - 1].code


def _number(lang: str, prompt: str, least: int, most: int) -> int:
    while True:
        value = asked(say(lang, f"profile.{prompt}"))
        if value.isdecimal() and least <= int(value) <= most:
            return int(value)
        again = {"value": value, "least": least, "most": most}
        click.echo(say(lang, "profile.ask_again", again), err=True)
