"""Before anything of a plan is sent, it is held against the account as it is now.

A plan may be hours old when it is released: money was taken out since, shares were split or sold by
hand, a limit was lowered. What no longer fits is never sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jeoul.model.money import UNITS, money_text
from jeoul.model.portfolio import SETTLED, Portfolio, Proceeds, Reason, Side
from jeoul.operations.desk.guards import limits_broken
from jeoul.operations.desk.intents import Intent, Run, open_cost
from jeoul.operations.desk.lapsing import UNSENT, waits_for_money
from jeoul.operations.desk.reconcile import AccountMeans
from jeoul.operations.ledger import Ledger
from jeoul.operations.setup.config import SafetySettings
from jeoul.rebalance import Tariff, spendable


@dataclass(frozen=True, slots=True)
class Today:
    """What a plan is held against: the account, its limits and switches, as they are now.

    ``means`` is what can be spent and sold; ``traded`` what was traded on the session already.
    ``stops`` is why nothing may be bought today, None where buying is allowed. ``sales_first`` says
    that the broker refuses a buy until the sales that pay for it are filled.
    """

    means: AccountMeans
    safety: SafetySettings
    safe: bool
    traded: int
    fees: Tariff
    stops: Reason | None = None
    sales_first: bool = False


def misfits(
    ledger: Ledger, run: Run, intents: Sequence[Intent], today: Today
) -> tuple[Reason, ...]:
    """Return why what is left of a plan no longer fits the account; nothing where it fits.

    Fills of the plan itself are expected; everything else that moved the holdings it trades, or
    leaves its purchases unpaid, is a reason.
    """
    left = [intent for intent in intents if intent.state in UNSENT]
    if not left:
        return ()
    return (
        *_adopted(ledger, run),
        *_moved(run, intents, left, today.means.portfolio),
        *_unpaid(run, intents, left, today),
        *_switched(run, left, today),
        *_limits(run, intents, left, today),
        *_stopped(left, today),
    )


def _adopted(ledger: Ledger, run: Run) -> tuple[Reason, ...]:
    """Holdings that were adopted after a plan was made are not those that it was made for."""
    rows = ledger.rows(
        "SELECT 1 FROM transactions WHERE kind = 'adopted' AND seq > "
        "(SELECT seq FROM runs WHERE run_id = ?)",
        run.run_id,
    )
    return (Reason.of("operations.misfit_adopted"),) if rows else ()


def _moved(
    run: Run, intents: Sequence[Intent], left: Sequence[Intent], portfolio: Portfolio
) -> tuple[Reason, ...]:
    then: Mapping[str, int] = run.document["portfolio"]["shares"]
    found = []
    for code in sorted({intent.order.ticker for intent in left}):
        filled = sum(_signed(i) for i in intents if i.order.ticker == code)
        expected, now = then.get(code, 0) + filled, portfolio.shares.get(code, 0)
        if expected != now:
            found.append(
                Reason.of("operations.misfit_shares", ticker=code, expected=expected, found=now)
            )
    return tuple(found)


def _unpaid(
    run: Run, intents: Sequence[Intent], left: Sequence[Intent], today: Today
) -> tuple[Reason, ...]:
    """Compare what the purchases cost at most with the money that orders at the broker leave.

    Purchases that wait for sales already sent are not compared: each is sent when it is paid for.
    Once those sales are over, what they brought has to pay for the rest and leave the reserve.
    """
    if waits_for_money(run, intents, sales_first=today.sales_first):
        return ()
    proceeds: Proceeds = run.document.get("proceeds", SETTLED)
    buys = [i for i in intents if i.order.side is Side.BUY]
    promised = sum(open_cost(i, today.fees) for i in buys if i.state == "acknowledged")
    needed = sum(open_cost(i, today.fees) for i in buys if i in left)
    currency = today.means.portfolio.currency
    can = _free(today.means, promised, proceeds)
    if proceeds == "reuse":
        # Where proceeds are reused, sales of the same plan pay for its purchases.
        sells = (i for i in intents if i.order.side is Side.SELL)
        can += sum(_brings(i, today.fees) for i in sells if i in left or i.state == "acknowledged")
        can -= run.document.get("reserve", 0) * UNITS[currency] if today.sales_first else 0
    if not needed or needed <= can:
        return ()
    return (
        Reason.of(
            "operations.misfit_cash",
            needed=money_text(needed, currency),
            found=money_text(can, currency),
        ),
    )


def _free(means: AccountMeans, promised: int, proceeds: Proceeds) -> int:
    """Return what more purchases may cost, beside what open ones are ``promised``.

    Cash that lacks the open ones already is not lessened by them again: what the books say is.
    """
    seen = spendable(means.portfolio, proceeds).cash
    if not means.binds:
        return seen - promised
    return min(seen, spendable(means.books, proceeds).cash - promised)


def _switched(run: Run, left: Sequence[Intent], today: Today) -> tuple[Reason, ...]:
    sells = any(intent.order.side is Side.SELL for intent in left)
    if today.safe and not run.document["safe"] and sells:
        return (Reason.of("operations.misfit_safe"),)
    return ()


def _stopped(left: Sequence[Intent], today: Today) -> tuple[Reason, ...]:
    buys = any(intent.order.side is Side.BUY for intent in left)
    return (today.stops,) if buys and today.stops is not None else ()


def _limits(
    run: Run, intents: Sequence[Intent], left: Sequence[Intent], today: Today
) -> tuple[Reason, ...]:
    """Return which limits the rest of a plan breaks.

    The plan's own fills count at the prices that it was sized with: a sale that brought more than
    that must not stop the purchases that it pays for.
    """
    value = run.document.get("value")  # plans of older versions do not have it
    if value is None:
        return ()
    beside = sum(i.filled * i.order.price - i.amount for i in intents)
    return limits_broken([i.order for i in left], today.safety, value, today.traded + beside)


def _signed(intent: Intent) -> int:
    return intent.filled if intent.order.side is Side.BUY else -intent.filled


def _brings(intent: Intent, fees: Tariff) -> int:
    """Return what the open part of a sale brings at least, its costs taken off."""
    amount = (intent.order.shares - intent.filled) * (intent.order.limit or intent.order.price)
    return max(amount - fees.costs(amount).total, 0)
