"""``jeoul letter``: the quarterly report of an account or a household, filed and listed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jeoul.cli.options import file_for, json_option, language_option, own_data_option
from jeoul.cli.passphrase import passphrase_option
from jeoul.errors import UsageError

if TYPE_CHECKING:
    from jeoul.cli.schemas import OutputForm
    from jeoul.operations.letter.filing import Filed
    from jeoul.reporting.letter.facts import LetterFacts


@click.command("letter")
@click.argument("file", metavar="CONFIG")
@click.option("--quarter", "named", metavar="YYYYQN", help="The quarter, such as 2024Q2.")
@click.option("--list", "listing", is_flag=True, help="List the filed reports.")
@click.option(
    "--out", type=click.Path(path_type=Path), help="Write the page to this file and do not file it."
)
@own_data_option
@language_option
@json_option
@passphrase_option
def letter(
    file: str,
    named: str | None,
    listing: bool,
    out: Path | None,
    folder: Path | None,
    lang: str,
    as_json: OutputForm | None,
) -> None:
    """Write the quarterly report of CONFIG's account or of a household, as a page for A4.

    CONFIG is a config, a household's file, or FILE:ACCOUNT. The report has an overview,
    performance with tracking error, composition with currencies, costs, trades and turnover, and
    rule changes. It is filed in the folder `letters` of the state folder; a report that differs
    from the filed one becomes a new edition. With --json nothing is filed.
    """
    from jeoul.workspace.configs import files_of
    from jeoul.workspace.letter import letter_at

    if listing:
        if named is not None or out is not None:
            raise UsageError("--list cannot be combined with --quarter or --out")
        _list(file, lang, as_json)
        return
    if named is None:
        raise UsageError("give a quarter with --quarter, such as 2024Q2, or use --list")
    from jeoul.model.quarter import parse_quarter

    quarter = parse_quarter(named)
    file_for(out, *files_of(file))
    facts = letter_at(file, quarter, folder)
    if as_json is not None:
        from jeoul.reporting.letter.document import letter_document

        as_json.write(letter_document(facts, lang), indent=None)
    elif out is not None:
        _write(facts, out, lang)
    else:
        _file(file, facts, lang)


def _write(facts: LetterFacts, out: Path, lang: str) -> None:
    from jeoul.messages import say
    from jeoul.reporting.letter.page import render_letter

    out.write_text(render_letter(facts, lang), "utf-8")
    _print(facts, say(lang, "letter.written", {"path": out}), lang)


def _file(file: str, facts: LetterFacts, lang: str) -> None:
    from jeoul.messages import say
    from jeoul.workspace.letter import file_at

    filed = file_at(file, facts, lang)
    _print(facts, say(lang, "letter.filed", {"path": filed.path}), lang)


def _print(facts: LetterFacts, said: str, lang: str) -> None:
    from jeoul.reporting.letter.text import letter_lines

    click.echo("\n".join([*letter_lines(facts, lang), "", said]))


def _list(file: str, lang: str, as_json: OutputForm | None) -> None:
    from jeoul.messages import say
    from jeoul.operations.letter.filing import digest_of, filed
    from jeoul.workspace.letter import filed_under

    state, key = filed_under(file)
    found = [_row(each, digest_of(each, key)) for each in filed(state)]
    if as_json is not None:
        as_json.write({"letters": found})
        return
    for row in found:
        click.echo(say(lang, "letter.filed_list", row))
    if not found:
        click.echo(say(lang, "letter.none_filed"))


def _row(each: Filed, sha256: str) -> dict[str, Any]:
    return {
        "name": each.name,
        "quarter": each.quarter,
        "language": each.language,
        "edition": each.edition,
        "file": str(each.path),
        "sha256": sha256,
    }
