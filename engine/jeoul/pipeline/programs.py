"""The program that a mandate puts to the solver, over the members that can be held."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache

import numpy as np

from jeoul.allocate import Group, PreparedProgram, Program, RiskShare
from jeoul.model.portfolio import Weights
from jeoul.pipeline.mandate import Mandate
from jeoul.strategy.tables.allocate import MeanVariance, Programmed, program_rules


@lru_cache(maxsize=64)  # in thirty years of months the members change a few times
def prepared_for(
    mandate: Mandate, held: tuple[int, ...], at_risk: tuple[bool, ...] | None, trades: bool
) -> PreparedProgram:
    """Return the program over some members; with ``trades`` it is told the weights before."""
    given = mandate.strategy.allocate
    assert isinstance(given, Programmed)
    settings = program_rules(given)
    members = np.array(held)
    groups, risky = _class_groups(mandate, held)
    present = frozenset(mandate.classes[place] for place in members)
    invested = sum(mandate.class_weights(present).values())
    budget = (1.0 - mandate.strategy.rebalance.cash) * invested
    if len(members) < len(mandate.members):
        # What the funds at hand may not hold between them stays in cash.
        most = settings.max_weight
        room = (min(group.upper, most * int(group.members.sum())) for group in groups)
        budget = min(budget, sum(room))
    limit = mandate.rules.volatility
    if at_risk is not None and mandate.risk_cap is not None:
        cap = Group(f"account.{mandate.account}.risk", np.array(at_risk), 0.0, mandate.risk_cap)
        groups = (*groups, cap)
    split = mandate.split(members)
    banded = settings.tracking_band is not None
    anchored = settings.kind == "tracking" or settings.pull > 0.0 or banded
    program = Program(
        labels=tuple(mandate.places[place] for place in held),
        objective=settings.kind,
        target=split * budget if anchored else None,
        pull=settings.pull,
        risk_aversion=mandate.rules.risk_aversion,
        lower=np.where(split > 0.0, settings.min_weight, 0.0),
        upper=np.full(len(members), settings.max_weight),
        band=settings.tracking_band,
        groups=groups,
        budget=budget,
        turnover_cost=settings.turnover,
        previous=np.zeros(len(held)) if trades else None,
        volatility_max=None if limit is None else limit.max,
        yielding=risky,
        turnover_max=settings.turnover_max if trades else None,
        min_position=settings.min_position,
        max_positions=settings.max_positions,
        risk_shares=_risk_shares(mandate, settings, held),
        keys={"volatility": f"profiles.{mandate.profile}.volatility.max"},
    )
    return PreparedProgram(program, solver="clarabel" if settings.engine == "cvxpy" else "auto")


def _risk_shares(
    mandate: Mandate, settings: MeanVariance, held: tuple[int, ...]
) -> tuple[RiskShare, ...]:
    """Return the caps on shares of risk of the classes that have a member."""
    classes = np.array([mandate.classes[place] for place in held])
    return tuple(
        RiskShare(f"allocate.risk_shares.{name}", classes == name, cap)
        for name, cap in settings.risk_shares.items()
        if name in classes
    )


def _class_groups(
    mandate: Mandate, members: tuple[int, ...]
) -> tuple[tuple[Group, ...], tuple[str, ...]]:
    """Return bounds around each class's strategic weight, and the names of those that may yield.

    A class that lacks members has no lower bound above what its remaining funds may hold.
    """
    settings = mandate.strategy.allocate
    assert isinstance(settings, Programmed)
    present = frozenset(mandate.classes[place] for place in members)
    shares: Weights = mandate.class_weights(present)
    invested = 1.0 - mandate.strategy.rebalance.cash
    overlay = mandate.strategy.overlay
    risky = overlay.risk_classes if overlay is not None else []
    whole = Counter(mandate.classes[place] for place in mandate.members)
    groups = []
    for name in sorted(present):
        share = shares.get(name, 0.0)
        own = np.array([mandate.classes[place] == name for place in members])
        lower = invested * max(0.0, share - settings.class_band) if share else 0.0
        if int(own.sum()) < whole[name]:
            lower = min(lower, settings.max_weight * int(own.sum()))
        groups.append(
            Group(
                name=f"profiles.{mandate.profile}.classes.{name}",
                members=own,
                lower=lower,
                upper=invested * min(1.0, share + settings.class_band) if share else 0.0,
            )
        )
    names = tuple(g.name for g in groups if g.name.rpartition(".")[2] in risky)
    return tuple(groups), names
