"""Numbers as a notebook has them, turned into arrays in the order of labels, or refused."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jeoul.errors import BadValue
from jeoul.model.calendar import Reals

_NUMBERS = (int, float, np.integer, np.floating, Decimal, Fraction, str)
_MOST = 1e18  # about what an int64 holds
_LABELLED = "give each label once"


def number(what: str, given: object, *, finite: bool = True) -> float:
    """Return a number that may be an ``np.int64``, a ``Decimal`` or text.

    Raises :class:`~jeoul.errors.BadValue` for anything else, for NaN, and with ``finite`` for
    infinity.

    >>> from decimal import Decimal
    >>> number("limit", Decimal("0.4")), number("limit", "0.4")
    (0.4, 0.4)
    """
    if isinstance(given, np.ndarray) and given.ndim == 0:
        given = given.item()
    if isinstance(given, _NUMBERS) and not isinstance(given, bool):
        try:
            found = float(given)
        except (ValueError, OverflowError):
            found = math.nan
        if not math.isnan(found) and not (finite and math.isinf(found)):
            return found
    raise BadValue(f"{what} is {_short(given)}; give a number")


def whole(what: str, given: object) -> int:
    """Return a whole number that may be an ``np.int64``, a ``Decimal``, text or 3.0.

    >>> whole("shares", np.int64(3)), whole("shares", 3.0)
    (3, 3)
    """
    if type(given) is int:
        return given
    exact = _exact(given)
    if exact is None or exact != int(exact):
        raise BadValue(f"{what} is {_short(given)}; give a whole number")
    return int(exact)


def exact(what: str, given: object) -> Decimal:
    """Return a number as a ``Decimal``, a float as it is written.

    >>> exact("fee", 0.00015)
    Decimal('0.00015')
    """
    number(what, given)
    if isinstance(given, Fraction):
        return Decimal(given.numerator) / Decimal(given.denominator)
    return Decimal(str(given))


def _exact(given: object) -> Fraction | None:
    if isinstance(given, bool | np.bool_) or not isinstance(given, _NUMBERS):
        return None
    try:
        if not abs(float(given)) < _MOST:  # written out, 1e999999999 would fill the memory
            return None
        return Fraction(str(given) if isinstance(given, np.generic) else given)
    except (ValueError, OverflowError, ZeroDivisionError):
        return None


def labels_of(given: Any) -> tuple[str, ...] | None:
    """Return the labels of a Series, a DataFrame's rows or a mapping as text; None without any.

    >>> labels_of({"a": 0.1, 2: 0.2}), labels_of([0.1, 0.2])
    (('a', '2'), None)
    """
    if isinstance(given, Mapping):
        return tuple(map(str, given))
    index = getattr(given, "index", None)
    return None if index is None or callable(index) else tuple(map(str, index))


def unique(what: str, labels: Any) -> tuple[str, ...]:
    """Return labels as text, or raise :class:`~jeoul.errors.BadValue` for none or a repeated one.

    >>> unique("the means", ["a", 2])
    ('a', '2')
    """
    if isinstance(labels, str | bytes) or not isinstance(labels, Collection | np.ndarray):
        raise BadValue(f"the labels of {what} are {_short(labels)}; give a list of them")
    found = tuple(map(str, labels))
    if not found or len(set(found)) < len(found):
        repeated = sorted({label for label in found if found.count(label) > 1})
        said = f"repeat {', '.join(repeated)}" if repeated else "are empty"
        raise BadValue(f"the labels of {what} {said}; {_LABELLED}")
    return found


def vector(
    what: str, given: Any, labels: Sequence[str], *, missing: float | None = None,
    finite: bool = True,
) -> Reals:  # fmt: skip
    """Return numbers in the order of labels.

    Labelled numbers are matched by label; ``missing`` stands in for one that is not given. Others
    are taken in their order: a list, an array, or a table of one row or column.
    """
    own = labels_of(given)
    if own is None:
        return _unlabelled(what, given, labels, finite=finite)
    by_label = dict(zip(unique(what, own), _flat(what, given), strict=True))
    _refuse_unknown(what, own, labels)
    lacking = [label for label in labels if label not in by_label]
    if lacking and missing is None:
        raise BadValue(f"{what} lacks {', '.join(lacking)}; give a number for every label")
    return np.array(
        [
            number(f"{what} of {label}", by_label[label], finite=finite)
            if label in by_label
            else missing
            for label in labels
        ],
        dtype=float,
    )


def counts(what: str, given: Any) -> dict[str, int]:
    """Return the whole numbers of a mapping or a Series by label.

    >>> counts("the shares", {"069500": np.int64(30), 148070: "2"})
    {'069500': 30, '148070': 2}
    """
    names, values = labels_of(given), _flat(what, given)
    if names is None:
        raise BadValue(f"{what} are {_short(given)}; map each label to a number")
    labels = unique(what, names) if names else ()
    return {label: whole(f"{what} of {label}", n) for label, n in zip(labels, values, strict=True)}


def matrix(what: str, given: Any, labels: Sequence[str]) -> Reals:
    """Return a square of numbers whose rows and columns are in the order of labels.

    A DataFrame, or a mapping of mappings, is matched by label, rows and columns apart.
    """
    own, n = labels_of(given), len(labels)
    if own is None:
        values = _array(what, given)
        if values.shape != (n, n):
            raise BadValue(f"{what} has shape {values.shape}; {n} labels need ({n}, {n})")
        return values
    if isinstance(given, Mapping):
        _refuse_other(what, unique(what, own), labels)
        rows = {str(label): vector(what, row, labels) for label, row in given.items()}
        return np.ascontiguousarray([rows[label] for label in labels])
    names = tuple(map(str, getattr(given, "columns", ())))
    for found in (own, names):
        unique(what, found)
        _refuse_other(what, found, labels)
    rank, file = ([found.index(label) for label in labels] for found in (own, names))
    return np.ascontiguousarray(_array(what, given)[np.ix_(rank, file)])


def rows(what: str, given: Any, labels: Sequence[str]) -> list[Reals]:
    """Return the rows of a table, each in the order of labels.

    The columns of a DataFrame and the keys of a mapping of columns are matched by label, as are
    rows that have labels of their own; other rows are taken in their order.

    >>> rows("weights", {"b": [0.4, 1.0], "a": [0.6, 0.0]}, ["a", "b"])
    [array([0.6, 0.4]), array([0., 1.])]
    """
    names = list(given) if isinstance(given, Mapping) else getattr(given, "columns", None)
    if names is not None:
        _refuse_other(what, unique(what, names), labels)
        columns = {str(name): _flat(what, given[name]) for name in names}
        if len(set(map(len, columns.values()))) > 1:
            raise BadValue(f"the columns of {what} differ in length; give each as many numbers")
        return list(np.ascontiguousarray(_array(what, [columns[label] for label in labels]).T))
    if not isinstance(given, Sequence | np.ndarray) or isinstance(given, str | bytes):
        raise BadValue(f"{what} is {_short(given)}; give a list, an array or a table of numbers")
    return [vector(f"row {number} of {what}", row, labels) for number, row in enumerate(given, 1)]


def booleans(what: str, given: Any) -> NDArray[np.bool_]:
    """Return a list or an array of booleans as an array."""
    values = _flat(what, given)
    if not all(isinstance(value, bool | np.bool_) for value in values):
        raise BadValue(f"{what} is {_short(given)}; give booleans")
    return np.array(values, dtype=bool)


def mask(what: str, given: Any, labels: Sequence[str]) -> NDArray[np.bool_]:
    """Return one boolean a label, matched by label where there are any."""
    own = labels_of(given)
    values = _flat(what, given)
    if own is not None:
        by_label = dict(zip(unique(what, own), values, strict=True))
        _refuse_other(what, own, labels)
        values = [by_label[label] for label in labels]
    if len(values) != len(labels) or not all(isinstance(v, bool | np.bool_) for v in values):
        raise BadValue(f"{what} is {_short(given)}; give {len(labels)} booleans")
    return np.array(values, dtype=bool)


def _unlabelled(what: str, given: Any, labels: Sequence[str], *, finite: bool) -> Reals:
    values, n = _array(what, given, finite=finite), len(labels)
    if values.shape not in ((n,), (n, 1), (1, n)):
        raise BadValue(f"{what} has shape {values.shape}; give {n} numbers")
    return values.reshape(n)


def _flat(what: str, given: Any) -> list[Any]:
    """Return the entries of something with one dimension, or with one row or column."""
    if isinstance(given, Mapping):
        return list(given.values())
    if isinstance(given, str | bytes) or not isinstance(given, Collection | np.ndarray):
        raise BadValue(f"{what} is {_short(given)}; give a list, an array, a Series or a mapping")
    values = np.array(_listed(given), dtype=object)
    if values.ndim > 2 or (values.ndim == 2 and 1 not in values.shape):
        raise BadValue(f"{what} has shape {values.shape}; give one number for every label")
    return list(values.reshape(-1))


def _array(what: str, given: Any, *, finite: bool = True) -> Reals:
    """Return numbers without labels as an array of floats, each of them checked."""
    if isinstance(given, np.ndarray) and given.dtype == np.float64:
        values: Reals = np.ascontiguousarray(given)
    elif isinstance(given, str | bytes) or not isinstance(given, Collection | np.ndarray):
        raise BadValue(f"{what} is {_short(given)}; give a list, an array or a table of numbers")
    else:
        values = _converted(what, given, finite=finite)
    wrong = ~np.isfinite(values) if finite else np.isnan(values)
    if wrong.any():
        raise BadValue(
            f"{what} has NaN or infinite numbers; leave those assets out, or estimate them from a "
            "longer history"
        )
    return values


def _converted(what: str, given: Any, *, finite: bool) -> Reals:
    try:
        entries = np.array(_listed(given), dtype=object)
    except ValueError:  # rows of different lengths
        entries = np.empty((), dtype=object)
    found = [number(f"an entry of {what}", entry, finite=finite) for entry in entries.reshape(-1)]
    return np.array(found, dtype=float).reshape(entries.shape)


def _listed(given: Any) -> Any:
    """Return the entries as lists: a set has no order, and numpy keeps it whole."""
    values = getattr(given, "to_numpy", None)
    if callable(values):
        return values(dtype=object)
    return given if isinstance(given, np.ndarray) else _nested(given)


def _nested(given: Any) -> Any:
    if isinstance(given, np.ndarray) and given.ndim == 0:
        return given.item()
    if isinstance(given, Sequence | np.ndarray) and not isinstance(given, str | bytes):
        return [_nested(inner) for inner in given]
    return given


def _refuse_unknown(what: str, names: Iterable[str], labels: Sequence[str]) -> None:
    unknown = sorted(set(names) - set(labels))
    if unknown:
        raise BadValue(
            f"{what} names {', '.join(unknown)}, which are not among the labels; correct them"
        )


def _refuse_other(what: str, names: Iterable[str], labels: Sequence[str]) -> None:
    if set(names) != set(labels):
        raise BadValue(f"{what} has other labels than the rest; give it the same")


def _short(given: object) -> str:
    text = repr(given)
    return text if len(text) <= 60 else f"{text[:57]}..."
