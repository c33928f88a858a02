"""The routes that an account comparison runs: fund, account, and the taxes on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from jeoul.korea.rulebook import Rulebook


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One way to invest: a fund, an account, and the tax kind of its gain.

    ``distribution`` is the assumed yearly yield inside the adjusted price, ``distribution_tax`` the
    tax rate on it while it is held (0 inside an ISA or pension account); ``fx_cost`` the share lost
    at each change of currency.
    """

    name: str
    ticker: str
    account: str
    tax: str
    distribution: float = 0.0
    distribution_tax: float = 0.0
    fx_cost: float = 0.0


def standard_routes(
    book: Rulebook, yields: Mapping[str, Decimal], *, fx_cost: float
) -> tuple[Route, ...]:
    """Return the routes of the comparison: one Nasdaq index in four accounts, and KODEX 200.

    The rates are the rulebook's own: 15 % withheld in the United States, 15.4 % at home.

    >>> from jeoul.korea.tables import load_rules, load_yields
    >>> [r.name for r in standard_routes(load_rules(2026), load_yields(), fx_cost=0.001)]
    ['us', 'general', 'isa', 'pension', 'kodex200']
    """
    home = float(book.rate("tax.withholding") * (1 + book.rate("tax.local_share")))
    treaty = float(str(book.table("us.dividend_rate")["treaty"]))
    us, krx, kodex = (float(yields[ticker]) for ticker in ("QQQ", "133690", "069500"))
    return (
        Route(
            name="us",
            ticker="QQQ",
            account="general",
            tax="overseas",
            distribution=us,
            distribution_tax=treaty,
            fx_cost=fx_cost,
        ),
        Route(
            name="general",
            ticker="133690",
            account="general",
            tax="holding",
            distribution=krx,
            distribution_tax=home,
        ),
        Route(name="isa", ticker="133690", account="isa", tax="isa", distribution=krx),
        Route(
            name="pension",
            ticker="133690",
            account="pension_savings",
            tax="pension",
            distribution=krx,
        ),
        Route(
            name="kodex200",
            ticker="069500",
            account="general",
            tax="share",
            distribution=kodex,
            distribution_tax=home,
        ),
    )
