"""The products a household meets: what each is, who may hold it, and what to be warned of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from jeoul.korea.accounts import may_hold
from jeoul.korea.rulebook import Rulebook


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One kind of product. An unknown figure is None and prints as unknown.

    ``grades`` are the riskiest and the least risky grade of the kind; ``cash_days`` None where
    there is no cash before maturity; ``term`` in months; ``cost`` a year; ``growth`` from 0 (none)
    to 3 (shares).
    """

    id: str
    kind: str
    name: Mapping[str, str]
    grades: tuple[int, int]
    protected: str
    growth: int
    tax: str
    cash_days: int | None
    term: int | None
    minimum: int
    cost: Decimal | None
    leveraged: bool
    inverse: bool
    warnings: tuple[str, ...]
    sources: tuple[str, ...]

    @property
    def locked(self) -> bool:
        """Return whether there is no cash before maturity."""
        return self.cash_days is None


def accounts_for(book: Rulebook, product: Product) -> tuple[str, ...]:
    """Return the kinds of account that may hold a product, by the rule table.

    >>> from jeoul.korea.tables import load_products, load_rules
    >>> table = {product.id: product for product in load_products()}
    >>> accounts_for(load_rules(2026), table["leveraged_etf"])
    ('general', 'isa')
    >>> accounts_for(load_rules(2026), table["us_etf"])
    ('general',)
    """
    return tuple(
        account
        for account in book.table("account.holdings")
        if may_hold(
            book,
            account=account,
            listing="US" if product.kind == "us_etf" else "KRX",
            kind=product.kind,
            leveraged=product.leveraged,
            inverse=product.inverse,
        ).allowed
    )
