"""The words of a command line that ask for JSON, also where the line is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

ALWAYS = ("run", "ledger restore")
"""The commands that print JSON without being asked."""


def is_json_asked(words: Sequence[str]) -> bool:
    """Return whether the words of a command line ask for JSON, also where they are wrong.

    >>> is_json_asked(["report", "--json=1"]), is_json_asked(["run", "a.toml"])
    (True, True)
    """
    options = list(words[: words.index("--")] if "--" in words else words)
    named = " ".join(word for word in options if not word.startswith("-"))
    return any(word == "--json" or word.startswith("--json=") for word in options) or any(
        named == command or named.startswith(f"{command} ") for command in ALWAYS
    )


def explicit(words: Iterable[str]) -> list[str]:
    """Return the words with a value behind each bare ``--json``, so that none takes the next word.

    >>> explicit(["guard", "--json", "managed"])
    ['guard', '--json=', 'managed']
    """
    found, options = [], True
    for word in words:
        options = options and word != "--"
        found.append("--json=" if options and word == "--json" else word)
    return found
