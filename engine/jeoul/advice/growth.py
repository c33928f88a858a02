"""How a sum grows at a typed-in rate: what is paid when, and what is withheld of it."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from jeoul.advice.rates import ProductRate
from jeoul.korea.ima import ima_maturity
from jeoul.korea.levy import combined, floor, levy
from jeoul.korea.rulebook import Rulebook, Step, step

_PERIODS = {"monthly": 12, "daily": 365}
_CREDITED = ("parking", "cma", "cma_merchant")  # interest is added, and taxed, as it accrues
_YEAR = 12
_TOO_SHORT = {"deposit": "cash_early_unknown", "bond": "cash_bond_early", "ima": "out_locked"}


class IncomePayment(NamedTuple):
    """Interest or dividends paid at the end of a month from now on, and the tax withheld."""

    month: int
    gross: int
    tax: int


class Growth(NamedTuple):
    """What a sum earns: taxed payments, the untaxed gain of a bond's price, and how it came."""

    incomes: tuple[IncomePayment, ...]
    untaxed: int
    steps: tuple[Step, ...]

    @property
    def net(self) -> int:
        """Return the whole gain after the tax withheld."""
        return sum(one.gross - one.tax for one in self.incomes) + self.untaxed


def grow(book: Rulebook, quote: ProductRate, amount: int, months: int) -> Growth | Step:
    """Return what ``amount`` earns in ``months`` at a quote, or the step that says why not.

    Parking and CMA accounts credit interest after tax, so they compound at rate x (1 - 15.4 %); a
    money-market fund is taxed once, when it is sold; a deposit at the end of each term; a bond on
    its coupons, year by year, and on the discount of its issue, not on the rest of its price gain;
    an IMA by :func:`jeoul.korea.ima.ima_maturity`. A term is renewed at the same rate as often as
    it fits, and what is left of the horizon earns nothing.

    >>> from datetime import date
    >>> from jeoul.korea.tables import load_rules
    >>> quote = ProductRate(kind="deposit", name="A", rate=Decimal("0.03"), as_of=date(2026, 11, 1),
    ...               source="", term=12)
    >>> grow(load_rules(2026), quote, 10_000_000, 12).net
    253800
    """
    if quote.kind in _CREDITED:
        return _credited(book, quote, amount, months)
    if quote.term is None:
        return Growth((_income(book, _interest(quote, amount, months), months),), 0, ())
    if quote.kind == "ima" and amount < book.won("ima.minimum"):
        return step("out_minimum", minimum=book.won("ima.minimum"), amount=amount)
    if months < quote.term:
        return _early(book, quote, amount, months)
    return _renewed(book, quote, amount, months, quote.term)


def _credited(book: Rulebook, quote: ProductRate, amount: int, months: int) -> Growth:
    kept = 1 - combined(book, book.rate("tax.withholding"))
    incomes, before = [], amount
    for month in [*range(_YEAR, months, _YEAR), months]:
        now = amount + _interest(quote, amount, month, kept)
        gross = floor((now - before) / kept)
        incomes.append(IncomePayment(month, gross, gross - (now - before)))
        before = now
    return Growth(tuple(incomes), 0, ())


def _early(book: Rulebook, quote: ProductRate, amount: int, months: int) -> Growth | Step:
    term = quote.term or 0
    if quote.early_rate is None:
        return step(_TOO_SHORT[quote.kind], term=term, months=months)
    income = _income(book, floor(amount * quote.early_rate * months / _YEAR), months)
    return Growth((income,), 0, (step("cash_early", rate=quote.early_rate, term=term),))


def _renewed(book: Rulebook, quote: ProductRate, amount: int, months: int, term: int) -> Growth:
    incomes: list[IncomePayment] = []
    untaxed, steps = 0, []
    for start in range(0, months - term + 1, term):
        balance = amount + untaxed + sum(one.gross - one.tax for one in incomes)
        found = _term(book, quote, balance, term)
        incomes += [one._replace(month=one.month + start) for one in found.incomes]
        untaxed += found.untaxed
    if months >= 2 * term:
        steps.append(step("cash_renewed", times=months // term - 1, term=term))
    if months % term:
        steps.append(step("cash_idle", months=months % term))
    return Growth(tuple(incomes), untaxed, tuple(steps))


def _term(book: Rulebook, quote: ProductRate, amount: int, term: int) -> Growth:
    if quote.kind == "bond":
        return _bond(book, quote, amount, term)
    if quote.kind == "ima":
        found = ima_maturity(
            book,
            principal=amount,
            years=Decimal(term) / _YEAR,
            gross=quote.rate,
            hurdle=quote.hurdle,
            fee=quote.fee,
        )
        return Growth((IncomePayment(term, found.profit, found.tax),), 0, ())
    return Growth((_income(book, _interest(quote, amount, term), term),), 0, ())


def _bond(book: Rulebook, quote: ProductRate, amount: int, term: int) -> Growth:
    """Return what a bond bought today earns until it is redeemed at its face."""
    face = floor(amount / quote.price)
    incomes, paid = [], 0
    for month in [*range(_YEAR, term, _YEAR), term]:
        coupons = floor(face * quote.rate * month / _YEAR)
        incomes.append(_income(book, coupons - paid, month))
        paid = coupons
    discount = floor(face * quote.taxed_discount)
    if discount:
        incomes.append(_income(book, discount, term))
    return Growth(tuple(incomes), face - amount - discount, ())


def _interest(quote: ProductRate, amount: int, months: int, kept: Decimal = Decimal(1)) -> int:
    """Return the interest of some months, of which ``kept`` stays after tax as it is added."""
    rate = quote.rate * kept
    if quote.compounds == "none":
        return floor(amount * rate * months / _YEAR)
    periods = _PERIODS[quote.compounds]
    return floor(amount * ((1 + rate / periods) ** (Decimal(periods * months) / _YEAR) - 1))


def _income(book: Rulebook, gross: int, month: int) -> IncomePayment:
    return IncomePayment(month, gross, levy(book, gross, book.rate("tax.withholding")).total)
