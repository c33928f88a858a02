"""Case files: worked examples of the rules, checked all at once and run one by one."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from jeoul.errors import ConfigError, Problem, RuleError
from jeoul.korea.rulebook import Rulebook, Step
from jeoul.korea.rules import RULES, check, results

_KEYS = {"id", "rule", "given", "expect", "tolerance"}
_EXACT = Decimal("1e-9")  # shares and rates that are not won


@dataclass(frozen=True, slots=True)
class Case:
    """One worked example. ``expect`` lists only the results that are compared."""

    id: str
    rule: str
    given: Mapping[str, object]
    expect: Mapping[str, object]
    tolerance: int = 0


@dataclass(frozen=True, slots=True)
class CaseFile:
    """The cases of one file and the year whose rules they use."""

    year: int
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What running a case gave; ``different`` maps a result to (expected, got)."""

    id: str
    ok: bool
    got: Mapping[str, object]
    different: Mapping[str, tuple[object, object]]
    steps: tuple[Step, ...]


def read_cases(text: str, file: str) -> CaseFile:
    r"""Return the cases of a TOML text.

    Raises :class:`ConfigError` with everything wrong in the file: unknown rules, arguments and
    results, wrong types, doubled ids.

    >>> text = "schema = 1\nyear = 2026\n[[case]]\nid = 'a'\nrule = 'etf.distribution'\n"
    >>> text += "given = { kind = 'krx_other_etf', amount = 10 }\nexpect = { tax = 0 }\n"
    >>> read_cases(text, "x.toml").cases[0].id
    'a'
    """
    try:
        raw = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([Problem(file, f"is no TOML: {error}")]) from error
    problems = [
        Problem(file, f"unknown key {key!r}", key=key, remedy="use schema, year and [[case]]")
        for key in sorted(set(raw) - {"schema", "year", "case"})
    ]
    if raw.get("schema") != 1:
        problems.append(Problem(file, "schema is not 1", key="schema", remedy="write schema = 1"))
    if type(raw.get("year")) is not int:
        problems.append(Problem(file, "year is missing", key="year", remedy="write year = 2026"))
    entries = raw.get("case", [])
    lines = [n for n, line in enumerate(text.splitlines(), 1) if line.strip() == "[[case]]"]
    seen: set[str] = set()
    for place, entry in enumerate(entries):
        line = lines[place] if len(lines) == len(entries) else None
        problems.extend(_problems(entry, file, line, seen))
    if problems:
        raise ConfigError(problems)
    return CaseFile(raw["year"], tuple(Case(**entry) for entry in entries))


def _problems(
    entry: Mapping[str, Any], file: str, line: int | None, seen: set[str]
) -> list[Problem]:
    name = str(entry.get("id", "?"))
    found: list[str] = []
    if missing := {"id", "rule", "given", "expect"} - set(entry):
        found.append(f"lacks {', '.join(sorted(missing))}")
    if unknown := set(entry) - _KEYS:
        found.append(f"unknown key {', '.join(sorted(unknown))}")
    if name in seen:
        found.append("the id stands twice")
    seen.add(name)
    if type(entry.get("tolerance", 0)) is not int:
        found.append("tolerance is no whole number of won")
    rule = str(entry.get("rule", ""))
    if "rule" in entry and rule not in RULES:
        found.append(f"rule {rule!r} is unknown; known: {', '.join(RULES)}")
    elif not missing:
        found.extend(check(rule, entry["given"])[1])
        strange = set(entry["expect"]) - results(rule) - {"error"}
        found.extend(
            f"{rule} has no result {key!r}; it has {', '.join(sorted(results(rule)))}"
            for key in sorted(strange)
        )
    return [Problem(file, message, line=line, key=name) for message in found]


def run_case(book: Rulebook, case: Case) -> Outcome:
    """Return what a rule gives for a case, compared with what it expects.

    A refusal of the rule is the result ``error``; a case may expect a part of its text.

    >>> from jeoul.korea.tables import load_rules
    >>> case = Case("a", "etf.distribution", {"kind": "krx_other_etf", "amount": 100_000},
    ...             {"tax": 15_401})
    >>> run_case(load_rules(2026), case).different
    {'tax': (15401, 15400)}
    """
    found, _ = check(case.rule, case.given)
    try:
        record = RULES[case.rule](book, **found)
    except RuleError as error:
        got: dict[str, object] = {"error": str(error)}
        steps: tuple[Step, ...] = ()
    else:
        got = {name: getattr(record, name) for name in sorted(results(case.rule))}
        steps = record.steps
    different = {
        key: (expected, got.get(key))
        for key, expected in case.expect.items()
        if not _same(expected, got.get(key), case.tolerance)
        and not (key == "error" and str(expected) in str(got.get(key)))
    }
    if "error" in got and "error" not in case.expect:
        different["error"] = (None, got["error"])
    return Outcome(case.id, not different, got, different, steps)


def _same(expected: object, got: object, tolerance: int) -> bool:
    if isinstance(got, date):
        return str(expected) == got.isoformat()
    if isinstance(got, tuple):
        return list(got) == expected
    if not (_number(expected) and _number(got)):
        return type(expected) is type(got) and expected == got
    if isinstance(expected, int) and isinstance(got, int):
        return abs(expected - got) <= tolerance
    return abs(Decimal(str(expected)) - Decimal(str(got))) <= _EXACT


def _number(value: object) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)
