"""The words in which the examples of ``jeoul explain`` are written, and what an example comes to.

An example is one Python expression in these words and in the names of jeoul itself. ``run`` returns
every code that it meets: the error that it raises, and the kinds of findings and reasons in what it
gives back.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import is_dataclass
from typing import Any, NamedTuple

import click
import explain_data
import explain_decisions
import explain_world
import numpy as np

import jeoul
from jeoul.allocate import risk_parity
from jeoul.errors import JeoulError
from jeoul.market import describe
from jeoul.model.finding import Finding
from jeoul.model.portfolio import Portfolio, Reason
from jeoul.operations.broker.port import checked
from jeoul.operations.desk.traces import untraced
from jeoul.operations.setup.outcome import RunReport
from jeoul.pipeline.claims import truthful
from jeoul.pipeline.paying import Placed
from jeoul.pipeline.placing import place
from jeoul.rebalance import TradeRules, plan_orders
from jeoul.reporting.reasons import reason_text

OWN = (explain_data, explain_decisions, explain_world)
WORDS = {
    name: found
    for module in OWN
    for name, found in vars(module).items()
    if inspect.isfunction(found) and found.__module__ == module.__name__
}
"""The words that are defined for the examples."""

NAMES: dict[str, Any] = {
    **WORDS, "Portfolio": Portfolio, "Reason": Reason, "TradeRules": TradeRules,
    "checked": checked, "jeoul": jeoul, "np": np, "place": place, "plan_orders": plan_orders,
    "risk_parity": risk_parity, "truthful": truthful, "untraced": untraced,
}  # fmt: skip


class Met(NamedTuple):
    """A code that an example met, and what says it: an error, a finding, a reason or a report."""

    code: str
    said: Any


def sentence(met: Met, language: str) -> str:
    """Return what an error, a finding or a reason says in a language."""
    if isinstance(met.said, Finding):
        return describe(met.said, language)
    if isinstance(met.said, Reason):
        return reason_text(met.said, language)
    return ""


def run(example: str) -> tuple[Met, ...]:
    """Return every code that an example meets, in order; of an error only that."""
    try:
        found = eval(example, dict(NAMES))
    except JeoulError as error:
        return (Met(type(error).__name__, error),)
    except click.exceptions.Abort as error:
        return (Met("Stopped", error),)
    except click.ClickException as error:
        return (Met("UsageError", error),)
    except OSError as error:
        return (Met("OSError", error),)
    return tuple(_met(found))


def _met(found: Any) -> Iterator[Met]:
    if isinstance(found, JeoulError):
        yield Met(type(found).__name__, found)
    if isinstance(found, Placed):
        found = (found.reasons, found.orders)
    if isinstance(found, (Finding, Reason)):
        yield Met(found.kind, found)
    elif isinstance(found, RunReport):
        yield Met(found.outcome, found)
    elif isinstance(found, (list, tuple)):
        for each in found:
            yield from _met(each)
    elif is_dataclass(found):
        for name in ("orders", "reason", "reasons", "findings", "kept"):
            yield from _met(getattr(found, name, ()))
