"""How deep a text of JSON is nested, found without reading it: a parser may recurse without end."""

from __future__ import annotations

from itertools import accumulate

DEEPEST = 32
"""Objects and lists within one another; an answer of a broker or a vendor has three to eight."""

_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


def depth(content: bytes) -> int:
    """Return how many brackets are open at most; those in texts count too, and no text has 32.

    >>> depth(b'{"a": [1, [2]]}'), depth(b"[" * 2000)
    (3, 2000)
    """
    signs = content.translate(None, delete=_NOT_BRACKETS)
    return max(accumulate(1 if sign in b"[{" else -1 for sign in signs), default=0)
