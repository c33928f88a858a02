"""A firm's plan as a person reads it in the morning, and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from jeoul.cli.tables import Grid, show
from jeoul.cli.talk import notice
from jeoul.firm.records import ClientState
from jeoul.messages import say
from jeoul.model.portfolio import Side
from jeoul.operations.firm.plans import reason_of
from jeoul.reporting.reasons import reason_text

if TYPE_CHECKING:
    from jeoul.operations.firm.plans import FirmPlan

MOST = 20  # clients and rows that a terminal lists of one kind
SHORT = 12  # characters of a digest on a screen


def overview_document(
    plan: FirmPlan, language: str, *, closed: bool, accounts: Sequence[str] = ()
) -> dict[str, Any]:
    """Return a plan with its answers as JSON values, of some accounts or of all.

    ``closed`` says whether the session of its orders has closed.
    """
    document = plan.document
    clients = [_client_document(plan, account, language) for account in (accounts or plan.clients)]
    return {
        "firm": document["firm"],
        "plan": plan.digest,
        "as_of": document["session"],
        "executed": document["executed"],
        "session_closed": closed,
        "simulated": document["simulated"],
        "data": document["data"],
        "states": {str(state): count for state, count in _states(plan).items()},
        "answers": dict(Counter(str(each.kind) for each in plan.answers.values())),
        "groups": {name: _group(found, language) for name, found in document["groups"].items()},
        "clients": clients,
        "unread": [
            {**row, "reason": _text(row["reason"], language), "code": row["reason"][0]}
            for row in document["unread"]
        ],
        "strangers": document["strangers"],
    }


def _client_document(plan: FirmPlan, account: str, language: str) -> dict[str, Any]:
    client, answer = plan.clients[account], plan.answers.get(account)
    orders = [
        {**order, "reason": _text(order["reason"], language), "code": order["reason"][0]}
        for order in client["orders"]
    ]
    return {
        **client,
        "orders": orders,
        "reasons": [_text(each, language) for each in client["reasons"]],
        "codes": [kind for kind, _ in client["reasons"]],
        "answer": None
        if answer is None
        else {
            "answer": answer.kind,
            "by": answer.who,
            "at": answer.instant,
            "why": answer.content["why"],
        },
    }


def _group(found: dict[str, Any], language: str) -> dict[str, Any]:
    if "reason" not in found:
        return found
    return {"reason": _text(found["reason"], language), "code": found["reason"][0]}


def _text(written: Sequence[Any], language: str) -> str:
    return reason_text(reason_of(written), language)


def _states(plan: FirmPlan) -> dict[ClientState, int]:
    counts = Counter(client["state"] for client in plan.clients.values())
    return {state: counts[state] for state in ClientState}


def show_overview(plan: FirmPlan, file: str, language: str, *, closed: bool) -> None:
    """Write a plan as the overview of a morning: what trades, what does not, and what to do.

    ``closed`` says whether the session of its orders has closed.
    """
    document = plan.document
    said = {key: document[key] for key in ("firm", "session", "executed")}
    click.echo(say(language, "firm.head", {**said, "digest": plan.digest[:SHORT]}))
    if document["simulated"]:
        click.echo(say(language, "firm.simulated"))
    if closed:
        warn_of_closed(plan, language)
    click.echo()
    show(_group_table(plan, language))
    click.echo()
    show(_state_table(plan, language))
    for key, state in (("look", ClientState.PERSON), ("blocked", ClientState.BLOCKED)):
        _listed(key, list(_lines(plan, state, language)), language)
    unread = [
        ": ".join(filter(None, (row["place"], row["account"], _text(row["reason"], language))))
        for row in document["unread"]
    ]
    _listed("unread", unread, language)
    if document["strangers"]:
        named = ", ".join(document["strangers"][:MOST])
        click.echo(f"\n{say(language, 'firm.strangers', {'accounts': named})}")
    if any(plan.answer(each) is None for each in plan.with_state(ClientState.TRADES)):
        step = {"file": file, "digest": plan.digest[:SHORT]}
        click.echo(f"\n{say(language, 'firm.next_step', step)}")


def warn_of_closed(plan: FirmPlan, language: str) -> None:
    """Say on stderr that the orders of a plan come too late, and what to do.

    Nothing is said of simulated prices: they belong to no day.
    """
    if not plan.document["simulated"]:
        notice("  ! " + say(language, "firm.closed", {"executed": plan.document["executed"]}))


def _lines(plan: FirmPlan, state: ClientState, language: str) -> Iterator[str]:
    for account in plan.with_state(state):
        client = plan.clients[account]
        texts = [
            _text(each, language)
            for each in client["reasons"]
            if each[0].startswith(("firm.", "diagnosis."))
        ]
        yield f"{account}: {'; '.join(texts)}"


def _listed(key: str, lines: Sequence[str], language: str) -> None:
    if not lines:
        return
    click.echo(f"\n{say(language, f'firm.{key}')}")
    for line in lines[:MOST]:
        click.echo(f"  {line}")
    if (more := len(lines) - MOST) > 0:
        click.echo(f"  {say(language, 'firm.more', {'count': more})}")


def _group_table(plan: FirmPlan, language: str) -> Grid:
    keys = ("strategy", "profile", "kind")
    counts = Counter(
        "/".join([*(client[key] for key in keys), client["suitability"]["type"]])
        for client in plan.clients.values()
    )
    rows = []
    for name, found in plan.document["groups"].items():
        due = "none" if "reason" in found else ("yes" if found["due"] else "no")
        rows.append((name, f"{counts[name]:,}", say(language, f"firm.due_{due}")))
    heads = [say(language, f"firm.{key}") for key in ("group", "clients", "due")]
    return Grid(heads, rows, frozenset({0, 2}))


def _state_table(plan: FirmPlan, language: str) -> Grid:
    keys = ("state", "clients", "orders", "sells", "buys", "approved", "rejected", "waiting")
    rows = []
    for state, count in _states(plan).items():
        accounts = list(plan.with_state(state))
        orders = [each for account in accounts for each in plan.clients[account]["orders"]]
        money = dict.fromkeys(Side, 0)
        for order in orders:
            money[Side(order["side"])] += order["shares"] * order["price"]
        answers = Counter(plan.answer(each) for each in accounts if plan.clients[each]["orders"])
        figures = (
            count,
            len(orders),
            money[Side.SELL],
            money[Side.BUY],
            answers["approved"],
            answers["rejected"],
            answers[None],
        )
        rows.append((say(language, f"firm.state_{state}"), *(f"{each:,}" for each in figures)))
    return Grid([say(language, f"firm.{key}") for key in keys], rows)


def show_client(plan: FirmPlan, account: str, language: str) -> None:
    """Write what one client does and why, with the evidence that it suits them."""
    client, answer = plan.clients[account], plan.answers.get(account)
    head = {key: client[key] for key in ("account", "client", "strategy", "profile", "kind")}
    state = say(language, f"firm.state_{client['state']}")
    money = {"state": state, "value": f"{client['value']:,}"}
    click.echo(say(language, "firm.account_head", {**head, **money}))
    for reason in client["reasons"]:
        click.echo(f"  {_text(reason, language)}")
    keys = ("side", "code", "shares", "price", "limit", "reason")
    rows = [
        (
            say(language, f"decide.{order['side'].lower()}").strip(),
            order["ticker"],
            f"{order['shares']:,}",
            f"{order['price']:,}",
            "" if order["limit"] is None else f"{order['limit']:,}",
            _text(order["reason"], language),
        )
        for order in client["orders"]
    ]
    if rows:
        heads = [say(language, f"orders.{key}") for key in keys]
        show(Grid(heads, rows, frozenset({0, 1, 5}), note=True))
    evidence = {key: each or "-" for key, each in client["suitability"].items()}
    evidence["rules"] = str(evidence["rules"])[:SHORT]
    click.echo(say(language, "firm.evidence", evidence))
    if answer is None:
        if rows:
            click.echo(say(language, "firm.not_answered"))
        return
    said = {"answer": say(language, f"firm.{answer.kind}"), "who": answer.who}
    click.echo(say(language, "firm.by", {**said, "at": answer.instant}))
