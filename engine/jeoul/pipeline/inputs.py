"""The identity of a decision's inputs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache, lru_cache
from importlib.metadata import version
from typing import Any, NamedTuple

import jeoul
from jeoul.model.decision import Proposal
from jeoul.model.instrument import Proxy, Universe
from jeoul.model.portfolio import Portfolio, Proceeds
from jeoul.pipeline.mandate import Mandate
from jeoul.rebalance import TradeRules

_LIBRARIES = ("numpy", "cvxpy-base", "clarabel", "daqp")


def versions() -> dict[str, str]:
    """Return the versions of jeoul and of the libraries that can move a number.

    >>> sorted(versions())[-1]
    'numpy'
    """
    return {"jeoul": jeoul.__version__} | _libraries()


@cache
def _libraries() -> dict[str, str]:
    """Return the versions of the libraries; their metadata files are read once a process."""
    return {name: version(name) for name in _LIBRARIES}


@lru_cache(maxsize=8)  # a run asks for it four times
def rules_id(mandate: Mandate) -> str:
    """Return the SHA-256 of strategy, profile, account kind with its cap, and universe.

    The strategy enters as parsed, so that a comment does not change it, and the names of classes
    are for people.
    """
    return _hash(
        {
            "strategy": mandate.strategy.model_dump(mode="json", by_alias=True),
            "profile": mandate.profile,
            "account": str(mandate.account),
            "risk_cap": mandate.risk_cap,
            "universe": _universe(_Same(mandate.universe)),
            **({} if mandate.limit is None else {"limit": _plain(mandate.limit)}),
        }
    )


class _Same(NamedTuple):
    """A record that is equal to itself alone, so that what was made of it can be looked up."""

    universe: Universe

    def __hash__(self) -> int:
        return id(self.universe)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.universe is other.universe


@lru_cache(maxsize=2)  # the mandates of a command share their universe, and funds can be thousands
def _universe(same: _Same) -> object:
    found = _plain(same.universe)
    assert isinstance(found, dict)
    del found["class_names"]
    if not found["premium"]:
        del found["premium"]  # so that files written before the key came keep their identity
    return found


def fingerprint(mandate: Mandate, snapshot_digest: str) -> str:
    """Return the SHA-256 of a mandate's rules, a snapshot and the versions in use."""
    return _hash({"rules": rules_id(mandate), "snapshot": snapshot_digest, "versions": versions()})


def inputs_id(
    proposal_inputs: str,
    portfolio: Portfolio | None,
    deposit: int,
    rules: TradeRules,
    proceeds: Proceeds,
) -> str:
    """Return the identity of a decision: its proposal's inputs, the account, and how it trades."""
    held = None
    if portfolio is not None:
        held = {
            "shares": dict(sorted(portfolio.shares.items())),
            "cash": portfolio.cash,
            "currency": portfolio.currency,
            "unsettled": {
                day.isoformat(): sum_ for day, sum_ in sorted(portfolio.unsettled.items())
            },
        }
    return _hash(
        {
            "proposal": proposal_inputs,
            "portfolio": held,
            "deposit": deposit,
            "rules": _plain(rules),
            "proceeds": proceeds,
        }
    )


def allocation_id(proposal: Proposal) -> str:
    """Return the identity of a proposal's allocation: its rules, its date and its weights.

    Proposals that reuse an allocation share it.
    """
    memory = proposal.memory
    return _hash(
        {
            "rules": memory.rules,
            "allocated": str(memory.allocated),
            "weights": proposal.allocation,
        }
    )


def combined_id(ids: Sequence[str]) -> str:
    """Return the identity of several decisions taken together; a single one keeps its own."""
    return ids[0] if len(ids) == 1 else _hash({"decisions": list(ids)})


def _plain(value: object) -> object:
    """Return a record as mappings and lists in a fixed order, whatever the order of its sets."""
    if value is None or isinstance(value, str | int | float):  # most of the values of a universe
        return value
    if is_dataclass(value) and not isinstance(value, type):
        without = isinstance(value, Proxy) and value.charges is None
        names = ("kind", "column", "maturity") if without else _names(type(value))
        return {name: _plain(getattr(value, name)) for name in names}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, frozenset):
        return sorted(map(str, value))
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return str(value)


@cache
def _names(record: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(record))


def _hash(document: Mapping[str, object]) -> str:
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
