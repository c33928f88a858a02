"""The glossary: what the words of Korean retail finance mean, and what is often said wrongly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jeoul.korea.words import folded, stems


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A term in both languages; ``corrects`` is a common mistake about it and what is true."""

    id: str
    name: Mapping[str, str]
    also: tuple[str, ...]
    text: Mapping[str, str]
    corrects: Mapping[str, str] | None
    sources: tuple[str, ...]

    @property
    def written(self) -> tuple[str, ...]:
        """Return every form that the term is looked up by."""
        return (self.id.replace("_", " "), *self.name.values(), *self.also)


def look_up(terms: Iterable[Term], asked: str) -> tuple[Term, ...]:
    """Return the terms that are meant by some words: those of that name, or else that contain it.

    >>> from jeoul.korea.catalogue_files import load_glossary
    >>> [term.id for term in look_up(load_glossary(), "커버드콜이")]
    ['covered_call']
    """
    known = tuple(terms)
    for word in stems(asked):
        exact = tuple(t for t in known if any(folded(form) == word for form in t.written))
        if exact:
            return exact
    for word in stems(asked):
        near = tuple(t for t in known if any(word in folded(form) for form in t.written))
        if word and near:
            return near
    return ()
