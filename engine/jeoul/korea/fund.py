"""One listed fund of the catalogue: every field with the page and the words that it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from jeoul.korea.accounts import may_hold
from jeoul.korea.rulebook import Rulebook
from jeoul.model.instrument import AccountKind

FIELDS = (
    "name", "former", "brand", "manager", "index", "class", "themes", "style", "multiple",
    "features", "hedge", "fee", "tax", "irp", "distribution", "listed",
)  # fmt: skip
"""The fields of a fund, in the order in which they are shown."""

ORDER_NEEDS = ("name", "class", "multiple", "tax")
"""The fields without which no order is made in any account; in an IRP or DC ``irp`` as well."""


@dataclass(frozen=True, slots=True)
class SourcePage:
    """A page or list, with the day, month or year that it bears; None where it bears none."""

    title: str
    url: str
    dated: str | None
    retrieved: date


@dataclass(frozen=True, slots=True)
class FundFact:
    """A field's value, the page that confirms it, and the few words of it that it rests on.

    ``value`` and ``page`` are None where nothing confirms the field; a list may be confirmed to be
    empty.
    """

    value: object = None
    page: SourcePage | None = None
    words: str = ""

    @property
    def confirmed(self) -> bool:
        """Return whether a page confirms the field."""
        return self.page is not None


@dataclass(frozen=True, slots=True)
class ListRow:
    """The words that the exchange's list printed of one fund."""

    code: str
    name: str
    legal: str
    manager: str
    index: str
    multiple: str
    method: str
    market: str
    asset: str
    fee: str
    tax: str
    listed: str


@dataclass(frozen=True, slots=True)
class ListedFund:
    """A listed fund: its code and its facts by field; ``aliases`` are the old brands it goes by."""

    code: str
    facts: Mapping[str, FundFact]
    aliases: tuple[str, ...] = ()

    def value(self, field: str) -> object:
        """Return the value of a field, None where it is unconfirmed."""
        return self.facts[field].value

    def text(self, field: str) -> str:
        """Return the value of a field as text, empty where it is unconfirmed."""
        value = self.value(field)
        return "" if value is None else str(value)

    def names(self, field: str) -> tuple[str, ...]:
        """Return a field that is a list, empty where it is unconfirmed."""
        value = self.value(field)
        return tuple(map(str, value)) if isinstance(value, tuple) else ()


def held_in(book: Rulebook, fund: ListedFund, account: str) -> bool | None:
    """Return whether an account of a kind may hold a fund; None where no source says so.

    Every account may hold funds of the exchange; pension accounts bar geared ones, and an IRP or a
    DC account those that its own class bars. Raises :class:`RuleError` for an unknown kind.

    >>> from jeoul.korea.catalogue_files import load_catalogue
    >>> from jeoul.korea.tables import load_rules
    >>> fund = load_catalogue().funds["122630"]
    >>> held_in(load_rules(2026), fund, "isa"), held_in(load_rules(2026), fund, "irp")
    (True, False)
    """
    features = fund.names("features")
    allowed = may_hold(
        book,
        account=account,
        leveraged="leveraged" in features,
        inverse="inverse" in features,
    ).allowed
    if not allowed:
        return False
    if account not in (AccountKind.IRP, AccountKind.DC):
        return True
    return None if fund.value("irp") is None else fund.value("irp") != "barred"


def missing_for_order(book: Rulebook, fund: ListedFund, account: str) -> tuple[str, ...]:
    """Return the fields that an order in an account needs and that nothing confirms.

    >>> from jeoul.korea.catalogue_files import load_catalogue
    >>> from jeoul.korea.tables import load_rules
    >>> missing_for_order(load_rules(2026), load_catalogue().funds["069500"], "irp")
    ()
    """
    missing = tuple(name for name in ORDER_NEEDS if not fund.facts[name].confirmed)
    return missing + (("irp",) if held_in(book, fund, account) is None else ())
