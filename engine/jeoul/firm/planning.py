"""One plan for all clients of a firm: every client decides on the proposal of their group."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from jeoul.account.collar import Collar
from jeoul.account.orders import account_decision
from jeoul.errors import JeoulError
from jeoul.firm.records import (
    ClientPlan,
    ClientPosition,
    ClientState,
    FirmClient,
    FirmGroup,
    Unread,
)
from jeoul.firm.restricted import bought_within, restricted
from jeoul.model.decision import Decision, Proposal
from jeoul.model.instrument import Instrument
from jeoul.model.portfolio import Reason
from jeoul.pipeline import default_rules
from jeoul.pipeline.situation import Situation, never_invested
from jeoul.rebalance import Fresh, Tariff


class GroupProposal(NamedTuple):
    """The proposal that the clients of a group share, and the digest of the rules behind it."""

    proposal: Proposal
    rules: str
    instruments: Mapping[str, Instrument]


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmTerms:
    """How every client of a firm trades, and what a person looks at first.

    ``turnover`` and ``order`` are shares of a client's value above which a plan needs a person.
    """

    tariff: Tariff
    collar: float
    turnover: Decimal
    order: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Morning:
    """What the plans of one morning are made from.

    ``proposals`` are those of the groups, or why a group has none. ``day`` is the day on which the
    answers are looked at: that of the fills.
    """

    positions: Mapping[str, ClientPosition]
    unread: Sequence[Unread]
    proposals: Mapping[FirmGroup, GroupProposal | Reason]
    terms: FirmTerms
    day: date


def client_plans(clients: Iterable[FirmClient], morning: Morning) -> tuple[ClientPlan, ...]:
    """Return what each client does, in their order; one that cannot be planned is blocked.

    The orders are those of ``jeoul decide`` for the same account on the same day; without a
    restriction they come from the very same proposal.
    """
    broken: dict[str, list[Reason]] = {}
    for row in morning.unread:
        if row.account is not None:
            broken.setdefault(row.account, []).append(row.what)
    return tuple(_plan(client, morning, broken.get(client.account, ())) for client in clients)


def _plan(client: FirmClient, morning: Morning, broken: Sequence[Reason]) -> ClientPlan:
    position = morning.positions.get(client.account)
    found = morning.proposals[client.group]
    why = [*broken, *_blocks(client, position, found)]
    if why or position is None or isinstance(found, Reason):
        return ClientPlan(
            client=client, state=ClientState.BLOCKED, reasons=tuple(why), position=position
        )
    try:
        return _decided(client, position, found, morning)
    except JeoulError as error:
        return ClientPlan(
            client=client,
            state=ClientState.BLOCKED,
            reasons=(Reason.of("firm.refused", why=str(error)),),
            position=position,
        )


def _blocks(
    client: FirmClient, position: ClientPosition | None, found: GroupProposal | Reason
) -> Iterator[Reason]:
    """Yield why nothing can be planned for a client."""
    if client.suspended:
        yield Reason.of("firm.suspended")
    if position is None:
        yield Reason.of("firm.no_position")
    else:
        said = {"kind": position.kind, "profile": position.profile}
        for key, value in said.items():
            own = getattr(client.group, key)
            if value is not None and value != own:
                yield Reason.of("firm.two_sources", key=key, register=own, holdings=value)
        held = position.portfolio
        if not held.money and not held.shares and not position.deposit:
            yield Reason.of("firm.empty")
    if isinstance(found, Reason):
        yield found


def _decided(
    client: FirmClient, position: ClientPosition, found: GroupProposal, morning: Morning
) -> ClientPlan:
    terms = morning.terms
    proposal = restricted(found.proposal, client.restriction)
    held = replace(position.portfolio, cash=position.portfolio.cash + position.deposit)
    rules = default_rules(proposal, terms.tariff)
    first = never_invested(held, proposal.classes)
    expires = client.suitability.expires
    expired = expires is not None and expires < morning.day
    stops = Reason.of("diagnosis.expired", expires=expires) if expired else None
    decision = account_decision(
        proposal,
        held,
        Fresh(deposited=position.deposit),
        rules,
        owed=position.withdrawal,
        collar=Collar.of(terms.collar, found.instruments),
        situation=Situation(first=first, stops=stops),
    )
    decision = bought_within(decision, held, client.restriction, rules)
    value = held.value({code: quote.price for code, quote in proposal.quotes.items()})
    asks = (
        *_unknown_restriction(client, found.instruments),
        *_asks(position, decision, value, terms, first=first),
    )
    if expired and not any(reason.kind == "diagnosis.expired" for reason in decision.reasons):
        asks = (*asks, Reason.of("diagnosis.expired", expires=expires))
    state = _state(decision, asks, expired=expired)
    return ClientPlan(
        client=client,
        state=state,
        reasons=(*asks, *decision.reasons),
        orders=decision.orders,
        position=position,
        value=value,
        cash_after=decision.cash_after,
        cost=decision.cost,
        rules=found.rules,
        inputs_id=decision.inputs_id,
    )


def _unknown_restriction(
    client: FirmClient, instruments: Mapping[str, Instrument]
) -> Iterator[Reason]:
    """Yield that a restriction names funds which are never traded: it may be a slip of the pen."""
    named = client.restriction.excluded | client.restriction.caps.keys()
    if unknown := sorted(named - instruments.keys()):
        yield Reason.of("firm.unknown_restriction", tickers=", ".join(unknown))


def _asks(
    position: ClientPosition, decision: Decision, value: int, terms: FirmTerms, *, first: bool
) -> Iterator[Reason]:
    """Yield what a person should look at before the orders of a client are approved."""
    if position.portfolio.cash < 0:
        yield Reason.of("firm.overdrawn", amount=f"{-position.portfolio.cash:,}")
    if position.outside:
        yield Reason.of("firm.outside", tickers=", ".join(sorted(position.outside)))
    amounts = [order.shares * order.price for order in decision.orders]
    if value <= 0 or not amounts:
        return
    turnover = Decimal(sum(amounts)) / value
    if not first and turnover > terms.turnover:
        yield Reason.of("firm.turnover", share=f"{turnover:.1%}", most=f"{terms.turnover:.1%}")
    largest = Decimal(max(amounts)) / value
    if largest > terms.order:
        yield Reason.of("firm.order", share=f"{largest:.1%}", most=f"{terms.order:.1%}")


def _state(decision: Decision, asks: Sequence[Reason], *, expired: bool) -> ClientState:
    if not decision.orders:
        return ClientState.BLOCKED if expired else ClientState.RESTS
    return ClientState.PERSON if asks or expired else ClientState.TRADES
