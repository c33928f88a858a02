"""The decision of 2024-06-28 on real data, as measured when it was first reviewed."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from jeoul.backtesting import of_model, summarise

DAY = date(2024, 6, 28)

# profile: expected volatility, equity in the allocation, backtest growth, volatility, deepest fall
GOLDEN = {
    "conservative": (0.0311, 0.1792, 0.0464, 0.0302, -0.0454),
    "balanced": (0.0589, 0.4274, 0.0579, 0.0546, -0.0794),
    "growth": (0.0896, 0.6727, 0.0711, 0.0778, -0.1111),
}


def test_three_profiles(real_market: Any, desk: Any) -> None:
    for profile, golden in GOLDEN.items():
        proposal = desk.proposal(real_market, DAY, "managed", profile)
        equity = sum(
            weight
            for code, weight in proposal.allocation.items()
            if proposal.classes.get(code, "").startswith("equity")
        )
        run = summarise(of_model(desk.model(real_market, DAY, "managed", profile)))
        found = (proposal.volatility, equity, run.cagr, run.volatility, run.max_drawdown)
        assert found == pytest.approx(golden, abs=5e-4), profile
        assert (proposal.state, proposal.scale) == ("NORMAL", 1.0)
