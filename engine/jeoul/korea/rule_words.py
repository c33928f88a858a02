"""The words that the arguments of a rule take, from the same tables and constants as its checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from jeoul.korea import (
    accounts,
    etf,
    foreign_tax,
    gains,
    health,
    isa,
    orders,
    pension_credit,
    suitability,
)
from jeoul.korea.rulebook import Rulebook, names
from jeoul.profile import questionnaire

_Words = Callable[[Rulebook], Iterable[str]]


def _matrices(book: Rulebook) -> Iterable[str]:
    return book.table("suitability.matrices")


def _types(book: Rulebook) -> Iterable[str]:
    every = (types for types in book.table("suitability.matrices").values())
    return dict.fromkeys(name for types in every if isinstance(types, dict) for name in types)


def _choices(question: str) -> _Words:
    (form,) = (each for each in questionnaire().questions if each.key == question)
    return lambda _: (str(choice.code) for choice in form.choices)


_WORDS: Mapping[str, _Words] = MappingProxyType(
    {
        "account.may_hold.account": lambda book: book.table("account.holdings"),
        "account.may_hold.listing": lambda _: accounts.LISTINGS,
        "account.may_hold.kind": lambda book: names(book.table("account.holdings")["general"]),
        "account.may_hold.manager": lambda book: book.table("account.isa_manager_bars"),
        "deposit.protection.deposits.kind": lambda book: (
            *book.words("deposit.insured_kinds"),
            "other",
        ),
        "deposit.protection.deposits.account": lambda book: book.table("deposit.pools"),
        "etf.distribution.kind": lambda _: etf.KINDS,
        "etf.sale.kind": lambda _: etf.KINDS,
        "fund.foreign_tax.account": lambda _: foreign_tax.ACCOUNTS,
        "general.settle.results.asset": lambda _: gains.ASSETS,
        "health.crossing.status": lambda _: health.STATUSES,
        "health.premium.status": lambda _: health.STATUSES,
        "irp.buy.kind": lambda book: book.words("irp.accounts"),
        "irp.class.kind": lambda book: book.words("irp.accounts"),
        "irp.look_through.kind": lambda book: book.words("irp.accounts"),
        "isa.fee.manager": lambda book: book.table("isa.fees"),
        "isa.reopen.kind": lambda _: isa.KINDS,
        "isa.settle.kind": lambda _: isa.KINDS,
        "isa.settle.results.asset": lambda _: gains.ASSETS,
        "order.limits.kind": lambda _: orders.TICKS,
        "order.settlement.market": lambda _: orders.MARKETS,
        "order.tick.kind": lambda _: orders.TICKS,
        "order.tick.round": lambda _: orders.ROUNDED,
        "pension.credit.isa_transfer_to": lambda _: pension_credit.TARGETS,
        "pension.unavoidable.cause": lambda book: names(
            book.table("pension.unavoidable")["causes"]
        ),
        "suitability.allowed.type": _types,
        "suitability.allowed.matrix": _matrices,
        "suitability.portfolio.type": _types,
        "suitability.portfolio.matrix": _matrices,
        "suitability.portfolio.mode": lambda _: suitability.MODES,
        **{
            f"suitability.score.{question.key}": _choices(question.key)
            for question in questionnaire().questions
            if question.choices
        },
        "transaction.tax.market": lambda book: book.table("transaction.rates"),
        "transaction.tax.kind": lambda book: (*etf.TAXED, *book.words("transaction.exempt")),
    }
)


def words_of(book: Rulebook, argument: str) -> tuple[str, ...]:
    """Return the words of an argument, such as ``isa.settle.kind``; empty where it takes any text.

    A field of a list or a table is named behind its argument: ``isa.settle.results.asset``.

    >>> from jeoul.korea.tables import load_rules
    >>> words_of(load_rules(2026), "isa.settle.kind")
    ('general', 'low_income', 'farmer')
    >>> words_of(load_rules(2026), "isa.discretionary.holdings.name")
    ()
    """
    words = _WORDS.get(argument)
    return () if words is None else tuple(words(book))
