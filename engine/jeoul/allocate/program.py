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

from jeoul.errors import BadValue
from jeoul.model.calendar import Reals
from jeoul.model.factored import Covariance
from jeoul.model.given import booleans, labels_of, mask, number, unique, vector, whole

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

_LEAST: Mapping[str, tuple[float, str]] = MappingProxyType(
    {
        "risk_aversion": (0.0, "a number above 0"),
        "turnover_cost": (0.0, "a number of at least 0"),
        "pull": (0.0, "a number of at least 0"),
        "budget": (-math.inf, "a number"),
        "turnover_max": (0.0, "a number of at least 0"),
        "volatility_max": (0.0, "a number of at least 0"),
        "band": (0.0, "a number of at least 0"),
        "min_position": (0.0, "a number of at least 0"),
    }
)
"""The least value of each rule that is one number, and what to give instead."""

_POSITIVE = frozenset({"risk_aversion"})
_REQUIRED = frozenset({"risk_aversion", "turnover_cost", "pull", "budget"})

_FINITE = frozenset({"previous", "target"})
"""Weights, of which no number stands for a bound that is not there."""

MANY = 100
"""Programs over at least so many assets are solved by the path for large ones."""

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
    def covariance(self) -> Covariance:
        """Return the covariance a year, shape (n, n), of many assets in factor form."""


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Bounds on the summed weight of some assets; ``name`` is the key that a person can edit.

    ``members`` is a mask in the order of the program's labels.
    """

    name: str
    members: Mask
    lower: float = 0.0
    upper: float = 1.0

    def __post_init__(self) -> None:
        _set_mask(self)
        for bound in ("lower", "upper"):
            if type(getattr(self, bound)) is not float:
                value = number(f"{self.name}, {bound} bound", getattr(self, bound), finite=False)
                object.__setattr__(self, bound, value)
        if math.isnan(self.lower) or math.isnan(self.upper):
            raise BadValue(f"a bound of {self.name} is NaN; give a number")


@dataclass(frozen=True, slots=True, eq=False)
class RiskShare:
    """A cap on the share of the portfolio's variance that some assets contribute."""

    name: str
    members: Mask
    upper: float

    def __post_init__(self) -> None:
        _set_mask(self)
        object.__setattr__(self, "upper", number(f"{self.name}, share of risk", self.upper))


def _set_mask(group: Group | RiskShare) -> None:
    members = group.members
    if type(members) is not np.ndarray or members.dtype != np.bool_:
        found = booleans(f"members of {group.name}", members)
        object.__setattr__(group, "members", found)


def _is_mask(given: object, n: int) -> bool:
    return isinstance(given, np.ndarray) and given.dtype == np.bool_ and given.shape == (n,)


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
    give way together by the least that does it, and by half a percentage point of the portfolio
    beyond it; within that the objective decides. ``keys`` renames the rules for messages, over
    :data:`KEYS`. Labelled numbers are matched by label. Values that are not numbers or do not fit
    the labels raise :class:`~jeoul.errors.BadValue`; rules that contradict each other are found
    when solving.

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
        self._set("labels", unique("a program", self.labels))
        n = len(self.labels)
        if self.objective not in OBJECTIVES:
            raise BadValue(f"objective {self.objective!r}; use one of {', '.join(OBJECTIVES)}")
        self._check_numbers()
        for name in ("lower", "upper", "previous", "target"):
            self._fit(name, n)
        if self.risk_shares and (self.min_position is not None or self.max_positions is not None):
            raise BadValue("caps on shares of risk and whole positions do not go together")
        for name in ("eligible", "frozen"):
            given = getattr(self, name)
            if given is not None and not _is_mask(given, n):
                self._set(name, mask(name, given, self.labels))
        groups: tuple[Group | RiskShare, ...] = (*self.groups, *self.risk_shares)
        for group in groups:
            if len(group.members) != n:
                raise BadValue(f"{group.name} has {len(group.members)} members; give {n} booleans")
        self._needs("previous", turnover_max=self.turnover_max, frozen=self.frozen)
        self._needs(
            "target",
            band=self.band,
            pull=self.pull or None,
            tracking=self.objective == "tracking" or None,
        )
        unknown = set(self.yielding) - {group.name for group in self.groups}
        if unknown:
            raise BadValue(f"yielding names {sorted(unknown)}, which are not groups")

    def _set(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)

    def _check_numbers(self) -> None:
        for name, (least, text) in _LEAST.items():
            given = getattr(self, name)
            if given is None and name not in _REQUIRED:
                continue
            value = given if type(given) is float else number(name.replace("_", " "), given)
            if not math.isfinite(value) or value < least or (name in _POSITIVE and value == 0.0):
                raise BadValue(f"{name.replace('_', ' ')} is {given}; give {text}")
            self._set(name, value)
        if self.max_positions is not None:
            self._set("max_positions", whole("max positions", self.max_positions))

    def _fit(self, name: str, n: int) -> None:
        value = getattr(self, name)
        if value is None:
            return
        if type(value) is np.ndarray and value.dtype == np.float64:
            array = value
        elif labels_of(value) is not None or np.ndim(value):
            array = vector(name, value, self.labels, finite=False)
        else:
            array = np.array(number(name, value, finite=False))
        if array.shape != (n,):
            if array.size not in (1, n):
                raise BadValue(f"{name} has shape {array.shape}; give {n} numbers")
            array = np.broadcast_to(array.reshape(-1), (n,))
        if name in _FINITE and not np.isfinite(array).all():
            raise BadValue(f"{name} has NaN or infinite numbers; give 0 for what is not held")
        array = np.minimum(np.maximum(array, -UNBOUNDED), UNBOUNDED)
        if math.isnan(np.add.reduce(array)):
            raise BadValue(f"{name} holds NaN; give a number for every asset")
        self._set(name, array)

    def _needs(self, name: str, **users: object) -> None:
        given = [user for user, value in users.items() if value is not None]
        if given and getattr(self, name) is None:
            raise BadValue(f"{' and '.join(given)} need {name} weights; give them")

    @cached_property
    def occupied(self) -> tuple[Group, ...]:
        """Return the groups that have members, in order."""
        return tuple(group for group in self.groups if group.members.any())

    @property
    def is_void(self) -> bool:
        """Return whether a group without members is to have weight, which no weights give it."""
        return any(group.lower > 0.0 and not group.members.any() for group in self.groups)

    @property
    def is_quadratic(self) -> bool:
        """Return whether it is one small quadratic program, a ceiling on the volatility aside.

        Its rules are then the same whatever the weights before are.
        """
        rules = (self.turnover_max, self.frozen, self.min_position, self.max_positions)
        plain = not self.risk_shares and all(rule is None for rule in rules)
        return plain and len(self.labels) < MANY and not self.is_void

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
