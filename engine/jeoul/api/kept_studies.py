"""What ``jeoul evidence`` found, kept for a later process over the same rules, data and source."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from jeoul.api.parts import calendars
from jeoul.files.cache import kept_or_made
from jeoul.files.records import read_record, record_text

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
        name = None if self.cache is None else self._name(f"evidence-{kind}")
        read: Callable[[bytes], T] = partial(read_record, record)
        kept: T = kept_or_made(self.cache, name, make, record_text, read)
        return kept

    def _name(self, kind: str) -> str | None:
        from jeoul.pipeline.inputs import rules_id
        from jeoul.pipeline.kept_names import kept_name

        first, *others = self.mandates
        seen = sha256()
        for part in _parts({"history": self.history, **calendars()}):
            seen.update(part)
        further = (tuple(self.asked), [rules_id(other) for other in others], seen.hexdigest())
        return kept_name(kind, first, self.digest, *further, whole=True)


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
