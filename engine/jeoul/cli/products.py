"""``jeoul products``: search kinds of product and funds listed in Korea."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING

import click

from jeoul.cli.options import KindChoice, json_option, language_option
from jeoul.cli.schemas import OutputForm
from jeoul.messages import say
from jeoul.workspace.today import today

if TYPE_CHECKING:
    from jeoul.korea.catalogue import FundQuery
    from jeoul.korea.catalogue_files import Catalogue
    from jeoul.korea.fund import ListedFund
    from jeoul.korea.products import Product
    from jeoul.korea.rulebook import Rulebook

_SHOWN = 20


@click.command()
@click.argument("words", nargs=-1)
@click.option(
    "--account",
    type=KindChoice(),
    help="Only what an account of this kind may hold.",
)
@click.option(
    "--irp",
    type=click.Choice(["safe", "risk", "barred", "unknown"]),
    help="Only funds of this class in an IRP or DC.",
)
@click.option("--class", "asset_class", metavar="CLASS", help="Only funds of a class: equity_us, …")
@click.option(
    "--style", type=click.Choice(["active", "passive", "smart_beta"]), help="How a fund is run."
)
@click.option(
    "--fee-max",
    type=click.FloatRange(min=0, max=10),
    metavar="PERCENT",
    help="Only funds with a total fee up to this many percent a year.",
)
@click.option(
    "--limit", type=click.IntRange(min=1), default=_SHOWN, show_default=True, help="Funds to show."
)
@click.option("--detail", is_flag=True, help="Show every field with its page, date and words.")
@language_option
@json_option
def products(
    words: tuple[str, ...],
    account: str | None,
    irp: str | None,
    asset_class: str | None,
    style: str | None,
    fee_max: float | None,
    limit: int,
    detail: bool,
    lang: str,
    as_json: OutputForm | None,
) -> None:
    """Search products and funds by WORDS: a code, a name old or new, a class, a theme.

    Words are matched together; a single fund is shown with every field and its source.
    """
    from jeoul.korea.catalogue import FundQuery, search
    from jeoul.korea.catalogue_files import load_catalogue
    from jeoul.korea.tables import load_products, rules_for

    catalogue, book = load_catalogue(), rules_for(today().year)
    _check_class(asset_class, catalogue)
    text = " ".join(words)
    wanted = FundQuery(
        words=text,
        account=account,
        irp=irp,
        asset_class=asset_class,
        style=style,
        fee_max=None if fee_max is None else Decimal(str(fee_max)) / 100,
    )
    only_funds = any((irp, asset_class, style, fee_max is not None))
    kinds = () if only_funds else _kinds(book, load_products(), wanted)
    asked = bool(text) or only_funds or account is not None
    funds = search(book, catalogue, wanted) if asked else ()
    if as_json is not None:
        as_json.write(_data(book, catalogue, kinds, funds, lang))
    else:
        _print(book, catalogue, kinds, funds, lang, limit, detail=detail)
    notice = {"as_of": catalogue.as_of, "count": len(catalogue.funds)}
    click.echo(say(lang, "products.notice", notice), err=as_json is not None)


def _check_class(name: str | None, catalogue: Catalogue) -> None:
    if name is not None and name not in catalogue.classes:
        known = ", ".join(catalogue.classes)
        raise click.BadParameter(f"{name!r} is not a class of the catalogue; use one of {known}")


def _kinds(book: Rulebook, table: Iterable[Product], wanted: FundQuery) -> tuple[Product, ...]:
    """Return the kinds of product whose name has all the words and that the account may hold."""
    from jeoul.korea.products import accounts_for
    from jeoul.korea.words import folded, stems

    def matches(product: Product) -> bool:
        name = folded(" ".join((product.id, product.kind, *product.name.values())))
        return all(any(stem in name for stem in stems(w)) for w in wanted.words.split())

    return tuple(
        product
        for product in table
        if matches(product)
        and (wanted.account is None or wanted.account in accounts_for(book, product))
    )


def _print(
    book: Rulebook,
    catalogue: Catalogue,
    kinds: tuple[Product, ...],
    funds: tuple[ListedFund, ...],
    language: str,
    limit: int,
    *,
    detail: bool,
) -> None:
    from jeoul.cli.product_words import fund_detail, fund_table, kind_table
    from jeoul.cli.tables import show

    if kinds:
        click.echo(say(language, "products.kinds", {"count": len(kinds)}))
        show(kind_table(language, book, kinds))
    if kinds and funds:
        click.echo()
    if funds:
        click.echo(say(language, "products.funds", {"count": len(funds)}))
    shown = funds[:limit]
    if detail or len(funds) == 1:
        for line in (
            line for fund in shown for line in fund_detail(language, book, catalogue, fund)
        ):
            click.echo(line)
    elif shown:
        show(fund_table(language, catalogue, shown))
    if left := len(funds) - len(shown):
        click.echo(say(language, "products.more", {"count": left, "total": len(funds)}))
    if not kinds and not funds:
        click.echo(say(language, "products.none"))


def _data(
    book: Rulebook,
    catalogue: Catalogue,
    kinds: tuple[Product, ...],
    funds: tuple[ListedFund, ...],
    language: str,
) -> dict[str, object]:
    from jeoul.cli.product_words import fund_data, kind_data

    return {
        "as_of": catalogue.as_of.isoformat(),
        "products": [kind_data(language, book, product) for product in kinds],
        "funds": [fund_data(book, fund) for fund in funds],
    }
