"""Every sentence that an error says to a person has its Korean.

The sentences are read from the source: what is given to errors, problems and faults, and what the
functions that look for faults return. A place that is filled in when the error is raised becomes
a mark.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from itertools import product
from pathlib import Path

import pytest

import jeoul
from jeoul.errors import Problem
from jeoul.messages import catalogue
from jeoul.translation import in_language

PACKAGE = Path(jeoul.__file__).parent
SAYERS = {"Problem", "Fault", "Faults", "SharesProblem", "Unknown", "Malformed", "Overflow",
          "NotACode", "Wrong", "TableFault", "Undecodable", "ValueError", "BadParameter", "error",
          "refuse", "wrong", "problem", "fault", "_misfit", "add"}  # fmt: skip
"""Calls whose arguments are sentences: records of faults, and what makes errors of them."""
LOOKS = re.compile("fault|wrong|refus|problem|remedy|misfit|possible|_said|_why|_way_out")
"""Functions that return sentences, or yield them with their place."""
LISTS = {"faults", "problems", "reasons", "wrong", "wrongs"}
PROGRAM = {
    "messages.py": "a catalogue of the package is wrong",
    "market/cache/store.py": "a source of the package gave rows in disorder",
    "model/calendar.py": "an instant without a time zone comes from code",
    "operations/ledger/store.py": "a row for another table comes from code",
    "overlay/machine.py": "a unit NAV comes from code",
    "pipeline/alarms.py": "a replay from a later session comes from code",
    "promises/binomial.py": "hits and draws are counted by code",
    "research/statistics.py": "the number of trials is counted by code",
}
"""Modules whose ValueError is a mistake of a program, which nobody reads at the command line."""

NAMES = {"jeoul ask"}
"""What an error calls its file, where it has none."""

WRITERS = {"market/publishing/layout.py"}
"""Modules that yield the text of a file, not sentences."""

Names = Mapping[str, Sequence[ast.expr]]
MOST = 24  # sentences of one expression
DEEPEST = 3  # names behind names
DULL = {"shown", "len", "str", "join", "isoformat"}


def texts(node: ast.expr | None, names: Names, deep: int = 0) -> Iterator[str]:
    """Yield the texts that an expression can be; what is not known within a text is a mark."""
    again = partial(texts, names=names, deep=deep)
    match node:
        case ast.Constant(value=str() as value):
            yield value
        case ast.JoinedStr(values=parts):
            each = [list(inside(part, names, deep)) for part in parts]
            yield from map("".join, list(product(*each))[:MOST])
        case ast.BinOp(left=one, op=ast.Add(), right=other):
            each = [list(inside(part, names, deep)) for part in (one, other)]
            yield from map("".join, product(*each))
        case ast.Name(id=name) | ast.Call(func=ast.Name(id=name)) if deep < DEEPEST:
            called = "()" if isinstance(node, ast.Call) else ""
            for given in names.get(name + called, ()):
                yield from texts(given, names, deep + 1)
        case _:
            for part in choices(node):
                yield from again(part)


def choices(node: ast.expr | None) -> list[ast.expr]:
    """Return the expressions of which an expression is one, or which it lists."""
    match node:
        case ast.IfExp(body=one, orelse=other):
            return [one, other]
        case ast.BoolOp(values=parts) | ast.Dict(values=parts):
            return parts
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return parts
        case ast.Starred(value=value) | ast.ListComp(elt=value) | ast.GeneratorExp(elt=value):
            return [value]
    return []


def inside(part: ast.expr, names: Names, deep: int) -> Iterator[str]:
    """Yield what a part of an f-string can be: its texts where all are known, else a mark."""
    value = part.value if isinstance(part, ast.FormattedValue) else part
    added = isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add)
    found = list(texts(value, names, deep)) if added or is_known(value, names, deep) else []
    yield from found or [mark(value)]


def is_known(node: ast.expr, names: Names, deep: int = 0) -> bool:
    """Return whether every text of an expression can be read from the source."""
    match node:
        case ast.Constant(value=str()) | ast.JoinedStr():
            return True
        case ast.IfExp(body=one, orelse=other) | ast.BinOp(left=one, right=other):
            return is_known(one, names, deep) and is_known(other, names, deep)
        case ast.Name(id=name) | ast.Call(func=ast.Name(id=name)):
            values = names.get(name + ("()" if isinstance(node, ast.Call) else ""), ())
            return (
                deep < DEEPEST
                and bool(values)
                and all(is_known(value, names, deep + 1) for value in values)
            )
    return False


def mark(value: ast.expr) -> str:
    """Return the mark of a place; ``<years>`` for ``{keys.years:,}``."""
    words = [node.id for node in ast.walk(value) if isinstance(node, ast.Name)]
    words += [node.attr for node in ast.walk(value) if isinstance(node, ast.Attribute)]
    used = [word.strip("_").lower() for word in words if word not in DULL]
    return f"<{used[-1] if used else 'value'}>"


def known(tree: ast.AST) -> dict[str, list[ast.expr]]:
    """Return what the names of a module or a function are set to."""
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target, value = node.targets[0], node.value
            pairs = [(target, value)]
            if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
                pairs = list(zip(target.elts, value.elts, strict=False))
            for name, given in pairs:
                if isinstance(name, ast.Name):
                    found.setdefault(name.id, []).append(given)
        if isinstance(node, ast.FunctionDef):
            args = node.args
            named = [*zip(reversed(args.args), reversed(args.defaults), strict=False)]
            named += [(a, d) for a, d in zip(args.kwonlyargs, args.kw_defaults, strict=True) if d]
            for arg, default in named:
                if not (isinstance(default, ast.Constant) and not default.value):
                    found.setdefault(arg.arg, []).append(default)
    return found


def returned(tree: ast.AST) -> dict[str, list[ast.expr]]:
    return {
        f"{function.name}()": [
            node.value
            for node in ast.walk(function)
            if isinstance(node, ast.Return) and node.value is not None
        ]
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        and function.returns is not None
        and ast.unparse(function.returns) == "str"
    }


def errors(trees: Iterable[ast.AST]) -> frozenset[str]:
    """Return the names of the errors of the package: what derives from its root."""
    bases = {
        node.name: {ast.unparse(base) for base in node.bases}
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    found: set[str] = {"JeoulError"}
    while more := {name for name, its in bases.items() if its & found} - found:
        found |= more
    return frozenset(found - {"SolverFailed"})  # it is given the name and status of a solver


def said_by(node: ast.AST, function: str, module: str, names: frozenset[str]) -> Sequence[ast.expr]:
    """Return the expressions of a node that are sentences."""
    match node:
        case ast.Call():
            return said_by_call(node, function, module, names)
        case ast.AugAssign(target=target, value=value) | ast.AnnAssign(target=target, value=value):
            return [value] if value is not None and ast.unparse(target) in LISTS else []
        case ast.Assign(targets=[target], value=value):
            return [value] if ast.unparse(target) in LISTS else []
        case ast.Yield(value=value) if value is not None and module not in WRITERS:
            return [value]
        case ast.Return(value=value) if value is not None and LOOKS.search(function):
            return [value]
    return []


def said_by_call(
    call: ast.Call, function: str, module: str, names: frozenset[str]
) -> Sequence[ast.expr]:
    *before, name = ast.unparse(call.func).split(".")
    if name in names and not (name == "ValueError" and module in PROGRAM):
        return [*call.args, *(keyword.value for keyword in call.keywords)]
    to_list = name in {"append", "extend"} and before[-1:] and before[-1] in LISTS
    if to_list or name == function == "__init__":
        return call.args
    return [keyword.value for keyword in call.keywords if keyword.arg in {"remedy", "wrong"}]


@cache
def sentences() -> Mapping[str, str]:
    """Return every sentence with the place in the source where it is raised."""
    found: dict[str, str] = {}
    trees = {path: ast.parse(path.read_text("utf-8")) for path in sorted(PACKAGE.rglob("*.py"))}
    calls = errors(trees.values()) | SAYERS
    for path, tree in trees.items():
        module = path.relative_to(PACKAGE).as_posix()
        top = known(ast.Module([n for n in tree.body if isinstance(n, ast.Assign)], []))
        for function in (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)):
            names = {**returned(tree), **top, **known(function)}
            for node in ast.walk(function):
                for given in said_by(node, function.name, module, calls):
                    for text in texts(given, names):
                        if is_sentence(text):
                            found.setdefault(text, f"{module}:{getattr(node, 'lineno', 0)}")
    return found


def is_sentence(text: str) -> bool:
    return " " in text and text not in NAMES and bool(re.search("[a-z]{2}", own_words(text)))


def own_words(text: str) -> str:
    """Return what a text says itself: without marks, commands, options and quoted code."""
    return re.sub(r"<\w+>|`[^`]*`|--[\w-]+|\"[^\"]*\"", "", text)


ENGLISH = re.compile(
    r"\b(the|is|are|an|of|to|and|not|was|has|use|write|give|with|by|be|that|from|cannot)\b"
)
FILLED = {
    "<cells> is not a <index>": ("<cells> is not a date", "<cells> is not a month"),
    "<replace> is <given>; give <text>": (
        "<name> is <given>; give a number",
        "<name> is <given>; give a number above 0",
        "<name> is <given>; give a number of at least 0",
    ),
    "<option> <text> is not <wanted>": (
        "<option> <text> is not a price; write it as 37125",
        "<option> <text> is not an amount; write it as 1200",
    ),
    "estimate.<key>: <fault>": ("estimate.views: tau is <tau>; give a number above 0",),
    "use <question>": ("use one of <names>",),
    "give <question>": ("give full years from <least> to <most>",),
}
"""What fills a place that is most of its sentence."""


def is_korean(text: str) -> bool:
    said = own_words(in_language(text, "ko"))
    return bool(re.search("[가-힣]", said)) and not ENGLISH.search(said)


def test_every_sentence_of_an_error_has_its_korean() -> None:
    found = sentences()
    assert len(found) > 900
    filled = {text: place for text, place in found.items() if text not in FILLED}
    filled |= {text: "filled" for texts_ in FILLED.values() for text in texts_}
    assert {text: place for text, place in filled.items() if not is_korean(text)} == {}


def test_what_fills_a_place_is_still_said() -> None:
    assert FILLED.keys() <= sentences().keys()


SHOWN = [
    "a.csv:2: 069500: {}; correct the code",
    "nothing that a catalogue has; {}",
]
"""How a sentence is shown: behind its place, before its remedy, beside other faults."""


@pytest.mark.parametrize("form", SHOWN)
def test_no_refusal_in_korean_has_a_sentence_in_english_inside(form: str) -> None:
    found = {}
    for text, place in sentences().items():
        if text not in FILLED and "\n" not in text:
            said = in_language(form.format(text), "ko")
            own = own_words(said).replace("nothing that a catalogue has", "")
            if ENGLISH.search(own) or not re.search("[가-힣]", own):
                found[place] = said
    assert found == {}


def test_no_refusal_in_english_has_a_sentence_in_korean_inside() -> None:
    korean = re.compile(r"[가-힣](?:니다|십시오|세요)(?:[.\s]|$)")
    assert [place for text, place in sentences().items() if korean.search(text)] == []
    assert [key for key, text in catalogue("en").items() if korean.search(text)] == []


def test_a_price_that_is_none_is_said_in_one_language() -> None:
    said = in_language(
        "mine.csv:2: 069500: has 'abc' under 매입평균가, which is not a price; "
        "write an amount above zero, or leave it empty",
        "ko",
    )
    assert said == (
        "mine.csv:2: 069500: 매입평균가 열의 'abc'은(는) 가격이 아닙니다. "
        "0보다 큰 금액을 적거나 비워 두십시오"
    )


HOLE = re.compile(r"(?<!\{)\{[^{}]*\}(?!\})")
HANGUL, LATIN = re.compile("[가-힣]"), re.compile("[a-z]{2}")


def test_a_sentence_with_its_remedy_is_translated_also_where_a_problem_keeps_them_apart() -> None:
    """A fault of a key is cut between what is wrong and what to do."""
    missed = []
    for key, sentence in catalogue("en").items():
        if not key.startswith("error.") or "; " not in sentence:
            continue
        filled = HOLE.sub("7", sentence).replace("{{", "{").replace("}}", "}")
        message, _, remedy = filled.partition("; ")
        found = in_language(Problem("a.toml", message, remedy=remedy), "ko")
        parts = (found.message, found.remedy or "")
        missed += [(key, part) for part in parts if not HANGUL.search(part) and LATIN.search(part)]
    assert missed == []


def test_a_password_in_a_config_is_refused_in_korean_too() -> None:
    remedy = (
        "take it out, change it, and set PGPASSWORD or write it into PostgreSQL's password file"
    )
    problem = Problem("c.toml", "a password does not belong in a file", remedy=remedy)
    assert in_language(problem, "ko").message == "비밀번호는 파일에 적지 않습니다"
    assert in_language(problem, "ko").remedy == (
        "지우고 변경한 뒤 PGPASSWORD를 설정하거나 PostgreSQL 비밀번호 파일에 적으십시오"
    )
