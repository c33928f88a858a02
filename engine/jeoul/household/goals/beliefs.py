"""What is believed of each profile of a strategy: its history by months, and its equilibrium."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from jeoul.backtesting import Backtest, of_model
from jeoul.goals.belief import ObservedMix
from jeoul.household.gathering.aims import Members, masked, strictest
from jeoul.household.gathering.inputs import HouseholdInputs
from jeoul.household.gathering.needs import cautious_path
from jeoul.household.gathering.targets import WantedTarget, policy_rate, wanted_of
from jeoul.household.written.file import HouseholdFile
from jeoul.market import assemble
from jeoul.model.calendar import Calendar, Days, Reals
from jeoul.model.instrument import AccountKind
from jeoul.model.snapshot import Snapshot
from jeoul.pipeline import Mandate, run_model


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ProfilePast:
    """A profile of an aim: its target, and its past by whole months after costs.

    ``months`` are log returns, ``cash`` the log interest of the same months. ``proxies`` is the
    share of the invested money whose return came from a proxy. ``riskless`` is the policy rate.
    """

    wanted: WantedTarget
    months: Reals
    cash: Reals
    riskless: float
    proxies: float
    first: str
    last: str

    @property
    def observed(self) -> ObservedMix:
        """Return the past above cash with the equilibrium, as a belief takes it."""
        return ObservedMix(
            excess=self.months - self.cash, riskless=self.riskless, anchor=self.anchor
        )

    @property
    def anchor(self) -> float:
        """Return the mean that the cautious path of a plan has too."""
        return cautious_path(
            expected=self.wanted.expected,
            equilibrium=self.wanted.equilibrium,
            volatility=self.wanted.volatility,
        ).mean


def profiles_of(
    file: HouseholdFile,
    inputs: HouseholdInputs,
    members: Members,
    snapshot: Snapshot,
    calendars: Mapping[str, Calendar],
) -> Mapping[str, ProfilePast]:
    """Return the facts of every profile of an aim's strategy, in the order of the strategy.

    Raises what :func:`~jeoul.household.gathering.targets.wanted_by` raises.
    """
    strategy = inputs.strategies[members.people[0]]
    universe = masked(file, inputs, members)
    history = assemble(snapshot, universe, calendars)
    riskless = policy_rate(snapshot, universe)
    found: dict[str, ProfilePast] = {}
    for profile in strategy.profiles:
        limit = strictest(
            inputs.investors[name].limit
            for name in members.people
            if inputs.investors[name].profile == profile
        )
        mandate = Mandate(
            strategy=strategy,
            profile=profile,
            account=AccountKind.GENERAL,
            universe=universe,
            risk_cap=None,
            limit=limit,
        )
        model = run_model(mandate, history)
        run = of_model(model)
        months, cash, ends = by_month(run)
        found[profile] = ProfilePast(
            wanted=wanted_of(model, snapshot, calendars),
            months=months,
            cash=cash,
            riskless=riskless,
            proxies=float(np.mean(run.proxy[1:])),
            first=str(ends[0]),
            last=str(ends[-1]),
        )
    return found


def by_month(run: Backtest) -> tuple[Reals, Reals, Days]:
    """Return log returns and log interest of whole months, and the session that ends each.

    The first session that is an end begins the first month; a last month that goes on is left out.
    """
    following = np.append(run.sessions[1:], run.history.executed[-1:])
    ends = np.flatnonzero(run.sessions.astype("datetime64[M]") != following.astype("datetime64[M]"))
    cash = np.cumsum(np.log1p(run.cash))
    return np.diff(np.log(run.nav[ends])), np.diff(cash[ends]), run.sessions[ends]
