"""The ``[broker]`` table of a config that names Korea Investment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from jeoul.model.instrument import AccountKind
from jeoul.operations.setup.brokers import LimitBrokerSettings
from jeoul.operations.setup.tables import Variable

HOSTS = {
    "simulation": "https://openapivts.koreainvestment.com:29443",
    "real": "https://openapi.koreainvestment.com:9443",
}


class KisSettings(LimitBrokerSettings):
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
    hashkey: bool = False
    visibility: Annotated[float, Field(ge=0.0, le=600.0)] = 150.0
    timeout: Annotated[float, Field(gt=0.0, le=60.0)] = 10.0
    pace: Annotated[float, Field(ge=0.0, le=60.0)] = 0.0
    keys_until: date | None = None

    account_kinds = frozenset({AccountKind.GENERAL, AccountKind.ISA})
    company = "Korea Investment"
    reuses_proceeds = False  # a buy is refused there until the sale that pays for it is filled

    @model_validator(mode="after")
    def _official(self) -> Self:
        if self.host is not None and not is_allowed(self.host, self.mode):
            raise ValueError(
                f"{self.host!r} is not a host of the {self.mode} mode; leave it out, or use "
                f"{HOSTS[self.mode]} or a loopback address"
            )
        return self

    @property
    def address(self) -> str:
        """Return the address that requests go to."""
        return self.host or HOSTS[self.mode]

    @property
    def account_variable(self) -> str:
        """Return the variable of the account number."""
        return self.account

    @property
    def keys_end_on(self) -> date | None:
        """Return the day that the config names."""
        return self.keys_until

    @property
    def variables(self) -> Sequence[str]:
        """Return the variables of the application's key and secret and of the account number."""
        return self.appkey, self.appsecret, self.account


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
