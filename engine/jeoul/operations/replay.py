"""Deciding a past run again from what was kept of it, and comparing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from jeoul.account.file import CostSettings
from jeoul.errors import DataError
from jeoul.market import Market
from jeoul.model.calendar import Calendar
from jeoul.model.decision import Proposal
from jeoul.model.portfolio import SETTLED, Portfolio, Side
from jeoul.model.snapshot import Seen, Snapshot
from jeoul.model.valued import Valued
from jeoul.operations.archive import recall
from jeoul.operations.decision import Circumstances, decide
from jeoul.operations.desk.intents import Intent, PlannedOrder, Run, reason_from
from jeoul.operations.setup.brokers import RecordedBrokerSettings
from jeoul.operations.setup.config import CashSettings, Config, SafetySettings
from jeoul.operations.setup.passphrase import key_of
from jeoul.pipeline import Mandate, propose
from jeoul.rebalance import Fresh
from jeoul.strategy.schema import Strategy

TOLERANCE = 1e-9  # of a weight: inputs are compared by hash, outputs are not


@dataclass(frozen=True, slots=True)
class Replay:
    """What deciding again came to: every difference, and what the inputs were taken from."""

    run_id: str
    source: str  # archive or folder
    differences: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Return whether the decision came out the same."""
        return not self.differences


def stored_strategy(run: Run) -> Strategy:
    """Return the strategy as the run had it, whatever its file says today."""
    return Strategy.model_validate(run.document["strategy"], strict=False)


def replay(
    config: Config,
    mandate: Mandate,
    run: Run,
    intents: Sequence[Intent],
    market: Market,
    calendars: Mapping[str, Calendar],
) -> Replay:
    """Return how a run's decision comes out when it is made again, without its memory.

    ``mandate`` is made of the stored strategy, profile and account kind; fee, reserve, limits and
    collar are those of then, whatever the config says today. The snapshot comes from
    the archive of the state folder, else from the market folder if that still shows the same.
    Raises :class:`DataError` if neither has it.
    """
    snapshot, source = snapshot_then(config, mandate, run, market)
    proposal = propose(mandate, snapshot, calendars)
    stored = run.document
    decided = decide(
        config_then(config, stored),
        mandate,
        proposal,
        _portfolio(stored),
        circumstances_then(stored),
    )
    found = weight_differences(stored, proposal)
    found += order_differences(intents, decided.plan.orders)
    return Replay(run.run_id, source, tuple(found))


def circumstances_then(stored: Mapping[str, Any]) -> Circumstances:
    """Return what an account decided in, as a run kept it."""
    return Circumstances(
        # Runs of before the sources were kept call all of it deposits: the same orders.
        fresh=Fresh(**stored.get("sources", {"deposited": max(stored["fresh"], 0)})),
        traded=stored["traded"],
        first=stored.get("first", False),  # no reason to buy in runs of before it was kept
        safe=stored["safe"],
        seen=Seen(stored["snapshot"], valued_then(stored) or Valued()),
        locked=stored.get("locked", {}),
        diagnosis=stored.get("diagnosis"),
        stops=reason_from(stored["stops"]) if stored.get("stops") else None,
    )


def valued_then(stored: Mapping[str, Any]) -> Valued | None:
    """Return how far net asset values reached at a run, None for one of before it was kept."""
    return Valued.from_document(stored["valued"]) if "valued" in stored else None


def weight_differences(stored: Mapping[str, Any], proposal: Proposal) -> list[str]:
    """Return what a target of now has that a run's had not: weights, allocation, inputs."""
    found = _weights("weights", stored["weights"], proposal.weights)
    found += _weights("allocation", stored["allocation"], proposal.allocation)
    if stored["inputs"] != proposal.inputs:
        found.append("inputs: the libraries or the universe are not those of then")
    return found


def order_differences(intents: Sequence[Intent], orders: Sequence[PlannedOrder]) -> list[str]:
    """Return how orders of now differ from those of a run, empty where they are the same."""
    before = [_terms(intent.order) for intent in intents]
    now = [_terms(order) for order in orders]
    return [] if before == now else [f"orders: {_listed(before)} then, {_listed(now)} now"]


def config_then(config: Config, stored: Mapping[str, Any]) -> Config:
    """Return a config that trades as a run did: its broker, fee, collar, reserve and limits."""
    settings = config.settings
    # A run of before a fee had its key was not charged it: that is the default of the key.
    terms = {
        key: stored.get(key, field.default) for key, field in CostSettings.model_fields.items()
    }
    broker = RecordedBrokerSettings(kind=stored["broker"], collar=stored.get("collar"), **terms)
    then = settings.model_copy(
        update={
            "broker": broker,
            "cash": CashSettings(
                reserve=stored["reserve"], proceeds=stored.get("proceeds", SETTLED)
            ),
            "safety": SafetySettings(**stored["safety"]),
        }
    )
    return replace(config, settings=then)


def snapshot_then(
    config: Config, mandate: Mandate, run: Run, market: Market
) -> tuple[Snapshot, str]:
    """Return what a run saw of the market, and whether it is from its archive or the folder.

    Raises :class:`DataError` where neither has it.
    """
    wanted = run.document["snapshot"]
    kept = recall(config.state, wanted, key_of(config))
    if kept is not None:
        if kept.digest != wanted:
            raise DataError(
                f"the archive of run {run.run_id} was changed; restore it from a backup"
            )
        return kept, "archive"
    seen = market.as_of(run.session, mandate.strategy.calendar)
    shown = seen.seen_as(wanted, valued_then(run.document))
    if shown is None:
        raise DataError(
            f"the data of run {run.run_id} are gone: the folder shows something else for "
            f"{run.session} now, and a run without orders keeps no archive"
        )
    return shown, "folder"


def _portfolio(stored: Mapping[str, Any]) -> Portfolio:
    held = stored["portfolio"]
    coming = {date.fromisoformat(day): amount for day, amount in held["unsettled"].items()}
    return Portfolio(held["shares"], held["cash"], stored["currency"], coming)


def _weights(name: str, then: Mapping[str, float], now: Mapping[str, float]) -> list[str]:
    return [
        f"{name} of {code}: {then.get(code, 0.0):.6f} then, {now.get(code, 0.0):.6f} now"
        for code in sorted({*then, *now})
        if abs(then.get(code, 0.0) - now.get(code, 0.0)) > TOLERANCE
    ]


def _terms(order: PlannedOrder) -> tuple[Side, str, int, int | None]:
    return order.side, order.ticker, order.shares, order.limit


def _listed(orders: Sequence[tuple[Any, ...]]) -> str:
    return ", ".join(f"{side} {ticker} {shares}" for side, ticker, shares, _ in orders) or "none"
