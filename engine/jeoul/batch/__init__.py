"""The orders of many accounts at once, the same as those of each alone."""

from jeoul.batch.deciding import decide_by_records, plan_accounts
from jeoul.batch.job import BatchFiles, Job, Securities, Tally
from jeoul.batch.layout import Layout
from jeoul.batch.records import AccountTerms, BatchAccount, Planned, PlannedOrder
from jeoul.batch.restricting import restricted
from jeoul.batch.running import BatchSummary, run_batch

__all__ = [
    "AccountTerms",
    "BatchAccount",
    "BatchFiles",
    "BatchSummary",
    "Job",
    "Layout",
    "Planned",
    "PlannedOrder",
    "Securities",
    "Tally",
    "decide_by_records",
    "plan_accounts",
    "restricted",
    "run_batch",
]
