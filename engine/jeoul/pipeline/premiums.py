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

_OF_THE_FOLDER = {"finding.premium": "gate.premium"}


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
    held_back = sum(order.shares * order.price for order in dear)
    total = Reason.of("place.premium_amount", amount=money_text(held_back, target.currency))
    reasons = (*truthful(placed.reasons, kept), *why, total)
    return placed_of(kept, reasons, portfolio.cash, rules)._replace(held_back=held_back)


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


def of_funds(target: Target, codes: Collection[str]) -> Iterator[Finding]:
    """Yield what is to be said of the net asset values of some funds, whatever an account orders.

    Those are funds that nobody buys at today's price, and values in another unit than the closes.
    """
    for code in sorted(codes):
        quote = target.quotes.get(code)
        if quote is not None and quote.too_dear:
            yield Finding(
                day=quote.session,
                subject=code,
                kind="finding.premium",
                severity=Severity.NOTICE,
                detail=_detail(target, quote),
            )
        elif quote is not None and quote.nav is not None and not quote.nav.comparable:
            yield _in_other_unit(target, code, quote)


def _in_other_unit(target: Target, code: str, quote: Quote) -> Finding:
    assert quote.nav is not None
    assert quote.nav.value is not None
    detail = (
        ("close", money_text(quote.price, target.currency)),
        ("nav", money_text(round(quote.nav.value), target.currency)),
    )
    return Finding(
        day=quote.session,
        subject=code,
        kind="finding.nav_unit",
        severity=Severity.NOTICE,
        detail=detail,
    )


def of_orders(target: Target, orders: Sequence[Order]) -> Iterator[Finding]:
    """Yield what orders should know of the net asset values of their funds.

    Those are sales at a discount beyond the limit, and purchases whose premium nobody could check:
    the data have values of other funds and none of this one, none of the session of its price, or
    one in another unit.
    """
    for order in sorted(orders, key=lambda order: order.ticker):
        quote = target.quotes[order.ticker]
        if quote.nav is None:
            continue
        found = quote.premium
        if found is None and order.side is Side.BUY:
            yield _unchecked(target, order.ticker, quote)
        elif found is None and not quote.nav.comparable:
            yield _in_other_unit(target, order.ticker, quote)
        elif found is not None and order.side is Side.SELL and found < -quote.nav.limit:
            yield Finding(
                day=quote.session,
                subject=order.ticker,
                kind="finding.discount",
                severity=Severity.NOTICE,
                detail=_detail(target, quote),
            )


def _unchecked(target: Target, code: str, quote: Quote) -> Finding:
    assert quote.nav is not None
    if not quote.nav.comparable:
        return _in_other_unit(target, code, quote)
    if quote.nav.session is None:
        return Finding(quote.session, code, "finding.nav_missing", Severity.NOTICE)
    detail = (("newest", quote.nav.session.isoformat()),)
    return Finding(
        day=quote.session,
        subject=code,
        kind="finding.nav_old",
        severity=Severity.NOTICE,
        detail=detail,
    )


def _detail(target: Target, quote: Quote) -> tuple[tuple[str, str], ...]:
    assert quote.nav is not None
    assert quote.nav.value is not None
    return (
        ("premium", f"{abs(quote.premium or 0.0):.2%}"),
        ("limit", f"{quote.nav.limit:z.1%}"),
        ("close", money_text(quote.price, target.currency)),
        ("nav", money_text(round(quote.nav.value), target.currency)),
    )


def said_once(findings: Iterable[Finding], own: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return findings of a folder without those that say what a decision's ``own`` say.

    A folder says on which day values in another unit began, a decision that they are now.
    """
    said = {(_OF_THE_FOLDER.get(each.kind), each.subject, each.day) for each in own}
    units = {each.subject for each in own if each.kind == "finding.nav_unit"}
    return tuple(
        f
        for f in findings
        if (f.kind, f.subject, f.day) not in said
        and not (f.kind == "gate.nav_unit" and f.subject in units)
    )
