"""Instruments, and the universe of them that a strategy may hold."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from jeoul.errors import UsageError
from jeoul.model.charges import Charges
from jeoul.model.shown import Brief, Shown


def kind_word(written: str) -> str:
    """Return the word for a kind of account as it is kept, however people part and write it.

    >>> kind_word("Pension-Savings"), kind_word(" pension savings "), kind_word("ISA")
    ('pension_savings', 'pension_savings', 'isa')
    """
    return "_".join(re.split(r"[\s_-]+", written.strip().lower()))


class AccountKind(StrEnum):
    """The kinds of account, which decide what may be held; in any case and with hyphens too.

    This is the one list of them. A pension of the defined-contribution kind, ``dc``, is held to the
    rules of an IRP (퇴직연금감독규정 §§9, 12).

    >>> AccountKind("ISA"), AccountKind("pension-savings").name, AccountKind.DC.ruled_as
    (<AccountKind.ISA: 'isa'>, 'PENSION_SAVINGS', <AccountKind.IRP: 'irp'>)
    """

    GENERAL = "general"
    ISA = "isa"
    PENSION_SAVINGS = "pension_savings"
    IRP = "irp"
    DC = "dc"

    @classmethod
    def _missing_(cls, value: object) -> AccountKind | None:
        word = kind_word(value) if isinstance(value, str) else value
        return next((kind for kind in cls if kind.value == word), None)

    @property
    def ruled_as(self) -> AccountKind:
        """Return the kind whose rules say what this one may hold."""
        return AccountKind.IRP if self is AccountKind.DC else self


# Since 2013-12-02 an issuer announces a close that lies further than this from net asset value
# (유가증권시장 상장규정 시행세칙): of an index of Korea, of another index. SEC rule 6c-11 has 2 %.
PREMIUM_AT_HOME, PREMIUM_ABROAD = 0.01, 0.02

HOUSEHOLD_ONLY = ("overseas", "return")
"""Kinds that a household has beside them; no strategy is run in one alone."""


def account_kind(given: str) -> AccountKind:
    """Return the kind of account of a name, in any case and with hyphens too.

    Raises :class:`~jeoul.errors.UsageError` for any other name; an account that only a household
    has is called that.

    >>> account_kind("Irp")
    <AccountKind.IRP: 'irp'>
    """
    try:
        return AccountKind(given)
    except ValueError:
        pass
    known = ", ".join(AccountKind)
    if isinstance(given, str) and kind_word(given) in HOUSEHOLD_ONLY:
        raise UsageError(f"{given!r} accounts occur in a household only; use one of {known}")
    raise UsageError(f"{given!r} is not a kind of account; use one of {known}")


@dataclass(frozen=True, slots=True, repr=False)
class FactSource(Brief):
    """Where a fact comes from and when it was looked up."""

    title: str
    url: str
    retrieved: date


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class Instrument(Shown):
    """The facts about one listed fund. An unknown figure is None and prints as unknown.

    ``listing`` is the exchange calendar (``XKRX``, ``XNYS``); ``expense_ratio`` the total expense
    ratio a year as a decimal fraction; ``risk_grade`` 1 (very high) to 6 (very low);
    ``exposure_currency`` is an ISO 4217 code, or ``MULTI`` for a basket of several; ``tax_kind``
    one of ``kr_equity_etf`` (tracks Korean shares one to one), ``krx_other_etf`` and ``us_etf``;
    ``irp`` is ``risk``, ``safe`` or ``barred``; ``accounts`` the kinds that may hold it.
    ``features`` holds any of ``leveraged``, ``inverse``, ``covered_call``, ``futures``,
    ``synthetic``, ``tdf``. ``confidence`` says how sure a fact is, ``high``, ``medium``, ``low`` or
    ``unknown``, by the name that the fact has in the universe file; ``other`` covers the facts that
    are not named. ``tax``, ``irp`` and ``accounts`` have a cautious value where they are unknown.
    """

    code: str
    name_ko: str
    name_en: str
    listing: str
    currency: str
    asset_class: str
    exposure_currency: str | None
    hedged: bool | None
    expense_ratio: float | None
    risk_grade: int | None
    listed: date | None
    tax_kind: str
    irp: str
    accounts: frozenset[AccountKind]
    features: frozenset[str] = frozenset()
    multiple: float = 1.0
    former_names: tuple[str, ...] = ()
    confidence: Mapping[str, str] = field(default_factory=dict, hash=False)
    sources: tuple[FactSource, ...] = ()

    def _brief(self) -> Mapping[str, object]:
        names = ("code", "name_ko", "name_en", "asset_class", "currency", "expense_ratio")
        return {name: getattr(self, name) for name in names}

    @property
    def unverified(self) -> tuple[str, ...]:
        """Return the facts that stand at a cautious default, because nobody knows them."""
        return tuple(name for name, sure in self.confidence.items() if sure == "unknown")


class ProxyKind(StrEnum):
    """How a history is lengthened where the fund itself has no price."""

    SERIES = "series"  # another series of the market folder, in the account's own currency
    CONVERTED = "converted"  # a foreign-currency price x exchange rate, as known at the session
    HEDGED = "hedged"  # a foreign-currency price without its exchange rate
    PAR_BOND = "par-bond"  # a constant-maturity par bond computed from a yield
    RATE = "rate"  # interest accrued at a rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """One proxy: the column of the market folder it is made from, and how.

    ``maturity`` in years belongs to ``PAR_BOND``. ``charges`` is what is taken off its return, None
    where nothing is.
    """

    kind: ProxyKind
    column: str
    maturity: float | None = None
    charges: Charges | None = None


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class Member(Brief):
    """One place in a universe: the fund that fills it, its ordered substitutes and its proxies.

    ``codes[0]`` is the preferred fund; the next stands in when it has no current price or the
    account may not hold it. ``reference`` is the member's weight in the universe's reference
    portfolio, from which the equilibrium means follow.
    """

    name: str
    asset_class: str
    codes: tuple[str, ...]
    reference: float
    proxies: tuple[Proxy, ...] = ()


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class Universe(Shown):
    """What a strategy may hold: members by class, with the facts about every fund.

    ``classes`` are in display order; ``fallback`` maps a class to the one that takes its weight
    while no fund of it can be held. ``excluded`` maps a code to the message id of the rule that
    keeps it out of every allocation. ``class_names`` are names of classes for people, Korean and
    English, where the file has them. ``premium`` is how far above its net asset value a fund of a
    class is still bought, where the file says so.
    """

    name: str
    calendar: str
    currency: str
    members: tuple[Member, ...]
    instruments: dict[str, Instrument]
    classes: tuple[str, ...]
    fallback: dict[str, str] = field(default_factory=dict)
    excluded: dict[str, str] = field(default_factory=dict)
    reference_source: FactSource | None = None
    class_names: dict[str, tuple[str, str]] = field(default_factory=dict)
    premium: dict[str, float] = field(default_factory=dict)

    def premium_limit(self, code: str) -> float:
        """Return how far above its net asset value a fund is still bought, as a fraction of it.

        Where the file says nothing of its class these are the distances that issuers must publish:
        in Korea 1 % for a fund whose assets are in won and 2 % for any other, in New York 2 %.

        >>> from jeoul.strategy.universe import load_universe
        >>> funds = load_universe("krx-core")
        >>> funds.premium_limit("069500"), funds.premium_limit("360750")
        (0.01, 0.02)
        """
        fund = self.instruments.get(code)
        if fund is not None and fund.asset_class in self.premium:
            return self.premium[fund.asset_class]
        at_home = fund is not None and fund.exposure_currency == "KRW" == fund.currency
        return PREMIUM_AT_HOME if at_home else PREMIUM_ABROAD
