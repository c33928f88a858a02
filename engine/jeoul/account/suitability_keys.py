"""The table of what an investor's type may hold, as every file writes it."""

from __future__ import annotations

from jeoul.account.file import AccountFileTable
from jeoul.model.grade_limit import Mode, OnBreach


class SuitabilitySettings(AccountFileTable):
    """What the investor's type may hold: whose ``matrix``, judged by what, and what a breach does.

    Without the table an account with answers is held to the defaults, and one with a profile to
    nothing. ``mode`` is by default that of the rule table.
    """

    matrix: str = "kiwoom"
    mode: Mode | None = None
    on_breach: OnBreach = "constrain"
