"""Compiling a function from its own source, so that one definition runs plain and compiled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from types import FunctionType
from typing import Any


def rebound(function: Any, space: dict[str, Any]) -> FunctionType:
    """Return a function that looks its global names up in ``space``.

    Compiled parts put there take the place of the plain ones that the function calls.

    >>> def area(side):
    ...     return power(side)
    >>> rebound(area, {"power": lambda side: side * side})(3)
    9
    """
    twin = FunctionType(function.__code__, space, function.__name__)
    twin.__qualname__ = function.__qualname__
    return twin


def digest_of(functions: Iterable[Any], space: Mapping[str, Any]) -> str:
    """Return a digest of functions as a compiler sees them, with the numbers that they look up.

    A compiler writes the numbers of ``space`` into its code. They may be those of another module,
    whose change nobody would see who looks at the file of a function.

    >>> def area(side):
    ...     return side * FACTOR
    >>> digest_of([area], {"FACTOR": 2}) == digest_of([area], {"FACTOR": 3})
    False
    """
    codes = [each.__code__ for each in functions]
    names = sorted({name for code in codes for name in code.co_names})
    numbers = [(name, space[name]) for name in names if isinstance(space.get(name), int | float)]
    seen = [(code.co_code, code.co_consts, code.co_names) for code in codes]
    return sha256(repr((seen, numbers)).encode()).hexdigest()
