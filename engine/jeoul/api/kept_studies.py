"""What ``jeoul evidence`` found, kept for a later process over the same rules, data and source."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from jeoul.api.parts import calendars
from jeoul.files.records import read_record, record_text
from jeoul.files.source_stamp import data_stamp, library_stamp, source_stamp
from jeoul.pipeline.kept_names import LIBRARIES

if TYPE_CHECKING:
    from jeoul.files.cache import Cache
    from jeoul.model.history import History
    from jeoul.pipeline.mandate import Mandate

T = TypeVar("T")


@dataclass(frozen=True)
class KeptStudies:
    """Results over one history; ``digest`` says what the market of it shows.

    ``mandates`` are all whose rules a result depends on, ``asked`` whatever else was asked for. A
    result lies under the digest of all that, of the history itself, the calendars, the versions
    and every source of jeoul, so that a change of any of them makes it again.
    """

    cache: Cache | None
    history: History
    digest: str
    mandates: Sequence[Mandate]
    asked: Sequence[object] = ()

    def found(self, kind: str, record: Any, make: Callable[[], T]) -> T:
        """Return what ``make`` gives, from the cache where it was made before.

        ``record`` is its type, for :func:`~jeoul.files.records.read_record`.
        """
        stamps = (source_stamp(""), data_stamp(""), library_stamp(*LIBRARIES))
        if self.cache is None or None in stamps:
            return make()
        name = f"evidence-{kind}-{self._named(stamps)}"
        content = self.cache.find(name)
        if content is not None:
            kept: T = read_record(record, content)
            return kept
        found = make()
        self.cache.keep(name, record_text(found))
        return found

    def _named(self, stamps: object) -> str:
        from jeoul.pipeline.inputs import fingerprint

        named = sha256(repr((stamps, sys.version, tuple(self.asked))).encode())
        for mandate in self.mandates:
            named.update(fingerprint(mandate, self.digest).encode())
        for part in _parts({"history": self.history, **calendars()}):
            named.update(part)
        return named.hexdigest()


def _parts(value: Any) -> Iterator[bytes]:
    """Yield the bytes of a record, of the names and values of a mapping, of an array."""
    if is_dataclass(value):
        value = {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, np.ndarray):
        yield repr((value.dtype.str, value.shape)).encode()
        yield value.tobytes()
    elif isinstance(value, Mapping):
        for key in sorted(value):
            yield f"\0{key}\0".encode()
            yield from _parts(value[key])
    else:
        yield repr(value).encode()
