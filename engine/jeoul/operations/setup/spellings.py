"""Where a secret is in a text: as it is, in any case, encoded, in part, and as a spelt number."""

from __future__ import annotations

import html
import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, quote_plus

PART = 10
"""Characters of a secret in a row that are hidden by themselves."""
DIGITS = 8
"""Digits of a number in a row that are: the part of a Korean account number that names a person."""

_NUMBER = re.compile(r"[0-9][0-9 .-]*[0-9]", re.ASCII)
_BETWEEN = "[-. ]?"


@dataclass(frozen=True, slots=True, repr=False)
class Traces:
    """What gives secrets away: the texts that they have, parts of these, and runs of digits."""

    whole: re.Pattern[str]
    parts: frozenset[str]
    digits: re.Pattern[str] | None

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return where a text has a secret or a part of one, in order and apart."""
        found = [match.span() for match in self.whole.finditer(text)]
        plain = _small(text)
        found += [
            (at, at + PART)
            for at in range(len(plain) - PART + 1)
            if plain[at : at + PART] in self.parts
        ]
        if self.digits is not None:
            found += [match.span(1) for match in self.digits.finditer(text)]
        return _apart(found)


@lru_cache(maxsize=32)
def traces(secrets: tuple[str, ...]) -> Traces | None:
    """Return what gives secrets away, None where none of them has a value."""
    values = {spelt for value in secrets for spelt in (value, value.strip()) if spelt}
    forms = {form for value in values for form in spellings(value)}
    if not forms:
        return None
    longest_first = sorted(forms, key=lambda form: (-len(form), form))
    runs = {run for value in values for run in _runs(value)}
    return Traces(
        whole=re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE),
        parts=frozenset(
            _small(form)[at : at + PART] for form in forms for at in range(len(form) - PART + 1)
        ),
        digits=re.compile(f"(?=({'|'.join(sorted(runs))}))") if runs else None,
    )


def spellings(value: str) -> Iterator[str]:
    r"""Yield a secret as it is and as addresses, pages, JSON, hexadecimal and Base64 have it.

    >>> sorted({form for form in spellings("a/b=") if len(form) < 10})
    ['a%2Fb%3D', 'a/b%3D', 'a/b=', 'a\\/b=']
    """
    raw = value.encode(errors="surrogateescape")
    yield value
    for once in (quote(raw), quote(raw, safe=""), quote_plus(raw)):  # the first leaves / as it is
        yield once
        yield quote(once, safe="")
    yield html.escape(value)
    as_json = json.dumps(value)[1:-1]
    yield as_json
    yield as_json.replace("/", "\\/")
    escaped = "".join(f"\\u{ord(sign):04x}" for sign in value)
    encoded = [raw.hex(), "".join(f"%{byte:02x}" for byte in raw), escaped, *_base64(raw)]
    yield from (form for form in encoded if len(form) >= PART)


def _base64(raw: bytes) -> Iterator[str]:
    """Yield the characters that a secret alone decides, wherever in a longer text it begins."""
    for before in range(3):
        first, last = -(-before * 8 // 6), (before + len(raw)) * 8 // 6
        for encode in (b64encode, urlsafe_b64encode):
            yield encode(bytes(before) + raw).decode()[first:last]


def _runs(value: str) -> Iterator[str]:
    """Yield a pattern for each run of digits of a number, however a text parts them."""
    digits = re.sub("[^0-9]", "", value) if _NUMBER.fullmatch(value) else ""
    for at in range(len(digits) - DIGITS + 1):
        yield _BETWEEN.join(digits[at : at + DIGITS])


def _small(text: str) -> str:
    """Return a text in small letters, each sign where it was: some have a longer small form."""
    plain = text.lower()
    if len(plain) == len(text):
        return plain
    return "".join(small if len(small := sign.lower()) == 1 else sign for sign in text)


def _apart(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found
