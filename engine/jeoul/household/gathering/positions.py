"""The positions of one account: what it holds and may hold, as the program takes them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from jeoul.account.holdings.record import Holdings
from jeoul.advice.routes import RouteFund as Route
from jeoul.advice.routes import holds
from jeoul.household.gathering.assumed import Assumed, assumed_of
from jeoul.household.gathering.lots import Bought, LotWorth, Sellable, sellable
from jeoul.household.gathering.pieces import carry
from jeoul.household.gathering.priced import Priced
from jeoul.household.problem.records import CASH, Gains, Position
from jeoul.household.written.file import HouseholdAccount
from jeoul.korea.rulebook import Rulebook
from jeoul.model.instrument import AccountKind, Instrument, Universe

GAINS = {
    "general": Gains.WITHHELD,
    "overseas": Gains.YEARLY,
    "isa": Gains.SHELTERED,
    "pension_savings": Gains.SHELTERED,
    "irp": Gains.SHELTERED,
}
"""How gains are taxed, by kind of account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A position as the program takes it, the fund, and what is known and assumed of it."""

    position: Position
    fund: Instrument
    basis: Sellable
    assumed: Assumed


def allowed_in(book: Rulebook, kind: str, fund: Instrument) -> bool:
    """Return whether an account of a kind may buy a fund: by the law and by the universe.

    >>> from jeoul.korea.tables import load_rules
    >>> from jeoul.strategy.universe import load_universe
    >>> funds = load_universe("krx-core").instruments
    >>> allowed_in(load_rules(2026), "irp", funds["132030"])
    False
    """
    law = "general" if kind == "overseas" else kind
    own = AccountKind(law).ruled_as
    if own not in fund.accounts or (own is AccountKind.IRP and fund.irp == "barred"):
        return False
    if (kind == "overseas") != (fund.tax_kind == "us_etf"):
        return False
    return holds(book, Route(ticker=fund.code, kind=fund.tax_kind, features=fund.features), law)


def buyable_in(
    book: Rulebook,
    kind: str,
    universe: Universe,
    *,
    classes: Collection[str],
    members: Collection[str] | None,
    priced: Collection[str],
) -> tuple[str, ...]:
    """Return the funds that an account may buy: for each member the first that it may and can.

    ``members`` are the places that the target holds, None for all; a member counts while its class
    is one of ``classes``.
    """
    found = []
    for member in universe.members:
        if member.asset_class not in classes:
            continue
        if members is not None and member.name not in members:
            continue
        for code in member.codes:
            fund = universe.instruments[code]
            if code in priced and code not in universe.excluded and allowed_in(book, kind, fund):
                found.append(code)
                break
    return tuple(found)


def positions_of(
    book: Rulebook,
    account: HouseholdAccount,
    holdings: Holdings,
    universe: Universe,
    prices: Mapping[str, Priced],
    *,
    buyable: Iterable[str],
    on: date,
    receipts: float,
) -> Iterator[Held]:
    """Yield an account's positions: what may be bought, and whatever is held and has a price.

    ``receipts`` is the tax of a further won of its owner's pensions.
    """
    kind = account.kind or ""
    wanted = dict.fromkeys((*buyable, *sorted(holdings.shares)))
    fee = float(Decimal(account.fees.fee_rate))
    for code in wanted:
        if code not in prices or code not in universe.instruments:
            continue
        fund, priced = universe.instruments[code], prices[code]
        basis = sellable(
            _bought(holdings, code),
            LotWorth(
                price=priced.main,
                tax_base=priced.tax_base,
                fx=priced.fx,
                least_fx=priced.least_fx if priced.currency != "KRW" else priced.fx,
            ),
            kind=fund.tax_kind,
            gains=GAINS[kind],
            first_in=account.terms.cost_method == "fifo",
        )
        assumed = assumed_of(fund, universe.instruments.values())
        each = carry(book, kind, assumed, on=on, receipts=receipts)
        position = Position(
            account=account.id,
            fund=code,
            shares=holdings.shares.get(code, 0),
            buyable=code in set(buyable),
            lots=basis.lots,
            buy_cost=fee + priced.half_spread,
            sell_cost=fee + priced.half_spread,
            drag=each.drag,
            income=each.income,
            growth=each.growth,
        )
        yield Held(position=position, fund=fund, basis=basis, assumed=assumed)


def _bought(holdings: Holdings, code: str) -> tuple[Bought, ...]:
    lots = holdings.lots.get(code)
    if lots:
        return tuple(
            Bought(shares=lot.shares, cost=lot.cost, tax_base=lot.tax_base, fx=lot.fx)
            for lot in lots
        )
    shares = holdings.shares.get(code, 0)
    fx = Decimal(1) if holdings.currency == "KRW" else None
    cost, base = holdings.cost.get(code), holdings.tax_base.get(code)
    return (Bought(shares=shares, cost=cost, tax_base=base, fx=fx),)


def exposure_of(fund: Instrument, mixed: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Return what a fund holds, looked through: shares of its value by class, which sum to 1.

    A leveraged or inverse fund holds its multiple of the class, on borrowed or lent cash.

    >>> from jeoul.strategy.universe import load_universe
    >>> funds = load_universe("krx-core").instruments
    >>> exposure_of(funds["122630"], {}), exposure_of(funds["069500"], {})
    ({'equity_kr': 2.0, 'CASH': -1.0}, {'equity_kr': 1.0})
    """
    if fund.code in mixed:
        return dict(mixed[fund.code])
    if fund.multiple == 1.0:
        return {fund.asset_class: 1.0}
    return {fund.asset_class: fund.multiple, CASH: 1.0 - fund.multiple}


def isa_gain(held: Iterable[Held], prices: Mapping[str, Priced], holdings: Holdings) -> int | None:
    """Return the unrealised gain that the end of an ISA counts, None where a cost is not known.

    Gains of funds on Korean shares are untaxed; their losses reduce nothing, the dear reading of
    an open question of law (``isa.share_fund_losses``).
    """
    total = Decimal(0)
    for each in held:
        code, shares = each.position.fund, each.position.shares
        if not shares or each.fund.tax_kind == "kr_equity_etf":
            continue
        cost = holdings.cost.get(code)
        if cost is None:
            return None
        total += shares * (prices[code].main - cost)
    return int(total)
