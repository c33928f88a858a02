"""A question on the terminal, which always ends its line."""

from __future__ import annotations

import click


def asked(question: str, default: str | None = None) -> str:
    """Return what a person types on stderr's next line, without spaces around it.

    Raises :class:`click.exceptions.Abort` where no more can be typed, with the cursor on a line of
    its own: what is said next does not follow the question.
    """
    try:
        found: str = click.prompt(question, err=True, type=str, default=default)
    except click.exceptions.Abort:
        click.echo(err=True)
        raise
    return found.strip()
