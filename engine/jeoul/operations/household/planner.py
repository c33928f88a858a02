"""The planner of a household's run: today's accounts, market and law become one proven plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from jeoul.account.collar import Collar
from jeoul.household.after import After, aim_money, exposures
from jeoul.household.evaluate import evaluate
from jeoul.household.exact import plan_exactly
from jeoul.household.fast import plan_fast
from jeoul.household.file import HouseholdFile
from jeoul.household.gather import Before, gather
from jeoul.household.gathered import Gathered
from jeoul.household.inputs import read_inputs
from jeoul.household.records import NOTHING, Cost, Household, Plan, Status
from jeoul.korea.tables import rules_for
from jeoul.market import Market
from jeoul.messages import LANGUAGES, say
from jeoul.model.decision import Decision, Proposal, Quote
from jeoul.model.portfolio import Order, Reason, Side
from jeoul.operations.decision import trade_rules
from jeoul.operations.household.holdings import holdings_of
from jeoul.operations.household.planning import Looked, Planned
from jeoul.operations.setup.config import Config
from jeoul.pipeline import Mandate
from jeoul.pipeline.paying import placed_of
from jeoul.pipeline.placing import decision_of
from jeoul.pipeline.wording import class_name
from jeoul.reporting.reasons import reason_text


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdPlanner:
    """What plans a household on a session: file, market, and how each account trades.

    ``file`` has the kind of every account. ``seconds`` is how long the exact plan may take.
    """

    file: HouseholdFile
    market: Market
    configs: Mapping[str, Config]
    mandates: Mapping[str, Mandate]
    seconds: float = 2.0

    def __call__(self, session: date, accounts: Mapping[str, Looked]) -> Planned:
        """Return the plan of a session, with what each account does.

        Raises :class:`ConfigError` for a household that cannot be planned.
        """
        holdings = {
            name: holdings_of(self.file.accounts[name], looked, self.mandates[name].universe)
            for name, looked in accounts.items()
        }
        gathered = gather(
            self.file,
            market=self.market,
            as_of=session,
            book=rules_for(session.year),
            inputs=read_inputs(self.file, on=session, holdings=holdings),
            before=Before(scales=_scales_before(accounts)),
        )
        plan = best_plan(gathered.household, self.seconds)
        impossible = plan.status is Status.INFEASIBLE
        decided = {} if impossible else accounts
        return Planned(
            decisions={
                name: self._decision(name, looked, gathered, plan)
                for name, looked in decided.items()
            },
            document=_document(gathered, plan),
            reasons=tuple(_sentences(gathered, plan, self.file.runs.lang)),
            impossible=impossible,
        )

    def _decision(self, name: str, looked: Looked, gathered: Gathered, plan: Plan) -> Decision:
        """Return what a plan says that an account does."""
        proposal, portfolio = self._proposal(name, looked, gathered), looked.portfolio
        config, funds = self.configs[name], self.mandates[name].universe.instruments
        rules = trade_rules(config, proposal)
        collar = Collar.of(config.settings.broker.price_collar or 0.0, funds)
        orders = tuple(_orders(name, gathered, plan, self.mandates[name]))
        if collar is not None:
            orders = tuple(replace(each, limit=collar.limit(each, rules)) for each in orders)
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
                code: Quote(price=priced.price, session=priced.session)
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


def best_plan(household: Household, seconds: float) -> Plan:
    """Return the exact plan, started from the fast one where that breaks no rule."""
    fast = plan_fast(household)
    allowed = not evaluate(household, fast.moves).violations
    return plan_exactly(household, fast.moves if allowed else None, seconds=seconds)


def _orders(name: str, gathered: Gathered, plan: Plan, mandate: Mandate) -> Iterator[Order]:
    """Yield the orders of an account, sells first."""
    trades = [
        (code, shares)
        for (account, code), shares in plan.moves.trades.items()
        if account == name and shares
    ]
    for code, shares in sorted(trades, key=lambda each: (each[1] > 0, each[0])):
        yield Order(
            Side.BUY if shares > 0 else Side.SELL,
            code,
            abs(shares),
            gathered.prices[code].price,
            _reason(name, code, gathered, plan, mandate),
        )


def _reason(name: str, code: str, gathered: Gathered, plan: Plan, mandate: Mandate) -> Reason:
    """Return where a fund's class is in the whole household, before the plan and after it."""
    home = gathered.household
    aim = next(each for each in home.aims if name in each.accounts)
    money, wanted = aim_money(home, aim), mandate.universe.instruments[code].asset_class
    before, after = (exposures(After(home, each), aim) for each in (NOTHING, plan.moves))
    names = {
        f"name_{language}": class_name(mandate.universe, wanted, language) for language in LANGUAGES
    }
    return Reason.of(
        "household_run.order",
        **names,
        now=f"{before.get(wanted, 0.0) / money:.1%}",
        after=f"{after.get(wanted, 0.0) / money:.1%}",
        target=f"{aim.weights.get(wanted, 0.0):.1%}",
    )


def _scales_before(accounts: Mapping[str, Looked]) -> Mapping[str, float]:
    """Return the overlay's scale by aim at the household's last plan, as its accounts kept it."""
    kept = [looked.kept for looked in accounts.values() if looked.kept]
    newest = max(kept, key=lambda plan: str(plan.get("as_of", "")), default={})
    scales: Mapping[str, float] = newest.get("scales", {})
    return scales


def _document(gathered: Gathered, plan: Plan) -> Mapping[str, Any]:
    """Return what is kept of a plan: its cost and proof in won, and the overlay's scales."""
    finite = plan.status is not Status.INFEASIBLE
    return {
        "as_of": gathered.as_of.isoformat(),
        "status": str(plan.status),
        "objective": _won(plan.cost) if finite else None,
        "do_nothing": _won(plan.nothing),
        "bound": round(plan.bound) if finite else None,
        "gap": plan.gap if finite else None,
        "scales": {name: facts.scale for name, facts in gathered.aims.items()},
        "simulated": gathered.simulated,
    }


def _won(cost: Cost) -> dict[str, int]:
    return {
        **{name: round(part) for name, part in asdict(cost).items()},
        "total": round(cost.total),
    }


def _sentences(gathered: Gathered, plan: Plan, language: str) -> Iterator[str]:
    """Yield what a plan comes to, and what it rests on."""
    saved = plan.nothing.total - plan.cost.total
    gap = plan.gap
    detail = {
        "orders": plan.moves.count,
        "saved": f"{saved:,.0f}",
        "tax": f"{plan.cost.tax_now:,.0f}",
        "gap": "–" if gap is None else f"{gap:.1%}",
    }
    yield say(language, f"household_run.{plan.status}", detail)
    for note in gathered.notes:
        yield reason_text(note, language)
