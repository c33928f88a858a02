"""A household of paper accounts on the sample market, planned by whoever a test names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from harness import FEES, QuickClock, mandate, market, proposal, sessions, tape

from jeoul import api
from jeoul.household.written.file import HouseholdFile, read_household
from jeoul.model.decision import Decision
from jeoul.model.portfolio import Order, Reason, Side
from jeoul.operations.broker.paper import NAME, PaperBroker
from jeoul.operations.broker.paper_rules import PaperRules
from jeoul.operations.broker.port import Broker, BrokerAccount
from jeoul.operations.household.asked_money import MoneyUnderWay
from jeoul.operations.household.configs import account_configs
from jeoul.operations.household.kept_looks import document_of_looks
from jeoul.operations.household.money_left import Books, money_left
from jeoul.operations.household.money_plan import money_plan
from jeoul.operations.household.planning import Looked, PlannedHousehold
from jeoul.operations.household.run import HouseholdRunner
from jeoul.operations.ledger import check, ledger_of, portfolio
from jeoul.operations.run import Runner
from jeoul.operations.setup.outcome import RunReport
from jeoul.operations.setup.request import RunRequest
from jeoul.pipeline.paying import placed_of
from jeoul.pipeline.placing import decision_of
from jeoul.rebalance import TradeRules

ACCOUNTS = ("general", "isa", "pension")
KINDS = {"general": "general", "isa": "isa", "pension": "pension_savings"}
CASH = 50_000_000

DAY = sessions()[0]
EXECUTE = RunRequest(as_of=DAY, execute=True)
BUYS = {
    "general": {"069500": 100, "133690": 50},
    "isa": {"360750": 200},
    "pension": {"148070": 20},
}

Trades = Mapping[str, Mapping[str, int]]
"""Shares by account and fund: bought above 0, sold below."""


def home(folder: Path, extra: str = "", unexplained: str = "adopt") -> HouseholdFile:
    """The file of a household of three paper accounts."""
    accounts = "".join(
        f'[accounts.{name}]\nowner = "minsu"\nkind = "{kind}"\n'
        f'broker = {{ kind = "paper", cash = {CASH} }}\n'
        for name, kind in KINDS.items()
    )
    place = folder / "household.toml"
    place.write_text(
        f'schema = 1\nname = "home"\nstrategy = "static"\nstate = "home"\nlang = "en"\n{extra}\n'
        f'[safety]\nmax_turnover = 2.0\nunexplained = "{unexplained}"\n'
        "[people.minsu]\nborn = 1992-05-11\nwages = 62_000_000\n"
        f'profile = "balanced"\n{accounts}',
        "utf-8",
    )
    return read_household(place)


@dataclass
class Wanted:
    """A planner that wants the trades of a test, the same whenever it is asked."""

    trades: Trades
    asked: list[Mapping[str, Looked]] = field(default_factory=list)
    told: list[MoneyUnderWay] = field(default_factory=list)

    def __call__(
        self, session: date, accounts: Mapping[str, Looked], told: MoneyUnderWay
    ) -> PlannedHousehold:
        self.asked.append(accounts)
        self.told.append(told)
        decisions = {
            name: decision(session, looked, self.trades.get(name, {}))
            for name, looked in accounts.items()
        }
        books = books_of(accounts)
        money = money_left(told, books)
        into = {min(accounts): sum(money.left.values())} if money.left else {}
        document = {
            "status": "proven",
            "on": session.isoformat(),
            "looked": document_of_looks(accounts),
            "under_way": told.document(),
            **money_plan(told, money, into, books).document(),
        }
        return PlannedHousehold(decisions=decisions, document=document, reasons=("one plan",))


def books_of(accounts: Mapping[str, Looked]) -> Books:
    """What the books of accounts of one person have seen move."""
    return Books(
        moved={name: looked.moved for name, looked in accounts.items()},
        rates=dict.fromkeys(accounts, 1.0),
        owners=dict.fromkeys(accounts, "minsu"),
    )


def decision(session: date, looked: Looked, trades: Mapping[str, int]) -> Decision:
    """The orders of one account, sells first."""
    wanted = proposal(session, {"069500": 0.5})
    orders = tuple(
        Order(
            Side.BUY if shares > 0 else Side.SELL,
            code,
            abs(shares),
            wanted.quotes[code].price,
            Reason.of("rebalance.buy_under", now="0.0%", after="1.0%", target="1.0%"),
        )
        for code, shares in sorted(trades.items(), key=lambda each: each[1])
        if shares > 0 or looked.portfolio.shares.get(code, 0) >= -shares
    )
    rules = TradeRules()
    placed = placed_of(orders, (), looked.portfolio.cash, rules)
    return decision_of(wanted, looked.portfolio, placed, 0, rules, "settled")


def runner(
    file: HouseholdFile,
    planner: Any,
    *,
    brokers: Mapping[str, Any] | None = None,
    checkpoint: Any = None,
    rules: Mapping[str, PaperRules] | None = None,
) -> HouseholdRunner:
    """A household whose accounts are paper; ``brokers`` wraps those that misbehave."""
    accounts = {}
    for name, config in account_configs(file).items():
        config.state.mkdir(parents=True, exist_ok=True)
        paper = venue(file, name, (rules or {}).get(name))
        broker: Broker = (brokers or {}).get(name, lambda found: found)(paper)
        made = Runner(config, mandate(), market(), api.calendars(), QuickClock(), broker=broker)
        made.proposer = lambda session: proposal(session, {"069500": 0.5})
        made.keep_inputs = False
        if checkpoint is not None:
            made.checkpoint = checkpoint
        accounts[name] = made
    found = HouseholdRunner(file, accounts, planner)
    if checkpoint is not None:
        found.checkpoint = checkpoint
    return found


def venue(file: HouseholdFile, name: str, rules: PaperRules | None = None) -> PaperBroker:
    """The paper account of a household's account."""
    return PaperBroker(
        file.state.parent / f"{name}-{NAME}",
        tape(),
        api.calendars()["XKRX"],
        QuickClock(),
        start=BrokerAccount({}, CASH, {}),
        rules=rules or PaperRules(fees=FEES),
    )


def faults_of(file: HouseholdFile, accounts: Sequence[str] = ACCOUNTS) -> list[str]:
    """What is wrong with the ledgers and venues of a household after everything came to rest."""
    found = []
    for name, config in account_configs(file).items():
        if name not in accounts:
            continue
        ledger, paper = ledger_of(config), venue(file, name)
        try:
            found += [f"{name}: {fault}" for fault in check(ledger).faults]
            books, there = portfolio(ledger, "KRW"), paper.account()
            if dict(books.shares) != dict(there.shares):
                found.append(f"{name}: books hold {books.shares}, the venue {there.shares}")
            if books.money != there.money:
                found.append(f"{name}: books have {books.money}, the venue {there.money}")
            days = {row["executed"] for row in ledger.rows("SELECT executed FROM runs")}
            listed = sum(len(paper.orders(date.fromisoformat(day))) for day in days)
            sent = ledger.rows(
                "SELECT COUNT(DISTINCT intent) AS n FROM order_events WHERE state = 'acknowledged'"
            )[0]["n"]
            if listed != sent:
                found.append(f"{name}: {listed} orders at the venue, {sent} in the books")
        finally:
            ledger.close()
            paper.close()
    return found


def shares_of(file: HouseholdFile, name: str) -> Mapping[str, int]:
    """What an account holds at its venue."""
    paper = venue(file, name)
    try:
        return dict(paper.account().shares)
    finally:
        paper.close()


def run(
    file: HouseholdFile, planner: Any, request: RunRequest = EXECUTE, **how: Any
) -> tuple[RunReport, HouseholdRunner]:
    """One run as a process of its own would make it, from opened brokers to closed ones."""
    made = runner(file, planner, **how)
    try:
        return made.run(request), made
    finally:
        for account in made.accounts.values():
            account.broker.close()


def held(file: HouseholdFile) -> dict[str, dict[str, int]]:
    return {name: dict(shares_of(file, name)) for name in ACCOUNTS}
