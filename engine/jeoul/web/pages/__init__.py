"""The pages, each a router with the path and the name that the menu shows."""

from __future__ import annotations

from jeoul.web.pages import accounts, archive, data, history, plan, today, what_if
from jeoul.web.shared import Page

MENU: tuple[Page, ...] = (
    today.PAGE,
    accounts.PAGE,
    history.PAGE,
    what_if.PAGE,
    plan.PAGE,
    data.PAGE,
    archive.PAGE,
)
"""In the order of the menu; the first is where a person arrives."""
