"""When an ISA matures, what closing it costs before and after, and what moving it is worth."""

from __future__ import annotations

from jeoul.advice.plan_value import YearSplit, credit_of
from jeoul.advice.situation import TaxSituation, crosses
from jeoul.korea.dates import opening_day, years_after
from jeoul.korea.gains import Gain
from jeoul.korea.isa import settle_isa
from jeoul.korea.isa_reopen import isa_reopen
from jeoul.korea.levy import floor, withheld
from jeoul.korea.rulebook import Step, decimal, step


def isa_review(here: TaxSituation, split: YearSplit) -> tuple[Step, ...]:
    """Return when the ISA matures, or what closing and moving it is worth once it has."""
    state = here.person.isa
    if state is None:
        return _cycle(here, split)
    years = here.book.won("isa.min_years")
    matures = years_after(opening_day(state.opened), years)
    steps = []
    if isinstance(state.opened, int):
        steps.append(step("plan_isa_year", year=state.opened))
    full = _tax(here, years)
    if here.on < matures:
        early = _tax(here, 0)
        steps.append(step("plan_isa_young", day=matures, early=early, full=full))
        return (*steps, *_cycle(here, split))
    if not state.value:
        return (*steps, step("plan_isa_matured_day", day=matures), *_cycle(here, split))
    net = max(0, state.value - full)
    steps.append(step("plan_isa_matured", day=matures, tax=full, net=net))
    return (*steps, *_transfer(here, split, net), *_cycle(here, split))


def _tax(here: TaxSituation, years: int) -> int:
    state = here.person.isa
    return settle_isa(
        here.book,
        kind=here.isa_kind,
        years_held=years,
        results=(Gain("krx_other_etf", 0 if state is None else state.gain),),
    ).tax


def _transfer(here: TaxSituation, split: YearSplit, net: int) -> tuple[Step, ...]:
    """Return what moving the money into a pension account credits, and what leaving it costs."""
    paid = here.person.pension
    savings, irp = paid.savings_paid + split.pension_savings, paid.irp_paid + split.irp
    terms = here.book.table("pension.transfer_bonus")
    moved = min(net, floor(decimal(terms["cap"]) / decimal(terms["share"])))
    without = credit_of(here, savings, irp)
    found = [credit_of(here, savings, irp, moved, to) for to in ("pension_savings", "irp")]
    best = max(found, key=lambda one: one.credit)
    credit = best.credit - without.credit
    base = (best.base - best.unused) - (without.base - without.unused)
    days = here.book.won("isa.transfer_days")
    steps = [step("plan_isa_transfer", moved=moved, credit=credit, days=days)]
    if credit and not here.savings_drawn:
        taken = withheld(here.book, base, here.book.rate("pension.lump_rate")).total
        age = here.person.age + here.person.horizon_years
        steps.append(step("plan_isa_transfer_back", age=age, taken=taken, left=credit - taken))
    return tuple(steps)


def _cycle(here: TaxSituation, split: YearSplit) -> tuple[Step, ...]:
    """Return one ISA for all the years beside extending and re-opening it every three years.

    A contract that begins this year is compared, with this year's payment in each year to come.
    Interest and dividends above 20 M this year bar a contract in the three years after it.
    """
    years, term = here.person.horizon_years, here.book.won("isa.min_years")
    if not split.isa or years <= term:
        return ()
    found = isa_reopen(
        here.book,
        opened=here.on.year,
        years=years,
        yearly=split.isa,
        growth=here.person.growth,
        kind=here.isa_kind,
        crossed=(here.person.year,) if crosses(here) else (),
    )
    return (
        step(
            "plan_isa_cycle",
            yearly=split.isa,
            years=years,
            keep=found.keep,
            extend=found.extend,
            reopen=found.reopen,
        ),
    )
