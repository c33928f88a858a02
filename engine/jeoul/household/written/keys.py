"""The tables of ``household.toml``, with every key and its default."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator

from jeoul.account.file import AccountFileTable, FeeSettings, FlowSettings
from jeoul.account.money_keys import Money, NoMoney, WonAmount
from jeoul.account.room_keys import Opened, Paid
from jeoul.account.suitability_keys import SuitabilitySettings
from jeoul.advice.first import Loan
from jeoul.advice.person_keys import FactKeys
from jeoul.files.toml import kind_as_written
from jeoul.model.instrument import kind_word
from jeoul.model.portfolio import SETTLED, Proceeds

NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_ID = re.compile(r"[^\W_][\w-]{0,39}")  # a folder of the ledgers has the name, so no dots


def _name(text: str) -> str:
    if not NAME.fullmatch(text):
        raise ValueError(
            f"{text!r} cannot name ledgers and timers; write small letters, digits, _ and -, "
            "a letter first, at most 40 of them"
        )
    return text


def _id(text: str) -> str:
    if not _ID.fullmatch(text):
        raise ValueError(
            f"{text!r} cannot name an entry; write letters, digits, _ and -, at most 40 of them, "
            "as in [people.minsu]"
        )
    return unicodedata.normalize("NFC", text)


def _kind(given: Any) -> Any:
    return kind_word(given) if isinstance(given, str) else given


def _whole_years(given: Any) -> Any:
    """Refuse a year with a fraction by its name: TOML reads ``2024.5 = 1`` as a table in 2024."""
    if isinstance(given, Mapping):
        for year, amount in given.items():
            if isinstance(amount, Mapping):
                written = ".".join((str(year), *map(str, amount)))
                raise ValueError(f"{written!r} is not a year; write it as 2024 = 5_000_000")
    return given


Id = Annotated[str, AfterValidator(_id)]
Name = Annotated[str, AfterValidator(_name)]
Text = Annotated[str, Field(min_length=1)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
_Kind = Literal["general", "overseas", "isa", "pension_savings", "irp"]
KINDS: tuple[str, ...] = get_args(_Kind)
Kind = Annotated[_Kind, BeforeValidator(_kind)]
Profile = Literal["conservative", "balanced", "growth"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonTable(FactKeys):
    """``[people.ID]``: the facts of a person's file, the birthday and what decides the profile.

    ``answers`` is a questionnaire; ``profile`` stands in for it. ``suitability`` says by which
    matrix the person's type is held to product grades. ``strategy`` is the person's own where every
    person has a target.
    """

    born: date
    answers: str | None = None
    profile: Profile | None = None
    suitability: SuitabilitySettings | None = None
    strategy: str | None = None


class BrokerTable(FeeSettings):
    """``broker`` of an account: its kind and fees; a run checks the keys of its broker."""

    model_config = ConfigDict(extra="allow")

    kind: Text

    _kind_as_written = model_validator(mode="before")(staticmethod(kind_as_written))


class AccountTable(AccountFileTable):
    """``[accounts.ID]``.

    ``config`` names the config of a run instead of ``kind``, ``holdings`` and ``broker``: state
    folder, ledger and broker are then the config's. ``universe`` and ``currency`` are those of an
    account of kind ``overseas``. ``cost_method`` is how the broker counts the cost of what is sold;
    ``average``, because that is what most of them do. ``form``, ``gain_so_far`` (the taxed gain
    that was realised inside) belong to an ISA; ``credited``, ``uncredited`` (payments with and
    without a tax credit) and ``severance`` (퇴직급여) to pensions.
    """

    owner: Id | None = None
    kind: Kind | None = None
    holdings: Text | None = None
    broker: BrokerTable | None = None
    config: Text | None = None
    opened: Opened | None = None
    paid: Annotated[Paid, BeforeValidator(_whole_years), Field(default_factory=dict)]
    universe: Text | None = None
    currency: Literal["KRW", "USD"] | None = None
    cost_method: Literal["average", "fifo"] = "average"
    proceeds: Proceeds = SETTLED
    form: str | None = None
    gain_so_far: WonAmount = 0
    credited: NoMoney = 0
    uncredited: NoMoney = 0
    severance: NoMoney = 0


RETIREMENT = "retirement"
"""The purpose of a goal that is lived on; what its people spend a month is what is needed."""


class Goal(AccountFileTable):
    """``[goals.ID]``: an amount of won of that day, by a day, from some accounts.

    Goals come in the order of ``priority``, 1 first, and those without one by their date. A goal
    with ``spending``, won of today a month, or with the purpose ``retirement`` is lived on from its
    day to the age ``until``.
    """

    amount: Money
    by: date
    purpose: Text | None = None
    accounts: Annotated[tuple[Id, ...], Field(alias="from", min_length=1, strict=False)]
    priority: Annotated[int, Field(ge=1)] | None = None
    spending: Money | None = None
    until: Annotated[int, Field(ge=1, le=120)] = 95

    @property
    def lived_on(self) -> bool:
        """Return whether the money is spent over the years instead of on one day."""
        return self.spending is not None or self.purpose == RETIREMENT


class Flow(FlowSettings):
    """``[[flows]]``: won that are saved on a schedule, or taken out where below zero.

    ``person`` is whose money it is, and may be left out where there is one person.
    """

    amount: WonAmount
    person: Id | None = None


class PolicyTable(AccountFileTable):
    """``[policy]``: the prices of what a plan weighs, and its limits; each default has its reason.

    - ``target = "household"``: one target for all accounts, because money is one household's;
      ``"person"`` gives each person a target of their own.
    - ``max_trades = 12``: as many orders as a person types in without a mistake.
    - ``min_gain = 5_000`` won: less is not worth opening the app of a broker.
    - ``max_lock = 0.5``: of what is neither reserve nor goal; no price of a lock is honest alone,
      and half of it locked until 55 is the most that a first plan should do unasked.
    - ``pays_tax``: the account from which taxes of the year are paid; the first ordinary one,
      because money can be taken out of it without a loss.
    - ``drift_price = 0.02``: a year's cost of being off target by everything; about the premium
      that a balanced portfolio is held for.
    - ``horizon = 3`` years of tax drag: what is bought is held about as long.
    - ``realise = 0.5``: a later tax counts half, because it may fall due in a better year or never.
    - ``within_reach``: six months of the people's spending; the next emergency is else paid by a
      loan.
    - ``keep_liquid = 0``: nothing beyond the reserve and the goals.
    - ``lock_price = 0.004``: a year's cost of a locked won; without it pensions always win.
    - ``gifts = false``: money between spouses is a gift, which is never planned unasked.
    - ``sell_outside = false``: what the strategy does not know was bought for a reason of one's
      own.
    """

    target: Literal["household", "person"] = "household"
    max_trades: Annotated[int, Field(ge=1, le=200)] = 12
    min_gain: NoMoney = 5_000
    max_lock: Share = 0.5
    pays_tax: Id | None = None
    drift_price: Annotated[float, Field(gt=0.0, le=1.0)] = 0.02
    horizon: Annotated[float, Field(gt=0.0, le=60.0)] = 3.0
    realise: Share = 0.5
    within_reach: NoMoney | None = None
    keep_liquid: NoMoney = 0
    lock_price: Share = 0.004
    gifts: bool = False
    sell_outside: bool = False


class DataTable(AccountFileTable):
    """``[data]``: a market folder; without it the simulated sample."""

    folder: Text | None = None


RawTable = dict[str, Any]
"""A table that a run checks, with the keys of the config of a run."""


class HouseholdKeys(AccountFileTable):
    """A whole ``household.toml``.

    ``lang``, ``ledger``, ``encrypt``, ``data``, ``schedule``, ``safety``, ``approval`` and
    ``notify`` are those of the config of a run and hold for every account.
    """

    schema_: Annotated[Literal[1], Field(alias="schema")]
    name: Name
    title: Text | None = None
    strategy: Text = "managed"
    state: Text
    people: Annotated[dict[Id, PersonTable], Field(min_length=1)]
    accounts: Annotated[dict[Id, AccountTable], Field(min_length=1)]
    goals: Annotated[dict[Id, Goal], Field(default_factory=dict)]
    flows: Annotated[list[Flow], Field(default_factory=list)]
    policy: PolicyTable = PolicyTable()
    loans: tuple[Loan, ...] = Field(default=(), strict=False)
    lang: Literal["ko", "en"] = "ko"
    ledger: Text | None = None
    encrypt: Literal["passphrase", "keyring"] | None = None
    data: DataTable = DataTable()
    schedule: Annotated[RawTable, Field(default_factory=dict)]
    safety: Annotated[RawTable, Field(default_factory=dict)]
    approval: Annotated[RawTable, Field(default_factory=dict)]
    notify: RawTable | None = None
