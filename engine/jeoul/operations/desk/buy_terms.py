"""What a buy is sent with: its limit by the indicative value of the moment, or not at all.

A plan's limits come from the last close and the net asset value of the session before. Where the
broker says a fund's indicative net asset value (iNAV), it is asked for just before the buy is sent:

- the limit is the collar around that value where that is lower than the plan's, never higher;
- a buy whose fund trades above the value by more than the limit of its class is held back. It stays
  unsent, the next run of the session asks again, and after the close it lapses.

An answer that cannot be used changes nothing. Whatever was done is kept as a note of the ledger,
and so is why a buy was not paid for: the newest note says what stopped a buy at its last try, and
when that was.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from jeoul.model.instrument import Universe
from jeoul.model.nav import APART
from jeoul.model.portfolio import Side
from jeoul.operations.broker.port import Broker, IndicativeValue
from jeoul.operations.desk.intents import Intent, compact, named_run
from jeoul.operations.ledger import Ledger
from jeoul.rebalance import CENT_TICKS, ETF_TICKS, price_limits, round_to_tick

NOTE = "indicative"
"""The kind of note that says what an indicative value did to a buy."""
HELD, RELEASED, LOWERED, UNUSED = "held", "released", "lowered", "unused"
"""What such a note says: the buy was held back, is not any more, has a lower limit, or the answer
cannot be used.
"""
SPLIT = 1.8
"""The ratio from which a value is taken for one of split or merged shares: at least 2 to 1.

A price moves by 30 % a session at most, that of a fund with leverage by 60 %.
"""
UNPAID_NOTE = "unpaid"
"""The kind of note that says why a buy was not paid for."""
SELLING, UNREADY, SHORT = "selling", "unready", "short"
"""What such a note says: sales of the plan are still open; the books pay for the buy, and the
broker does not let it be ordered; the books do not pay for it.
"""


@dataclass(frozen=True, slots=True)
class BuyTerms:
    """The limit with which a buy is sent, and what changed it or stopped the buy, if anything."""

    limit: int | None
    did: str = ""
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BuyRules:
    """How far a buy's limit may be from a value, and a price above it, for the funds of a universe.

    ``width`` is the collar as a fraction, None where orders have no limit.
    """

    universe: Universe
    width: float | None

    def terms(self, intent: Intent, said: IndicativeValue) -> BuyTerms:
        """Return what a buy is sent with by what the broker says of its fund now."""
        order, fault = intent.order, said.fault
        if not fault and said.price is not None and said.value is not None:
            if _is_of_fund(said.price, said.value, said.before):
                return self._terms(intent, said.price, said.value)
            fault = "unit"
        return BuyTerms(order.limit, UNUSED, {"fault": fault})

    def _terms(self, intent: Intent, price: int, value: float) -> BuyTerms:
        order, most = intent.order, self.universe.premium_limit(intent.order.ticker)
        premium = price / value - 1.0
        known = {"price": price, "value": value, "premium": premium, "most": most}
        if premium > most:
            return BuyTerms(order.limit, HELD, known)
        if self.width is None or order.limit is None:
            return BuyTerms(order.limit)
        ticks = ETF_TICKS if self.universe.currency == "KRW" else CENT_TICKS
        multiple = self.universe.instruments[order.ticker].multiple
        wanted = round_to_tick(int(Decimal(str(value)) * _above(self.width)), "down", ticks)
        limit = max(wanted, price_limits(order.price, multiple, ticks).lower)
        if limit >= order.limit:
            return BuyTerms(order.limit)
        return BuyTerms(limit, LOWERED, known | {"limit": limit, "before": order.limit})


def _is_of_fund(price: int, value: float, before: float | None) -> bool:
    """Return whether a value can be that of one share at this price.

    A value that is far from the price and, by as much, from the value of the day ``before`` is that
    of other shares: of before or after a split or merger, or of another fund. A fund whose value
    really moved so far in a day is not told from it.
    """
    if not 1.0 / APART < price / value < APART:
        return False
    if before is None:
        return True
    return any(1.0 / SPLIT < known / value < SPLIT for known in (price, before))


def _above(width: float) -> Decimal:
    return 1 + Decimal(str(width))


def buy_terms(ledger: Ledger, broker: Broker, rules: BuyRules, intent: Intent) -> BuyTerms:
    """Return what an order is sent with now.

    A sale, and a buy of a fund whose indicative value the broker does not offer, stays as planned.
    """
    if intent.order.side is not Side.BUY:
        return BuyTerms(intent.order.limit)
    said = broker.indicative(intent.order.ticker)
    if said is None:
        return BuyTerms(intent.order.limit)
    found, before = rules.terms(intent, said), _newest(ledger, intent.name, (NOTE,))
    if before is not None and before["did"] == HELD:
        if found.did == UNUSED:  # it changes nothing: only a value that is known releases the buy
            found = replace(found, did=HELD)
        else:
            found = replace(found, did=found.did or RELEASED)
    return found


def keep(ledger: Ledger, at: int, intent: Intent, terms: BuyTerms) -> None:
    """Keep what a try of an order came to."""
    detail = {"order": intent.name, "ticker": intent.order.ticker, "did": terms.did, **terms.detail}
    run = named_run(ledger, intent.run_id)
    assert run is not None
    with ledger.transaction():
        ledger.append(
            "notes",
            at,
            account=run.account,
            strategy=run.strategy,
            session=run.session.isoformat(),
            kind=UNPAID_NOTE if terms.did in (SELLING, UNREADY, SHORT) else NOTE,
            detail=compact(detail),
        )


def last_try(ledger: Ledger, name: str) -> dict[str, Any] | None:
    """Return what the newest note about an order says, None without one."""
    return ledger.once(
        ("last try", name), ("intents", "notes"), lambda: _newest(ledger, name, (NOTE, UNPAID_NOTE))
    )


def _newest(ledger: Ledger, name: str, kinds: Sequence[str]) -> dict[str, Any] | None:
    row = ledger.row(
        f"SELECT detail FROM notes WHERE kind IN ({', '.join('?' * len(kinds))}) "
        "AND seq > (SELECT seq FROM intents WHERE intent = ?) "  # older ones are about others
        "AND json_extract(detail, '$.order') = ? ORDER BY seq DESC LIMIT 1",
        *kinds,
        name,
        name,
    )
    found: dict[str, Any] | None = None if row is None else json.loads(row["detail"])
    return found
