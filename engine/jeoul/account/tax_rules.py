"""How an account of a kind is taxed on the funds of a universe."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from jeoul.account.withholding import US, TaxRules
from jeoul.korea.rulebook import Rulebook, decimal
from jeoul.model.instrument import Instrument


def tax_rules(book: Rulebook, instruments: Mapping[str, Instrument], account: str) -> TaxRules:
    """Return the rules of what an account withholds.

    >>> from jeoul.korea.tables import load_rules
    >>> from jeoul.strategy.universe import load_universe
    >>> found = tax_rules(load_rules(2026), load_universe("krx-core").instruments, "isa")
    >>> found.kinds["069500"], found.foreign["360750"], found.taxed
    ('kr_equity_etf', Decimal('0.15'), False)
    """
    return TaxRules(
        book=book,
        account=account,
        kinds={code: each.tax_kind for code, each in instruments.items()},
        foreign={
            code: rate
            for code, each in instruments.items()
            if (rate := rate_abroad(book, each)) and each.tax_kind != US
        },
    )


def rate_abroad(book: Rulebook, fund: Instrument) -> Decimal:
    """Return the tax that a fund pays abroad on its dividends: that of the treaty on US shares.

    Other funds of foreign assets pay some too, and no source says how much: nothing is credited.
    """
    if fund.asset_class != "equity_us":
        return Decimal(0)
    return decimal(book.table("us.dividend_rate")["treaty"])
