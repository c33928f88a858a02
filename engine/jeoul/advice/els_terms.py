"""The terms of an ELS as a person types them in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import ClassVar

from pydantic import TypeAdapter, ValidationError

from jeoul.errors import ConfigError
from jeoul.files.document import parse_text
from jeoul.files.faults import Fault
from jeoul.files.refused import faults_of
from jeoul.korea.els import ElsTerms
from jeoul.korea.levy import Won

_LONGEST = 120  # months; the longest step-down ELS sold to households run for three years


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsFile:
    """The keys of a file of an ELS's terms."""

    coupon: Decimal
    barriers: tuple[Decimal, ...]
    months: Won
    knock_in: Decimal | None = None
    monthly_barrier: Decimal | None = None
    name: str = "ELS"
    schema: Won = 1
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}


def read_els(text: str, file: str) -> tuple[str, ElsTerms]:
    r"""Return the name and the terms of an ELS in a TOML text.

    Raises :class:`ConfigError` with everything wrong in the file.

    >>> text = "name = 'A'\ncoupon = 0.06\nbarriers = [0.9, 0.85, 0.8]\nmonths = 6\nknock_in = 0.5"
    >>> read_els(text, "els.toml")[1].term
    18
    >>> read_els(text.replace("0.06", "6"), "els.toml")
    Traceback (most recent call last):
    ...
    jeoul.errors.ConfigError: els.toml:2: coupon: 6 a year is not a coupon; give a fraction, ...
    """
    document = parse_text(text, file, ConfigError, kind="els", parse_float=Decimal)
    if not {"coupon", "barriers", "months"} & document.data.keys():
        wrong = "has no coupon, barriers or months: not the terms of an ELS"
        raise ConfigError([document.problem((), wrong, "write them as docs/korea.md shows")])
    try:
        found = TypeAdapter(TermsFile).validate_python(document.data)
    except ValidationError as error:
        raise ConfigError(document.problems(faults_of(error, TermsFile))) from None
    terms = ElsTerms(*(getattr(found, field.name) for field in fields(ElsTerms)))
    faults = list(_faults(terms))
    if found.schema != 1:
        faults.append(Fault(("schema",), "schema is not 1", "write schema = 1"))
    if faults:
        raise ConfigError(document.problems(faults))
    return found.name, terms


def _faults(terms: ElsTerms) -> Iterator[Fault]:
    if not 0 <= terms.coupon < 1:
        wrong = f"{terms.coupon} a year is not a coupon"
        yield Fault(("coupon",), wrong, "give a fraction, 0.06 for 6 %")
    if not terms.barriers:
        yield Fault(("barriers",), "there is no observation", "give a barrier for each")
    for barrier in terms.barriers:
        if not 0 < barrier <= 1:
            wrong = f"{barrier} is not a share of the first level"
            yield Fault(("barriers",), wrong, "give fractions, 0.9 for 90 %")
    if terms.months < 1 or terms.term > _LONGEST:
        wrong = f"{terms.months} months between {len(terms.barriers)} observations"
        yield Fault(("months",), wrong, f"give a term of 1 to {_LONGEST} months in all")
    for name in ("knock_in", "monthly_barrier"):
        level = getattr(terms, name)
        if level is not None and not 0 < level <= 1:
            wrong = f"{level} is not a share of the first level"
            yield Fault((name,), wrong, "give a fraction, 0.5 for 50 %; leave it out for none")
    if terms.knock_in is not None and terms.barriers and terms.knock_in > terms.barriers[-1]:
        wrong = f"{terms.knock_in} lies above the last barrier, {terms.barriers[-1]}"
        yield Fault(("knock_in",), wrong, "lower it, or leave it out")
