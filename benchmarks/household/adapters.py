"""The planners that a plan is compared with. Each maps a household to moves."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from account_by_account import account_by_account
from greedy import greedy, least

from jeoul.household.problem.records import Household, Moves

ADAPTERS: Mapping[str, Callable[[Household], Moves]] = {
    "nothing": least,
    "account_by_account": account_by_account,
    "greedy": greedy,
}
