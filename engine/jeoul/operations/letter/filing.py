"""Where letters are filed: a folder of the state folder, in which none is ever replaced."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jeoul.database import EncryptionKey
from jeoul.errors import DataError
from jeoul.operations.setup.kept import LETTERS, read_kept, write_kept
from jeoul.operations.setup.private import private_folder

_NAME = re.compile(r"(\d{4}Q[1-4])-(ko|en)(?:\.(\d+))?\.html")


@dataclass(frozen=True, slots=True, order=True)
class Filed:
    """A letter in a state folder: its quarter, language, and which of several it is, from 1."""

    quarter: str
    language: str
    edition: int
    path: Path

    @property
    def name(self) -> str:
        """Return the name of its file.

        >>> Filed("2024Q2", "ko", 2, Path("x")).name
        '2024Q2-ko.2.html'
        """
        more = "" if self.edition == 1 else f".{self.edition}"
        return f"{self.quarter}-{self.language}{more}.html"


def file_letter(
    state: Path, quarter: str, language: str, page: str, key: EncryptionKey | None
) -> Filed:
    """File a letter below a state folder and return where; the same page is filed once.

    A page that differs from the newest one of its quarter and language becomes the next edition:
    what was filed stays. With a ``key`` the file is encrypted like every other of the folder.
    """
    content = page.encode()
    before = [each for each in filed(state) if (each.quarter, each.language) == (quarter, language)]
    if before and content_of(before[-1], key) == content:
        return before[-1]
    edition = before[-1].edition + 1 if before else 1
    found = Filed(quarter, language, edition, Path())
    place = state / LETTERS / found.name
    private_folder(place.parent)
    write_kept(place, content, key)
    return Filed(quarter, language, edition, place)


def filed(state: Path) -> tuple[Filed, ...]:
    """Return the letters below a state folder, oldest quarter first."""
    return tuple(sorted(_filed(state)))


def content_of(letter: Filed, key: EncryptionKey | None) -> bytes:
    """Return a letter as it was filed; raise :class:`DataError` for a file that cannot be read."""
    try:
        return read_kept(letter.path, key)
    except (OSError, ValueError) as error:
        raise DataError(f"{letter.path} cannot be read: {error}") from error


def digest_of(letter: Filed, key: EncryptionKey | None) -> str:
    """Return the SHA-256 of a letter's page, as hexadecimal text."""
    return hashlib.sha256(content_of(letter, key)).hexdigest()


def _filed(state: Path) -> Iterator[Filed]:
    folder = state / LETTERS
    for path in folder.iterdir() if folder.is_dir() else ():
        found = _NAME.fullmatch(path.name)
        if found is not None:
            yield Filed(found[1], found[2], int(found[3] or 1), path)
