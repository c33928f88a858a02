"""Why a command failed, as one record: what goes to stderr, to JSON and to the exit code."""

from __future__ import annotations

import errno
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from types import MappingProxyType

import click

from jeoul.errors import FILES, JeoulError, Problem, RuleError
from jeoul.messages import LANGUAGES, say
from jeoul.translation import in_language
from jeoul.workspace.preferences import system_language, user_config

STOPPED = 130  # what a shell reports for a command ended by Ctrl-C: 128 + SIGINT
_ANOTHER_PLACE = "choose a place where you may write"
_ANOTHER_PATH = "correct the path: it names a file where a folder is needed, or the other way round"
_ROOM = "make room, or choose another disk"
REMEDIES: Mapping[int, str] = MappingProxyType(
    {
        errno.ENOENT: "make the folder first, or correct the path",
        errno.ENOTDIR: _ANOTHER_PATH,
        errno.EISDIR: _ANOTHER_PATH,
        errno.EEXIST: _ANOTHER_PATH,
        errno.EACCES: _ANOTHER_PLACE,
        errno.EPERM: _ANOTHER_PLACE,
        errno.EROFS: _ANOTHER_PLACE,
        errno.ENOSPC: _ROOM,
        errno.EDQUOT: _ROOM,
    }
)
_LANG = "--lang"
_VARIABLE = "JEOUL_LANG"
_MOST = 65_536  # characters of a config that are read for its language


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a command failed; ``told`` is what a person reads, both in the language asked for.

    ``code`` is what `jeoul explain` knows it by; None for an error that nobody raised deliberately.
    """

    kind: str
    reason: str
    exit_code: int
    told: str
    problems: tuple[Problem, ...] = ()
    code: str | None = None


def _refused(
    kind: str, reason: str, exit_code: int, code: str, problems: tuple[Problem, ...] = ()
) -> Refusal:
    """Return a refusal whose text ends with its code."""
    return Refusal(
        kind=kind,
        reason=reason,
        exit_code=exit_code,
        told=f"jeoul: {reason} [{code}]",
        problems=problems,
        code=code,
    )


def refusal_of(error: Exception, language: str) -> Refusal | None:
    """Return why a command failed; None for an error that nobody raised deliberately."""
    if isinstance(error, JeoulError):
        problems = tuple(
            in_language(problem, language) for problem in getattr(error, "problems", ())
        )
        reason = "\n".join(map(str, problems)) or _told(error, language)
        kind = type(error).__name__
        return _refused(kind, reason, error.exit_code, kind, problems)
    if isinstance(error, click.exceptions.Abort):
        reason = in_language("stopped", language)
        return _refused("Stopped", reason, STOPPED, "Stopped")
    if isinstance(error, click.ClickException):
        return _misused(error, language)
    if isinstance(error, OSError):
        remedy = REMEDIES.get(error.errno or 0, "remove the cause, and run it again")
        place = error.filename or in_language("the output", language)  # a write names no file
        why = in_language(error.strerror or str(error), language)
        reason = f"{place}: {why}; {in_language(remedy, language)}"
        return _refused(type(error).__name__, reason, FILES, "OSError")
    return None


def without_urls(refusal: Refusal, words: Sequence[str]) -> Refusal:
    """Return a refusal in which no password of a database's URL stands, in whatever it quotes."""
    from jeoul.postgres_url import without_url_secrets

    def clean(text: str) -> str:
        return without_url_secrets(text, words)

    problems = tuple(
        replace(
            problem,
            file=clean(problem.file),
            message=clean(problem.message),
            key=None if problem.key is None else clean(problem.key),
            remedy=None if problem.remedy is None else clean(problem.remedy),
        )
        for problem in refusal.problems
    )
    return replace(
        refusal, reason=clean(refusal.reason), told=clean(refusal.told), problems=problems
    )


def _told(error: JeoulError, language: str) -> str:
    """Return the text of an error; the name of a rule and its source are of no language."""
    if not isinstance(error, RuleError):
        return in_language(str(error), language)
    return f"{error.rule}: {in_language(error.message, language)} [{error.source}]"


def _misused(error: click.ClickException, language: str) -> Refusal:
    if isinstance(error, click.exceptions.NoArgsIsHelpError):  # a group without a command
        reason = in_language("Missing command.", language)
        return Refusal("UsageError", reason, error.exit_code, error.format_message())
    said = " ".join(error.format_message().split())  # choices come one a line
    reason, context = in_language(said, language), getattr(error, "ctx", None)
    code = "UsageError"
    told = f"{say(language, 'usage.error', {'reason': reason})} [{code}]"
    if context is not None:
        option = max(context.help_option_names, key=len)
        detail = {
            "usage": context.get_usage().removeprefix("Usage: "),
            "help": f"{context.command_path} {option}",
        }
        told = say(language, "usage.line", detail) + told
    return Refusal(code, reason, error.exit_code, told, code=code)


def asked_language(words: Sequence[str], environment: Mapping[str, str]) -> str:
    """Return the language that a command line asks for, English where it asks for none.

    It may be wrong in every other way: ``--lang`` counts first, then ``JEOUL_LANG``, then ``lang``
    in the first config that the line names, then the user config and the system.

    >>> asked_language(["report", "--lang", "ko", "--bad"], {}), asked_language(["report"], {})
    ('ko', 'en')
    """
    files = [*_configs(words), user_config(environment)]
    named = [*_option(words), environment.get(_VARIABLE, ""), *map(_lang_of, files)]
    asked = next((name for name in named if name in LANGUAGES), None)
    system = system_language(environment)
    return asked or ("en" if system is None else str(system.value))


def _option(words: Sequence[str]) -> list[str]:
    pairs = zip_longest(words, words[1:], fillvalue="")
    return [
        word.removeprefix(f"{_LANG}=") if word.startswith(f"{_LANG}=") else after
        for word, after in pairs
        if word == _LANG or word.startswith(f"{_LANG}=")
    ]


def _configs(words: Sequence[str]) -> list[Path]:
    """Return the configs that a line runs; one that is only checked asks for nothing."""
    if words[:1] == ["check"]:
        return []
    named = (word.removeprefix("--config=") for word in words)
    return [Path(word) for word in named if word.endswith(".toml")]


def _lang_of(path: Path) -> str:
    """Return the language that a file gives at its top, which may be wrong in every other way."""
    if not path.is_file():
        return ""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            lines = file.read(_MOST).splitlines()
    except OSError:
        return ""
    for line in lines:
        key, _, value = line.partition("=")
        if key.strip() == "lang":
            return value.partition("#")[0].strip(" \t\"'")
        if key.lstrip().startswith("["):
            break
    return ""
