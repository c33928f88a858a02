"""``jeoul recommend``: CMA, fund, IMA and a managed ETF portfolio compared for one person."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from jeoul.cli.amounts import AmountType
from jeoul.cli.els import example
from jeoul.cli.options import data_option, json_option, language_option, rules_of_option
from jeoul.cli.schemas import OutputForm
from jeoul.messages import say
from jeoul.workspace.today import day_of

if TYPE_CHECKING:
    from jeoul.advice.recommend import RankedProduct, Recommendation, Wishes
    from jeoul.korea.products import Product
    from jeoul.korea.rulebook import Rulebook
    from jeoul.model.instrument import Instrument

_ELS_PRINCIPAL = 10_000_000


@click.command()
@click.argument("answers", type=click.Path(path_type=Path))
@click.option(
    "--amount",
    type=AmountType(least=1, currency="KRW"),
    default=10_000_000,
    show_default=True,
    help="Won to invest.",
)
@click.option("--matrix", default="kiwoom", show_default=True, help="Firm whose grades apply.")
@click.option("--target-year", type=int, help="Show a glide path to this year.")
@click.option(
    "--rates",
    "rates_file",
    type=click.Path(path_type=Path),
    help="Rates of deposits, CMA and the like, typed in by you: `jeoul new rates`.",
)
@click.option(
    "--months",
    type=click.IntRange(1, 600),
    help="Months until the money is needed; default: by the answers, 60 for more than three years.",
)
@click.option(
    "--person",
    "person_file",
    type=click.Path(path_type=Path),
    help="A person's file: spending, [[loans]] and incomes; what comes before investing.",
)
@click.option(
    "--reserve-months",
    type=click.IntRange(0, 60),
    default=6,
    show_default=True,
    help="Months of spending kept within reach.",
)
@click.option("--funds", is_flag=True, help="Rank the funds of each class by what they cost.")
@click.option(
    "--strategy", default="managed", show_default=True, help="The strategy that is compared."
)
@data_option
@click.option("--els", is_flag=True, help="Show what the H-share ELS of 2021 paid.")
@click.option("--products", "all_products", is_flag=True, help="Show the whole product table.")
@click.option(
    "--as-of",
    metavar="DATE",
    help="Date on which the expiry of the answers is checked; default: today.",
)
@rules_of_option
@language_option
@json_option
def recommend(
    answers: Path,
    amount: int,
    matrix: str,
    target_year: int | None,
    rates_file: Path | None,
    months: int | None,
    person_file: Path | None,
    reserve_months: int,
    funds: bool,
    strategy: str,
    folder: Path | None,
    els: bool,
    all_products: bool,
    as_of: str | None,
    rules_of: int | None,
    lang: str,
    as_json: OutputForm | None,
) -> None:
    """Compare products for the person of ANSWERS, with reasons and what is ruled out.

    With --rates the comparison is in won after tax: what the sum comes to in each product whose
    rate you typed in, beside the range that the portfolio may come to. With --person the reserve
    and the loans come first.
    """
    from jeoul.advice import recommend as engine
    from jeoul.advice.explain import notice
    from jeoul.korea.tables import load_products, load_rules
    from jeoul.profile import classify, load_answers

    given = load_answers(answers)
    today = day_of(as_of)
    profile = classify(given, as_of=today)
    book, products = load_rules(today.year, rules_of=rules_of), load_products()
    wishes = engine.Wishes(
        type=profile.type,
        profile=profile.name,
        horizon=given.horizon,
        loss=given.loss,
        amount=amount,
    )
    found = engine.recommend(book, products, wishes, matrix=matrix)
    lines = _lines(lang, wishes, found)
    data = {"type": wishes.type, "profile": wishes.profile, **_data(lang, found)}
    asked = _Asked(
        wishes=wishes,
        months=months or engine.horizon_months(given.horizon),
        reserve_months=reserve_months,
        strategy=strategy,
        folder=folder,
    )
    more, won = _in_won(lang, book, asked, rates_file, person_file, today, matrix)
    lines += more
    data |= won
    if funds:
        text, data["costs"] = _costs(lang, asked)
        lines += text
    if target_year is not None:
        said, data["glide"] = _glide(lang, book, given.age, target_year)
        lines.append(said)
    if els:
        said, data["els"] = example(lang, book, _ELS_PRINCIPAL)
        lines.append(said)
    if all_products:
        lines.extend(_product(lang, book, product) for product in products)
        data["products"] = [product.id for product in products]
    if as_json is not None:
        as_json.write(data)
    else:
        click.echo("\n".join(lines))
    click.echo(notice(lang, book), err=as_json is not None)


class _Asked(NamedTuple):
    """What the comparison in won is asked for."""

    wishes: Wishes
    months: int
    reserve_months: int
    strategy: str
    folder: Path | None


def _in_won(
    language: str,
    book: Rulebook,
    asked: _Asked,
    rates_file: Path | None,
    person_file: Path | None,
    today: date,
    matrix: str,
) -> tuple[list[str], dict[str, Any]]:
    """Return what comes first, and what the rest comes to in won."""
    from jeoul.advice.cash import Sum, cash_outcomes, gain_tax, missing_kinds
    from jeoul.advice.first import first_things
    from jeoul.advice.outlook import outcome_range
    from jeoul.cli import recommend_won as won
    from jeoul.korea.levy import combined
    from jeoul.korea.suitability import riskiest_grade
    from jeoul.korea.tables import load_products

    rates, means = won.rates_of(rates_file, today), won.means_of(person_file, today)
    amount = asked.wishes.amount
    lines: list[str] = []
    data: dict[str, Any] = {}
    portfolio = None
    if rates or means.loans:
        portfolio = won.portfolio_of(asked.strategy, asked.wishes.profile, asked.folder)
    tax_rate = combined(book, book.rate("tax.withholding"))
    if means.spending or means.loans:
        expected = won.hurdle(portfolio, rates, tax_rate)
        first = first_things(
            spending=means.spending or 0,
            loans=means.loans,
            cash=amount,
            expected_return_after_tax=expected,
            reserve_months=asked.reserve_months,
            on=today,
        )
        lines, data["first"] = won.first_section(language, first, portfolio, expected)
        amount = first.left
    riskiest = riskiest_grade(book, "recommend", asked.wishes.type, matrix)
    wanted = Sum(amount=amount, months=asked.months, riskiest=riskiest)
    outcomes = cash_outcomes(book, load_products(), rates, wanted, means) if amount else ()
    text, data["in_won"] = won.cash_section(
        language, outcomes, missing_kinds(rates), today, amount=amount, months=asked.months
    )
    lines += text
    data["in_won"]["portfolio"] = None
    if rates and amount and portfolio is not None:
        found = outcome_range(
            portfolio.outlook,
            amount=amount,
            months=asked.months,
            tax=lambda gain: gain_tax(book, means, gain),
        )
        text, data["in_won"]["portfolio"] = won.range_section(language, portfolio, found)
        lines += text
    return lines, data


def _costs(language: str, asked: _Asked) -> tuple[list[str], list[dict[str, object]]]:
    from jeoul import api
    from jeoul.advice.costs import least_spreads, rank_costs
    from jeoul.cli.recommend_won import cost_section
    from jeoul.strategy.load import load_strategy

    universe = api.universe_of(load_strategy(asked.strategy).universe)
    spreads = None
    if asked.folder is not None:  # the sample's prices are invented, and so would be its spreads
        spreads = least_spreads(api.open_market(asked.folder).prices, universe.calendar)
    ranked = rank_costs(
        map(_with_listed_fee, universe.instruments.values()),
        amount=asked.wishes.amount,
        years=asked.months / 12,
        spreads=spreads,
    )
    return cost_section(language, universe, ranked, amount=asked.wishes.amount, months=asked.months)


def _with_listed_fee(fund: Instrument) -> Instrument:
    """Return a fund with the fee that `jeoul products` shows, where the catalogue has one."""
    from jeoul.korea.catalogue_files import load_catalogue

    listed = load_catalogue().funds.get(fund.code)
    fee = None if listed is None else listed.value("fee")
    if not isinstance(fee, Decimal):
        return fund
    sure = {**fund.confidence, "expense_ratio": "medium"}
    return replace(fund, expense_ratio=float(fee), confidence=sure)


def _lines(language: str, wishes: Wishes, found: Recommendation) -> list[str]:
    from jeoul.advice.explain import explain, word

    title = {
        "type": word(language, wishes.type),
        "profile": say(language, f"recommend.profile_{wishes.profile}"),
    }
    lines = [say(language, "recommend.title", title)]
    lines.append(say(language, "recommend.weights", found.weights))
    for number, candidate in enumerate(found.ranked, 1):
        lines.append(_ranked(language, number, candidate))
        lines.extend(
            say(language, "recommend.note", {"text": explain(language, step)})
            for step in candidate.notes
        )
    for candidate in found.ruled_out:
        name = candidate.product.name[language]
        lines.append(say(language, "recommend.ruled_out", {"name": name}))
        lines.extend(
            say(language, "recommend.note", {"text": explain(language, step)})
            for step in candidate.against
        )
    return lines


def _ranked(language: str, number: int, candidate: RankedProduct) -> str:
    from jeoul.advice.explain import word

    detail = {
        "number": number,
        "name": candidate.product.name[language],
        "score": candidate.score,
        "accounts": ", ".join(word(language, account) for account in candidate.accounts),
        **candidate.points,
    }
    return say(language, "recommend.ranked", detail)


def _data(language: str, found: Recommendation) -> dict[str, object]:
    from jeoul.advice.explain import explain

    def entry(candidate: RankedProduct) -> dict[str, object]:
        return {
            "id": candidate.product.id,
            "name": candidate.product.name[language],
            "score": candidate.score,
            "points": dict(candidate.points),
            "kinds": list(candidate.accounts),
            "against": [explain(language, step) for step in candidate.against],
            "notes": [explain(language, step) for step in candidate.notes],
        }

    return {
        "weights": dict(found.weights),
        "ranked": [entry(candidate) for candidate in found.ranked],
        "ruled_out": [entry(candidate) for candidate in found.ruled_out],
    }


def _glide(
    language: str, book: Rulebook, age: int, target_year: int
) -> tuple[str, list[dict[str, object]]]:
    from jeoul.advice.glide import glide_path

    until = max(age, target_year - book.year + age + 10)
    path = glide_path(book, age=age, target_year=target_year, until_age=until)
    shown = [row for row in path if (row.year - book.year) % 5 == 0 or row.year == target_year]
    text = ", ".join(say(language, "recommend.glide_year", row._asdict()) for row in shown)
    detail = {"target": target_year, "path": text}
    rows: list[dict[str, object]] = [
        {"year": row.year, "age": row.age, "equity": float(row.equity)} for row in path
    ]
    return say(language, "recommend.glide", detail), rows


def _product(language: str, book: Rulebook, product: Product) -> str:
    from jeoul.advice.explain import word
    from jeoul.korea.products import accounts_for

    days = product.cash_days
    when = "cash_never" if days is None else "cash_days" if days else "cash_today"
    riskiest, safest = product.grades
    grades = "grade" if riskiest == safest else "grades"
    unknown = say(language, "recommend.unknown")
    detail = {
        "name": product.name[language],
        "grades": say(language, f"recommend.{grades}", {"safest": safest, "riskiest": riskiest}),
        "protected": say(language, f"recommend.protected_{product.protected}"),
        "cash": say(language, f"recommend.{when}", {"days": days}),
        "cost": unknown if product.cost is None else f"{product.cost:z.2%}",
        "accounts": ", ".join(word(language, a) for a in accounts_for(book, product)),
    }
    return say(language, "recommend.product", detail)
