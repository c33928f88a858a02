"""The tables of a universe file: what each key may be, and what counts where one is left out.

A fact that is left out is unknown, and unknown is the cautious side: the fund is taxed in the worst
way that its exchange knows, counts towards a cap on risk assets, and is held only in accounts that
take any fund of its exchange.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from jeoul.files.faults import UNKNOWN, did_you_mean
from jeoul.files.toml import Faults
from jeoul.model.instrument import AccountKind, ProxyKind
from jeoul.strategy.tables.base import Label

Text = Annotated[str, Field(strict=True, min_length=1)]
Code = Annotated[str, Field(strict=True, pattern=r"^[0-9A-Z][0-9A-Z.-]{0,11}$")]
Feature = Literal["leveraged", "inverse", "covered_call", "futures", "synthetic", "tdf"]
Year = Annotated[str, Field(pattern=r"^(19|20)[0-9]{2}$")]
Yield = Annotated[float, Field(ge=0, lt=0.5)]
Confidence = Literal["high", "medium", "low", "unknown"]

ANY_FUND = {
    "XKRX": frozenset({AccountKind.GENERAL, AccountKind.ISA}),
    "XNYS": frozenset({AccountKind.GENERAL}),
}
"""The accounts that may hold any fund of an exchange, whatever else is unknown of it."""

WORST_TAX = {"XKRX": "krx_other_etf", "XNYS": "us_etf"}
"""The tax kind of a fund of which it is unknown: all of its gains are taxed."""

FOREIGN = (ProxyKind.CONVERTED, ProxyKind.HEDGED)
"""The kinds of proxy that are prices of another country, whose distributions it taxes."""

UNVERIFIED = ("tax", "irp", "accounts")
"""The facts that decide what an account may hold or pays, in the order that people read them."""


class UniverseFileTable(BaseModel):
    """A table of a universe file: no unknown keys, frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=False, defer_build=True)


class NameTable(UniverseFileTable):
    """A name in both languages."""

    ko: Text
    en: Text


def _both(value: object) -> object:
    """Return one text as the name in both languages."""
    return {"ko": value, "en": value} if isinstance(value, str) else value


Named = Annotated[NameTable, BeforeValidator(_both, json_schema_input_type=NameTable | str)]


class SourceTable(UniverseFileTable):
    """Where facts come from."""

    title: Text
    url: Text
    retrieved: date


class CorrectionTable(UniverseFileTable):
    """What an overlap of a proxy with its fund has shown, added to the return of a year."""

    yearly: float = Field(ge=-0.1, le=0.1)
    error: float = Field(ge=0, le=0.5)
    start: date = Field(alias="from")
    end: date = Field(alias="to")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end <= self.start:
            raise ValueError(f"to {self.end} is not after from {self.start}; swap them")
        return self


class DividendTable(UniverseFileTable):
    """What a foreign series distributed in each year, of its price."""

    yields: dict[Year, Yield] = Field(min_length=1)
    taxed: float = Field(default=1.0, gt=0, le=1)
    sources: tuple[Text, ...] = ()


class ProxyTable(UniverseFileTable):
    """What lengthens a history where the fund has no price, and what is taken off it."""

    kind: ProxyKind
    column: Text
    maturity: float | None = Field(default=None, gt=0, le=50)
    withholding: float | None = Field(default=None, gt=0, le=0.3)
    fee: float | None = Field(default=None, gt=0, lt=0.1)
    correction: CorrectionTable | None = None

    @model_validator(mode="after")
    def _maturity_belongs_to_par_bonds(self) -> Self:
        if (self.kind is ProxyKind.PAR_BOND) != (self.maturity is not None):
            raise ValueError(
                f"maturity belongs to par-bond proxies and this one is {self.kind}; "
                "give it to every par bond and to nothing else"
            )
        return self

    @model_validator(mode="after")
    def _tax_belongs_to_foreign_prices(self) -> Self:
        if self.withholding is not None and self.kind not in FOREIGN:
            raise ValueError(
                f"withholding belongs to converted and hedged proxies and this one is {self.kind}; "
                "leave it out"
            )
        return self


class MemberTable(UniverseFileTable):
    """One place in a universe: its class, its funds in order of preference."""

    asset_class: Label = Field(alias="class")
    codes: tuple[Code, ...] = Field(min_length=1)
    reference: float | None = Field(default=None, gt=0, le=1)
    proxies: tuple[ProxyTable, ...] = ()


class InstrumentTable(UniverseFileTable):
    """The facts about one fund; all of them but the class may be left out."""

    name: Named | None = None
    asset_class: Label = Field(alias="class")
    exposure: Text | None = None
    hedged: bool | None = None
    expense_ratio: float | None = Field(default=None, ge=0, lt=0.1)
    risk_grade: int | None = Field(default=None, ge=1, le=6)
    listed: date | None = None
    tax: Literal["kr_equity_etf", "krx_other_etf", "us_etf"] | None = None
    irp: Literal["risk", "safe", "barred"] | None = None
    accounts: tuple[AccountKind, ...] | None = None
    features: tuple[Feature, ...] = ()
    multiple: float = 1.0
    former_names: tuple[Text, ...] = ()
    confidence: dict[Text, Confidence] = {}
    sources: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.accounts is not None and self.irp is not None:
            _check_irp(self.irp, self.accounts)
        if self.accounts is not None and AccountKind.DC in self.accounts:
            raise ValueError("accounts name dc, which is held to the rules of irp; leave it out")
        if ("leveraged" in self.features) != (abs(self.multiple) > 1):
            raise ValueError(f"multiple is {self.multiple}; name the feature leveraged beyond 1")
        if ("inverse" in self.features) != (self.multiple < 0):
            raise ValueError(f"multiple is {self.multiple}; name the feature inverse below 0")
        facts = sorted({*type(self).model_fields, "class", "other"})
        if strangers := sorted(set(self.confidence) - set(facts)):
            raise Faults(
                [(("confidence", key), UNKNOWN, did_you_mean(key, facts)) for key in strangers]
            )
        return self

    def may_hold(self, exchange: str) -> frozenset[AccountKind]:
        """Return the accounts that may hold the fund, the cautious ones where it is unknown."""
        if self.accounts is not None:
            return frozenset(self.accounts)
        irp = {AccountKind.IRP} if self.irp in ("risk", "safe") else set()
        return ANY_FUND[exchange] | irp

    def sure(self) -> dict[str, str]:
        """Return how sure each fact is; a fact that decides and is left out is unknown."""
        missing = {name: "unknown" for name in UNVERIFIED if getattr(self, name) is None}
        return dict(self.confidence) | missing


def _check_irp(irp: str, accounts: tuple[AccountKind, ...]) -> None:
    if (irp == "barred") == (AccountKind.IRP in accounts):
        raise ValueError(
            f"irp is {irp!r} and accounts are {', '.join(accounts)}; "
            "a barred fund has no irp among its accounts, any other fund has"
        )


class UniverseTable(UniverseFileTable):
    """A whole universe file."""

    schema_version: Literal[1] = Field(alias="schema")
    name: Text
    calendar: Literal["XKRX", "XNYS"]
    currency: Literal["KRW", "USD"]
    classes: tuple[Label, ...] = ()
    class_names: dict[Label, Named] = {}
    fallback: dict[Text, Text] = {}
    premium: dict[Label, Annotated[float, Field(gt=0, lt=1)]] = {}
    reference_source: SourceTable | None = None
    sources: dict[Text, SourceTable] = {}
    dividends: dict[Text, DividendTable] = {}
    members: dict[Text, MemberTable] = Field(min_length=1)
    instruments: dict[Code, InstrumentTable] = {}

    def order(self) -> tuple[str, ...]:
        """Return the classes in display order, that of the members where none is given."""
        return self.classes or tuple(dict.fromkeys(m.asset_class for m in self.members.values()))

    def facts(self) -> dict[str, InstrumentTable]:
        """Return the facts about every fund; of one without a table only its class is known."""
        found = dict(self.instruments)
        for member in self.members.values():
            for code in member.codes:
                if code not in found:
                    found[code] = InstrumentTable.model_validate({"class": member.asset_class})
        return found

    def references(self) -> dict[str, float]:
        """Return each member's weight in the reference portfolio.

        Members without one share equally what the others leave of 1. If those leave nothing, each
        weighs what the members of its class, or else all of them, weigh on average, and all are
        scaled to sum to 1.
        """
        given = {key: m.reference for key, m in self.members.items() if m.reference is not None}
        missing = [key for key in self.members if key not in given]
        rest = 1.0 - sum(given.values())
        if not missing:
            return given
        if rest > 1e-9:
            return {key: given.get(key, rest / len(missing)) for key in self.members}
        found = {key: given.get(key) or self._usual(key, given) for key in self.members}
        total = sum(found.values())
        return {key: weight / total for key, weight in found.items()}

    def _usual(self, key: str, given: dict[str, float]) -> float:
        own = self.members[key].asset_class
        alike = [w for name, w in given.items() if self.members[name].asset_class == own]
        found = alike or list(given.values())
        return sum(found) / len(found)
