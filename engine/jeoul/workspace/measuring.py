"""What a monitor sees of accounts and firms: their health and their plans, as metrics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

from jeoul.reporting.exposition import Measured, Sample

if TYPE_CHECKING:
    from jeoul.operations.firm.plans import FirmPlan
    from jeoul.operations.told.health import Health

_ACCOUNT: Mapping[str, str] = {
    "jeoul_account_exit_code": "jeoul health: 0 fine, 4 stopped by a rule, 5 needs a person.",
    "jeoul_account_problems": "Problems that a person should look at.",
    "jeoul_account_missed_sessions": "Sessions that no run decided on.",
    "jeoul_account_stopped": "Whether the kill switch is on.",
    "jeoul_account_decided_timestamp_seconds": "Session of the newest decision, midnight UTC.",
    "jeoul_account_due_timestamp_seconds": "Newest session due for a decision, midnight UTC.",
    "jeoul_account_data_timestamp_seconds": "Newest session in the market data, midnight UTC.",
    "jeoul_account_next_run_timestamp_seconds": "Next scheduled run.",
    "jeoul_account_ledger_rows": "Rows of the ledger.",
    "jeoul_account_ledger_timestamp_seconds": "Newest row of the ledger.",
}


def metrics_at(names: Iterable[str], complain: Callable[[str], None]) -> tuple[Measured, ...]:
    """Return the metrics of configs, of all accounts of households, and of firms.

    ``names`` are files, or FILE:ACCOUNT. An account is labelled with its name and the file that it
    is in. Raises :class:`~jeoul.errors.ConfigError` for a file that cannot be used.
    """
    from jeoul.errors import ConfigError
    from jeoul.files.document import parse
    from jeoul.files.kinds import kind_of
    from jeoul.workspace.configs import config_at, household_in, split_address
    from jeoul.workspace.health import health_at

    accounts: list[tuple[Mapping[str, str], Health]] = []
    firms: list[tuple[str, FirmPlan | None, int]] = []
    for name in names:
        file, account = split_address(name)
        if kind_of(parse(file, ConfigError).data) == "firm":
            firms.append(_firm(file))
            continue
        household = None if account is not None else household_in(file)
        each = [name] if household is None else [f"{file}:{a}" for a in household.accounts]
        for one in each:
            config = config_at(one)
            labels = {"account": config.settings.name, "file": Path(file).name}
            accounts.append((labels, health_at(one, config, complain)))
    return (*_of_accounts(accounts), *_of_firms(firms))


def _of_accounts(found: Sequence[tuple[Mapping[str, str], Health]]) -> Iterable[Measured]:
    rows = [(labels, _figures(health)) for labels, health in found]
    for name, said in _ACCOUNT.items():
        samples = tuple(Sample(labels, figures[name]) for labels, figures in rows)
        yield Measured(name, "gauge", said, samples)


def _figures(health: Health) -> Mapping[str, float | None]:
    following, written = health.following, health.written
    values = (
        health.exit_code,
        len(health.problems),
        len(health.missed),
        int(health.stopped),
        _midnight(health.decided),
        _midnight(health.due),
        _midnight(health.newest),
        None if following is None else following.timestamp(),
        health.rows,
        None if written is None else written.timestamp(),
    )
    return dict(zip(_ACCOUNT, values, strict=True))


def _midnight(day: date | None) -> float | None:
    return None if day is None else datetime.combine(day, time(), UTC).timestamp()


def _firm(file: str) -> tuple[str, FirmPlan | None, int]:
    from jeoul.operations.firm.books import NAME
    from jeoul.operations.firm.plans import named_plan
    from jeoul.workspace.firm import firm_at

    firm = firm_at(file)
    if not (firm.state / NAME).exists():
        return firm.keys.name, None, 0
    with firm.books() as books:
        newest = books.newest()
        plan = None if newest is None else named_plan(books, newest.plan)
        return firm.keys.name, plan, books.head()[0]


def _of_firms(found: Sequence[tuple[str, FirmPlan | None, int]]) -> Iterable[Measured]:
    planned = [(name, plan) for name, plan, _ in found if plan is not None]
    yield Measured(
        "jeoul_firm_events_total",
        "counter",
        "Events in the books of the firm.",
        tuple(Sample({"firm": name}, events) for name, _, events in found),
    )
    yield Measured(
        "jeoul_firm_plan_timestamp_seconds",
        "gauge",
        "Session of the newest plan, midnight UTC.",
        tuple(Sample({"firm": name}, _midnight(plan.session)) for name, plan in planned),
    )
    yield Measured(
        "jeoul_firm_clients",
        "gauge",
        "Clients of the newest plan by state.",
        tuple(
            Sample({"firm": name, "state": state}, count)
            for name, plan in planned
            for state, count in _states(plan).items()
        ),
    )
    yield Measured(
        "jeoul_firm_orders",
        "gauge",
        "Orders of the newest plan by side.",
        tuple(
            Sample({"firm": name, "side": side}, count)
            for name, plan in planned
            for side, count in _sides(plan).items()
        ),
    )
    yield Measured(
        "jeoul_firm_answers",
        "gauge",
        "Clients with orders by the answer that was given to the newest plan.",
        tuple(
            Sample({"firm": name, "answer": answer}, count)
            for name, plan in planned
            for answer, count in _answers(plan).items()
        ),
    )
    yield Measured(
        "jeoul_firm_unread_rows",
        "gauge",
        "Rows of register and holdings that cannot be used.",
        tuple(Sample({"firm": n}, len(plan.document["unread"])) for n, plan in planned),
    )


def _states(plan: FirmPlan) -> Mapping[str, int]:
    from jeoul.firm.records import ClientState

    counts = Counter(client["state"] for client in plan.clients.values())
    return {str(state): counts[state] for state in ClientState}


def _sides(plan: FirmPlan) -> Mapping[str, int]:
    orders = [order for client in plan.clients.values() for order in client["orders"]]
    counts = Counter(order["side"] for order in orders)
    return {side: counts[side] for side in ("SELL", "BUY")}


def _answers(plan: FirmPlan) -> Mapping[str, int]:
    trading = [account for account, client in plan.clients.items() if client["orders"]]
    counts = Counter(plan.answer(account) or "waiting" for account in trading)
    return {answer: counts[answer] for answer in ("approved", "rejected", "waiting")}
