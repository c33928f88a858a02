"""``jeoul glossary``: what a word of Korean retail finance means."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from jeoul.cli.options import json_option, language_option
from jeoul.cli.schemas import OutputForm
from jeoul.messages import say

if TYPE_CHECKING:
    from jeoul.korea.glossary import Term


@click.command()
@click.argument("words", nargs=-1)
@language_option
@json_option
def glossary(words: tuple[str, ...], lang: str, as_json: OutputForm | None) -> None:
    """Explain WORDS, such as ELS or 괴리율, and common mistakes; without WORDS, list all terms."""
    from jeoul.korea.catalogue_files import load_glossary
    from jeoul.korea.glossary import look_up

    terms = load_glossary()
    found = look_up(terms, " ".join(words)) if words else terms
    if as_json is not None:
        as_json.write({"terms": [_data(term, lang) for term in found]})
        return
    if not found:
        click.echo(say(lang, "glossary.none", {"count": len(terms)}))
    for term in found:
        for line in _lines(term, lang, whole=bool(words)):
            click.echo(line)


def _lines(term: Term, language: str, *, whole: bool) -> Iterator[str]:
    yield say(language, "glossary.term", term.name)
    if not whole:
        return
    yield say(language, "glossary.text", {"text": term.text[language]})
    if term.corrects is not None:
        yield say(language, "glossary.corrects", {"text": term.corrects[language]})
    yield from (say(language, "glossary.source", {"url": url}) for url in term.sources)


def _data(term: Term, language: str) -> dict[str, object]:
    return {
        "id": term.id,
        "name": dict(term.name),
        "also": list(term.also),
        "text": term.text[language],
        "corrects": None if term.corrects is None else term.corrects[language],
        "sources": list(term.sources),
    }
