"""Rates that a person typed in, with the day and the place they were read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar

from pydantic import TypeAdapter, ValidationError

from jeoul.errors import ConfigError
from jeoul.files.document import parse_text
from jeoul.files.faults import UNKNOWN, Fault, did_you_mean, likely, shown
from jeoul.files.refused import faults_of
from jeoul.korea.levy import Won

KINDS = ("deposit", "parking", "cma", "cma_merchant", "mmf", "bond", "ima")
"""The kinds of product that a rate can be typed in for."""

STALE_DAYS = 30
"""Days after which a rate is called old: banks post new ones about every month."""

_HIGHEST = Decimal("0.3")  # a year; what is above was meant in percent
_TERM = ("deposit", "bond", "ima")
_OWN = {  # keys that only some kinds have
    "term": _TERM,
    "early_rate": ("deposit",),
    "compounding": ("deposit", "parking", "cma", "cma_merchant", "mmf"),
    "price": ("bond",),
    "taxed_discount": ("bond",),
    "hurdle": ("ima",),
    "fee": ("ima",),
}
_COMPOUNDING = {"deposit": "none", "parking": "monthly", "bond": "none", "ima": "none"}
_PERIODS = ("none", "monthly", "daily")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductRate:
    """One product's rate as a person read it. Rates are fractions a year, ``term`` in months.

    ``rate`` is before tax: of a bond the coupon on its face, of an IMA the return after costs and
    before the performance fee that a person supposes. ``early_rate`` is what a deposit pays if it
    is ended before its term. ``price`` of a bond is a fraction of its face, ``taxed_discount`` the
    part of the face that was discounted at issue and accrues until maturity, which is interest.
    """

    kind: str
    name: str
    rate: Decimal
    as_of: date
    source: str
    term: Won | None = None
    compounding: str | None = None
    early_rate: Decimal | None = None
    price: Decimal = Decimal(1)
    taxed_discount: Decimal = Decimal(0)
    hurdle: Decimal = Decimal("0.04")
    fee: Decimal = Decimal("0.40")
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    @property
    def compounds(self) -> str:
        """Return how interest is added: as written, or as is usual for the kind."""
        return self.compounding or _COMPOUNDING.get(self.kind, "daily")

    def age(self, on: date) -> int:
        """Return how many days old the rate is."""
        return (on - self.as_of).days


@dataclass(frozen=True, slots=True, kw_only=True)
class RatesFile:
    """The keys of a file of rates."""

    rates: tuple[ProductRate, ...]
    schema: Won = 1
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}


def read_rates(text: str, file: str, on: date) -> tuple[ProductRate, ...]:
    r"""Return the rates of a TOML text, ``[[rates]]`` by ``[[rates]]``.

    Raises :class:`ConfigError` with everything wrong in the file: keys and types first, then what
    no product of the kind has, rates that are none, and days after ``on``.

    >>> read_rates("[[rates]]\nkind = 'cma'\nname = 'A'\nrate = 3.3\nas_of = 2026-11-02\n"
    ...            "source = 'the app'", "rates.toml", date(2026, 11, 28))
    Traceback (most recent call last):
    ...
    jeoul.errors.ConfigError: rates.toml:4: rates.0.rate: 3.3 is not a rate; give a fraction, ...
    """
    document = parse_text(text, file, ConfigError, kind="rates", parse_float=Decimal)
    if "rates" not in document.data:
        if (slip := likely("rates", document.data)) is not None:
            fault = Fault((slip,), UNKNOWN, did_you_mean(slip, ["rates"]))
            raise ConfigError(document.problems([fault]))
        remedy = "`jeoul new rates` writes one"
        raise ConfigError([document.problem((), "has no [[rates]]: not a file of rates", remedy)])
    try:
        found = TypeAdapter(RatesFile).validate_python(document.data)
        faults = list(_faults(found, on))
    except ValidationError as error:
        raise ConfigError(document.problems(faults_of(error, RatesFile))) from None
    if faults:
        raise ConfigError(document.problems(faults))
    return found.rates


def _faults(file: RatesFile, on: date) -> Iterator[Fault]:
    if file.schema != 1:
        yield Fault(("schema",), "schema is not 1", "write schema = 1")
    if not file.rates:
        yield Fault(("rates",), "there is no rate", "add [[rates]] and its keys below")
    names: set[str] = set()
    for place, quote in enumerate(file.rates):
        if quote.name in names:
            wrong = f"{shown(quote.name)} is there twice"
            yield Fault(("rates", place, "name"), wrong, "give each its own name")
        names.add(quote.name)
        for fault in _quote_faults(quote, on):
            yield fault._replace(key=("rates", place, *fault.key))


def _quote_faults(quote: ProductRate, on: date) -> Iterator[Fault]:
    if quote.kind not in KINDS:
        wrong = f"{shown(quote.kind)} is not a kind of product"
        yield Fault(("kind",), wrong, did_you_mean(quote.kind, KINDS))
        return
    for name, kinds in _OWN.items():
        default = ProductRate.__dataclass_fields__[name].default
        if quote.kind not in kinds and getattr(quote, name) != default:
            wrong = f"a rate of kind {quote.kind} has none"
            yield Fault((name,), wrong, "remove it")
    if quote.kind in _TERM and (quote.term is None or not 1 <= quote.term <= 600):
        yield Fault(("term",), f"a {quote.kind} needs a term", "give months, from 1 to 600")
    if quote.compounding not in (None, *_PERIODS):
        wrong = f"{shown(quote.compounding)} is not a way to add interest"
        yield Fault(("compounding",), wrong, did_you_mean(str(quote.compounding), _PERIODS))
    if quote.as_of > on:
        yield Fault(("as_of",), f"{quote.as_of} lies after {on}", "give the day it was read")
    yield from _number_faults(quote)


def _number_faults(quote: ProductRate) -> Iterator[Fault]:
    remedy = "give a fraction, 0.033 for 3.3 %"
    most = {"rate": _HIGHEST, "early_rate": _HIGHEST, "hurdle": _HIGHEST}
    for name in ("rate", "early_rate", "hurdle", "fee", "taxed_discount"):
        value = getattr(quote, name)
        if value is not None and not 0 <= value < most.get(name, 1):
            yield Fault((name,), f"{value} is not a rate", remedy)
    if not Decimal("0.1") < quote.price < 2:
        wrong = f"{quote.price} is not a price as a fraction of the face"
        yield Fault(("price",), wrong, "give 0.97 for 9,700 won of 10,000")
