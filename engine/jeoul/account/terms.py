"""What an account file comes to over a strategy's sessions, and the account's whole run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import numpy as np

from jeoul.account.exchange import CurrencyExchange
from jeoul.account.file import (
    AccountFile,
    ExchangeSettings,
    FlowSettings,
)
from jeoul.account.life import account_backtest
from jeoul.account.price_events import PriceEvents
from jeoul.account.records import AccountRun, AccountTerms
from jeoul.errors import DataError, ShortHistory
from jeoul.market import Market
from jeoul.market.fx import known_rate
from jeoul.model.amount import refuse_foreign
from jeoul.model.calendar import Calendar
from jeoul.model.history import History
from jeoul.model.money import UNITS, rate
from jeoul.model.portfolio import Portfolio
from jeoul.model.series import Series
from jeoul.pipeline import Mandate, default_rules
from jeoul.pipeline.targets import ModelTarget, targets_along
from jeoul.pipeline.unpriced import never_priced

MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPlan:
    """What an account's run rests on: the model's targets, prices, sessions, and its terms."""

    wanted: tuple[ModelTarget, ...]
    events: PriceEvents
    calendar: Calendar
    terms: AccountTerms


def run_account(
    settings: AccountFile,
    mandate: Mandate,
    history: History,
    market: Market,
    calendar: Calendar,
    *,
    start: date | None = None,
    end: date | None = None,
    watch: Callable[[str], None] = lambda _: None,
) -> AccountRun:
    """Return the run of an account over a span, before tax; see :func:`plan_account`."""
    plan = plan_account(
        settings, mandate, history, market, calendar, start=start, end=end, watch=watch
    )
    return replace(run_plan(plan, watch), simulated=history.simulated)


def run_plan(plan: AccountPlan, watch: Callable[[str], None] = lambda _: None) -> AccountRun:
    """Return the run of an account day by day; ``watch`` is called with every session."""
    return account_backtest(_watched(plan.wanted, watch), plan.events, plan.calendar, plan.terms)


def plan_account(
    settings: AccountFile,
    mandate: Mandate,
    history: History,
    market: Market,
    calendar: Calendar,
    *,
    start: date | None = None,
    end: date | None = None,
    watch: Callable[[str], None] = lambda _: None,
) -> AccountPlan:
    """Return what an account's run over a span rests on; by default from the first target on.

    ``watch`` is called with every session.

    Raises :class:`ShortHistory` where no session of the span has anything to order, and
    :class:`DataError` for an exchange without rates.
    """
    along = targets_along(mandate, history, start=start or date.min, end=end or date.max)
    wanted = list(_watched(along, watch))
    ready = [place for place, each in enumerate(wanted) if each.target is not None]
    if not ready:
        first_day, last_day = start or history.day(0), end or history.day(len(history) - 1)
        codes = never_priced(mandate, history)
        if codes:
            raise ShortHistory(
                f"{mandate.strategy.name} could order no fund between {first_day} and {last_day}, "
                f"and no price of {codes} is in the data; add their prices, or choose a later "
                "start or a longer data folder"
            )
        raise ShortHistory(
            f"{mandate.strategy.name} could order no fund between {first_day} and {last_day}; "
            "choose a later start or a longer data folder"
        )
    if start is None:
        wanted = wanted[ready[0] :]
    quoted = None if settings.exchange is None else market.series.get(settings.exchange.series)
    tables = tuple(table for table in market.prices if table.exchange == calendar.name)
    return AccountPlan(
        wanted=tuple(wanted),
        events=PriceEvents(tables, UNITS[history.currency]),
        calendar=calendar,
        terms=terms_of(settings, wanted, history, quoted),
    )


def _watched(wanted: Iterable[ModelTarget], watch: Callable[[str], None]) -> Iterator[ModelTarget]:
    for each in wanted:
        watch(each.session.isoformat())
        yield each


def terms_of(
    settings: AccountFile,
    wanted: Sequence[ModelTarget],
    history: History,
    quoted: Series | None = None,
) -> AccountTerms:
    """Return the terms of an account over the sessions that a strategy is traded on.

    ``quoted`` is the exchange rate, the owner's currency per unit of the account's. Raises
    :class:`DataError` where the account needs a rate that the data do not have.
    """
    sessions = [each.session for each in wanted]
    first = next(each.target for each in wanted if each.target is not None)
    unit, exchange = UNITS[history.currency], settings.exchange
    paid = unit if exchange is None else UNITS[exchange.owner]
    _refuse_foreign(settings, history.currency)
    deposits = {day: money * paid for day, money in dated(settings.deposits, sessions).items()}
    deposits[sessions[0]] = deposits.get(sessions[0], 0) + settings.cash * paid
    return AccountTerms(
        start=Portfolio({}, 0, history.currency),
        rules=default_rules(first, settings.costs.tariff(unit)),
        deposits=deposits,
        withdrawals={d: m * paid for d, m in dated(settings.withdrawals, sessions).items()},
        interest=_interest(settings, history),
        exchange=None if exchange is None else _exchange(exchange, sessions, history, quoted),
        parts=settings.parts,
        proceeds=settings.proceeds,
    )


def _refuse_foreign(settings: AccountFile, currency: str) -> None:
    """Refuse amounts that a file writes in another currency than the one they are in."""
    owner = currency if settings.exchange is None else settings.exchange.owner
    flows = [*settings.deposits, *settings.withdrawals]
    refuse_foreign(owner, cash=settings.cash)
    for flow in flows:
        refuse_foreign(owner, amount=flow.amount)
    refuse_foreign(currency, fee=settings.costs.fee_least)
    refuse_foreign(currency, fee=settings.costs.fee_fixed)


def _interest(settings: AccountFile, history: History) -> Mapping[date, float]:
    """Return what cash earns over each session, nothing where no rate is known."""
    days = history.sessions.astype(object).tolist()
    if settings.interest == "none":
        return {}
    if settings.interest == "market":
        return dict(zip(days, np.nan_to_num(history.cash_rate).tolist(), strict=True))
    yearly = float(rate(settings.interest))
    return {day: yearly * (day - before).days / 365.0 for before, day in pairwise(days)}


def _exchange(
    settings: ExchangeSettings, sessions: Sequence[date], history: History, quoted: Series | None
) -> CurrencyExchange:
    if settings.owner == history.currency:
        raise DataError(
            f"the funds are in {history.currency}, the owner's own currency, so nothing is "
            "exchanged; take the table exchange out of the account file"
        )
    if quoted is None:
        raise DataError(
            f"the data have no series {settings.series} to exchange {settings.owner} into "
            f"{history.currency}; correct exchange.series, or choose a folder that has it"
        )
    known = known_rate(quoted, history.decided)
    days = history.sessions.astype(object).tolist()
    rates = {
        day: Decimal(repr(value))
        for day, value in zip(days, known.tolist(), strict=True)
        if not np.isnan(value)
    }
    before = {day: rates[last] for last, day in pairwise(days) if last in rates}
    missing = [day for day in sessions if day not in rates or day not in before]
    if missing:
        raise DataError(
            f"{settings.series} has no rate on {missing[0]} or the session before it; choose a "
            "span that the series covers"
        )
    return CurrencyExchange(
        owner=settings.owner,
        account=history.currency,
        rates=rates,
        before=before,
        spread=rate(settings.spread),
    )


def dated(flows: Sequence[FlowSettings], sessions: Sequence[date]) -> Mapping[date, int]:
    """Return the money of schedules by session: the first one at or after each date.

    Dates before the first session are left out, and those after the last one.

    >>> flow = FlowSettings(amount=5, every="month", **{"from": date(2024, 1, 31)})
    >>> dated([flow], [date(2024, 1, 30), date(2024, 2, 1), date(2024, 2, 29)])
    {datetime.date(2024, 2, 1): 5, datetime.date(2024, 2, 29): 5}
    """
    found: dict[date, int] = {}
    for flow in flows:
        place = 0
        for day in _dates(flow, sessions[-1]):
            if day < sessions[0]:
                continue
            while sessions[place] < day:
                place += 1
            found[sessions[place]] = found.get(sessions[place], 0) + flow.amount
    return found


def _dates(flow: FlowSettings, last: date) -> Iterator[date]:
    """Yield the dates of a schedule up to a day; a month without the day has its last instead."""
    end = last if flow.end is None else min(flow.end, last)
    if flow.every == "once":
        if flow.start <= end:
            yield flow.start
        return
    months = flow.start.year * 12 + flow.start.month - 1
    day = flow.start
    while day <= end:
        yield day
        months += MONTHS[flow.every]
        after = date((months + 1) // 12, (months + 1) % 12 + 1, 1)
        final = after - timedelta(days=1)
        day = final.replace(day=min(flow.start.day, final.day))
