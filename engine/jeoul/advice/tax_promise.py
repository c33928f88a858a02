"""What was promised: the file of a person, the JSON of a plan, or a rule with its arguments."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

from jeoul.advice.withheld_tax import KINDS
from jeoul.errors import ConfigError, Problem
from jeoul.files.document import Document, parse_text
from jeoul.files.faults import did_you_mean, shown
from jeoul.korea.rules import check

_PENSIONS = ("pension_savings", "irp")


@dataclass(frozen=True, slots=True)
class RulePromise:
    """The result of a rule for arguments that were checked."""

    rule: str
    given: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PlanPromise:
    """The payments into pension accounts that a plan proposes, in won."""

    pension_savings: int
    irp: int


@dataclass(frozen=True, slots=True)
class PersonPromise:
    """A person whose plan is made for the comparison; ``text`` is the file's."""

    text: str


TaxPromise: TypeAlias = RulePromise | PlanPromise | PersonPromise


def read_tax_promise(text: str, file: str) -> TaxPromise:
    r"""Return what a file promises; ``file`` is its name in messages.

    A file with ``rule`` and ``given``, as ``jeoul ask --json`` writes them, is the result of that
    rule, JSON of the schema ``jeoul.plan`` a plan, and any other TOML a person.
    Raises :class:`ConfigError` with everything wrong in it.

    >>> text = 'rule = "pension.receive"\ngiven = { age = 70, amount = 1 }'
    >>> read_tax_promise(text, "pension.toml").rule
    'pension.receive'
    """
    is_json = file.lower().endswith(".json")
    document = (
        _json(text, file) if is_json else parse_text(text, file, ConfigError, parse_float=Decimal)
    )
    if "rule" in document.data:
        return _rule(document)
    if str(document.data.get("schema", "")).startswith("jeoul.plan/"):
        return _plan(document)
    if is_json:
        wrong = "promises no tax"
        remedy = "give the JSON of jeoul plan or jeoul ask, or a person's file"
        raise ConfigError([Problem(file, wrong, remedy=remedy)])
    return PersonPromise(text)


def _json(text: str, file: str) -> Document:
    try:
        data = json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError) as fault:
        problem = Problem(file, f"is not JSON: {fault}", remedy="write it again with --json")
        raise ConfigError([problem]) from None
    return Document(file, data if isinstance(data, dict) else {}, {})


def _rule(document: Document) -> RulePromise:
    rule = document.data["rule"]
    if rule not in KINDS:
        wrong = f"no certificate shows the tax of {shown(rule)}"
        raise ConfigError(
            [document.problem(("rule",), wrong, did_you_mean(str(rule), tuple(KINDS)))]
        )
    given = document.data.get("given")
    if not isinstance(given, Mapping):
        raise ConfigError([document.problem(("given",), "is missing", "add it")])
    arguments, faults = check(rule, given)
    if faults:
        inside = [fault._replace(key=("given", *fault.key)) for fault in faults]
        raise ConfigError(document.problems(inside))
    return RulePromise(rule, arguments)


def _plan(document: Document) -> PlanPromise:
    paid = dict.fromkeys(_PENSIONS, 0)
    pours = document.data.get("pours")
    for pour in pours if isinstance(pours, list) else ():
        kind, amount = (pour.get("kind"), pour.get("amount")) if isinstance(pour, dict) else (0, 0)
        if kind in paid and isinstance(amount, int):
            paid[kind] += amount
    return PlanPromise(**paid)
