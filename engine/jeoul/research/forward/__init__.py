"""What shipped rules did from the day they were fixed on: one line a month, never rewritten."""

from jeoul.research.forward.adding import added, begun, figures_of, open_months
from jeoul.research.forward.file import SUFFIX, append_line, record_in
from jeoul.research.forward.record import (
    ForwardRecord,
    MonthLine,
    RulesLine,
    read_record,
    rules_of,
)

__all__ = [
    "SUFFIX",
    "ForwardRecord",
    "MonthLine",
    "RulesLine",
    "added",
    "append_line",
    "begun",
    "figures_of",
    "open_months",
    "read_record",
    "record_in",
    "rules_of",
]
