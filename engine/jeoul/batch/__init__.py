"""The orders of many accounts at once, the same as those of each alone."""

from jeoul.batch.deciding import decide_by_records, plan_accounts
from jeoul.batch.records import AccountTerms, BatchAccount, Planned, PlannedOrder
from jeoul.batch.restricted import restricted

__all__ = [
    "AccountTerms",
    "BatchAccount",
    "Planned",
    "PlannedOrder",
    "decide_by_records",
    "plan_accounts",
    "restricted",
]
