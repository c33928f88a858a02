"""The foreign tax that a Korean fund paid on its dividends, credited to whoever holds the fund."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar

from jeoul.korea.levy import Flag, Won, collected, cut, floor, local
from jeoul.korea.rulebook import Rulebook, Step, decimal, step

ACCOUNTS = ("general", "isa", "pension_savings", "irp")
_RULE = "fund.foreign_tax"


@dataclass(frozen=True, slots=True)
class ForeignTax:
    """What a fund paid abroad: the tax in won, the rate there, and when it paid its holder.

    ``rate`` is None where it cannot be computed; ``paid`` None for the day of the payment itself.
    """

    tax: Won
    rate: Decimal | None = None
    paid: date | None = None
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class CarriedExcess:
    """An excess of an earlier payment of the same fund, and the day on which it was paid abroad."""

    tax: Won
    since: date | None = None
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class ForeignTaxCredit:
    """What a foreign tax does to the Korean tax of a payment.

    ``credit`` is what the law counts of the foreign tax, ``credited`` what the national tax takes
    of it, ``carried`` the rest that later payments of the same fund (or account) may use, ``tax``
    what is withheld with local tax, ``net`` the payment less it.
    """

    credit: int
    credited: int
    carried: int
    tax: int
    net: int
    steps: tuple[Step, ...]


NOTHING = CarriedExcess(0)


def fund_foreign_tax(
    book: Rulebook,
    *,
    account: str,
    on: date,
    amount: Won,
    foreign: ForeignTax,
    national: Won | None = None,
    carried: CarriedExcess = NOTHING,
    everything_sold: Flag = False,
) -> ForeignTaxCredit:
    """Return the Korean tax on a payment out of a fund that paid tax abroad.

    ``on`` is the day of the payment: a distribution into an ordinary account, the end of an ISA, a
    withdrawal from a pension account. ``amount`` is that payment, without the foreign tax.
    ``national`` is the national tax before the credit, 14 % of the amount in an ordinary account;
    the other accounts need it, because their own rules decide it.

    credit = foreign tax x (r / f - r) where the rate f abroad is above r, else x (1 - r). In an
    ordinary account r is 14 % and f the fund's rate (14 % where it is unknown), since 2025; in an
    ISA r is 9 % and f 14 %, for accounts that end from 2025-07-01 on. In a pension account credit =
    foreign tax x 0.55, for withdrawals from 2026-07-01 on. It is at most the national tax. The
    excess is carried: in an ordinary account to the end of the tenth year
    and not beyond the sale of everything, in a pension account without a limit, in an ISA not at
    all. Sources: 소득세법 §§57의2, 129⑤–⑩; 시행령 §189의2.

    >>> from jeoul.korea.tables import load_rules
    >>> found = fund_foreign_tax(load_rules(2026), account="general", on=date(2026, 3, 2),
    ...     amount=850_000, foreign=ForeignTax(150_000, Decimal("0.15")))
    >>> found.credit, found.tax
    (119000, 0)
    """
    _check(book, account, foreign, national)
    if min(amount, foreign.tax, carried.tax, national or 0) < 0:
        raise book.refuse(_RULE, "foreign.general", "an amount is below zero; give 0 or more")
    full = floor(amount * book.rate("tax.withholding")) if national is None else national
    share = share_on(book, account, on, foreign)
    credit = floor(foreign.tax * share)
    usable = carried.tax if _alive(book, account, on, carried.since) else 0
    credited = min(full, credit + usable)
    left = 0 if everything_sold or account == "isa" else credit + usable - credited
    due = cut(book, full - credited)
    if account != "isa":  # an ISA pays interest too, of which the smallest tax is collected
        due = collected(book, due)
    tax = due + local(book, due)
    steps = [step("foreign_credit", foreign_tax=foreign.tax, share=share, credit=credit)]
    if carried.tax:
        steps.append(step("foreign_used_carried", carried=carried.tax, usable=usable))
    steps.append(step("foreign_credited", full=full, credited=credited, tax=tax))
    if credit + usable > credited:
        lost = credit + usable - credited - left
        steps.append(step("foreign_excess", carried=left, lost=lost))
    return ForeignTaxCredit(
        credit=credit,
        credited=credited,
        carried=left,
        tax=tax,
        net=amount - tax,
        steps=tuple(steps),
    )


def credit_share(book: Rulebook, account: str, foreign_rate: Decimal | None = None) -> Decimal:
    """Return the share of a foreign tax that the present law credits in a kind of account.

    >>> from jeoul.korea.tables import load_rules
    >>> round(credit_share(load_rules(2026), "isa"), 4)
    Decimal('0.5529')
    """
    if account in ("pension_savings", "irp"):
        return decimal(book.table("foreign.pension")["share"])
    if account == "isa":
        own, abroad = book.rate("isa.rate"), decimal(book.table("foreign.isa")["rate_abroad"])
    else:
        own = book.rate("tax.withholding")
        abroad = book.rate("foreign.unknown_rate") if foreign_rate is None else foreign_rate
    return own / abroad - own if own < abroad else 1 - own


def share_on(book: Rulebook, account: str, on: date, foreign: ForeignTax) -> Decimal:
    """Return the share of a foreign tax that a payment on a day is credited with.

    0 before the law of the account's kind began to credit it.

    >>> from jeoul.korea.tables import load_rules
    >>> share_on(load_rules(2026), "irp", date(2026, 6, 30), ForeignTax(1))
    Decimal('0')
    """
    terms, paid = book.table(_key(account)), foreign.paid or on
    if on < _day(terms, "since") or ("paid_since" in terms and paid < _day(terms, "paid_since")):
        return Decimal(0)
    return credit_share(book, account, foreign.rate)


def _key(account: str) -> str:
    return f"foreign.{account if account in ('general', 'isa') else 'pension'}"


def _day(terms: Mapping[str, object], name: str) -> date:
    found = terms[name]
    if not isinstance(found, date):
        raise TypeError(f"{name} is {found!r}, no day")
    return found


def _alive(book: Rulebook, account: str, on: date, carried_from: date | None) -> bool:
    """Return whether an excess of an earlier payment may still be used."""
    if account != "general":
        return account != "isa"
    years = book.table("foreign.general")["carry_years"]
    if not isinstance(years, int):
        raise TypeError("foreign.general.carry_years is not an integer")
    return carried_from is None or on.year <= carried_from.year + years


def _check(book: Rulebook, account: str, foreign: ForeignTax, national: int | None) -> None:
    key = "foreign.general"
    if account not in ACCOUNTS:
        raise book.refuse(_RULE, key, f"account {account!r} is unknown; use {', '.join(ACCOUNTS)}")
    if foreign.rate is not None and not 0 < foreign.rate < 1:
        raise book.refuse(_RULE, key, f"rate is {foreign.rate}; give a share such as 0.15")
    if national is None and account != "general":
        what = f"{account} needs national, the tax of the account before the credit"
        raise book.refuse(_RULE, _key(account), what)
