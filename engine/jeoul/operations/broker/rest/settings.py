"""Keys that the tables of all brokers with a REST interface have, and the hosts that they allow."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from jeoul.model.portfolio import Proceeds
from jeoul.operations.setup.brokers import LimitBrokerSettings


class RestSettings(LimitBrokerSettings):
    """A broker's REST interface.

    ``host`` is one of the official hosts or, for tests, a loopback address. ``visibility`` is how
    long a run waits in seconds for an unanswered order to be listed, ``timeout`` bounds one
    request, ``pace`` is a gap between requests that makes the published one longer, and
    ``keys_until`` is the last day of the keys. With ``cash.proceeds = "reuse"``, ``fill_wait`` is
    how long a run watches its sales in seconds for the money of its buys.
    """

    mode: Literal["simulation", "real"]
    host: str | None = None
    visibility: Annotated[float, Field(ge=0.0, le=600.0)] = 150.0
    fill_wait: Annotated[float, Field(ge=0.0, le=3600.0)] = 300.0
    timeout: Annotated[float, Field(gt=0.0, le=60.0)] = 10.0
    pace: Annotated[float, Field(ge=0.0, le=60.0)] = 0.0
    keys_until: date | None = None

    hosts: ClassVar[Mapping[str, str]]
    """The official host of each mode."""
    account_form: ClassVar[str]
    """The account number as people write it, as a regular expression."""
    account_digits: ClassVar[int | None] = None
    """How many digits of it name the account; None for all of them."""

    @model_validator(mode="after")
    def _official(self) -> Self:
        official = self.hosts[self.mode]
        if self.host is not None and not is_allowed(self.host, official):
            raise ValueError(
                f"{self.host!r} is not a host of the {self.mode} mode; leave it out, or use "
                f"{official} or a loopback address"
            )
        return self

    @property
    def address(self) -> str:
        """Return the address that requests go to."""
        return self.host or self.hosts[self.mode]

    def may_hold_buys(self, proceeds: Proceeds) -> bool:
        """Return whether buys wait for the money of sales."""
        return proceeds == "reuse"

    @property
    def sales_watched(self) -> float:
        """Return the seconds that the config names."""
        return self.fill_wait

    def account_key(self, number: str) -> str:
        """Return the digits that name an account."""
        return digits_of(number)[: self.account_digits] or number

    def secret_fault(self, name: str, value: str) -> tuple[str, str] | None:
        """Return what is wrong with the value of a variable: no header or question can take it."""
        if not (value.isascii() and value.isprintable()) or " " in value:
            return (
                f"the variable {name} contains a space, a line break or another character "
                "that no key contains",
                "copy the value again; in a file that was saved on Windows each line ends with one",
            )
        if name == self.account_variable and not re.fullmatch(self.account_form, value):
            return (
                f"the variable {name} does not have an account number that this broker's interface "
                "takes",
                "write the number as the broker shows it; for a pension account use a config with "
                'broker.kind = "ticket"',
            )
        return None

    @property
    def keys_end_on(self) -> date | None:
        """Return the day that the config names."""
        return self.keys_until


def digits_of(number: str) -> str:
    """Return the digits of a number.

    >>> digits_of("12345678-01")
    '1234567801'
    """
    return re.sub("[^0-9]", "", number)


def is_allowed(host: str, official: str) -> bool:
    """Return whether a host may see the secrets: the official one, or this machine.

    >>> is_allowed("http://127.0.0.1:8080", "https://a.kr"), is_allowed("https://b.kr", "https://a.kr")
    (True, False)
    """
    if host == official:
        return True
    scheme, _, rest = host.partition("://")
    name, colon, port = rest.rpartition(":")
    loopback = name in ("127.0.0.1", "localhost", "[::1]")
    return scheme == "http" and loopback and bool(colon) and port.isdecimal()
