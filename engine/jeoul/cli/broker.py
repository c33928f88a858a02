"""``jeoul broker probe``: what a broker's host answers, before an account trusts it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jeoul.cli.options import json_option, refuse_read
from jeoul.cli.schemas import OutputForm
from jeoul.errors import DataError, UsageError
from jeoul.translation import in_language

if TYPE_CHECKING:
    from datetime import date

    from jeoul.operations.probe import Examination, OneShare
    from jeoul.operations.setup.config import Config

FINE, DIFFERENT = 0, 5
CLOSE = 2.0  # seconds by which the clocks may differ: the host's says whole ones


@click.group("broker")
def broker() -> None:
    """Try a broker's interface before an account runs there."""


@broker.command("probe")
@click.argument("config", metavar="CONFIG")
@click.option("--out", type=click.Path(path_type=Path), help="The report's file.")
@click.option("--one-share", metavar="TICKER", help="Also send one order of one share.")
@click.option("--limit", type=click.IntRange(min=1), help="Limit price of the order in won.")
@click.option("--confirm", metavar="TICKER", help="The ticker again, to allow the order.")
@click.option("--write", is_flag=True, help="Write the measured visibility into CONFIG.")
@json_option
def probe(
    config: str,
    out: Path | None,
    one_share: str | None,
    limit: int | None,
    confirm: str | None,
    write: bool,
    as_json: OutputForm | None,
) -> int:
    """Ask the broker of CONFIG everything that moves no money, and compare the answers.

    The report names fields, forms, counts and times. It has no value of the account and no secret.
    With --one-share, in simulation alone, one order of one share is sent, watched until it is
    listed, and cancelled or sold. Its limit is a fifth below the newest close by default. Exit
    codes: 0 as expected, 5 something differs or somebody has to look.
    """
    from jeoul.operations.setup.config import secrets_of
    from jeoul.operations.setup.secrets import shown
    from jeoul.workspace.configs import config_at, files_of
    from jeoul.workspace.live import mandate_at

    if one_share is None and (limit is not None or confirm is not None or write):
        raise UsageError("--limit, --confirm and --write belong to --one-share TICKER; add it")
    if out is not None:
        refuse_read(out, *files_of(config))
    loaded = config_at(config)
    calendar = mandate_at(config).strategy.calendar
    found, tried = _asked(loaded, calendar, one_share, limit, confirm)
    document: dict[str, Any] = found.as_json()
    document["one_share"] = None if tried is None else tried.as_json()
    document = shown(document, secrets_of(loaded))
    written = _written(out, document) if as_json is None or out is not None else None
    if as_json is not None:
        as_json.write(document)
    else:
        for line in _lines(loaded, document, tried, written, one_share):
            click.echo(line)
    if tried is not None and tried.recommended is not None:
        if write:
            _keep(loaded.path, tried.recommended)
        if as_json is None:
            click.echo(_measured(loaded, tried.recommended, kept=write))
    sent = tried is not None or one_share is None
    ended = tried is None or tried.ended in ("cancelled", "sold")
    return FINE if found.fits and sent and ended else DIFFERENT


def _asked(
    config: Config, calendar: str, ticker: str | None, limit: int | None, confirm: str | None
) -> tuple[Examination, OneShare | None]:
    from jeoul import api
    from jeoul.operations.probe import examine, opened, try_one_share
    from jeoul.operations.setup.clock import SystemClock

    price = None if ticker is None else limit or _below_market(config, calendar, ticker)
    if ticker is not None:
        _check_confirmed(config, ticker, price, confirm)
    with opened(config, api.calendars()[calendar], SystemClock()) as found:
        session = _session(found.window.today(), calendar)
        examined = examine(found, session)
        if ticker is None or price is None:
            return examined, None
        if examined.read["orders"] is not None:  # nobody could watch the order, or end it
            return examined, None
        return examined, try_one_share(found, session, ticker, price)


def _check_confirmed(config: Config, ticker: str, price: int | None, confirm: str | None) -> None:
    from jeoul.messages import say
    from jeoul.operations.desk.guards import is_stopped

    if is_stopped(config.settings.safety, config.state):
        raise UsageError("the kill switch is on: --one-share sends nothing; take STOP away first")
    if confirm != ticker:
        detail = {"ticker": ticker, "limit": price}
        raise UsageError(say(config.settings.lang, "probe.send", detail))


def _session(today: date, calendar: str) -> date:
    """Return today if it is a session, else the newest one before it."""
    from datetime import timedelta

    from jeoul import api

    sessions, day = api.calendars()[calendar], today
    while not sessions.is_session(day):
        day -= timedelta(days=1)
    return day


def _below_market(config: Config, calendar: str, ticker: str) -> int:
    from jeoul import api
    from jeoul.account.price_events import PriceEvents
    from jeoul.rebalance import round_to_tick

    market = api.open_market(config.folder)
    tables = tuple(table for table in market.prices if table.exchange == calendar)
    close = None
    if not market.simulated:
        close = PriceEvents(tables).close(ticker, market.last_session(calendar))
    if close is None:
        raise UsageError(
            f"the config's data have no real price of {ticker}; give --limit, about a fifth below "
            "the market"
        )
    return round_to_tick(max(int(close * 0.8), 1), "up")


def _written(out: Path | None, document: dict[str, Any]) -> Path:
    import json

    name = f"jeoul-probe-{document['broker']}-{document['mode']}-{document['day']}.json"
    place = out or Path(name)
    text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    try:
        place.write_text(text, "utf-8")
    except OSError as error:
        raise UsageError(f"the report cannot be written to {place}: {error.strerror}") from None
    return place


def _keep(file: Path, seconds: float) -> None:
    from jeoul.files.text import read_text
    from jeoul.operations.probe.keeping import with_visibility
    from jeoul.operations.setup.replacing import replace_file

    text = with_visibility(read_text(file, DataError), seconds)
    try:
        replace_file(file, text.encode())
    except OSError as error:
        raise UsageError(
            f"the measured visibility cannot be written to {file}: {error.strerror}; write "
            f"visibility = {seconds} into its [broker] table by hand"
        ) from None


def _lines(
    config: Config,
    document: dict[str, Any],
    tried: OneShare | None,
    written: Path | None,
    ticker: str | None,
) -> Iterator[str]:
    from jeoul.messages import say
    from jeoul.operations.probe.examination import NOT_ASKED

    lang = config.settings.lang
    answers = document["answers"]
    fine = sum(answer["fits"] for answer in answers)
    head = {"broker": document["broker"], "mode": document["mode"], "asked": len(answers)}
    yield say(lang, "probe.title", {**head, "answered": fine})
    for answer in answers:
        yield from _answer_lines(lang, answer)
    for name, trouble in document["read"].items():
        what = say(lang, f"probe.read_{name}")
        if trouble is None:
            yield say(lang, "probe.readable", {"name": what})
        else:
            line = "probe.unasked" if trouble == NOT_ASKED else "probe.unreadable"
            yield say(lang, line, {"name": what, "trouble": in_language(trouble, lang)})
    pace = {"slowed": document["slowed"], "unanswered": document["unanswered"]}
    yield say(lang, "probe.pace", {**pace, "slowest": document["slowest_seconds"]})
    if document["clock_behind_seconds"] is not None:
        yield _clock_line(lang, document["clock_behind_seconds"])
    if ticker is not None and tried is None:
        yield say(lang, "probe.unwatched")
    if tried is not None:
        yield from _one_share_lines(lang, document["one_share"])
    if written is not None:
        yield say(lang, "probe.written", {"file": written})


def _measured(config: Config, seconds: float, *, kept: bool) -> str:
    from jeoul.messages import say

    detail = {"file": config.path.name, "seconds": seconds}
    return say(config.settings.lang, "probe.set" if kept else "probe.recommend", detail)


def _answer_lines(lang: str, answer: dict[str, Any]) -> Iterator[str]:
    from jeoul.messages import say
    from jeoul.operations.probe.examination import NOT_ASKED

    name = say(lang, f"probe.question_{answer['question'].replace(' ', '_')}")
    if answer["trouble"] == NOT_ASKED:
        yield say(lang, "probe.unasked", {"name": name, "trouble": in_language(NOT_ASKED, lang)})
        return
    state = say(lang, "probe.fits" if answer["fits"] else "probe.differs")
    if answer["trouble"] is not None:
        state = say(lang, "probe.trouble", {"trouble": in_language(answer["trouble"], lang)})
    rows = list(answer["rows"].values())[-1:] or [0]
    detail = {"name": name, "state": state, "rows": rows[0]}
    yield say(lang, "probe.question", {**detail, "seconds": answer["seconds"]})
    for field in answer["fields"]:
        if not field["fits"]:
            seen = ", ".join(f"{form} {count}" for form, count in field["seen"].items())
            found = {"name": field["name"], "expected": field["expected"], "seen": seen}
            yield say(lang, "probe.field", found)
    if answer["new_fields"] and not answer["fits"]:
        yield say(lang, "probe.new", {"names": ", ".join(answer["new_fields"])})


def _clock_line(lang: str, behind: float) -> str:
    from jeoul.messages import say

    if abs(behind) < CLOSE:
        return say(lang, "probe.clock_right")
    which = "behind" if behind > 0 else "ahead"
    return say(lang, f"probe.clock_{which}", {"seconds": abs(behind)})


def _one_share_lines(lang: str, tried: dict[str, Any]) -> Iterator[str]:
    from jeoul.messages import say

    yield say(lang, f"probe.{tried['answer']}", tried)
    if tried["visible_seconds"] is not None:
        yield say(lang, "probe.visible", {"seconds": tried["visible_seconds"]})
    elif tried["ended"] == "left":
        yield say(lang, "probe.invisible", {"seconds": 600})
    if tried["ended"] in ("cancelled", "sold", "left"):
        yield say(lang, f"probe.{tried['ended']}", {"seconds": tried["ended_seconds"]})
