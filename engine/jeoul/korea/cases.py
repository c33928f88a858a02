"""Case files: worked examples of the rules, checked all at once and run one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from jeoul.errors import ConfigError, Problem, RuleError
from jeoul.files.document import MOST_FAULTS, Document, parse_text
from jeoul.files.faults import UNKNOWN, Fault, did_you_mean, sentence, shown
from jeoul.korea.rulebook import Rulebook, Step
from jeoul.korea.rules import RULES, check, results
from jeoul.korea.tables import no_table

_TOP = {"schema", "year", "case"}
_NEEDED = {"id", "rule", "given", "expect"}
_KEYS = {*_NEEDED, "tolerance"}
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
class CaseOutcome:
    """What running a case gave; ``different`` maps a result to (expected, got)."""

    id: str
    ok: bool
    got: Mapping[str, object]
    different: Mapping[str, tuple[object, object]]
    steps: tuple[Step, ...]


def cases_schema() -> dict[str, Any]:
    """Return the JSON schema of a file of worked cases.

    >>> sorted(cases_schema()["properties"])
    ['case', 'schema', 'year']
    """
    kinds: dict[str, dict[str, Any]] = {
        "id": {"type": "string"},
        "rule": {"type": "string", "enum": sorted(RULES)},
        "given": {"type": "object"},
        "expect": {"type": "object"},
        "tolerance": {"type": "integer", "minimum": 0},
    }
    case = {
        "type": "object",
        "properties": {key: kinds[key] for key in sorted(_KEYS)},
        "required": sorted(_NEEDED),
        "additionalProperties": False,
    }
    top = {
        "schema": {"const": 1},
        "year": {"type": "integer"},
        "case": {"type": "array", "items": case},
    }
    return {
        "title": "Cases",
        "type": "object",
        "properties": {key: top[key] for key in sorted(_TOP)},
        "required": ["case", "schema", "year"],
        "additionalProperties": False,
    }


def read_cases(text: str, file: str, rules_of: int | None = None) -> CaseFile:
    r"""Return the cases of a TOML text; ``file`` is its name in messages.

    ``rules_of`` is the year whose rules are used where the file's own year has no table.

    Raises :class:`ConfigError` with everything wrong in the file: unknown rules, arguments and
    results, wrong types, doubled ids.

    >>> text = "schema = 1\nyear = 2026\n[[case]]\nid = 'a'\nrule = 'etf.distribution'\n"
    >>> text += "given = { kind = 'krx_other_etf', amount = 10 }\nexpect = { tax = 0 }\n"
    >>> read_cases(text, "x.toml").cases[0].id
    'a'
    """
    document = parse_text(text, file, ConfigError, kind="cases", parse_float=Decimal)
    raw = document.data
    problems = document.problems(_head_faults(raw, rules_of))
    entries = raw.get("case", [])
    if _are_tables(entries):
        found = list(_case_problems(entries, document))
        problems.extend(found[:MOST_FAULTS])
        if more := len(found) - MOST_FAULTS:
            problems += [Problem(file, f"… and {more:,} more problems")] if more > 0 else []
    if problems:
        raise ConfigError(problems)
    return CaseFile(raw["year"], tuple(Case(**entry) for entry in entries))


def _are_tables(entries: object) -> bool:
    return isinstance(entries, list) and all(isinstance(entry, dict) for entry in entries)


def _head_faults(raw: Mapping[str, Any], rules_of: int | None) -> Iterator[Fault]:
    for key in sorted(set(raw) - _TOP):
        yield Fault((key,), UNKNOWN, did_you_mean(key, sorted(_TOP)))
    if raw.get("schema") != 1:
        yield Fault(("schema",), "schema is not 1", "write schema = 1")
    if type(raw.get("year")) is not int:
        yield Fault(("year",), "year is missing", "write year = 2026")
    elif missing := no_table(raw["year"], rules_of):
        yield missing
    if not _are_tables(raw.get("case", [])):
        yield Fault(
            ("case",), f"{shown(raw['case'])} is not a worked case", "write [[case]] tables"
        )


def _case_problems(entries: Sequence[Mapping[str, Any]], document: Document) -> Iterator[Problem]:
    seen: set[str] = set()
    for place, entry in enumerate(entries):
        name = str(entry.get("id", "?"))
        faults = [*_shape_faults(entry, name in seen), *_rule_faults(entry)]
        seen.add(name)
        for key, wrong, remedy in faults:
            whole = ("case", place, *key)
            # A case is found by its id; only the message about an unknown key names its table.
            said = (
                (None, sentence(whole, wrong)[1])
                if wrong == UNKNOWN
                else sentence((name, *key), wrong)
            )
            line = document.line(whole)
            yield Problem(document.file, said[1], line=line, key=said[0], remedy=remedy)


def _shape_faults(entry: Mapping[str, Any], doubled: bool) -> Iterator[Fault]:
    for key in sorted(_NEEDED - set(entry)):
        yield Fault((key,), "is missing", "add it")
    for key in sorted(set(entry) - _KEYS):
        yield Fault((key,), UNKNOWN, did_you_mean(key, sorted(_KEYS)))
    if doubled:
        yield Fault(("id",), "the id appears twice", "give every case its own")
    if type(entry.get("tolerance", 0)) is not int:
        yield Fault(("tolerance",), "is not a whole number of won", "write 0 or leave it out")
    for key in ("given", "expect"):
        if not isinstance(entry.get(key, {}), dict):
            yield Fault((key,), f"{shown(entry[key])} is not a table", "write it as { … }")


def _rule_faults(entry: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield what a rule does not know of what a case gives and expects."""
    if "rule" not in entry:
        return
    rule, given, expect = str(entry["rule"]), entry.get("given"), entry.get("expect")
    if rule not in RULES:
        yield Fault(("rule",), f"rule {shown(rule)} is unknown", did_you_mean(rule, list(RULES)))
        return
    if isinstance(given, dict):
        for key, wrong, remedy in check(rule, given)[1]:
            yield Fault(("given", *key), wrong, remedy)
    if isinstance(expect, dict):
        known = [*sorted(results(rule)), "error"]  # what a refusal says
        for key in sorted(set(expect) - {*known}):
            yield Fault(("expect", key), UNKNOWN, did_you_mean(key, known))


def run_case(book: Rulebook, case: Case) -> CaseOutcome:
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
    return CaseOutcome(id=case.id, ok=not different, got=got, different=different, steps=steps)


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
