"""The decision of 2024-06-28 on real data, as measured when the model was last raised."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from jeoul.backtesting import of_model, summarise

DAY = date(2024, 6, 28)

# profile: expected volatility, equity in the allocation, backtest growth, volatility, deepest fall
GOLDEN = {
    "conservative": (0.0363, 0.1676, 0.0474, 0.0342, -0.0520),
    "balanced": (0.0591, 0.4195, 0.0597, 0.0564, -0.0783),
    "growth": (0.0862, 0.6556, 0.0726, 0.0795, -0.1103),
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
