from __future__ import annotations

from dataclasses import replace

import pytest

from jeoul.korea.rulebook import Rulebook
from jeoul.korea.tables import load_rules
from jeoul.market.calendars import load_calendar


@pytest.fixture(scope="session")
def book() -> Rulebook:
    calendars = {name: load_calendar(name) for name in ("XKRX", "XNYS")}
    return replace(load_rules(2026), calendars=calendars)
