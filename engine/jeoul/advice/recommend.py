"""Compare a few products for one person: points that can be read, and what is ruled out and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from jeoul.errors import UsageError
from jeoul.korea.products import Product, accounts_for
from jeoul.korea.rulebook import Rulebook, Step, step
from jeoul.korea.suitability import riskiest_grade

CANDIDATES = ("cma", "fund_e", "ima", "managed_etf")
CRITERIA = ("safety", "cash", "growth", "cost")

_MONTHS = {"6m": 6, "12m": 12, "2y": 24, "3y": 36, "3y+": 60}
_SAFETY_WEIGHT = {"none": 3, "10": 2, "20": 1, "any": 0}
_GROWTH_WEIGHT = {"none": 0, "conservative": 1, "balanced": 2, "growth": 3}
_SAFETY = {"insured": 3, "principal_by_issuer": 2, "broker_at_maturity": 1, "none": 0}
_CASH = ((0, 3), (2, 2), (8, 1))  # business days up to, points
_COST = ((Decimal("0.002"), 3), (Decimal("0.006"), 2), (Decimal("0.012"), 1))  # a year up to


@dataclass(frozen=True, slots=True)
class Wishes:
    """What decides between products: investor type, profile, horizon, loss accepted, amount.

    ``horizon`` and ``loss`` are codes of the questionnaire; ``type`` and ``profile`` its result.
    """

    type: str
    profile: str
    horizon: str
    loss: str
    amount: int = 10_000_000


@dataclass(frozen=True, slots=True)
class RankedProduct:
    """One product beside the others: points by criterion, their weighted sum, and the reasons."""

    product: Product
    score: int
    points: Mapping[str, int]
    accounts: tuple[str, ...]
    against: tuple[Step, ...]
    notes: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What remains, best first, what was ruled out, and the weights that decided."""

    ranked: tuple[RankedProduct, ...]
    ruled_out: tuple[RankedProduct, ...]
    weights: Mapping[str, int]


def horizon_months(horizon: str) -> int:
    """Return the months of an answer about the horizon; five years for more than three.

    >>> horizon_months("2y"), horizon_months("3y+")
    (24, 60)
    """
    return _MONTHS[horizon]


def weights_for(wishes: Wishes) -> dict[str, int]:
    """Return how much each criterion counts for a person, 0 to 3.

    Safety by the loss accepted, cash by the horizon, growth by the profile (nothing within a year),
    cost always 1. A choice of this project, shown beside every recommendation.

    >>> weights_for(Wishes("neutral", "balanced", "3y", "20"))
    {'safety': 1, 'cash': 1, 'growth': 2, 'cost': 1}
    """
    months = _MONTHS[wishes.horizon]
    return {
        "safety": _SAFETY_WEIGHT[wishes.loss],
        "cash": 3 if months <= 12 else 2 if months <= 24 else 1,
        "growth": 0 if months <= 12 else _GROWTH_WEIGHT[wishes.profile],
        "cost": 1,
    }


def recommend(
    book: Rulebook,
    products: Iterable[Product],
    wishes: Wishes,
    *,
    candidates: tuple[str, ...] = CANDIDATES,
    matrix: str = "kiwoom",
) -> Recommendation:
    """Return the candidates for a person, best first, and those that are ruled out.

    Ruled out: locked beyond the horizon, every grade of the kind riskier than the type may buy, an
    amount below the minimum, a managed portfolio for a type that has none. The rest is ordered by
    the weighted sum of points; ties go to the product with cash sooner. Nothing is a promise.

    Raises :class:`RuleError` for an unknown type, matrix, horizon or loss.

    >>> from jeoul.korea.tables import load_products, load_rules
    >>> wishes = Wishes("neutral", "balanced", "6m", "10")
    >>> found = recommend(load_rules(2026), load_products(), wishes)
    >>> [c.product.id for c in found.ranked], [c.product.id for c in found.ruled_out]
    (['cma', 'managed_etf', 'fund_e'], ['ima'])
    """
    rule = "recommend"
    riskiest = riskiest_grade(book, rule, wishes.type, matrix)
    if wishes.horizon not in _MONTHS or wishes.loss not in _SAFETY_WEIGHT:
        raise book.refuse(
            rule,
            "suitability.matrices",
            f"horizon {wishes.horizon!r} or loss {wishes.loss!r} is not an answer of the form",
        )
    if wishes.amount <= 0:
        raise UsageError(f"the amount is {wishes.amount}; give won above zero")
    weights = weights_for(wishes)
    table = {product.id: product for product in products}
    found = [_weigh(book, table[name], wishes, weights, riskiest) for name in candidates]
    ranked = [candidate for candidate in found if not candidate.against]
    ranked.sort(key=lambda c: (-c.score, c.product.cash_days or 0, c.product.id))
    return Recommendation(tuple(ranked), tuple(c for c in found if c.against), weights)


def _weigh(
    book: Rulebook, product: Product, wishes: Wishes, weights: Mapping[str, int], riskiest: int
) -> RankedProduct:
    points = _points(product)
    score = sum(weights[name] * points[name] for name in CRITERIA)
    notes = [step(f"warn_{name}") for name in product.warnings]
    if product.grades[0] < riskiest <= product.grades[1]:
        notes.insert(0, step("only_grades", riskiest=riskiest, least=product.grades[1]))
    return RankedProduct(
        product=product,
        score=score,
        points=points,
        accounts=accounts_for(book, product),
        against=tuple(_against(product, wishes, riskiest)),
        notes=tuple(notes),
    )


def _against(product: Product, wishes: Wishes, riskiest: int) -> list[Step]:
    months = _MONTHS[wishes.horizon]
    found = []
    if product.locked and (product.term or 0) > months:
        found.append(step("out_locked", term=product.term or 0, months=months))
    if product.grades[1] < riskiest:
        found.append(step("out_grade", grade=product.grades[1], riskiest=riskiest))
    if wishes.amount < product.minimum:
        found.append(step("out_minimum", minimum=product.minimum, amount=wishes.amount))
    if product.id == "managed_etf" and wishes.profile == "none":
        found.append(step("out_no_portfolio", type=wishes.type))
    return found


def _points(product: Product) -> dict[str, int]:
    days, cost = product.cash_days, product.cost
    return {
        "safety": _SAFETY[product.protected],
        "cash": 0 if days is None else next((p for most, p in _CASH if days <= most), 0),
        "growth": product.growth,
        "cost": 0 if cost is None else next((p for most, p in _COST if cost <= most), 0),
    }
