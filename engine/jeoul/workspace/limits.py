"""How much of the law's limits the accounts of a person have used."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from jeoul.account.rooms import PENSIONS, PaidFacts, room_in, with_booked
from jeoul.korea.rulebook import Rulebook
from jeoul.model.instrument import AccountKind

Rule = Literal["isa", "isa_total", "pension", "credit", "irp_risk"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitedAccount:
    """An account as the limits see it.

    ``deposited`` is what its books saw paid in by year, in won. ``risk`` is the share of risk
    assets in its value, None where that is not known.
    """

    id: str
    owner: str
    kind: str
    paid: PaidFacts = field(default_factory=PaidFacts)
    deposited: Mapping[int, int] = field(default_factory=dict)
    risk: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A limit, and how much of it is used: won of a year, for ``irp_risk`` a share of the account.

    ``isa`` is what may be paid into an ISA this year, ``isa_total`` what may ever be, where its
    opening is not known; ``pension`` what may be paid into all pensions of a person this year and
    ``credit`` the part of it that earns a tax credit. ``sure`` says whether a file states what was
    paid.
    """

    rule: Rule
    owner: str
    accounts: tuple[str, ...]
    used: float
    most: float
    sure: bool = True

    @property
    def left(self) -> float:
        """Return what is left of the limit, 0 beyond it."""
        return max(0.0, self.most - self.used)


def limits_of(accounts: Sequence[LimitedAccount], book: Rulebook, year: int) -> tuple[Limit, ...]:
    """Return the limits of accounts in a year, by the order of the accounts.

    Sources: 조세특례제한법 §91의18③5, 소득세법 §59의3①, 소득세법 시행령 §40의2②,
    퇴직연금감독규정 §12④.

    >>> from jeoul.korea.tables import load_rules
    >>> own = LimitedAccount(id="irp", owner="me", kind="irp", paid=PaidFacts(paid={2026: 10**7}))
    >>> [(each.rule, each.used, each.most) for each in limits_of([own], load_rules(2026), 2026)]
    [('pension', 10000000, 18000000), ('credit', 9000000, 9000000)]
    """
    found = [limit for each in accounts for limit in _of_account(each, book, year)]
    by_owner: dict[str, list[LimitedAccount]] = defaultdict(list)
    for each in accounts:
        if each.kind in PENSIONS:
            by_owner[each.owner].append(each)
    for owner, pensions in by_owner.items():
        found += _of_pensions(owner, pensions, book, year)
    return tuple(found)


def _of_account(account: LimitedAccount, book: Rulebook, year: int) -> Iterator[Limit]:
    if account.kind == AccountKind.ISA:
        earlier = {when: amount for when, amount in account.deposited.items() if when < year}
        facts = with_booked(account.paid, earlier)
        room = room_in(book, AccountKind.ISA, year, facts)
        assert room is not None
        paid: Mapping[int, int] = facts.paid
        before = paid.get(year, 0) if room.sure else sum(paid.values())
        yield Limit(
            rule="isa" if room.sure else "isa_total",
            owner=account.owner,
            accounts=(account.id,),
            used=before + account.deposited.get(year, 0),
            most=before + room.left,
            sure=room.sure,
        )
    if account.kind in book.words("irp.accounts") and account.risk is not None:
        yield Limit(
            rule="irp_risk",
            owner=account.owner,
            accounts=(account.id,),
            used=account.risk,
            most=float(book.rate("irp.risk_cap")),
        )


def _of_pensions(
    owner: str, accounts: Sequence[LimitedAccount], book: Rulebook, year: int
) -> Iterator[Limit]:
    paid = {each.id: each.paid.paid.get(year, 0) + each.deposited.get(year, 0) for each in accounts}
    savings = sum(paid[each.id] for each in accounts if each.kind == AccountKind.PENSION_SAVINGS)
    whole = sum(paid.values())
    credited = min(savings, book.won("pension.savings_cap")) + whole - savings
    ids = tuple(each.id for each in accounts)
    sure = any(each.paid.paid for each in accounts) or whole > 0
    cap, credit_cap = book.won("pension.annual_cap"), book.won("pension.combined_cap")
    yield Limit(rule="pension", owner=owner, accounts=ids, used=whole, most=cap, sure=sure)
    used = min(credited, credit_cap)
    yield Limit(rule="credit", owner=owner, accounts=ids, used=used, most=credit_cap, sure=sure)
