"""The orders of many accounts: compiled where they are ordinary, by the records where not."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

import numpy as np

from jeoul.batch import arrays
from jeoul.batch.aims import AimTable, ChargeTable
from jeoul.batch.arrays import AccountArrays, Aims, FoundOrders, Tariffs
from jeoul.batch.compiled import decide_all
from jeoul.batch.records import BatchAccount, BatchOrder, PlannedAccount, Proposals
from jeoul.batch.restricting import restricted
from jeoul.errors import JeoulError, UsageError
from jeoul.model.decision import Decision
from jeoul.model.portfolio import SETTLED, Proceeds
from jeoul.pipeline import place
from jeoul.pipeline.placing import default_rules

REASONS = tuple(f"rebalance.{name}" for name in arrays.REASONS)


def funds_of(proposals: Proposals) -> tuple[str, ...]:
    """Return the tickers that accounts may hold, sorted: those of the universe."""
    return tuple(sorted({code for each in proposals.values() for code in each.classes}))


def decide_many(
    aims: Aims, charges: Tariffs, many: AccountArrays, proceeds: Proceeds
) -> FoundOrders:
    """Return the orders of accounts in arrays; those with another status are for the records."""
    count, funds = many.held.shape
    ways = np.array([proceeds == "reuse", sys.version_info >= (3, 12)])  # sum() there compensates
    status, orders, cost, turnover, held = (np.zeros(count, dtype=np.int64) for _ in range(5))
    fund, shares, reason = (np.zeros((count, funds), dtype=np.int64) for _ in range(3))
    found = FoundOrders(
        status=status,
        orders=orders,
        fund=fund,
        shares=shares,
        reason=reason,
        cost=cost,
        turnover=turnover,
        held_back=held,
    )
    decide_all()(aims, charges, many, ways, found)
    return found


def decide_by_records(
    proposals: Proposals, account: BatchAccount, proceeds: Proceeds = SETTLED
) -> Decision:
    """Return the decision of one account by the records: what a batch must equal, and its errors.

    Raises what :func:`~jeoul.pipeline.place` raises.
    """
    terms, proposal = account.terms, proposals[account.kind, account.profile]
    return place(
        restricted(proposal, terms),
        account.portfolio,
        deposit=account.deposit,
        withdrawal=account.withdrawal,
        proceeds=proceeds,
        rules=default_rules(proposal, terms.tariff),
    )


def plan_accounts(
    proposals: Proposals, accounts: Sequence[BatchAccount], *, proceeds: Proceeds = SETTLED
) -> tuple[PlannedAccount, ...]:
    """Return what each account orders, as :func:`~jeoul.pipeline.place` says of one at a time.

    ``proposals`` are by kind and profile. An account that :func:`~jeoul.pipeline.place` refuses is
    named with the reason and stops no other.

    >>> import jeoul
    >>> market = jeoul.open_market()
    >>> today = market.as_of(market.last_session())
    >>> one = jeoul.propose(jeoul.load_strategy("static"), "balanced", "isa", today)
    >>> new = BatchAccount(
    ...     account="a", kind="isa", profile="balanced", portfolio=jeoul.Portfolio({}, 3_000_000)
    ... )
    >>> (found,) = plan_accounts({("isa", "balanced"): one}, [new])
    >>> alone = jeoul.place(one, new.portfolio)
    >>> [order.shares for order in found.orders] == [order.shares for order in alone.orders]
    True
    """
    funds = funds_of(proposals)
    targets, tariffs = AimTable(proposals, funds), ChargeTable()
    faults = [_fault(proposals, account) for account in accounts]
    usual = [account for account, fault in zip(accounts, faults, strict=True) if not fault]
    many = _arrays(usual, targets, tariffs, {code: at for at, code in enumerate(funds)})
    aims = targets.arrays()
    found = decide_many(aims, tariffs.arrays(), many, proceeds)
    planned = iter(
        _planned(account, aims, many, found, i, funds)
        if found.status[i] == arrays.DECIDED
        else by_records(proposals, account, proceeds)
        for i, account in enumerate(usual)
    )
    return tuple(
        PlannedAccount(account=account.account, refused=fault) if fault else next(planned)
        for account, fault in zip(accounts, faults, strict=True)
    )


def by_records(proposals: Proposals, account: BatchAccount, proceeds: Proceeds) -> PlannedAccount:
    """Return what the records plan for one account, or why they refuse it."""
    try:
        decision = decide_by_records(proposals, account, proceeds)
    except JeoulError as refused:
        return PlannedAccount(account=account.account, refused=str(refused))
    return PlannedAccount(
        account=account.account,
        orders=tuple(
            BatchOrder(
                side=str(o.side),
                ticker=o.ticker,
                shares=o.shares,
                price=o.price,
                reason=o.reason.kind,
            )
            for o in decision.orders
        ),
        cost=decision.cost,
        turnover=sum(order.shares * order.price for order in decision.orders),
        held_back=decision.held_back,
    )


def _fault(proposals: Proposals, account: BatchAccount) -> str:
    pair = (account.kind, account.profile)
    if pair not in proposals:
        return f"there is no proposal for {account.kind} and {account.profile}; give one"
    currency = proposals[pair].currency
    if account.portfolio.currency != currency:
        mine = account.portfolio.currency
        return f"the account is in {mine}, the strategy trades in {currency}; choose another"
    return ""


def _arrays(
    accounts: Sequence[BatchAccount],
    targets: AimTable,
    tariffs: ChargeTable,
    places: Mapping[str, int],
) -> AccountArrays:
    count = len(accounts)
    held = np.zeros((count, len(places)), dtype=np.int64)
    aim, charge, cash, deposit, withdrawal = (np.zeros(count, dtype=np.int64) for _ in range(5))
    part, coming = [0], []
    for i, each in enumerate(accounts):
        aim[i] = targets.number((each.kind, each.profile), each.terms)
        charge[i] = _charge(tariffs, each)
        for code, shares in each.portfolio.shares.items():
            if code in places:
                held[i, places[code]] = shares
        cash[i], deposit[i], withdrawal[i] = each.portfolio.cash, each.deposit, each.withdrawal
        coming += [each.portfolio.unsettled[day] for day in sorted(each.portfolio.unsettled)]
        part.append(len(coming))
    ends = np.array(part, dtype=np.int64)
    later = np.array(coming, dtype=np.int64)
    return AccountArrays(
        aim=aim,
        charge=charge,
        held=held,
        cash=cash,
        deposit=deposit,
        withdrawal=withdrawal,
        part=ends,
        coming=later,
    )


def _charge(tariffs: ChargeTable, account: BatchAccount) -> int:
    try:
        return tariffs.number(account.terms.tariff)
    except UsageError:
        return -1  # the records say why


def _planned(
    account: BatchAccount,
    aims: Aims,
    many: AccountArrays,
    found: FoundOrders,
    i: int,
    funds: Sequence[str],
) -> PlannedAccount:
    orders = []
    for k in range(found.orders[i]):
        fund, shares = int(found.fund[i, k]), int(found.shares[i, k])
        price = (aims.buy if shares > 0 else aims.sell)[many.aim[i], fund]
        reason = REASONS[found.reason[i, k]]
        side = "BUY" if shares > 0 else "SELL"
        orders.append(
            BatchOrder(
                side=side, ticker=funds[fund], shares=abs(shares), price=int(price), reason=reason
            )
        )
    return PlannedAccount(
        account=account.account,
        orders=tuple(orders),
        cost=int(found.cost[i]),
        turnover=int(found.turnover[i]),
        held_back=int(found.held_back[i]),
    )
