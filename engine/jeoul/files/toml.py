"""Strict TOML: a file becomes a checked model, or every problem of it with its line and remedy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from jeoul.errors import Problem, StrategyError
from jeoul.files.document import MOST_FAULTS, Document, Refusal
from jeoul.files.faults import UNKNOWN, Fault, Location, did_you_mean, likely
from jeoul.files.refused import fault_of

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")
Found = tuple[Location, str, str]  # a key, what is wrong with it, and what to do


class Faults(ValueError):
    """Several things wrong in one table, for a validator to raise at once.

    ``found`` gives the keys below that table.

    >>> raise Faults([(("grid",), "0.3 does not divide 1", "use 0.25")])
    Traceback (most recent call last):
    jeoul.files.toml.Faults: grid: 0.3 does not divide 1; use 0.25
    """

    def __init__(self, found: Sequence[Found]) -> None:
        self.found = tuple(Fault(*fault) for fault in found)
        said = (
            f"{'.'.join(map(str, key))}: {wrong}; {remedy}" for key, wrong, remedy in self.found
        )
        super().__init__(" | ".join(said))


def kind_as_written(table: T) -> T:
    """Return a table, or raise :class:`Faults` with the key that was meant to be its ``kind``.

    For a table whose other keys are known by its kind alone, so that none of them is refused.
    """
    names = [str(key) for key in table] if isinstance(table, Mapping) else ["kind"]
    if "kind" not in names and (slip := likely("kind", names)) is not None:
        raise Faults([((slip,), UNKNOWN, did_you_mean(slip, ["kind"]))])
    return table


def check(document: Document, model: type[M], error: Refusal = StrategyError) -> M:
    """Return the document as a checked model, or raise ``error`` with every problem of it."""
    try:
        return model.model_validate(document.data)
    except ValidationError as failure:
        found = failure.errors(include_url=False)
    # Explaining a fault costs more than finding its line: only those that are shown are explained.
    found.sort(key=lambda one: document.line(_in_file(document.data, one["loc"])) or 0)
    faults = [
        fault
        for detail in found[:MOST_FAULTS]
        if not _echoes(detail, found)
        for fault in _explained(document, model, detail)
    ]
    problems = [document.problem(*fault) for fault in faults]
    if more := len(found) - len(found[:MOST_FAULTS]):
        problems.append(Problem(document.file, f"… and {more:,} more problems"))
    else:
        problems.sort(key=lambda problem: problem.line or 0)
    raise error(problems) from None


def _echoes(detail: ErrorDetails, found: Sequence[ErrorDetails]) -> bool:
    """Return whether a list is called too short only because its entries are refused."""
    place = detail["loc"]
    return detail["type"] == "too_short" and any(
        len(other["loc"]) > len(place) and other["loc"][: len(place)] == place for other in found
    )


def _explained(document: Document, model: type[BaseModel], detail: ErrorDetails) -> list[Fault]:
    error, table = detail.get("ctx", {}).get("error"), _in_file(document.data, detail["loc"])
    if not isinstance(error, Faults):
        return [fault_of(detail, model, table)]
    return [fault._replace(key=(*table, *fault.key)) for fault in error.found]


def _in_file(data: object, location: Location) -> Location:
    """Return a location without the parts that pydantic adds, as the tag of a union is one."""
    found: Location = ()
    parts = [part for part in location if part != "[key]"]
    is_tag_next = True
    for place, part in enumerate(parts, start=1):
        # The tag is the table's kind, and a table of the kind "member" may have a key of that name.
        is_tag = is_tag_next and isinstance(data, dict) and data.get("kind") == part
        is_tag_next = not is_tag
        if is_tag:
            continue
        known = (isinstance(data, dict) and part in data) or (
            isinstance(data, list) and isinstance(part, int) and part < len(data)
        )
        if known:
            data = data[part]  # type: ignore[index]
        if known or place == len(parts):
            found = (*found, part)
    return found
