"""Order ticks, price limits, affordable shares and settlement, as rules of the rulebook."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, cast

from jeoul.errors import BeyondData
from jeoul.korea.levy import Won
from jeoul.korea.rulebook import Rulebook, Step, step
from jeoul.rebalance.costs import affordable_shares
from jeoul.rebalance.settlement import settlement_date
from jeoul.rebalance.ticks import ETF_TICKS, SHARE_TICKS, Ticks, price_limits, round_to_tick

TICKS: dict[str, Ticks] = {"etf": ETF_TICKS, "etn": ETF_TICKS, "stock": SHARE_TICKS}
MARKETS = {"KRX": "XKRX", "US": "XNYS"}
ROUNDED = ("down", "up")


@dataclass(frozen=True, slots=True)
class PriceTick:
    """A price on the tick grid."""

    price: int
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class DayLimits:
    """The day's highest and lowest order prices."""

    upper: int
    lower: int
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Shares:
    """What cash can buy: whole shares, the fee, and what is left."""

    shares: int
    fee: int
    left: int
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Settlement:
    """The day on which a trade settles."""

    settles: date
    steps: tuple[Step, ...]


def _ticks(book: Rulebook, rule: str, kind: str) -> Ticks:
    if kind not in TICKS:
        raise book.refuse(
            rule, "order.ticks", f"kind {kind!r} is unknown; use one of {', '.join(TICKS)}"
        )
    return TICKS[kind]


def order_tick(book: Rulebook, *, kind: str, price: Won, round: str = "down") -> PriceTick:
    """Return a price on the tick grid of ETFs and ETNs or of shares, rounded ``down`` or ``up``.

    >>> from jeoul.korea.tables import load_rules
    >>> order_tick(load_rules(2026), kind="etf", price=36_412, round="up").price
    36415
    """
    rule, key = "order.tick", "order.ticks"
    ticks = _ticks(book, rule, kind)
    if price <= 0 or round not in ROUNDED:
        raise book.refuse(
            rule, key, f"price {price} rounded {round!r}; give a price above 0, down or up"
        )
    found = round_to_tick(price, cast(Literal["down", "up"], round), ticks)
    tick = next(size for start, size in reversed(ticks) if price >= start)
    return PriceTick(found, (step("order_tick", price=price, tick=tick, rounded=found),))


def order_limits(
    book: Rulebook, *, base: Won, multiple: Decimal = Decimal(1), kind: str = "etf"
) -> DayLimits:
    """Return the day's price limits: 30 % of the base price times the fund's multiple.

    >>> from jeoul.korea.tables import load_rules
    >>> order_limits(load_rules(2026), base=10_000).lower
    7000
    """
    rule, key = "order.limits", "order.limit"
    ticks = _ticks(book, rule, kind)
    if base <= 0 or multiple == 0:
        raise book.refuse(rule, key, f"base {base} with multiple {multiple}; neither may be 0")
    upper, lower = price_limits(base, multiple, ticks)
    share = book.rate(key) * abs(multiple)
    steps = (step("order_limits", base=base, share=share, lower=lower, upper=upper),)
    return DayLimits(upper, lower, steps)


def order_shares(book: Rulebook, *, cash: Won, price: Won, fee: Decimal = Decimal(0)) -> Shares:
    """Return the most whole shares that cash buys with the fee of the order.

    >>> from jeoul.korea.tables import load_rules
    >>> order_shares(load_rules(2026), cash=500_000, price=10_000).shares
    50
    """
    if cash < 0 or price <= 0 or not 0 <= fee < 1:
        raise book.refuse(
            "order.shares", "order.lot", f"cash {cash}, price {price} or fee {fee} makes no sense"
        )
    found = affordable_shares(cash, price, fee)
    steps = (step("order_fee", shares=found.shares, price=price, fee=found.fee, left=found.left),)
    return Shares(found.shares, found.fee, found.left, steps)


def order_settlement(book: Rulebook, *, traded: date, market: str = "KRX") -> Settlement:
    """Return the day on which a trade settles: two sessions later on KRX, one in New York.

    The rulebook must carry the calendar of the exchange.

    >>> from dataclasses import replace
    >>> from jeoul.korea.tables import load_rules
    >>> from jeoul.market.calendars import load_calendar
    >>> book = replace(load_rules(2026), calendars={"XKRX": load_calendar("XKRX")})
    >>> order_settlement(book, traded=date(2026, 12, 24)).settles
    datetime.date(2026, 12, 29)
    """
    rule, key = "order.settlement", "order.settlement_days"
    if market not in MARKETS:
        raise book.refuse(rule, key, f"market {market!r} is unknown; use {' or '.join(MARKETS)}")
    name, lag = MARKETS[market], book.table(key)[market]
    if not isinstance(lag, int):
        raise TypeError(f"{key}.{market} is {lag!r}")
    if name not in book.calendars:
        raise book.refuse(rule, key, f"the rulebook carries no calendar of {name}")
    calendar = book.calendars[name]
    if not calendar.is_session(traded):
        raise book.refuse(rule, key, f"{traded} is no session of {name}")
    try:
        settles = settlement_date(calendar, traded, lag)
    except BeyondData as error:
        raise book.refuse(rule, key, str(error)) from error
    return Settlement(settles, (step("order_settles", traded=traded, lag=lag, settles=settles),))
