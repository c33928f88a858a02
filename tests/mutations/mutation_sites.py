"""Every small fault that could stand in a module: fixed operators over its syntax tree.

``comparison`` swaps ``<`` and ``<=`` and their like, ``sign`` swaps plus and minus, ``boundary``
moves a whole number by one, ``dropped term`` leaves out a term of a sum, a condition, a minimum or
a maximum, ``dropped call`` leaves out a call around a value or a call that is a statement.

Annotations, docstrings, what only a type checker reads, ``assert`` and the texts of errors are not
touched: no test should depend on them.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

OPPOSITE: dict[type[ast.cmpop], str] = {
    ast.Lt: "<=",
    ast.LtE: "<",
    ast.Gt: ">=",
    ast.GtE: ">",
    ast.Eq: "!=",
    ast.NotEq: "==",
    ast.Is: "is not",
    ast.IsNot: "is",
    ast.In: "not in",
    ast.NotIn: "in",
}
WRAPPERS = frozenset({"abs", "sorted", "int", "round", "floor", "ceil", "reversed"})
CHOOSERS = frozenset({"min", "max"})
SPOKEN = frozenset({"debug", "info", "warning", "error", "exception", "log", "warn", "echo"})
MODULE = "<module>"
UNTOUCHED = (ast.Raise, ast.Assert, ast.JoinedStr, ast.Import, ast.ImportFrom)


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one module: the bytes from ``start`` to ``end`` become ``new``.

    ``nth`` counts the same changes that stand before it in its function.
    """

    module: str
    function: str
    kind: str
    line: int
    start: int
    end: int
    old: str
    new: str
    nth: int = 0

    @property
    def place(self) -> tuple[str, ...]:
        """What is changed and where, in words that outlive a comment or a moved line."""
        return (self.module, self.function, self.kind, self.old, self.new, str(self.nth))

    @property
    def name(self) -> str:
        """Return a name that says where and what."""
        change = " ".join(f"{self.old} -> {self.new}".split())
        return f"{self.module}:{self.line} {self.function}: {change}"

    def applied(self, source: str) -> str:
        """Return the source with the change in it."""
        raw = source.encode()
        return (raw[: self.start] + self.new.encode() + raw[self.end :]).decode()


def mutants(module: str, source: str) -> list[Mutant]:
    """Return every mutant of a module, in the order of its text.

    >>> source = "def f(a, b):\\n    return a < b\\n"
    >>> [f"{m.kind}: {m.old} -> {m.new}" for m in mutants("m", source)]
    ['comparison: a < b -> a <= b']
    """
    found = list(_Walk(module, source).of(ast.parse(source), Scope(MODULE)))
    before = Counter[tuple[str, ...]]()
    numbered = []
    for mutant in sorted(found, key=lambda m: (m.start, m.end, m.kind, m.new)):
        numbered.append(replace(mutant, nth=before[mutant.place]))
        before[mutant.place] += 1
    return numbered


class Scope(NamedTuple):
    """Where a change stands: a function, a class, or the module itself."""

    name: str
    function: bool = False


class _Walk:
    def __init__(self, module: str, source: str) -> None:
        self.module = module
        self.raw = source.encode()
        self.starts = [0]
        for line in self.raw.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))

    def of(self, node: ast.AST, scope: Scope) -> Iterator[Mutant]:
        """Yield the mutants of a node and of what it contains."""
        if isinstance(node, UNTOUCHED) or _for_type_checkers(node) or _names_exports(node):
            return
        for kind, changed, new in self._changes(node):
            start, end = self._span(changed)
            old = self.raw[start:end].decode()
            yield Mutant(self.module, scope.name, kind, changed.lineno, start, end, old, new)
        inner = _inside(node, scope)
        for name, value in ast.iter_fields(node):
            if name in ("annotation", "returns", "decorator_list", "type_params"):
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from self.of(child, inner)

    def _span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return (
            self.starts[node.lineno - 1] + node.col_offset,
            self.starts[node.end_lineno - 1] + node.end_col_offset,
        )

    def _text(self, node: ast.expr) -> str:
        start, end = self._span(node)
        return self.raw[start:end].decode()

    def _whole(self, node: ast.expr) -> str:
        """Return the text of a part that is to stand alone: in brackets if it needs them."""
        simple = (ast.Name, ast.Constant, ast.Call, ast.Attribute, ast.Subscript)
        return self._text(node) if isinstance(node, simple) else f"({self._text(node)})"

    def _changes(self, node: ast.AST) -> Iterator[tuple[str, ast.expr | ast.stmt, str]]:
        match node:
            case ast.Compare(ops=[op]):
                new = f"{self._whole(node.left)} {OPPOSITE[type(op)]} "
                yield "comparison", node, new + self._whole(node.comparators[0])
            case ast.BinOp(op=ast.Add() | ast.Sub()) if not _is_text(node):
                yield from self._sum(node)
            case ast.AugAssign(op=ast.Add() | ast.Sub()) if not _is_text(node.value):
                sign = "-=" if isinstance(node.op, ast.Add) else "+="
                yield "sign", node, f"{self._text(node.target)} {sign} {self._text(node.value)}"
            case ast.UnaryOp(op=ast.USub()):
                yield "sign", node, self._whole(node.operand)
            case ast.Constant(value=int(number)) if not isinstance(number, bool):
                yield "boundary", node, str(number + 1)
                yield "boundary", node, f"({number - 1})" if number < 1 else str(number - 1)
            case ast.BoolOp():
                for part in node.values:
                    rest = [self._whole(other) for other in node.values if other is not part]
                    word = " and " if isinstance(node.op, ast.And) else " or "
                    yield "dropped term", node, f"({word.join(rest)})"
            case ast.Call(func=ast.Name(id=name)) if not node.keywords:
                yield from self._called(node, name)
            case ast.Expr(value=ast.Call(func=func)) if not _speaks(func):
                yield "dropped call", node, "pass"

    def _sum(self, node: ast.BinOp) -> Iterator[tuple[str, ast.expr, str]]:
        left, right = self._whole(node.left), self._whole(node.right)
        if isinstance(node.op, ast.Add):
            yield "sign", node, f"({left} - {right})"
            yield "dropped term", node, right
        else:
            yield "sign", node, f"({left} + {right})"
        yield "dropped term", node, left

    def _called(self, node: ast.Call, name: str) -> Iterator[tuple[str, ast.expr, str]]:
        if any(isinstance(part, ast.Starred) for part in node.args):
            return
        if name in CHOOSERS and len(node.args) > 1:
            for part in node.args:
                yield "dropped term", node, self._whole(part)
        elif name in WRAPPERS and len(node.args) == 1:
            yield "dropped call", node, self._whole(node.args[0])


def _inside(node: ast.AST, scope: Scope) -> Scope:
    """Return the scope of what a node contains; functions within functions belong to the outer."""
    if scope.function or not isinstance(node, ast.ClassDef | ast.FunctionDef):
        return scope
    name = node.name if scope.name == MODULE else f"{scope.name}.{node.name}"
    return Scope(name, function=isinstance(node, ast.FunctionDef))


def _for_type_checkers(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def _names_exports(node: ast.AST) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else []
    return any(isinstance(each, ast.Name) and each.id == "__all__" for each in targets)


def _is_text(node: ast.expr) -> bool:
    if isinstance(node, ast.BinOp):
        return _is_text(node.left) or _is_text(node.right)
    text = isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)
    return text or isinstance(node, ast.JoinedStr)


def _speaks(func: ast.expr) -> bool:
    return isinstance(func, ast.Attribute) and func.attr in SPOKEN
