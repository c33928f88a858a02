"""The program: what the weights must satisfy and what they are chosen for, rule by rule."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from jeoul.model.calendar import Reals

Mask = NDArray[np.bool_]

KEYS: Mapping[str, str] = MappingProxyType(
    {
        "budget": "rebalance.cash",
        "lower": "allocate.min_weight",
        "upper": "allocate.max_weight",
        "eligible": "account",
        "frozen": "allocate.frozen",
        "volatility": "profiles.volatility.max",
        "turnover": "allocate.turnover_max",
        "band": "allocate.tracking_band",
        "min_position": "allocate.min_position",
        "max_positions": "allocate.max_positions",
    }
)
"""The strategy-file key of each rule that is not a group; a program may name its own."""

UNBOUNDED = 100.0
"""Stands for infinity in a bound: a hundred times the whole portfolio never binds."""

OBJECTIVES = ("mean-variance", "min-variance", "tracking")


class Estimated(Protocol):
    """What the program is solved on: labels, annual means and annual covariance."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Return the labels of the assets."""

    @property
    def mean(self) -> Reals:
        """Return the expected returns a year, shape (n,)."""

    @property
    def covariance(self) -> Reals:
        """Return the covariance a year, shape (n, n)."""


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Bounds on the summed weight of some assets; ``name`` is the key that a person can edit.

    ``members`` is a mask in the order of the program's labels.
    """

    name: str
    members: Mask
    lower: float = 0.0
    upper: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class RiskShare:
    """A cap on the share of the portfolio's variance that some assets contribute."""

    name: str
    members: Mask
    upper: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Program:
    """Long-only weights w of ``labels``, chosen by one objective under named rules.

    mean-variance   maximise  mean'w - risk_aversion/2 w'Sigma w - turnover_cost |w - previous|_1
    min-variance    the same without means
    tracking        minimise  risk_aversion/2 (w - target)'Sigma (w - target) + the same cost

    each with  - pull/2 |w - target|^2, which draws the weights towards ``target``.

    subject to: weights sum to ``budget`` (what is not cash); ``lower <= w <= upper`` per asset
    (a number stands for all); every group within its bounds; nothing in assets that are not
    ``eligible``; ``frozen`` assets as in ``previous``; every weight within ``band`` of ``target``;
    half of |w - previous|_1 at most ``turnover_max``; volatility sqrt(w'Sigma w) at most
    ``volatility_max``; ``min_position`` in whatever is held; at most ``max_positions`` assets held;
    every ``risk_shares`` cap. Means, covariance and costs are annual decimal fractions.

    If the volatility ceiling cannot be met, the lower bounds of the groups named in ``yielding``
    give way, by the least that does it. ``keys`` renames the rules for messages, over :data:`KEYS`.
    Values that are no numbers or do not fit the labels raise ``ValueError``; rules that contradict
    each other are found when solving.

    >>> program = Program(labels=("a", "b"), risk_aversion=4.0, upper=0.6)
    >>> program.upper
    array([0.6, 0.6])
    """

    labels: tuple[str, ...]
    risk_aversion: float
    objective: str = "mean-variance"
    lower: Reals = field(default_factory=lambda: np.zeros(()))
    upper: Reals = field(default_factory=lambda: np.ones(()))
    groups: tuple[Group, ...] = ()
    budget: float = 1.0
    turnover_cost: float = 0.0
    previous: Reals | None = None
    turnover_max: float | None = None
    volatility_max: float | None = None
    yielding: tuple[str, ...] = ()
    target: Reals | None = None
    pull: float = 0.0
    band: float | None = None
    eligible: Mask | None = None
    frozen: Mask | None = None
    min_position: float | None = None
    max_positions: int | None = None
    risk_shares: tuple[RiskShare, ...] = ()
    keys: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        n = len(self.labels)
        if n == 0 or len(set(self.labels)) != n:
            raise ValueError(f"labels {self.labels} are empty or repeat; give each asset once")
        if self.objective not in OBJECTIVES:
            raise ValueError(f"objective {self.objective!r}; use one of {', '.join(OBJECTIVES)}")
        if not (np.isfinite(self.risk_aversion) and self.risk_aversion > 0):
            raise ValueError(f"risk aversion is {self.risk_aversion}; give a number above 0")
        if not (np.isfinite(self.turnover_cost) and self.turnover_cost >= 0):
            raise ValueError(f"turnover cost is {self.turnover_cost}; give a number of at least 0")
        if not (np.isfinite(self.pull) and self.pull >= 0):
            raise ValueError(f"pull is {self.pull}; give a number of at least 0")
        self._fit("lower", n)
        self._fit("upper", n)
        self._fit("previous", n)
        self._fit("target", n)
        if self.risk_shares and (self.min_position is not None or self.max_positions is not None):
            raise ValueError("caps on shares of risk and whole positions do not go together")
        for mask in (self.eligible, self.frozen, *(g.members for g in self.groups)):
            if mask is not None and (mask.dtype != np.bool_ or mask.shape != (n,)):
                raise ValueError(f"a mask of {mask.dtype} {mask.shape}; give {n} booleans")
        self._needs("previous", turnover_max=self.turnover_max, frozen=self.frozen)
        self._needs(
            "target",
            band=self.band,
            pull=self.pull or None,
            tracking=self.objective == "tracking" or None,
        )
        unknown = set(self.yielding) - {group.name for group in self.groups}
        if unknown:
            raise ValueError(f"yielding names {sorted(unknown)}, which are not groups")

    def _fit(self, name: str, n: int) -> None:
        value = getattr(self, name)
        if value is None:
            return
        array = np.asarray(value, dtype=float)
        if array.shape != (n,):
            array = np.broadcast_to(array, (n,))
        array = np.minimum(np.maximum(array, -UNBOUNDED), UNBOUNDED)
        if math.isnan(np.add.reduce(array)):
            raise ValueError(f"{name} holds NaN; give a number for every asset")
        object.__setattr__(self, name, array)

    def _needs(self, name: str, **users: object) -> None:
        given = [user for user, value in users.items() if value is not None]
        if given and getattr(self, name) is None:
            raise ValueError(f"{' and '.join(given)} need {name} weights; give them")

    @cached_property
    def occupied(self) -> tuple[Group, ...]:
        """Return the groups that have members, in order."""
        return tuple(group for group in self.groups if group.members.any())

    def key(self, rule: str) -> str:
        """Return the strategy-file key of a rule, ``"upper"`` say.

        >>> Program(labels=("a",), risk_aversion=1.0).key("upper")
        'allocate.max_weight'
        """
        return self.keys.get(rule, KEYS[rule])

    def bounds(self) -> tuple[Reals, Reals]:
        """Return the bounds of each asset, with every rule about single assets applied."""
        lower, upper = self.lower, self.upper
        if self.eligible is not None:
            upper = np.where(self.eligible, upper, np.minimum(upper, 0.0))
        if self.band is not None and self.target is not None:
            lower = np.maximum(lower, self.target - self.band)
            upper = np.minimum(upper, self.target + self.band)
        if self.frozen is not None and self.previous is not None:
            lower = np.where(self.frozen, np.maximum(lower, self.previous), lower)
            upper = np.where(self.frozen, np.minimum(upper, self.previous), upper)
        return lower, upper
