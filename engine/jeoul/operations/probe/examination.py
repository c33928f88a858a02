"""Everything that moves no money, asked once, and each answer compared with what is read of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

import jeoul
from jeoul.errors import BrokerError
from jeoul.operations.broker.port import Broker
from jeoul.operations.broker.rest.broker import BrokerQuestion, RestBroker
from jeoul.operations.broker.rest.wire import Verdict, time_of
from jeoul.operations.probe.forms import at, fits, form_of, shown_name, without_digits

T = TypeVar("T")
NOT_ASKED = "not asked, because the broker gives no token"
NEW = 60  # names of fields that nobody reads, in a report at most


@dataclass(frozen=True, slots=True)
class Field:
    """A field that the adapter reads: what it expects and which forms came, by how many rows."""

    name: str
    expected: str
    seen: Mapping[str, int]

    @property
    def fits(self) -> bool:
        """Return whether every row had a form that is read; no rows say nothing against it."""
        return all(fits(self.expected, form) for form in self.seen)

    def as_json(self) -> dict[str, Any]:
        """Return the field as JSON values."""
        seen = dict(sorted(self.seen.items()))
        return {"name": self.name, "expected": self.expected, "seen": seen, "fits": self.fits}


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one question; ``trouble`` is why it has no answer that can be read.

    ``rows`` counts them by the place in the answer, ``new`` are the names of fields that nobody
    reads.
    """

    name: str
    trouble: str | None
    seconds: float
    pages: int
    rows: Mapping[str, int]
    fields: tuple[Field, ...]
    new: tuple[str, ...]

    @property
    def fits(self) -> bool:
        """Return whether it was answered as the adapter expects."""
        return self.trouble is None and all(field.fits for field in self.fields)

    def as_json(self) -> dict[str, Any]:
        """Return the answer as JSON values, without any value of the account."""
        return {
            "question": self.name,
            "fits": self.fits,
            "trouble": self.trouble,
            "seconds": round(self.seconds, 2),
            "pages": self.pages,
            "rows": dict(self.rows),
            "fields": [field.as_json() for field in self.fields],
            "new_fields": list(self.new),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """The answers of one host on one day. ``read`` is what the adapter says of reading them whole.

    ``slowed`` counts requests that the host asked to be slower about, ``unanswered`` those without
    an answer, ``behind`` is how far this machine's clock is behind the host's in seconds.
    """

    kind: str
    mode: str
    day: date
    answers: tuple[Answer, ...]
    read: Mapping[str, str | None]
    slowed: int
    unanswered: int
    slowest: float
    behind: float | None

    @property
    def fits(self) -> bool:
        """Return whether the host answers as the adapter expects."""
        return all(answer.fits for answer in self.answers) and not any(self.read.values())

    def as_json(self) -> dict[str, Any]:
        """Return the examination as JSON values; nothing in it is a secret or a figure."""
        return {
            "broker": self.kind,
            "mode": self.mode,
            "day": self.day.isoformat(),
            "jeoul": jeoul.__version__,
            "fits": self.fits,
            "answers": [answer.as_json() for answer in self.answers],
            "read": dict(self.read),
            "slowed": self.slowed,
            "unanswered": self.unanswered,
            "slowest_seconds": round(self.slowest, 2),
            "clock_behind_seconds": None if self.behind is None else round(self.behind, 1),
        }


def examine(broker: RestBroker, session: date) -> Examination:
    """Ask everything that moves no money, and return what the answers look like.

    Without a token the rest is not asked: a broker sends its customer a message for each question
    for one, and may stop keys that ask often.
    """
    answers = tuple(_answer(broker, question) for question in broker.questions(session))
    read = {
        "account": _trouble(broker, broker.account),
        "orders": _trouble(broker, lambda: broker.orders(session)),
    }
    if type(broker).movements is not Broker.movements:  # not every broker says what else moved
        read["movements"] = _trouble(broker, broker.movements)
    asked = broker.wire.asked
    dated = [(each.at, each.date) for each in asked if each.date]
    return Examination(
        kind=broker.kind,
        mode=broker.mode,
        day=session,
        answers=answers,
        read=read,
        slowed=sum(each.verdict is Verdict.WAIT for each in asked),
        unanswered=sum(each.verdict is None for each in asked),
        slowest=max((each.seconds for each in asked), default=0.0),
        behind=_behind(*dated[-1]) if dated else None,
    )


def _answer(broker: RestBroker, question: BrokerQuestion) -> Answer:
    began = broker.clock.now()
    trouble, pages = _asked(broker, question.ask)
    seconds = broker.clock.now() - began
    if trouble is not None or pages is None:
        return Answer(
            name=question.name,
            trouble=trouble,
            seconds=seconds,
            pages=0,
            rows={},
            fields=(),
            new=(),
        )
    listed = {place: list(_rows(pages, place)) for place in question.rows}
    known = {name.partition(".")[0] for names in question.rows.values() for name in names}
    new = {name for rows in listed.values() for row in rows for name in row if name not in known}
    return Answer(
        name=question.name,
        trouble=None,
        seconds=seconds,
        pages=len(pages),
        rows={place or "answer": len(rows) for place, rows in listed.items()},
        fields=tuple(
            Field(name, expected, Counter(_seen(row, name) for row in listed[place]))
            for place, names in question.rows.items()
            for name, expected in names.items()
        ),
        new=tuple(sorted({shown_name(name) for name in new}))[:NEW],
    )


def _rows(pages: Sequence[Mapping[str, Any]], place: str) -> Iterator[Mapping[str, Any]]:
    for page in pages:
        found = at(page, place)
        rows = found if isinstance(found, list) else [found]
        yield from (row for row in rows if isinstance(row, Mapping))


def _seen(row: Mapping[str, Any], name: str) -> str:
    outer, _, inner = name.rpartition(".")
    holder = at(row, outer)
    if not isinstance(holder, Mapping) or inner not in holder:
        return "missing"
    return form_of(holder[inner])


def _trouble(broker: RestBroker, ask: Callable[[], object]) -> str | None:
    return _asked(broker, ask)[0]


def _asked(broker: RestBroker, ask: Callable[[], T]) -> tuple[str | None, T | None]:
    """Return why a question has no answer, and the answer."""
    if broker.wire.tokens.refused:
        return NOT_ASKED, None
    try:
        return None, ask()
    except BrokerError as error:
        return without_digits(broker.wire.hide(str(error))), None


def _behind(at_: float, said: str | None) -> float | None:
    host = time_of(said)
    return None if host is None else host - at_
