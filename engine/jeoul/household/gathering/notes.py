"""What a person should read beside a plan: assumptions, and what the file leaves out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from jeoul.household.gathering.accounts import EXCHANGE
from jeoul.household.gathering.beside import SortedInputs
from jeoul.household.gathering.inputs import HouseholdInputs, InvestorProfile
from jeoul.household.gathering.needs import GoalPlan
from jeoul.household.gathering.pieces import PENSIONS
from jeoul.household.gathering.positions import Held
from jeoul.household.gathering.priced import Priced
from jeoul.household.written.file import HouseholdFile, HouseholdPerson
from jeoul.model.grade_limit import GradeLimit
from jeoul.model.money import money_text
from jeoul.model.portfolio import Reason
from jeoul.pipeline.wording import class_name


def notes_of(
    file: HouseholdFile,
    known: SortedInputs,
    held: Sequence[Held],
    goals: Sequence[GoalPlan],
    limits: Mapping[str, GradeLimit],
    prices: Mapping[str, Priced],
    *,
    on: date,
    simulated: bool,
) -> Iterator[Reason]:
    """Yield what a plan rests on, what is not known first.

    ``limits`` are those that bar single funds, by person; ``prices`` those of the funds.
    """
    inputs = known.inputs
    yield from _beside(known, held)
    yield from _unknown_gains(held)
    yield from _unknown_fees(held)
    yield from _premiums(prices)
    for account in file.accounts.values():
        yield from _unknown_days(file, inputs, account.id)
    for person in file.people.values():
        yield from _of_person(person, inputs.investors[person.id], limits.get(person.id), on)
    for goal in goals:
        yield Reason.of(
            "household.goal_path",
            goal=goal.id,
            amount=f"{goal.amount:,}",
            by=goal.by,
            multiple=f"{goal.multiple:.3f}",
            saved=f"{goal.saved:,.0f}",
            need=f"{goal.need:,.0f}",
        )
    yield Reason.of("household.assumed_yields")
    if simulated:
        yield Reason.of("household.simulated")


def _of_person(
    person: HouseholdPerson, investor: InvestorProfile, limit: GradeLimit | None, on: date
) -> Iterator[Reason]:
    name = person.id
    if person.answers is None:
        yield Reason.of("household.no_answers", person=name, profile=person.profile or "")
    if limit is not None:
        yield Reason.of(
            "household.grades", person=name, riskiest=limit.riskiest, matrix=limit.matrix
        )
    if investor.stops is not None:
        yield Reason("household.expired", (("person", name), *investor.stops.detail))
    said, born = investor.age, person.age_on(on)
    if said is not None and abs(said - born) > 1:  # answers hold for a year
        yield Reason.of("household.another_age", person=name, said=said, age=born)
    if person.status.health is None:
        yield Reason.of("household.health_unknown", person=name)
    if person.income.financial:
        yield Reason.of(
            "household.financial_again", person=name, amount=f"{person.income.financial:,}"
        )


def _beside(known: SortedInputs, held: Sequence[Held]) -> Iterator[Reason]:
    """Yield what becomes of holdings that the strategy does not know, each by its name."""
    for each in held:
        if each.position.key in known.counted:
            kept = "kept" if not each.position.sellable else "counted"
            universe, name = known.inputs.universes[each.position.account], each.fund.asset_class
            yield Reason.of(
                f"household.{kept}",
                account=each.position.account,
                ticker=each.fund.code,
                name=each.fund.name_ko,
                class_ko=class_name(universe, name, "ko"),
                class_en=class_name(universe, name, "en"),
            )
    for one in known.outside:
        worth = {} if one.won is None else {"won": f"{one.won:,.0f}"}
        yield Reason.of(
            "household.outside_worth" if worth else "household.outside",
            account=one.account,
            ticker=one.code,
            count=f"{one.shares:,}",
            **worth,
        )


def _unknown_gains(held: Sequence[Held]) -> Iterator[Reason]:
    """Yield positions whose gain is not known, with its bounds; the plan has the dearer one."""
    for each in held:
        basis = each.basis
        if round(basis.most) == round(basis.least):
            continue  # what is not known makes no difference
        for name in basis.unknown:
            yield Reason.of(
                f"household.unknown_{name}",
                account=each.position.account,
                ticker=each.position.fund,
                least=f"{basis.least:,.0f}",
                most=f"{basis.most:,.0f}",
            )


def _unknown_fees(held: Sequence[Held]) -> Iterator[Reason]:
    fees = {each.fund.code: each.assumed.fee for each in held if each.fund.expense_ratio is None}
    for code, fee in sorted(fees.items()):
        yield Reason.of("household.unknown_fee", ticker=code, fee=f"{fee:z.2%}")


def _premiums(prices: Mapping[str, Priced]) -> Iterator[Reason]:
    """Yield funds that are too dear to buy, and those whose net asset value is not known today."""
    for code, priced in sorted(prices.items()):
        if priced.nav is None:
            continue
        if not priced.nav.comparable:
            amounts = {
                "close": money_text(priced.price, priced.currency),
                "nav": money_text(round(priced.nav.value or 0.0), priced.currency),
            }
            yield Reason.of("household.nav_unit", ticker=code, **amounts)
            continue
        found = priced.nav.premium(priced.price, priced.session)
        if found is None:
            newest = "-" if priced.nav.session is None else priced.nav.session.isoformat()
            yield Reason.of("household.nav_unknown", ticker=code, newest=newest)
        elif priced.too_dear:
            limit = f"{priced.nav.limit:z.1%}"
            yield Reason.of("household.premium", ticker=code, premium=f"{found:.2%}", limit=limit)


def _unknown_days(file: HouseholdFile, inputs: HouseholdInputs, name: str) -> Iterator[Reason]:
    account = file.accounts[name]
    holdings = inputs.holdings[name]
    for note in holdings.notes:
        if note.kind == "holdings.written":
            yield Reason("household.read_as", (("account", name), *note.detail))
    if account.kind == "overseas":
        yield Reason.of(
            "household.abroad_costs",
            account=name,
            exchange=f"{EXCHANGE:z.1%}",
            fee=f"{float(account.fees.fee_rate):z.3%}",
        )
    if account.terms.cost_method == "fifo" and account.kind in ("general", "overseas"):
        for code in sorted(holdings.shares.keys() - holdings.lots.keys()):
            yield Reason.of("household.no_lots", account=name, ticker=code)
    if account.paid.opened is None and account.kind in ("isa", *PENSIONS):
        yield Reason.of("household.unknown_opened", account=name)
    if account.kind == "isa" and any(
        code not in holdings.cost for code, shares in holdings.shares.items() if shares
    ):
        yield Reason.of("household.unknown_isa_cost", account=name)
    for code, money in holdings.outside.items():
        if isinstance(money, str):
            yield Reason.of("household.foreign_money", account=name, what=code, amount=money)
