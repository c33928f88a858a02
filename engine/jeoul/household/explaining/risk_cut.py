"""The least risk that a household can be brought down to, and what forbids the rest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from jeoul.household.explaining.doctor import LAW, diagnose, least_relaxation
from jeoul.household.explaining.loosened import Excess, loosened
from jeoul.household.problem.after import aim_money
from jeoul.household.problem.records import Aim, Household, Moves
from jeoul.household.problem.relaxed import HouseholdRule, changed_aim, rules_of, without
from jeoul.household.program.rule_program import UNIT, rule_program
from jeoul.household.program.rule_rows import Solver

CHOICES = ("max_trades", "min_trade", "lock", "buffer")
"""Kinds of rule that a person chose and that give way to a cut."""

_WON = 1.0  # by which a limit is wider than what whole shares reach


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskCut:
    """How far the risk assets of an aim can be cut today, as shares of its money.

    ``asked`` is the share that they may be at most, ``before`` what they are, ``reachable`` the
    least that law, settlement and locks allow, whatever it costs; ``forbidden`` are the rules
    between the two, empty where what is asked can be reached.
    """

    aim: str
    asked: float
    before: float
    reachable: float
    forbidden: tuple[HouseholdRule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reachable:
    """A household whose cuts of risk can be carried out, and what had to give way.

    ``yielded`` are the person's own limits (orders, their size) that the cut exceeds: a limit that
    somebody chose never cancels a cut, and a tax never does, because it is a cost and not a rule.
    """

    household: Household
    cuts: tuple[RiskCut, ...]
    yielded: tuple[Excess, ...]


def achievable_risk(household: Household, aim: Aim) -> RiskCut:
    """Return the least share of risk assets that the law lets an aim reach today.

    Choices of the person, such as the number of orders, are left out of it. Raises ``ValueError``
    for an aim without ``risk_most``.
    """
    if aim.risk_most is None:
        raise ValueError(f"the overlay has not cut {aim.id}, so its risk has no limit")
    lawful = _lawful(household)
    program = rule_program(changed_aim(lawful, replace(aim, risk_most=None)))
    entries, held = program.risks[aim.id]
    found = Solver(program.rows).least(entries)
    money = aim_money(household, aim) / UNIT
    if found is None or money <= 0.0:  # a withdrawal that cannot be made: the doctor says why
        return RiskCut(
            aim=aim.id, asked=aim.risk_most, before=0.0, reachable=aim.risk_most, forbidden=()
        )
    reachable = (held + found.cost) / money
    forbidden: tuple[HouseholdRule, ...] = ()
    if reachable > aim.risk_most + _WON / UNIT / money:
        why = diagnose(lawful)
        forbidden = tuple(each for each in why.rules if each.kind in LAW) if why else ()
    return RiskCut(
        aim=aim.id,
        asked=aim.risk_most,
        before=held / money,
        reachable=reachable,
        forbidden=forbidden,
    )


def reachable(household: Household) -> Reachable:
    """Return the household with limits on risk that can be kept, and what stood against them.

    A limit below what the law lets it reach is raised to that. The choices that still stand in the
    way (orders, their size) are loosened by the least that is enough.
    """
    cuts = tuple(achievable_risk(household, each) for each in household.aims if _is_cut(each))
    raised = household
    for cut in cuts:
        aim = next(each for each in household.aims if each.id == cut.aim)
        money = aim_money(household, aim)
        most = max(cut.asked, cut.reachable + (_WON / money if money > 0.0 else 0.0))
        raised = changed_aim(raised, replace(aim, risk_most=most))
    found = least_relaxation(raised, yielding=CHOICES) if cuts else None
    if found is None:  # nothing was cut, or other rules fail: the doctor says which
        return Reachable(household=raised, cuts=cuts, yielded=())
    wider = _wider(raised, found.excesses, found.moves)
    return Reachable(household=wider, cuts=cuts, yielded=found.excesses)


def _is_cut(aim: Aim) -> bool:
    return aim.risk_most is not None


def _lawful(household: Household) -> Household:
    """Return the household without the rules that the person chose."""
    for rule in rules_of(household):
        if rule.kind in CHOICES:
            household = without(household, rule)
    return household


def _wider(household: Household, excesses: Iterable[Excess], moves: Moves) -> Household:
    for each in excesses:
        household = loosened(household, each, moves)
    return household
