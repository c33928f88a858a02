"""A config: this person, this account, this machine; it changes no weight and holds no secret."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from jeoul.errors import ConfigError, Problem
from jeoul.files.toml import Document, check, parse
from jeoul.model.instrument import AccountKind
from jeoul.model.money import rate
from jeoul.operations.setup.outcome import OUTCOMES
from jeoul.operations.setup.secrets import kept_token

HOSTS = {
    "simulation": "https://openapivts.koreainvestment.com:29443",
    "real": "https://openapi.koreainvestment.com:9443",
}


def _rate(text: str) -> str:
    rate(text, below="0.1")
    return text


FeeRate = Annotated[str, AfterValidator(_rate)]
Share = Annotated[float, Field(gt=0.0, le=1.0)]
Money = Annotated[int, Field(ge=0)]
Variable = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]
Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Weekday = Literal["mon", "tue", "wed", "thu", "fri"]


class Table(BaseModel):
    """A table of a config file: strict types, no unknown keys, frozen."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class DataSource(Table):
    """Where prices come from; without ``folder`` the simulated sample."""

    folder: str | None = None


class PaperSettings(Table):
    """The paper account: money at the start, and deposits by date.

    A deposit comes in at the open of the first session on or after its date.
    """

    kind: Literal["paper"]
    cash: Money = 100_000_000
    fee_rate: FeeRate = "0.000140527"
    deposits: dict[str, Annotated[int, Field(gt=0)]] = {}

    @model_validator(mode="after")
    def _dated(self) -> Self:
        for day in self.deposits:
            try:
                date.fromisoformat(day)
            except ValueError:
                raise ValueError(f"{day!r} is no date; write it as 2026-07-01") from None
        return self


class TicketSettings(Table):
    """Orders that a person types in: files for them, and where the broker's holdings come from.

    ``columns`` names the columns of the broker's CSV for ``ticker`` and ``shares``; the row whose
    ticker is ``cash`` is the money that can be spent.
    """

    kind: Literal["ticket"]
    holdings: str
    encoding: Literal["utf-8", "cp949"] = "utf-8"
    ticker_column: str = "ticker"
    shares_column: str = "shares"
    cash_row: str = "CASH"
    fee_rate: FeeRate = "0.000140527"
    collar: Annotated[float, Field(gt=0.0, le=0.3)] = 0.02


class KisSettings(Table):
    """Korea Investment's REST interface. The three variables hold secrets; their names are here.

    ``host`` is one of the two official hosts or, for tests, a loopback address. ``visibility`` is
    how long a run waits in seconds for an unanswered order to be listed, ``timeout`` bounds one
    request, ``pace`` is a gap between requests that makes the published one longer, and
    ``keys_until`` is the last day of the keys.
    """

    kind: Literal["kis"]
    mode: Literal["simulation", "real"]
    host: str | None = None
    appkey: Variable = "KIS_APPKEY"
    appsecret: Variable = "KIS_APPSECRET"
    account: Variable = "KIS_ACCOUNT"
    product: Literal["01"] = "01"
    fee_rate: FeeRate = "0.000140527"
    collar: Annotated[float, Field(gt=0.0, le=0.3)] = 0.02
    hashkey: bool = False
    visibility: Annotated[float, Field(ge=0.0, le=600.0)] = 150.0
    timeout: Annotated[float, Field(gt=0.0, le=60.0)] = 10.0
    pace: Annotated[float, Field(ge=0.0, le=60.0)] = 0.0
    keys_until: date | None = None

    @model_validator(mode="after")
    def _official(self) -> Self:
        if self.host is not None and not is_allowed(self.host, self.mode):
            raise ValueError(
                f"{self.host!r} is no host of the {self.mode} mode; leave it out, or use "
                f"{HOSTS[self.mode]} or a loopback address"
            )
        return self

    @property
    def address(self) -> str:
        """Return the address that requests go to."""
        return self.host or HOSTS[self.mode]


class ScheduleSettings(Table):
    """When a timer starts the run: every session, week or month, at a local time."""

    every: Literal["session", "week", "month"] = "month"
    at: Clock = "09:10"
    timezone: str = "Asia/Seoul"


class CashSettings(Table):
    """Money that is never invested, in the currency's main unit."""

    reserve: Money = 0


class SafetySettings(Table):
    """What stops a run. Fractions are of the account's value, turnover is of one session.

    ``stop`` and a file ``STOP`` in the state folder are the kill switch; ``safe`` and a file
    ``SAFE`` let the run buy back to target, and sell only what the rules demand.
    ``unexplained`` says what happens when the broker holds something that the books do not
    explain: take it into the books with a note, or stop for a person.
    """

    stop: bool = False
    safe: bool = False
    max_order: Share = 1.0
    max_turnover: Annotated[float, Field(gt=0.0, le=2.0)] = 1.0
    unexplained: Literal["adopt", "stop"] = "stop"


class ApprovalSettings(Table):
    """Whether a person releases every plan, and for how long a plan waits."""

    required: bool = False
    hours: Annotated[float, Field(gt=0.0)] = 12.0


class NotifySettings(Table):
    """Which outcomes are told to whom. ``urls`` names the variable that holds apprise addresses."""

    urls: Variable = "JEOUL_NOTIFY"
    on: tuple[str, ...] = ("planned", "executed", "blocked_data", "blocked_rule", "needs_person")

    @model_validator(mode="before")
    @classmethod
    def _listed(cls, data: object) -> object:
        if isinstance(data, dict) and isinstance(data.get("on"), list):
            unknown = [name for name in data["on"] if name not in OUTCOMES]
            if unknown:
                raise ValueError(f"{unknown[0]!r} is no outcome; use {', '.join(OUTCOMES)}")
            return data | {"on": tuple(data["on"])}
        return data


class Settings(Table):
    """A config file."""

    schema_: Annotated[Literal[1], Field(alias="schema")]
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
    strategy: str = "managed"
    profile: Literal["conservative", "balanced", "growth"] | None = None
    answers: str | None = None
    account: str = "general"
    state: str
    lang: Literal["ko", "en"] = "ko"
    data: DataSource = DataSource()
    broker: Annotated[PaperSettings | TicketSettings | KisSettings, Field(discriminator="kind")]
    schedule: ScheduleSettings = ScheduleSettings()
    cash: CashSettings = CashSettings()
    safety: SafetySettings = SafetySettings()
    approval: ApprovalSettings = ApprovalSettings()
    notify: NotifySettings | None = None

    @model_validator(mode="after")
    def _one_profile(self) -> Self:
        if (self.profile is None) == (self.answers is None):
            raise ValueError("either profile or answers has to be given; write one of the two")
        if self.account not in list(AccountKind):
            known = ", ".join(AccountKind)
            raise ValueError(f"{self.account!r} is no kind of account; use one of {known}")
        if self.broker.kind == "kis" and self.account not in ("general", "isa"):
            raise ValueError(
                f"Korea Investment takes no orders for {self.account} accounts over its interface; "
                'use broker.kind = "ticket"'
            )
        return self


@dataclass(frozen=True, slots=True)
class Config:
    """A checked config with its paths made absolute, relative to the file it stands in."""

    path: Path
    settings: Settings
    state: Path
    folder: Path | None

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
    document = parse(path, ConfigError)
    settings = check(document, Settings, ConfigError)
    problems = [*_timezone_problems(settings, document), *_home_problems(settings, document)]
    if problems:
        raise ConfigError(problems)
    place = Path(path).resolve()
    folder = settings.data.folder
    return Config(
        path=place,
        settings=settings,
        state=_absolute(place.parent, settings.state),
        folder=None if folder is None else _absolute(place.parent, folder),
    )


def is_allowed(host: str, mode: str) -> bool:
    """Return whether a host may see the secrets of a mode: the official one, or this machine.

    >>> is_allowed("http://127.0.0.1:8080", "real"), is_allowed("https://127.0.0.1.evil", "real")
    (True, False)
    """
    if host == HOSTS[mode]:
        return True
    scheme, _, rest = host.partition("://")
    name, colon, port = rest.rpartition(":")
    loopback = name in ("127.0.0.1", "localhost", "[::1]")
    return scheme == "http" and loopback and bool(colon) and port.isdecimal()


def secrets_of(config: Config, environment: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Return every secret that the config's variables and state hold now, to keep out of sight.

    Each address of a notification is one by itself: a service names the one that it failed on.
    """
    environment = os.environ if environment is None else environment
    names, addresses = [], ""
    broker = config.settings.broker
    if isinstance(broker, KisSettings):
        names += [broker.appkey, broker.appsecret, broker.account]
    if config.settings.notify is not None:
        addresses = environment.get(config.settings.notify.urls, "")
    values = (environment.get(name, "") for name in names)
    said = (*values, *kept_token(config.state), addresses, *addresses.split())
    return tuple(value for value in said if value)


def _absolute(base: Path, name: str) -> Path:
    found = Path(os.path.expandvars(name)).expanduser()
    return found if found.is_absolute() else (base / found).resolve()


def _timezone_problems(settings: Settings, document: Document) -> Iterator[Problem]:
    from zoneinfo import available_timezones

    zone = settings.schedule.timezone
    if zone not in available_timezones():
        yield Problem(
            document.file,
            f"{zone!r} is no time zone",
            line=document.line(("schedule", "timezone")),
            key="schedule.timezone",
            remedy="write one such as Asia/Seoul",
        )


def _home_problems(settings: Settings, document: Document) -> Iterator[Problem]:
    """Yield a problem for every path that begins in the home folder of nobody."""
    holdings = settings.broker.holdings if isinstance(settings.broker, TicketSettings) else None
    named = {
        ("state",): settings.state,
        ("answers",): settings.answers,
        ("strategy",): settings.strategy,
        ("data", "folder"): settings.data.folder,
        ("broker", "holdings"): holdings,
    }
    for place, name in named.items():
        try:
            _absolute(Path(), name or "")
        except RuntimeError:
            yield Problem(
                document.file,
                f"{name!r} begins in a home folder that does not exist",
                line=document.line(place),
                key=".".join(place),
                remedy="write ~/ for your own, or the whole path",
            )
