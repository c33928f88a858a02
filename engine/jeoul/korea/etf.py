"""KRX-listed ETFs in an ordinary account: sales, distributions, and the transaction tax."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from jeoul.korea.levy import Won, collected, cut, floor, withheld
from jeoul.korea.rulebook import Rulebook, Step, decimal, step

KINDS = ("kr_equity_etf", "krx_other_etf")
TAXED = ("stock", "kr_stock", "reit")


@dataclass(frozen=True, slots=True)
class EtfSale:
    """The tax on one sale (holding-period taxation) and what it was computed from."""

    gain: int
    base_rise: int
    taxable: int
    tax: int
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class TaxedDistribution:
    """The tax withheld from a distribution."""

    tax: int
    net: int
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class TransactionTax:
    """The tax on a sale itself, whatever the gain."""

    tax: int
    securities: int
    rural: int
    steps: tuple[Step, ...]


def _kind(book: Rulebook, rule: str, kind: str) -> None:
    if kind == "us_etf":
        raise book.refuse(
            rule, "us.gain_rate", "US-listed ETFs are settled by the year; use us.settle"
        )
    if kind not in KINDS:
        raise book.refuse(
            rule, "tax.withholding", f"kind {kind!r} is unknown; use {' or '.join(KINDS)}"
        )


def sell_etf(
    book: Rulebook,
    *,
    kind: str,
    units: Won,
    buy: Decimal,
    sell: Decimal,
    base_buy: Decimal | None = None,
    base_sell: Decimal | None = None,
) -> EtfSale:
    """Return the tax on selling a KRX-listed ETF in an ordinary account.

    ``kr_equity_etf``: untaxed. ``krx_other_etf``: taxable = max(0, min(units x price rise, units x
    rise of the taxable base price)), 15.4 %; no netting with other sales; a tax below 1,000 won is
    not collected. The base prices may be left out for ``kr_equity_etf`` alone. Sources: 소득세법
    §86 1; 시행령 §26의2④⑤.

    >>> from jeoul.korea.tables import load_rules
    >>> sell_etf(load_rules(2026), kind="krx_other_etf", units=10, buy=Decimal(10_000),
    ...          sell=Decimal(12_000), base_buy=Decimal(9_900), base_sell=Decimal(10_900)).taxable
    10000
    """
    rule = "etf.sale"
    _kind(book, rule, kind)
    if units < 0 or min(buy, sell, base_buy or Decimal(0), base_sell or Decimal(0)) < 0:
        raise book.refuse(rule, "tax.withholding", "units or a price is below zero; give 0 or more")
    gain, rise = floor(units * (sell - buy)), 0
    if base_buy is not None and base_sell is not None:
        rise = floor(units * (base_sell - base_buy))
    elif kind != "kr_equity_etf":
        raise book.refuse(rule, "tax.withholding", f"{kind} needs base_buy and base_sell")
    if kind == "kr_equity_etf":
        return EtfSale(
            gain=gain, base_rise=rise, taxable=0, tax=0, steps=(step("etf_share_gain", gain=gain),)
        )
    taxable = max(0, min(gain, rise))
    owed = withheld(book, taxable, book.rate("tax.withholding"))
    steps = [
        step("etf_smaller", gain=gain, rise=rise, taxable=taxable),
        step("levied", base=taxable, national=owed.national, local=owed.local),
    ]
    if taxable and not owed.national:
        steps.append(step("tax_uncollected", least=book.won("tax.uncollected_below")))
    return EtfSale(gain=gain, base_rise=rise, taxable=taxable, tax=owed.total, steps=tuple(steps))


def etf_distribution(
    book: Rulebook, *, kind: str, amount: Won, foreign_tax: Won = 0
) -> TaxedDistribution:
    """Return the tax withheld from a distribution of a KRX-listed ETF, of either kind.

    national = 14 % of ``amount``, which still contains the foreign tax, less ``foreign_tax`` paid
    by the fund, not below 0; local tax on top. It is what ``fund.foreign_tax`` gives for an
    ordinary account from the payment without the foreign tax. Sources: 소득세법 §§57의2, 129①2⑤.

    >>> from jeoul.korea.tables import load_rules
    >>> etf_distribution(load_rules(2026), kind="kr_equity_etf", amount=100_000).tax
    15400
    """
    rule = "etf.distribution"
    _kind(book, rule, kind)
    if min(amount, foreign_tax) < 0:
        raise book.refuse(rule, "tax.withholding", "an amount is below zero; give 0 or more")
    full = floor(amount * book.rate("tax.withholding"))
    national = collected(book, cut(book, max(0, full - foreign_tax)))
    part = cut(book, national * book.rate("tax.local_share"))
    steps = (step("levied", base=amount, national=national, local=part),)
    return TaxedDistribution(national + part, amount - national - part, steps)


def transaction_tax(book: Rulebook, *, market: str, kind: str, amount: Won) -> TransactionTax:
    """Return the tax on selling on an exchange: shares pay it, ETFs, ETNs and funds do not.

    KOSPI 0.05 % + 0.15 % rural tax, KOSDAQ and K-OTC 0.20 %, KONEX 0.10 %. Sources: 증권거래세법
    시행령 §5, 농어촌특별세법 §5, 조세특례제한법 §117.

    >>> from jeoul.korea.tables import load_rules
    >>> transaction_tax(load_rules(2026), market="KOSPI", kind="stock", amount=10_000_000).tax
    20000
    """
    rule, key = "transaction.tax", "transaction.rates"
    rates = book.table(key)
    if market not in rates:
        raise book.refuse(rule, key, f"market {market!r} is unknown; use {', '.join(rates)}")
    if amount < 0:
        raise book.refuse(rule, key, f"amount is {amount}, below zero; give 0 or more")
    exempt = book.words("transaction.exempt")
    if kind in exempt:
        return TransactionTax(0, 0, 0, (step("transaction_exempt", kind=kind),))
    if kind not in TAXED:
        raise book.refuse(
            rule, key, f"kind {kind!r} is unknown; use {', '.join((*TAXED, *exempt))}"
        )
    parts = rates[market]
    if not isinstance(parts, list):
        raise TypeError(f"{key}.{market} is {parts!r}")
    securities, rural = (cut(book, amount * decimal(part)) for part in parts)
    steps = (step("transaction_taxed", market=market, securities=securities, rural=rural),)
    return TransactionTax(securities + rural, securities, rural, steps)
