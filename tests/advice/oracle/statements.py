"""Generated promises, and the statements that an office computing by the statutes would issue.

A settlement follows the form of the year-end settlement from wages to the tax determined, a
certificate that of withholding, line by line. What differs from the promise is drawn: nothing of
how the engine explains a difference is known here.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from . import law

YEAR = 2026


@dataclass(frozen=True)
class Case:
    """A promise and a statement as the texts of their files; ``paid`` are the taxes on it."""

    promise: str
    statement: str
    as_csv: bool
    paid: tuple[str, ...]


def settlements(seed: int, count: int) -> list[Case]:
    draw = random.Random(seed)
    return [_settlement(draw, as_csv=number % 3 == 0) for number in range(count)]


def certificates(seed: int, count: int) -> list[Case]:
    draw = random.Random(seed)
    kinds = ("general.settle", "isa.settle", "pension.receive", "pension.close")
    return [_certificate(draw, kinds[n % 4], as_csv=n % 2 == 0) for n in range(count)]


def _settlement(draw: random.Random, *, as_csv: bool) -> Case:
    wages = draw.randint(20, 150) * 1_000_000
    promised: dict[str, Any] = {
        "year": YEAR, "age": 40, "budget": 1_000_000, "horizon_years": 1, "growth": "0.03",
        "wages": wages, "dependants": draw.randint(0, 3), "keep_liquid": 1_000_000,
        "pension_paid": draw.choice((0, 2_000_000, 6_000_000)),
        "irp_paid": draw.choice((0, 1_000_000, 3_000_000)),
    }  # fmt: skip
    if draw.random() < 0.3:
        promised["tax_due"] = draw.choice((0, 300_000, 5_000_000))
    wages += draw.choice((0, 0, 1_234_567, -3_000_000, 12_000_000))
    people = 1 + draw.choice((promised["dependants"], draw.randint(0, 4)))
    other = draw.choice((0, 0, 0, 7_000_000))
    financial = draw.choice((0, 0, 0, 20_000_001, 43_210_987))
    credits = draw.choice((0, 130_000, 250_000, 617_345))
    savings = draw.choice((promised["pension_paid"], 4_000_000, 8_000_000))
    irp = draw.choice((promised["irp_paid"], 0, 5_000_000))
    spent = draw.choice((0, 0, 1_500_000, 4_321_000))  # cards, housing …
    income = int(law.wage_income(wages))
    deducted = people * law.BASIC_DEDUCTION + int(law.insurance(wages)) + spent
    base = max(0, income + other - deducted)
    computed = int(law.over(law.BRACKETS, base))
    on_wages = Fraction(computed * income, income + other) // 1
    wage_credit = int(law.wage_credit(wages, Fraction(on_wages)))
    due = max(0, computed - wage_credit - credits)
    beyond = held = 0
    if financial > law.FINANCIAL_LIMIT:
        held = int(financial * law.WITHHOLDING)
        together = law.over(law.BRACKETS, base + financial - law.FINANCIAL_LIMIT)
        beyond = max(0, int(together) + 2_800_000 - held - computed)
    counted = min(min(savings, law.SAVINGS_CREDITED) + irp, law.CREDITED)
    low = wages <= law.HIGH_CREDIT_WAGES
    if other or financial > law.FINANCIAL_LIMIT:
        low = income + other + financial <= law.HIGH_CREDIT_INCOME
    pension = min(int(counted * (law.CREDIT_HIGH if low else law.CREDIT_LOW)), due + beyond)
    determined = due + beyond + held - pension
    local = determined // 10
    if draw.random() < 0.5:
        local = local // 10 * 10
    fields = {
        "year": YEAR, "wages": wages, "other_income": other, "dependants": people - 1,
        "base": base + (financial if financial > law.FINANCIAL_LIMIT else 0),
        "other_credits": credits, "pension_credit": pension, "pension_savings": savings,
        "irp": irp, "financial": financial, "determined": determined, "determined_local": local,
    }  # fmt: skip
    text = _form(fields, wage_credit) if as_csv else _toml(fields)
    return Case(_toml(promised), text, as_csv, (str(determined),))


def _form(fields: dict[str, int], wage_credit: int) -> str:
    every = wage_credit + fields["other_credits"] + fields["pension_credit"]
    own = min(fields["pension_savings"], law.SAVINGS_CREDITED)
    rows: list[tuple[object, ...]] = [
        (f"{YEAR}년 귀속 근로소득 원천징수영수증",),
        ("구분", "소득세", "지방소득세"),
        ("73 결정세액", fields["determined"], fields["determined_local"]),
        ("21 총급여", f'"{fields["wages"]:,}"'),
        ("다른 종합소득금액", fields["other_income"]),
        ("기본공제 부양가족 수", fields["dependants"]),
        ("48 종합소득과세표준", f'"{fields["base"]:,}"'),
        ("55 근로소득세액공제", wage_credit),
        ("60 연금저축", "공제대상금액", fields["pension_savings"]),
        ("", "세액공제액", fields["pension_credit"] if own else 0),
        ("59 근로자퇴직급여보장법에 따른 퇴직연금", "공제대상금액", fields["irp"]),
        ("", "세액공제액", 0 if own else fields["pension_credit"]),
        ("71 세액공제 계", every),
        ("이자ㆍ배당소득금액", fields["financial"]),
    ]
    return "\n".join(",".join(map(str, row)) for row in rows)


def _certificate(draw: random.Random, rule: str, *, as_csv: bool) -> Case:
    promise, lines = {
        "general.settle": _general,
        "isa.settle": _isa,
        "pension.receive": _pension,
        "pension.close": _closed,
    }[rule](draw)
    whole = draw.random() < 0.3  # whether this broker cuts nothing
    printed = [_withheld(draw, line, whole) for line in lines]
    text = _table(printed) if as_csv else _payments(printed)
    paid = tuple(str(line["national"]) for line in printed if line["national"])
    return Case(f'rule = "{rule}"\ngiven = {promise}\n', text, as_csv, paid)


def _near(draw: random.Random, amount: int) -> int:
    return max(0, amount + draw.choice((0, 0, 3_333, -amount // 7, amount // 3)))


def _general(draw: random.Random) -> tuple[str, list[dict[str, Any]]]:
    gains = [draw.randint(1, 9_000_000) for _ in range(draw.randint(1, 3))]
    results = ", ".join(f'{{ asset = "krx_other_etf", gain = {gain} }}' for gain in gains)
    lines: list[dict[str, Any]] = [
        {"kind": draw.choice(("dividend", "dividend", "interest")), "income": _near(draw, gain)}
        for gain in (*gains, draw.choice((900, 6_000, 500_000)))
    ]
    for line in lines:
        line["rate"] = Fraction(draw.choice((14, 14, 14, 9)), 100)
    return f"{{ results = [{results}] }}", lines


def _isa(draw: random.Random) -> tuple[str, list[dict[str, Any]]]:
    gain, loss = draw.randint(1, 20_000_000), draw.choice((0, 400_000))
    results = f'{{ asset = "krx_other_etf", gain = {gain} }}'
    if loss:
        results += f', {{ asset = "krx_other_etf", gain = {-loss} }}'
    years = draw.choice((2, 3, 5))
    promise = f'{{ kind = "general", years_held = {years}, results = [{results}] }}'
    early = draw.random() < 0.3
    line = {
        "kind": "isa",
        "income": _near(draw, gain),
        "loss": draw.choice((0, loss)),
        "untaxed": 0 if early else draw.choice((2_000_000, 4_000_000)),
        "rate": Fraction(14 if early else 9, 100),
    }
    return promise, [line]


def _pension(draw: random.Random) -> tuple[str, list[dict[str, Any]]]:
    age, amount = draw.randint(55, 85), draw.randint(100_000, 24_000_000)
    rate = Fraction(5 if age < 70 else 4 if age < 80 else 3, 100)
    months = draw.choice((1, 12))
    each = _near(draw, amount) // months
    lines = [
        {"kind": "pension", "income": each, "rate": rate, "untaxed": draw.choice((0, each // 3))}
        for _ in range(months)
    ]
    return f"{{ age = {age}, amount = {amount} }}", lines


def _closed(draw: random.Random) -> tuple[str, list[dict[str, Any]]]:
    credited, earned = draw.randint(0, 9_000_000), draw.randint(0, 4_000_000)
    uncredited = draw.choice((0, 1_500_000))
    promise = f"{{ credited = {credited}, earnings = {earned}, uncredited = {uncredited} }}"
    income = _near(draw, credited + earned + uncredited)
    untaxed = min(income, draw.choice((uncredited, 0, 2_000_000)))
    return promise, [
        {"kind": "other", "income": income, "rate": Fraction(15, 100), "untaxed": untaxed}
    ]


def _withheld(draw: random.Random, line: dict[str, Any], whole: bool) -> dict[str, Any]:
    """The line with its taxes; a fund that paid tax abroad has it credited."""
    unit = 1 if whole else law.COLLECTED_IN
    base = max(0, line["income"] - line.get("loss", 0) - line.get("untaxed", 0))
    foreign = draw.choice((0, 0, base // 20)) if line["kind"] in ("dividend", "pension") else 0
    national = int(max(Fraction(0), base * line["rate"] - foreign)) // unit * unit
    if line["kind"] not in ("interest", "isa") and national < law.NOT_COLLECTED_BELOW:
        national = 0
    local = national // 10 // unit * unit
    return {**line, "foreign": foreign, "national": national, "local": local}


def _table(lines: list[dict[str, Any]]) -> str:
    names = {"interest": "이자", "dividend": "배당", "isa": "개인종합자산관리계좌"}
    names |= {"pension": "연금", "other": "기타(연금외수령)"}
    rows = [
        "지급일,소득의 종류,지급액,비과세,손실,세율(%),외국납부세액,소득세,지방소득세",
        *(
            f"{YEAR}-12-30,{names[each['kind']]},{each['income']},{each.get('untaxed', 0)},"
            f"{each.get('loss', 0)},{int(each['rate'] * 100)},{each['foreign']},"
            f"{each['national']},{each['local']}"
            for each in lines
        ),
        f"합계,,,,,,,{sum(each['national'] for each in lines)},",
    ]
    return "\n".join(rows)


def _payments(lines: list[dict[str, Any]]) -> str:
    rows = [f"year = {YEAR}"]
    for each in lines:
        rows += ["[[payments]]", *(_pair(name, given) for name, given in each.items())]
    return "\n".join(rows)


def _pair(name: str, given: Any) -> str:
    if name == "kind":
        return f'kind = "{given}"'
    return f"{name} = {float(given) if name == 'rate' else given}"


def _toml(given: dict[str, Any]) -> str:
    return "\n".join(f"{name} = {amount}" for name, amount in given.items())
