"""What to sell and buy back before the year ends, so that the yearly deduction is used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jeoul.household.problem.after import After
from jeoul.household.problem.records import (
    Account,
    Curve,
    Gains,
    Household,
    HouseholdMember,
    Lot,
    Moves,
    Position,
)
from jeoul.household.program.rule_program import UNIT
from jeoul.household.program.rule_rows import ProgramRows, Solver


@dataclass(frozen=True, slots=True)
class Rebuy:
    """Shares of a position that are sold and bought back, and the gain that this realises."""

    account: str
    fund: str
    shares: int
    gain: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Harvest:
    """The sales that are bought back for one person, and what they are worth, in won.

    ``gain`` is what they realise, losses taken off, ``realised`` the year's net gains with it.
    ``tax_now`` is the tax of this year that they add (below 0: that they save), ``tax_later`` the
    part of a later tax that no longer counts (below 0: relief that is used up), ``cost`` fees,
    spread and the price of two orders each.
    """

    member: str
    rebuys: tuple[Rebuy, ...]
    gain: float
    realised: float
    tax_now: float
    tax_later: float
    cost: float

    @property
    def saves(self) -> float:
        """Return what is saved in all."""
        return self.tax_later - self.tax_now - self.cost


def harvests(household: Household, moves: Moves, *, capped: bool = False) -> tuple[Harvest, ...]:
    """Return for each person the best sales with a purchase of the same shares, after some moves.

    Only accounts whose gains are settled by the year take part: there a gain within the deduction
    costs nothing now and lowers a later tax, and a loss lowers the tax of this year. Each share
    pays both ways; lots are sold in their order, after what the moves sell. With ``capped`` the
    year's net gain may not pass the first bound of the levy: whole shares can otherwise go a little
    beyond it where that still pays. A harvest that saves nothing is left out.
    """
    found = (
        _harvest(After(household, moves), member, capped=capped) for member in household.members
    )
    return tuple(each for each in found if each is not None and each.saves > 0.0)


@dataclass(frozen=True, slots=True)
class _Held:
    """A position of which a part may be sold and bought back: the lots that the moves left."""

    position: Position
    account: Account
    price: float
    lots: tuple[Lot, ...]

    @property
    def shares(self) -> int:
        return sum(lot.shares for lot in self.lots)

    def cost(self, household: Household) -> tuple[float, float]:
        """Return what selling and buying a share back costs, and what both orders do."""
        each = self.price * (self.position.buy_cost + self.position.sell_cost)
        return each, 2.0 * (self.account.order_fee + household.policy.trade_price)


def _harvest(after: After, member: HouseholdMember, *, capped: bool) -> Harvest | None:
    household = after.household
    held = [
        each for account in after.of_owner(member, Gains.YEARLY) for each in _held(after, account)
    ]
    if not held:
        return None
    sold = sum(after.realised.get(a.id, 0.0) for a in after.of_owner(member, Gains.YEARLY))
    before = member.realised + sold
    counts = _best(after, held, member.gains_levy, before, capped=capped)
    chosen = [(each, count) for each, count in zip(held, counts, strict=True) if count]
    rebuys = tuple(
        Rebuy(each.account.id, each.position.fund, count, _gain(each.lots, count))
        for each, count in chosen
    )
    gain = sum(each.gain for each in rebuys)
    later = sum(
        each.account.sale_rate * rebuy.gain for (each, _), rebuy in zip(chosen, rebuys, strict=True)
    )
    cost = sum(count * each.cost(household)[0] + each.cost(household)[1] for each, count in chosen)
    levy = member.gains_levy
    return Harvest(
        member=member.id,
        rebuys=rebuys,
        gain=gain,
        realised=before + gain,
        tax_now=levy.cost(before + gain) - levy.cost(before),
        tax_later=household.policy.realise * later,
        cost=cost,
    )


def _held(after: After, account: Account) -> Sequence[_Held]:
    found = []
    for position in after.positions():
        if position.account != account.id or not (position.buyable and position.sellable):
            continue
        lots = _left(position.lots, max(0, -after.traded(position)))
        if lots:
            found.append(_Held(position, account, after.price(position), lots))
    return found


def _left(lots: Sequence[Lot], sold: int) -> tuple[Lot, ...]:
    """Return the lots without the first shares."""
    found = []
    for lot in lots:
        gone = min(sold, lot.shares)
        sold -= gone
        if lot.shares > gone:
            found.append(Lot(lot.shares - gone, lot.gain))
    return tuple(found)


def _gain(lots: Sequence[Lot], count: int) -> float:
    """Return the gain of the first shares of some lots."""
    total = 0.0
    for lot in lots:
        part = min(count, lot.shares)
        total, count = total + part * lot.gain, count - part
    return total


def _best(
    after: After, held: Sequence[_Held], levy: Curve, before: float, *, capped: bool
) -> list[int]:
    """Return how many shares of each are sold and bought back, by a small integer program."""
    household, rows = after.household, ProgramRows()
    costs: dict[int, float] = {}
    gains: dict[int, float] = {}
    parts = []
    for each in held:
        share, orders = each.cost(household)
        traded = rows.add_column(0.0, 1.0, whole=True)
        costs[traded] = orders / UNIT
        columns = _lot_columns(rows, each.lots, traded)
        for column, lot in zip(columns, each.lots, strict=True):
            relief = household.policy.realise * each.account.sale_rate * lot.gain
            costs[column] = (share - relief) / UNIT
            gains[column] = lot.gain / UNIT
        parts.append(columns)
    _add_levy(rows, costs, gains, (levy, before))
    if capped and levy.bounds:
        rows.add_row(gains, high=max(0.0, levy.bounds[0] - before) / UNIT)
    _pay(after, rows, held, parts)
    found = Solver(rows).least(costs)
    assert found is not None, "nothing can always be done"
    return [round(sum(found.values[column] for column in columns)) for columns in parts]


def _lot_columns(rows: ProgramRows, lots: Sequence[Lot], traded: int) -> list[int]:
    """Add a column for each lot; one is touched only when the one before it is gone."""
    found: list[int] = []
    for number, lot in enumerate(lots):
        column = rows.add_column(0.0, float(lot.shares), whole=True)
        gate = traded
        if number:
            gate = rows.add_column(0.0, 1.0, whole=True)
            full = float(lots[number - 1].shares)
            rows.add_row({gate: full, found[-1]: -1.0}, high=0.0)
        rows.add_row({column: 1.0, gate: -float(lot.shares)}, high=0.0)
        found.append(column)
    return found


def _add_levy(
    rows: ProgramRows,
    costs: dict[int, float],
    gains: Mapping[int, float],
    levy: tuple[Curve, float],
) -> None:
    """Charge the tax of this year: above every line of a curve that is convex."""
    curve, before = levy
    column = rows.add_column(0.0, float("inf"))
    costs[column] = 1.0
    for start, slope in zip((0.0, *curve.bounds), curve.slopes, strict=True):
        fixed = curve.cost(start) + slope * (before - start)
        lines = {at: -slope * gain for at, gain in gains.items()}
        rows.add_row({column: 1.0, **lines}, low=fixed / UNIT)


def _pay(
    after: After, rows: ProgramRows, held: Sequence[_Held], parts: Sequence[Sequence[int]]
) -> None:
    """Add that an account can pay: its costs, and the purchases where proceeds come later."""
    for account in {each.account.id: each.account for each in held}.values():
        price: dict[int, float] = {}
        for each, columns in zip(held, parts, strict=True):
            if each.account.id == account.id:
                cost = each.price * (each.position.buy_cost + each.position.sell_cost)
                later = each.price * (1.0 + account.collar + each.position.buy_cost)
                price |= dict.fromkeys(columns, (cost if account.reuse else later) / UNIT)
        rows.add_row(price, high=max(0.0, _settled(after, account)) / UNIT)


def _settled(after: After, account: Account) -> float:
    """Return the settled cash that the moves leave in an account."""
    left = account.cash + after.deposit(account.id) * (1.0 - account.exchange)
    left -= after.withdrawn(account.id) * (1.0 + account.exchange) + account.buffer
    for position in after.positions():
        count = after.traded(position)
        if position.account != account.id or not count:
            continue
        value = count * after.price(position)
        cost = position.buy_cost if count > 0 else -position.sell_cost
        if count > 0 or account.reuse:
            left -= value * (1.0 + cost) + account.order_fee
    return left
