"""Write ``docs/cli.md``: every command and option, read from the commands themselves.

python docs/make_cli.py

The tests compare the committed page with what this prints, so a new option is documented by
running it again.
"""

from __future__ import annotations

import importlib
from pathlib import Path

import click

from jeoul.cli.main import COMMANDS

PAGE = Path(__file__).with_name("cli.md")

OPENING = """\
# Command line

*Made by `python docs/make_cli.py` from the commands themselves; do not edit it by hand.*

`jeoul COMMAND …`, or `python -m jeoul COMMAND …` where the script is not on the path. A DATE
is written 2026-06-30; a span of dates begins and ends on sessions; if jeoul moves one of them
to a session, it says so. An AMOUNT is written as people write it: `1,000,000`, `100만`, `1억
2천만`, `1e6`, `₩1,000,000`; files take the same in quotes. Kinds of account are read in any
case. Output is available in Korean and English ([preferences](#preferences)). Error messages
are in the language that is asked for, else in that of the system, else in English. Data goes
to stdout, everything else to stderr. With `--json` stdout is one JSON object whatever happens
([its schemas](json.md)). Exit codes: 0 done (holding is done) · 1 a worked case failed · 2
strategy, config or usage · 3 data · 4 no feasible portfolio · 5 broker or reconciliation · 74
a file or folder that the system refuses · 75 already running. Every command explains itself
with `--help`.

Commands keep the files of a market folder as arrays and the model's memory in the user's
cache folder (`$XDG_CACHE_HOME/jeoul`, `~/.cache/jeoul`), at most 256 MB. Answers are the same
without the cache: jeoul uses it only while every file has the same bytes. `JEOUL_CACHE=DIR`
names another folder, `JEOUL_CACHE=off` keeps nothing.

## Preferences

Four options have defaults of your own. An option on the command line counts first, then the
environment variable, then the user config, then the system, then the default.

| option | variable | key of the user config | system | default |
|---|---|---|---|---|
| `--data` | `JEOUL_DATA` | `data` | | the simulated sample |
| `--lang` | `JEOUL_LANG` | `lang` | `LC_ALL`, `LC_MESSAGES`, `LANG` | `ko` |
| `--account` | `JEOUL_ACCOUNT` | `account` | | `general` |
| `--profile` | `JEOUL_PROFILE` | `profile` | | |

The user config is `~/.config/jeoul/config.toml`, or `jeoul/config.toml` in `$XDG_CONFIG_HOME`; on
Windows it is `%APPDATA%\\jeoul\\config.toml`. Every key may be left out, and `data` is relative to
the file:

```toml
data = "market"
lang = "ko"
account = "isa"
profile = "balanced"
```

[`jeoul config`](#jeoul-config) shows each value with where it comes from. A Korean system gets
Korean, any other language English; `C` and `POSIX` are not languages. Where neither variables nor
Windows or macOS name one, it is Korean. A household or config file keeps the data, accounts and
profiles that it names, and `--answers` counts before a preferred profile.

## In a terminal

Tables and text are as wide as the terminal, or as `COLUMNS` says. Columns that do not fit side by
side continue below. In a pipe or a file each row is one line of plain text, without rules or
styles; `NO_COLOR` takes the styles away in a terminal too. Work of more than a second shows
progress on stderr, and only in a terminal.

Every command takes three more options, before its name or behind it:

| option | meaning |
|---|---|
| `-v`, `--verbose` | logs to stderr what is done; `-vv` logs more |
| `--quiet` | no progress and no notices on stderr; errors remain |
| `--log FILE` | appends the log to a file |

The values of variables that hold keys, tokens or account numbers are hidden in a log, and so are
those of variables that a file on the command line names.

## Completion

The shell completes commands, options, profiles, kinds of account, shipped strategies, files of
TOML, and the accounts of a household behind `household.toml:`. Put one line into your shell's
start-up file:

| shell | file | line |
|---|---|---|
| Bash 4.4 or newer | `~/.bashrc` | `eval "$(_JEOUL_COMPLETE=bash_source jeoul)"` |
| Zsh | `~/.zshrc` | `eval "$(_JEOUL_COMPLETE=zsh_source jeoul)"` |
| Fish | `~/.config/fish/completions/jeoul.fish` | `_JEOUL_COMPLETE=fish_source jeoul \\| source` |

In Windows PowerShell 5.1 and PowerShell 7, put these lines into the file that `$PROFILE` names:

```powershell
$env:_JEOUL_COMPLETE = 'powershell_source'
jeoul | Out-String | Invoke-Expression
Remove-Item Env:_JEOUL_COMPLETE
```

## Commands
"""


def page() -> str:
    """Return the whole page as Markdown."""
    commands = {name: _load(name) for name in COMMANDS}
    index = ["| command | |", "|---|---|"]
    index += [f"| [`{name}`](#jeoul-{name}) | {COMMANDS[name][2]} |" for name in commands]
    parts = [section(f"jeoul {name}", command) for name, command in commands.items()]
    return "\n".join([OPENING, *index, "", "\n\n".join(parts)]) + "\n"


def section(title: str, command: click.Command) -> str:
    """Return heading, call, explanation and options of a command, then its subcommands."""
    lines = [f"## {title}", "", "```text", call(title, command), "```", ""]
    lines += [_paragraphs(command.help or ""), ""]
    options = [p for p in command.params if isinstance(p, click.Option) and not p.hidden]
    if options:
        lines += ["| option | value | default | meaning |", "|---|---|---|---|"]
        lines += [row(option) for option in options]
    text = "\n".join(lines).rstrip()
    if isinstance(command, click.Group):
        inner = [section(f"{title} {name}", sub) for name, sub in sorted(command.commands.items())]
        text = "\n\n".join([text, *inner])
    return text


def call(title: str, command: click.Command) -> str:
    """Return how a command is called: its arguments and the options that must be given."""
    with click.Context(command, info_name=title) as context:
        words = [title]
        for param in command.params:
            if isinstance(param, click.Argument):
                words.append(param.make_metavar(context))
            elif isinstance(param, click.Option) and param.required:
                choices = _value(param).replace("` `", "|").strip("`")
                words.append(f"{_name(param)} {choices}")
    if any(isinstance(p, click.Option) and not p.required for p in command.params):
        words.append("[OPTIONS]")
    if isinstance(command, click.Group):
        words.append("COMMAND …")
    return " ".join(words)


def row(option: click.Option) -> str:
    """Return an option as a row of the table."""
    default = option.default
    if option.required:
        shown = "required"
    elif isinstance(default, (str, int, float)) and not option.is_flag and not option.multiple:
        shown = f"`{default}`"
    elif isinstance(option.show_default, str):
        shown = f"`{option.show_default}`"
    else:
        shown = ""
    names = ", ".join(f"`{name}`" for name in [*option.opts, *option.secondary_opts])
    meaning = " ".join((option.help or "").split()).replace("|", "\\|")
    return f"| {names} | {_value(option)} | {shown} | {meaning} |".replace("  ", " ")


def _load(name: str) -> click.Command:
    module, attribute, _ = COMMANDS[name]
    command: click.Command = getattr(importlib.import_module(module), attribute)
    return command


def _name(option: click.Option) -> str:
    return max(option.opts, key=len)


def _value(option: click.Option) -> str:
    if option.is_flag:
        return ""
    kind = option.type
    if isinstance(kind, click.Choice):
        return " ".join(f"`{choice}`" for choice in kind.choices)
    word = option.metavar or kind.name.upper().removesuffix(" RANGE")
    if isinstance(kind, click.IntRange | click.FloatRange):
        word += "".join(
            f", {limit} {bound}"
            for limit, bound in (("at least", kind.min), ("at most", kind.max))
            if bound is not None
        )
    return f"{word}…" if option.multiple else word


def _paragraphs(text: str) -> str:
    blocks = text.replace("\b\n", "").split("\n\n")
    return "\n\n".join(" ".join(block.split()) for block in blocks)


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
