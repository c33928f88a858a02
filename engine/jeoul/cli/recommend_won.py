"""The part of ``jeoul recommend`` in won: what comes first, cash beside a portfolio, fees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from jeoul.messages import say

if TYPE_CHECKING:
    from jeoul.advice.cash import CashOutcome
    from jeoul.advice.costs import FundCost
    from jeoul.advice.first import FirstThings
    from jeoul.advice.means import Means
    from jeoul.advice.outlook import Outlook, WonRange
    from jeoul.advice.rates import ProductRate
    from jeoul.model.instrument import Universe

_SAID = ("locked", "early_rate", "rates")  # warnings that the other lines say, or that a term ends

Section = tuple[list[str], dict[str, object]]
"""The lines of a section, and the same as JSON takes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedPortfolio:
    """What the engine expects of a profile's portfolio, and where the figures come from."""

    strategy: str
    profile: str
    outlook: Outlook
    day: date
    simulated: bool


def rates_of(path: Path | None, on: date) -> tuple[ProductRate, ...]:
    """Return the rates in a file, none without one."""
    from jeoul.advice.rates import read_rates
    from jeoul.files.text import read_text

    return () if path is None else read_rates(read_text(path), str(path), on)


def means_of(path: Path | None, on: date) -> Means:
    """Return what a person's file says of spending, loans and income, nothing without one."""
    from jeoul.advice.means import Means, read_means
    from jeoul.files.text import read_text

    return Means() if path is None else read_means(read_text(path), str(path), on)


def portfolio_of(strategy: str, profile: str, folder: Path | None) -> ExpectedPortfolio | None:
    """Return what the engine expects of a profile on the newest session; None for ``none``."""
    from jeoul import api
    from jeoul.advice.outlook import Outlook
    from jeoul.market.history import POLICY_RATE
    from jeoul.workspace.inputs import open_inputs

    if profile == "none":
        return None
    opened = open_inputs(strategy, folder, None)
    proposal = api.propose(opened.strategy, profile, "general", opened.snapshot)
    universe = api.universe_of(opened.strategy.universe)
    rate = opened.snapshot.series.get(POLICY_RATE[universe.currency])
    fees = {code: fund.expense_ratio or 0.0 for code, fund in universe.instruments.items()}
    outlook = Outlook(
        riskless=float(rate.values[-1]) / 100.0 if rate is not None and len(rate) else 0.0,
        excess=proposal.expected_excess,
        volatility=proposal.expected_volatility,
        cost=sum(weight * fees.get(code, 0.0) for code, weight in proposal.weights.items()),
    )
    return ExpectedPortfolio(
        strategy=opened.strategy.name,
        profile=profile,
        outlook=outlook,
        day=opened.snapshot.as_of,
        simulated=opened.snapshot.simulated,
    )


def first_section(
    language: str, found: FirstThings, portfolio: ExpectedPortfolio | None, expected: Decimal
) -> Section:
    """Say what is set aside before anything is bought; ``expected`` is what loans compare with."""
    from jeoul.advice.explain import explain, told

    lines = ["", say(language, "first.title")]
    if any(step.message.startswith("rule.first_loan") for step in found.steps):
        name = "first.by_portfolio" if portfolio is not None else "first.by_deposit"
        lines.append(say(language, name, {"expected": expected}))
    lines += [f"   - {explain(language, step)}" for step in found.steps]
    if portfolio is not None and portfolio.simulated:
        lines.append(say(language, "cash.simulated"))
    lines.append(say(language, "first.left", {"left": found.left}))
    data = {
        "reserve": found.reserve,
        "short": found.short,
        "repaid": [
            {
                "loan": one.loan + 1,
                "amount": one.amount,
                "rate": float(one.rate),
                "interest": one.interest,
            }
            for one in found.repaid
        ],
        "left": found.left,
        "expected": float(expected),
        "steps": told(language, found.steps),
    }
    return lines, data


def cash_section(
    language: str,
    outcomes: Sequence[CashOutcome],
    missing: Sequence[str],
    on: date,
    *,
    amount: int,
    months: int,
) -> Section:
    """Say what a sum comes to in each quote, and for which kinds a rate is missing."""
    title = {"amount": amount, "months": months}
    lines = ["", say(language, "cash.title" if amount else "cash.nothing", title)]
    for number, one in enumerate(outcomes, 1):
        lines += _cash_lines(language, number, one, on, amount, months)
    if any(one.paid is not None and one.extra is None for one in outcomes):
        lines.append(say(language, "cash.no_income"))
    if missing and amount:
        names = ", ".join(say(language, f"cash.kind_{kind}") for kind in missing)
        lines.append(say(language, "cash.missing", {"names": names}))
    data = {
        "amount": amount,
        "months": months,
        "outcomes": [_cash_data(language, one, on) for one in outcomes],
        "missing": list(missing),
    }
    return lines, data


def _cash_lines(
    language: str, number: int, one: CashOutcome, on: date, amount: int, months: int
) -> list[str]:
    rate = one.quote
    head = {
        "number": number,
        "name": rate.name,
        "kind": say(language, f"cash.kind_{rate.kind}"),
        "rate": rate.rate,
        "as_of": rate.as_of,
        "source": rate.source,
        "price": rate.price,
        "paid": one.paid,
        "yearly": None if one.paid is None else (one.paid / amount) ** (12 / months) - 1,
        "interest": one.interest,
        "tax": one.tax,
    }
    head["rate"] = say(language, "cash.coupon" if rate.kind == "bond" else "cash.rate", head)
    lines = [say(language, "cash.none" if one.paid is None else "cash.paid", head)]
    return lines + [f"   - {note}" for note in _cash_notes(language, one, on)]


def _cash_notes(language: str, one: CashOutcome, on: date) -> list[str]:
    from jeoul.advice.explain import explain
    from jeoul.advice.rates import STALE_DAYS

    notes = [explain(language, step) for step in one.steps]
    days = one.quote.age(on)
    if days > STALE_DAYS:
        notes.insert(0, say(language, "cash.stale", {"days": days, "most": STALE_DAYS}))
    if one.paid is None:
        return notes
    if one.untaxed:
        notes.append(say(language, "cash.untaxed", {"gain": one.untaxed}))
    if one.extra:
        notes.append(say(language, "cash.extra", {"extra": one.extra}))
    name = "exposed" if one.insured and one.exposed else "insured" if one.insured else None
    if name is not None:
        detail = {"insured": one.insured, "exposed": one.exposed}
        notes.append(say(language, f"cash.{name}", detail))
    notes.append(_access(language, one))
    notes += [
        say(language, f"rule.warn_{name}") for name in one.product.warnings if name not in _SAID
    ]
    return notes


def _access(language: str, one: CashOutcome) -> str:
    rate = one.quote
    if rate.term is None and not one.product.cash_days:
        return say(language, "cash.access_today")
    if rate.term is None:
        return say(language, "cash.access_days", {"days": one.product.cash_days})
    return say(language, f"cash.access_{rate.kind}", {"term": rate.term})


def _cash_data(language: str, one: CashOutcome, on: date) -> dict[str, object]:
    rate = one.quote
    return {
        "name": rate.name,
        "product": rate.kind,
        "rate": float(rate.rate),
        "rate_as_of": rate.as_of.isoformat(),
        "source": rate.source,
        "term": rate.term,
        "paid": one.paid,
        "interest": one.interest,
        "tax": one.tax,
        "untaxed": one.untaxed,
        "extra": one.extra,
        "insured": one.insured,
        "exposed": one.exposed,
        "notes": _cash_notes(language, one, on),
    }


def range_section(language: str, portfolio: ExpectedPortfolio, found: WonRange) -> Section:
    """Say what the portfolio may come to, and what the range rests on."""
    outlook = portfolio.outlook
    detail = {
        "strategy": portfolio.strategy,
        "profile": say(language, f"recommend.profile_{portfolio.profile}"),
        "low": found.low,
        "middle": found.middle,
        "high": found.high,
        "loss": found.loss,
        "riskless": outlook.riskless,
        "excess": outlook.excess,
        "cost": outlook.cost,
        "volatility": outlook.volatility,
        "day": portfolio.day,
    }
    lines = [say(language, "cash.range", detail), say(language, "cash.range_why", detail)]
    if portfolio.simulated:
        lines.append(say(language, "cash.simulated"))
    data: dict[str, object] = {
        "strategy": portfolio.strategy,
        "low": found.low,
        "middle": found.middle,
        "high": found.high,
        "loss": found.loss,
        "expected": outlook.expected,
        "volatility": outlook.volatility,
        "day": portfolio.day.isoformat(),
        "simulated": portfolio.simulated,
    }
    return lines, data


def cost_section(
    language: str,
    universe: Universe,
    ranked: Mapping[str, Sequence[FundCost]],
    *,
    amount: int,
    months: int,
) -> tuple[list[str], list[dict[str, object]]]:
    """Say what the funds of each class cost, the cheapest first."""
    lines = ["", say(language, "costs.title", {"amount": amount, "months": months})]
    rows: list[dict[str, object]] = []
    for name, funds in ranked.items():
        lines.append(_class_of(language, universe, name))
        for one in funds:
            fund = one.fund
            detail = {
                "name": fund.name_ko if language == "ko" else fund.name_en,
                "code": fund.code,
                "fee": one.fee,
                "won": one.won,
                "more": one.more,
                "sure": say(language, f"costs.sure_{one.confidence}"),
                "spread": ""
                if one.spread is None
                else say(language, "costs.spread", {"spread": one.spread}),
            }
            key = "unknown" if one.won is None else "more" if one.more else "least"
            lines.append(say(language, f"costs.{key}", detail))
            rows.append(
                {
                    "class": name,
                    "code": fund.code,
                    "fee": one.fee,
                    "confidence": one.confidence,
                    "spread": one.spread,
                    "won": one.won,
                    "more": one.more,
                }
            )
    lines.append(say(language, "costs.note"))
    return lines, rows


def _class_of(language: str, universe: Universe, name: str) -> str:
    """Return how a language says a class of funds and what sets it apart."""
    from jeoul.pipeline.wording import class_name

    asset_class, *apart = name.split()
    words = [say(language, f"costs.apart_{one}") for one in apart]
    return ", ".join([class_name(universe, asset_class, language), *words])


def hurdle(
    portfolio: ExpectedPortfolio | None, rates: Sequence[ProductRate], tax_rate: Decimal
) -> Decimal:
    """Return the return a year after tax that a loan has to be dearer than.

    That of the portfolio; where there is none, the best insured rate that was typed in.
    """
    if portfolio is not None:
        return Decimal(str(round(portfolio.outlook.after_tax(float(tax_rate)), 6)))
    insured = [one.rate for one in rates if one.kind in ("deposit", "parking", "cma_merchant")]
    return max(insured, default=Decimal(0)) * (1 - tax_rate)
