"""What is served is worth: made once for every state of the files, for all pages that show it."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from jeoul.errors import JeoulError
from jeoul.web.place import ServedFiles
from jeoul.web.shared import Serving
from jeoul.workspace.past import PastDecision, past_decisions
from jeoul.workspace.worth import StatementWorth, worth_at

WAIT = 0.05  # seconds that a page waits for an answer that is nearly there


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedWorth:
    """The worth of a household or of every config, and their decisions, the newest first.

    ``unstated`` says by name why a config, or the household, has no statement yet.
    """

    worths: tuple[StatementWorth, ...]
    unstated: tuple[tuple[str, str], ...]
    decisions: tuple[PastDecision, ...]

    @property
    def value(self) -> int:
        """Return all value in won."""
        return sum(each.facts.figures.value for each in self.worths)

    @property
    def simulated(self) -> bool:
        """Return whether any of it rests on simulated prices."""
        return any(each.facts.simulated for each in self.worths)


def seen(serving: Serving) -> Future[ServedWorth]:
    """Return what is served, as far as it is made by now."""
    place = serving.place
    return serving.kept.ask("worth", place.state(), lambda: _look(place), wait=WAIT)


def _look(place: ServedFiles) -> ServedWorth:
    worths, unstated = [], []
    for path in _named(place):
        try:
            worths.append(worth_at(str(path), place.data))
        except JeoulError as error:
            unstated.append((path.stem, str(error)))
    looked = {each.id: each.review for worth in worths for each in worth.facts.accounts}
    reviews = {name: review.outcomes for name, review in looked.items() if review is not None}
    return ServedWorth(
        worths=tuple(worths),
        unstated=tuple(unstated),
        decisions=past_decisions(place.accounts(), reviews),
    )


def _named(place: ServedFiles) -> tuple[Path, ...]:
    return place.configs if place.household is None else (place.household,)
