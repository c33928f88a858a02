"""What is asked of each account when something is asked of a household's run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from jeoul.errors import UsageError
from jeoul.operations.desk.intents import Run
from jeoul.operations.household.leg import part_named
from jeoul.operations.ledger import Ledger
from jeoul.operations.run import Runner
from jeoul.operations.setup.request import RunRequest
from jeoul.pipeline.content import content_of


def asked_of_each(
    request: RunRequest, accounts: Mapping[str, Runner], ledgers: Mapping[str, Ledger]
) -> Mapping[str, RunRequest]:
    """Return what is asked of each account: a plan is released by the household's name for it.

    ``ledgers`` are those that could be opened. Raises :class:`UsageError` for a plan, a digest or a
    ticket that belongs to no account.
    """
    named = request.approve or request.reject
    parts = {} if named is None else _parts(ledgers, named)
    accepts = _accepted(accounts, request.accept)
    owner = None if request.fills is None else _ticket_of(accounts, request)
    found = {}
    for name in accounts:
        part = parts.get(name)
        answered = None if part is None or not _has_orders(ledgers[name], part) else part.run_id
        found[name] = replace(
            request,
            as_of=request.as_of if part is None else part.session,
            approve=answered if request.approve else None,
            reject=answered if request.reject else None,
            accept=accepts.get(name),
            fills=request.fills if name == owner else None,
        )
    return found


def _parts(ledgers: Mapping[str, Ledger], named: str) -> Mapping[str, Run]:
    found: dict[str, Run] = {}
    for name, ledger in ledgers.items():
        run = part_named(ledger, named)
        if run is not None:
            found[name] = run
    if not found:
        raise UsageError(
            f"this household has no plan named {named!r}; `jeoul run FILE` prints its name"
        )
    return found


def _has_orders(ledger: Ledger, run: Run) -> bool:
    return bool(ledger.rows("SELECT 1 FROM intents WHERE run_id = ? LIMIT 1", run.run_id))


def _accepted(accounts: Mapping[str, Runner], digest: str | None) -> Mapping[str, str]:
    """Return the digest that each account accepts: the rules of one are accepted for all."""
    if digest is None:
        return {}
    own = {name: content_of(runner.mandate).digest for name, runner in accounts.items()}
    if digest not in own.values():
        raise UsageError(
            f"the rules of no account are {digest}; look at what they change with "
            "`jeoul run FILE`, then accept them by the digest that it names"
        )
    return own


def _ticket_of(accounts: Mapping[str, Runner], request: RunRequest) -> str:
    """Return the account whose ticket a person gives back: its state folder has the file."""
    assert request.fills is not None
    place = request.fills.resolve()
    for name, runner in accounts.items():
        if place.is_relative_to(runner.config.state.resolve()):
            return name
    folders = ", ".join(str(runner.config.state) for runner in accounts.values())
    raise UsageError(
        f"{request.fills} is in the state folder of no account; fill in the ticket where it is, in "
        f"one of {folders}"
    )
