"""``jeoul``: one lazy group of commands; heavy libraries load inside the one that needs them."""

from __future__ import annotations

import atexit
import gc
import importlib
import os
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

import jeoul
from jeoul.cli.json_words import explicit, is_json_asked
from jeoul.cli.talk import Talk, talk_options, talking, with_talk_options
from jeoul.cli.terminal import fitted
from jeoul.errors import visible

if TYPE_CHECKING:
    from jeoul.cli.refusals import Refusal

COMMANDS = {
    "report": ("jeoul.cli.report", "report", "Allocation report for one profile or all three."),
    "profile": ("jeoul.cli.profile", "profile", "Score the questionnaire and name the profile."),
    "import": (
        "jeoul.cli.holdings_import",
        "import_holdings",
        "Read a broker's holdings file and show what was read.",
    ),
    "decide": ("jeoul.cli.decide", "decide", "Whole-share orders for one account."),
    "batch": ("jeoul.cli.batch", "batch", "Whole-share orders for a file of accounts."),
    "household": (
        "jeoul.cli.household",
        "household",
        "Plan every account of a household together, after tax.",
    ),
    "firm": ("jeoul.cli.firm", "firm", "Plan, approve and settle a day of many clients."),
    "goals": ("jeoul.cli.goals", "goals", "Show how likely each goal is and what it needs."),
    "config": ("jeoul.cli.config", "config", "Show your preferences and where they come from."),
    "check": (
        "jeoul.cli.check",
        "check",
        "Check files, all problems at once.",
    ),
    "new": (
        "jeoul.cli.new",
        "new",
        "Write a starter universe, strategy, config, rates or household file.",
    ),
    "init": (
        "jeoul.cli.household_new",
        "init",
        "Write the file of your household and its first page.",
    ),
    "guard": ("jeoul.cli.guard", "guard", "The overlay's state for every New York session."),
    "backtest": ("jeoul.cli.backtest", "backtest", "Backtest one profile of a strategy."),
    "drill": ("jeoul.cli.drill", "drill", "A household's accounts through a past crisis."),
    "compare": (
        "jeoul.cli.compare",
        "compare",
        "Effect of a changed setting, and whether it exceeds chance.",
    ),
    "sweep": ("jeoul.cli.sweep", "sweep", "Backtest a grid of settings, and count the trials."),
    "evidence": (
        "jeoul.cli.evidence",
        "evidence",
        "The risk rules compared with holding less risk.",
    ),
    "feedback": (
        "jeoul.cli.feedback",
        "feedback",
        "Whether learning which rule set to follow would have helped.",
    ),
    "run": ("jeoul.cli.run", "run", "A scheduled run: decide, and place each order once."),
    "serve": ("jeoul.cli.serve", "serve", "Show your accounts as pages, on this machine."),
    "history": ("jeoul.cli.history", "history", "Past runs with their reasons."),
    "promises": (
        "jeoul.cli.promises",
        "promises",
        "Promised ranges of return and risk, and how often they held.",
    ),
    "forward": (
        "jeoul.cli.forward",
        "forward",
        "Monthly results of rules since the day they were chosen.",
    ),
    "statement": (
        "jeoul.cli.statement",
        "statement",
        "Statement of an account or a household: value, returns, costs, taxes.",
    ),
    "resolve": ("jeoul.cli.resolve", "resolve", "Record the outcome of an order."),
    "replay": ("jeoul.cli.replay", "replay", "Rebuild a past decision and compare."),
    "schedule": ("jeoul.cli.schedule", "schedule", "Timer entries and the next ten runs."),
    "broker": ("jeoul.cli.broker", "broker", "Try a broker's interface before a first run."),
    "health": ("jeoul.cli.health", "health", "Last run, next run and missed sessions."),
    "metrics": ("jeoul.cli.metrics", "metrics", "Metrics of accounts and firms for a monitor."),
    "letter": (
        "jeoul.cli.letter",
        "letter",
        "A quarter's report of an account or a household.",
    ),
    "promote": (
        "jeoul.cli.promote",
        "promote",
        "Record why an account's rules are changed.",
    ),
    "audit": ("jeoul.cli.audit", "audit", "Write a quarter's evidence as files with hashes."),
    "ledger": ("jeoul.cli.ledger", "ledger", "Check, back up and restore the ledger."),
    "fetch": ("jeoul.cli.fetch", "fetch", "Fetch real prices into a market folder."),
    "data": ("jeoul.cli.data", "data", "Coverage, gaps and findings of a market folder."),
    "rules": ("jeoul.cli.rules", "rules", "Check a file of worked cases of the Korean rules."),
    "ask": ("jeoul.cli.ask", "ask", "Compute one Korean rule, step by step."),
    "plan": ("jeoul.cli.plan", "plan", "This year's contributions, limits and deadlines."),
    "taxes": ("jeoul.cli.taxes", "taxes", "Tax promised and tax paid, and why they differ."),
    "recommend": ("jeoul.cli.recommend", "recommend", "Compare products for one person."),
    "els": ("jeoul.cli.els", "els", "Payoffs of a step-down ELS on real or simulated paths."),
    "products": (
        "jeoul.cli.products",
        "products",
        "Search kinds of product and funds listed in Korea.",
    ),
    "explain": ("jeoul.cli.explain", "explain", "Explain a code of an error or a reason."),
    "glossary": ("jeoul.cli.glossary", "glossary", "Explain a financial term."),
    "compare-accounts": (
        "jeoul.cli.compare_accounts",
        "compare_accounts",
        "Ten years of contributions in each kind of account, after all taxes.",
    ),
}

_COMPLETE = "_JEOUL_COMPLETE"  # set by a shell that asks what may come behind a word
BROKEN_PIPE = 141  # as a shell counts a process that SIGPIPE has ended


class LazyGroup(click.Group):
    """A group that imports a command only when it is run or asked for help."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the names in the order of the table."""
        return list(COMMANDS)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the words of a line; ``--json`` may have a version and never takes a word."""
        return super().parse_args(ctx, explicit(args))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Return a command, imported now; None for an unknown name."""
        if cmd_name not in COMMANDS:
            return None
        module, name, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), name)
        return with_talk_options(command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that a line names; a refusal names those that are near."""
        from difflib import get_close_matches

        name = args[0]
        near = get_close_matches(name, COMMANDS)
        if name in COMMANDS or name.startswith("-") or not near or ctx.resilient_parsing:
            return super().resolve_command(ctx, args)
        named = ", ".join(map(repr, near))
        hint = f"Did you mean {named}?" if len(near) == 1 else f"(Did you mean one of: {named}?)"
        raise click.UsageError(f"No such command {name!r}. {hint}", ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the summaries of the table, without importing any command."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, _, summary) in COMMANDS.items()])


@click.group(
    cls=LazyGroup,
    params=talk_options(),
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(jeoul.__version__, prog_name="jeoul")
def cli() -> None:
    """A rule-based robo-advisor engine: from answers to checked whole-share orders.

    Without --data every command runs on a simulated sample market and says so. Nothing here
    promises a return.
    """


def main() -> None:
    """Run the command line: refusals go to stderr, with the exit code of their kind."""
    _write_utf8()
    _collect_less()
    os.environ.setdefault(
        "PYDANTIC_DISABLE_PLUGINS", "__all__"
    )  # it would look for some, for 20 ms
    words = sys.argv[1:]
    as_json = is_json_asked(words)
    is_raw = as_json or _COMPLETE in os.environ
    if _COMPLETE in os.environ:
        importlib.import_module("jeoul.cli.powershell").register()
    with talking(words, os.environ) as talk, fitted(is_raw=is_raw):
        run(lambda: _logged(words, talk), words, as_json=as_json)


def _collect_less() -> None:
    """Look for garbage less often, and not at the end: most objects of a command are modules."""
    gc.set_threshold(20_000)
    atexit.register(gc.freeze)


def _logged(words: list[str], talk: Talk) -> Any:
    """Run the command line; its end is logged, and why it failed."""
    begun = time.monotonic()
    try:
        code = cli(standalone_mode=False, obj=talk, complete_var=_COMPLETE)
    except Exception as error:
        talk.log("error", "%s: %s", type(error).__name__, error)
        _log_end(talk, begun, getattr(error, "exit_code", 1), type(error).__name__)
        raise
    seconds = time.monotonic() - begun
    talk.log("info", "jeoul %s: done in %.1f s", " ".join(words), seconds)
    _log_end(talk, begun, code if isinstance(code, int) else 0)
    return code


def _log_end(talk: Talk, begun: float, code: int, error: str | None = None) -> None:
    """Log the event that a command ended; of its words only the names of commands."""
    if not talk.handlers:
        return
    import logging

    from jeoul.cli.events import log_event

    name = next((word for word in talk.words if word in COMMANDS), "")
    log_event(
        "command",
        logging.INFO if error is None else logging.ERROR,
        command=name,
        exit_code=code,
        error=error,
        seconds=round(time.monotonic() - begun, 3),
        cpu_seconds=round(time.process_time(), 3),
    )


def run(command: Callable[[], Any], words: Sequence[str] = (), *, as_json: bool = False) -> None:
    """Run a command and leave with its exit code.

    A deliberate error, and a file or folder that the system refuses, is a message in the language
    that the words of the line ask for, no traceback; with ``as_json`` stdout has an object that
    says the same.
    """
    try:
        code = command()
        _flush()
    except BrokenPipeError:  # who read the output has seen enough
        _drop_output()
        sys.exit(BROKEN_PIPE)
    except Exception as error:
        from jeoul.cli.refusals import asked_language, refusal_of, without_urls

        refusal = refusal_of(error, asked_language(words, os.environ))
        refusal = None if refusal is None else without_urls(refusal, words)
        if as_json:
            _answer(error, refusal, words)
        if refusal is None:
            raise
        _drop_output()
        click.echo(_plain(refusal.told), err=True)
        sys.exit(refusal.exit_code)
    sys.exit(code if isinstance(code, int) else 0)


def _answer(error: Exception, refusal: Refusal | None, words: Sequence[str]) -> None:
    """Print why the command failed as JSON, if stdout takes it: it may be what failed."""
    from jeoul.cli.refusals import Refusal, without_urls
    from jeoul.cli.schemas import write_error

    if refusal is None:
        refusal = without_urls(Refusal(type(error).__name__, str(error), 1, ""), words)
    with suppress(OSError):
        write_error(refusal.kind, refusal.code, refusal.reason, refusal.exit_code, refusal.problems)


def _plain(text: str) -> str:
    """Return a message of one or more lines without anything that would steer the terminal."""
    return "\n".join(map(visible, text.split("\n")))


def _flush() -> None:
    """Write what stdout still holds, while an error can be told; there is none in some services."""
    if sys.stdout is not None:
        sys.stdout.flush()


def _drop_output() -> None:
    """Give up what stdout still holds and does not take, so that Python does not try it again."""
    try:
        _flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _write_utf8() -> None:
    """Korean text must reach files and pipes whatever the locale says."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8")
