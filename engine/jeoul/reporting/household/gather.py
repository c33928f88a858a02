"""From a household's plan and its explanations to the facts that are shown."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil, floor

from jeoul.household.explaining.answer import AnsweredHousehold, Questions
from jeoul.household.gathering.gathered import Gathered
from jeoul.household.gathering.inputs import HouseholdInputs
from jeoul.household.problem.distance import distance
from jeoul.household.problem.document import to_document
from jeoul.household.problem.records import NOTHING, Household, PlanStatus
from jeoul.household.years.years import plan_years
from jeoul.korea.rulebook import Rulebook
from jeoul.messages import LANGUAGES, say
from jeoul.model.portfolio import Reason, Side
from jeoul.reporting.facts import AssetClass
from jeoul.reporting.household.facts import (
    Elsewhere,
    Exposure,
    FrontierPoint,
    FurtherAnswers,
    HouseholdFacts,
    NeedFacts,
    PossibleMove,
    RuleConflict,
    RulePriceFacts,
    Weighed,
)
from jeoul.reporting.household.names import HouseholdNames, class_text, names_of
from jeoul.reporting.household.orders import Desk
from jeoul.reporting.household.plan import (
    CASH_CLASS,
    bound_of,
    covered,
    drift_point,
    exposure_of,
    whole,
)
from jeoul.reporting.household.reasons import (
    cut_in_words,
    excess_in_words,
    reasons_in_words,
    rule_in_words,
)
from jeoul.reporting.household.year_end import year_end_in_words
from jeoul.reporting.household.year_taxes import year_taxes
from jeoul.reporting.household.years import years_in_words
from jeoul.reporting.reasons import reason_text
from jeoul.reporting.text import Text

_AT_THE_TOP = (
    "household.kept",
    "household.counted",
    "household.outside",
    "household.outside_worth",
    "household.read_as",
    "household.no_answers",
    "household.grades",
    "household.expired",
)
_OF_A_GOAL = "household.goal_path"
_ELSEWHERE = (*_AT_THE_TOP, _OF_A_GOAL)


def household_facts(
    gathered: Gathered,
    inputs: HouseholdInputs,
    book: Rulebook,
    found: AnsweredHousehold,
    asked: Questions,
) -> HouseholdFacts:
    """Return what is shown of a household's plan: sums in whole won, taxes by the law."""
    return _Story(gathered=gathered, inputs=inputs, book=book, found=found, asked=asked).facts()


@dataclass(frozen=True)
class _Story:
    gathered: Gathered
    inputs: HouseholdInputs
    book: Rulebook
    found: AnsweredHousehold
    asked: Questions

    def facts(self) -> HouseholdFacts:
        gathered, found, home = self.gathered, self.found, self.found.household
        plan, names = found.plan, names_of(self.gathered, self.inputs, self.found.household)
        desk = self._desk(names)
        accounts = tuple(desk.account(name) for name in gathered.file.accounts)
        waiting = self._waiting()
        exposure = (
            exposure_of(gathered.household, plan.moves)
            if plan.status is not PlanStatus.INFEASIBLE
            else {}
        )
        new_money = round(sum(pool.amount for pool in home.pools))
        return HouseholdFacts(
            name=gathered.file.name,
            title=gathered.file.title,
            as_of=gathered.as_of,
            simulated=gathered.simulated,
            strategy=gathered.file.strategy,
            inputs_id=identity(gathered.household),
            status=plan.status,
            classes=self._classes(exposure),
            accounts=accounts,
            exposure=exposure,
            drift=(
                distance(gathered.household, NOTHING).drift,
                distance(gathered.household, plan.moves).drift,
            ),
            cost=whole(plan.cost),
            nothing=whole(plan.nothing),
            bound=0 if plan.status is PlanStatus.INFEASIBLE else bound_of(plan),
            min_gain=round(home.policy.min_gain),
            drift_point=drift_point(home),
            horizon=home.policy.horizon,
            new_money=new_money,
            kept=new_money - sum(account.deposit for account in accounts),
            taxes=tuple(year_taxes(gathered, self.book, desk)),
            needs=tuple(self._needs()),
            prices=self._prices(names),
            candidates=tuple(self._weighed(desk)),
            conflict=self._conflict(names),
            answers=self._answers(names),
            assumptions=(
                *(_both(note) for note in gathered.notes if note.kind not in _ELSEWHERE),
                *self._out_of_reach(exposure),
            ),
            notes=(
                *(_both(note) for note in gathered.notes if note.kind in _AT_THE_TOP),
                *(line for cut in found.reached.cuts for line in cut_in_words(cut, names)),
                *(excess_in_words(each, names) for each in found.reached.yielded),
                *(
                    _both(Reason.of(f"household_page.late_{name}"))
                    for name in found.late
                    if name != "cure"
                ),
            ),
            findings=gathered.findings,
            waiting=waiting[0],
            waiting_worth=waiting[1],
        )

    def _desk(self, names: HouseholdNames) -> Desk:
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

    def _classes(self, exposure: Mapping[str, Exposure]) -> tuple[AssetClass, ...]:
        """Return the classes in display order: also those of the target that nobody may hold."""
        risky = frozenset[str]().union(
            *(w.risk_classes for aim in self.gathered.aims.values() for w in aim.wanted.values())
        )
        order = dict.fromkeys((*self.found.household.classes, *exposure))
        names = (*(name for name in order if name != CASH_CLASS), CASH_CLASS)
        return tuple(
            AssetClass(
                key=name, name=class_text(name, self.inputs.universes.values()), risk=name in risky
            )
            for name in names
        )

    def _out_of_reach(self, exposure: Mapping[str, Exposure]) -> Iterator[Text]:
        """Yield which classes of the target no account can hold; drift and cost leave them out."""
        known = {*self.found.household.classes, CASH_CLASS}
        lost = {name: each.target for name, each in exposure.items() if name not in known}
        if not any(lost.values()):
            return
        universes = self.inputs.universes.values()
        names = [class_text(name, universes) for name in lost]
        share = f"{sum(lost.values()):z.1%}"
        yield Text(
            *(
                say(
                    language,
                    "household_page.out_of_reach",
                    {"classes": ", ".join(name.into(language) for name in names), "share": share},
                )
                for language in LANGUAGES
            )
        )

    def _needs(self) -> Iterator[NeedFacts]:
        goals = {goal.id: goal for goal in self.gathered.goals}
        home = self.found.household
        there = covered(home, self.found.plan.moves)
        details = {
            dict(note.detail)["goal"]: _both(note)
            for note in self.gathered.notes
            if note.kind == _OF_A_GOAL
        }
        amounts = {
            need.id: (round(need.amount), have)
            for need, have in zip(home.needs, there, strict=True)
        }
        for name in (name for name in amounts if name not in goals):
            title = Text.of(f"household_page.need_{name}")
            amount, have = amounts[name]
            yield NeedFacts(id=name, title=title, amount=amount, covered=have)
        for name, goal in goals.items():
            amount, have = amounts.get(name, (0, 0))  # 0 where planned deposits are expected to do
            yield NeedFacts(
                id=name,
                title=_goal_title(name, self.gathered.file.goals[name].purpose),
                amount=amount,
                covered=have,
                asked=goal.amount,
                by=goal.by,
                planned=round(goal.saved * goal.flow_multiple),
                detail=details.get(name),
            )

    def _prices(self, names: HouseholdNames) -> tuple[RulePriceFacts, ...] | None:
        """Return the rules that are proven to cost something, None where nobody asked."""
        if not self.asked.rules:
            return None
        return tuple(
            RulePriceFacts(
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
                PossibleMove(
                    account=account,
                    side=Side.BUY if count > 0 else Side.SELL,
                    code=code,
                    name=desk.name(account, code),
                    shares=abs(count),
                )
                for (account, code), count in each.orders.items()
            )
            yield Weighed(moves=moves, saves=round(each.saves.total))

    def _conflict(self, names: HouseholdNames) -> RuleConflict | None:
        found = self.found.diagnosis
        if found is None:
            return None
        return RuleConflict(
            rules=tuple(rule_in_words(rule, names) for rule in found.rules),
            relaxations=tuple(excess_in_words(each, names) for each in found.relaxation),
        )

    def _answers(self, names: HouseholdNames) -> FurtherAnswers:
        found = self.found
        return FurtherAnswers(
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
            cure_in_time="cure" not in found.late,
            year_end=None if found.year_end is None else year_end_in_words(found.year_end, names),
            years=self._years(names),
        )

    def _years(self, names: HouseholdNames) -> tuple[Text, ...] | None:
        """Return the years ahead, all money growing along the cautious path; None if not asked."""
        if not self.asked.years:
            return None
        growth = self.gathered.path.mean
        plans = plan_years(self.gathered, self.book, growth=growth, years=self.asked.years)
        return years_in_words(plans, names, growth=growth)


def _goal_title(name: str, purpose: str | None) -> Text:
    """Return what a goal is for, with its name in the file."""
    title = name if purpose in (None, name) else f"{purpose} ({name})"
    return Text(title, title)


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
