"""What one strategy means for one profile in one kind of account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from jeoul.errors import Infeasible
from jeoul.model.calendar import Reals
from jeoul.model.grade_limit import RISKIEST, Graded, GradeLimit
from jeoul.model.history import History
from jeoul.model.instrument import AccountKind, Instrument, Member, Universe
from jeoul.model.portfolio import CASH, Weights
from jeoul.model.shown import Shown
from jeoul.overlay import LatchRule, OverlayParams, params_from
from jeoul.pipeline.mixing import mixed_rules
from jeoul.strategy.schema import Strategy
from jeoul.strategy.tables.base import Threshold
from jeoul.strategy.tables.overlay import LevelRule, OverlayRules
from jeoul.strategy.tables.profile import ProfileRules
from jeoul.strategy.tables.watch import WatchRule

CURRENT = 3  # sessions after which a price is no longer one to order at


@dataclass(frozen=True, eq=False, repr=False)
class Mandate(Shown):
    """A strategy, a profile and an account kind over one universe.

    ``risk_cap`` is the largest share of an account that risk assets may take, None without such a
    rule, and ``limit`` the riskiest grade of an investor's type, None where nobody's answers are
    behind the account. Vectors are in the order of the universe's members; ``places`` labels them,
    CASH last.
    """

    strategy: Strategy
    profile: str
    account: AccountKind
    universe: Universe
    risk_cap: float | None = None
    limit: GradeLimit | None = None

    @cached_property
    def rules(self) -> ProfileRules:
        """Return the profile's own rules; with a glide path those of a day are :meth:`on`'s."""
        return self.strategy.profiles[self.profile]  # type: ignore[index]

    def on(self, day: date) -> Mandate:
        """Return the mandate of one day: itself, or with a glide path the mix that it names.

        The mandate of a day has the profile's name and no path, and the rules of the profiles in
        proportion (:func:`~jeoul.pipeline.mixing.mixed_rules`).

        >>> from jeoul import api
        >>> strategy = api.load_strategy("target-date").towards(date(2040, 1, 1))
        >>> glides = api.mandate(strategy, "growth")
        >>> early, late = (glides.on(date(year, 1, 1)).rules.classes for year in (2016, 2040))
        >>> early["equity_us"], late["equity_us"]
        (0.34, 0.09)
        """
        glide = self.strategy.glide
        if glide is None:
            return self
        if day not in self._days:
            mix = glide.mix_for(self.profile, glide.years_left(day))
            self._days[day] = self._with(mixed_rules(self.strategy, mix))
        return self._days[day]

    @cached_property
    def _days(self) -> dict[date, Mandate]:
        """Return the mandates of days that were asked for: those of its allocations, a few."""
        return {}

    @cached_property
    def parts(self) -> tuple[Mandate, ...]:
        """Return the mandates that a path mixes, one a profile; without a path itself alone."""
        glide = self.strategy.glide
        if glide is None:
            return (self,)
        return tuple(
            self._with(self.strategy.profiles[name])  # type: ignore[index]
            for name in glide.profiles_for(self.profile)
        )

    def _with(self, rules: ProfileRules) -> Mandate:
        """Return the mandate of a strategy without a path in which the profile has these rules."""
        profiles: dict[str, ProfileRules] = dict(self.strategy.profiles.items())
        profiles[self.profile] = rules
        update = {"glide": None, "profiles": profiles}
        return replace(self, strategy=self.strategy.model_copy(update=update))

    @cached_property
    def places(self) -> tuple[str, ...]:
        """Return the member names in order, then CASH."""
        return (*(member.name for member in self.universe.members), CASH)

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """Return each member's asset class."""
        return tuple(member.asset_class for member in self.universe.members)

    @cached_property
    def reference(self) -> Reals:
        """Return each member's weight in the universe's reference portfolio."""
        return np.array([member.reference for member in self.universe.members])

    @cached_property
    def allowed(self) -> tuple[tuple[str, ...], ...]:
        """Return, for each member, the codes that this account may hold, in order of preference.

        Where risk assets are capped, a substitute stands in only if it counts towards the cap as
        the preferred fund does: otherwise the cap would depend on which of them has a price.
        """
        return tuple(self._allowed(member) for member in self.universe.members)

    def _allowed(self, member: Member) -> tuple[str, ...]:
        funds = [self.universe.instruments[code] for code in member.codes]
        held = [fund for fund in funds if self._may_hold(fund)]
        if self.risk_cap is not None:
            held = [fund for fund in held if fund.irp == held[0].irp]
        return tuple(fund.code for fund in held)

    def _may_hold(self, instrument: Instrument) -> bool:
        kind = self.account.ruled_as
        if instrument.code in self.universe.excluded or kind not in instrument.accounts:
            return False
        return not (kind is AccountKind.IRP and instrument.irp == "barred")

    @cached_property
    def graded(self) -> Graded | None:
        """Return the investor's limit with the grades of the universe, None without a limit."""
        if self.limit is None:
            return None
        instruments = self.universe.instruments.values()
        known = {each.code: each.risk_grade for each in instruments if each.risk_grade is not None}
        return Graded(limit=self.limit, grades=known)

    @cached_property
    def grades(self) -> Reals:
        """Return each member's risk grade: the riskiest of the funds that may stand for it."""
        instruments = self.universe.instruments
        return np.array(
            [
                min((instruments[code].risk_grade or RISKIEST for code in codes), default=RISKIEST)
                for codes in self.allowed
            ],
            dtype=float,
        )

    @cached_property
    def barred(self) -> frozenset[str]:
        """Return the codes of the universe that an account of this kind may not hold."""
        instruments = self.universe.instruments.values()
        return frozenset(each.code for each in instruments if not self._may_hold(each))

    @cached_property
    def members(self) -> NDArray[np.int64]:
        """Return the places of the members that the allocation may use.

        Raises :class:`Infeasible` if the account may hold none of them.
        """
        found = [
            place
            for place, name in enumerate(self.classes)
            if self.allowed[place] and name in self.wanted
        ]
        if not found:
            raise Infeasible(
                f"an account of kind {self.account} may hold no fund of universe "
                f"{self.universe.name}; choose another account or a strategy over KRX-listed funds",
                conflicts=(f"account.{self.account}", f"universe.{self.universe.name}"),
            )
        return np.array(found)

    @cached_property
    def wanted(self) -> frozenset[str]:
        """Return the classes with a strategic weight, and those that stand in for them."""
        mixed = [part.rules.classes.items() for part in self.parts]
        held = {name for classes in mixed for name, share in classes if share > 0.0}
        pending = list(held)
        while pending:
            substitute = self.universe.fallback.get(pending.pop())
            if substitute is not None and substitute not in held:
                held.add(substitute)
                pending.append(substitute)
        return frozenset(held)

    def class_weights(self, present: frozenset[str]) -> Weights:
        """Return the strategic class weights when only some classes can be held.

        The weight of a class that is not present goes to its fallback, and on from there; if none
        of those is present either, to the largest class of the same kind, at risk or not. Without
        any it is left in cash, and the weights sum to less than 1.
        """
        if present not in self._class_weights:
            self._class_weights[present] = self._weights_of(present)
        return dict(self._class_weights[present])

    @cached_property
    def _class_weights(self) -> dict[frozenset[str], Weights]:
        return {}

    def _weights_of(self, present: frozenset[str]) -> Weights:
        weights = dict.fromkeys(sorted(present), 0.0)
        for name, share in self.rules.classes.items():
            stand_in = self._stand_in(name, present)
            if stand_in is not None:
                weights[stand_in] += share
        return {name: share for name, share in weights.items() if share > 0.0}

    def split(self, members: NDArray[np.int64]) -> Reals:
        """Return the strategic weights of some members, split within a class by the reference."""
        held = tuple(members.tolist())  # the same for months on end
        if held not in self._splits:
            self._splits[held] = self._split(members)
        return self._splits[held].copy()

    @cached_property
    def _splits(self) -> dict[tuple[int, ...], Reals]:
        return {}

    def _split(self, members: NDArray[np.int64]) -> Reals:
        weights = np.zeros(len(members))
        shares = self.class_weights(frozenset(self.classes[place] for place in members))
        for name, share in shares.items():
            own = np.array([self.classes[place] == name for place in members])
            split = np.where(own, self.reference[members], 0.0)
            weights += share * split / split.sum()
        return weights

    def _stand_in(self, name: str, present: frozenset[str]) -> str | None:
        place, tried = name, {name}
        while place not in present:
            place = self.universe.fallback.get(place, "")
            if place in tried or not place:
                return self._largest_like(name, present)
            tried.add(place)
        return place

    def _largest_like(self, name: str, present: frozenset[str]) -> str | None:
        overlay = self.strategy.overlay
        risky = set() if overlay is None else set(overlay.risk_classes)
        alike = [other for other in sorted(present) if (other in risky) == (name in risky)]
        return max(alike, key=lambda other: self.rules.classes.get(other, 0.0), default=None)

    def ticker(self, place: int, history: History, row: int) -> str | None:
        """Return the code that an order in a member would name: the first with a current price."""
        newest, first = history.priced[row], max(0, row - CURRENT + 1)
        for code in self.allowed[place]:
            if newest[history.columns[code]] >= first:
                return code
        return None

    @cached_property
    def risk(self) -> frozenset[str]:
        """Return the codes that count towards a cap on risk assets."""
        return frozenset(
            code for code, item in self.universe.instruments.items() if item.irp == "risk"
        )

    @cached_property
    def sleeve(self) -> Mapping[str, float]:
        """Return the reference mix of the risk classes, by member; the same for every account."""
        if self.strategy.overlay is None:
            return {}
        return {
            member.name: member.reference
            for member in self.universe.members
            if member.asset_class in self.strategy.overlay.risk_classes and member.reference > 0.0
        }

    @cached_property
    def effects(self) -> Mapping[str, WatchRule]:
        """Return the watched latches that can change weights, by name, in the order of the file.

        The compiled simulation knows the scale alone: with any of these, the replay is used.
        """
        rules = self.strategy.overlay
        if rules is None:
            return {}
        return {
            name: watch
            for name, watch in rules.acting.items()
            if watch.profiles is None or self.profile in watch.profiles
        }

    @cached_property
    def replayed(self) -> bool:
        """Return whether weights depend on more than the overlay's scale.

        A watched latch that acts, the limit of an investor and a glide path do that: only a replay
        knows them.
        """
        limited = self.limit is not None and self.limit.binds
        return bool(self.effects) or limited or self.strategy.glide is not None

    @cached_property
    def overlay(self) -> OverlayParams | None:
        """Return the overlay's parameters, None for a strategy without one."""
        rules = self.strategy.overlay
        if rules is None:
            return None
        limit = self.rules.loss_limit if rules.loss is not None else None
        loss = rules.loss
        return params_from(
            _latches(rules, self.profile),
            both=1.0 if rules.both is None else rules.both,
            loss_limit=float("nan") if limit is None else limit,
            loss_slope=1.5 if loss is None else loss.slope,
            loss_deadband=0.10 if loss is None else loss.step,
            window=2 if loss is None else loss.window,
            grid=rules.grid,
            reentry_step=rules.reentry.step,
            reentry_every=rules.reentry.every,
            cooldown=rules.reentry.cooldown,
            stale_max=rules.stale,
            gates=("vix", "curve"),
        )

    def _brief(self) -> Mapping[str, object]:
        return {
            "strategy": self.strategy.name,
            "profile": self.profile,
            "account": self.account,
            "universe": self.universe.name,
            "risk_cap": self.risk_cap,
            "limit": self.limit,
        }


def _latches(rules: OverlayRules, profile: str) -> dict[str, LatchRule]:
    found: dict[str, LatchRule] = {}
    if rules.vix is not None:
        found["vix"] = _level_latch(rules.vix, rules.vix.panic)
    if rules.trend is not None:
        found["trend"] = LatchRule(
            enter=-rules.trend.band, exit=rules.trend.band, above=False, scale=rules.trend.scale
        )
    if rules.curve is not None:
        found["curve"] = _level_latch(rules.curve)
    for name, watch in rules.watch.items():
        if watch.profiles is None or profile in watch.profiles:
            found[name] = LatchRule(
                enter=watch.enter.at,
                enter_closes=watch.enter.closes,
                exit=watch.exit.at,
                exit_closes=watch.exit.closes,
                above=watch.above,
            )
    return found


def _level_latch(rule: LevelRule, panic: Threshold | None = None) -> LatchRule:
    return LatchRule(
        enter=rule.enter.at,
        enter_closes=rule.enter.closes,
        exit=rule.exit.at,
        exit_closes=rule.exit.closes,
        panic=float("nan") if panic is None else panic.at,
        panic_closes=1 if panic is None else panic.closes,
        scale=rule.scale,
    )
