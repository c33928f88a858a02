"""A line on the terminal while a command works without anything to show."""

from __future__ import annotations

import threading
from typing import TextIO

_PATIENCE = 1.0  # seconds of work before a person is told that something happens
_TICK = 0.25
_MARKS = "|/-\\"


class Waiting:
    """A line on stderr that says how long a command has worked, from the first second on.

    It is for work without steps to count, and disappears before anything else is written.
    """

    def __init__(self, stream: TextIO | None) -> None:
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        if stream is not None and not stream.closed and stream.isatty():
            self._thread = threading.Thread(target=self._work, args=(stream,), daemon=True)
            self._thread.start()

    def _work(self, stream: TextIO) -> None:
        waited = _PATIENCE
        if self._over.wait(_PATIENCE):
            return
        while True:
            mark = _MARKS[int(waited / _TICK) % len(_MARKS)]
            stream.write(f"\r{mark} {waited:.0f} s")
            stream.flush()
            if self._over.wait(_TICK):
                break
            waited += _TICK
        stream.write("\r\x1b[K")
        stream.flush()

    def end(self) -> None:
        """End the line; calling it again does nothing."""
        thread, self._thread = self._thread, None
        self._over.set()
        if thread is not None:
            thread.join()
