"""``jeoul explain``: what a code of an error, a finding, a reason or an outcome means."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from jeoul.cli.options import json_option, language_option
from jeoul.cli.schemas import OutputForm
from jeoul.errors import UsageError
from jeoul.messages import say

if TYPE_CHECKING:
    from jeoul.codes import Code, Texts


@click.command()
@click.argument("words", nargs=-1, metavar="[CODE]...")
@language_option
@json_option
def explain(words: tuple[str, ...], lang: str, as_json: OutputForm | None) -> None:
    """Explain a CODE: what it means, why it comes, an example, and what to do.

    CODE is the word in brackets at the end of an error, the `kind` of a finding, a code of a
    reason, or the outcome of a run. A part of a message finds its code too. Without CODE all codes
    are listed.
    """
    from jeoul.codes import codes, look_up, sentences

    asked = " ".join(words).strip()
    found: Sequence[Code] = look_up(asked) if asked else tuple(codes().values())
    said = () if found else sentences(asked)
    if not found and not said:
        raise UsageError(f"no code and no message has {asked!r}; `jeoul explain` lists the codes")
    if as_json is not None:
        texts = [dict(each) for each in said]
        as_json.write({"codes": [_data(code, lang) for code in found], "messages": texts})
        return
    if not asked:
        _list(found, lang)
    elif len(found) == 1:
        click.echo("\n".join(_page(found[0], lang)))
    else:
        for code in found:
            click.echo(_line(code, lang))
        _tell(said, lang)


def _list(found: Sequence[Code], lang: str) -> None:
    from jeoul.codes import groups

    for group in groups():
        click.echo(say(lang, "explain.group", {"title": group.title[lang]}))
        for code in found:
            if code.group == group.name:
                click.echo(_line(code, lang))
    click.echo(say(lang, "explain.count", {"count": len(found)}))


def _tell(said: Sequence[Texts], lang: str) -> None:
    for each in said:
        click.echo(each[lang])
    if said:
        click.echo(say(lang, "explain.brackets"))


def _line(code: Code, lang: str) -> str:
    return f"  {code.name:<27} {code.what[lang]}"


def _page(code: Code, lang: str) -> Iterator[str]:
    yield code.name
    parts = {"what": code.what, "why": code.why, "remedy": code.remedy}
    for name, texts in parts.items():
        yield say(lang, f"explain.{name}", {"text": texts[lang]})
    yield say(lang, "explain.example", {"text": code.example.replace("\n", "\n    ")})


def _data(code: Code, lang: str) -> dict[str, object]:
    return {
        "code": code.name,
        "group": code.group,
        "what": code.what[lang],
        "why": code.why[lang],
        "remedy": code.remedy[lang],
        "example": code.example,
    }
