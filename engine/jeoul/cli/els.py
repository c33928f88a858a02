"""``jeoul els``: what a step-down ELS paid, on real closes day by day or on simulated ones."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from jeoul.cli.amounts import AmountType
from jeoul.cli.options import data_option, json_option, language_option
from jeoul.cli.schemas import OutputForm
from jeoul.errors import UsageError
from jeoul.messages import say
from jeoul.model.session import parse_session
from jeoul.workspace.today import today

if TYPE_CHECKING:
    from jeoul.korea.els import ElsOutcome, ElsTerms
    from jeoul.korea.rulebook import Rulebook
    from jeoul.research.els import ElsStudy
    from jeoul.research.els_paths import Underlyings


@click.command()
@click.argument("terms", required=False, type=click.Path(path_type=Path))
@data_option
@click.option(
    "--series",
    metavar="A,B",
    help="Underlyings: tickers or series of the market folder; the worst of them counts.",
)
@click.option("--issued", metavar="DATE", help="Show one day of issue, observation by observation.")
@click.option(
    "--paths", type=click.IntRange(1, 100_000), help="Also draw this many paths from the history."
)
@click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, help="Random seed of --paths."
)
@click.option(
    "--principal",
    type=AmountType(least=1, currency="KRW"),
    default=10_000_000,
    show_default=True,
    help="Won invested.",
)
@language_option
@json_option
def els(
    terms: Path | None,
    folder: Path | None,
    series: str | None,
    issued: str | None,
    paths: int | None,
    seed: int,
    principal: int,
    lang: str,
    as_json: OutputForm | None,
) -> None:
    """Show what an ELS with the terms of TERMS came to, after tax.

    TERMS is a TOML file; without it the terms are those of an ELS on the H-share index of 2021.
    With --series it is issued on every day of their history, the knock-in watched on every close.
    Without TERMS and --series that ELS is replayed on the index itself.
    """
    from jeoul.advice.explain import notice
    from jeoul.korea.tables import rules_for

    if series is None and (issued or paths or terms is not None):
        raise UsageError("there is nothing to follow; give --series, such as --series SPY,kospi200")
    book = rules_for(today().year)
    name, given = _terms(terms, lang)
    lines = [_title(lang, name, given, principal)]
    data: dict[str, object] = {"name": name, "terms": _terms_data(given), "principal": principal}
    if series is None:
        said, data["example"] = example(lang, book, principal)
        lines.append(said)
    else:
        text, found = _followed(
            lang,
            book,
            given,
            _history(folder, series),
            principal,
            issued=issued,
            paths=paths,
            seed=seed,
        )
        lines += text
        data |= found
    lines.append(say(lang, "els.note"))
    if as_json is not None:
        as_json.write(data)
    else:
        click.echo("\n".join(lines))
    click.echo(notice(lang, book), err=as_json is not None)


def example(language: str, book: Rulebook, principal: int) -> tuple[str, dict[str, object]]:
    """Return what the H-share ELS of 2021 came to, as text and as data."""
    from jeoul.korea.els import simulate_els
    from jeoul.korea.tables import load_els_example

    terms, levels, name = load_els_example()
    found = simulate_els(book, terms=terms, levels=levels, principal=principal)
    head = say(language, "recommend.els", {"name": name[language], "principal": principal})
    data = {"name": name[language], "principal": principal, **_outcome_data(found)}
    return "\n".join([head, *_steps(language, found), say(language, "els.example")]), data


def _terms(path: Path | None, language: str) -> tuple[str, ElsTerms]:
    from jeoul.advice.els_terms import read_els
    from jeoul.files.text import read_text
    from jeoul.korea.tables import load_els_example

    if path is None:
        terms, _, name = load_els_example()
        return name[language], terms
    return read_els(read_text(path), str(path))


def _history(folder: Path | None, series: str) -> tuple[Underlyings, bool]:
    from jeoul import api
    from jeoul.research.els_paths import underlyings

    market = api.open_market(folder)
    names = [name.strip() for name in series.split(",") if name.strip()]
    return underlyings(market, names), market.simulated


def _followed(
    language: str,
    book: Rulebook,
    terms: ElsTerms,
    given: tuple[Underlyings, bool],
    principal: int,
    *,
    issued: str | None,
    paths: int | None,
    seed: int,
) -> tuple[list[str], dict[str, object]]:
    """Return the studies that were asked for."""
    from jeoul.research.els import every_issue, issued_on, simulated

    history, invented = given
    data: dict[str, object] = {"series": list(history.names), "simulated": invented}
    lines = [say(language, "cash.simulated")] if invented else []
    if history.with_dividends:
        names = ", ".join(history.with_dividends)
        lines.append(say(language, "els.dividends", {"names": names}))
    if issued is not None:
        found = issued_on(book, terms, history, day=parse_session(issued), principal=principal)
        lines += [say(language, "els.issued", {"day": issued}), *_steps(language, found)]
        data["issued"] = {"issued": issued, **_outcome_data(found)}
    else:
        study = every_issue(book, terms, history, principal=principal)
        lines += _study(language, "els.history", study, history, terms)
        data["history"] = _study_data(study)
    if paths is not None:
        drawn = simulated(book, terms, history, principal=principal, paths=paths, seed=seed)
        lines += _study(language, "els.drawn", drawn, history, terms, seed=seed)
        data["drawn"] = {"seed": seed, **_study_data(drawn)}
    return lines, data


def _title(language: str, name: str, terms: ElsTerms, principal: int) -> str:
    barriers = "-".join(f"{float(barrier * 100):.10g}" for barrier in terms.barriers)
    detail = {
        "name": name,
        "principal": principal,
        "coupon": terms.coupon,
        "months": terms.months,
        "term": terms.term,
        "barriers": barriers,
        "knock_in": _level(language, terms.knock_in),
        "monthly": _level(language, terms.monthly_barrier),
    }
    return say(language, "els.title" if terms.monthly_barrier is None else "els.monthly", detail)


def _level(language: str, level: object) -> str:
    return say(language, "els.no_level") if level is None else f"{level:z.0%}"


def _steps(language: str, found: ElsOutcome) -> list[str]:
    from jeoul.advice.explain import explain

    return [say(language, "recommend.note", {"text": explain(language, s)}) for s in found.steps]


def _study(
    language: str,
    heading: str,
    study: ElsStudy,
    history: Underlyings,
    terms: ElsTerms,
    *,
    seed: int | None = None,
) -> list[str]:
    detail = {
        "names": ", ".join(history.names),
        "paths": study.paths,
        **(study.issues._asdict() if study.issues else {}),
        **study.paid._asdict(),
        "term": terms.term,
        "seed": seed,
        "untouched": study.untouched,
        "knocked_in": study.knocked_in,
        "lost": study.lost,
        "months": study.months,
    }
    redeemed = ", ".join(
        say(language, "els.after", {"months": months, "share": share})
        for months, share in study.redeemed.items()
    )
    lines = [say(language, heading, detail)]
    lines.append(say(language, "els.redeemed", detail | {"redeemed": redeemed}))
    lines.append(say(language, "els.lost" if study.lost else "els.never_lost", detail))
    lines.append(say(language, "els.money", detail))
    lines.append(say(language, "els.worst_on" if study.issues else "els.worst", detail))
    return lines


def _terms_data(terms: ElsTerms) -> dict[str, object]:
    from jeoul.advice.explain import plain

    return {
        "coupon": float(terms.coupon),
        "barriers": plain(terms.barriers),
        "months": terms.months,
        "knock_in": plain(terms.knock_in),
        "monthly_barrier": plain(terms.monthly_barrier),
    }


def _outcome_data(found: ElsOutcome) -> dict[str, object]:
    return {
        "how": found.how,
        "day": found.day.isoformat(),
        "knocked_in": None if found.knocked_in is None else found.knocked_in.isoformat(),
        "paid": found.paid,
        "profit": found.profit,
        "tax": found.tax,
    }


def _study_data(study: ElsStudy) -> dict[str, object]:
    from jeoul.advice.explain import plain

    return {
        "paths": study.paths,
        "issues": None if study.issues is None else plain(study.issues._asdict()),
        "redeemed": {str(months): share for months, share in study.redeemed.items()},
        "untouched": study.untouched,
        "knocked_in": study.knocked_in,
        "lost": study.lost,
        "paid": plain(study.paid._asdict()),
        "months": study.months,
    }
