"""A config: this person, this account, this machine; it changes no weight and holds no secret."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, create_model, model_validator

from jeoul.account.file import Kind
from jeoul.account.money_keys import NoMoney
from jeoul.account.room_keys import Opened, Paid
from jeoul.account.suitability_keys import SuitabilitySettings
from jeoul.errors import ConfigError, Problem
from jeoul.files.document import Document, parse
from jeoul.files.faults import shown
from jeoul.files.toml import check
from jeoul.model.instrument import AccountKind
from jeoul.model.portfolio import SETTLED, Proceeds
from jeoul.operations.setup.brokers import BrokerSettings, broker_settings
from jeoul.operations.setup.ledger_url import LedgerUrl, secrets_in
from jeoul.operations.setup.outcome import OUTCOMES
from jeoul.operations.setup.secrets import PASSPHRASE, kept_tokens
from jeoul.operations.setup.tables import ConfigTable, Variable

ALARM = "alarm"
"""What ``notify.on`` calls everything that a person should know beside the outcome of a run."""

EVERY = ("schedule", "every")
"""The key that gated runs in 0.1."""

Share = Annotated[float, Field(gt=0.0, le=1.0)]
Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class DataSource(ConfigTable):
    """Where prices come from; without ``folder`` the simulated sample."""

    folder: str | None = None


class ScheduleSettings(ConfigTable):
    """When a timer starts the run, as local time; the run looks at every session.

    ``every`` was a gate of 0.1: it is read and has no effect. 0.3 refuses it.
    """

    every: Literal["session", "week", "month"] | None = None
    at: Clock = "09:10"
    timezone: str = "Asia/Seoul"


class CashSettings(ConfigTable):
    """What may be spent: ``reserve`` is money that is never invested, in the currency's main unit.

    ``proceeds`` says when buys may spend what sales bring: once it has settled, or on the same day.
    """

    reserve: NoMoney = 0
    proceeds: Proceeds = SETTLED


class SafetySettings(ConfigTable):
    """What stops a run. Fractions are of the account's value, turnover is of one session.

    ``stop`` and a file ``STOP`` in the state folder are the kill switch. ``safe`` and a file
    ``SAFE`` let the run buy back to target, and sell only to pay money out and where the law
    demands it, whatever the model or the overlay want.
    ``unexplained`` says what happens when the broker holds something that the books do not
    explain: take it into the books with a note, or stop for a person. ``prove`` has cvxpy solve
    an allocation again before anything is sent on it, and stops where it finds another optimum.
    """

    stop: bool = False
    safe: bool = False
    max_order: Share = 1.0
    max_turnover: Annotated[float, Field(gt=0.0, le=2.0)] = 1.0
    unexplained: Literal["adopt", "stop"] = "stop"
    prove: bool = True


class ApprovalSettings(ConfigTable):
    """Whether a person releases every plan, and for how long a plan waits."""

    required: bool = False
    hours: Annotated[float, Field(gt=0.0)] = 12.0


class FirmSettings(ConfigTable):
    """The firm that manages the money for somebody else: its answers have to be complete."""

    name: Annotated[str, Field(min_length=1)]


class NotifySettings(ConfigTable):
    """What is told to whom. ``urls`` names the variable that holds apprise addresses.

    ``on`` lists outcomes and ``alarm``, which is told whatever the outcome.
    """

    urls: Variable = "JEOUL_NOTIFY"
    on: tuple[str, ...] = (
        "planned", "executed", "blocked_data", "blocked_rule", "needs_person", ALARM,
    )  # fmt: skip

    @model_validator(mode="before")
    @classmethod
    def _listed(cls, data: object) -> object:
        if isinstance(data, dict) and isinstance(data.get("on"), list):
            known = (*OUTCOMES, ALARM)
            unknown = [name for name in data["on"] if name not in known]
            if unknown:
                raise ValueError(f"{shown(unknown[0])} is not an outcome; use {', '.join(known)}")
            return data | {"on": tuple(data["on"])}
        return data


class ExpirySettings(ConfigTable):
    """What ends by itself, beside the broker's keys whose last day the config names.

    Keys last a year from ``keys_issued``; a password of the exchange's data service has to be
    changed three months after ``password_changed``; ``certificate_until`` is the last day of the
    certificate that the person signs in with at the broker.
    """

    keys_issued: date | None = None
    password_changed: date | None = None
    certificate_until: date | None = None


class Settings(ConfigTable):
    """A config file.

    ``ledger`` is the URL of a PostgreSQL database, without a password, or the variable that holds
    one; without it, the ledger is a file in the folder ``state``.
    ``encrypt`` says where the passphrase of the state folder's files comes from when no variable
    and no file descriptor gives it: from nowhere else, or the system's keyring. ``minimum`` is what
    an account has to be worth before it invests for the first time, in the currency's main unit.
    ``opened`` and ``paid`` say what an ISA or a pension account took beside the ledger. ``goal`` is
    the day that a strategy with a glide path glides to; it has to be given for one, and for no
    other.
    """

    schema_: Annotated[Literal[1], Field(alias="schema")]
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
    strategy: str = "managed"
    profile: Literal["conservative", "balanced", "growth"] | None = None
    answers: str | None = None
    goal: date | None = None
    account: Kind = AccountKind.GENERAL
    minimum: NoMoney = 0
    opened: Opened | None = None
    paid: Annotated[Paid, Field(default_factory=dict)]
    state: str
    ledger: LedgerUrl | None = None
    encrypt: Literal["passphrase", "keyring"] | None = None
    lang: Literal["ko", "en"] = "ko"
    data: DataSource = DataSource()
    broker: BrokerSettings
    schedule: ScheduleSettings = ScheduleSettings()
    cash: CashSettings = CashSettings()
    safety: SafetySettings = SafetySettings()
    approval: ApprovalSettings = ApprovalSettings()
    notify: NotifySettings | None = None
    expiry: ExpirySettings = ExpirySettings()
    suitability: SuitabilitySettings | None = None
    firm: FirmSettings | None = None

    @model_validator(mode="after")
    def _one_profile(self) -> Self:
        if (self.profile is None) == (self.answers is None):
            raise ValueError("either profile or answers has to be given; write one of the two")
        if self.firm is not None and self.answers is None:
            raise ValueError("a firm decides on answers, not on a profile; write answers")
        taken = self.broker.account_kinds
        if taken is not None and self.account not in taken:
            raise ValueError(
                f"{self.broker.company} takes no orders for {self.account} accounts over its "
                'interface; use broker.kind = "ticket"'
            )
        return self


@dataclass(frozen=True, slots=True)
class Config:
    """A checked config with its paths made absolute, relative to the file it stands in.

    ``retired`` are the keys of the file that are read and have no effect any more.
    """

    path: Path
    settings: Settings
    state: Path
    folder: Path | None
    retired: tuple[Problem, ...] = ()

    def beside(self, name: str) -> Path:
        """Return a path that the file names, relative to the file."""
        return _absolute(self.path.parent, name)


def load_config(path: Path | str) -> Config:
    """Return the config in a TOML file.

    Raises :class:`ConfigError` with every problem of the file: unknown keys, wrong kinds, a host
    that is not the broker's, a time zone that does not exist.

    >>> from jeoul import assets
    >>> load_config(assets.root() / "configs" / "paper.toml").settings.broker.kind
    'paper'
    """
    return config_of(parse(path, ConfigError, kind="config"), Path(path).resolve())


def config_of(document: Document, place: Path, base: type[Settings] = Settings) -> Config:
    """Return the config that a document describes, with its paths relative to a file ``place``.

    Raises :class:`ConfigError` as :func:`load_config` does.
    """
    settings = check(document, _settings_model(document, base), ConfigError)
    problems = [*_timezone_problems(settings, document), *_home_problems(settings, document)]
    if problems:
        raise ConfigError(problems)
    folder = settings.data.folder
    return Config(
        path=place,
        settings=settings,
        state=_absolute(place.parent, settings.state),
        folder=None if folder is None else _absolute(place.parent, folder),
        retired=tuple(_retired(settings, document)),
    )


def secrets_of(config: Config, environment: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Return every secret that the config's variables and state hold now, to keep out of sight.

    Each address of a notification is one by itself: a service names the one that it failed on.
    """
    environment = os.environ if environment is None else environment
    addresses = ""
    if config.settings.notify is not None:
        addresses = environment.get(config.settings.notify.urls, "")
    values = tuple(environment.get(name, "") for name in config.settings.broker.variables)
    if config.settings.encrypt is not None:
        values = (*values, environment.get(PASSPHRASE, ""))
    values = (*values, *secrets_in(config.settings.ledger, environment))
    said = (*values, *kept_tokens(config.state), addresses, *addresses.split())
    return tuple(value for value in said if value)


def _settings_model(document: Document, base: type[Settings]) -> type[Settings]:
    """Return the model of a whole file, with the table of the broker that it names."""
    table = document.data.get("broker")
    broker = broker_settings(table.get("kind") if isinstance(table, dict) else None)
    return create_model("Settings", __base__=base, broker=(broker, ...))


def _absolute(base: Path, name: str) -> Path:
    found = Path(os.path.expandvars(name)).expanduser()
    return found if found.is_absolute() else (base / found).resolve()


def _retired(settings: Settings, document: Document) -> Iterator[Problem]:
    if settings.schedule.every is not None:
        yield document.problem(
            EVERY,
            "has no effect since 0.2, because a run looks at every session; 0.3 refuses it",
            f"remove it with `jeoul check --write {document.file}`, and install the timer that "
            "`jeoul schedule` prints",
        )


def _timezone_problems(settings: Settings, document: Document) -> Iterator[Problem]:
    from zoneinfo import available_timezones

    zone = settings.schedule.timezone
    if zone not in available_timezones():
        yield Problem(
            document.file,
            f"{shown(zone)} is not a time zone",
            line=document.line(("schedule", "timezone")),
            key="schedule.timezone",
            remedy="write one such as Asia/Seoul",
        )


def _home_problems(settings: Settings, document: Document) -> Iterator[Problem]:
    """Yield a problem for every path that begins in the home folder of nobody."""
    named: dict[tuple[str, ...], str | None] = {
        ("state",): settings.state,
        ("answers",): settings.answers,
        ("strategy",): settings.strategy,
        ("data", "folder"): settings.data.folder,
        **{("broker", key): name for key, name in settings.broker.files.items()},
    }
    for place, name in named.items():
        try:
            _absolute(Path(), name or "")
        except RuntimeError:
            yield Problem(
                document.file,
                f"{shown(name)} begins in a home folder that does not exist",
                line=document.line(place),
                key=".".join(place),
                remedy="write ~/ for your own, or the whole path",
            )
