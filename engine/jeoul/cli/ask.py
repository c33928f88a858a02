"""``jeoul ask``: compute one rule of the Korean rulebook, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

from jeoul.cli.options import json_option, language_option, reform_option, rules_of_option
from jeoul.cli.schemas import OutputForm
from jeoul.messages import known_text, say
from jeoul.workspace.today import day_of

if TYPE_CHECKING:
    from jeoul.korea.rulebook import Fact, Rulebook


@click.command()
@click.argument("rule", required=False)
@click.argument("facts", nargs=-1, metavar="[NAME=VALUE]...")
@click.option("--year", type=int, help="The year of the rules; default: this year.")
@reform_option
@rules_of_option
@language_option
@json_option
def ask(
    rule: str | None,
    facts: tuple[str, ...],
    year: int | None,
    reforms: tuple[str, ...],
    rules_of: int | None,
    lang: str,
    as_json: OutputForm | None,
) -> None:
    """Compute RULE from facts; without a rule, list them all with their arguments.

    RULE alone shows how each of its arguments is written.

    A value is written as in TOML, words without quotes: `wages=3천만`, `kind=general`,
    `results='[{asset=fund, gain=500만}]'`, `order='{amount=30만, risk_asset=true}'`.
    """
    from jeoul.advice.explain import notice
    from jeoul.cli.rulebooks import open_rules

    rules = () if rule is None else (rule,)
    asked = None if rule is None or not facts else _facts(rule, facts)
    book = open_rules(year or day_of(None).year, rules, reforms=reforms, rules_of=rules_of)
    head = {
        "year": book.year,
        "rules_of": book.rules_of,
        "as_of": book.as_of.isoformat(),
        "reforms": list(book.reforms),
    }
    if rule is None:
        data, lines = _listed(lang)
    elif asked is None:
        data, lines = _described(rule, lang, book)
    else:
        data, lines = _answered(book, rule, asked, lang)
    if as_json is not None:
        as_json.write({**head, **data})
    else:
        click.echo("\n".join(lines))
    click.echo(notice(lang, book), err=as_json is not None)


def _facts(rule: str, words: tuple[str, ...]) -> dict[str, Any]:
    from jeoul.cli.ask_facts import read_facts

    return read_facts(rule, words)


def _listed(language: str) -> tuple[dict[str, object], list[str]]:
    from jeoul.korea.rules import RULES, arguments, results

    rules, lines = [], [say(language, "ask.listed", {"count": len(RULES)})]
    for rule in RULES:
        fields = arguments(rule).model_fields
        summary = _summary(language, rule)
        needed = [name for name, field in fields.items() if field.is_required()]
        rules.append(
            {
                "rule": rule,
                "summary": summary,
                "arguments": list(fields),
                "required": needed,
                "results": sorted(results(rule)),
            }
        )
        names = ", ".join(name if name in needed else f"{name}?" for name in fields)
        lines.append(f"{rule}  {names}\n    {summary}")
    return {"rules": rules}, lines


def _described(rule: str, language: str, book: Rulebook) -> tuple[dict[str, object], list[str]]:
    """Return how the arguments of a rule are written, where none was given."""
    from jeoul.cli.ask_facts import known_rule
    from jeoul.cli.ask_forms import forms_of
    from jeoul.korea.rules import results

    forms = forms_of(language, known_rule(rule), book)
    lines = [say(language, "ask.title", {"rule": rule, "summary": _summary(language, rule)})]
    for each in forms:
        name = each.name if each.required else f"{each.name}?"
        lines.append(f"  {name}={each.form}")
    lines.append(say(language, "ask.gives", {"results": ", ".join(sorted(results(rule)))}))
    lines.append(say(language, "ask.how"))
    described = {
        "rule": rule,
        "summary": _summary(language, rule),
        "arguments": [each.name for each in forms],
        "required": [each.name for each in forms if each.required],
        "forms": {each.name: each.form for each in forms},
        "results": sorted(results(rule)),
    }
    return {"rules": [described]}, lines


def _in_words(book: Rulebook, rule: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return facts with each word as the rule has it: ``pension-savings`` is pension_savings."""
    from jeoul.korea.rule_words import words_of
    from jeoul.model.instrument import kind_word

    found = dict(given)
    for name, value in given.items():
        if isinstance(value, str):
            words = {kind_word(word): word for word in words_of(book, f"{rule}.{name}")}
            found[name] = words.get(kind_word(value), value)
    return found


def _summary(language: str, rule: str) -> str:
    """Return what a rule gives, in one line; a rule without a message says it in English."""
    from jeoul.korea.rules import RULES

    first = (RULES[rule].__doc__ or rule).partition("\n")[0].removeprefix("Return ")
    return known_text(language, f"ask_rule.{rule}") or first


def _answered(
    book: Rulebook, rule: str, given: Mapping[str, Any], language: str
) -> tuple[dict[str, object], list[str]]:
    from jeoul.advice.explain import explain, plain, told
    from jeoul.korea.reading import noting
    from jeoul.korea.rules import RULES, results

    noted, read = noting(book)
    record = RULES[rule](noted, **_in_words(book, rule, given))
    found = {name: getattr(record, name) for name in sorted(results(rule))}
    data: dict[str, object] = {
        "rule": rule,
        "given": plain(given),
        "results": plain(found),
        "steps": told(language, record.steps),
        "facts": [_fact(fact) for fact in read.values()],
    }
    lines = [say(language, "ask.title", {"rule": rule, "summary": _summary(language, rule)})]
    lines += [f"  {name}: {_shown(language, value)}" for name, value in found.items()]
    lines += [say(language, "rules.step", {"text": explain(language, s)}) for s in record.steps]
    lines += [say(language, "ask.facts")] if read else []
    lines += [say(language, "ask.fact", _fact(fact)) for fact in read.values()]
    return data, lines


def _fact(fact: Fact) -> dict[str, object]:
    return {
        "key": fact.key,
        "source": fact.source,
        "confidence": fact.confidence,
        "carried": fact.carried,
    }


def _shown(language: str, value: object) -> str:
    """Return a result as a person reads it."""
    from jeoul.advice.explain import plain, word

    match value:
        case None | () | []:
            shown = "-"
        case bool():
            shown = say(language, "ask.yes" if value else "ask.no")
        case int():
            shown = f"{value:,}"
        case Decimal():
            shown = f"{value.normalize():f}"
        case str():
            shown = word(language, value)
        case list() | tuple():
            shown = ", ".join(_shown(language, entry) for entry in value)
        case _:
            shown = str(plain(value))
    return shown
