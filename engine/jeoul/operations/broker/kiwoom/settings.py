"""The ``[broker]`` table of a config that names Kiwoom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from jeoul.model.instrument import AccountKind
from jeoul.operations.broker.rest.settings import RestSettings
from jeoul.operations.setup.tables import Variable


class KiwoomSettings(RestSettings):
    """Kiwoom's REST interface. The three variables hold secrets; their names are here.

    The keys belong to one account and to the addresses that are registered for them, ten at most.
    """

    kind: Literal["kiwoom"]
    appkey: Variable = "KIWOOM_APPKEY"
    secretkey: Variable = "KIWOOM_SECRETKEY"
    account: Variable = "KIWOOM_ACCOUNT"

    account_kinds = frozenset({AccountKind.GENERAL, AccountKind.ISA})
    company = "Kiwoom"
    account_form = "[0-9]{4}-?[0-9]{4}(-?[0-9]{2})?"  # two more digits tell kinds apart
    account_digits = 8
    hosts = {  # noqa: RUF012
        "simulation": "https://mockapi.kiwoom.com",
        "real": "https://api.kiwoom.com",
    }

    @property
    def account_variable(self) -> str:
        """Return the variable of the account number."""
        return self.account

    @property
    def variables(self) -> Sequence[str]:
        """Return the variables of the application's key and secret and of the account number."""
        return self.appkey, self.secretkey, self.account
