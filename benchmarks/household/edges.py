"""Edge cases: ten kinds of household at the edge of a rule, ten of each, out of those of 5x12."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from simulated import household

from jeoul.household.problem.after import money_of
from jeoul.household.problem.records import Account, Gains, Household, Lot, Position

FIRST_SEED = 1_000  # far from the seeds of the set of 5x12
EACH = 10


def edges() -> Iterator[tuple[str, Household]]:
    """Yield the name of every edge case and its household."""
    for number, (name, change) in enumerate(KINDS.items()):
        for place in range(EACH):
            drawn = _plain(household("5x12", FIRST_SEED + 100 * number + place))
            yield f"{name}-{place}", change(drawn, place)


def _plain(found: Household) -> Household:
    """Return a household without a cut and a withdrawal, so that its edge is what is unusual."""
    return replace(
        found, aims=tuple(replace(aim, risk_most=None, withdrawal=0.0) for aim in found.aims)
    )


def _account(found: Household, kind: str) -> Account:
    return next(each for each in found.accounts if each.kind == kind)


def _with_accounts(found: Household, change: Callable[[Account], Account]) -> Household:
    return replace(found, accounts=tuple(change(each) for each in found.accounts))


def _with_positions(found: Household, change: Callable[[Position], Position]) -> Household:
    return replace(found, positions=tuple(change(each) for each in found.positions))


def _irp_at_cap(found: Household, place: int) -> Household:
    """Return a household whose IRP has 69.9, 70.0 or 72 % of capped funds, made so by its cash."""
    part = (0.699, 0.70, 0.72)[place % 3]
    irp = _account(found, "irp")
    funds = {each.code: each for each in found.funds}
    capped = sum(
        p.shares * funds[p.fund].price
        for p in found.positions
        if p.account == irp.id and funds[p.fund].capped
    )
    if not capped:  # buy some: twenty shares of the first capped fund
        first = next(p for p in found.positions if p.account == irp.id and funds[p.fund].capped)
        found = _with_positions(found, lambda p: replace(p, shares=20) if p.key == first.key else p)
        capped = 20 * funds[first.fund].price
    safe = next(p for p in found.positions if p.account == irp.id and not funds[p.fund].capped)
    wanted = capped / part - capped
    shares = int(wanted // funds[safe.fund].price)

    def held(p: Position) -> Position:
        if p.account != irp.id or funds[p.fund].capped:
            return p
        return replace(p, shares=shares if p.key == safe.key else 0)

    loose = round(wanted - shares * funds[safe.fund].price, 2)
    found = _with_positions(found, held)
    return _with_accounts(
        found, lambda a: replace(a, cash=loose, due=0.0, buffer=0.0) if a.id == irp.id else a
    )


def _gain_at_deduction(found: Household, place: int) -> Household:
    """Return one whose overseas gain reaches 2.5 M when all but, just or more than all is sold."""
    abroad = _account(found, "overseas")
    held = [p for p in found.positions if p.account == abroad.id and p.sellable]
    first = max(held, key=lambda p: p.shares * _price(found, p))
    shares = max(first.shares, 5)
    aimed = shares + (-1, 0, 1)[place % 3]
    gain = round(2_500_000.0 / aimed, 2)

    def taxed(p: Position) -> Position:
        if p.account != abroad.id:
            return p
        if p.key == first.key:
            return replace(p, shares=shares, lots=(Lot(shares, gain),))
        return replace(p, lots=tuple(Lot(each.shares, 0.0) for each in p.lots))

    found = _with_positions(found, taxed)
    return replace(found, members=tuple(replace(m, realised=0.0) for m in found.members))


def _income_at_limit(found: Household, place: int) -> Household:
    """Return one whose financial income of the year is 20 M less, and or plus one won."""
    amount = 20_000_000.0 + (-1.0, 0.0, 1.0)[place % 3]
    return replace(
        found,
        members=tuple(replace(m, financial=amount, later_financial=amount) for m in found.members),
    )


def _dear_share(found: Household, place: int) -> Household:
    """Return a household of about 5 M won that may hold a fund of 1,085,000 won a share."""
    worth = sum(money_of(found, each) for each in found.accounts)
    scale = (4.5e6 + 1e5 * place) / worth

    def smaller(p: Position) -> Position:
        shares = int(p.shares * scale)
        left, lots = shares, []
        for lot in p.lots:
            count = min(left, lot.shares)
            if count:
                lots.append(Lot(count, lot.gain))
            left -= count
        return replace(p, shares=shares, lots=tuple(lots))

    found = _with_positions(found, smaller)
    found = _with_accounts(
        found,
        lambda a: replace(
            a,
            cash=float(round(a.cash * scale) + 150_000),
            due=float(round(a.due * scale)),
            buffer=0.0,
        ),
    )
    return replace(
        found,
        funds=tuple(
            replace(each, price=1_085_000.0) if each.code == "SIM-CASH" else each
            for each in found.funds
        ),
        pools=tuple(replace(each, amount=min(each.amount, 1e6)) for each in found.pools),
        needs=tuple(
            replace(each, amount=float(round(each.amount * scale))) for each in found.needs
        ),
    )


def _all_unsettled(found: Household, _: int) -> Household:
    """Return one where no account may buy with today's proceeds, nor with money on its way."""
    return _with_accounts(found, lambda a: replace(a, reuse=False, due=a.due + a.cash, cash=0.0))


def _all_frozen(found: Household, _: int) -> Household:
    """Return one where nothing can be traded; money can still be paid in."""
    return _with_positions(found, lambda p: replace(p, buyable=False, sellable=False))


def _isa_full(found: Household, _: int) -> Household:
    return _with_accounts(found, lambda a: replace(a, room=0.0) if a.kind == "isa" else a)


def _credit_full(found: Household, _: int) -> Household:
    """Return one whose pension credit of the year is used up."""
    return replace(
        found,
        members=tuple(
            m
            if m.credit is None
            else replace(m, credit=replace(m.credit, savings=0.0, together=0.0, reachable=0.0))
            for m in found.members
        ),
    )


def _losers_only(found: Household, place: int) -> Household:
    """Return one where every holding abroad is at a loss, and none elsewhere has a taxed gain."""
    kinds = {each.id: each.gains for each in found.accounts}

    def lost(p: Position) -> Position:
        if kinds[p.account] is Gains.YEARLY:
            gain = -round(0.05 * (1 + place) * _price(found, p), 2)
            return replace(p, lots=(Lot(p.shares, gain),) if p.shares else ())
        return replace(p, lots=tuple(Lot(each.shares, 0.0) for each in p.lots))

    return _with_positions(found, lost)


def _isa_below_free(found: Household, _: int) -> Household:
    """Return one whose ISA has gained one won less than is free of tax."""

    def near(account: Account) -> Account:
        end = account.settlement
        if end is None:
            return account
        return replace(account, settlement=replace(end, accrued=end.curve.bounds[0] - 1.0))

    return _with_accounts(found, near)


def _price(found: Household, position: Position) -> float:
    return next(each.price for each in found.funds if each.code == position.fund)


KINDS: dict[str, Callable[[Household, int], Household]] = {
    "irp-at-cap": _irp_at_cap,
    "gain-at-deduction": _gain_at_deduction,
    "income-at-limit": _income_at_limit,
    "dear-share": _dear_share,
    "all-unsettled": _all_unsettled,
    "all-frozen": _all_frozen,
    "isa-full": _isa_full,
    "credit-full": _credit_full,
    "losers-only": _losers_only,
    "isa-below-free": _isa_below_free,
}
