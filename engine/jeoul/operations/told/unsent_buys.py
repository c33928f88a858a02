"""What a run says of buys that were not sent, and of limits that an indicative value changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from jeoul.messages import say
from jeoul.operations.desk.buy_terms import (
    HELD,
    SELLING,
    SHORT,
    UNREADY,
    UNUSED,
    BuyTerms,
)
from jeoul.operations.desk.intents import Intent, Run
from jeoul.operations.desk.lapsing import STOPPED, UNSENT, waits_for_money
from jeoul.reporting.formats import Formats

_WAITS = {SELLING: "buys_wait", UNREADY: "buys_unready", SHORT: "buys_short"}
_LAPSED = {
    HELD: "buys_dear",
    SELLING: "buys_unpaid",
    UNREADY: "lapsed_unready",
    SHORT: "lapsed_short",
}


def unsent_texts(
    run: Run,
    intents: Sequence[Intent],
    tried: Mapping[str, BuyTerms],
    language: str,
    *,
    first: bool,
) -> Iterator[str]:
    """Yield which buys wait, by what stopped them in this run: money, or a high premium.

    ``first`` says that the broker refuses a buy until the sales that pay for it are filled. A buy
    that this run did not try waits for its sales, or nothing is said of it.
    """
    waiting = {intent.name for intent in waits_for_money(run, intents, sales_first=first)}
    unsent = [intent for intent in intents if intent.state in UNSENT]
    why = {i.name: tried[i.name].did for i in unsent if i.name in tried}
    why |= {name: SELLING for name in waiting if name not in why}
    for did, kind in _WAITS.items():
        named = [intent for intent in unsent if why.get(intent.name) == did]
        if named:
            yield _say(language, kind, orders=named_orders(named, language))
    for intent in unsent:
        if why.get(intent.name) == HELD:
            yield _held(intent, tried[intent.name], language)


def _held(intent: Intent, terms: BuyTerms, language: str) -> str:
    ticker, shares, found = intent.order.ticker, f"{intent.order.shares:,}", terms.detail
    if "premium" not in found:  # the value is not known now; an earlier one held the buy back
        return _say(language, "indicative_unreleased", ticker=ticker, shares=shares)
    numbers = {"premium": f"{found['premium']:.2%}", "limit": f"{found['most']:z.1%}"}
    return _say(language, "indicative_held", ticker=ticker, shares=shares, **numbers)


def changed_texts(
    intents: Sequence[Intent], tried: Mapping[str, BuyTerms], formats: Formats
) -> Iterator[str]:
    """Yield which orders were sent with a lower limit, and which values this run could not use."""
    for intent in intents:
        ticker, before = intent.order.ticker, intent.order.limit
        if intent.changed_limit is not None and before is not None:
            limits = {"before": formats.money(before), "limit": formats.money(intent.changed_limit)}
            yield _say(formats.language, "indicative_lowered", ticker=ticker, **limits)
        terms = tried.get(intent.name)
        if terms is not None and terms.did == UNUSED:
            yield _say(formats.language, f"indicative_{terms.detail['fault']}", ticker=ticker)


def lapsed_texts(intents: Sequence[Intent], language: str) -> Iterator[str]:
    """Yield which buys lapsed at the close, by what stopped them at their last try."""
    for did, kind in _LAPSED.items():
        lapsed = [intent for intent in intents if intent.detail.get("why") == STOPPED[did]]
        if lapsed:
            yield _say(language, kind, orders=named_orders(lapsed, language))


def named_orders(intents: Sequence[Intent], language: str) -> str:
    """Return orders by ticker and shares."""
    return ", ".join(
        _say(language, "named_order", ticker=i.order.ticker, shares=f"{i.order.shares:,}")
        for i in intents
    )


def _say(language: str, kind: str, **detail: object) -> str:
    return say(language, f"operations.{kind}", detail)
