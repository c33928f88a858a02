"""The ``[broker]`` table of a config that names Toss Securities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from jeoul.model.instrument import AccountKind
from jeoul.operations.broker.rest.settings import RestSettings
from jeoul.operations.setup.tables import Variable


class TossSettings(RestSettings):
    """Toss Securities' Open API. The three variables hold secrets; their names are here.

    There is no simulation. ``confirm_large`` sends the confirmation that an order of 100,000,000
    won or more needs; without it the broker refuses such an order.
    """

    kind: Literal["toss"]
    mode: Literal["real"] = "real"
    client_id: Variable = "TOSS_CLIENT_ID"
    client_secret: Variable = "TOSS_CLIENT_SECRET"
    account: Variable = "TOSS_ACCOUNT"
    confirm_large: bool = False
    visibility: Annotated[float, Field(ge=0.0, le=600.0)] = 60.0

    account_kinds = frozenset({AccountKind.GENERAL})  # the interface shows no other kind
    company = "Toss Securities"
    account_form = "[0-9](-?[0-9]){7,19}"
    hosts = {"real": "https://openapi.tossinvest.com"}  # noqa: RUF012

    @property
    def account_variable(self) -> str:
        """Return the variable of the account number."""
        return self.account

    @property
    def variables(self) -> Sequence[str]:
        """Return the variables of the client's name and secret and of the account number."""
        return self.client_id, self.client_secret, self.account
