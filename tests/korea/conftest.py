from __future__ import annotations

import pytest

from jeoul.korea.rulebook import Rulebook
from jeoul.korea.tables import load_rules


@pytest.fixture(scope="session")
def book() -> Rulebook:
    return load_rules(2026)
