"""The log as JSON lines: one event a line, with its name and figures and no free text.

What a person typed, the texts of errors and the names in files stay out of it: an event carries
codes, digests, counts and times, so that it can be sent to a machine that collects logs.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

SUFFIX = ".jsonl"
"""The ending of a log file that is written as JSON lines."""


class JsonLines(logging.Formatter):
    """Events as one JSON object a line, in which every secret is hidden."""

    def __init__(self, secrets: Sequence[str]) -> None:
        super().__init__()
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        """Return an event as JSON text."""
        from jeoul.operations.setup.secrets import without_secrets

        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        detail: Mapping[str, object] = getattr(record, "detail", {})
        line = {"at": at, "level": record.levelname.lower(), "event": event_of(record), **detail}
        return without_secrets(json.dumps(line, ensure_ascii=False), self._secrets)


def event_of(record: logging.LogRecord) -> str | None:
    """Return the name of a record's event, None for a line that is only text."""
    found = getattr(record, "event", None)
    return found if isinstance(found, str) else None


def is_event(record: logging.LogRecord) -> bool:
    """Return whether a record is an event, which belongs in JSON lines."""
    return event_of(record) is not None


def is_text(record: logging.LogRecord) -> bool:
    """Return whether a record is a line of text, which belongs in a log that people read."""
    return event_of(record) is None


def log_event(event: str, level: int = logging.INFO, **detail: object) -> None:
    """Log an event; its figures, codes and digests must not be a person's name or a secret."""
    extra = {"event": event, "detail": detail}
    logging.getLogger("jeoul").log(level, "%s", event, extra=extra)
