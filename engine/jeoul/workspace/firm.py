"""A firm's file opened with the market: its plan of a morning, its blocks, its fills, its fees."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jeoul.errors import ConfigError, JeoulError, Problem, UsageError

if TYPE_CHECKING:
    from jeoul.firm.blocks import Block
    from jeoul.firm.fairness import Allotment
    from jeoul.firm.keys import FirmKeys
    from jeoul.firm.planning import GroupProposal
    from jeoul.firm.records import FirmClient, FirmGroup, Unread
    from jeoul.model.portfolio import Reason
    from jeoul.operations.firm.books import FirmBooks
    from jeoul.operations.firm.plans import FirmPlan
    from jeoul.strategy.schema import Strategy
    from jeoul.workspace.inputs import Opened


@dataclass(frozen=True, slots=True)
class FirmFile:
    """A checked ``firm.toml``."""

    path: Path
    keys: FirmKeys

    def beside(self, name: str) -> Path:
        """Return a path that the file names, relative to it."""
        found = Path(name).expanduser()
        return found if found.is_absolute() else self.path.parent / found

    @property
    def state(self) -> Path:
        """Return the folder of its books and letters."""
        return self.beside(self.keys.state)

    @property
    def files(self) -> tuple[Path, ...]:
        """Return the files that it is made of: what is written elsewhere replaces none of them."""
        from jeoul.operations.firm.books import NAME

        keys = self.keys
        named = (keys.register_, keys.holdings)
        return (self.path, *map(self.beside, named), self.state / NAME)

    @contextmanager
    def books(self) -> Iterator[FirmBooks]:
        """Open its books."""
        from jeoul.operations.firm.books import open_books

        with closing(open_books(self.state)) as found:
            yield found


def firm_at(name: str) -> FirmFile:
    """Return the firm in a file; raise :class:`ConfigError` with every problem of it."""
    from jeoul.files.document import parse
    from jeoul.files.toml import check
    from jeoul.firm.keys import FirmKeys

    document = parse(name, ConfigError, kind="firm")
    return FirmFile(Path(name), check(document, FirmKeys, ConfigError))


def clients_of(firm: FirmFile, day: date) -> tuple[tuple[FirmClient, ...], tuple[Unread, ...]]:
    """Return the clients of a firm's register and the rows that cannot be used.

    Where the firm names a folder of answers, each client's answers are read and have to say what
    the register says, as looked at on a day.
    """
    from jeoul.firm.register import RegisterDefaults, read_register
    from jeoul.model.money import rate

    keys = firm.keys
    defaults = RegisterDefaults(keys.strategy, rate(keys.advisory.rate))
    found = read_register(str(firm.beside(keys.register_)), defaults)
    if keys.answers is None:
        return found
    folder = firm.beside(keys.answers)
    clients, unread = [], list(found.unread)
    for client in found.clients:
        try:
            clients.append(_proved(client, folder, day))
        except (JeoulError, OSError) as error:
            unread.append(_unproved(client, folder, error))
    return tuple(clients), tuple(unread)


def firm_faults(firm: FirmFile) -> list[Problem]:
    """Return every row of a firm's register and holdings that cannot be used; prove its books.

    Raises :class:`ConfigError` and :class:`~jeoul.errors.HoldingsError` for files that cannot be
    read, and :class:`~jeoul.operations.errors.LedgerError` for books that were changed.
    """
    from jeoul import api
    from jeoul.firm.positions import read_positions
    from jeoul.operations.firm.books import NAME
    from jeoul.workspace.today import today

    if (firm.state / NAME).exists():
        with firm.books() as books:
            books.prove()

    clients, unread = clients_of(firm, today())
    named = {client.group.strategy: client.account for client in clients}
    tickers: set[str] = set()
    problems = []
    for name in sorted({*named, firm.keys.strategy}):
        try:
            tickers |= api.universe_of(strategy_of(firm, name).universe).instruments.keys()
        except (JeoulError, OSError) as error:
            place = firm.keys.register_ if name in named else firm.path
            account = f"{named[name]}: " if name in named else ""
            problems.append(Problem(str(firm.beside(str(place))), f"{account}{error}"))
    positions = read_positions(str(firm.beside(firm.keys.holdings)), tickers)
    rows = (*unread, *positions.unread)
    return [*problems, *(Problem(row.place, unread_text(row, firm.keys.lang)) for row in rows)]


def unread_text(row: Unread, language: str) -> str:
    """Return why a row cannot be used, with the account that it is of."""
    from jeoul.reporting.reasons import reason_text

    text = reason_text(row.what, language)
    return text if row.account is None else f"{row.account}: {text}"


def _proved(client: FirmClient, folder: Path, day: date) -> FirmClient:
    """Return a client with the evidence of their answers; raise where they say something else."""
    from jeoul.files.text import read_content
    from jeoul.profile import diagnose, load_answers

    said = client.suitability
    path = folder / f"{said.answers_id}.toml"
    if Path(said.answers_id).name != said.answers_id:
        raise ConfigError([Problem(said.answers_id, "is not the name of a file of answers")])
    content = read_content(path, ConfigError)
    found = diagnose(load_answers(path), day=day)
    own = (found.profile.type, found.profile.name)
    if own != (said.type, said.profile):
        raise ConfigError([Problem(path.name, f"gives type {own[0]} and profile {own[1]}")])
    evidence = replace(
        said,
        answered=found.answers.answered,
        expires=found.profile.expires,
        sha256=hashlib.sha256(content).hexdigest(),
    )
    return replace(client, suitability=evidence)


def _unproved(client: FirmClient, folder: Path, error: Exception) -> Unread:
    from jeoul.firm.records import Unread
    from jeoul.model.portfolio import Reason

    why = Reason.of("firm.row_unproved", answers=client.suitability.answers_id, why=error)
    return Unread(str(folder), client.account, why)


def _strategy(firm: FirmFile, name: str) -> str:
    """Return a strategy's name, or its path from the folder of the firm's file."""
    return str(firm.beside(name)) if name.endswith(".toml") else name


def strategy_of(firm: FirmFile, name: str) -> Strategy:
    """Return a strategy that the firm's file or register names."""
    from jeoul.strategy.load import load_strategy

    return load_strategy(_strategy(firm, name))


def plan_firm(firm: FirmFile, folder: Path | None, as_of: str | None) -> FirmPlan:
    """Return the plan of a morning, recorded in the books; the same inputs give the same plan.

    Inputs that were changed and changed back give a new plan, with the next ``attempt``. A client
    or a group that cannot be planned is blocked with its reason. Raises
    :class:`~jeoul.errors.UsageError` for a session before that of the newest plan,
    :class:`ConfigError` and :class:`~jeoul.errors.HoldingsError` for files that cannot be read.
    """
    from jeoul.operations.firm.books import digest_of
    from jeoul.operations.firm.plans import named_plan
    from jeoul.operations.setup.clock import SystemClock

    document = planned_document(firm, folder, as_of)
    with firm.books() as books, books.transaction():
        newest = books.newest()
        if newest is not None and newest.content["session"] > document["session"]:
            raise UsageError(
                f"the newest plan is as of {newest.content['session']}, after "
                f"{document['session']}; name another state folder to rehearse an earlier day"
            )
        if newest is not None and {**newest.content, "attempt": 1} == {**document, "attempt": 1}:
            return named_plan(books, newest.plan)
        while books.has_plan(digest := digest_of(document)):  # inputs changed and changed back
            document["attempt"] += 1
        books.append("plan", int(SystemClock().now()), digest, document)
        return named_plan(books, digest)


def planned_document(firm: FirmFile, folder: Path | None, as_of: str | None) -> dict[str, Any]:
    """Return the plan of a morning as a document; nothing is recorded."""
    from jeoul.firm.planning import Morning, client_plans
    from jeoul.firm.positions import read_positions
    from jeoul.operations.firm.plans import plan_document
    from jeoul.workspace.inputs import open_inputs

    keys = firm.keys
    place = folder or (None if keys.data is None else firm.beside(keys.data))
    opened = open_inputs(_strategy(firm, keys.strategy), place, as_of)
    executed = _executed(opened)
    clients, unread = clients_of(firm, executed)
    _refuse_nobody(firm, clients)
    groups = group_proposals(firm, opened, {client.group for client in clients})
    tickers = {
        code for found in groups.values() if isinstance(found, tuple) for code in found.instruments
    }
    positions = read_positions(str(firm.beside(keys.holdings)), tickers)
    morning = Morning(
        positions=positions.accounts,
        unread=tuple(
            row._replace(place=Path(row.place).name) for row in (*unread, *positions.unread)
        ),
        proposals=groups,
        terms=_terms(keys),
        day=executed,
    )
    plans = client_plans(clients, morning)
    known = {client.account for client in clients} | {row.account for row in unread}
    market = {
        "attempt": 1,
        "session": opened.snapshot.as_of.isoformat(),
        "executed": executed.isoformat(),
        "simulated": opened.market.simulated,
        "data": opened.snapshot.digest,
        "strangers": sorted(positions.accounts.keys() - known),
    }
    return plan_document(keys.name, plans, morning.unread, groups, market)


def _executed(opened: Opened) -> date:
    from jeoul import api

    calendar = api.calendars()[opened.strategy.calendar]
    return calendar.label(calendar.index(opened.snapshot.as_of) + 1)


def has_closed(firm: FirmFile, plan: FirmPlan) -> bool:
    """Return whether the session that the orders of a plan are for has closed.

    A plan outlives its strategy. Where that cannot be read any more, or follows an exchange by now
    that is shut on that day, the session counts as closed once the day is over.
    """
    from jeoul import api
    from jeoul.operations.setup.clock import SystemClock
    from jeoul.workspace.today import today

    executed = date.fromisoformat(plan.document["executed"])
    try:
        strategy = api.load_strategy(_strategy(firm, firm.keys.strategy))
        calendar = api.calendars()[strategy.calendar]
        place = calendar.index(executed)
    except JeoulError:
        return executed < today()
    return int(calendar.closes[place]) <= SystemClock().now()


def _refuse_nobody(firm: FirmFile, clients: Sequence[FirmClient]) -> None:
    if not clients:
        file = str(firm.beside(firm.keys.register_))
        wrong = "has no client that can be read"
        remedy = "write a row for each account; docs/firm.md lists the columns"
        raise ConfigError([Problem(file, wrong, remedy=remedy)])


def _terms(keys: FirmKeys) -> Any:
    from decimal import Decimal

    from jeoul.firm.planning import FirmTerms

    return FirmTerms(
        tariff=keys.costs.tariff(1),
        collar=keys.collar,
        turnover=Decimal(keys.review.turnover),
        order=Decimal(keys.review.order),
    )


def group_proposals(
    firm: FirmFile, opened: Opened, groups: Iterable[FirmGroup]
) -> Mapping[FirmGroup, GroupProposal | Reason]:
    """Return the proposal of each group, computed once, or why there is none."""
    return {group: _proposal(firm, opened, group) for group in sorted(groups)}


def _proposal(firm: FirmFile, opened: Opened, group: FirmGroup) -> GroupProposal | Reason:
    from jeoul import api
    from jeoul.firm.planning import GroupProposal
    from jeoul.model.portfolio import Reason
    from jeoul.pipeline.content import content_of
    from jeoul.workspace.inputs import Opened
    from jeoul.workspace.remembering import propose_remembering

    suits = firm.keys.suitability
    try:
        limit = api.suitable(
            group.type, matrix=suits.matrix, mode=suits.mode, on_breach=suits.on_breach
        )
        strategy = opened.strategy
        if group.strategy != firm.keys.strategy:
            strategy = strategy_of(firm, group.strategy)
        own = Opened(strategy, opened.market, opened.snapshot)
        proposal = propose_remembering(own, group.profile, group.kind, limit=limit)
        rules = content_of(api.mandate(strategy, group.profile, group.kind, limit=limit)).digest
    except (JeoulError, OSError) as error:  # a name that the system refuses stops nobody else
        return Reason.of("firm.no_proposal", group=group, why=error)
    if proposal.currency != "KRW":
        return Reason.of("firm.no_proposal", group=group, why=f"it trades in {proposal.currency}")
    return GroupProposal(proposal, rules, api.universe_of(strategy.universe).instruments)


def blocks_in(plan: FirmPlan) -> tuple[Block, ...]:
    """Return the blocks of what was approved of a plan."""
    from jeoul.firm.blocks import blocks_of

    return blocks_of(plan.approved())


def allot(
    firm: FirmFile, digest: str | None, fills: str
) -> tuple[FirmPlan, Mapping[str, list[Allotment]]]:
    """Return how the fills of a plan are shared among its clients, recorded once in the books.

    The same fills given again give the same; raises :class:`~jeoul.errors.UsageError` for others,
    and :class:`~jeoul.errors.InputError` for fills that are not of the plan.
    """
    from jeoul.firm.blocks import BlockFill, read_fills
    from jeoul.firm.fairness import allotted
    from jeoul.operations.firm.plans import named_plan
    from jeoul.operations.setup.clock import SystemClock

    with firm.books() as books, books.transaction():
        plan = named_plan(books, digest)
        blocks = blocks_in(plan)
        if not blocks:
            raise UsageError(f"nothing of plan {plan.digest[:12]} is approved; approve it first")
        filled = read_fills(fills, blocks)
        shares = {
            f"{block.key.side} {block.key.ticker}": list(
                allotted(block, filled.get(block.key, BlockFill()), plan.digest)
            )
            for block in blocks
        }
        content = {"blocks": {key: [asdict(each) for each in its] for key, its in shares.items()}}
        before = books.allotment(plan.digest)
        if before is not None and before.content != content:
            raise UsageError(
                f"other fills of plan {plan.digest[:12]} were shared already on {before.instant}; "
                "book the difference by hand"
            )
        if before is None:
            books.append("allotment", int(SystemClock().now()), plan.digest, content)
    return plan, shares
