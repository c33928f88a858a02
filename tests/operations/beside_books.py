"""What a broker's account has beside the books of a desk, and what a run makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from scripted import DAY, Desk

from jeoul.operations.broker.port import BrokerAccount
from jeoul.operations.desk.reconcile import Difference, ExpectedMoney, reconcile

NEXT, SETTLES = DAY + timedelta(days=1), DAY + timedelta(days=2)
NONE = Difference(0, {})


def has(
    at: Desk, cash: int, shares: Mapping[str, int] | None = None,
    unsettled: Mapping[date, int] | None = None, **more: Any,
) -> None:  # fmt: skip
    at.broker.held = BrokerAccount(shares or {}, cash, unsettled or {}, **more)


def look(at: Desk, *, adopt: bool = False, expected: ExpectedMoney | None = None) -> Difference:
    return reconcile(at.desk, DAY, NEXT, adopt=adopt, expected=expected or ExpectedMoney())
