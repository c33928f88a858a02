"""A household along history: its people and accounts, what is decided, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple, Protocol

from jeoul.account.day import AccountFill, AccountState, DayFlows, DayOrder, DayRules
from jeoul.account.price_events import CorporateAction
from jeoul.account.withholding import Taxed
from jeoul.advice.person import Income, LegalStatus
from jeoul.household.history.year import Assessment, PersonYear, YearPayment
from jeoul.korea.rulebook import Rulebook

PENSIONS = ("pension_savings", "irp", "dc")
"""Kinds of account that are drawn as a pension; the first has a limit of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPerson:
    """A person whose incomes are the same in every year.

    ``overseas_elsewhere`` are net gains abroad that are realised beside the accounts.
    """

    id: str
    born: date
    income: Income = field(default_factory=Income)
    status: LegalStatus = field(default_factory=LegalStatus)
    overseas_elsewhere: int = 0

    def age_on(self, day: date) -> int:
        """Return the full years of age on a day (만 나이)."""
        return day.year - self.born.year - ((day.month, day.day) < (self.born.month, self.born.day))


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What an account brings along from before, in won.

    ``opened`` is when an ISA was opened, its first payment where nobody says it; ``form`` its kind
    and ``gain_so_far`` the taxed gain realised inside. Of a pension ``credited`` and ``uncredited``
    are payments with and without a credit. ``paid`` is what was paid in by year.
    """

    opened: date | None = None
    form: str = "general"
    gain_so_far: int = 0
    credited: int = 0
    uncredited: int = 0
    paid: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryAccount:
    """An account at the beginning, with the rules of its days, tax among them.

    ``interest`` is what settled cash earns over each session, as a fraction.
    """

    id: str
    owner: str
    kind: str
    rules: DayRules
    start: AccountState
    carried: Carried = field(default_factory=Carried)
    interest: Mapping[date, float] = field(default_factory=dict)


class NewMoney(NamedTuple):
    """Won that a person saves, below 0 for what is taken out."""

    person: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryHousehold:
    """People, accounts and the law that holds in every year.

    ``pays_tax`` names the account that pays what the year asks and takes what it gives back; None
    where both stay outside the accounts. ``flows`` are by day; new money waits at a bank until a
    decision pays it in, and money asked for waits until an account pays it out.
    """

    book: Rulebook
    people: Mapping[str, HistoryPerson]
    accounts: Mapping[str, HistoryAccount]
    pays_tax: str | None = None
    flows: Mapping[date, Sequence[NewMoney]] = field(default_factory=dict)


class SessionDecisions(NamedTuple):
    """What is decided after a session, by account: orders, money in and out of the next session.

    ``states`` replaces accounts that a decision changed: money that settles by the next session.
    """

    orders: Mapping[str, Sequence[DayOrder]] = {}
    deposits: Mapping[str, int] = {}
    withdrawals: Mapping[str, int] = {}
    states: Mapping[str, AccountState] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A household after the close of a session, as a decision sees it.

    ``executed`` is the session on which its orders are filled. ``money`` of each person waits to be
    paid in, ``asked`` is what each wants out and has not had yet. ``year_of`` gives a person's
    year so far, ``paid`` is what each account took by year, ``results`` what the law looks at in
    each account so far.
    """

    session: date
    executed: date
    accounts: Mapping[str, AccountState]
    money: Mapping[str, int]
    asked: Mapping[str, int]
    year_of: Callable[[str, int], PersonYear]
    paid: Mapping[str, Mapping[int, int]]
    results: Mapping[str, Sequence[Taxed]]


class Decide(Protocol):
    """How a household decides."""

    def __call__(self, moment: Moment, /) -> SessionDecisions:
        """Return what is done on the next session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPassed:
    """One session of one account; money in won but for ``fills``, ``actions`` and ``flows``."""

    flows: DayFlows
    actions: tuple[CorporateAction, ...]
    fills: tuple[AccountFill, ...]
    taxed: tuple[Taxed, ...]
    worth: int
    owed: int


class BookedPayment(NamedTuple):
    """A payment of an assessment, on the session on which it was made."""

    session: date
    person: str
    payment: YearPayment


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdDay:
    """One session: its accounts that were open, the money that waits, and all of it together.

    ``money`` is less what was asked for and is not paid yet; ``new`` is what the owners brought,
    below 0 what they asked for.
    """

    session: date
    accounts: Mapping[str, AccountPassed]
    money: int
    worth: int
    new: int
    booked: tuple[BookedPayment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountEnd:
    """An account at the end, in won.

    ``paid_in`` and ``paid_out`` contain refunds and taxes of the year. ``worth`` is its value,
    ``withheld`` the tax taken at source along the way and from the last
    sales, ``exit_tax`` that of the end of an ISA or of drawing a pension, ``in_hand`` what is left.
    """

    id: str
    kind: str
    paid_in: int
    paid_out: int
    worth: int
    fees: int
    withheld: int
    exit_tax: int
    in_hand: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdEnd:
    """A household after everything is sold and every tax is paid, in won.

    ``unpaid`` is what the assessments of the last years still ask, refunds taken off; ``outside``
    what was paid beside the accounts on the way. ``money`` still waits at a bank.
    """

    accounts: tuple[AccountEnd, ...]
    money: int
    unpaid: int
    outside: int

    @property
    def in_hand(self) -> int:
        """Return what the household has in hand."""
        return sum(each.in_hand for each in self.accounts) + self.money - self.unpaid - self.outside


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdHistory:
    """A household along history: its days, the assessments of its people, and its end.

    ``begun`` is what it was worth before its first session, in won.
    """

    household: HistoryHousehold
    begun: int
    days: tuple[HouseholdDay, ...]
    assessments: Mapping[str, tuple[Assessment, ...]]
    end: HouseholdEnd
