"""The letters of what is served: where they are filed, and under which name each is opened."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jeoul.operations.letter.filing import Filed, content_of, filed
from jeoul.web.place import ServedFiles
from jeoul.workspace.letter import filed_under

HOME = "household"
"""The shelf of a household's own letters; accounts are shelves by their name behind a colon."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where letters of a household or of an account are filed.

    ``id`` is its name in an address, ``file`` what the command line calls it, ``account`` the
    account, None for the whole household.
    """

    id: str
    file: str
    account: str | None
    state: Path

    def letters(self) -> tuple[Filed, ...]:
        """Return the letters on the shelf, the newest quarter first."""
        return tuple(reversed(filed(self.state)))

    def letter(self, name: str) -> bytes | None:
        """Return a listed letter as it was filed, None for every other name.

        Raises :class:`~jeoul.errors.JeoulError` where it is encrypted and no passphrase is given.
        """
        found = next((each for each in self.letters() if each.name == name), None)
        return None if found is None else content_of(found, filed_under(self.file)[1])


def shelves_of(place: ServedFiles) -> tuple[Shelf, ...]:
    """Return the shelves of what is served: the household's own first, then each account's."""
    return tuple(_shelves(place))


def _shelves(place: ServedFiles) -> Iterator[Shelf]:
    home = place.read()
    if home is not None and home.runs.encrypt is None:  # encrypted accounts have letters apart
        yield Shelf(HOME, str(place.household), None, home.state)
    for name, config in place.accounts().items():
        file = str(config.path) if home is None else f"{place.household}:{name}"
        yield Shelf(f"account:{name}", file, name, config.state)
