"""A kind of product and a fund of the catalogue as lines for people and as data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from jeoul.advice.explain import plain, word
from jeoul.cli.tables import Grid
from jeoul.korea.catalogue_files import Catalogue
from jeoul.korea.fund import FIELDS, FundFact, ListedFund, SourcePage, held_in, missing_for_order
from jeoul.korea.products import Product, accounts_for
from jeoul.korea.rulebook import Rulebook
from jeoul.messages import catalogue as messages
from jeoul.messages import say

_SEPARATOR = ", "


def kind_table(language: str, book: Rulebook, products: Sequence[Product]) -> Grid:
    """Return kinds of product as a table: what each is, its grades and the accounts for it."""
    rows = [
        (
            product.name[language],
            "–".join(map(str, dict.fromkeys(product.grades))),
            _SEPARATOR.join(word(language, name) for name in accounts_for(book, product)),
        )
        for product in products
    ]
    heads = [say(language, f"products.head_{name}") for name in ("kind", "grades", "accounts")]
    return Grid(heads, rows, frozenset({0, 2}))


def kind_data(language: str, book: Rulebook, product: Product) -> dict[str, object]:
    """Return a kind of product as JSON takes it."""
    return {
        "id": product.id,
        "name": product.name[language],
        "grades": list(product.grades),
        "protected": product.protected,
        "kinds": list(accounts_for(book, product)),
        "sources": list(product.sources),
    }


def fund_table(language: str, catalogue: Catalogue, funds: Sequence[ListedFund]) -> Grid:
    """Return funds as a table; what else a reader looks for is a note on each."""
    names = ("code", "name", "class", "fee", "irp", "features")
    heads = [say(language, f"products.head_{name}") for name in names]
    rows = [_fund_row(language, catalogue, fund) for fund in funds]
    return Grid(heads, rows, frozenset({0, 1, 2, 4, 5}), note=True)


def _fund_row(language: str, catalogue: Catalogue, fund: ListedFund) -> tuple[str, ...]:
    shown = (
        value_text(language, catalogue, fund, name) for name in ("name", "class", "fee", "irp")
    )
    features = [
        value_text(language, catalogue, fund, name)
        for name in ("style", "features", "hedge")
        if fund.value(name) not in (None, (), "none")
    ]
    if former := fund.names("former"):
        names = _SEPARATOR.join(former)
        features.append(say(language, "products.row_former", {"names": names}))
    return (fund.code, *shown, " · ".join(features))


def fund_detail(
    language: str, book: Rulebook, catalogue: Catalogue, fund: ListedFund
) -> Iterator[str]:
    """Yield a fund with every field and the words it rests on, and below them the pages."""
    yield say(language, "products.detail", {"code": fund.code, "name": fund.text("name")})
    pages = list(dict.fromkeys(fact.page for fact in fund.facts.values() if fact.page))
    for field in FIELDS:
        label = say(language, f"products_field.{field}")
        value = value_text(language, catalogue, fund, field)
        fact = fund.facts[field]
        if fact.page is None:
            yield say(language, "products.fact", {"field": label, "value": value})
        else:
            place = {"words": fact.words, "number": pages.index(fact.page) + 1}
            yield say(language, "products.sourced", {"field": label, "value": value, **place})
    if fund.aliases:
        yield say(language, "products.aliases", {"names": _SEPARATOR.join(fund.aliases)})
    yield from _account_lines(language, book, fund)
    yield from (_page(language, number, page) for number, page in enumerate(pages, 1))


def _account_lines(language: str, book: Rulebook, fund: ListedFund) -> Iterator[str]:
    held = _held(book, fund)
    for message, answer in (("holds", True), ("holds_unknown", None)):
        names = [word(language, name) for name, allowed in held.items() if allowed is answer]
        if names:
            yield say(language, f"products.{message}", {"accounts": _SEPARATOR.join(names)})
    if missing := missing_for_order(book, fund, "general"):
        fields = _SEPARATOR.join(say(language, f"products_field.{name}") for name in missing)
        yield say(language, "products.not_orderable", {"fields": fields})


def fund_data(book: Rulebook, fund: ListedFund) -> dict[str, object]:
    """Return a fund as JSON takes it: every field with its source, null where unconfirmed."""
    return {
        "code": fund.code,
        "aliases": list(fund.aliases),
        "kinds": _held(book, fund),
        "not_ordered": list(missing_for_order(book, fund, "general")),
        "facts": {name: _fact_data(fund.facts[name]) for name in FIELDS},
    }


def _held(book: Rulebook, fund: ListedFund) -> dict[str, bool | None]:
    return {name: held_in(book, fund, name) for name in book.table("account.holdings")}


def _fact_data(fact: FundFact) -> dict[str, object]:
    page = fact.page
    return {
        "value": plain(fact.value),
        "confirmed": fact.confirmed,
        "words": fact.words or None,
        "source": None if page is None else page.title,
        "url": None if page is None else page.url,
        "dated": None if page is None else page.dated,
    }


def _page(language: str, number: int, page: SourcePage) -> str:
    dated = page.dated or say(language, "products.undated", {"retrieved": page.retrieved})
    detail = {"number": number, "title": page.title, "dated": dated, "url": page.url}
    return say(language, "products.page", detail)


def value_text(language: str, catalogue: Catalogue, fund: ListedFund, field: str) -> str:
    """Return a field's value in a language; what nothing confirms is called unconfirmed."""
    fact = fund.facts[field]
    if not fact.confirmed:
        return say(language, "products.unconfirmed")
    if field == "class":
        return catalogue.classes[str(fact.value)][language]
    if field == "themes":
        names = [catalogue.themes[name].name[language] for name in fund.names("themes")]
        return _SEPARATOR.join(names) or say(language, "products.empty")
    if isinstance(fact.value, Decimal):
        share = f"{(fact.value * 100).normalize():f}%"
        return say(language, "products.percent", {"share": share})
    if isinstance(fact.value, tuple):
        names = [_value_word(language, name) for name in fact.value]
        return _SEPARATOR.join(names) or say(language, "products.empty")
    return _value_word(language, str(fact.value))


def _value_word(language: str, value: str) -> str:
    return messages(language).get(f"products_value.{value}", value)
