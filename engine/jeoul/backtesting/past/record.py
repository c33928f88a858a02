"""Everything that a page shows of a profile's past, together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jeoul import metrics
from jeoul.backtesting.past.currency import Currencies, currencies
from jeoul.backtesting.past.months import Months, by_month
from jeoul.backtesting.past.rolling import Rolling, rolling
from jeoul.backtesting.past.stress import Stress, stresses
from jeoul.backtesting.past.windows import PastWindow, windows
from jeoul.backtesting.periods import Period, by_year
from jeoul.backtesting.run import Backtest
from jeoul.model.calendar import Reals
from jeoul.model.money import shown
from jeoul.model.portfolio import Weights
from jeoul.model.shown import Brief


@dataclass(frozen=True, slots=True, repr=False, kw_only=True, eq=False)
class Past(Brief):
    """One path by year, month, span and rolling year, and what today's weights did in crises.

    ``held_years`` and ``held_rolling`` are of the same allocation without risk rules, empty and
    None for a strategy that has none. ``currencies`` is None without exchange rates, ``stresses``
    empty in a simulated market, which had none of the crises. ``amount`` is what their changes are
    of, in smallest units of ``currency``.
    """

    windows: tuple[PastWindow, ...]
    years: tuple[Period, ...]
    held_years: tuple[Period, ...]
    months: Months
    rolling: Rolling
    held_rolling: Rolling | None
    currencies: Currencies | None
    stresses: tuple[Stress, ...]
    amount: int
    currency: str


def past_of(
    run: Backtest,
    held: Backtest | None,
    weights: Sequence[Reals] | Reals,
    dollar: Reals | None,
    today: Weights,
    *,
    amount: int,
    simulated: bool,
) -> Past:
    """Return the past of a backtest.

    ``held`` is the same allocation without risk rules over the same span, ``weights`` what the
    backtest held after each session, CASH last, ``dollar`` won per dollar known at each session,
    and ``today`` the weights by ticker that are put through the crises with ``amount`` smallest
    units.
    """
    mandate, history = run.mandate, run.history
    return Past(
        windows=windows(run.sessions, run.nav),
        years=by_year(run.sessions, run.nav),
        held_years=() if held is None else by_year(held.sessions, held.nav),
        months=by_month(run.sessions, run.nav),
        rolling=_rolling(run),
        held_rolling=None if held is None else _rolling(held),
        currencies=None
        if dollar is None
        else currencies(mandate, history, run.sessions, run.nav, weights, dollar),
        stresses=() if simulated else stresses(mandate, history, today, amount),
        amount=amount,
        currency=history.currency,
    )


def _rolling(run: Backtest) -> Rolling:
    return rolling(run.sessions, run.nav, run.cash, run.sessions_per_year)


def currency_years(found: Currencies) -> tuple[tuple[str, float, float], ...]:
    """Return each calendar year with its return in the owner's money and that at home."""
    own, local = (by_year(found.sessions, path) for path in (found.own, found.local))
    return tuple(
        (one.name, one.growth, other.growth) for one, other in zip(own, local, strict=True)
    )


def past_document(past: Past) -> dict[str, Any]:
    """Return the past as JSON values; what is not defined is null."""
    rates = past.currencies
    return {
        "windows": [
            {
                "name": each.name,
                "from": None if each.start is None else each.start.isoformat(),
                "total_return": each.total,
                "cagr": None if each.yearly is None else _finite(each.yearly),
            }
            for each in past.windows
        ],
        "years": [{"year": int(each.name), "return": each.growth} for each in past.years],
        "months": {
            str(year): [_finite(value) for value in row]
            for year, row in zip(past.months.years, past.months.returns.tolist(), strict=True)
        },
        "rolling": [
            {"session": str(day), "volatility": _finite(volatility), "sharpe": _finite(sharpe)}
            for day, volatility, sharpe in zip(
                past.rolling.sessions,
                past.rolling.volatility.tolist(),
                past.rolling.sharpe.tolist(),
                strict=True,
            )
        ],
        "currency": None
        if rates is None
        else {
            "exposed": rates.exposed,
            "unknown": rates.unknown,
            "cagr": _finite(metrics.growth_rate(rates.sessions, rates.own)),
            "local_cagr": _finite(metrics.growth_rate(rates.sessions, rates.local)),
            "years": [
                {"year": int(name), "return": own, "local": local}
                for name, own, local in currency_years(rates)
            ],
        },
        "crises": [
            {
                "name": each.crisis.name,
                "from": each.crisis.start.isoformat(),
                "to": each.crisis.end.isoformat(),
                "covered": each.covered,
                "return": each.growth,
                "max_drawdown": each.max_drawdown,
                "change": None if each.change is None else shown(each.change, past.currency),
            }
            for each in past.stresses
        ],
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
