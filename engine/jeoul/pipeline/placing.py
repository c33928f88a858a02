"""place: from a proposal to one account's whole-share orders, or to holding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from jeoul.errors import HoldingsError, UsageError
from jeoul.model.decision import Decision, Proposal, Target
from jeoul.model.given import whole
from jeoul.model.money import money_text
from jeoul.model.portfolio import (
    CASH,
    SETTLED,
    Order,
    Portfolio,
    Proceeds,
    Reason,
    Side,
    Weights,
)
from jeoul.pipeline.claims import sources
from jeoul.pipeline.graded_orders import within_limit
from jeoul.pipeline.inputs import inputs_id
from jeoul.pipeline.paying import Placed, cut_to, paid, placed_of
from jeoul.pipeline.premiums import without_dear_buys
from jeoul.pipeline.safe_mode import safe_orders
from jeoul.pipeline.situation import USUAL, Situation, never_invested, wants_funds
from jeoul.pipeline.touching import of_account
from jeoul.rebalance import (
    CENT_TICKS,
    ETF_TICKS,
    ONLINE,
    Fresh,
    OrderPlan,
    Tariff,
    TradeRules,
    current_weights,
    drift,
    lifted,
    plan_deposit,
    plan_orders,
    plan_withdrawal,
    setting_aside,
    spendable,
)

_NOTHING = Fresh()


def default_rules(target: Target, tariff: Tariff = ONLINE) -> TradeRules:
    """Return how an account trades: what both sides are charged, and the venue's ticks."""
    return TradeRules(
        buy_fee=tariff.rate,
        sell_fee=tariff.rate,
        min_fee=tariff.min_fee,
        fixed_fee=tariff.fixed_fee,
        spread=tariff.spread,
        ticks=ETF_TICKS if target.currency == "KRW" else CENT_TICKS,
        min_trade=target.min_trade,
    )


def place(
    proposal: Proposal,
    portfolio: Portfolio,
    *,
    deposit: int = 0,
    withdrawal: int = 0,
    proceeds: Proceeds = SETTLED,
    rules: TradeRules | None = None,
) -> Decision:
    """Return one account's orders, sells first, and why; or no orders, and why.

    ``deposit`` and ``withdrawal`` are money beside the portfolio's, in the currency's smallest
    unit (won, cents); at most one of them is above 0. An account that holds nothing of the universe
    is invested whatever the calendar of the strategy says. Buys are paid from settled cash, and
    what a sale brings is spent once it has settled; with ``proceeds="reuse"``, as Korean brokers
    offer it, buys of the same day spend it too. ``rules`` say what a trade costs and the steps of
    prices; the default is an online order at a Korean broker. What is ordered is said at
    :func:`orders_for`: a deposit only buys, also on a day on which the model trades, where
    ``jeoul decide --deposit`` and a run take it as cash that came in.

    Every order is taken to be filled at its price, the last close. Raises
    :class:`~jeoul.errors.HoldingsError` for an account that is empty or in another currency and
    :class:`~jeoul.errors.UsageError` for amounts that make no sense.

    >>> import jeoul
    >>> market = jeoul.open_market()
    >>> proposal = jeoul.propose(
    ...     jeoul.load_strategy("static"), "balanced", "isa", market.as_of(market.last_session())
    ... )
    >>> decision = place(proposal, jeoul.Portfolio({}, cash=3_000_000))
    >>> {str(order.side) for order in decision.orders}, 0 <= decision.cash_after < 3_000_000
    ({'BUY'}, True)
    """
    rules = default_rules(proposal) if rules is None else rules
    deposit, withdrawal = whole("the deposit", deposit), whole("the withdrawal", withdrawal)
    usable, paid_in = spendable(portfolio, proceeds), Fresh(deposited=deposit)
    placed = orders_for(
        proposal,
        usable,
        deposit=paid_in,
        withdrawal=withdrawal,
        rules=rules,
        situation=Situation(first=never_invested(portfolio, proposal.classes)),
    )
    funded = replace(usable, cash=usable.cash + deposit)
    paying = replace(rules, buffer=max(rules.buffer, withdrawal))
    placed = without_dear_buys(proposal, funded, placed, paying)
    placed = paid(proposal, funded, placed, paying, proceeds, paid_in)
    placed = within_limit(proposal, funded, placed, paying)
    return decision_of(proposal, portfolio, placed, deposit - withdrawal, rules, proceeds)


def decision_of(
    proposal: Proposal,
    portfolio: Portfolio,
    placed: Placed,
    flow: int,
    rules: TradeRules,
    proceeds: Proceeds,
) -> Decision:
    """Return orders on a proposal as a decision; ``flow`` is the money that came in or goes out."""
    findings, others = of_account(proposal, portfolio, placed.orders)
    return Decision(
        proposal=proposal,
        orders=placed.orders,
        reasons=(*placed.reasons, *proposal.reasons),
        findings=(*findings, *proposal.findings),
        others=others,
        cash_after=placed.cash_after,
        cost=placed.cost,
        inputs_id=inputs_id(proposal.inputs, portfolio, flow, rules, proceeds),
        proceeds=proceeds,
        held_back=placed.held_back,
    )


def orders_for(
    target: Target,
    portfolio: Portfolio,
    *,
    deposit: Fresh = _NOTHING,
    withdrawal: int = 0,
    rules: TradeRules,
    situation: Situation = USUAL,
) -> Placed:
    """Return one account's orders on a target, sells first, and why; or none, and why.

    With a ``deposit`` (new money, in the currency's smallest unit) only buys are made, of what is
    most underweight. With a ``withdrawal`` (money of the account that is to be paid out) it is
    kept in cash, and what is missing is sold, the most overweight first. An account whose money is
    below zero sells as much as brings it back. Otherwise, and beside a withdrawal, the account
    trades when it was never invested, when the model does, or when its own drift is beyond the
    strategy's band; in SAFE mode it then sells only what it must. Orders below ``rules.min_trade``
    or a hundredth of the account, whichever is smaller, are left out. A capped account never buys
    risk assets beyond its cap. Sales pay for buys here; :func:`paid` then leaves out what the
    account's money does not pay.

    Raises :class:`HoldingsError` for an account in another currency, without any value, or worth
    less than the withdrawal.
    """
    quotes = target.quotes
    concerned = portfolio.shares.keys() | target.weights.keys()
    prices = {code: quotes[code].price for code in concerned if code in quotes}
    arrived = deposit.total
    funded = replace(portfolio, cash=portfolio.cash + arrived) if arrived else portfolio
    value = funded.value(prices)
    _check(target, portfolio, arrived, withdrawal, value)
    funded, owed = lifted(funded)
    needed = withdrawal + owed
    weights = target.weights
    if needed:
        weights = setting_aside(weights, needed / (value + owed))
    away = drift(current_weights(funded, prices), weights)
    plan: OrderPlan | None = None
    if arrived and not owed:
        kept = max(rules.buffer, _kept_cash(target, prices, value))
        rules = replace(rules, buffer=kept, min_trade=rules.smallest(value))
        plan = plan_deposit(weights, funded, prices, rules)
        orders, reasons = plan.orders, (*sources(deposit, target.currency), *plan.kept)
    elif (trigger := _trigger(target, away, situation)) is not None:
        kept = max(rules.buffer, needed)
        rules = replace(rules, buffer=kept, min_trade=rules.smallest(value))
        plan, orders, reasons = _towards(target, weights, funded, rules, situation)
        if withdrawal:
            reasons = (_paying("place.withdrawal_kept", withdrawal, target.currency), *reasons)
        if owed:
            reasons = (_paying("place.overdrawn_counts", owed, target.currency), *reasons)
        reasons = (_apart(trigger, target, away), *reasons)
    elif needed:
        orders = plan_withdrawal(target.weights, funded, prices, rules, needed)
        kind, amount = ("withdrawal", withdrawal) if withdrawal else ("overdrawn", owed)
        reasons = (_paying(f"place.{kind}", amount, target.currency),)
    else:
        orders, reasons = (), (_apart("place.hold", target, away),)
    orders, capped = _within_cap(target, funded, orders, prices, value)
    placed = placed_of(orders, (*reasons[:1], *capped, *reasons[1:]), funded.cash, rules)
    return placed._replace(plan=plan)


def _towards(
    target: Target,
    weights: Weights,
    portfolio: Portfolio,
    rules: TradeRules,
    situation: Situation,
) -> tuple[OrderPlan | None, tuple[Order, ...], tuple[Reason, ...]]:
    """Return the orders that bring an account to weights, with their search, and what is kept."""
    if situation.safe:
        return None, *safe_orders(target, weights, portfolio, rules, situation)
    prices = {code: quote.price for code, quote in target.quotes.items()}
    plan = plan_orders(weights, portfolio, prices, rules)
    return plan, plan.orders, plan.kept


def _apart(kind: str, target: Target, away: float) -> Reason:
    return Reason.of(kind, drift=f"{away:z.1%}", band=f"{target.band:z.1%}")


def _trigger(target: Target, away: float, situation: Situation) -> str | None:
    """Return why an account trades towards its target, None where nothing is due."""
    if situation.first and wants_funds(target.weights):
        return "place.first"
    if target.due:
        return "place.model"
    return "place.band" if away > target.band else None


def _paying(kind: str, withdrawal: int, currency: str) -> Reason:
    return Reason.of(kind, amount=money_text(withdrawal, currency))


def _check(target: Target, portfolio: Portfolio, deposit: int, withdrawal: int, value: int) -> None:
    if portfolio.currency != target.currency:
        raise HoldingsError(
            f"the account is in {portfolio.currency}, the strategy trades in {target.currency}; "
            "choose a strategy of the account's currency"
        )
    for name, amount in (("deposit", deposit), ("withdrawal", withdrawal)):
        if amount < 0:
            given = money_text(amount, target.currency)
            raise UsageError(f"a {name} of {given} is below zero; give an amount of 0 or more")
    if deposit and withdrawal:
        raise UsageError(
            "a deposit and a withdrawal are both given; give one of them, the net amount"
        )
    if not portfolio.shares and portfolio.money + deposit <= 0:
        raise HoldingsError("the account is empty; give it cash, holdings or a deposit")
    if withdrawal > value:
        raise HoldingsError(
            f"the account is worth {money_text(value, target.currency)} and cannot pay out "
            f"{money_text(withdrawal, target.currency)}; ask for less"
        )


def _kept_cash(target: Target, prices: Mapping[str, int], value: int) -> int:
    """Return the cash that a deposit leaves: the strategy's share, once it buys any one fund.

    Below that, in a small account, the share would only be money that never gets invested.
    """
    dearest = max((prices[code] for code in target.weights if code != CASH), default=0)
    kept = int(target.weights[CASH] * value)
    return kept if kept >= dearest else 0


def _within_cap(
    target: Target,
    portfolio: Portfolio,
    orders: tuple[Order, ...],
    prices: Mapping[str, int],
    value: int,
) -> tuple[tuple[Order, ...], tuple[Reason, ...]]:
    """Return the orders with purchases of risk assets cut back to the account's cap, and that."""
    if target.risk_cap is None:
        return orders, ()
    counts = {order.ticker: order.shares for order in orders}
    after = dict(portfolio.shares)
    for order in orders:
        sign = 1 if order.side is Side.BUY else -1
        after[order.ticker] = after.get(order.ticker, 0) + sign * order.shares
    risk = sum(n * prices[c] for c, n in after.items() if c in target.risk and c in prices)
    buys = [o for o in orders if o.side is Side.BUY and o.ticker in target.risk]
    for order in sorted(buys, key=lambda o: (o.price, o.ticker)):
        excess = risk - target.risk_cap * value
        if excess <= 0:
            break
        cut = min(counts[order.ticker], int(-(-excess // order.price)))
        counts[order.ticker] -= cut
        risk -= cut * order.price
    kept = cut_to(target, portfolio, orders, [counts[order.ticker] for order in orders])
    why = Reason.of("place.capped", cap=f"{target.risk_cap:z.0%}")
    return kept, (why,) if kept != orders else ()
