"""Which findings about the market touch a decision, and which are only facts of the folder."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jeoul.errors import BadMarketData
from jeoul.market import as_problem
from jeoul.market.history import POLICY_RATE
from jeoul.market.levels import EXCHANGE_RATE
from jeoul.model.days import count_before
from jeoul.model.decision import Proposal
from jeoul.model.finding import Finding, Severity
from jeoul.model.history import History, Origin
from jeoul.model.portfolio import Order, Portfolio
from jeoul.model.snapshot import Snapshot
from jeoul.pipeline.clock import series_followed
from jeoul.pipeline.mandate import Mandate
from jeoul.pipeline.premiums import of_orders

_CURRENT = {
    "finding.stale",
    "finding.ended",
    "finding.frozen",
    "finding.stale_series",
    "gate.nav_currency",
}
"""What is true now, whatever the day of the row that it names."""


class SortedFindings(NamedTuple):
    """Findings by what they mean for a proposal.

    ``touching`` are about what it holds, would hold or reads, within the lookback; ``aside`` are
    about other funds and series of that time, for an account may hold those; ``older`` counts the
    rest.
    """

    touching: tuple[Finding, ...]
    aside: tuple[Finding, ...]
    older: int


def sort_findings(
    mandate: Mandate,
    history: History,
    snapshot: Snapshot,
    tickers: Mapping[int, str],
    held: NDArray[np.bool_],
) -> SortedFindings:
    """Return the findings of a snapshot by what they mean for a proposal.

    ``tickers`` are the codes that orders would name, by member; ``held`` marks the members with a
    weight above zero.
    """
    first = oldest(mandate, history)
    recent = [f for f in snapshot.findings if _is_recent(f, first)]
    read = _read(mandate, history, tickers, held)
    touching = _about(mandate, snapshot, recent, read)
    found = frozenset(touching)
    aside = tuple(f for f in recent if f not in found)
    return SortedFindings(touching, aside, len(snapshot.findings) - len(recent))


def findings_along(
    mandate: Mandate, history: History, snapshot: Snapshot, start: date | None
) -> SortedFindings:
    """Return the findings of a snapshot by what they mean for a backtest from ``start`` on.

    It may hold every member, through any of its sources. Raises :class:`BadMarketData` if a
    serious one is about a fund that it may hold and, for a substitute, that stood in on that day.
    """
    row = 0 if start is None else count_before(history.sessions, start)
    first = history.day(max(0, min(row, len(history) - 1) - mandate.strategy.estimate.lookback))
    recent = [f for f in snapshot.findings if _is_recent(f, first)]
    funds = {code for place in mandate.members for code in mandate.allowed[place]}
    serious = sorted(
        f for f in recent if f.severity is Severity.SERIOUS and _earns(mandate, history, f)
    )
    if serious:
        raise BadMarketData([as_problem(finding) for finding in serious])
    members = [mandate.universe.members[place] for place in mandate.members]
    proxies = {proxy.column for member in members for proxy in member.proxies}
    read = {*funds, *proxies, *EXCHANGE_RATE.values(), *series_followed(mandate)}
    read |= {POLICY_RATE[mandate.universe.currency]}
    touching = _about(mandate, snapshot, recent, read)
    found = frozenset(touching)
    aside = tuple(f for f in recent if f not in found)
    return SortedFindings(touching, aside, len(snapshot.findings) - len(recent))


def _earns(mandate: Mandate, history: History, finding: Finding) -> bool:
    """Return whether a member may earn what the fund of a finding did around its day."""
    row = count_before(history.sessions, finding.day)
    return any(
        finding.subject == codes[0]
        or (
            finding.subject in codes
            and bool(np.any(history.origin[row : row + 2, place] == Origin.SUBSTITUTE))
        )
        for place in map(int, mandate.members)
        if (codes := mandate.allowed[place])
    )


def together(found: Sequence[SortedFindings]) -> SortedFindings:
    """Return the findings of several backtests over one market as those of one study."""
    touching = dict.fromkeys(finding for each in found for finding in each.touching)
    aside = dict.fromkeys(finding for each in found for finding in each.aside)
    left = tuple(finding for finding in aside if finding not in touching)
    return SortedFindings(tuple(touching), left, min(each.older for each in found))


def _about(
    mandate: Mandate, snapshot: Snapshot, findings: Iterable[Finding], read: Collection[str]
) -> tuple[Finding, ...]:
    """Return the findings about some funds and series, and about a whole file of their exchange."""
    known = {code for table in snapshot.prices for code in table.tickers} | set(snapshot.series)
    own = mandate.universe.calendar
    return tuple(
        f
        for f in findings
        if f.subject in read
        or (f.subject not in known and dict(f.detail).get("exchange", own) == own)
    )


def oldest(mandate: Mandate, history: History) -> date:
    """Return the first session that the estimate sees."""
    return history.day(max(0, len(history) - mandate.strategy.estimate.lookback))


def _is_recent(finding: Finding, first: date) -> bool:
    until = dict(finding.detail).get("until", "")
    return finding.kind in _CURRENT or finding.day >= first or until >= first.isoformat()


def _read(
    mandate: Mandate, history: History, tickers: Mapping[int, str], held: NDArray[np.bool_]
) -> frozenset[str]:
    """Return the funds and series that a proposal rests on.

    A fund that stands in for another brings the other along, and a member that cannot be ordered
    brings all of its funds: why there is no order is part of the decision.
    """
    window = history.origin[-mandate.strategy.estimate.lookback :]
    read = {POLICY_RATE[mandate.universe.currency], *series_followed(mandate)}
    for place in map(int, mandate.members):
        member, code = mandate.universe.members[place], tickers.get(place)
        if code is not None and not held[place]:
            continue
        codes = mandate.allowed[place]
        read |= set(codes if code is None else codes[: codes.index(code) + 1])
        if np.any(window[:, place] == Origin.PROXY):
            read |= {*(proxy.column for proxy in member.proxies), *EXCHANGE_RATE.values()}
    return frozenset(read)


def of_account(
    proposal: Proposal, portfolio: Portfolio, orders: Sequence[Order]
) -> tuple[tuple[Finding, ...], int]:
    """Return what an account should know beside its proposal, and how many findings are left.

    Those are findings about funds that only the account holds, holdings without a price, prices of
    an earlier day that it is valued or ordered at, and what its orders should know of net asset
    values.
    """
    concerned = {*portfolio.shares, *(order.ticker for order in orders)}
    market = tuple(f for f in proposal.aside if f.subject in concerned)
    found = (
        *_unpriced(proposal, portfolio),
        *_old_prices(proposal, concerned),
        *(f for f in of_orders(proposal, orders) if f not in proposal.findings),
        *market,
    )
    return found, proposal.passed_over + len(proposal.aside) - len(market)


def _unpriced(proposal: Proposal, portfolio: Portfolio) -> Iterable[Finding]:
    for code in sorted(portfolio.shares):
        if code not in proposal.quotes:
            yield Finding(proposal.as_of, code, "finding.unpriced_holding", Severity.NOTICE)


def _old_prices(proposal: Proposal, codes: Collection[str]) -> Iterable[Finding]:
    for code in sorted(codes):
        quote = proposal.quotes.get(code)
        if quote is not None and quote.session < proposal.as_of:
            yield Finding(quote.session, code, "finding.old_price", Severity.NOTICE)
