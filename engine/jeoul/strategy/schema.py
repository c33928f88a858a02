"""A strategy file as a whole: its tables together, and what must fit between them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import PurePath
from typing import Annotated, Any, Literal, Self

from pydantic import (
    Field,
    SerializationInfo,
    SerializerFunctionWrapHandler,
    field_serializer,
    model_serializer,
    model_validator,
)

from jeoul.errors import UsageError
from jeoul.model.shown import Shown
from jeoul.strategy.tables.allocate import MaxSharpe, MeanVariance, MinCvar, Strategic, Weighing
from jeoul.strategy.tables.base import Name, StrategyTable, Title
from jeoul.strategy.tables.estimate import EstimateRules
from jeoul.strategy.tables.glide import GlideRules
from jeoul.strategy.tables.momentum import Momentum
from jeoul.strategy.tables.overlay import OverlayRules
from jeoul.strategy.tables.profile import ProfileRules
from jeoul.strategy.tables.rebalance import RebalanceRules
from jeoul.strategy.tables.watch import FloorEffect

_SESSIONS_A_MONTH = 23  # at most


class Strategy(Shown, StrategyTable):
    """A whole strategy file.

    ``universe`` is the name of a shipped one or, once it is loaded, the absolute path of a file.
    Where that file lies on a machine is no part of the strategy: written out, it is its name.
    """

    format: Literal[1] = Field(alias="schema")
    name: Name
    title: Title
    universe: Annotated[str, Field(pattern=r"^([a-z][a-z0-9_-]{0,39}|[^\x00-\x1f]{1,4000}\.toml)$")]
    calendar: Literal["XKRX", "XNYS"]
    estimate: EstimateRules = EstimateRules()
    allocate: Annotated[
        MeanVariance | MaxSharpe | MinCvar | Strategic | Weighing | Momentum,
        Field(discriminator="kind"),
    ]
    profiles: dict[Literal["conservative", "balanced", "growth"], ProfileRules]
    glide: GlideRules | None = None
    overlay: OverlayRules | None = None
    rebalance: RebalanceRules = RebalanceRules()

    @property
    def own_universe(self) -> bool:
        """Return whether the universe is a file of one's own, not a shipped one."""
        return bool(PurePath(self.universe).suffix)

    @field_serializer("universe")
    def _without_folder(self, universe: str, info: SerializationInfo) -> str:
        return universe if info.round_trip else PurePath(universe).name

    @model_serializer(mode="wrap")
    def _glide_where_written(self, whole: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Return the tables; a strategy without a path is hashed as before there were any."""
        found: dict[str, Any] = whole(self)
        if found.get("glide", self) is None:
            del found["glide"]
        return found

    @model_validator(mode="after")
    def _glide_fits(self) -> Self:
        if self.glide is None:
            return self
        named = {name for point in self.glide.points for name in point.mix}
        if missing := sorted(named - set(self.profiles)):
            raise ValueError(f"glide uses profile {missing[0]}, which has no table; add it")
        if self.rebalance.calendar == "never":
            raise ValueError(
                'a glide path moves on rebalancing dates; set rebalance.calendar = "monthly"'
            )
        for key in ("volatility", "loss_limit"):
            given = [getattr(rules, key) is not None for rules in self.profiles.values()]
            if any(given) and not all(given):
                raise ValueError(
                    f"only some of the profiles in glide have {key}; set it for all or none"
                )
        return self

    @model_validator(mode="after")
    def _momentum_fits(self) -> Self:
        rules = self.allocate
        if not isinstance(rules, Momentum):
            return self
        needed = _SESSIONS_A_MONTH * rules.reads
        if self.estimate.lookback < needed:
            raise ValueError(
                f"momentum reads {rules.reads} month ends and estimate.lookback is "
                f"{self.estimate.lookback} sessions; raise it to {needed}"
            )
        return self

    @model_validator(mode="after")
    def _profiles_fit(self) -> Self:
        loss = self.overlay.loss if self.overlay else None
        for name, rules in self.profiles.items():
            if rules.loss_limit is not None and loss is None:
                raise ValueError(
                    f"profiles.{name}.loss_limit needs an [overlay.loss] table; add it"
                )
        return self

    @model_validator(mode="after")
    def _floors_fit(self) -> Self:
        watches = self.overlay.watch.items() if self.overlay else ()
        for name, watch in watches:
            if not isinstance(watch.effect, FloorEffect):
                continue
            raised = watch.effect.asset_class
            for profile in watch.profiles or self.profiles:
                if profile in self.profiles and not self.profiles[profile].classes.get(raised):
                    raise ValueError(
                        f"overlay.watch.{name} raises {raised}, of which profile {profile} holds "
                        "nothing; give the class a weight there or name other profiles"
                    )
        return self

    def towards(self, by: date) -> Strategy:
        """Return the strategy with the date of another goal.

        Raises :class:`~jeoul.errors.UsageError` for a strategy without a glide path.

        >>> from jeoul.strategy.load import load_strategy
        >>> load_strategy("target-date").towards(date(2041, 6, 30)).glide.by
        datetime.date(2041, 6, 30)
        """
        if self.glide is None:
            raise UsageError(
                f"strategy {self.name} has no [glide] table, so a goal's date has no effect; "
                "remove the date, or use a strategy such as target-date"
            )
        return self.model_copy(update={"glide": self.glide.model_copy(update={"by": by})})

    def without_overlay(self) -> Strategy:
        """Return the strategy without anything that cuts: the same allocation, simply held."""
        overlay = self.overlay
        if overlay is not None:
            overlay = overlay.model_copy(
                update={
                    "vix": None,
                    "trend": None,
                    "curve": None,
                    "loss": None,
                    "both": None,
                    "watch": {},
                }
            )
        profiles = {
            name: rules.model_copy(update={"loss_limit": None})
            for name, rules in self.profiles.items()
        }
        return self.model_copy(update={"overlay": overlay, "profiles": profiles})

    def replace(self, key: str, value: Any) -> Strategy:
        """Return the strategy with one key changed, ``"overlay.vix.scale"`` say.

        The whole is validated again. Raises ``KeyError`` if a table on the way is absent and
        pydantic's ``ValidationError`` if the value does not fit.
        """
        document = self.model_dump(by_alias=True, round_trip=True)
        *tables, last = key.split(".")
        place = document
        for table in tables:
            place = place[table]
            if not isinstance(place, dict):
                raise KeyError(key)
        place[last] = value
        return Strategy.model_validate(document)

    def _brief(self) -> Mapping[str, object]:
        return {
            "name": self.name,
            "universe": PurePath(self.universe).name,
            "calendar": self.calendar,
            "allocate": self.allocate.kind,
            "profiles": tuple(self.profiles),
            "overlay": self.overlay is not None,
            "glide": self.glide is not None,
        }
