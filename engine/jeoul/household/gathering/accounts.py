"""One account as the program takes it: its money, its rooms, and how its gains are taxed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from jeoul.account.holdings.record import Holdings
from jeoul.household.gathering.pieces import PENSIONS, curve
from jeoul.household.gathering.positions import GAINS, Held, isa_gain
from jeoul.household.gathering.priced import Priced
from jeoul.household.problem.records import Account, EndTax, Gains
from jeoul.household.written.file import HouseholdAccount
from jeoul.korea.dates import years_after
from jeoul.korea.levy import combined
from jeoul.korea.pieces_gains import isa_pieces
from jeoul.korea.rulebook import Rulebook
from jeoul.model.money import UNITS
from jeoul.model.portfolio import SETTLED
from jeoul.model.years import DAYS_A_YEAR

EXCHANGE = 0.001
"""Share of what is paid into an account abroad, or out of it, that changing money costs.

The default of ``jeoul compare-accounts`` too, and an assumption: no file says what a broker takes.
"""


def account_of(  # noqa: PLR0913  the record has that many fields, each found elsewhere
    book: Rulebook,
    account: HouseholdAccount,
    holdings: Holdings,
    held: Sequence[Held],
    prices: Mapping[str, Priced],
    *,
    isa_kind: str,
    room: float,
    withdrawable: float,
    lock_years: float,
    collar: float,
    horizon: float,
    on: date,
) -> Account:
    """Return an account; ``room``, ``withdrawable`` and ``lock_years`` are its owner's."""
    kind = account.kind or ""
    unit, fx = UNITS[holdings.currency], float(_fx(account, prices))
    fees = account.fees
    ruled = frozenset(book.words("irp.accounts"))
    return Account(
        id=account.id,
        owner=account.owner,
        kind=kind,
        gains=GAINS[kind],
        cash=(holdings.cash or 0) / unit * fx,
        due=sum(holdings.incoming.values()) / unit * fx,
        reuse=account.terms.proceeds != SETTLED,
        room=room,
        withdrawable=withdrawable,
        lock_years=lock_years,
        order_fee=(fees.fee_least + fees.fee_fixed) * fx,
        exchange=EXCHANGE if kind == "overseas" else 0.0,
        collar=collar,
        risk_cap=float(book.rate("irp.risk_cap")) if kind in ruled else None,
        sale_rate=_sale_rate(book, GAINS[kind]),
        settlement=_settlement(
            book, account, holdings, held, prices, isa_kind=isa_kind, horizon=horizon, on=on
        ),
    )


def value_of(holdings: Holdings, prices: Mapping[str, Priced]) -> float:
    """Return what an account is worth in won: holdings with a price, cash and money on its way."""
    held = sum(shares * prices[c].won for c, shares in holdings.shares.items() if c in prices)
    money = ((holdings.cash or 0) + sum(holdings.incoming.values())) / UNITS[holdings.currency]
    return held + money * float(rate_of(holdings.currency, prices))


def withdrawable(
    account: HouseholdAccount, holdings: Holdings, prices: Mapping[str, Priced]
) -> float:
    """Return the most that may be taken out without a penalty.

    Everything from an ordinary account or one abroad; from an ISA what was paid in, as long as it
    is there; nothing from pensions, whose receipts are another question than a plan of orders.
    """
    value = value_of(holdings, prices)
    if account.kind in PENSIONS:
        return 0.0
    if account.kind == "isa":
        return min(value, float(sum(account.paid.paid.values())))
    return max(0.0, value)


def _fx(account: HouseholdAccount, prices: Mapping[str, Priced]) -> Decimal:
    return rate_of(account.currency, prices)


def rate_of(currency: str, prices: Mapping[str, Priced]) -> Decimal:
    """Return won for one of a currency, 0 while no price in it is known."""
    if currency == "KRW":
        return Decimal(1)
    return next((each.fx for each in prices.values() if each.currency == currency), Decimal(0))


def _sale_rate(book: Rulebook, gains: Gains) -> float:
    """Return the rate of a gain: withheld at the sale, or that of later years."""
    rates = {Gains.WITHHELD: "tax.withholding", Gains.YEARLY: "us.gain_rate"}
    return float(combined(book, book.rate(rates[gains]))) if gains in rates else 0.0


def _settlement(
    book: Rulebook,
    account: HouseholdAccount,
    holdings: Holdings,
    held: Sequence[Held],
    prices: Mapping[str, Priced],
    *,
    isa_kind: str,
    horizon: float,
    on: date,
) -> EndTax | None:
    """Return the end of an ISA: no earlier than its three years, nor than the plan's horizon.

    Where a cost is not known, the gain so far is all that the account is worth above what was paid
    in, gains on Korean shares among it: the side that costs more.
    """
    if account.kind != "isa":
        return None
    opened = account.paid.opened or on
    left = (years_after(opened, book.won("isa.min_years")) - on).days / DAYS_A_YEAR
    gain = isa_gain(held, prices, holdings)
    if gain is None:
        accrued = value_of(holdings, prices) - sum(account.paid.paid.values())
    else:
        accrued = float(account.terms.gain_so_far + gain)
    kind = account.terms.form or isa_kind
    return EndTax(
        curve=curve(isa_pieces(book, kind)), accrued=accrued, years=max(1.0, horizon, left)
    )
