"""The brokers that a config may name, and what the engine asks of a broker's table.

A broker is a module in ``jeoul.operations.broker``; its kind in a config is the name of the module.
The module gives ``SETTINGS``, its table as a subclass of :class:`BrokerSettings`, and
``connect(settings, context)``, which returns a :class:`~jeoul.operations.broker.port.Broker`.
Modules are looked up by name and imported one at a time, so that this package, which is below the
brokers, knows none of them and a check of a config loads nothing but the broker it names.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from datetime import date
from types import ModuleType
from typing import Annotated, ClassVar

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from jeoul.account.collar import COLLAR
from jeoul.account.file import CostSettings, FeeSettings
from jeoul.files.faults import did_you_mean
from jeoul.files.toml import kind_as_written
from jeoul.model.portfolio import Proceeds

PACKAGE = "jeoul.operations.broker"
# modules of the package that are not brokers
_PARTS = frozenset({"hours", "paper_rules", "port", "rest", "statement"})


class BrokerSettings(FeeSettings):
    """The ``[broker]`` table of a config; each kind of broker adds its own keys.

    Everything but the keys says what the broker can do, so that nobody has to ask for its kind.

    >>> BrokerSettings(kind="any").price_collar is None
    True
    """

    kind: str

    account_kinds: ClassVar[frozenset[str] | None] = None
    """The kinds of account that it takes orders for; None for all of them."""
    company: ClassVar[str] = "This broker"
    """How a message names it."""

    @property
    def price_collar(self) -> float | None:
        """Return how far from the last close an order's limit may be; None: takes no limits."""
        return None

    def may_hold_buys(self, proceeds: Proceeds) -> bool:  # noqa: ARG002
        """Return whether a run can leave buys unsent for a later run of the same session."""
        return False

    @property
    def sales_watched(self) -> float:
        """Return for how many seconds a run watches its sales at most, if they pay for buys."""
        return 0.0

    @property
    def variables(self) -> Sequence[str]:
        """Return the names of the environment variables that hold its secrets."""
        return ()

    @property
    def account_variable(self) -> str | None:
        """Return the name of the variable with the account number, None without such numbers."""
        return None

    def account_key(self, number: str) -> str:
        """Return what tells accounts of this broker apart, from a number as people write it."""
        return number

    def secret_fault(self, name: str, value: str) -> tuple[str, str] | None:  # noqa: ARG002
        """Return what is wrong with the value of a variable, and the remedy; None if nothing is.

        Neither text has the value.
        """
        return None

    @property
    def keys_end_on(self) -> date | None:
        """Return the last day of its keys, None where nobody said."""
        return None

    @property
    def files(self) -> Mapping[str, str]:
        """Return the files that it reads, by the key that names them."""
        return {}


class LimitBrokerSettings(BrokerSettings):
    """The table of a broker that takes limit prices.

    ``collar`` is how far they are from the last close, as a fraction; those of buys are measured
    from the net asset value where that is known and lower.
    """

    collar: Annotated[float, Field(gt=0.0, le=0.3)] = COLLAR

    @property
    def price_collar(self) -> float:
        """Return the collar."""
        return self.collar


class RecordedBrokerSettings(BrokerSettings, CostSettings):
    """The terms that a frozen run traded under, whatever broker it was; opens no account."""

    collar: float | None

    @property
    def price_collar(self) -> float | None:
        """Return the collar of then."""
        return self.collar


def _refused(kind: str) -> str:
    kinds = broker_kinds()
    raise ValueError(f"{kind!r} is not a kind of broker; {did_you_mean(kind, kinds)}")


class UnknownBrokerSettings(BrokerSettings):
    """A table without a kind, or with one that does not exist: its other keys are not judged."""

    model_config = ConfigDict(extra="ignore")

    kind: Annotated[str, AfterValidator(_refused)]

    _kind_as_written = model_validator(mode="before")(staticmethod(kind_as_written))


def broker_kinds() -> tuple[str, ...]:
    """Return the kinds of broker that a config may name, without importing any of them.

    >>> broker_kinds()
    ('kis', 'kiwoom', 'paper', 'ticket', 'toss')
    """
    package = importlib.import_module(PACKAGE)
    found = {module.name for module in pkgutil.iter_modules(package.__path__)}
    return tuple(sorted(found - _PARTS))


def broker_settings(kind: object) -> type[BrokerSettings]:
    """Return the table of a kind of broker; for anything else, a table that names the mistake.

    >>> broker_settings("kis").company
    'Korea Investment'
    """
    if not isinstance(kind, str) or kind not in broker_kinds():
        return UnknownBrokerSettings
    settings: type[BrokerSettings] = broker_module(kind).SETTINGS
    return settings


def broker_module(kind: str) -> ModuleType:
    """Return the module of a kind of broker that exists."""
    return importlib.import_module(f"{PACKAGE}.{kind}")
