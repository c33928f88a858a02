"""Arrays as bytes behind a line of JSON that says what they are, and back without copying them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

_ALIGNED = 8  # bytes at which every array begins


def packed(head: object, arrays: Sequence[Array]) -> bytes:
    """Return JSON values and arrays as bytes, to the last bit.

    >>> head, (numbers,) = unpacked(packed({"kind": "sums"}, [np.array([0.1, np.nan])]))
    >>> head, numbers.tolist()
    ({'kind': 'sums'}, [0.1, nan])
    """
    line = json.dumps([head, [(a.dtype.str, a.shape) for a in arrays]]).encode()
    blocks = [_padded(line + b"\n"), *(_padded(np.ascontiguousarray(a).tobytes()) for a in arrays)]
    return b"".join(blocks)


def unpacked(content: bytes) -> tuple[Any, list[Array]]:
    """Return what :func:`packed` wrote; the arrays can be written to."""
    line, _, _ = content.partition(b"\n")
    head, forms = json.loads(line)
    place = _next(len(line) + 1)
    # The only copy: arrays over bytes could not be written to.
    body = bytearray(content)
    arrays: list[Array] = []
    for kind, shape in forms:
        dtype, count = np.dtype(kind), int(np.prod(shape))
        arrays.append(np.frombuffer(body, dtype, count, place).reshape(shape))
        place = _next(place + count * dtype.itemsize)
    return head, arrays


def _next(place: int) -> int:
    return -(-place // _ALIGNED) * _ALIGNED


def _padded(block: bytes) -> bytes:
    return block.ljust(_next(len(block)), b" ")
