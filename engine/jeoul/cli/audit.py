"""``jeoul audit``: the evidence of a quarter for whoever examines the algorithm."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jeoul.cli.options import folder_for, json_option
from jeoul.cli.passphrase import passphrase_option
from jeoul.cli.schemas import OutputForm
from jeoul.errors import UsageError
from jeoul.messages import LANGUAGES, say

if TYPE_CHECKING:
    from jeoul.operations.testbed.figures import MeasuredFigure
    from jeoul.operations.testbed.measured import SpanRow


@click.command("audit")
@click.argument("file", metavar="CONFIG")
@click.option(
    "--quarter", "named", required=True, metavar="YYYYQN", help="The quarter, such as 2024Q2."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    help="A new or empty folder for the files.",
)
@click.option(
    "--lang", type=click.Choice(LANGUAGES), help="Language of the texts; default: as in CONFIG."
)
@json_option
@passphrase_option
def audit(file: str, named: str, out: Path, lang: str | None, as_json: OutputForm | None) -> None:
    """Write an audit pack of CONFIG's account for one quarter, from its ledger.

    If CONFIG is a household.toml, the pack has all of its accounts. The pack has daily values, the
    figures that a testbed asks for, every order beside its fill, every rule change with its
    promotion record, and the SHA-256 of each file. It contains no secrets, and the same ledger
    gives the same files.
    """
    from jeoul import api
    from jeoul.model.quarter import parse_quarter
    from jeoul.operations.setup.config import secrets_of
    from jeoul.operations.testbed.pack import make_pack, write_pack
    from jeoul.workspace.audits import audited_account, histories_at
    from jeoul.workspace.configs import configs_in
    from jeoul.workspace.kept import user_cache

    quarter = parse_quarter(named)
    folder_for(out)
    configs = configs_in(file)
    language = lang or configs[0].settings.lang
    market = api.open_market(configs[0].folder, cache=user_cache())
    accounts = [each for config in configs if (each := audited_account(config, market, quarter))]
    if not accounts:
        raise UsageError(f"no account of {file} has a decision up to the end of {quarter}")
    source = market.source, market.simulated
    pack = make_pack(accounts, histories_at(market, quarter), quarter, source, language)
    secrets = dict.fromkeys(secret for config in configs for secret in secrets_of(config))
    write_pack(pack, out, secrets)
    if as_json is not None:
        about = {key: value for key, value in pack.about.items() if key != "schema"}
        as_json.write({**about, "out": str(out), "files": sorted(pack.files)})
        return
    for line in _lines(pack.about, pack.figures, language):
        click.echo(line)
    counts = {"out": out, "files": len(pack.files), "accounts": len(accounts)}
    click.echo(say(language, "testbed.written", {"quarter": quarter, **counts}))


def _lines(about: Mapping[str, Any], rows: tuple[SpanRow, ...], lang: str) -> Iterator[str]:
    if about["simulated"]:
        yield say(lang, "testbed.simulated")
    for each in about["accounts"]:
        yield say(lang, "testbed.account", each)
        if each["changes"]:
            yield say(lang, "testbed.changes", each)
    for row in rows:
        if row.span == "quarter":
            yield say(lang, "testbed.figures", _shown(row))


def _shown(row: SpanRow) -> dict[str, object]:
    """Return the figures of a row as text, each with its standard error."""
    from jeoul.research.wording import percent

    its = row.figures
    shares = {"deviation": its.deviation, "tracking_error": its.tracking_error}
    ratios = {"market_beta": its.market_beta, "information_ratio": its.information_ratio}
    return {
        "name": _name(row),
        "start": row.start,
        "end": row.end,
        "total": percent(its.total),
        "benchmark": percent(its.benchmark),
        **{name: _figure(each, percent) for name, each in shares.items()},
        **{name: _figure(each, lambda value: f"{value:.2f}") for name, each in ratios.items()},
    }


def _name(row: SpanRow) -> str:
    """Return whose figures a row has; accounts of a profile in won and in dollars are two paths."""
    path = row.path
    return f"{path.profile} ({path.currency})" if path.scope == "profile" else path.name


def _figure(figure: MeasuredFigure, text: Callable[[float], str]) -> str:
    shown = ("–" if isnan(value) else text(value) for value in (figure.value, figure.error))
    return " ± ".join(shown)
