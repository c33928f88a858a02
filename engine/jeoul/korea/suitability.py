"""Which product grades a type of investor may buy: matrices of firms, as data."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from jeoul.korea.levy import Won
from jeoul.korea.rulebook import Rulebook, Step, step
from jeoul.model.grade_limit import GradeLimit, Mode, OnBreach

MODES = ("product", "portfolio")


@dataclass(frozen=True, slots=True)
class GradeCheck:
    """Whether a type may buy a grade; ``riskiest`` is the riskiest it may."""

    allowed: bool
    riskiest: int
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class GradedHolding:
    """A holding with its weight and product grade."""

    name: str
    weight: Decimal
    grade: Won
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class PortfolioCheck:
    """Whether a portfolio suits a type, and which holdings stand against it."""

    allowed: bool
    grade: Decimal
    infeasible: tuple[str, ...]
    steps: tuple[Step, ...]


def riskiest_grade(book: Rulebook, rule: str, investor: str, matrix: str) -> int:
    """Return the riskiest grade (1 to 6) that a matrix lets a type buy."""
    key = "suitability.matrices"
    matrices = book.table(key)
    chosen = matrices.get(matrix)
    if not isinstance(chosen, dict):
        raise book.refuse(rule, key, f"matrix {matrix!r} is unknown; use {', '.join(matrices)}")
    if investor not in chosen:
        raise book.refuse(rule, key, f"type {investor!r} is unknown; use {', '.join(chosen)}")
    return int(chosen[investor])


def account_limit(
    book: Rulebook,
    type: str,
    *,
    matrix: str = "kiwoom",
    mode: Mode | None = None,
    on_breach: OnBreach = "constrain",
) -> GradeLimit:
    """Return what a matrix lets the account of an investor type hold.

    An account is a portfolio, so by default it is judged by its grades weighted by money; a single
    product stays judged by its own (:func:`grade_allowed`). Source: 표준투자권유준칙 16. 4).

    >>> from jeoul.korea.tables import load_rules
    >>> found = account_limit(load_rules(2026), "neutral", matrix="yuanta")
    >>> found.riskiest, found.mode
    (3, 'portfolio')
    """
    own = book.text("suitability.account_mode") if mode is None else mode
    if own not in MODES:
        raise book.refuse(
            "suitability.portfolio",
            "suitability.matrices",
            f"mode {own!r} is unknown; use {' or '.join(MODES)}",
        )
    return GradeLimit(
        type=type,
        matrix=matrix,
        riskiest=riskiest_grade(book, "suitability.portfolio", type, matrix),
        mode="product" if own == "product" else "portfolio",
        on_breach=on_breach,
    )


def grade_allowed(book: Rulebook, *, type: str, grade: Won, matrix: str = "kiwoom") -> GradeCheck:
    """Return whether an investor type may buy a product of a grade, 1 very high to 6 very low.

    Firms differ; the default is the stricter matrix. Source: 금융소비자보호법 §17 and the firms'
    own pages.

    >>> from jeoul.korea.tables import load_rules
    >>> grade_allowed(load_rules(2026), type="neutral", grade=3).allowed
    False
    """
    rule = "suitability.allowed"
    riskiest = riskiest_grade(book, rule, type, matrix)
    _grade(book, rule, grade)
    steps = (step("grade_test", type=type, grade=grade, riskiest=riskiest, matrix=matrix),)
    return GradeCheck(grade >= riskiest, riskiest, steps)


def _grade(book: Rulebook, rule: str, grade: int) -> None:
    if not 1 <= grade <= 6:
        raise book.refuse(rule, "suitability.matrices", f"grade is {grade}; grades run from 1 to 6")


def portfolio_allowed(
    book: Rulebook,
    *,
    type: str,
    holdings: tuple[GradedHolding, ...],
    matrix: str = "kiwoom",
    mode: str | None = None,
) -> PortfolioCheck:
    """Return whether a portfolio suits a type, and which holdings would have to go.

    ``product``: every holding by its own grade. ``portfolio``: the weighted mean grade, cash being
    left out. Without a mode the table's applies. The holdings riskier than the type are listed
    either way.

    >>> from jeoul.korea.tables import load_rules
    >>> half = Decimal("0.5")
    >>> mix = (GradedHolding("069500", half, 2), GradedHolding("153130", half, 6))
    >>> found = portfolio_allowed(load_rules(2026), type="neutral", holdings=mix, mode="portfolio")
    >>> found.allowed, found.grade, found.infeasible
    (True, Decimal('4'), ('069500',))
    """
    rule, key = "suitability.portfolio", "suitability.matrices"
    mode = book.text("suitability.mode") if mode is None else mode
    if mode not in MODES:
        raise book.refuse(rule, key, f"mode {mode!r} is unknown; use {' or '.join(MODES)}")
    riskiest = riskiest_grade(book, rule, type, matrix)
    for part in holdings:
        _grade(book, rule, part.grade)
    total = sum((part.weight for part in holdings), Decimal(0))
    if total <= 0 or total > 1 or any(part.weight < 0 for part in holdings):
        raise book.refuse(rule, key, "weights are shares above 0 that sum to at most 1")
    grade = sum((part.weight * part.grade for part in holdings), Decimal(0)) / total
    infeasible = tuple(part.name for part in holdings if part.grade < riskiest)
    allowed = not infeasible if mode == "product" else grade >= riskiest
    steps = (step("grade_portfolio", type=type, grade=grade, riskiest=riskiest, mode=mode),)
    return PortfolioCheck(allowed, grade, infeasible, steps)
