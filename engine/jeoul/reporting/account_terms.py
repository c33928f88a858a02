"""The limits, the tax credit and the taxes of a kind of account, by the rule tables."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from jeoul.account.rooms import PaidFacts, room_in
from jeoul.korea.levy import combined
from jeoul.korea.rulebook import Rulebook, decimal
from jeoul.messages import LANGUAGES
from jeoul.model.instrument import AccountKind
from jeoul.reporting.account_facts import TermsFacts
from jeoul.reporting.formats import Formats
from jeoul.reporting.text import Text

Amounts = dict[str, int | Decimal]


def account_terms(
    kind: AccountKind, book: Rulebook, currency: str, paid: PaidFacts, deposit: int, year: int
) -> TermsFacts:
    """Return what the law says of an account of a kind in a year: payments, credit, taxes.

    ``deposit`` is new money of today in won, on top of what was ``paid``. An ordinary account in
    another currency than won is one for shares listed abroad.

    >>> from jeoul.korea.tables import load_rules
    >>> found = account_terms(
    ...     AccountKind.ISA, load_rules(2026), "KRW", PaidFacts(), 0, 2026)
    >>> print(found.lines[0].en)
    Contributions: ₩20,000,000 a year and ₩100,000,000 in all; room that is not used carries over.
    """
    if kind is AccountKind.GENERAL and currency != "KRW":
        overseas = Text.of("household_page.kind_overseas")
        return TermsFacts(overseas, (_text("terms.none"), *_overseas(book)))
    parts: dict[AccountKind, Callable[[Rulebook], tuple[Text, ...]]] = {
        AccountKind.GENERAL: _general,
        AccountKind.ISA: _isa,
        AccountKind.PENSION_SAVINGS: _pension_savings,
        AccountKind.IRP: _irp,
        AccountKind.DC: _dc,
    }
    first, *rest = parts[kind](book)
    lines = (first, *_left(kind, book, paid, deposit, year), *rest)
    return TermsFacts(Text.of(f"report.account_{kind}"), lines)


def _left(
    kind: AccountKind, book: Rulebook, paid: PaidFacts, deposit: int, year: int
) -> tuple[Text, ...]:
    """Return what may still be paid in, where it is known."""
    room = room_in(book, kind, year, paid)
    if room is None or not room.sure:
        return () if room is None else (_text("terms.left_unknown"),)
    left = max(0, room.left - deposit)
    kind_of = "terms.left_after" if deposit else "terms.left"
    return (_text(kind_of, {"left": left}, year=str(year)),)


def _general(book: Rulebook) -> tuple[Text, ...]:
    rate = combined(book, book.rate("tax.withholding"))
    return (
        _text("terms.none"),
        _text("terms.general_tax", {"rate": rate}),
        _text("terms.general_year", {"limit": book.won("income.financial_limit")}),
    )


def _overseas(book: Rulebook) -> tuple[Text, ...]:
    rate, abroad = combined(book, book.rate("us.gain_rate")), book.table("us.dividend_rate")
    amounts: Amounts = {
        "rate": rate,
        "deduction": book.won("us.deduction"),
        "dividend": decimal(abroad["treaty"]),
    }
    return (_text("terms.overseas_tax", amounts),)


def _isa(book: Rulebook) -> tuple[Text, ...]:
    free = book.table("isa.tax_free")
    amounts: Amounts = {
        "free": int(str(free["general"])),
        "more": int(str(free["low_income"])),
        "rate": combined(book, book.rate("isa.rate")),
    }
    limits: Amounts = {"unit": book.won("isa.annual_unit"), "total": book.won("isa.total_cap")}
    return (
        _text("terms.isa_limit", limits),
        _text("terms.isa_credit"),
        _text("terms.isa_tax", amounts, years=str(book.won("isa.min_years"))),
    )


def _pension_savings(book: Rulebook) -> tuple[Text, ...]:
    return (
        _text("terms.pension_limit", {"cap": book.won("pension.annual_cap")}),
        _credit(book, "terms.savings_credit", book.won("pension.savings_cap")),
        _drawn(book),
    )


def _irp(book: Rulebook) -> tuple[Text, ...]:
    return (
        _text("terms.pension_limit", {"cap": book.won("pension.annual_cap")}),
        _credit(book, "terms.irp_credit", book.won("pension.combined_cap")),
        _risk_cap(book),
        _drawn(book),
    )


def _dc(book: Rulebook) -> tuple[Text, ...]:
    own: Amounts = {
        "cap": book.won("pension.annual_cap"),
        "credit": book.won("pension.combined_cap"),
    }
    return (_text("terms.dc_limit", own), _risk_cap(book), _text("terms.dc_tax"))


def _credit(book: Rulebook, message: str, cap: int) -> Text:
    rates = book.table("pension.credit_rate")
    low, high = (combined(book, decimal(rates[name])) for name in ("high", "low"))
    wages = book.won("pension.low_wages")
    return _text(message, {"cap": cap, "low": low, "high": high, "wages": wages})


def _risk_cap(book: Rulebook) -> Text:
    return _text("terms.risk_cap", {"cap": book.rate("irp.risk_cap")})


def _drawn(book: Rulebook) -> Text:
    start = book.table("pension.start")
    rates = [combined(book, rate) for _, rate in book.bands("pension.receipt_rates")]
    amounts: Amounts = {
        "least": min(rates),
        "most": max(rates),
        "early": combined(book, book.rate("pension.lump_rate")),
    }
    return _text("terms.drawn", amounts, age=str(start["age"]), years=str(start["years"]))


def _text(message: str, amounts: Amounts | None = None, **words: str) -> Text:
    """Return a message in both languages, with won and rates as each of them writes them."""
    found = []
    for language in LANGUAGES:
        formats = Formats(language, "Asia/Seoul")
        shown: dict[str, object] = {
            name: formats.money(value) if isinstance(value, int) else _rate(value)
            for name, value in (amounts or {}).items()
        }
        found.append(formats.say(message, shown | words))
    return Text(*found)


def _rate(value: Decimal) -> str:
    return f"{(value * 100).normalize():f}%"
