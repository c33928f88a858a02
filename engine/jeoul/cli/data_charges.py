"""What ``jeoul data`` says of the charges of proxies: tax, fee and correction of each series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jeoul.messages import say

if TYPE_CHECKING:
    from jeoul.cli.tables import Grid
    from jeoul.market import Market
    from jeoul.model.charges import Charges


@dataclass(frozen=True, slots=True)
class ChargedProxy:
    """A series of the folder that stands in for funds of a shipped universe, and what it pays.

    ``is_exact`` says that the folder has its distributions, so that each of them is taxed; ``year``
    is that of the yield which the last year of the folder pays tax on, None without yields.
    """

    universe: str
    member: str
    column: str
    charges: Charges
    is_exact: bool
    year: int | None

    @property
    def tax(self) -> float | None:
        """Return the tax of a year by the yields, None where each distribution pays it."""
        if self.is_exact and self.charges.kept < 1.0:
            return None
        return 0.0 if self.year is None else self.charges.withheld(self.year + 1)


def charged_proxies(market: Market) -> list[ChargedProxy]:
    """Return the proxies that pay, of the shipped universes that a folder has prices for."""
    from jeoul.strategy.universe import load_universe, shipped_universes

    exchanges = {table.exchange for table in market.prices}
    tables = {code: table for table in market.prices for code in table.tickers}
    known = {*tables, *market.series}
    return [
        ChargedProxy(
            universe=name,
            member=member.name,
            column=proxy.column,
            charges=proxy.charges,
            is_exact=proxy.column in tables and tables[proxy.column].dividends is not None,
            year=_year(proxy.charges, market.last.year),
        )
        for name in shipped_universes()
        for universe in [load_universe(name)]
        if universe.calendar in exchanges
        for member in universe.members
        for proxy in member.proxies
        if proxy.charges is not None and proxy.column in known
    ]


def _year(charges: Charges, last: int) -> int | None:
    """Return the year whose yield the last year of a folder pays tax on, None without yields."""
    years = [year for year, _ in charges.yields]
    return max((year for year in years if year < last), default=min(years, default=None))


def charges_grid(found: Sequence[ChargedProxy], lang: str) -> Grid:
    """Return the table of charges, each as percent a year; a dot where nothing is taken."""
    from jeoul.cli.tables import Grid

    heads = "member", "series", "rate", "tax", "fee", "correction", "error"
    cells = []
    for each in found:
        charges, correction = each.charges, each.charges.correction
        cells.append(
            (
                f"{each.universe}, {each.member}",
                each.column,
                _percent(1.0 - charges.kept, 1),
                say(lang, "data.charged_each") if each.tax is None else _percent(each.tax),
                _percent(charges.fee, 3),
                "·" if correction is None else f"{correction.yearly:+.2%}",
                "·" if correction is None else _percent(correction.error),
            )
        )
    return Grid(
        [say(lang, f"data.charged_{name}") for name in heads], cells, texts=frozenset({0, 1})
    )


def _percent(value: float, digits: int = 2) -> str:
    return f"{value:.{digits}%}" if value else "·"


def charges_document(found: Sequence[ChargedProxy]) -> list[dict[str, Any]]:
    """Return the charges as JSON values."""
    return [
        {
            "universe": each.universe,
            "member": each.member,
            "column": each.column,
            "withholding": round(1.0 - each.charges.kept, 12),
            "exact": each.is_exact,
            "yield_year": each.year,
            "tax": each.tax,
            "fee": each.charges.fee,
            "correction": _correction(each.charges),
        }
        for each in found
    ]


def _correction(charges: Charges) -> dict[str, Any] | None:
    found = charges.correction
    if found is None:
        return None
    span = {"from": found.start.isoformat(), "to": found.end.isoformat()}
    return {"yearly": found.yearly, "error": found.error, **span}
