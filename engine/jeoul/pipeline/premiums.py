"""No purchase above net asset value by more than a limit, and what is said of net asset values."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from jeoul.model.decision import Quote, Target
from jeoul.model.finding import Finding, Severity
from jeoul.model.money import money_text
from jeoul.model.portfolio import Order, Portfolio, Reason, Side
from jeoul.pipeline.claims import truthful
from jeoul.pipeline.paying import Placed, cut_to, placed_of
from jeoul.rebalance import TradeRules


def without_dear_buys(
    target: Target, portfolio: Portfolio, placed: Placed, rules: TradeRules
) -> Placed:
    """Return orders without purchases of funds that are too dear, and why each was held back.

    A fund is too dear while its last close lies further above its net asset value of the same
    session than the limit of its class. Sales stay, and the money of what is not bought is free
    for the purchases that are left. A fund whose value is unknown is bought like any other.
    """
    dear = [o for o in placed.orders if o.side is Side.BUY and target.quotes[o.ticker].too_dear]
    if not dear:
        return placed
    counts = [0 if order in dear else order.shares for order in placed.orders]
    kept = cut_to(target, portfolio, placed.orders, counts)
    why = tuple(_held_back(target, order) for order in dear)
    return placed_of(kept, (*truthful(placed.reasons, kept), *why), portfolio.cash, rules)


def _held_back(target: Target, order: Order) -> Reason:
    quote = target.quotes[order.ticker]
    assert quote.nav is not None
    return Reason.of(
        "place.premium",
        ticker=order.ticker,
        shares=order.shares,
        premium=f"{quote.premium:.2%}",
        limit=f"{quote.nav.limit:z.1%}",
    )


def dear_funds(target: Target, codes: Collection[str]) -> Iterator[Finding]:
    """Yield the funds, out of some, that nobody buys at today's price."""
    for code in sorted(codes):
        quote = target.quotes.get(code)
        if quote is not None and quote.too_dear:
            yield Finding(
                quote.session, code, "finding.premium", Severity.NOTICE, _detail(target, quote)
            )


def of_orders(target: Target, orders: Sequence[Order]) -> Iterator[Finding]:
    """Yield what orders should know of the net asset values of their funds.

    Those are sales at a discount beyond the limit, and purchases whose premium nobody could check,
    as the data have values of other funds and none of this one, or none of the day of its price.
    """
    for order in sorted(orders, key=lambda order: order.ticker):
        quote = target.quotes[order.ticker]
        if quote.nav is None:
            continue
        found = quote.premium
        if found is None and order.side is Side.BUY:
            yield _unchecked(order.ticker, quote)
        elif found is not None and order.side is Side.SELL and found < -quote.nav.limit:
            yield Finding(
                quote.session,
                order.ticker,
                "finding.discount",
                Severity.NOTICE,
                _detail(target, quote),
            )


def _unchecked(code: str, quote: Quote) -> Finding:
    assert quote.nav is not None
    if quote.nav.session is None:
        return Finding(quote.session, code, "finding.nav_missing", Severity.NOTICE)
    detail = (("newest", quote.nav.session.isoformat()),)
    return Finding(quote.session, code, "finding.nav_old", Severity.NOTICE, detail)


def _detail(target: Target, quote: Quote) -> tuple[tuple[str, str], ...]:
    assert quote.nav is not None
    assert quote.nav.value is not None
    return (
        ("premium", f"{abs(quote.premium or 0.0):.2%}"),
        ("limit", f"{quote.nav.limit:z.1%}"),
        ("close", money_text(quote.price, target.currency)),
        ("nav", money_text(round(quote.nav.value), target.currency)),
    )


def said_once(findings: Iterable[Finding], dear: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return findings of a folder without those that say of a day what ``dear`` says of it."""
    said = {(each.subject, each.day) for each in dear}
    return tuple(f for f in findings if f.kind != "gate.premium" or (f.subject, f.day) not in said)
