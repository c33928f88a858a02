"""Words as people type them: spaces, letter case, width and Korean particles do not matter."""

from __future__ import annotations

import unicodedata

_PARTICLES = (
    "으로", "에서", "에는", "이나", "라는", "이라는",
    "은", "는", "이", "가", "을", "를", "의", "에", "와", "과", "도", "만", "로", "나", "용",
)  # fmt: skip
_LEAST = 2  # letters that must be left of a word once a particle is taken off


def folded(text: str) -> str:
    """Return text in one width, in small letters and without spaces and marks.

    >>> folded("ＴＩＧＥＲ 미국 S&P 500")
    'tiger미국s&p500'
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(letter for letter in plain if letter.isalnum() or letter in "&+.%")


def stems(word: str) -> tuple[str, ...]:
    """Return a word as it may be meant: as typed, and without a particle at its end.

    >>> stems("커버드콜을")
    ('커버드콜을', '커버드콜')
    """
    whole = folded(word)
    cut = [
        whole[: -len(particle)]
        for particle in _PARTICLES
        if whole.endswith(particle) and len(whole) - len(particle) >= _LEAST
    ]
    return tuple(dict.fromkeys([whole, *cut]))
