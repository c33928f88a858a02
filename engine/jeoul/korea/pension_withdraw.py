"""Money taken out of a pension account: which part goes first, and the tax of each."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from jeoul.korea.levy import Won, cut, withheld
from jeoul.korea.pension import pension_start, receipt_limit, receive_pension, severance_tax
from jeoul.korea.rulebook import Rulebook, Step, step

_RULE = "pension.withdraw"


@dataclass(frozen=True, slots=True)
class PensionAccount:
    """What a pension account consists of.

    ``uncredited`` payments earned no credit, ``severance`` is deferred severance pay whose
    lump-sum tax would be ``severance_tax``, ``credited`` payments earned a credit, ``earnings`` may
    be a loss. ``opening`` is the value on the first day of the year (in the first year of receipt
    the day of the application), which decides the limit; the parts together if left out.
    """

    uncredited: Won = 0
    severance: Won = 0
    severance_tax: Won = 0
    credited: Won = 0
    earnings: Won = 0
    opening: Won | None = None
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    @property
    def value(self) -> int:
        """Return what the account is worth."""
        return self.uncredited + self.severance + self.credited + self.earnings


@dataclass(frozen=True, slots=True)
class PensionWithdrawal:
    """A year's withdrawal by parts, in the order of the decree, and the tax of each.

    ``within`` is what counts as a pension, the rest does not; ``limit`` is None where no limit
    holds. ``how`` is the way in which the pension of credited money is taxed.
    """

    uncredited: int
    severance: int
    credited: int
    within: int
    limit: int | None
    severance_tax: int
    pension_tax: int
    lump_tax: int
    tax: int
    net: int
    how: str | None
    steps: tuple[Step, ...]


def withdraw_pension(
    book: Rulebook,
    *,
    account: PensionAccount,
    amount: Won,
    age: Won,
    year: Won = 1,
    years_joined: Won | None = None,
    other_income: Won = 0,
    public_pension: Won = 0,
) -> PensionWithdrawal:
    """Return which parts a year's withdrawal takes, in won, and what they cost.

    Out goes first what earned no credit (untaxed), then deferred severance pay, then credited
    payments and earnings; a loss has eaten the parts in the opposite order. What lies within the
    limit of the ``year`` of receipt is a pension from 55 on, five years after joining
    (``years_joined``, not needed with deferred severance pay inside): severance pay then owes 70,
    60 or 50 % of its tax, credited money the tax of ``pension.receive``. Above the limit, or before
    a pension may start, severance pay owes its full tax and credited money 16.5 %. Sources:
    소득세법 시행령 §§40의2③④⑤, 40의3; 소득세법 §129①5의2·5의3·6나.

    >>> from jeoul.korea.tables import load_rules
    >>> account = PensionAccount(uncredited=5_000_000, credited=80_000_000, earnings=15_000_000)
    >>> found = withdraw_pension(load_rules(2026), account=account, amount=20_000_000, age=60,
    ...                          years_joined=10)
    >>> found.uncredited, found.credited, found.within, found.lump_tax
    (5000000, 15000000, 12000000, 1320000)
    """
    _refuse(book, account, amount)
    limit, steps = _limit(book, account, age=age, year=year, years_joined=years_joined)
    within = amount if limit is None else min(amount, limit)
    taken = _taken(book, account, amount)
    inside = _taken(book, account, within)  # the pension comes out first: §40의3③
    steps.append(
        step("withdraw_order", first=taken.uncredited, second=taken.severance, third=taken.credited)
    )
    steps.append(step("withdraw_within", within=within, outside=amount - within))
    severance = _severance(book, account, inside.severance, taken.severance, year, steps)
    pension, how = 0, None
    if inside.credited:
        received = receive_pension(
            book,
            age=age,
            amount=inside.credited,
            other_income=other_income,
            public_pension=public_pension,
        )
        pension, how = received.tax, received.how
        steps.extend(received.steps)
    above = taken.credited - inside.credited
    lump = withheld(book, above, book.rate("pension.lump_rate")).total
    if above:
        steps.append(step("pension_lump", taxable=above, tax=lump))
    tax = severance + pension + lump
    return PensionWithdrawal(
        uncredited=taken.uncredited,
        severance=taken.severance,
        credited=taken.credited,
        within=within,
        limit=limit,
        severance_tax=severance,
        pension_tax=pension,
        lump_tax=lump,
        tax=tax,
        net=amount - tax,
        how=how,
        steps=tuple(steps),
    )


@dataclass(frozen=True, slots=True)
class _Parts:
    uncredited: int
    severance: int
    credited: int


def _refuse(book: Rulebook, account: PensionAccount, amount: int) -> None:
    parts = (account.uncredited, account.severance, account.severance_tax, account.credited)
    if min(*parts, amount, account.opening or 0) < 0:
        raise book.refuse(_RULE, "pension.order", "an amount is below zero; give 0 or more")
    if account.value < 0:
        raise book.refuse(
            _RULE,
            "pension.order",
            "the loss is larger than what was paid in; correct one of the two",
        )
    if amount > account.value:
        most = account.value
        wrong = f"amount {amount} is more than the account holds, {most}; give {most} at most"
        raise book.refuse(_RULE, "pension.order", wrong)


def _limit(
    book: Rulebook, account: PensionAccount, *, age: int, year: int, years_joined: int | None
) -> tuple[int | None, list[Step]]:
    """Return how much counts as a pension, None for everything."""
    start, joined = pension_start(book)
    if account.severance == 0 and years_joined is None:
        wrong = "years_joined decides whether this is a pension; give the full years since joining"
        raise book.refuse(_RULE, "pension.start", wrong)
    young = age < start
    if young or (account.severance == 0 and (years_joined or 0) < joined):
        return 0, [step("withdraw_no_pension", age=age, start=start, joined=joined)]
    opening = account.value if account.opening is None else account.opening
    found = receipt_limit(book, balance=opening, year=year)
    return (found.limit if found.limited else None), list(found.steps)


def _taken(book: Rulebook, account: PensionAccount, amount: int) -> _Parts:
    """Return what an amount consists of: the parts after a loss, taken one after the other."""
    order = book.words("pension.order")
    left = {
        "uncredited": account.uncredited,
        "severance": account.severance,
        "credited": account.credited + max(0, account.earnings),
    }
    lost = max(0, -account.earnings)
    for name in reversed(order):  # a loss is taken from the last part first: §40의3⑤
        eaten = min(lost, left[name])
        left[name], lost = left[name] - eaten, lost - eaten
    found = {}
    for name in order:
        found[name] = min(amount, left[name])
        amount -= found[name]
    return _Parts(**found)


def _severance(
    book: Rulebook,
    account: PensionAccount,
    inside: int,
    taken: int,
    year: int,
    steps: list[Step],
) -> int:
    if not taken:
        return 0
    whole = Decimal(account.severance_tax) / account.severance
    drawn = severance_tax(book, tax=cut(book, whole * inside), year=year)
    if inside:
        steps.extend(drawn.steps)
    above = cut(book, whole * (taken - inside))
    if above:
        steps.append(step("severance_lump", amount=taken - inside, tax=above))
    return drawn.tax + above
