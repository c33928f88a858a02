"""The decision of 2024-06-28 on real data, as measured when rules or universe last changed."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from jeoul.backtesting import of_model, summarise

DAY = date(2024, 6, 28)

# profile: expected volatility, equity in the allocation, backtest growth, volatility, deepest fall
GOLDEN = {
    "conservative": (0.0363, 0.1676, 0.0461, 0.0341, -0.0502),
    "balanced": (0.0591, 0.4195, 0.0586, 0.0563, -0.0730),
    "growth": (0.0862, 0.6556, 0.0717, 0.0793, -0.1019),
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
