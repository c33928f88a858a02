"""Plans that wait for a person: what they would do, until when, and the digest of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from jeoul.model.portfolio import Reason, Side
from jeoul.operations.desk.approval import Approval, approval_of
from jeoul.operations.desk.intents import Intent, Run, intents_of, unfinished_runs
from jeoul.operations.household.leg import KEPT
from jeoul.operations.household.money_texts import transfer_texts, waiting_texts
from jeoul.operations.ledger import Ledger, has_ledger, in_words, ledger_of
from jeoul.operations.setup.config import Config


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingOrder:
    """An order of a plan, in the smallest unit of its account's money."""

    account: str
    currency: str
    side: Side
    ticker: str
    shares: int
    price: int
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingPlan:
    """A frozen plan that nobody has released yet.

    ``name`` is what releases it: the run of one account, or that of a household. ``digest`` is
    SHA-256 over its rows in the ledgers, so that a person releases what they have read.
    ``deadline`` is in seconds of Unix time.
    """

    name: str
    digest: str
    session: date
    executed: date
    deadline: float
    reasons: tuple[str, ...]
    orders: tuple[WaitingOrder, ...]

    @property
    def accounts(self) -> tuple[str, ...]:
        """Return the accounts with orders."""
        return tuple(dict.fromkeys(order.account for order in self.orders))


def waiting_plans(configs: Mapping[str, Config], now: float) -> tuple[WaitingPlan, ...]:
    """Return the plans of accounts that wait for approval at an instant, the newest session first.

    Parts of one household's plan are one plan. Ledgers are read, and nothing is written to them.
    """
    parts: dict[str, list[_Part]] = defaultdict(list)
    for account, config in configs.items():
        if not has_ledger(config):
            continue
        with in_words(config), closing(ledger_of(config)) as ledger:
            for part in _parts(account, config, ledger, now):
                parts[part.name].append(part)
    found = [_plan(name, each) for name, each in parts.items()]
    return tuple(sorted(found, key=lambda plan: plan.session, reverse=True))


@dataclass(frozen=True, slots=True)
class _Part:
    account: str
    currency: str
    name: str
    run: Run
    row: str
    intents: tuple[Intent, ...]
    hours: float
    language: str


def _parts(account: str, config: Config, ledger: Ledger, now: float) -> Iterator[_Part]:
    approval = config.settings.approval
    for run in unfinished_runs(ledger):
        if approval_of(ledger, run, approval, now) is not Approval.WAITING:
            continue
        (row,) = ledger.rows(
            "SELECT hash FROM chain JOIN runs USING (seq) WHERE run_id = ?", run.run_id
        )
        whole = run.document.get(KEPT) or {}
        name = str(whole.get("run", run.run_id))
        intents = tuple(intents_of(ledger, run.run_id))
        yield _Part(
            account=account,
            currency=_currency(run),
            name=name,
            run=run,
            row=row["hash"],
            intents=intents,
            hours=approval.hours,
            language=config.settings.lang,
        )


def _plan(name: str, parts: list[_Part]) -> WaitingPlan:
    first = parts[0].run
    rows = sorted(f"{part.account} {part.row}" for part in parts)
    whole = first.document.get(KEPT) or {}
    return WaitingPlan(
        name=name,
        digest=sha256("\n".join(rows).encode()).hexdigest(),
        session=max(part.run.session for part in parts),
        executed=max(part.run.executed for part in parts),
        deadline=min(part.run.at + part.hours * 3600 for part in parts),
        reasons=(
            *map(str, whole.get("reasons", ())),
            *waiting_texts(parts[0].language, whole),
            *transfer_texts(parts[0].language, whole),
        ),
        orders=tuple(
            WaitingOrder(
                account=part.account,
                currency=part.currency,
                side=intent.order.side,
                ticker=intent.order.ticker,
                shares=intent.order.shares,
                price=intent.order.price,
                reason=intent.order.reason,
            )
            for part in sorted(parts, key=lambda each: each.account)
            for intent in part.intents
        ),
    )


def _currency(run: Run) -> str:
    return str(run.document.get("currency", "KRW"))
