"""What a plan says beside the money: limits, ISA maturity, the 20 M threshold, gains abroad."""

from __future__ import annotations

from dataclasses import dataclass

from jeoul.advice.person import Person
from jeoul.advice.plan_value import Split, extra_tax, kind_of
from jeoul.korea.gains import Gain
from jeoul.korea.income import financial_income
from jeoul.korea.isa import isa_room, settle_isa
from jeoul.korea.isa_entry import isa_eligible
from jeoul.korea.levy import floor
from jeoul.korea.overseas import settle_overseas
from jeoul.korea.pension_credit import pension_credit
from jeoul.korea.rulebook import Rulebook, Step, decimal, step


@dataclass(frozen=True, slots=True)
class Meter:
    """A limit: how much of it is used, and what is left."""

    name: str
    used: int
    limit: int

    @property
    def left(self) -> int:
        """Return what is left, never below zero."""
        return max(0, self.limit - self.used)


def isa_left(book: Rulebook, person: Person) -> int:
    """Return what the person may still pay into an ISA this year: 0 if they may not have one."""
    if person.isa is not None:
        return isa_room(
            book,
            opened=person.isa.opened,
            year=person.year,
            paid=person.isa.paid,
            withdrawn=person.isa.withdrawn,
        ).room
    joining = isa_eligible(
        book,
        age=person.age,
        earned_income_last_year=person.wages > 0,
        financial_income_taxpayer_last_3y=person.financial_income_taxpayer_last_3y,
        resident=person.resident,
    )
    return isa_room(book, opened=person.year, year=person.year).room if joining.eligible else 0


def meters(book: Rulebook, person: Person, split: Split) -> tuple[Meter, ...]:
    """Return every limit with what is used of it after a split."""
    savings, irp = person.pension_paid + split.pension_savings, person.irp_paid + split.irp
    isa_paid = sum(person.isa.paid.values()) if person.isa else 0
    return (
        Meter("isa", isa_paid + split.isa, isa_paid + isa_left(book, person)),
        Meter("isa_total", isa_paid + split.isa, book.won("isa.total_cap")),
        Meter("pension_annual", savings + irp, book.won("pension.annual_cap")),
        Meter(
            "pension_savings_credit",
            min(savings, book.won("pension.savings_cap")),
            book.won("pension.savings_cap"),
        ),
        Meter(
            "pension_both_credit",
            min(
                min(savings, book.won("pension.savings_cap")) + irp,
                book.won("pension.combined_cap"),
            ),
            book.won("pension.combined_cap"),
        ),
        Meter(
            "financial_income",
            person.financial_income + person.planned_gain,
            book.won("income.financial_limit"),
        ),
        Meter("overseas_deduction", max(0, person.overseas_realised), book.won("us.deduction")),
    )


def isa_review(book: Rulebook, person: Person, split: Split) -> tuple[Step, ...]:
    """Return when the ISA matures, or what closing and moving it is worth once it has."""
    state = person.isa
    if state is None:
        return ()
    matures = state.opened + book.won("isa.min_years")
    if person.year < matures:
        return (step("plan_isa_matures", year=matures),)
    settled = settle_isa(
        book,
        kind=kind_of(book, person),
        years_held=person.year - state.opened,
        results=(Gain("krx_other_etf", state.gain),),
    )
    net = max(0, state.value - settled.tax)
    without = _transfer_credit(book, person, split, 0)
    full = book.table("pension.transfer_bonus")
    share, cap = decimal(full["share"]), decimal(full["cap"])
    moved = min(net, floor(cap / share))
    credit = _transfer_credit(book, person, split, moved) - without
    return (
        step("plan_isa_matured", year=matures, tax=settled.tax, net=net),
        step(
            "plan_isa_transfer",
            moved=moved,
            credit=credit,
            days=book.won("isa.transfer_days"),
        ),
    )


def _transfer_credit(book: Rulebook, person: Person, split: Split, moved: int) -> int:
    return max(
        pension_credit(
            book,
            wages=person.wages,
            comprehensive_income=person.comprehensive_income,
            pension_savings=person.pension_paid + split.pension_savings,
            irp=person.irp_paid + split.irp,
            isa_transfer=moved,
            isa_transfer_to=target,
            tax_due=person.tax_due,
        ).credit
        for target in ("pension_savings", "irp")
    )


def financial_review(book: Rulebook, person: Person) -> tuple[Step, ...]:
    """Return whether financial income crosses 20 M, what that costs, and what avoids it."""
    limit = book.won("income.financial_limit")
    total = person.financial_income + person.planned_gain
    if total <= limit:
        return (step("plan_financial_within", total=total, left=limit - total),)
    before = financial_income(
        book, financial=person.financial_income, other_income=person.taxable_income
    )
    now = before.extra + before.local_extra + extra_tax(book, person, person.planned_gain)
    steps = [step("plan_financial_crosses", total=total, over=total - limit, extra=now)]
    if person.planned_gain:
        half = person.planned_gain // 2
        # next year is assumed to bring the same interest and dividends as this one
        two = 2 * (before.extra + before.local_extra)
        two += extra_tax(book, person, half) + extra_tax(book, person, person.planned_gain - half)
        one = now + before.extra + before.local_extra
        steps.append(step("plan_financial_split", saved=max(0, one - two)))
        room = max(0, limit - person.financial_income)
        steps.append(step("plan_financial_room", room=min(room, person.planned_gain)))
    steps.append(step("plan_financial_accounts"))
    return tuple(steps)


def overseas_review(book: Rulebook, person: Person) -> tuple[Step, ...]:
    """Return what realising gains abroad within the yearly deduction saves later."""
    left = max(0, book.won("us.deduction") - max(0, person.overseas_realised))
    amount = min(left, person.overseas_gain)
    if not amount:
        return ()
    later = settle_overseas(book, gains=(book.won("us.deduction") + person.overseas_gain,)).tax
    kept = settle_overseas(
        book, gains=(book.won("us.deduction") + person.overseas_gain - amount,)
    ).tax
    return (step("plan_overseas", amount=amount, saved=later - kept, by=f"{person.year}-12"),)
