"""``jeoul fetch``: ask the sources of a plan, store what came, write the market folder."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jeoul.cli.options import json_option, language_option
from jeoul.cli.schemas import OutputForm
from jeoul.messages import say

if TYPE_CHECKING:
    from jeoul.market.cache.store import RawStore
    from jeoul.market.fetching.plan import FetchPlan
    from jeoul.model.calendar import Calendar

FAILED = 3  # the exit code of everything that is wrong with data


@click.command("fetch")
@click.argument("config", type=click.Path(path_type=Path))
@click.option("--store", type=click.Path(path_type=Path), help="Raw store; default: the plan's.")
@click.option("--out", type=click.Path(path_type=Path), help="Market folder; default: the plan's.")
@click.option("--only", multiple=True, metavar="NAME", help="A ticker or series; may be repeated.")
@click.option("--full", is_flag=True, help="Ask for the whole history, to see what changed in it.")
@click.option("--restore", metavar="DIGEST", help="Restore an earlier snapshot without requests.")
@language_option
@json_option
@click.pass_context
def fetch(
    context: click.Context,
    config: Path,
    store: Path | None,
    out: Path | None,
    only: tuple[str, ...],
    full: bool,
    restore: str | None,
    lang: str,
    as_json: OutputForm | None,
) -> None:
    """Fetch what the plan CONFIG names and write a market folder for --data.

    Stopped, it goes on where it was; run again, it asks only for what is new. Exit code 3 if a
    series could not be fetched or a finding would stop a run.
    """
    from jeoul import api
    from jeoul.cli.progress import progress
    from jeoul.market.cache.lock import locked
    from jeoul.market.cache.store import RawStore
    from jeoul.market.fetching.plan import read_plan
    from jeoul.workspace import fetching
    from jeoul.workspace.fetching import PlanFile, wanted_count

    plan = read_plan(config)
    home = (Path(plan.store) if store is None else store).expanduser()
    target = (Path(plan.folder) if out is None else out).expanduser()
    _check_names(plan, only, lang)
    with locked(home), RawStore(home / "raw.sqlite3") as raw:
        if restore is not None:
            _restore(raw, restore, target, api.calendars(), as_json or lang)
            return
        with progress(wanted_count(plan, only)) as step:
            given = PlanFile(plan, config, home, target)
            report = fetching.fetch(given, raw, _now, step, only=only, full=full)
    if as_json is not None:
        as_json.write(report.document(lang))
    else:
        for line in report.lines(lang):
            click.echo(line)
    context.exit(0 if report.good else FAILED)


def _check_names(plan: FetchPlan, only: Sequence[str], lang: str) -> None:
    from jeoul.errors import UsageError

    names = set(plan.wanted().values())
    for name in only:
        if name not in names:
            raise UsageError(say(lang, "fetch.no_name", {"name": name}))


def _now() -> int:
    return int(time.time())  # noqa: TID251  the command line is where the clock is read


def _restore(
    raw: RawStore,
    digest: str,
    target: Path,
    calendars: Mapping[str, Calendar],
    form: OutputForm | str,
) -> None:
    """Write an earlier snapshot again, and say so in a form of JSON or a language."""
    from jeoul.market.publishing.publish import restore

    published = restore(raw, digest, target, calendars)
    if isinstance(form, str):
        detail = {"digest": published.digest[:12], "folder": target}
        click.echo(say(form, "fetch.restored", detail))
    else:
        form.write(
            {
                "series": [],
                "serious": [],
                "notices": 0,
                "missing": list(published.missing),
                "folder": str(target),
                "snapshot": published.digest,
            }
        )
