"""State for its owner's eyes only: folders 0700, files 0600, each written whole or not at all.

POSIX modes are meant. Windows keeps what the folder's own access list says.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

FOLDER, FILE = 0o700, 0o600


def private_folder(folder: Path) -> None:
    """Make a folder and those above it that are missing; nobody but its owner may enter it.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as home:
    ...     private_folder(Path(home) / "state")
    ...     oct((Path(home) / "state").stat().st_mode & 0o777)
    '0o700'
    """
    folder.mkdir(mode=FOLDER, parents=True, exist_ok=True)
    if folder.stat().st_mode & 0o077:
        folder.chmod(FOLDER)


def close_to_others(folder: Path, *inner: str) -> None:
    """Take every right of other users from a folder, the files in it and its ``inner`` folders.

    A folder that an older version made may be open. Links are left alone, because what they point
    to is somewhere else; so is a file of another user, whose mode the system does not let us set.
    """
    private_folder(folder)
    for place in (folder, *(folder / name for name in inner)):
        if not place.is_dir():
            continue
        with os.scandir(place) as entries:
            for entry in entries:
                mode = entry.stat(follow_symlinks=False).st_mode
                wanted = entry.is_file() or entry.name in inner
                if mode & 0o077 and wanted and not entry.is_symlink():
                    with suppress(PermissionError):
                        os.chmod(entry.path, mode & 0o700)


def create_private(path: Path) -> None:
    """Make an empty file with mode 0600 where there is none, so that no other mode is ever seen.

    SQLite gives the mode of a database to the files that it keeps beside it.
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE))


def write_private(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all, with mode 0600; text is UTF-8.

    The content reaches the disk before the name does: after a power cut the name shows the old
    file or the new one. Raises ``OSError``.
    """
    partial = path.with_name(path.name + ".partial")
    partial.unlink(missing_ok=True)
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE)
    with os.fdopen(handle, "wb") as file:
        file.write(content.encode() if isinstance(content, str) else content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path)
