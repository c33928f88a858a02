"""The first screen of a profile: what to do, what it costs, why, and what happens otherwise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from jeoul.model.portfolio import Side
from jeoul.reporting.account_facts import AccountChange
from jeoul.reporting.charts.figure import Figure, LegendKey
from jeoul.reporting.charts.rows import BarRow, Piece, colours, row_chart
from jeoul.reporting.facts import AssetClass, OrderFacts, ProfileFacts
from jeoul.reporting.formats import Formats
from jeoul.reporting.reasons import reason_text
from jeoul.reporting.templating import speaker

SHOWN = 5
"""The orders that the first screen shows; the others are behind a fold."""
SIDES = (Side.SELL, Side.BUY)


@dataclass(frozen=True, slots=True, eq=False)
class TodayView:
    """What one profile does today, in sentences; "" and None where there is nothing to say.

    ``moves`` has the share of the account before and after the orders by code.
    """

    lead: str
    orders: tuple[OrderFacts, ...]
    more: tuple[OrderFacts, ...]
    moves: Mapping[str, str]
    cost: str
    why: str
    others: tuple[str, ...]
    nothing: str
    chart: Figure | None


def today_view(profile: ProfileFacts, classes: Sequence[AssetClass], formats: Formats) -> TodayView:
    """Return what the first screen says of a profile."""
    given = (*profile.reasons, *profile.overlay.reasons)
    first, *others = (reason_text(reason, formats.language) for reason in given)
    change, orders = profile.change, profile.orders
    return TodayView(
        lead=_lead(orders, formats),
        orders=orders[:SHOWN],
        more=orders[SHOWN:],
        moves={} if change is None else _moves(change, orders, formats),
        cost=_cost(profile, formats) if orders else "",
        why=first,
        others=tuple(others),
        nothing=Markup(" ").join(() if change is None else _nothing(change, bool(orders), formats)),
        chart=None if change is None else weights_chart(profile, change, classes, formats),
    )


def trade_cost(orders: Sequence[OrderFacts]) -> int | None:
    """Return the fees of all orders, None if those of any of them are unknown."""
    total = 0
    for order in orders:
        if order.cost is None:
            return None
        total += order.cost
    return total


def weights_chart(
    profile: ProfileFacts, change: AccountChange, classes: Sequence[AssetClass], formats: Formats
) -> Figure:
    """Return two bars of the account's classes: now, and after the orders or else the target."""
    of_class = {position.code: position.asset_class for position in profile.positions}
    target = {position.code: position.weight for position in profile.positions}
    other = {"after": change.after.weights} if profile.orders else {"target": target}
    bars = {"now": change.now.weights, **other}
    sums = {name: _by_class(weights, of_class) for name, weights in bars.items()}
    shown = [item for item in classes if any(each.get(item.key) for each in sums.values())]
    styles = colours(classes)
    rows = [
        BarRow(
            formats.say(f"today.bar_{name}"),
            "",
            [
                Piece(styles[item.key], item.name.into(formats.language), each[item.key])
                for item in shown
                if each.get(item.key)
            ],
        )
        for name, each in sums.items()
    ]
    return row_chart(
        formats.say("today.bars"),
        rows,
        formats.percent,
        inside=lambda weight: f"{weight * 100:.0f}",
        whole=1.0,
        keys=[LegendKey(styles[item.key], item.name.into(formats.language)) for item in shown],
    )


def _by_class(weights: Mapping[str, float], of_class: Mapping[str, str]) -> dict[str, float]:
    sums: dict[str, float] = defaultdict(float)
    for code, weight in weights.items():
        sums[of_class.get(code, "cash")] += weight
    return sums


def _lead(orders: Sequence[OrderFacts], formats: Formats) -> str:
    if not orders:
        return formats.say("today.none")
    moves = [
        formats.say(f"today.{side.lower()}", {"amount": formats.money(amount)})
        for side in SIDES
        if (amount := sum(order.value for order in orders if order.side is side))
    ]
    message = "today.order" if len(orders) == 1 else "today.orders"
    return formats.say(message, {"count": len(orders), "moves": ", ".join(moves)})


def _moves(change: AccountChange, orders: Sequence[OrderFacts], formats: Formats) -> dict[str, str]:
    now, after = change.now.weights, change.after.weights
    return {
        order.code: f"{formats.percent(now.get(order.code, 0.0))} → "
        f"{formats.percent(after.get(order.code, 0.0))}"
        for order in orders
    }


def _cost(profile: ProfileFacts, formats: Formats) -> str:
    """Return the fees and the tax of the orders, and the cash that they leave."""
    fees = formats.money(trade_cost(profile.orders))
    said = [formats.say("today.fees", {"fees": fees})]
    tax = None if profile.change is None else profile.change.tax
    if any(order.side is Side.SELL for order in profile.orders):
        if tax is None:
            said.append(formats.say("today.tax_later"))
        elif not tax.tax:
            said.append(formats.say("today.tax_none"))
        else:
            message = "today.tax" if tax.least == tax.tax else "today.tax_most"
            said.append(formats.say(message, {"tax": formats.money(tax.tax)}))
    said.append(formats.say("today.cash_after", {"cash": formats.money(profile.idle_cash)}))
    return " ".join(said)


def _nothing(change: AccountChange, trades: bool, formats: Formats) -> Iterator[str]:
    """Yield what stays as it is without the orders, and when the strategy trades next."""
    say, now, after = speaker(formats.language, "today"), change.now, change.after
    if not trades:
        yield say("held_away", now=formats.percent(now.away))
    else:
        pairs = {
            "away": (now.away, after.away),
            "risk": (now.risk, after.risk),
            "volatility": (now.volatility, after.volatility),
        }
        for name, both in pairs.items():
            if None not in both:
                first, then = map(formats.percent, both)
                if first == then:
                    continue  # the orders change nothing that two figures would show
                yield say(f"nothing_{name}", now=first, after=then)
    if change.next_date is not None:
        yield say("next_date", day=change.next_date)
