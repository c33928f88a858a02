"""What an account or a household is worth now: its statement, what it holds, and its limits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING

from jeoul.workspace.limits import Limit, LimitedAccount, limits_of

if TYPE_CHECKING:
    from jeoul.model.instrument import Universe
    from jeoul.operations.course import AccountCourse
    from jeoul.operations.statement import Stated
    from jeoul.reporting.statement.facts import StatementFacts
    from jeoul.reporting.text import Text
    from jeoul.workspace.statement import GatheredStatement


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPosition:
    """A security of an account: ``amount`` in the smallest unit of the account's money.

    ``name`` is None outside the account's universe, ``amount`` without a price.
    """

    code: str
    name: Text | None
    shares: int
    amount: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What an account holds after its newest session, the largest position first."""

    currency: str
    value: int
    cash: int
    positions: tuple[HeldPosition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementWorth:
    """A statement since the start, with the holdings and the limits of its accounts by id."""

    facts: StatementFacts
    holdings: Mapping[str, Holding]
    limits: tuple[Limit, ...]


def worth_at(name: str, folder: Path | None) -> StatementWorth:
    """Return what a config's account or a household is worth; ``folder`` stands in for its data.

    Raises what :func:`~jeoul.workspace.statement.statement_at` raises.
    """
    from jeoul.workspace.statement import StatementRequest, gathered_at

    found = gathered_at(name, StatementRequest(folder=folder))
    universes = {each.id: each.universe for each in found.accounts}
    facts = found.facts
    return StatementWorth(
        facts=facts,
        holdings={each.id: _holding(each.course, universes[each.id]) for each in found.stated},
        limits=limits_of(
            list(_limited(found, universes)), found.opened.book, facts.figures.end.year
        ),
    )


def _holding(course: AccountCourse, universe: Universe) -> Holding:
    positions = sorted(_positions(course, universe), key=lambda each: -(each.amount or 0))
    return Holding(
        currency=course.currency,
        value=int(course.value[-1]),
        cash=int(course.cash[-1]),
        positions=tuple(positions),
    )


def _positions(course: AccountCourse, universe: Universe) -> Iterator[HeldPosition]:
    from jeoul.reporting.text import Text

    last = zip(course.tickers, course.shares[-1].tolist(), course.prices[-1].tolist(), strict=True)
    for code, shares, price in last:
        if shares:
            fund = universe.instruments.get(code)
            yield HeldPosition(
                code=code,
                name=None if fund is None else Text(fund.name_ko, fund.name_en),
                shares=shares,
                amount=None if isnan(price) else round(shares * price),
            )


def _limited(
    found: GatheredStatement, universes: Mapping[str, Universe]
) -> Iterator[LimitedAccount]:
    from jeoul.account.rooms import PaidFacts

    stated = {each.id: each for each in found.stated}
    for account in found.accounts:
        own = stated.get(account.id)
        yield LimitedAccount(
            id=account.id,
            owner=account.owner,
            kind=account.kind,
            paid=PaidFacts(opened=account.opened, paid=account.paid),
            deposited={} if own is None else _deposited(own),
            risk=None if own is None else _risk(own.course, universes[account.id]),
        )


def _deposited(stated: Stated) -> Mapping[int, int]:
    """Return what the books saw paid in by year."""
    found: dict[int, int] = defaultdict(int)
    for day, amount in ({} if stated.decisions is None else stated.decisions.deposits).items():
        found[day.year] += amount
    return found


def _risk(course: AccountCourse, universe: Universe) -> float | None:
    """Return the share of risk assets; a security that nobody has classed counts as one."""
    value = int(course.value[-1])
    if value <= 0:
        return None
    safe = {code for code, fund in universe.instruments.items() if fund.irp == "safe"}
    held = _positions(course, universe)
    return sum(each.amount or 0 for each in held if each.code not in safe) / value
