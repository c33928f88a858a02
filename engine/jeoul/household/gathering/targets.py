"""The target that accounts of several kinds share: weights by class, and what they may come to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from jeoul.estimate import equilibrium_mean
from jeoul.market import assemble
from jeoul.market.history import POLICY_RATE
from jeoul.model.calendar import Calendar, Reals
from jeoul.model.decision import Memory, Proposal
from jeoul.model.grade_limit import GradeLimit
from jeoul.model.instrument import AccountKind, Universe
from jeoul.model.portfolio import CASH
from jeoul.model.snapshot import Snapshot
from jeoul.pipeline import Mandate, Model, present, run_model
from jeoul.strategy.schema import Strategy
from jeoul.strategy.tables.estimate import Equilibrium

FACTORS = 4
"""Directions of the covariance of classes that a deviation is measured along."""

NO_ACCOUNT = "universe.excluded_no_account"


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedTarget:
    """What one profile of a strategy wants of all accounts together.

    ``mandate`` is what ``proposal`` follows: that of an ordinary account, without a cap on risk.
    ``weights`` are by class with CASH. ``members`` are the places of the universe that it holds, in
    order of weight. ``covariance`` is that of a year between ``classes``. ``expected`` is the mean
    of a year after the funds' fees by the strategy, ``equilibrium`` by the universe's reference
    portfolio, both with the policy rate.
    """

    mandate: Mandate
    proposal: Proposal
    weights: Mapping[str, float]
    members: tuple[str, ...]
    classes: tuple[str, ...]
    covariance: Reals
    expected: float
    equilibrium: float
    volatility: float
    risk_classes: frozenset[str]


def held_by(universe: Universe, kinds: Iterable[AccountKind]) -> Universe:
    """Return a universe in which a fund that no account may hold is excluded.

    A pension of the IRP kind bars what the law bars there. What is left may be held by an ordinary
    account too, so that one mandate of that kind, without a cap on risk, speaks for all.

    >>> from jeoul.strategy.universe import load_universe
    >>> found = held_by(load_universe("krx-core"), [AccountKind.IRP])
    >>> "305080" in found.excluded, "069500" in found.excluded
    (True, False)
    """
    own = frozenset(kinds)
    excluded, instruments = dict(universe.excluded), {}
    for code, fund in universe.instruments.items():
        able = {
            kind
            for kind in own
            if kind.ruled_as in fund.accounts
            and not (kind.ruled_as is AccountKind.IRP and fund.irp == "barred")
        }
        if not able:
            excluded.setdefault(code, NO_ACCOUNT)
        instruments[code] = replace(fund, accounts=fund.accounts | {AccountKind.GENERAL})
    return replace(universe, excluded=excluded, instruments=instruments)


def wanted_by(
    strategy: Strategy,
    profile: str,
    universe: Universe,
    snapshot: Snapshot,
    calendars: Mapping[str, Calendar],
    *,
    memory: Memory | None = None,
    limit: GradeLimit | None = None,
) -> WantedTarget:
    """Return what a profile wants after the last session, without the caps of single accounts.

    ``universe`` is masked by :func:`held_by`, which gives the target a memory of its own. Raises
    what :func:`~jeoul.pipeline.proposing.propose` raises.
    """
    mandate = Mandate(
        strategy=strategy,
        profile=profile,
        account=AccountKind.GENERAL,
        universe=universe,
        risk_cap=None,
        limit=limit,
    )
    history = assemble(snapshot, universe, calendars)
    return wanted_of(run_model(mandate, history, memory), snapshot, calendars)


def wanted_of(model: Model, snapshot: Snapshot, calendars: Mapping[str, Calendar]) -> WantedTarget:
    """Return what a model wants after its last session; see :func:`wanted_by`."""
    strategy, universe = model.mandate.strategy, model.mandate.universe
    proposal = present(model, snapshot, calendars[strategy.calendar])
    classes, covariance = class_covariance(model)
    riskless, fees = policy_rate(snapshot, universe), _fees(universe, proposal)
    overlay = strategy.overlay
    return WantedTarget(
        mandate=model.mandate,
        proposal=proposal,
        weights=by_class(proposal.weights, proposal.classes),
        members=_members(universe, proposal),
        classes=classes,
        covariance=covariance,
        expected=riskless + proposal.expected_excess - fees,
        equilibrium=riskless + _equilibrium(model, proposal) - fees,
        volatility=proposal.expected_volatility,
        risk_classes=frozenset() if overlay is None else frozenset(overlay.risk_classes),
    )


def by_class(weights: Mapping[str, float], classes: Mapping[str, str]) -> dict[str, float]:
    """Return weights by fund as weights by class, CASH as it is.

    >>> by_class({"069500": 0.4, "102110": 0.5, "CASH": 0.1}, {"069500": "kr", "102110": "kr"})
    {'kr': 0.9, 'CASH': 0.1}
    """
    found: dict[str, float] = {}
    for code, weight in weights.items():
        name = CASH if code == CASH else classes[code]
        found[name] = found.get(name, 0.0) + weight
    return found


def class_covariance(model: Model) -> tuple[tuple[str, ...], Reals]:
    """Return the classes of a model's allocation and the covariance of a year between them.

    A class is what the allocation holds of it, or the reference mix of its members.
    """
    made, mandate = model.state.allocation, model.mandate
    assert made is not None
    places = [int(place) for place in made.members]
    names = [mandate.classes[place] for place in places]
    classes = tuple(dict.fromkeys(names))
    mix = np.zeros((len(classes), len(places)))
    for row, name in enumerate(classes):
        own = np.array([each == name for each in names])
        held = np.where(own, made.weights[places], 0.0)
        shares = held if held.sum() > 0.0 else np.where(own, mandate.reference[places], 0.0)
        mix[row] = shares / shares.sum()
    found: Reals = mix @ made.covariance @ mix.T
    return classes, found


def factors_of(
    classes: Sequence[str], own: Sequence[str], covariance: Reals, count: int = FACTORS
) -> tuple[tuple[float, ...], ...]:
    """Return the loadings of ``classes`` on the largest factors of a covariance between ``own``.

    Loading = square root of the eigenvalue x eigenvector, so that the product with a deviation (a
    share of the money, by class) is a volatility of a year; a class without a covariance loads 0.
    The largest loading of a factor is positive.

    >>> factors_of(["b", "a"], ["a"], np.array([[0.04]]))
    ((0.0, 0.2),)
    """
    values, vectors = np.linalg.eigh(covariance)
    found = []
    for place in np.argsort(values)[::-1][:count]:
        if values[place] <= 0.0:
            continue
        loading = np.sqrt(values[place]) * vectors[:, place]
        loading = loading * np.sign(loading[int(np.argmax(np.abs(loading)))])
        by_name = dict(zip(own, loading.tolist(), strict=True))
        found.append(tuple(by_name.get(name, 0.0) for name in classes))
    return tuple(found)


def _members(universe: Universe, proposal: Proposal) -> tuple[str, ...]:
    place_of = {code: member.name for member in universe.members for code in member.codes}
    held = sorted(proposal.weights.items(), key=lambda item: (-item[1], item[0]))
    found = [place_of[code] for code, weight in held if code != CASH and weight > 0.0]
    before = [place_of[code] for code, weight in proposal.allocation.items() if code != CASH]
    return tuple(dict.fromkeys((*found, *before)))


def policy_rate(snapshot: Snapshot, universe: Universe) -> float:
    """Return the newest policy rate of the universe's currency, 0 where the data have none."""
    series = snapshot.series.get(POLICY_RATE[universe.currency])
    return float(series.values[-1]) / 100.0 if series is not None and len(series) else 0.0


def _fees(universe: Universe, proposal: Proposal) -> float:
    return sum(
        weight * (universe.instruments[code].expense_ratio or 0.0)
        for code, weight in proposal.weights.items()
        if code != CASH
    )


def _equilibrium(model: Model, proposal: Proposal) -> float:
    """Return the mean above cash of a proposal by the means of the reference portfolio."""
    made, mandate = model.state.allocation, model.mandate
    assert made is not None
    reference = mandate.reference[made.members]
    aversion = float(Equilibrium.model_fields["risk_aversion"].default)
    means = equilibrium_mean(made.covariance, reference / reference.sum(), aversion)
    place_of = {code: m.name for m in mandate.universe.members for code in m.codes}
    held: dict[str, float] = {}
    for code, weight in proposal.weights.items():
        if code != CASH:
            held[place_of[code]] = held.get(place_of[code], 0.0) + weight
    names = [mandate.places[int(place)] for place in made.members]
    return float(
        sum(held.get(n, 0.0) * mean for n, mean in zip(names, means.tolist(), strict=True))
    )


def mixed(parts: Sequence[tuple[Mapping[str, float], float]]) -> dict[str, float]:
    """Return figures by name mixed by the money behind each; equally where nobody has any.

    >>> mixed([({"a": 1.0}, 30.0), ({"a": 0.0, "b": 1.0}, 10.0)])
    {'a': 0.75, 'b': 0.25}
    """
    whole = sum(money for _, money in parts)
    found: dict[str, float] = {}
    for figures, money in parts:
        share = money / whole if whole > 0.0 else 1.0 / len(parts)
        for name, figure in figures.items():
            found[name] = found.get(name, 0.0) + share * figure
    return found
