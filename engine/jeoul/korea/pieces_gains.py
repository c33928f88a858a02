"""What gains and distributions cost, as slopes: by kind of fund, kind of account and date."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from jeoul.korea.etf import KINDS as ETF_KINDS
from jeoul.korea.foreign_tax import ForeignTax, share_on
from jeoul.korea.isa import tax_free_of
from jeoul.korea.levy import combined
from jeoul.korea.pieces import Pieces
from jeoul.korea.rulebook import Rulebook, decimal

_SALE = "etf.sale"


def sale_pieces(book: Rulebook, kind: str) -> Pieces:
    """Return the tax on the taxable gain of a sale of a KRX-listed ETF in an ordinary account.

    The amount is max(0, min(price rise, rise of the taxable base price)) of one sale. The tax of
    :func:`~jeoul.korea.etf.sell_etf` is smaller by less than 22 won, or 0 where the national tax
    is below 1,000 won.

    >>> from jeoul.korea.tables import load_rules
    >>> sale_pieces(load_rules(2026), "krx_other_etf").slopes
    (Decimal('0.1540'),)
    """
    if kind not in ETF_KINDS:
        wrong = f"kind {kind!r} is not sold with tax withheld; use {' or '.join(ETF_KINDS)}"
        raise book.refuse(_SALE, "tax.withholding", wrong)
    if kind == "kr_equity_etf":
        return Pieces()
    return Pieces(slopes=(combined(book, book.rate("tax.withholding")),))


def overseas_pieces(book: Rulebook) -> Pieces:
    """Return the tax on a year's net gain of US-listed holdings: nothing up to 2.5 M, then 22 %.

    The deductions of a return account and of a currency hedge are left out. The tax of
    :func:`~jeoul.korea.overseas.settle_overseas` is smaller by less than 22 won.

    >>> from jeoul.korea.tables import load_rules
    >>> overseas_pieces(load_rules(2026)).bounds
    (2500000,)
    """
    rate = combined(book, book.rate("us.gain_rate"))
    return Pieces((book.won("us.deduction"),), (Decimal(0), rate))


def isa_pieces(book: Rulebook, kind: str) -> Pieces:
    """Return the tax at the end of an ISA that ran its three years, on its net result.

    Nothing up to the tax-free amount of its kind, then 9.9 %. The tax of
    :func:`~jeoul.korea.isa.settle_isa` is smaller by less than 22 won.

    >>> from jeoul.korea.tables import load_rules
    >>> int(isa_pieces(load_rules(2026), "low_income").at(5_000_000))
    99000
    """
    free = tax_free_of(book, "isa.end", kind)
    return Pieces((free,), (Decimal(0), combined(book, book.rate("isa.rate"))))


def isa_early_pieces(book: Rulebook) -> Pieces:
    """Return the tax at the end of an ISA before its three years: 15.4 % from the first won.

    The amount is the sum of the gains that an ordinary account would tax, losses left out, as long
    as the table reads an early end that way (``isa.early_netting``); else the net result. The tax
    of :func:`~jeoul.korea.isa.settle_isa` is smaller by less than 22 won for each gain, or 0 for a
    gain whose national tax is below 1,000 won.
    """
    return Pieces(slopes=(combined(book, book.rate("tax.withholding")),))


def credited_share(
    book: Rulebook, account: str, *, on: date, foreign_rate: Decimal | None = None
) -> Decimal:
    """Return the share of the tax a fund paid abroad that a payment on a day is credited with.

    The credit comes off the national tax, so that local tax falls by a tenth of it besides. It is
    0 before the law of the kind of account began to give it.

    >>> from jeoul.korea.tables import load_rules
    >>> book = load_rules(2026)
    >>> [credited_share(book, "irp", on=day) for day in (date(2026, 6, 30), date(2026, 7, 1))]
    [Decimal('0'), Decimal('0.55')]
    """
    return share_on(book, account, on, ForeignTax(0, foreign_rate))


def distribution_rate(book: Rulebook, *, on: date, foreign_rate: Decimal = Decimal(0)) -> Decimal:
    """Return the rate withheld from a distribution of a KRX-listed ETF in an ordinary account.

    14 % of what is paid out less the credit of the tax inside the fund, which is ``foreign_rate``
    of its dividends before that tax; not below 0; local tax on top. What is withheld by
    :func:`~jeoul.korea.foreign_tax.fund_foreign_tax` is smaller by less than 24 won, or 0 where the
    national tax is below 1,000 won. The excess of a credit, which can be carried, is left out.

    >>> from jeoul.korea.tables import load_rules
    >>> book = load_rules(2026)
    >>> day = date(2026, 3, 2)
    >>> [float(distribution_rate(book, on=day, foreign_rate=rate)) for rate in (
    ...     Decimal(0), Decimal("0.15"))]
    [0.154, 0.0]
    """
    inside = Decimal(0)
    if foreign_rate:
        paid = foreign_rate / (1 - foreign_rate)
        inside = paid * credited_share(book, "general", on=on, foreign_rate=foreign_rate)
    national = max(Decimal(0), round(book.rate("tax.withholding") - inside, 12))
    return combined(book, national)


def us_dividend_rate(book: Rulebook, *, w8ben: bool = True) -> Decimal:
    """Return what both countries withhold from a dividend of a US-listed holding.

    The tax of :func:`~jeoul.korea.overseas.us_dividend` is smaller by less than 23 won, or by the
    Korean part where its national tax is below 1,000 won.

    >>> from jeoul.korea.tables import load_rules
    >>> us_dividend_rate(load_rules(2026))
    Decimal('0.15')
    """
    abroad = decimal(book.table("us.dividend_rate")["treaty" if w8ben else "none"])
    rest = book.rate("tax.withholding") - abroad
    return abroad if rest <= 0 else abroad + combined(book, rest)
