"""``jeoul config``: the preferences of this user, and where each of them comes from."""

from __future__ import annotations

import os

import click

from jeoul.cli.options import json_option, language_option
from jeoul.cli.schemas import OutputForm


@click.command("config")
@language_option
@json_option
def config(lang: str, as_json: OutputForm | None) -> None:
    """Show data, language, account and profile of this user, and where each value comes from.

    The option of a command counts first, then JEOUL_DATA, JEOUL_LANG, JEOUL_ACCOUNT and
    JEOUL_PROFILE, then the user config, then the language of the system, then the default. A
    household or config file that names its own data, account or profile keeps them.
    """
    from jeoul.cli.tables import Grid, show
    from jeoul.messages import say
    from jeoul.workspace.preferences import preferences, user_config, variable_of

    file, found = user_config(os.environ), preferences(os.environ)
    exists = os.path.lexists(file)
    if as_json is not None:
        values = {
            key: {"value": one.value, "source": one.source, "place": one.place or None}
            for key, one in found.items()
        }
        as_json.write({"file": str(file), "exists": exists, "values": values})
        return
    click.echo(say(lang, "preferences.file" if exists else "preferences.no_file", {"file": file}))
    click.echo()
    rows = [
        (
            key,
            _shown(key, one.value, lang),
            say(lang, f"preferences.{one.source.replace(' ', '_')}", {"place": one.place}),
            variable_of(key),
        )
        for key, one in found.items()
    ]
    heads = ("key", "value", "from", "variable")
    texts = frozenset(range(len(heads)))
    show(Grid([say(lang, f"preferences.{head}") for head in heads], rows, texts))


def _shown(key: str, value: str | None, lang: str) -> str:
    """Return a value as it is written, with what it means where that is a word of its own."""
    from jeoul.messages import say

    if value is None:
        return say(lang, f"preferences.without_{key}")
    names = {"account": f"report.account_{value}", "profile": f"profile.{value}"}
    return f"{value} ({say(lang, names[key])})" if key in names else value
