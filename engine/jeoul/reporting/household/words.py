"""The facts of a household as sentences: terminal and page say the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from jeoul.household.problem.differences import CAUSES
from jeoul.household.problem.records import PlanStatus
from jeoul.model.portfolio import Side
from jeoul.reporting.formats import Formats
from jeoul.reporting.household.facts import (
    Elsewhere,
    HouseholdAccountFacts,
    HouseholdFacts,
    HouseholdOrder,
    NeedFacts,
    PlanYearTax,
    RulePriceFacts,
    Weighed,
)
from jeoul.reporting.reasons import reason_text
from jeoul.reporting.text import Text

_STILL = {PlanStatus.NO_TRADE: "today_none", PlanStatus.INFEASIBLE: "today_infeasible"}


@dataclass(frozen=True)
class HouseholdWords:
    """A household's facts in one language. ``won`` formats won."""

    facts: HouseholdFacts
    language: str

    @cached_property
    def won(self) -> Formats:
        """Return the formats of won amounts."""
        return Formats(self.language, "Asia/Seoul")

    def money(self, account: HouseholdAccountFacts) -> Formats:
        """Return the formats of an account's currency."""
        return replace(self.won, currency=account.currency)

    def say(self, name: str, /, **detail: object) -> str:
        """Return a message of the page's own table."""
        return self.won.say(f"household_page.{name}", detail)

    def into(self, text: Text) -> str:
        """Return a text in this language."""
        return text.into(self.language)

    @cached_property
    def titles(self) -> Mapping[str, str]:
        """Return the title of each account by its id."""
        return {each.id: self.into(each.title) for each in self.facts.accounts}

    @cached_property
    def today(self) -> str:
        """Return in one sentence what there is to do."""
        parts = list(self._parts())
        if parts:
            said = self.say("today_moves", moves=", ".join(parts))
            return said[:1].upper() + said[1:]
        return self.say(_STILL.get(self.facts.status, "today_kept"))

    def _parts(self) -> Iterator[str]:
        orders = [(o, o.value_won) for account in self.facts.accounts for o in account.orders]
        deposits = [a.deposit for a in self.facts.accounts if a.deposit]
        withdrawals = [a.withdrawal for a in self.facts.accounts if a.withdrawal]
        amounts = {
            "sell": [value for order, value in orders if order.side is Side.SELL],
            "deposit": deposits,
            "buy": [value for order, value in orders if order.side is Side.BUY],
            "withdrawal": withdrawals,
        }
        for name, values in amounts.items():
            if values:
                amount = self.won.money(sum(values))
                many = "one" if len(values) == 1 else "many"
                yield self.say(f"part_{name}_{many}", count=len(values), amount=amount)

    @property
    def status(self) -> str:
        """Return what is proven about the plan, in words."""
        facts = self.facts
        if facts.status is PlanStatus.UNPROVEN and facts.gap is None:
            return self.say("status_unproven_none")
        return self.say(
            f"status_{facts.status}",
            most=self.won.money(max(0, facts.total - facts.bound)),
            gap=self.won.percent(facts.gap, 2),
            least=self.won.money(facts.min_gain),
        )

    @property
    def bound(self) -> str:
        """Return the bound and the cost beside each other."""
        bound, total = self.won.money(self.facts.bound), self.won.money(self.facts.total)
        return self.say("bound_note", bound=bound, total=total)

    @property
    def nothing(self) -> str:
        """Return what doing nothing costs, and the largest cause of it."""
        facts = self.facts
        if facts.saved <= 0:
            return self.say("nothing_same")
        more = {name: facts.nothing[name] - facts.cost[name] for name in CAUSES}
        largest = max(more, key=lambda name: more[name])
        said = self.say("nothing_costs", amount=self.won.money(facts.saved))
        cause = self.say(
            "largest_cause", cause=self.cause(largest), amount=self.won.money(more[largest])
        )
        return f"{said} {cause}"

    def cause(self, name: str) -> str:
        """Return what a part of the cost is called."""
        return self.say(f"cost_{name}", years=f"{self.facts.horizon:g}")

    @property
    def causes(self) -> list[str]:
        """Return the causes of which the plan or doing nothing costs anything."""
        return [name for name in CAUSES if self.facts.cost[name] or self.facts.nothing[name]]

    @property
    def drift_price(self) -> str:
        """Return what one percentage point of drift is priced at."""
        return self.say("drift_price", amount=self.won.money(self.facts.drift_point))

    @property
    def drift(self) -> str:
        """Return the drift before and after the plan."""
        before, after = map(self.won.percent, self.facts.drift)
        return self.say("drift_change", before=before, after=after)

    @property
    def lock(self) -> str:
        """Return how much of today's deposits is locked, and at what price."""
        amount = sum(each.deposit for each in self.facts.accounts if each.lock_years > 0.0)
        if not amount:
            return self.say("lock_none")
        price = self.won.money(self.facts.cost["locked"])
        return self.say("lock_line", amount=self.won.money(amount), price=price)

    def drawn(self, account: HouseholdAccountFacts) -> str:
        """Return when money that is paid into an account can be drawn."""
        if account.lock_years <= 0.0:
            return self.say("drawn_always")
        return self.say("drawn_years", years=self.won.decimal(account.lock_years, 0))

    def tax(self, account: HouseholdAccountFacts, order: HouseholdOrder) -> str:
        """Return the tax of an order; both ends where it depends on something unknown."""
        money = self.money(account).money
        if order.least is None or order.least == order.tax:
            return money(order.tax)
        return self.say("tax_range", least=money(order.least), most=money(order.tax))

    def reasons(self, order: HouseholdOrder) -> str:
        """Return why an order is placed."""
        return ". ".join(reason_text(reason, self.language) for reason in order.reasons)

    def year_tax(self, tax: PlanYearTax) -> str:
        """Return what a person pays or gets back later, with its day."""
        amount = self.won.money(abs(tax.amount))
        return self.say(self.year_tax_message(tax), person=tax.person, amount=amount, due=tax.due)

    def year_tax_message(self, tax: PlanYearTax) -> str:
        """Return which message says a tax that is paid later, or one that is saved."""
        saved = tax.amount < 0 and tax.kind != "credit"
        return f"later_{tax.kind}_saved" if saved else f"later_{tax.kind}"

    def need(self, need: NeedFacts) -> str:
        """Return in words what a goal or the reserve takes and has."""
        money = self.won.money
        if need.asked is None:
            message = "need_line"
        elif need.amount <= 0:
            message = "need_planned_alone"
        else:
            message = "need_planned" if need.planned else "need_goal"
        return self.say(
            message,
            title=self.into(need.title),
            asked=money(need.asked or 0),
            by=need.by,
            planned=money(need.planned),
            amount=money(need.amount),
            covered=money(need.covered),
            state=self.need_state(need),
        )

    def need_state(self, need: NeedFacts) -> str:
        """Return whether a need is covered."""
        if not need.lacking:
            return self.say("need_met")
        return self.say("need_short", amount=self.won.money(need.lacking))

    def rule_won(self, price: RulePriceFacts) -> str:
        """Return what a rule costs."""
        return self.say("rule_cheaper", amount=self.won.money(price.won))

    def rule_range(self, price: RulePriceFacts) -> str:
        """Return between which amounts the price of a rule is proven to lie."""
        least, most = self.won.money(price.least), self.won.money(price.most)
        return self.say("rule_range", least=least, most=most)

    @property
    def settling(self) -> str:
        """Return what sales bring that cannot be spent today, "" where there is nothing."""
        if not self.facts.settling:
            return ""
        return self.say("settling", amount=self.won.money(self.facts.settling))

    def elsewhere(self, choice: Elsewhere) -> str:
        """Return what it costs to use one account alone."""
        if choice.more is None:
            return self.say("elsewhere_cannot")
        if choice.more <= 0:
            return self.say("elsewhere_same")
        return self.say("elsewhere_more", amount=self.won.money(choice.more))

    def weighed(self, found: Weighed) -> str:
        """Return orders that are not worth it, and by how much."""
        effect = self.say(
            "weighed_gain" if found.saves > 0 else "weighed_loss",
            amount=self.won.money(abs(found.saves)),
            least=self.won.money(self.facts.min_gain),
        )
        moves = ", ".join(
            self.say(
                "weighed_move",
                account=self.titles.get(move.account, move.account),
                side=self.say(str(move.side).lower()),
                name=self.into(move.name),
                shares=self.say("count_shares", count=self.won.count(move.shares)),
            )
            for move in found.moves
        )
        return f"{moves}: {effect}"

    @property
    def waiting(self) -> str:
        """Return how many trades wait because of the cap on orders, "" if none does."""
        if not self.facts.waiting:
            return ""
        worth = self.won.money(self.facts.waiting_worth)
        return self.say("waiting", count=self.facts.waiting, amount=worth)

    @property
    def cure(self) -> str:
        """Return the smallest deposit that cures the drift, "" if it was not asked for."""
        answers = self.facts.answers
        if answers.cure_drift is None:
            return ""
        drift = self.won.percent(answers.cure_drift)
        if answers.cure is None:
            return self.say("cure_none" if answers.cure_in_time else "cure_late", drift=drift)
        return self.say("cure", drift=drift, amount=self.won.money(answers.cure))
