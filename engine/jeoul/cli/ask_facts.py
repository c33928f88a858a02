"""The facts that ``jeoul ask`` is given: words such as ``wages=3천만`` as a rule takes them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, get_args

from jeoul.errors import InputError, Problem, UsageError
from jeoul.files.faults import Fault, Location, did_you_mean, sentence, shown
from jeoul.model.amount import refuse_foreign, whole_amount

_BARE = re.compile(r"""(?<=[=\[,])\s*([^\s=,{}\[\]"'][^=,{}\[\]"']*?)\s*(?=[,\]}])""")
_FACT = "write a fact as name=value, such as wages=30000000"


def read_facts(rule: str, words: Sequence[str]) -> dict[str, Any]:
    """Return the facts of a rule as it takes them.

    A value is written as in TOML; words need no quotes, and where the rule takes a whole number an
    amount may be written as people write it. Raises :class:`InputError` with everything wrong.

    >>> read_facts("etf.distribution", ["kind=krx_other_etf", "amount=100만"])["amount"]
    1000000
    >>> read_facts("irp.buy", ["account=1억", "risk=0", "order={amount=30만}"])["order"].amount
    300000
    """
    from jeoul.korea.rules import check

    known_rule(rule)
    given, problems = _given(rule, words)
    found, faults = check(rule, given)
    if wrong := dict(_amounts(given, faults)):
        found, faults = check(rule, given)
        faults = [wrong.get(fault.key) or fault for fault in faults]
    problems += [_problem(rule, fault) for fault in faults]
    if problems:
        raise InputError(problems)
    return found


def known_rule(rule: str) -> str:
    """Return the name of a rule that exists; raises :class:`InputError` with the likely one."""
    from jeoul.korea.rules import RULES

    if rule not in RULES:
        remedy = did_you_mean(rule, list(RULES))
        raise InputError([Problem("jeoul ask", f"rule {shown(rule)} is unknown", remedy=remedy)])
    return rule


def _given(rule: str, words: Sequence[str]) -> tuple[dict[str, Any], list[Problem]]:
    from jeoul.korea.rules import arguments

    fields, given, problems = arguments(rule).model_fields, dict[str, Any](), list[Problem]()
    for word in words:
        name, mark, text = word.partition("=")
        if not mark or not name:
            problems.append(Problem(rule, f"{shown(word)} is not a fact", remedy=_FACT))
        elif name in given:
            problems.append(Problem(rule, "is given twice", key=name, remedy="give it once"))
        elif name in fields and _is_text(fields[name].annotation):
            given[name] = text.strip("\"'")
        else:
            given[name] = value_of(text)
    return given, problems


def _is_text(annotation: object) -> bool:
    return annotation is str or (str in get_args(annotation) and int not in get_args(annotation))


def value_of(text: str) -> Any:
    """Return a value of TOML; what is none is a text, and so is a bare word inside a table.

    >>> value_of("true"), value_of("3천만"), value_of("[{asset = fund, gain = 5}]")
    (True, '3천만', [{'asset': 'fund', 'gain': 5}])
    """
    for attempt in (text, _BARE.sub(_quoted, text)):
        try:
            table = tomllib.loads(f"value = {attempt}", parse_float=Decimal)
        except tomllib.TOMLDecodeError:
            continue
        if len(table) == 1:  # a text of several lines could hold other keys
            return table["value"]
    return text


def _quoted(found: re.Match[str]) -> str:
    word = found[1]
    try:
        tomllib.loads(f"value = {word}")
    except tomllib.TOMLDecodeError:
        return f'"{word}"'
    return word


def _amounts(given: dict[str, Any], faults: Sequence[Fault]) -> Iterator[tuple[Location, Fault]]:
    """Turn texts that stand for whole numbers into them; yield what is wrong with each."""
    for fault in faults:
        if "is not a whole number" not in fault.wrong:
            continue
        *way, last = fault.key
        place: Any = given
        for part in way:
            place = place[part]
        written = place[last]
        try:
            amount = whole_amount(written)
            refuse_foreign("KRW", amount=amount)
        except UsageError as error:
            yield fault.key, Fault(fault.key, str(error))
        except (TypeError, ArithmeticError):  # a list or a table: the fault says so
            yield fault.key, fault
        else:
            place[last] = int(amount)
            yield fault.key, fault


def _problem(rule: str, fault: Fault) -> Problem:
    key, wrong = sentence(fault.key, fault.wrong)
    return Problem(rule, wrong, key=key, remedy=fault.remedy)
