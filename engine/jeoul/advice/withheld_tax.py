"""The tax withheld as a rule promised it, and as the broker's certificate says it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from jeoul.account.statements import CertificateLine, WithholdingCertificate
from jeoul.advice.causes import Cause, PromiseComparison, Replaced, compared
from jeoul.korea.gains import INTEREST, OVERSEAS
from jeoul.korea.levy import collected, cut, floor, local
from jeoul.korea.pension import receipt_rate
from jeoul.korea.rulebook import Rulebook
from jeoul.korea.rules import RULES


@dataclass(frozen=True, slots=True, kw_only=True)
class WithheldPayment:
    """One payment that tax is withheld from, in won; ``rate`` is the national rate."""

    income: int
    rate: Decimal
    loss: int = 0
    untaxed: int = 0
    foreign: int = 0
    to_the_won: bool = False  # interest and an ISA: collected however small the tax is


@dataclass(frozen=True, slots=True, kw_only=True)
class WithheldFacts:
    """The payments of a promise or a certificate; ``small`` is whether small taxes are left out."""

    lines: tuple[WithheldPayment, ...]
    small: bool = True
    rounding: int = 0


KINDS: Mapping[str, tuple[str, ...]] = {
    "general.settle": ("interest", "dividend"),
    "isa.settle": ("isa",),
    "pension.close": ("other",),
    "pension.receive": ("pension",),
}
"""The kinds of payment that a certificate has for what a rule promises."""


def _general(book: Rulebook, given: Mapping[str, Any], found: Any) -> tuple[WithheldPayment, ...]:  # noqa: ARG001
    rate, untaxed = book.rate("tax.withholding"), book.words("isa.shares_untaxed")
    return tuple(
        WithheldPayment(income=max(0, entry.gain), rate=rate, to_the_won=entry.asset in INTEREST)
        for entry in given["results"]
        if entry.asset not in OVERSEAS and entry.asset not in untaxed
    )


def _isa(book: Rulebook, given: Mapping[str, Any], found: Any) -> tuple[WithheldPayment, ...]:
    """Return one line, or where the benefit is clawed back without netting those of the gains."""
    if found.early and not book.flag("isa.early_netting"):
        return _general(book, given, found)
    gains = sum(max(0, entry.gain) for entry in given["results"])
    rate = book.rate("tax.withholding" if found.early else "isa.rate")
    untaxed = 0 if found.early else found.tax_free
    net = max(0, found.net)
    return (
        WithheldPayment(
            income=max(net, gains),
            rate=rate,
            loss=max(net, gains) - net,
            untaxed=untaxed,
            to_the_won=True,
        ),
    )


def _close(book: Rulebook, given: Mapping[str, Any], found: Any) -> tuple[WithheldPayment, ...]:  # noqa: ARG001
    rate = book.rate("pension.lump_rate")
    return (
        WithheldPayment(income=found.untaxed + found.taxable, rate=rate, untaxed=found.untaxed),
    )


def _receive(book: Rulebook, given: Mapping[str, Any], found: Any) -> tuple[WithheldPayment, ...]:
    rate = receipt_rate(book, given["age"], given.get("life_annuity", False))
    if found.how == "flat":
        rate = book.rate("pension.flat_rate")
    return (WithheldPayment(income=given["amount"], rate=rate),)


_LINES: Mapping[str, Callable[[Rulebook, Mapping[str, Any], Any], tuple[WithheldPayment, ...]]] = {
    "general.settle": _general,
    "isa.settle": _isa,
    "pension.close": _close,
    "pension.receive": _receive,
}


def compare_withheld(
    book: Rulebook, rule: str, given: Mapping[str, Any], certificate: WithholdingCertificate
) -> PromiseComparison:
    """Return the tax withheld, promised and paid, national and local together.

    ``rule`` is one of :data:`KINDS` and ``given`` its arguments. A promise that is not what is
    withheld from the payments themselves, such as the comprehensive tax on a large pension, differs
    by the cause ``method``.
    """
    promised = RULES[rule](book, **given)
    facts = WithheldFacts(lines=_LINES[rule](book, given, promised))
    payments = [each for each in certificate.payments if each.kind in KINDS[rule]]
    paid = sum(each.national + each.local for each in payments)
    found = compared(rule, lambda f: _total(book, f), facts, paid, _replaced(facts.lines, payments))
    if method := found.promised - promised.tax:
        causes = (Cause("method", method), *found.causes)
        return replace(found, promised=promised.tax, causes=causes)
    return found


def _replaced(
    lines: tuple[WithheldPayment, ...], payments: Sequence[CertificateLine]
) -> Iterator[Replaced]:
    """Yield what the certificate says instead.

    The promised payments are taken together first and the certified ones apart at last, so that
    income, losses and what is untaxed are compared as totals of the year.
    """
    yield "uncollected", {"small": False}
    whole = _together(lines)
    yield "apart", {"lines": (whole,)}
    for name in ("income", "loss", "untaxed"):
        whole = replace(whole, **{name: sum(getattr(each, name) for each in payments)})
        yield name, {"lines": (whole,)}
    certified = tuple(
        WithheldPayment(
            income=each.income,
            loss=each.loss,
            untaxed=each.untaxed,
            rate=whole.rate,
            to_the_won=each.kind in ("interest", "isa"),
        )
        for each in payments
    )
    yield "apart", {"lines": certified}
    rated = tuple(
        line if each.rate is None else replace(line, rate=each.rate)
        for line, each in zip(certified, payments, strict=True)
    )
    yield "rate", {"lines": rated}
    credited = tuple(
        replace(line, foreign=each.foreign) for line, each in zip(rated, payments, strict=True)
    )
    yield "foreign", {"lines": credited}
    yield "uncollected", {"small": True}


def _together(lines: Sequence[WithheldPayment]) -> WithheldPayment:
    if not lines:
        return WithheldPayment(income=0, rate=Decimal(0))
    return WithheldPayment(
        income=sum(line.income for line in lines),
        rate=lines[0].rate,
        loss=sum(line.loss for line in lines),
        untaxed=sum(line.untaxed for line in lines),
        to_the_won=all(line.to_the_won for line in lines),
    )


def _total(book: Rulebook, facts: WithheldFacts) -> int:
    return sum(_levied(book, line, facts) for line in facts.lines)


def _levied(book: Rulebook, line: WithheldPayment, facts: WithheldFacts) -> int:
    """Return the tax of one payment, its foreign tax credited before anything is cut."""
    base = max(0, line.income - line.loss - line.untaxed)
    exact = max(Decimal(0), base * line.rate - line.foreign)
    national = floor(exact) if facts.rounding else cut(book, exact)
    if facts.small and not line.to_the_won:
        national = collected(book, national)
    share = book.rate("tax.local_share")
    return national + (floor(national * share) if facts.rounding > 1 else local(book, national))
