"""What comes before investing: months of spending kept within reach, and loans that cost more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar

from jeoul.account.money_keys import NoMoney
from jeoul.files.faults import Fault
from jeoul.korea.levy import floor
from jeoul.korea.rulebook import Step, step
from jeoul.model.years import DAYS_A_YEAR

RESERVE_MONTHS = 6
"""Months of spending kept within reach unless asked otherwise: a choice of this project.

An income that stops for half a year is bridged without a new loan; an irregular one asks for more.
"""

_DAYS = Decimal(str(DAYS_A_YEAR))


@dataclass(frozen=True, slots=True, kw_only=True)
class Loan:
    """A loan that may be repaid early. Money in won, rates a year as fractions.

    ``rate`` is what is paid after any tax that the interest saves (normally none). ``until`` is the
    last day, None if open. ``fee`` is charged on what is repaid early, as a fraction of it.
    """

    balance: NoMoney
    rate: Decimal
    until: date | None = None
    fee: Decimal = Decimal(0)
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    def saved_by(self, on: date) -> Decimal:
        """Return what a won repaid on a day saves a year: the rate less the fee over what is left.

        >>> loan = Loan(balance=1, rate=Decimal("0.05"), until=date(2028, 11, 28),
        ...             fee=Decimal("0.01"))
        >>> round(loan.saved_by(date(2026, 11, 28)), 4)
        Decimal('0.0450')
        """
        if self.until is None or not self.fee:
            return self.rate
        return self.rate - self.fee * _DAYS / max(1, (self.until - on).days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Repayment:
    """Which loan, by its place in the file, is repaid by how much, and what that saves a year."""

    loan: int
    amount: int
    rate: Decimal
    interest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstThings:
    """What is set aside before anything is bought.

    ``reserve`` is kept within reach, ``short`` what it lacks, ``repaid`` the loans repaid, dearest
    first, and ``left`` what may be invested.
    """

    reserve: int
    short: int
    repaid: tuple[Repayment, ...]
    left: int
    steps: tuple[Step, ...]


def first_things(
    *,
    spending: int,
    loans: Sequence[Loan],
    cash: int,
    expected_return_after_tax: Decimal,
    reserve_months: int = RESERVE_MONTHS,
    on: date,
) -> FirstThings:
    """Return what of ``cash`` stays as a reserve and what repays loans, before anything is bought.

    First ``reserve_months`` of ``spending``: without them the next emergency is paid for by a new
    loan. Then every loan that saves more a year than the investment is expected to earn after tax,
    the dearest first. A loan that saves exactly as much is kept.

    >>> loan = Loan(balance=10_000_000, rate=Decimal("0.06"))
    >>> found = first_things(spending=2_000_000, loans=(loan,), cash=20_000_000,
    ...                      expected_return_after_tax=Decimal("0.04"), on=date(2026, 11, 28))
    >>> found.reserve, found.repaid[0].amount, found.left
    (12000000, 8000000, 0)
    """
    wanted = spending * reserve_months
    reserve = min(cash, wanted)
    left = cash - reserve
    steps = []
    if wanted:
        steps.append(step("first_reserve", reserve=reserve, wanted=wanted, months=reserve_months))
    repaid = []
    for place in sorted(range(len(loans)), key=lambda n: (-loans[n].saved_by(on), n)):
        loan, rate = loans[place], loans[place].saved_by(on)
        told = {"number": place + 1, "rate": rate, "expected": expected_return_after_tax}
        if rate <= expected_return_after_tax:
            steps.append(step("first_loan_kept", **told))
            continue
        amount = min(left, loan.balance)
        if not amount:
            steps.append(step("first_loan_waits", **told))
            continue
        left -= amount
        interest = floor(amount * rate)
        steps.append(step("first_loan_repaid", amount=amount, interest=interest, **told))
        repaid.append(Repayment(loan=place, amount=amount, rate=rate, interest=interest))
    return FirstThings(
        reserve=reserve, short=wanted - reserve, repaid=tuple(repaid), left=left, steps=tuple(steps)
    )


def loan_faults(loans: Iterable[Loan], on: date) -> Iterator[Fault]:
    """Yield what no loan can have, by its place in ``[[loans]]``; for every reader of the table.

    >>> print(*loan_faults([Loan(balance=1, rate=Decimal(5))], date(2026, 11, 28)))
    loans.0.rate: 5 a year is not a rate of interest; give a fraction, 0.05 for 5 %
    """
    for place, loan in enumerate(loans):
        if not 0 <= loan.rate < 1:
            wrong = f"{loan.rate} a year is not a rate of interest"
            yield Fault(("loans", place, "rate"), wrong, "give a fraction, 0.05 for 5 %")
        if not 0 <= loan.fee < Decimal("0.1"):
            wrong = f"{loan.fee} is not a charge for early repayment"
            yield Fault(("loans", place, "fee"), wrong, "give a fraction, 0.01 for 1 %")
        if loan.until is not None and loan.until <= on:
            wrong = f"the loan ended on {loan.until}"
            yield Fault(("loans", place, "until"), wrong, "remove the loan or correct the date")
        if loan.fee and loan.until is None:
            remedy = "give it: the charge counts over the time left"
            yield Fault(("loans", place, "until"), "is missing beside fee", remedy)
