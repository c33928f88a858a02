"""The planner of a household's run: today's accounts, market and law become one proven plan."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from jeoul.account.collar import Collar
from jeoul.household.explaining.answer import Questions, answer
from jeoul.household.gathering.gather import Before, gather
from jeoul.household.gathering.gathered import Gathered
from jeoul.household.gathering.inputs import HouseholdInputs, read_inputs
from jeoul.household.gathering.patience import LastPlan, is_between, patient
from jeoul.household.gathering.priced import won_rate
from jeoul.household.problem.lately import not_traded_back
from jeoul.household.problem.records import HouseholdPlan, Moves
from jeoul.household.written.file import HouseholdFile
from jeoul.korea.tables import rules_for
from jeoul.market import Market
from jeoul.market.kept_market import KeptMarket
from jeoul.messages import say
from jeoul.model.decision import Decision, Proposal, Quote
from jeoul.model.money import UNITS
from jeoul.model.portfolio import Order, Reason, Side
from jeoul.model.snapshot import Snapshot
from jeoul.operations.decision import trade_rules
from jeoul.operations.household.allocations import ProvableAllocation, allocations_by_owner
from jeoul.operations.household.asked_money import MoneyUnderWay
from jeoul.operations.household.holdings import holdings_of
from jeoul.operations.household.kept_looks import document_of_looks
from jeoul.operations.household.money_left import Books, money_left
from jeoul.operations.household.money_plan import money_plan
from jeoul.operations.household.money_texts import money_notes, room_texts
from jeoul.operations.household.payments import with_payments
from jeoul.operations.household.planning import Looked, PlannedHousehold
from jeoul.operations.household.seen_market import main_exchange, seen_market
from jeoul.operations.household.smaller_rooms import smaller_rooms
from jeoul.operations.household.waiting_buys import paid_in_as, plan_today, transfers_of
from jeoul.operations.household.withdrawals import keeping, to_take_out
from jeoul.operations.setup.config import Config
from jeoul.pipeline import Mandate
from jeoul.pipeline.paying import placed_of
from jeoul.pipeline.placing import decision_of
from jeoul.reporting.household.facts import HouseholdFacts
from jeoul.reporting.household.gather import household_facts


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdPlanner:
    """What plans a household on a session: file, market, and how each account trades.

    ``file`` has the kind of every account. ``today`` decides whether answers have expired.
    ``seconds`` is how long the exact plan may take.
    """

    file: HouseholdFile
    market: Market | KeptMarket
    configs: Mapping[str, Config]
    mandates: Mapping[str, Mandate]
    today: date
    seconds: float = 2.0

    def __call__(
        self,
        session: date,
        accounts: Mapping[str, Looked],
        told: MoneyUnderWay = MoneyUnderWay(),  # noqa: B008  frozen
    ) -> PlannedHousehold:
        """Return the plan of a session, with what each account does.

        ``told`` is the money under way. Buys that need a deposit wait until it has arrived. Raises
        :class:`ConfigError` for a household that cannot be planned.
        """
        book = rules_for(session.year)
        inputs = self._inputs(accounts)
        snapshot = self._snapshot(session, accounts)
        books = self._books(snapshot, accounts)
        money = money_left(told, books)
        paid_in = {name: looked.paid_in for name, looked in accounts.items()}
        gathered = gather(
            with_payments(_keeping(self.file), paid_in, book, session.year),
            market=KeptMarket(snapshot),
            as_of=snapshot.as_of,
            book=book,
            inputs=inputs,
            deposit={name: won for name, won in money.left.items() if won > 0},
            withdrawal={name: -won for name, won in money.left.items() if won < 0},
            before=Before(scales=scales_before(accounts)),
        )
        safe = [name for name, looked in accounts.items() if looked.safe]
        gathered = _unsold(_not_traded_back(gathered, accounts), safe)
        out = to_take_out(told, money, books)
        # What has come has taken room of its own, and is planned again without this.
        waited = told.transfers if money.left and not money.fresh else {}
        smaller = smaller_rooms(gathered.household, waited)
        fresh = money.fresh or bool(smaller)
        last = None if fresh and not out else last_plan(accounts)
        between = is_between(gathered, last)
        waits = not fresh and any(won > 0 for won in money.left.values())
        transfers = told.transfers if waits else {}
        gathered = patient(_as_told(gathered, out, transfers, between=between), last)
        asked = Questions(seconds=self.seconds)
        found = answer(gathered.household, asked, book=book, on=session)
        facts = household_facts(gathered, gathered.inputs, book, found, asked)
        planned = accounts if facts.is_planned else {}
        # The plan that asked for the money stands until the money has come or a model has moved.
        today = plan_today(found.household, found.plan.moves, stands=waits and between)
        asks = money_plan(told, money, transfers or transfers_of(facts), books)
        return PlannedHousehold(
            decisions={
                name: self._decision(name, looked, gathered, facts, today.moves)
                for name, looked in planned.items()
            },
            document={
                **_document(gathered, facts, found.plan),
                "under_way": told.document(),
                **asks.document(),
                **today.document(),
                "on": session.isoformat(),
                "today": self.today.isoformat(),
                "looked": document_of_looks(accounts),
            },
            money=(
                *room_texts(self.file.runs.lang, smaller),
                *money_notes(self.file.runs.lang, money, asks.stays, session),
            ),
            reasons=(
                *_sentences(facts, found.plan, safe, self.file.runs.lang),
                *_waiting(self.file, gathered),
            ),
            impossible=not facts.is_planned,
            allocations=self._allocations(planned, gathered, snapshot),
        )

    def _snapshot(self, session: date, accounts: Collection[str]) -> Snapshot:
        """Return the market that a plan of the accounts sees on a session."""
        exchanges = [self.mandates[name].strategy.calendar for name in accounts]
        return seen_market(self.market, main_exchange(exchanges), session)

    def _inputs(self, accounts: Mapping[str, Looked]) -> HouseholdInputs:
        """Return what a plan reads, with the holdings as the accounts were looked at."""
        priced = frozenset(code for table in self.market.prices for code in table.tickers)
        holdings = {
            name: holdings_of(
                self.file.accounts[name],
                looked.portfolio,
                looked.costs,
                self.mandates[name].universe,
                priced,
            )
            for name, looked in accounts.items()
        }
        return read_inputs(self.file, on=self.today, holdings=holdings, priced=priced)

    def _books(self, snapshot: Snapshot, accounts: Mapping[str, Looked]) -> Books:
        """Return what the books of the accounts have seen move."""
        return Books(
            moved={name: looked.moved for name, looked in accounts.items()},
            rates=self._rates(snapshot, accounts),
            owners={name: self.file.accounts[name].owner for name in accounts},
            gifts=self.file.policy.gifts,
        )

    def _rates(self, snapshot: Snapshot, accounts: Collection[str]) -> Mapping[str, float]:
        """Return won for the smallest unit of each account's currency, 0 where nobody knows."""
        found = {name: self.file.accounts[name].currency for name in accounts}
        return {name: won_rate(snapshot, each) / UNITS[each] for name, each in found.items()}

    def _allocations(
        self, planned: Collection[str], gathered: Gathered, snapshot: Snapshot
    ) -> Mapping[str, Sequence[ProvableAllocation]]:
        """Return the allocations that each account's part rests on."""
        by_owner = allocations_by_owner(gathered.aims.values(), snapshot)
        return {name: by_owner[self.file.accounts[name].owner] for name in planned}

    def _decision(
        self, name: str, looked: Looked, gathered: Gathered, facts: HouseholdFacts, today: Moves
    ) -> Decision:
        """Return what a plan says that an account does today."""
        proposal, portfolio = self._proposal(name, looked, gathered), looked.portfolio
        config, funds = self.configs[name], self.mandates[name].universe.instruments
        rules = trade_rules(config, proposal)
        collar = Collar.of(config.settings.broker.price_collar, funds)
        orders = tuple(_orders(name, facts, today))
        if collar is not None:
            orders = tuple(
                replace(each, limit=collar.limit(each, rules, proposal.quotes[each.ticker].worth))
                for each in orders
            )
        placed = placed_of(orders, (), portfolio.cash, rules)
        proceeds = config.settings.cash.proceeds
        return replace(decision_of(proposal, portfolio, placed, 0, rules, proceeds), reasons=())

    def _proposal(self, name: str, looked: Looked, gathered: Gathered) -> Proposal:
        """Return the proposal that an account's part of a plan rests on, in the account's terms.

        The grades of an investor by portfolio are those of all accounts, which the target keeps;
        only a limit by product can be kept by one account alone.
        """
        account, mandate = self.file.accounts[name], self.mandates[name]
        facts = next(each for each in gathered.aims.values() if account.owner in each.profiles)
        proposal = facts.proposals[facts.profiles[account.owner]]
        graded = mandate.graded
        return replace(
            proposal,
            account=mandate.account,
            currency=account.currency,
            quotes={
                code: Quote(price=priced.price, session=priced.session, nav=priced.nav)
                for code, priced in gathered.prices.items()
                if priced.currency == account.currency
            },
            as_of=looked.session,
            executed=looked.executed,
            classes={code: each.asset_class for code, each in mandate.universe.instruments.items()},
            graded=graded if graded is not None and graded.limit.mode == "product" else None,
            due=True,
            reasons=(),
        )


def _as_told(
    gathered: Gathered, out: Mapping[str, int], transfers: Mapping[str, int], *, between: bool
) -> Gathered:
    """Return a household that takes out, and waits for, what people were told, if any."""
    home = gathered.household
    if out:
        home = keeping(home, out, between=between)
    if transfers:
        home = paid_in_as(home, transfers)
    return replace(gathered, household=home)


def _keeping(file: HouseholdFile) -> HouseholdFile:
    """Return a household that sells nothing outside its strategies: no ledger has such shares."""
    return replace(file, policy=file.policy.model_copy(update={"sell_outside": False}))


def _not_traded_back(gathered: Gathered, accounts: Mapping[str, Looked]) -> Gathered:
    """Return a household that does not undo what its accounts have done in the last week."""
    traded = {
        (name, code): each
        for name, looked in accounts.items()
        for code, each in looked.lately.items()
    }
    return replace(gathered, household=not_traded_back(gathered.household, traded))


def _unsold(gathered: Gathered, safe: Collection[str]) -> Gathered:
    """Return a household in which accounts in SAFE mode sell nothing."""
    home = gathered.household
    positions = tuple(
        replace(each, sellable=False) if each.account in safe else each for each in home.positions
    )
    return replace(gathered, household=replace(home, positions=positions))


def _orders(name: str, facts: HouseholdFacts, today: Moves) -> Iterator[Order]:
    """Yield what an account orders today, sells first, each with its first reason."""
    account = next(each for each in facts.accounts if each.id == name)
    for each in sorted(account.orders, key=lambda order: order.side is Side.BUY):
        shares = abs(today.trades.get((name, each.code), 0))
        if not shares:
            continue
        reason = each.reasons[0] if each.reasons else Reason.of("household_run.order")
        yield Order(
            side=each.side, ticker=each.code, shares=shares, price=each.price, reason=reason
        )


def scales_before(accounts: Mapping[str, Looked]) -> Mapping[str, float]:
    """Return the overlay's scale by aim before today: the highest that an account still follows.

    An account keeps the scale of the plan that it carried out last. One that could not follow a cut
    stays at the scale before it, so that the next plan cuts again.
    """
    found: dict[str, float] = {}
    for looked in accounts.values():
        for aim, scale in looked.kept.get("scales", {}).items():
            found[aim] = max(scale, found.get(aim, scale))
    return found


def last_plan(accounts: Mapping[str, Looked]) -> LastPlan | None:
    """Return the newest plan that every account has carried out, None while one has not any."""
    kept = [looked.kept for looked in accounts.values()]
    if not kept or not all(kept):
        return None
    session = min(date.fromisoformat(each["as_of"]) for each in kept)
    return LastPlan(session, scales_before(accounts))


def _document(gathered: Gathered, facts: HouseholdFacts, plan: HouseholdPlan) -> Mapping[str, Any]:
    """Return what is kept of a plan: its cost and proof in won, and the overlay's scales."""
    return {
        "as_of": facts.as_of.isoformat(),
        "inputs_id": facts.inputs_id,
        "status": str(facts.status),
        "objective": _summed(facts.cost) if facts.is_planned else None,
        "do_nothing": _summed(facts.nothing),
        "bound": facts.bound if facts.is_planned else None,
        "gap": plan.gap if facts.is_planned else None,
        "scales": {name: each.scale for name, each in gathered.aims.items()},
        "simulated": facts.simulated,
    }


def _summed(cost: Mapping[str, int]) -> dict[str, int]:
    return {**cost, "total": sum(cost.values())}


def _waiting(file: HouseholdFile, gathered: Gathered) -> Iterator[str]:
    """Yield what a plan has to save between the dates of the strategy, where that is more."""
    asked = gathered.household.policy.min_gain
    if asked > file.policy.min_gain:
        band = max(each.band for each in gathered.aims.values())
        detail = {"won": f"{asked:,.0f}", "band": f"{band:z.0%}"}
        yield say(file.runs.lang, "household_run.between", detail)


def _sentences(
    facts: HouseholdFacts, plan: HouseholdPlan, safe: Sequence[str], language: str
) -> Iterator[str]:
    """Yield what a plan comes to, and what it rests on."""
    gap = plan.gap if facts.is_planned else None
    detail = {
        "orders": plan.moves.count,
        "saved": f"{plan.nothing.total - plan.cost.total:,.0f}",
        "tax": f"{plan.cost.tax_now:,.0f}",
        "gap": "–" if gap is None else f"{gap:z.1%}",
    }
    yield say(language, f"household_run.{facts.status}", detail)
    if safe:
        yield say(language, "household_run.safe", {"accounts": ", ".join(safe)})
    if facts.conflict is not None:
        yield from (rule.into(language) for rule in facts.conflict.rules)
        yield from (text.into(language) for text in facts.conflict.relaxations)
    yield from (note.into(language) for note in (*facts.notes, *facts.assumptions))
