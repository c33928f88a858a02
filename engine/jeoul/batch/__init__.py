"""The orders of many accounts at once, the same as those of each alone."""

from jeoul.batch.deciding import decide_by_records, plan_accounts
from jeoul.batch.job import AllowedSecurities, BatchFiles, BatchJob, Tally
from jeoul.batch.layout import Layout
from jeoul.batch.records import BatchAccount, BatchOrder, BatchTerms, PlannedAccount
from jeoul.batch.restricting import restricted
from jeoul.batch.running import BatchSummary, run_batch

__all__ = [
    "AllowedSecurities",
    "BatchAccount",
    "BatchFiles",
    "BatchJob",
    "BatchOrder",
    "BatchSummary",
    "BatchTerms",
    "Layout",
    "PlannedAccount",
    "Tally",
    "decide_by_records",
    "plan_accounts",
    "restricted",
    "run_batch",
]
