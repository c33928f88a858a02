"""The ``[broker]`` table of a config that names Korea Investment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from jeoul.model.instrument import AccountKind
from jeoul.model.portfolio import Proceeds
from jeoul.operations.broker.rest.settings import RestSettings
from jeoul.operations.setup.tables import Variable


class KisSettings(RestSettings):
    """Korea Investment's REST interface. The three variables hold secrets; their names are here."""

    kind: Literal["kis"]
    appkey: Variable = "KIS_APPKEY"
    appsecret: Variable = "KIS_APPSECRET"
    account: Variable = "KIS_ACCOUNT"
    product: Literal["01"] = "01"
    hashkey: bool = False

    account_kinds = frozenset({AccountKind.GENERAL, AccountKind.ISA})
    company = "Korea Investment"
    account_form = "[0-9]{8}(-?01)?"  # the eight of the customer, and the product
    account_digits = 8
    hosts = {  # noqa: RUF012
        "simulation": "https://openapivts.koreainvestment.com:29443",
        "real": "https://openapi.koreainvestment.com:9443",
    }

    def may_hold_buys(self, proceeds: Proceeds) -> bool:
        """Return whether buys wait for money, or for a lower premium: the real host says it."""
        return self.mode == "real" or super().may_hold_buys(proceeds)

    @property
    def account_variable(self) -> str:
        """Return the variable of the account number."""
        return self.account

    @property
    def variables(self) -> Sequence[str]:
        """Return the variables of the application's key and secret and of the account number."""
        return self.appkey, self.appsecret, self.account
