"""What a monitor sees of accounts and firms: their health and their plans, as metrics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

from jeoul.reporting.exposition import Metric, MetricSample

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


@dataclass(frozen=True, slots=True)
class Measurement:
    """The metrics of files, and 0 or the exit code of the worst of those that cannot be read."""

    metrics: tuple[Metric, ...]
    exit_code: int


@dataclass(slots=True)
class _Found:
    """What was read of the files so far, by account and file, and what could not be."""

    complain: Callable[[str], None]
    labels: Mapping[str, str]
    readable: dict[tuple[str | None, str], bool] = field(default_factory=dict)
    accounts: dict[tuple[str, str], Mapping[str, float | None]] = field(default_factory=dict)
    firms: dict[str, tuple[str, FirmPlan | None, int]] = field(default_factory=dict)
    exit_code: int = 0

    @contextmanager
    def reading(self, account: str | None, file: str, lang: str) -> Iterator[None]:
        """Note what is inside if it cannot be read; it does not stop the rest."""
        from jeoul.errors import FILES, JeoulError
        from jeoul.translation import in_language

        try:
            yield
        except (JeoulError, OSError) as error:
            code = getattr(error, "exit_code", FILES)
            self.exit_code = max(self.exit_code, code)
            self.readable[account, file] = False
            if account is not None:
                self.accounts[account, file] = {"jeoul_account_exit_code": code}
            named = file if account is None else f"{file}:{account}"
            self.complain(f"{named}: {in_language(str(error), lang)}")


def metrics_at(names: Iterable[str], complain: Callable[[str], None]) -> Measurement:
    """Return the metrics of configs, of all accounts of households, and of firms.

    ``names`` are files, or FILE:ACCOUNT. An account is labelled with its name and the file that it
    is in. One that cannot be read is a metric of its own, and ``complain`` gets the reason.
    """
    from jeoul.messages import used_language

    every = list(dict.fromkeys(names))
    found = _Found(complain, _file_labels(every))
    for name in every:
        accounts: list[str] = []
        with found.reading(None, found.labels[name], used_language()):
            accounts += _accounts_in(name, found)
        for account in accounts:
            _add_account(name, account, found)
    samples = tuple(
        MetricSample(
            {"file": file} if account is None else {"account": account, "file": file}, int(is_)
        )
        for (account, file), is_ in found.readable.items()
    )
    said = "Whether the file, or the account in it, can be read."
    readable = Metric("jeoul_readable", "gauge", said, samples)
    metrics = (readable, *_of_accounts(found.accounts), *_of_firms(found.firms))
    return Measurement(metrics, found.exit_code)


def _file_labels(names: Sequence[str]) -> Mapping[str, str]:
    """Return what each name's file is called in a label: its name, with folders where two share it.

    A collector refuses a page on which two series have the same labels. The URL of a database in
    the place of a file is shown without its password.
    """
    from jeoul.postgres_url import names_database, shown_url
    from jeoul.workspace.configs import split_address

    files = {name: split_address(name)[0] for name in names}
    paths = {
        name: Path(shown_url(file) if names_database(file) else file).resolve()
        for name, file in files.items()
    }
    labels = told_apart({*paths.values()})
    return {name: labels[path] for name, path in paths.items()}


def told_apart(places: Collection[Path]) -> Mapping[Path, str]:
    """Return a name for each of some absolute paths, with as many folders as tell them apart.

    >>> list(told_apart([Path("/a/x/firm.toml"), Path("/b/x/firm.toml"), Path("/c.toml")]).values())
    ['a/x/firm.toml', 'b/x/firm.toml', 'c.toml']
    """
    found = {}
    for place in places:
        others = [other.parts for other in places if other != place]
        least = next(
            count
            for count in range(1, len(place.parts) + 1)
            if all(other[-count:] != place.parts[-count:] for other in others)
        )
        found[place] = Path(*place.parts[-least:]).as_posix()
    return found


def _accounts_in(name: str, found: _Found) -> list[str]:
    """Return the accounts that a name stands for; a firm is added by itself."""
    from jeoul.errors import ConfigError, UsageError
    from jeoul.files.document import parse
    from jeoul.files.kinds import kind_of
    from jeoul.workspace.configs import household_in, split_address

    file, account = split_address(name)
    if kind_of(parse(file, ConfigError).data) == "firm":
        if account is not None:
            raise UsageError(f"{file} describes a firm; leave out :{account}")
        found.firms[found.labels[name]] = _firm(file)
        found.readable[None, found.labels[name]] = True
        return []
    household = None if account is not None else household_in(file)
    return [name] if household is None else [f"{file}:{each}" for each in household.accounts]


def _add_account(name: str, account: str, found: _Found) -> None:
    from jeoul.messages import used_language
    from jeoul.workspace.configs import config_at, split_address
    from jeoul.workspace.health import health_at

    file, config = found.labels[name], None
    with found.reading(split_address(account)[1], file, used_language()):
        config = config_at(account)
    if config is None:
        return
    own = config.settings.name
    with found.reading(own, file, config.settings.lang):
        found.accounts[own, file] = _figures(health_at(account, config, found.complain))
        found.readable[own, file] = True


def _of_accounts(
    found: Mapping[tuple[str, str], Mapping[str, float | None]],
) -> Iterable[Metric]:
    for name, said in _ACCOUNT.items():
        samples = tuple(
            MetricSample({"account": account, "file": file}, figures.get(name))
            for (account, file), figures in found.items()
        )
        yield Metric(name, "gauge", said, samples)


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


def _of_firms(
    found: Mapping[str, tuple[str, FirmPlan | None, int]],
) -> Iterable[Metric]:
    books = [({"firm": name, "file": file}, events) for file, (name, _, events) in found.items()]
    planned = [
        ({"firm": name, "file": file}, plan)
        for file, (name, plan, _) in found.items()
        if plan is not None
    ]
    yield Metric(
        "jeoul_firm_events_total",
        "counter",
        "Events in the books of the firm.",
        tuple(MetricSample(labels, events) for labels, events in books),
    )
    yield Metric(
        "jeoul_firm_plan_timestamp_seconds",
        "gauge",
        "Session of the newest plan, midnight UTC.",
        tuple(MetricSample(labels, _midnight(plan.session)) for labels, plan in planned),
    )
    for name, label, said, counted in _COUNTS:
        samples = tuple(
            MetricSample({**labels, label: value}, count)
            for labels, plan in planned
            for value, count in counted(plan).items()
        )
        yield Metric(name, "gauge", said, samples)
    yield Metric(
        "jeoul_firm_unread_rows",
        "gauge",
        "Rows of register and holdings that cannot be used.",
        tuple(MetricSample(labels, len(plan.document["unread"])) for labels, plan in planned),
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


_COUNTS: Sequence[tuple[str, str, str, Callable[[FirmPlan], Mapping[str, int]]]] = (
    ("jeoul_firm_clients", "state", "Clients of the newest plan by state.", _states),
    ("jeoul_firm_orders", "side", "Orders of the newest plan by side.", _sides),
    (
        "jeoul_firm_answers",
        "answer",
        "Clients with orders by the answer that was given to the newest plan.",
        _answers,
    ),
)
"""What is counted of a plan: the metric, its label, its help, and the counts by the label."""
