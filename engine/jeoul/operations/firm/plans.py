"""A firm's plan as the document that its books keep, and what is read from it later."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import cached_property
from typing import Any

from jeoul.errors import UsageError
from jeoul.firm.planning import GroupProposal
from jeoul.firm.records import ClientPlan, ClientPosition, ClientState, FirmGroup, Unread
from jeoul.model.portfolio import Order, Portfolio, Reason, Side
from jeoul.operations.firm.books import FirmBooks, FirmEvent

SCHEMA = "jeoul.firm-plan/1"
_SHORTEST = 6  # characters of a digest that a person writes


def plan_document(
    firm: str,
    plans: Iterable[ClientPlan],
    unread: Iterable[Unread],
    groups: Mapping[FirmGroup, GroupProposal | Reason],
    market: Mapping[str, Any],
) -> dict[str, Any]:
    """Return a plan as JSON values in no language; ``market`` says what it was made from."""
    return {
        "schema": SCHEMA,
        "firm": firm,
        **market,
        "groups": {str(name): _group(found) for name, found in sorted(groups.items())},
        "clients": [_client(plan, groups) for plan in plans],
        "unread": [
            {"place": row.place, "account": row.account, "reason": _reason(row.what)}
            for row in unread
        ],
    }


def _group(found: GroupProposal | Reason) -> dict[str, Any]:
    if isinstance(found, Reason):
        return {"reason": _reason(found)}
    proposal = found.proposal
    return {
        "rules": found.rules,
        "inputs": proposal.inputs,
        "due": proposal.due,
        "scale": proposal.scale,
        "weights": proposal.weights,
    }


def _client(plan: ClientPlan, groups: Mapping[FirmGroup, GroupProposal | Reason]) -> dict[str, Any]:
    client = plan.client
    group = groups[client.group]
    limit = None
    if not isinstance(group, Reason) and group.proposal.graded is not None:
        limit = asdict(group.proposal.graded.limit)
    return {
        "account": client.account,
        "client": client.client,
        "strategy": client.group.strategy,
        "profile": client.group.profile,
        "kind": client.group.kind,
        "state": str(plan.state),
        "reasons": [_reason(reason) for reason in plan.reasons],
        "orders": [_order(order) for order in plan.orders],
        "held": None if plan.position is None else _held(plan.position),
        "value": plan.value,
        "cash_after": plan.cash_after,
        "cost": plan.cost,
        "restriction": client.restriction.document(),
        "fee": str(client.fee),
        "suitability": {**client.suitability.document(), "limit": limit, "rules": plan.rules},
        "inputs_id": plan.inputs_id,
    }


def _order(order: Order) -> dict[str, Any]:
    return {
        "side": str(order.side),
        "ticker": order.ticker,
        "shares": order.shares,
        "price": order.price,
        "limit": order.limit,
        "reason": _reason(order.reason),
    }


def _held(position: ClientPosition) -> dict[str, Any]:
    held = position.portfolio
    return {
        "shares": dict(sorted(held.shares.items())),
        "cash": held.cash,
        "unsettled": {day.isoformat(): won for day, won in sorted(held.unsettled.items())},
        "outside": dict(sorted(position.outside.items())),
        "deposit": position.deposit,
        "withdrawal": position.withdrawal,
    }


def _reason(reason: Reason) -> list[Any]:
    return [reason.kind, dict(reason.detail)]


def reason_of(written: Sequence[Any]) -> Reason:
    """Return a reason as a document has it."""
    kind, detail = written
    return Reason(kind, tuple((key, str(value)) for key, value in detail.items()))


@dataclass(frozen=True)
class FirmPlan:
    """A plan in the books: its digest, its document, and what people answered to it."""

    digest: str
    document: Mapping[str, Any]
    answers: Mapping[str, FirmEvent]

    @cached_property
    def clients(self) -> Mapping[str, Mapping[str, Any]]:
        """Return the part of every client, by account."""
        return {each["account"]: each for each in self.document["clients"]}

    @property
    def session(self) -> date:
        """Return the last completed session behind it."""
        return date.fromisoformat(self.document["session"])

    def answer(self, account: str) -> str | None:
        """Return ``approved`` or ``rejected``, None while nobody has answered."""
        found = self.answers.get(account)
        return None if found is None else found.kind

    def with_state(self, *states: ClientState) -> Iterator[str]:
        """Yield the accounts in one of some states."""
        for account, client in self.clients.items():
            if client["state"] in states:
                yield account

    def orders(self, account: str) -> tuple[Order, ...]:
        """Return the orders that are planned for an account."""
        return tuple(
            Order(
                side=Side(each["side"]),
                ticker=each["ticker"],
                shares=each["shares"],
                price=each["price"],
                reason=reason_of(each["reason"]),
                limit=each["limit"],
            )
            for each in self.clients[account]["orders"]
        )

    def approved(self) -> Mapping[str, tuple[Order, ...]]:
        """Return the orders of the accounts that somebody approved."""
        return {
            account: self.orders(account)
            for account in self.clients
            if self.answer(account) == "approved"
        }


def portfolio_in(held: Mapping[str, Any]) -> Portfolio:
    """Return what a client held, securities outside the universe included."""
    unsettled = {date.fromisoformat(day): won for day, won in held["unsettled"].items()}
    return Portfolio({**held["outside"], **held["shares"]}, held["cash"], "KRW", unsettled)


def named_plan(books: FirmBooks, digest: str | None) -> FirmPlan:
    """Return the newest plan, or the one whose digest begins with some letters.

    Raises :class:`~jeoul.errors.UsageError` where there is none, or several.
    """
    if digest is None:
        event = books.newest()
        if event is None:
            raise UsageError("there is no plan yet; make one with `jeoul firm plan`")
    else:
        fits = books.named(digest.lower()) if len(digest) >= _SHORTEST else []
        if len(fits) != 1:
            raise UsageError(
                f"{digest!r} names no single plan; write at least {_SHORTEST} letters of the "
                "digest that `jeoul firm plan` prints"
            )
        (event,) = fits
    return FirmPlan(event.plan, event.content, books.answers(event.plan))
