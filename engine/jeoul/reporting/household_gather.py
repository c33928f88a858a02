"""From a household's plan and its explanations to the facts that are shown."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, floor

from jeoul.household.after import After
from jeoul.household.answer import Answered, Questions
from jeoul.household.file import HouseholdAccount as FileAccount
from jeoul.household.gathered import Gathered
from jeoul.household.inputs import Inputs
from jeoul.household.problem_file import to_document
from jeoul.household.records import CASH, Gains, Household, Status
from jeoul.household.year import PersonYear, assess
from jeoul.household.years import plan_years
from jeoul.korea.rulebook import Rulebook
from jeoul.messages import LANGUAGES, say
from jeoul.model.portfolio import Reason, Side
from jeoul.pipeline.wording import class_name
from jeoul.reporting.facts import AssetClass, Text
from jeoul.reporting.household_facts import (
    Answers,
    Conflict,
    Elsewhere,
    FrontierPoint,
    HouseholdFacts,
    Move,
    NeedFacts,
    RulePrice,
    Weighed,
    YearTax,
)
from jeoul.reporting.household_orders import Desk
from jeoul.reporting.household_plan import (
    CASH_CLASS,
    bound_of,
    covered,
    drift_point,
    exposure_of,
    whole,
)
from jeoul.reporting.household_reasons import (
    Names,
    cut_in_words,
    excess_in_words,
    reasons_in_words,
    rule_in_words,
)
from jeoul.reporting.household_year_end import year_end_in_words
from jeoul.reporting.household_years import years_in_words
from jeoul.reporting.reasons import reason_text

_AT_THE_TOP = ("household.no_answers",)
_OF_A_GOAL = "household.goal_path"
_ELSEWHERE = (*_AT_THE_TOP, _OF_A_GOAL)
_KINDS = {"overseas": "overseas", "comprehensive": "income", "health": "health"}


def household_facts(
    gathered: Gathered, inputs: Inputs, book: Rulebook, found: Answered, asked: Questions
) -> HouseholdFacts:
    """Return what is shown of a household's plan: sums in whole won, taxes by the law."""
    return _Story(gathered, inputs, book, found, asked).facts()


@dataclass(frozen=True)
class _Story:
    gathered: Gathered
    inputs: Inputs
    book: Rulebook
    found: Answered
    asked: Questions

    def facts(self) -> HouseholdFacts:
        gathered, found, home = self.gathered, self.found, self.found.household
        plan, names = found.plan, self._names()
        desk = self._desk(names)
        accounts = tuple(desk.account(name) for name in gathered.file.accounts)
        waiting = self._waiting()
        new_money = round(sum(pool.amount for pool in home.pools))
        return HouseholdFacts(
            name=gathered.file.name,
            title=gathered.file.title,
            as_of=gathered.as_of,
            simulated=gathered.simulated,
            strategy=gathered.file.strategy,
            inputs_id=identity(gathered.household),
            status=plan.status,
            classes=self._classes(names),
            accounts=accounts,
            exposure=exposure_of(home, plan.moves) if plan.status is not Status.INFEASIBLE else {},
            cost=whole(plan.cost),
            nothing=whole(plan.nothing),
            bound=0 if plan.status is Status.INFEASIBLE else bound_of(plan),
            min_gain=round(home.policy.min_gain),
            drift_point=drift_point(home),
            horizon=home.policy.horizon,
            new_money=new_money,
            kept=new_money - sum(account.deposit for account in accounts),
            taxes=tuple(self._year_taxes(desk)),
            needs=tuple(self._needs()),
            prices=self._prices(names),
            candidates=tuple(self._weighed(desk)),
            conflict=self._conflict(names),
            answers=self._answers(names),
            assumptions=tuple(
                _both(note) for note in gathered.notes if note.kind not in _ELSEWHERE
            ),
            notes=(
                *(_both(note) for note in gathered.notes if note.kind in _AT_THE_TOP),
                *(line for cut in found.reached.cuts for line in cut_in_words(cut, names)),
                *(excess_in_words(each, names) for each in found.reached.yielded),
            ),
            findings=gathered.findings,
            waiting=waiting[0],
            waiting_worth=waiting[1],
        )

    def _names(self) -> Names:
        """Return what accounts, people, funds and classes are called."""
        file, universes = self.gathered.file, self.inputs.universes.values()
        return Names(
            accounts={each.id: self._title(each) for each in file.accounts.values()},
            people={name: Text(name, name) for name in file.people},
            funds={
                code: Text(fund.name_ko, fund.name_en)
                for universe in universes
                for code, fund in universe.instruments.items()
            },
            classes={
                name: Text(*(class_name(universe, name, each) for each in LANGUAGES))
                for universe in universes
                for name in universe.classes
            }
            | {CASH: Text.of("facts.class_cash")},
        )

    def _title(self, account: FileAccount) -> Text:
        """Return the kind of an account, with its owner where there are several people."""
        kind = Text.of(f"household_page.kind_{account.kind}")
        if len(self.gathered.file.people) == 1:
            return kind
        return Text(
            *(
                say(
                    language,
                    "household_page.account_of",
                    {"kind": kind.into(language), "owner": account.owner},
                )
                for language in LANGUAGES
            )
        )

    def _desk(self, names: Names) -> Desk:
        reasons = {
            (each.account, each.fund): reasons_in_words(each, names)
            for each in self.found.reasons
            if each.fund is not None
        }
        return Desk(
            gathered=self.gathered,
            inputs=self.inputs,
            book=self.book,
            moves=self.found.plan.moves,
            titles=names.accounts,
            reasons=reasons,
        )

    def _classes(self, names: Names) -> tuple[AssetClass, ...]:
        risky = frozenset[str]().union(
            *(w.risk_classes for aim in self.gathered.aims.values() for w in aim.wanted.values())
        )
        found = [
            AssetClass(key=name, name=names.classes[name], risk=name in risky)
            for name in self.found.household.classes
        ]
        cash = AssetClass(key=CASH_CLASS, name=names.classes[CASH], risk=False)
        return (*found, cash)

    def _year_taxes(self, desk: Desk) -> Iterator[YearTax]:
        """Yield what the plan's sales add to the taxes of each person's year."""
        after = After(self.found.household, self.found.plan.moves)
        for name, person in self.gathered.file.people.items():
            abroad = sum(
                after.realised.get(account.id, 0.0)
                for account in self.found.household.accounts
                if account.owner == name and account.gains is Gains.YEARLY
            )
            taxable = sum(
                desk.sale(account, code).taxable
                for account, code in self.found.plan.moves.trades
                if self.gathered.file.accounts[account].owner == name
            )
            year = PersonYear(
                year=self.gathered.law_of.year,
                income=person.income,
                status=person.status,
                overseas_elsewhere=person.gains.overseas_realised,
                financial=taxable,
                overseas=(round(abroad),) if abroad else (),
            )
            due = assess(self.book, year).payments
            for what, kind in _KINDS.items():
                days = [each.day for each in due if each.what == what]
                amount = sum(each.amount for each in due if each.what == what)
                if amount > 0:
                    yield YearTax(person=name, kind=kind, amount=amount, due=min(days))

    def _needs(self) -> Iterator[NeedFacts]:
        goals = {goal.id: goal for goal in self.gathered.goals}
        home = self.found.household
        there = covered(home, self.found.plan.moves)
        details = {
            dict(note.detail)["goal"]: _both(note)
            for note in self.gathered.notes
            if note.kind == _OF_A_GOAL
        }
        for need, have in zip(home.needs, there, strict=True):
            goal = goals.get(need.id)
            own = Text.of(f"household_page.need_{need.id}") if goal is None else None
            yield NeedFacts(
                id=need.id,
                title=Text(need.id, need.id) if own is None else own,
                amount=round(need.amount),
                covered=have,
                asked=None if goal is None else goal.amount,
                by=None if goal is None else goal.by,
                detail=details.get(need.id),
            )

    def _prices(self, names: Names) -> tuple[RulePrice, ...] | None:
        """Return the rules that are proven to cost something, None where nobody asked."""
        if not self.asked.rules:
            return None
        return tuple(
            RulePrice(
                rule=rule_in_words(each.rule, names),
                won=round(each.saves.total),
                least=floor(each.least),
                most=ceil(each.most),
            )
            for each in self.found.prices
            if each.least >= 1.0  # else a better plan was found, and the rule may cost nothing
        )

    def _waiting(self) -> tuple[int, int]:
        """Return the trades that a cap has left for later and their worth, where they have any."""
        found = self.found.waiting
        if found is None or found.trades <= 0 or found.worth < 1.0:
            return 0, 0
        return found.trades, round(found.worth)

    def _weighed(self, desk: Desk) -> Iterator[Weighed]:
        certificate = self.found.certificate
        for each in () if certificate is None else certificate.candidates:
            moves = tuple(
                Move(
                    account=account,
                    side=Side.BUY if count > 0 else Side.SELL,
                    code=code,
                    name=desk.name(account, code),
                    shares=abs(count),
                )
                for (account, code), count in each.orders.items()
            )
            yield Weighed(moves=moves, saves=round(each.saves.total))

    def _conflict(self, names: Names) -> Conflict | None:
        found = self.found.diagnosis
        if found is None:
            return None
        return Conflict(
            rules=tuple(rule_in_words(rule, names) for rule in found.rules),
            relaxations=tuple(excess_in_words(each, names) for each in found.relaxation),
        )

    def _answers(self, names: Names) -> Answers:
        found = self.found
        return Answers(
            frontier=tuple(
                FrontierPoint(
                    trades=point.trades,
                    drift=point.drift,
                    cost=round(point.cost.total),
                    bound=min(floor(point.bound), round(point.cost.total)),
                )
                for point in {point.trades: point for point in found.frontier}.values()
            ),
            elsewhere=tuple(
                Elsewhere(
                    account=each.account,
                    moved=round(each.moved),
                    more=None if each.regret is None else round(each.regret),
                )
                for split in found.splits
                for each in split.alone
            ),
            cure=None if found.cure is None else round(found.cure.deposit),
            cure_drift=self.asked.cure,
            cure_in_time=found.cure_in_time,
            year_end=None if found.year_end is None else year_end_in_words(found.year_end, names),
            years=self._years(names),
        )

    def _years(self, names: Names) -> tuple[Text, ...] | None:
        """Return the years ahead, all money growing along the cautious path; None if not asked."""
        if not self.asked.years:
            return None
        growth = self.gathered.path.mean
        plans = plan_years(self.gathered, self.book, growth=growth, years=self.asked.years)
        return years_in_words(plans, names, growth=growth)


def identity(household: Household) -> str:
    """Return the SHA-256 of all that a plan depends on."""
    text = json.dumps(to_document(household), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _both(reason: Reason) -> Text:
    """Return a note in both languages, a profile by its name."""
    named = tuple(
        (f"profile_{language}", say(language, f"profile.{value}"))
        for key, value in reason.detail
        for language in LANGUAGES
        if key == "profile"
    )
    found = Reason(reason.kind, (*reason.detail, *named))
    return Text(*(reason_text(found, language) for language in LANGUAGES))
